"""What SQLAlchemy knows of a kind of database; imported only to compile, make or change something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Dialect, Engine, NullPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from workflow.errors import StorageUnusable


def dialect_of(kind: str) -> Dialect:
    """Return the dialect of `sqlite` or `postgresql`, with the marks for parameters that the driver takes."""
    if kind == "sqlite":
        from sqlalchemy.dialects.sqlite.pysqlite import dialect

        return dialect(paramstyle="qmark")
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    return PGDialect_psycopg(paramstyle="format")


def insert_of(kind: str) -> Callable[[Any], Any]:
    """Return the dialect's own `insert`, which knows ON CONFLICT."""
    if kind == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert
    from sqlalchemy.dialects import postgresql

    return postgresql.insert


@contextmanager
def engine_over(
    address: str, connect: Callable[[], Any], unusable: Callable[[Exception], StorageUnusable]
) -> Iterator[Engine]:
    """Yield an engine over the connections that *connect* opens; each is closed when it is given back.

    Args:
        address: Names dialect and driver alone.
        unusable: Says what an error of the driver means.
    """
    engine = create_engine(address, creator=connect, poolclass=NullPool)
    try:
        yield engine
    except SQLAlchemyError as error:
        raise unusable(getattr(error, "orig", None) or error) from error
    finally:
        engine.dispose()
