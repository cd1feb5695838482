"""All that only PostgreSQL needs: whose database it is, connections, transactions, triggers, one-statement writes.

Everything of ours stands in the first schema of the search path (`public` where nothing else is said), which
must be empty or ours. Other schemas of the same database are nobody's business here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import psycopg
import psycopg.sql
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Pool, QueuePool

from workflow.errors import StorageUnusable
from workflow.messages import WORKSPACE_CHAIN
from workflow.store import batches, guards, intake, leaving, postgres_errors, removal, tables
from workflow.store.backend import Doubt, masked
from workflow.store.dialects import engine_over
from workflow.store.interface import (
    DefinitionRow,
    EventRow,
    NumberTaken,
    PlanChange,
    PlanRow,
    RevisionLost,
    TextRow,
)
from workflow.store.statement import columns_of
from workflow.store.statements import Statements

MARK: Final = "trinh"
"""Comment on the table of the schema's version, so that another program's database is never written to."""

_MARKS = """
SELECT session_user,
       current_schema(),
       obj_description(to_regclass('alembic_version'), 'pg_class'),
       EXISTS (SELECT 1 FROM pg_class AS c
               WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema()))
                 AND NOT EXISTS (SELECT 1 FROM pg_depend AS d
                                 WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
"""
BEGIN_WRITE: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

_HOLD_PLAN: Final = f"SELECT {', '.join(columns_of(PlanRow))} FROM plan WHERE id = {{name}} FOR NO KEY UPDATE"

_SCHEMA_LOCK = 0x54524E48
"""Key of the lock under which tables are made or changed."""

_PAGES_A_TRIP: Final = 16
_STREAMS = itertools.count(1)
"""Numbers of the cursors that the server keeps: two at once have two names."""

_DEFAULTS = {
    "connect_timeout": 10,
    "application_name": "workflow",
    "client_encoding": "UTF8",
    # A network that swallows everything is noticed within a minute, not within the system's two hours.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_PREPARED_FROM = 2
"""How often a statement runs before it is prepared: preparing costs a short command a round trip of its own."""


class Postgres:
    """One PostgreSQL database.

    Args:
        url: As libpq takes it: `postgresql://[USER[:PASSWORD]@]HOST[:PORT]/NAME[?OPTION=VALUE]`.
    """

    kind = "postgresql"
    Error = psycopg.Error
    IntegrityError = psycopg.IntegrityError
    Rivalry: tuple[type[Exception], ...] = (errors.SerializationFailure, errors.DeadlockDetected)

    def __init__(self, url: str) -> None:
        self.place = masked(url)
        self._info = _connection_info(url, self.place)
        self._session_user: str | None = None
        tables.index_only_some("postgresql")

    def pool(self) -> Pool:
        """Return a new pool of connections that are in autocommit until a transaction is begun."""
        # Every transaction here is ended by hand, and a lost pool slot must not look like a lost database.
        return QueuePool(self._connect, pool_size=5, max_overflow=-1, reset_on_return=None)

    def _connect(self, autocommit: bool = True) -> Any:
        try:
            return psycopg.connect(autocommit=autocommit, prepare_threshold=_PREPARED_FROM, **self._info)
        except psycopg.Error as error:
            raise postgres_errors.unreachable(error, self.place) from error

    def recognise(self, pool: Pool) -> str | None:
        """Return the schema version of the database; None where it is empty.

        Raises:
            StorageUnusable: If it is not one of ours, or cannot be read.
        """
        pooled = pool.connect()
        try:
            return self._version(pooled.dbapi_connection)
        finally:
            pooled.close()

    def _version(self, connection: Any) -> str | None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise StorageUnusable(
                "{path} holds text as {encoding}, not as UTF8.",
                code="storage-foreign",
                hint="Make one with `createdb --encoding=UTF8 --template=template0 NAME`.",
                path=self.place,
                encoding=encoding,
            )
        self._session_user, schema, mark, is_used = connection.execute(_MARKS).fetchone()
        if schema is None:
            raise StorageUnusable(
                "{path} has no schema on its search path in which this user may look.",
                code="storage-no-right",
                hint="Ask whoever keeps the database for USAGE on its schema.",
                path=self.place,
            )
        if not is_used:
            return None
        if mark != MARK:
            raise StorageUnusable(
                "{path} is a database of another program; it was left as it is.",
                code="storage-foreign",
                hint="Name another database with --database.",
                path=self.place,
            )
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if row is None:
            raise StorageUnusable("{path} says no schema version.", hint="Restore a backup.", path=self.place)
        return str(row[0])

    def absent(self) -> StorageUnusable:
        """Say that the database has no tables yet, and how they come into being."""
        return StorageUnusable(
            "{path} is empty: it holds no plans yet.",
            code="no-database",
            hint="`workflow people load` makes the tables; take a database that was lost from the last backup.",
            path=self.place,
        )

    def session_user(self, pool: Pool) -> str | None:
        """Return the role that the server let in, as it said itself when the database was opened."""
        return self._session_user

    # the schema

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """One transaction in which nobody else changes the schema."""
        connect = partial(self._connect, False)
        with engine_over("postgresql+psycopg://", connect, self.unusable) as engine, engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")
            yield connection

    def mark(self, connection: Connection) -> None:
        """Mark the database as ours, behind the making of its tables."""
        connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS '{MARK}'")

    def add_triggers(self, connection: Connection) -> None:
        """Make events and seals append-only."""
        for statement in (*guards.POSTGRES, *leaving.POSTGRES, *removal.POSTGRES):
            connection.exec_driver_sql(statement)

    def guards_events(self, connection: Any) -> bool:
        """True if each trigger and its function are as they were made, and the trigger is on."""
        return guards.server_is_guarded(connection)

    # transactions

    def begin_read(self, connection: Any) -> None:
        """Begin a transaction that sees the rows as they are at its first question."""
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1")

    def begin_write(self, connection: Any) -> None:
        """Begin a transaction that writes; whoever writes elsewhere is not waited for."""
        connection.execute(BEGIN_WRITE)

    def take_turn(self, connection: Any, name: str) -> PlanRow | None:
        """Begin a transaction that holds a plan's row, or a lock for a *name* that is no plan's."""
        is_plan = not name.startswith(WORKSPACE_CHAIN[0])
        lock = _HOLD_PLAN if is_plan else "SELECT pg_advisory_xact_lock(hashtextextended({name}, 0))"
        # Both in one round trip, which only a text without parameters allows.
        text = psycopg.sql.SQL(f"{BEGIN_WRITE}; {lock}").format(name=name if is_plan else f"{MARK} {name}")
        cursor = connection.execute(text)
        cursor.nextset()
        row = cursor.fetchone() if is_plan else None
        return PlanRow(*row) if row else None

    def withdraw(self, connection: Any, sql: Statements, contents: Sequence[tuple[str, str]]) -> None:
        """Delete contents, (key, kind) each, by the function that asks whether an event withdraws them."""
        for key, kind in contents:
            connection.execute(f"SELECT {removal.FUNCTION}(%s, %s)", (key, kind))

    def after_withdrawal(self, connection: Any) -> None:
        """Do nothing: the server overwrites dead rows when it vacuums, which is its owner's to order."""

    def lock_plan(self, connection: Any, plan: str) -> None:
        """Let nobody else write a plan until the open transaction ends."""
        connection.execute("SELECT 1 FROM plan WHERE id = %s FOR NO KEY UPDATE", (plan,))

    def is_lost(self, connection: Any) -> bool:
        """True if the connection can be of no more use."""
        return bool(connection.closed)

    # rows

    def read(self, connection: Any, text: str, values: tuple[Any, ...]) -> list[Any]:
        """Return the rows of a query."""
        try:
            return connection.execute(text, values, binary=True).fetchall()
        except (UnicodeEncodeError, errors.NumericValueOutOfRange):
            # A number or text that the database cannot hold is the key of nothing.
            return []
        except psycopg.DataError as error:
            if error.sqlstate is None:
                # So psycopg itself says that text with NUL cannot be sent.
                return []
            raise

    def stream(self, connection: Any, text: str, values: tuple[Any, ...], at_once: int) -> Iterator[list[Any]]:
        """Yield the rows of a query page by page, from a cursor that the server keeps."""
        with connection.cursor(f"stream_{next(_STREAMS)}") as cursor:
            cursor.execute(text, values, binary=True)
            # Each fetch is a round trip: several pages at one.
            while rows := cursor.fetchmany(at_once * _PAGES_A_TRIP):
                for start in range(0, len(rows), at_once):
                    yield rows[start : start + at_once]

    def in_one_statement(self, rows: int) -> bool:
        """True if that many rows are written by one statement."""
        return rows <= batches.MOST_ROWS

    def put_change(self, connection: Any, sql: Statements, change: PlanChange) -> None:
        """Write the rows of a change. Raises `RevisionLost` or `NumberTaken`."""
        written = list(batches.of_change(sql, change))
        whole = len(written) == 1 and not change.files and not change.withdrawn
        if whole and connection.info.transaction_status == TransactionStatus.INTRANS:
            self._put_and_end(connection, change.plan.id, *written[0])
        else:
            self._put(connection, change.plan.id, written)

    def put_workspace(
        self,
        connection: Any,
        sql: Statements,
        events: Sequence[EventRow],
        texts: Sequence[TextRow],
        definitions: Sequence[DefinitionRow],
    ) -> None:
        """Write events of `@workspace` with what belongs to them. Raises `RevisionLost`."""
        intake.check_chain(WORKSPACE_CHAIN, events, after=events[0].seq - 1 if events else 0)
        version = sql.definition_version.text
        for row in definitions:
            stored = connection.execute(version, (row.id, row.version)).fetchone()
            intake.check_definition(row, DefinitionRow(*stored) if stored else None)
        self._put(connection, WORKSPACE_CHAIN, batches.of_workspace(events, texts, definitions))

    def put_leaving(self, connection: Any, sql: Statements, event: EventRow) -> None:
        """Write an event of `@workspace` that something leaves the house, by the owner's function."""
        text = f"SELECT 1 FROM (SELECT {leaving.FUNCTION}($1)) AS done"
        self._put(connection, WORKSPACE_CHAIN, iter(((text, [event.body]),)))

    def _put(self, connection: Any, chain: str, statements: Iterable[tuple[str, list[Any]]]) -> None:
        with _told_apart(chain):
            cursor = psycopg.RawCursor(connection)
            for text, values in statements:
                if cursor.execute(text, values).fetchone()[0] != 1:
                    raise RevisionLost(chain)

    def _put_and_end(self, connection: Any, chain: str, text: str, values: list[Any]) -> None:
        """Write and commit in one round trip: others wait for the plan's row meanwhile.

        Who has lost has written nothing: then nothing is committed.
        """
        with _told_apart(chain):
            cursor = psycopg.RawCursor(connection)
            with connection.pipeline():
                cursor.execute(text, values)
                # As a statement: `commit()` would wait for its answer before the pipeline's end asks for it again.
                connection.execute("COMMIT", prepare=False)
            if cursor.fetchone()[0] != 1:
                raise RevisionLost(chain)

    def unusable(self, error: Exception, doubt: Doubt | None = None) -> StorageUnusable:
        """Say in our words what the driver's *error* means."""
        return postgres_errors.unusable(error, self.place, doubt)


@contextmanager
def _told_apart(chain: str) -> Iterator[None]:
    """Say which key somebody else had first."""
    try:
        yield
    except errors.UniqueViolation as error:
        lost = {
            "event_pkey": RevisionLost,
            "issued_number_pkey": NumberTaken,
            # Another process has just stored this version: the next attempt compares with it.
            "definition_id_version": RevisionLost,
        }.get(error.diag.constraint_name or "")
        if lost is None:
            raise
        raise lost(chain) from error


def _connection_info(url: str, place: str) -> dict[str, Any]:
    try:
        info = conninfo_to_dict(url)
    except (psycopg.Error, ValueError):
        # What the driver says of it may quote a password, which `--debug` would show.
        raise _no_url(place) from None
    if "@" in str(info.get("host", "")) or "\0" in url:
        raise _no_url(place)
    return {**_DEFAULTS, **info}


def _no_url(place: str) -> StorageUnusable:
    return StorageUnusable(
        "`{url}` is not a database URL.",
        hint="Use postgresql://USER@HOST:PORT/NAME; write @ : / ? # and % in a password as %40 %3A %2F %3F %23 %25.",
        url=place,
    )
