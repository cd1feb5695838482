"""Connections to an SQLite file, with as much of a pool as the store asks for."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Final

BUSY_SECONDS: Final = 30

BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class Held:
    """A connection in somebody's hands, closed when it is given back: a file is opened anew in no time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.dbapi_connection = connection
        self.is_valid = True
        self._process = os.getpid()

    def rollback(self) -> None:
        """Undo the open transaction, if there is one."""
        self.dbapi_connection.rollback()

    def close(self) -> None:
        """Give the connection back."""
        self.is_valid = False
        self.dbapi_connection.close()

    def invalidate(self) -> None:
        """Give a connection back that is of no more use."""
        self.close()

    def __del__(self) -> None:
        # So ends the connection of a thread that ended; that of a parent is not a forked process's to close.
        if self.is_valid and self._process == os.getpid():
            self.close()


class Connections:
    """Opens connections to one file: in autocommit until a transaction is begun, usable from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def connect(self) -> Held:
        """Return a new connection."""
        return Held(connected(self._path))

    def dispose(self) -> None:
        """Do nothing: no connection is idle."""


def connected(path: Path) -> sqlite3.Connection:
    """Open a file, each commit to be on the disk before it is reported and constraints to count."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    # The change of mode may meet another process making the same file, and SQLite does not always
    # wait there by itself.
    last = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in BUSY or time.monotonic() > last:
                raise
        time.sleep(0.01)
