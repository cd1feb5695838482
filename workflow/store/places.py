"""Which kind of database an address names."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from workflow.errors import StorageUnusable
from workflow.store.backend import Backend, masked
from workflow.store.sqlite import Sqlite


def backend_of(location: str | Path) -> Backend:
    """Return what knows the kind of database at *location*; nothing is opened yet.

    Args:
        location: A database URL, or the path of an SQLite file.

    Raises:
        StorageUnusable: If it is no address of ours, or the driver is not installed.
    """
    if isinstance(location, Path):
        return Sqlite(URL.create("sqlite", database=str(location)))
    if location.startswith(("postgresql://", "postgres://")):
        try:
            from workflow.store.postgres import Postgres
        except ImportError as error:
            raise StorageUnusable(
                "PostgreSQL needs a package that is not installed: {detail}.",
                code="missing-extra",
                hint="install it with: pip install 'trinh[postgres]'",
                detail=error,
            ) from error
        return Postgres(location)
    try:
        url = make_url(location)
    except (ArgumentError, ValueError) as error:
        raise StorageUnusable(
            "`{url}` is not a database URL.", hint="Use sqlite:///PATH or postgresql://HOST/NAME.", url=masked(location)
        ) from error
    if url.get_backend_name() != "sqlite":
        raise StorageUnusable(
            "This version cannot use a database of the kind `{kind}`.",
            hint="Use sqlite:///PATH or postgresql://HOST/NAME.",
            kind=url.get_backend_name(),
        )
    return Sqlite(url)
