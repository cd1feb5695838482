"""What a store on a database asks of the kind of database it is on: `sqlite` and `postgres` answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from workflow.errors import StorageUnusable
from workflow.store.interface import DefinitionRow, EventRow, PlanChange, PlanRow, TextRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from workflow.store.statements import Statements


def masked(url: str) -> str:
    """Return *url* as it may be shown: without a password, and without options, which may hold one."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        # No address at all, so nobody can say which part of it is a secret.
        return re.sub(r"(?i)(password\s*=\s*)\S+", r"\1***", url)
    # A password may hold any character if its owner did not know better: the last @ ends it.
    who, at, where = rest.partition("?")[0].rpartition("@")
    user, colon, _ = who.partition(":")
    return f"{scheme}://{user}{':***' if colon else ''}{at}{where}"


@dataclass(frozen=True)
class Doubt:
    """What nobody knows to be written or not when a connection breaks in the middle of it."""

    chain: str
    request_id: str | None


class Pool(Protocol):
    """Where connections come from: SQLAlchemy's own, or `connections`."""

    def connect(self) -> Any:
        """Return a connection to keep: `dbapi_connection`, `is_valid`, `rollback`, `invalidate`, `close`."""
        ...

    def dispose(self) -> None:
        """Close the connections that nobody holds."""
        ...


class Backend(Protocol):
    """One database. *connection* is the driver's own, in autocommit until a transaction is begun."""

    kind: str
    """`sqlite` or `postgresql`."""
    Error: type[Exception]
    """The driver's base exception."""
    IntegrityError: type[Exception]
    """What the driver raises where a row breaks a constraint."""
    Rivalry: tuple[type[Exception], ...]
    """What the driver raises where the server gave up one of several transactions in each other's way."""
    place: str
    """The database as messages name it, never with a password."""

    def pool(self) -> Pool:
        """Return a new pool of connections."""
        ...

    def recognise(self, pool: Pool) -> str | None:
        """Return the schema version of the database; None where there is none of ours yet.

        Raises:
            StorageUnusable: If it is not one of ours, or cannot be read.
        """
        ...

    def absent(self) -> StorageUnusable:
        """Say that there is no database, and how to come by one."""
        ...

    def session_user(self, pool: Pool) -> str | None:
        """Return the name under which the server knows this session; None where nobody is asked for one."""
        ...

    # the schema

    def migrating(self) -> AbstractContextManager[Connection]:
        """One transaction in which nobody else changes the schema."""
        ...

    def mark(self, connection: Connection) -> None:
        """Mark the database as ours, behind the making of its tables."""
        ...

    def add_triggers(self, connection: Connection) -> None:
        """Make events and seals append-only."""
        ...

    def guards_events(self, connection: Any) -> bool:
        """True if all our triggers are there as they were made."""
        ...

    # transactions

    def begin_read(self, connection: Any) -> None:
        """Begin a transaction that sees the rows as they are now; it holds up nobody."""
        ...

    def begin_write(self, connection: Any) -> None:
        """Begin a transaction that writes."""
        ...

    def take_turn(self, connection: Any, name: str) -> PlanRow | None:
        """Begin a transaction that writes, once everybody who took a turn at *name* before is done.

        Returns:
            The plan's row as it is until the transaction ends, where the database gave it with the turn.
        """
        ...

    def is_lost(self, connection: Any) -> bool:
        """True if the connection can be of no more use."""
        ...

    # rows

    def read(self, connection: Any, text: str, values: tuple[Any, ...]) -> list[Any]:
        """Return the rows of a query."""
        ...

    def stream(self, connection: Any, text: str, values: tuple[Any, ...], at_once: int) -> Iterator[list[Any]]:
        """Yield the rows of a query page by page as they are, one page held at a time; inside a transaction."""
        ...

    def in_one_statement(self, rows: int) -> bool:
        """True if that many rows are written by one statement, which needs no transaction around it."""
        ...

    def put_change(self, connection: Any, sql: Statements, change: PlanChange) -> None:
        """Write the rows of a change, without the bytes of its files. Raises `RevisionLost` or `NumberTaken`.

        Where these are all that is written, a transaction that was begun for a turn may end with them.
        """
        ...

    def put_workspace(
        self,
        connection: Any,
        sql: Statements,
        events: Sequence[EventRow],
        texts: Sequence[TextRow],
        definitions: Sequence[DefinitionRow],
    ) -> None:
        """Write events of `@workspace` with what belongs to them. Raises `RevisionLost`."""
        ...

    def put_leaving(self, connection: Any, sql: Statements, event: EventRow) -> None:
        """Write an event of `@workspace` that something leaves the house. Raises `RevisionLost`."""
        ...

    def withdraw(self, connection: Any, sql: Statements, contents: Sequence[tuple[str, str]]) -> None:
        """Delete contents, (key, kind) each, that an event written in the open transaction withdraws."""
        ...

    def after_withdrawal(self, connection: Any) -> None:
        """Leave nothing of what was deleted in files beside the database, as far as others allow it now."""
        ...

    def lock_plan(self, connection: Any, plan: str) -> None:
        """Let nobody else write a plan until the open transaction ends."""
        ...

    # what went wrong

    def unusable(self, error: Exception, doubt: Doubt | None = None) -> StorageUnusable:
        """Say in our words what the driver's *error* means.

        Args:
            error: Of the driver, or of SQLAlchemy while tables are made or changed.
            doubt: What was being written.
        """
        ...
