"""All that only SQLite needs: whose file it is, pragmas, transactions, triggers, its errors."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workflow.errors import StorageUnusable
from workflow.messages import WORKSPACE_CHAIN
from workflow.store import guards, intake
from workflow.store.backend import Doubt
from workflow.store.connections import BUSY, BUSY_SECONDS, Connections, connected
from workflow.store.interface import (
    DefinitionRow,
    EventRow,
    NumberTaken,
    PlanChange,
    RevisionLost,
    TextRow,
)
from workflow.store.statement import (
    content_values,
    definition_values,
    document_values,
    effect_values,
    event_values,
    number_values,
    plan_values,
    work_item_values,
)
from workflow.store.trails import about_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from workflow.store.statements import Statements

APPLICATION_ID: Final = 0x54524E48
"""Stands in the head of our files (`TRNH`), so that another program's file is never written to."""

_SMALLEST_PAGE = 512
_NO_RIGHT = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH}


class Sqlite:
    """One SQLite file.

    Args:
        path: Where it is or shall be.
    """

    kind = "sqlite"
    Error = sqlite3.Error
    IntegrityError = sqlite3.IntegrityError
    # Writers queue up before they read: there is nothing for the database to give up.
    Rivalry: tuple[type[Exception], ...] = ()

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.place = str(self.path)

    def pool(self) -> Connections:
        """Return what opens connections that are in autocommit until a transaction is begun."""
        return Connections(self.path)

    def recognise(self, pool: Connections) -> str | None:
        """Return the schema version of the file; None where there is no database yet.

        It is looked at past the pool, whose connections would already write to the file's head.

        Raises:
            StorageUnusable: If the file is not one of ours, or cannot be read.
        """
        if self._is_missing():
            return None
        try:
            application, version, is_empty = self._marks()
        except sqlite3.Error as error:
            raise self.unusable(error) from error
        if is_empty and application == 0:
            return None
        if application != APPLICATION_ID:
            raise StorageUnusable(
                "{path} is a database of another program; it was left as it is.",
                code="storage-foreign",
                hint="Name another file with --database.",
                path=self.path,
            )
        if version is None:
            raise StorageUnusable("{path} says no schema version.", hint="Restore a backup.", path=self.path)
        return version

    def absent(self) -> StorageUnusable:
        """Say that there is no file, and how to come by one."""
        return StorageUnusable(
            "There is no database {path}.",
            code="no-database",
            hint="`workflow people load` makes a new one; take one that was lost from the last backup.",
            path=self.path,
        )

    def session_user(self, pool: Connections) -> str | None:
        """Return None: whoever may read the file may say any name."""
        return None

    def _is_missing(self) -> bool:
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return True
        except (OSError, ValueError) as error:
            raise self._no_right(str(error)) from error
        if not stat.S_ISREG(found.st_mode):
            raise StorageUnusable("{path} is not a file.", hint="Name a file with --database.", path=self.path)
        # SQLite takes a file without room for one page to be empty, and would write over it.
        if 0 < found.st_size < _SMALLEST_PAGE:
            raise self._no_database()
        return found.st_size == 0

    def _marks(self) -> tuple[int, str | None, bool]:
        """Read application id, schema version and emptiness, if at all possible without a right to write."""
        try:
            return _read_marks(self.path, "ro")
        except sqlite3.OperationalError as error:
            # A log left by a killed process has to be taken in first, and that needs to write.
            if error.sqlite_errorcode & 0xFF not in _NO_RIGHT:
                raise
        return _read_marks(self.path, "rw")

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """One transaction in which nobody else changes the schema."""
        from workflow.store.dialects import engine_over

        opened = partial(connected, self.path)
        with engine_over("sqlite://", opened, self.unusable) as engine, engine.connect() as connection:
            self.begin_write(connection.connection.dbapi_connection)
            yield connection
            connection.connection.commit()

    def mark(self, connection: Connection) -> None:
        """Mark the file as ours, inside the open transaction."""
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")

    def add_triggers(self, connection: Connection) -> None:
        """Make events and seals append-only."""
        for triggers in guards.SQLITE.values():
            for trigger in triggers:
                connection.exec_driver_sql(trigger)

    def guards_events(self, connection: Any) -> bool:
        """True if all our triggers are there, word for word."""
        return guards.file_is_guarded(connection)

    def begin_read(self, connection: Any) -> None:
        """Begin a transaction that sees the rows as they are now; it holds up nobody."""
        connection.execute("BEGIN")
        connection.execute("SELECT version_num FROM alembic_version").fetchall()

    def begin_write(self, connection: Any) -> None:
        """Begin a transaction that is the only one writing; waits its turn."""
        connection.execute("BEGIN IMMEDIATE")

    def take_turn(self, connection: Any, name: str) -> None:
        """Begin a transaction that is the only one writing: here all turns are one."""
        self.begin_write(connection)

    def is_lost(self, connection: Any) -> bool:
        """False: a file has no connection that could break."""
        return False

    def read(self, connection: Any, text: str, values: tuple[Any, ...]) -> list[Any]:
        """Return the rows of a query on the driver's connection."""
        try:
            return connection.execute(text, values).fetchall()
        except (OverflowError, UnicodeEncodeError):
            # A number or text that the database cannot hold is the key of nothing.
            return []
        except sqlite3.OperationalError as error:
            if "decode" not in str(error):
                raise
        # Somebody has put bytes that are no text into a text column. They must be seen by whoever
        # compares columns with the hashed bytes, so show them as the replacement character.
        connection.text_factory = _lenient
        try:
            return connection.execute(text, values).fetchall()
        finally:
            connection.text_factory = str

    def stream(self, connection: Any, text: str, values: tuple[Any, ...], at_once: int) -> Iterator[list[Any]]:
        """Yield the rows of a query page by page; text whose bytes are none has lone surrogates."""
        given = 0
        for as_text in (str, _as_it_is):
            passed, cursor = given, connection.execute(text, values)
            try:
                while page := _fetched(cursor, at_once, as_text):
                    # Read anew from the first on with another reading of text: what was given is given once.
                    fresh, passed = page[passed:], max(passed - len(page), 0)
                    given += len(fresh)
                    if fresh:
                        yield fresh
                return
            except sqlite3.OperationalError as error:
                if as_text is not str or "decode" not in str(error):
                    raise
            finally:
                cursor.close()

    def in_one_statement(self, rows: int) -> bool:
        """False: a statement for each row costs nothing in the same process."""
        return False

    def put_change(self, connection: Any, sql: Statements, change: PlanChange) -> None:
        """Write the rows of a change. Raises `RevisionLost` or `NumberTaken`."""
        plan, cursor = change.plan, connection.cursor()
        # The guard comes first: who has lost has not yet read a byte of the files.
        try:
            if change.expected:
                cursor.execute(sql.update_plan.text, (*plan_values(plan)[1:], plan.id, change.expected))
                if cursor.rowcount != 1:
                    raise RevisionLost(plan.id)
            else:
                cursor.execute(sql.insert_plan.text, plan_values(plan))
            cursor.executemany(sql.insert_event.text, map(event_values, change.events))
        except sqlite3.IntegrityError as error:
            raise RevisionLost(plan.id) from error
        cursor.executemany(sql.insert_about.text, change.about)
        if change.gone_items:
            cursor.executemany(sql.delete_work_item.text, [(plan.id, *key) for key in change.gone_items])
        if change.work_items:
            cursor.executemany(sql.put_work_item.text, map(work_item_values, change.work_items))
        if change.documents:
            cursor.executemany(sql.insert_document.text, map(document_values, change.documents))
        if change.numbers:
            try:
                cursor.executemany(sql.insert_number.text, map(number_values, change.numbers))
            except sqlite3.IntegrityError as error:
                raise NumberTaken(plan.id) from error
        if change.effects:
            cursor.executemany(sql.insert_effect.text, map(effect_values, change.effects))
        if change.texts:
            cursor.executemany(sql.insert_content.text, map(content_values, change.texts))

    def put_workspace(
        self,
        connection: Any,
        sql: Statements,
        events: Sequence[EventRow],
        texts: Sequence[TextRow],
        definitions: Sequence[DefinitionRow],
    ) -> None:
        """Write events of `@workspace` with what belongs to them. Raises `RevisionLost`."""
        cursor = connection.cursor()
        head = cursor.execute(sql.last_event.text, sql.last_event.with_values(WORKSPACE_CHAIN)).fetchone()
        intake.check_workspace(events, EventRow(*head) if head else None)
        try:
            cursor.executemany(sql.insert_event.text, map(event_values, events))
        except sqlite3.IntegrityError as error:
            raise RevisionLost(WORKSPACE_CHAIN) from error
        cursor.executemany(sql.insert_about.text, list(about_rows(events)))
        for row in definitions:
            stored = cursor.execute(sql.definition_version.text, (row.id, row.version)).fetchone()
            intake.check_definition(row, DefinitionRow(*stored) if stored else None)
            cursor.execute(sql.insert_definition.text, definition_values(row))
        cursor.executemany(sql.insert_content.text, map(content_values, texts))

    def withdraw(self, connection: Any, sql: Statements, contents: Sequence[tuple[str, str]]) -> None:
        """Delete contents, (key, kind) each; their pages are overwritten."""
        if not contents:
            return
        connection.execute("PRAGMA secure_delete = ON")
        connection.cursor().executemany(sql.delete_content.text, contents)

    def after_withdrawal(self, connection: Any) -> None:
        """Empty the log of what was written, in which the contents stood when they came."""
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def put_leaving(self, connection: Any, sql: Statements, event: EventRow) -> None:
        """Write an event of `@workspace` as any other: who may open the file may write to it."""
        self.put_workspace(connection, sql, [event], (), ())

    def lock_plan(self, connection: Any, plan: str) -> None:
        """Do nothing: who writes is alone with the whole file."""

    def unusable(self, error: Exception, doubt: Doubt | None = None) -> StorageUnusable:
        """Say in our words what the driver's *error* means."""
        code = getattr(error, "sqlite_errorcode", None)
        code = sqlite3.SQLITE_ERROR if code is None else code & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return StorageUnusable(
                "The disk of {path} is full; nothing was written.",
                code="disk-full",
                hint="Make room and try again.",
                path=self.path,
            )
        if code in _NO_RIGHT:
            return self._no_right(str(error))
        if code in BUSY:
            return StorageUnusable(
                "{path} was in use by another process for {seconds} seconds; nothing was written.",
                code="storage-busy",
                hint="Try again.",
                path=self.path,
                seconds=BUSY_SECONDS,
            )
        if code == sqlite3.SQLITE_NOTADB:
            return self._no_database()
        if code == sqlite3.SQLITE_CORRUPT:
            return StorageUnusable(
                "{path} is damaged: {detail}.",
                code="storage-damaged",
                hint="Restore a backup.",
                path=self.path,
                detail=error,
            )
        return StorageUnusable(
            "{path} cannot be used: {detail}.",
            hint="Look at the disk, or restore a backup.",
            path=self.path,
            detail=error,
        )

    def _no_database(self) -> StorageUnusable:
        return StorageUnusable(
            "{path} is not a database.",
            code="storage-foreign",
            hint="Name another file with --database.",
            path=self.path,
        )

    def _no_right(self, detail: str) -> StorageUnusable:
        return StorageUnusable(
            "{path} cannot be opened or written: {detail}.",
            code="storage-no-right",
            hint="Look at the rights on the file and on its folder: SQLite writes beside a file to read it, too. "
            "Who has none reads a copy of their own.",
            path=self.path,
            detail=detail,
        )


def _read_marks(path: Path, mode: str) -> tuple[int, str | None, bool]:
    connection = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS)
    try:
        connection.execute("BEGIN")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        version = None
        if application == APPLICATION_ID and "alembic_version" in names:
            version = next((row[0] for row in connection.execute("SELECT version_num FROM alembic_version")), None)
        return application, version, not names
    finally:
        connection.close()


def _fetched(cursor: sqlite3.Cursor, count: int, as_text: Any) -> list[Any]:
    cursor.connection.text_factory = as_text
    try:
        return cursor.fetchmany(count)
    finally:
        cursor.connection.text_factory = str


def _as_it_is(data: bytes) -> str:
    # Never equal to any text, as bytes that were replaced could be.
    return data.decode("utf-8", "surrogateescape")


def _lenient(data: bytes) -> str:
    return data.decode("utf-8", "replace")
