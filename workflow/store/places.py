"""Which kind of database an address names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from workflow.errors import StorageUnusable
from workflow.store.backend import Backend, masked
from workflow.store.sqlite import Sqlite

_PLAIN: Final = "sqlite:///"
_ODD: Final = frozenset("%?")
"""What makes more of an address than the path that stands in it: characters by their numbers, and options."""


def backend_of(location: str | Path) -> Backend:
    """Return what knows the kind of database at *location*; nothing is opened yet.

    Args:
        location: A database URL, or the path of an SQLite file.

    Raises:
        StorageUnusable: If it is no address of ours, or the driver is not installed.
    """
    if isinstance(location, Path):
        return _file(str(location))
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
    if location.startswith(_PLAIN) and not _ODD & set(location):
        return _file(location.removeprefix(_PLAIN))
    return _by_url(location)


def _by_url(location: str) -> Backend:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

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
    return _file(url.database, str(url))


def _file(path: str | None, url: str = "") -> Sqlite:
    if not path or path == ":memory:":
        raise StorageUnusable(
            "A database needs a file: `{url}` names none.", hint="Use sqlite:///PATH.", url=url or f"{_PLAIN}{path}"
        )
    return Sqlite(Path(path))
