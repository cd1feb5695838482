"""The store on a database: SQLite or PostgreSQL; whatever only one of them needs stands in its backend.

SQLModel's tables give the schema and the statements' texts; these run on the driver's own connection.
No object is flushed, refreshed or expired on the way of a command.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from workflow.messages import WORKSPACE_CHAIN
from workflow.store import intake, schema
from workflow.store.backend import Doubt, Pool
from workflow.store.effects import EffectRow
from workflow.store.interface import DefinitionRow, EventRow, PlanChange, PlanRow, RevisionLost, TextRow, WorkItemRow
from workflow.store.places import backend_of
from workflow.store.statement import plan_values, work_item_values
from workflow.store.texts import statements_for
from workflow.store.trail_reading import TrailReading
from workflow.store.trails import about_rows

ATTEMPTS: Final = 10
"""How often a transaction is tried that the server gave up because others were in its way."""


class SqlStore(TrailReading):
    """The contract of `interface.Store` on a database.

    Each thread keeps a connection of its own, and so does each process that forks.

    Args:
        location: A database URL, or the path of an SQLite file.
        create: Make the database if there is none.
        upgrade: Take an older database to this program's schema.

    Raises:
        StorageUnusable: If the database cannot be used, or is none of ours.
    """

    def __init__(self, location: str | Path, *, create: bool = True, upgrade: bool = False) -> None:
        self._backend = backend_of(location)
        self._pool: Pool = self._backend.pool()
        self._own = threading.local()
        self._process = os.getpid()
        self._of_parents: list[object] = []
        try:
            self._open(create, upgrade)
        except BaseException:
            self._pool.dispose()
            raise
        self._sql = statements_for(self._backend.kind)

    def _open(self, create: bool, upgrade: bool) -> None:
        with self._translated():
            version = self._backend.recognise(self._pool)
        if version is None and not create:
            raise self._backend.absent()
        current = version is not None and schema.require_known(version, self._backend.place)
        if version is not None and not current and not upgrade:
            raise schema.older(self._backend.place)
        if not current:
            from workflow.store import making

            with self._translated(), self._backend.migrating() as connection:
                change = making.create if version is None else making.upgrade
                change(connection, self._backend)

    def close(self) -> None:
        """Close this thread's connection and all idle ones."""
        if self._process != os.getpid():
            return
        held = getattr(self._own, "pooled", None)
        if held is not None:
            self._own.pooled = None
            held.close()
        self._pool.dispose()

    def session_user(self) -> str | None:
        """The name that the database's server has for this session; None where it asks nobody for a name."""
        with self._translated():
            return self._backend.session_user(self._pool)

    # connections

    def _pooled(self) -> Any:
        """This thread's connection, kept between commands: taking one from the pool costs as much as a read."""
        if self._process != os.getpid():
            self._begin_anew()
        pooled = getattr(self._own, "pooled", None)
        if pooled is None:
            pooled = self._own.pooled = self._pool.connect()
        return pooled

    def _begin_anew(self) -> None:
        # A forked process must neither use nor close what its parent still talks through.
        self._of_parents += [self._pool, self._own]
        self._process = os.getpid()
        self._pool, self._own = self._backend.pool(), threading.local()

    def _reading(self) -> Any:
        return self._pooled().dbapi_connection

    def _is_replaced(self, connection: Any) -> bool:
        if not self._backend.is_lost(connection):
            return False
        pooled, self._own.pooled = self._own.pooled, None
        pooled.invalidate()
        # Reads that belong together must not go on elsewhere as if nothing had happened.
        return getattr(self._own, "inside", None) is None

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let this thread's reads see the database as it is now."""
        with self._holding("snapshot", self._backend.begin_read):
            yield

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """Wait for one's turn at a plan or a chain; nobody else writes there until this thread has written."""

        def begin(connection: Any) -> None:
            self._own.held = self._backend.take_turn(connection, name)

        with self._holding("turn", begin):
            yield

    def plan(self, plan: str) -> PlanRow | None:
        """The plan's row; the one that came with a turn is not asked for again."""
        if getattr(self._own, "inside", None) == "turn" and self._own.held is not None and self._own.held.id == plan:
            return self._own.held
        return super().plan(plan)

    @contextmanager
    def _holding(self, what: str, begin: Callable[[Any], None]) -> Iterator[None]:
        """Keep a transaction open on this thread's connection; inside another one nothing is begun."""
        with self._translated():
            pooled = self._pooled()
        if getattr(self._own, "inside", None) is not None:
            yield
            return
        with self._translated():
            try:
                begin(pooled.dbapi_connection)
            except BaseException:
                self._undo(pooled)
                raise
        self._own.inside = what
        try:
            yield
        finally:
            # A turn may have ended with what was written in it.
            if getattr(self._own, "inside", None) is not None:
                self._own.inside = None
                self._undo(pooled)

    def _undo(self, pooled: Any) -> None:
        if not pooled.is_valid:
            return
        try:
            pooled.rollback()
        except self._backend.Error:
            # A connection that cannot even roll back is dropped, and its transaction with it.
            if getattr(self._own, "pooled", None) is pooled:
                self._own.pooled = None
            pooled.invalidate()

    # writing

    def write(self, change: PlanChange) -> None:
        """Write all of *change* or nothing."""
        intake.check_change(change)

        def work(connection: Any) -> None:
            self._backend.put_change(connection, self._sql, change)
            self._put_files(connection, change.files)
            self._backend.withdraw(connection, self._sql, change.withdrawn)

        doubt = Doubt(change.plan.id, change.events[0].request_id)
        whole = None if change.withdrawn else intake.rows_of(change)
        self._commit(work, doubt, whole=whole, files=bool(change.files))
        self._after_withdrawal(change.withdrawn)

    def _after_withdrawal(self, contents: Sequence[tuple[str, str]]) -> None:
        if contents:
            with self._translated():
                self._backend.after_withdrawal(self._pooled().dbapi_connection)

    def append_workspace(
        self,
        events: Sequence[EventRow],
        *,
        texts: Sequence[TextRow] = (),
        definitions: Sequence[DefinitionRow] = (),
        files: Sequence[tuple[str, Iterable[bytes]]] = (),
        effects: Sequence[tuple[EffectRow, EffectRow]] = (),
        withdrawn: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Append to the `@workspace` chain with what belongs to the events, or write nothing."""

        def work(connection: Any) -> None:
            self._backend.put_workspace(connection, self._sql, events, texts, definitions)
            self._change_effects(connection.cursor(), effects)
            self._put_files(connection, files)
            self._backend.withdraw(connection, self._sql, withdrawn)

        doubt = Doubt(WORKSPACE_CHAIN, events[0].request_id if events else None)
        rows = len(events) + len(list(about_rows(events))) + len(texts) + len(definitions)
        self._commit(work, doubt, whole=None if effects or withdrawn else rows, files=bool(files))
        self._after_withdrawal(withdrawn)

    def record_leaving(self, event: EventRow) -> None:
        """Append one event to the `@workspace` chain that something leaves the house; a reviewer may do that too."""
        doubt = Doubt(WORKSPACE_CHAIN, None)
        self._commit(lambda connection: self._backend.put_leaving(connection, self._sql, event), doubt)

    def rebuild(self, plan: PlanRow, work_items: Sequence[WorkItemRow]) -> None:
        """Replace one plan's projection with the rows that replay gives.

        Raises:
            RevisionLost: If the chain has moved on since it was replayed.
        """
        sql = self._sql

        def work(connection: Any) -> None:
            self._backend.lock_plan(connection, plan.id)
            cursor = connection.cursor()
            cursor.execute(sql.last_event.text, sql.last_event.with_values(plan.id))
            head = cursor.fetchone()
            if head is None or (EventRow(*head).seq, EventRow(*head).hash) != (plan.revision, plan.head):
                raise RevisionLost(plan.id)
            cursor.execute(sql.replace_plan.text, plan_values(plan))
            cursor.execute(sql.delete_work_items.text, (plan.id,))
            cursor.executemany(sql.put_work_item.text, list(map(work_item_values, work_items)))

        self._commit(work, Doubt(plan.id, None))

    def _put_files(self, connection: Any, files: Sequence[tuple[str, Iterable[bytes]]]) -> None:
        insert = self._sql.insert_content.text
        # In one order for all: two changes with the same two files never wait for each other in a ring.
        for sha256, pieces in sorted(files, key=lambda file: file[0]):
            for part, data in enumerate(intake.in_pieces(sha256, pieces)):
                connection.execute(insert, (sha256, "file", part, None, data))

    def _commit(
        self, work: Callable[[Any], None], doubt: Doubt, *, whole: int | None = None, files: bool = False
    ) -> None:
        """Do *work* in a transaction that is committed at the end, or wholly undone.

        Args:
            work: Called with the driver's connection; again where the server gave up one of several rivals.
            doubt: What is not known to be done if the connection breaks.
            whole: How many rows *work* writes where it needs nothing but one statement for them.
            files: Whether it reads bytes that can be read only once.
        """
        begin = files or whole is None or not self._backend.in_one_statement(whole)
        with self._translated(doubt):
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    with self._transaction(begin) as connection:
                        work(connection)
                    return
                except self._backend.Rivalry:
                    if files or attempt == ATTEMPTS:
                        raise
                    # Rivals that came together shall not come together again.
                    time.sleep(random.uniform(0, 0.002 * 2**attempt))

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        """Yield the driver's cursor in a transaction that is committed at the end, or wholly undone."""
        with self._translated(), self._transaction(begin=True) as connection:
            yield connection.cursor()

    @contextmanager
    def _transaction(self, begin: bool) -> Iterator[Any]:
        pooled = self._pooled()
        inside = getattr(self._own, "inside", None)
        # What is written in a snapshot is no part of what is looked at there.
        elsewhere = inside == "snapshot"
        if elsewhere:
            pooled = self._pool.connect()
        connection = pooled.dbapi_connection
        try:
            if inside == "turn":
                self._own.inside = None
            elif begin:
                self._backend.begin_write(connection)
            yield connection
            connection.commit()
        except BaseException:
            self._undo(pooled)
            raise
        finally:
            if elsewhere:
                pooled.close()

    @contextmanager
    def _translated(self, doubt: Doubt | None = None) -> Iterator[None]:
        """Let no exception of the driver through."""
        try:
            yield
        except self._backend.IntegrityError as error:
            raise ValueError(f"the database refuses a row: {error}") from error
        except self._backend.Error as error:
            raise self._backend.unusable(error, doubt) from error
