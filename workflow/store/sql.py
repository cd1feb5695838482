"""The store on a database: SQLite now; whatever only SQLite needs stands in `sqlite`.

SQLModel's tables give the schema and the statements' texts; these run on the driver's cursor of an
engine's connection. No object is flushed, refreshed or expired on the way of a command.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from workflow.errors import StorageUnusable
from workflow.messages import WORKSPACE_CHAIN
from workflow.store import intake, schema
from workflow.store.interface import (
    DefinitionRow,
    EffectRow,
    EventRow,
    NumberTaken,
    PlanChange,
    PlanRow,
    RevisionLost,
    TextRow,
    WorkItemRow,
)
from workflow.store.outbox import Outbox
from workflow.store.sqlite import Sqlite
from workflow.store.statements import (
    Statements,
    definition_values,
    document_values,
    effect_values,
    event_values,
    number_values,
    plan_values,
    work_item_values,
)


class SqlStore(Outbox):
    """The contract of `interface.Store` on a database.

    Args:
        location: A database URL, or the path of an SQLite file.
        create: Make the database if there is none.
        upgrade: Take an older database to this program's schema.

    Raises:
        StorageUnusable: If the database cannot be used, or is none of ours.
    """

    def __init__(self, location: str | Path, *, create: bool = True, upgrade: bool = False) -> None:
        self._backend = Sqlite(_url(location))
        self._pinned = threading.local()
        version = self._backend.recognise()
        if version is None and not create:
            raise StorageUnusable(
                "There is no database {path}.",
                code="no-database",
                hint="`workflow people load` makes a new one; take one that was lost from the last backup.",
                path=self._backend.path,
            )
        current = version is not None and schema.require_known(version, self._backend.path)
        if version is not None and not current and not upgrade:
            raise StorageUnusable(
                "{path} was made by an older version of this program.",
                code="storage-older",
                hint="Make a backup, then run `workflow db upgrade`.",
                path=self._backend.path,
            )
        self._engine = self._backend.engine()
        try:
            if not current:
                self._bring_up_to_date(is_new=version is None)
            self._sql = Statements(self._engine.dialect, self._backend.insert)
        except BaseException:
            self._engine.dispose()
            raise

    def _bring_up_to_date(self, is_new: bool) -> None:
        with self._translated(), self._engine.connect() as connection:
            self._backend.begin_write(connection.connection.cursor())
            if is_new:
                schema.create(connection, self._backend)
            else:
                schema.upgrade(connection, self._backend)
            connection.connection.commit()

    def close(self) -> None:
        """Close this thread's connection and all idle ones."""
        held = getattr(self._pinned, "pooled", None)
        if held is not None:
            self._pinned.pooled = None
            held.close()
        self._engine.dispose()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let this thread's reads see the database as it is now."""
        if getattr(self._pinned, "connection", None) is not None:
            yield
            return
        with self._translated():
            pooled = self._engine.raw_connection()
            try:
                self._backend.begin_read(pooled.cursor())
                self._pinned.connection = pooled.dbapi_connection
                yield
            finally:
                self._pinned.connection = None
                pooled.rollback()
                pooled.close()

    def write(self, change: PlanChange) -> None:
        """Write all of *change* or nothing."""
        intake.check_change(change)
        sql, plan = self._sql, change.plan
        with self._writing() as cursor:
            # The guard comes first: who has lost has not yet read a byte of the files.
            with self._losing(plan.id):
                if change.expected:
                    values = plan_values(plan)
                    cursor.execute(sql.update_plan.text, (*values[1:], plan.id, change.expected))
                    if cursor.rowcount != 1:
                        raise RevisionLost(plan.id)
                else:
                    cursor.execute(sql.insert_plan.text, plan_values(plan))
                cursor.executemany(sql.insert_event.text, map(event_values, change.events))
            if change.gone_items:
                gone = [(plan.id, *key) for key in change.gone_items]
                cursor.executemany(sql.delete_work_item.text, gone)
            if change.work_items:
                cursor.executemany(sql.put_work_item.text, map(work_item_values, change.work_items))
            if change.documents:
                cursor.executemany(sql.insert_document.text, map(document_values, change.documents))
            if change.numbers:
                with self._losing(plan.id, NumberTaken):
                    cursor.executemany(sql.insert_number.text, map(number_values, change.numbers))
            if change.effects:
                cursor.executemany(sql.insert_effect.text, map(effect_values, change.effects))
            self._add_content(cursor, change.texts, change.files)

    def append_workspace(
        self,
        events: Sequence[EventRow],
        *,
        texts: Sequence[TextRow] = (),
        definitions: Sequence[DefinitionRow] = (),
        files: Sequence[tuple[str, Iterable[bytes]]] = (),
        effects: Sequence[tuple[EffectRow, EffectRow]] = (),
    ) -> None:
        """Append to the `@workspace` chain with what belongs to the events, or write nothing."""
        sql = self._sql
        with self._writing() as cursor:
            intake.check_workspace(events, _head(cursor, sql, WORKSPACE_CHAIN))
            with self._losing(WORKSPACE_CHAIN):
                cursor.executemany(sql.insert_event.text, map(event_values, events))
            for row in definitions:
                cursor.execute(sql.definition_version.text, (row.id, row.version))
                stored = cursor.fetchone()
                intake.check_definition(row, DefinitionRow(*stored) if stored else None)
                cursor.execute(sql.insert_definition.text, definition_values(row))
            self._change_effects(cursor, effects)
            self._add_content(cursor, texts, files)

    def rebuild(self, plan: PlanRow, work_items: Sequence[WorkItemRow]) -> None:
        """Replace one plan's projection with the rows that replay gives.

        Raises:
            RevisionLost: If the chain has moved on since it was replayed.
        """
        sql = self._sql
        with self._writing() as cursor:
            head = _head(cursor, sql, plan.id)
            if head is None or (head.seq, head.hash) != (plan.revision, plan.head):
                raise RevisionLost(plan.id)
            cursor.execute(sql.replace_plan.text, plan_values(plan))
            cursor.execute(sql.delete_work_items.text, (plan.id,))
            cursor.executemany(sql.put_work_item.text, map(work_item_values, work_items))

    def _add_content(self, cursor: Any, texts: Sequence[TextRow], files: Sequence[tuple[str, Iterable[bytes]]]) -> None:
        insert = self._sql.insert_content.text
        for text in texts:
            cursor.execute(insert, (text.key, "text", 0, text.salt, text.text.encode()))
        for sha256, pieces in files:
            for part, data in enumerate(intake.in_pieces(sha256, pieces)):
                cursor.execute(insert, (sha256, "file", part, None, data))

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        """Yield the driver's cursor in a transaction that is committed at the end, or wholly undone."""
        with self._translated():
            pooled = self._own_connection()
            try:
                cursor = pooled.cursor()
                self._backend.begin_write(cursor)
                yield cursor
                pooled.commit()
            except BaseException:
                self._give_up(pooled)
                raise

    def _give_up(self, pooled: Any) -> None:
        try:
            pooled.rollback()
        except self._backend.Error:
            # A connection that cannot even roll back is dropped, and its transaction with it.
            self._pinned.pooled = None
            pooled.invalidate()

    @contextmanager
    def _losing(self, chain: str, lost: type[Exception] = RevisionLost) -> Iterator[None]:
        """A key that is already taken means that somebody else was first."""
        try:
            yield
        except self._backend.IntegrityError as error:
            raise lost(chain) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Let no exception of the driver or of SQLAlchemy through."""
        try:
            yield
        except self._backend.IntegrityError as error:
            raise ValueError(f"the database refuses a row: {error}") from error
        except self._backend.Error as error:
            raise self._backend.unusable(error) from error
        except SQLAlchemyError as error:
            raise self._backend.unusable(getattr(error, "orig", None) or error) from error


def _head(cursor: Any, sql: Statements, chain: str) -> EventRow | None:
    cursor.execute(sql.last_event.text, sql.last_event.with_values(chain))
    row = cursor.fetchone()
    return EventRow(*row) if row else None


def _url(location: str | Path) -> URL:
    if isinstance(location, Path):
        return URL.create("sqlite", database=str(location))
    try:
        url = make_url(location)
        if url.get_backend_name() == "sqlite":
            return url
    except ArgumentError as error:
        raise StorageUnusable("`{url}` is not a database URL.", hint="Use sqlite:///PATH.", url=location) from error
    raise StorageUnusable(
        "This version cannot use a database of the kind `{kind}`.",
        hint="Use sqlite:///PATH.",
        kind=url.get_backend_name(),
    )
