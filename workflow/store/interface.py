"""What the engine asks of a store: rows in, rows out, in the engine's own words.

Two stores obey this contract: `memory` and `sql` (SQLite, PostgreSQL by URL). Rows are frozen
values; every list is paged by key. The store knows no rule of plans; it guards the revision, the
chain's order and append-only events.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from workflow.names import UNDATED, DueKey
from workflow.store.effects import EffectRow, EffectStore
from workflow.store.seals import SealStore
from workflow.store.sweeps import SweepStore
from workflow.store.trails import AboutRow, TrailStore, about_rows


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as stored. `body` are the canonical bytes exactly as hashed.

    Attributes:
        occurred_on: ISO day.
        recorded_at: ISO instant, UTC, microseconds, ending in `Z`.
        previous: 32 raw bytes, zeros for the first event of a chain.
        hash: SHA-256(previous ‖ body), 32 raw bytes.
    """

    plan: str
    seq: int
    type: str
    occurred_on: str
    recorded_at: str
    actor: str | None
    request_id: str | None
    previous: bytes
    hash: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class PlanRow:
    """The projection of one plan; `state` is `PlanState.as_data()` as JSON bytes.

    `title` is the key of a text in `content` (hex), or None where the definition's title counts.
    `head` is the hash of the newest event. `latest_on` is the day of the newest fact. `wakes_on` is the ISO
    day on which the plan next does something by itself, `reminds_on` the first on which somebody may have to
    be reminded; None for never.
    """

    id: str
    definition: str
    definition_id: str
    definition_version: int
    status: str
    stage: str
    revision: int
    title: str | None
    head: bytes
    latest_on: str
    state: bytes
    wakes_on: str | None = None
    reminds_on: str | None = None


@dataclass(frozen=True, slots=True)
class WorkItemRow:
    """Something owed; primary key (plan, step, round, key). `title_vi`/`title_en`: what is owed.

    `asked_by` is who waits for it while it is open, where that is another than who owes it.
    """

    plan: str
    step: str
    round: int
    key: str
    title_vi: str
    title_en: str | None
    owner: str | None
    due_on: str | None
    done_on: str | None
    open: bool
    asked_by: str | None = None

    def concerns(self, owners: Sequence[str] | None, askers: Sequence[str] | None) -> bool:
        """True if `Store.due` gives it for these: where neither is given, for anybody."""
        if askers is not None:
            return self.asked_by in askers if askers else self.asked_by is not None
        return owners is None or self.owner in owners


def due_key(item: WorkItemRow) -> DueKey:
    """Return the key by which lists of work owed are ordered and paged."""
    return item.due_on or UNDATED, item.plan, item.step, item.round, item.key


@dataclass(frozen=True, slots=True)
class DefinitionRow:
    """A definition's canonical JSON bytes by their SHA-256 (hex)."""

    hash: str
    id: str
    version: int
    body: bytes

    @property
    def intact(self) -> bool:
        """True if the bytes have the hash under which they are kept."""
        return isinstance(self.body, bytes) and hashlib.sha256(self.body).hexdigest() == self.hash


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text outside the hashed bytes: `key` is the hex SHA-256 of salt ‖ UTF-8 text."""

    key: str
    salt: bytes
    text: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A file handed in with an event: primary key (plan, seq, position); bytes by `sha256` (hex).

    `name` is the key of a text in `content`.
    """

    plan: str
    seq: int
    position: int
    sha256: str
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number that was given: primary key (series, year, number); never changed, never removed.

    `seq` is the event of `plan` that gave it, `document` the one that got it, None for the plan itself.
    """

    series: str
    year: int
    number: int
    plan: str
    seq: int
    document: str | None


@dataclass(frozen=True)
class PlanChange:
    """All that one command writes for one plan, in one transaction.

    Attributes:
        plan: The row after the command.
        expected: The revision the command started from; 0 for a new plan.
        events: In order, linked; the first has seq `expected + 1`.
        work_items: Rows to insert or replace.
        gone_items: Primary keys (step, round, key) to delete.
        numbers: Numbers given with the events.
        files: SHA-256 (hex) to the file's bytes in pieces, read once, for files not stored yet.
        withdrawn: Contents that are gone when it is written: (key, kind), kind being `text` or `file`. An event of
            the change says so, and a database may look for that.
    """

    plan: PlanRow
    expected: int
    events: tuple[EventRow, ...]
    work_items: tuple[WorkItemRow, ...] = ()
    gone_items: tuple[tuple[str, int, str], ...] = ()
    texts: tuple[TextRow, ...] = ()
    documents: tuple[DocumentRow, ...] = ()
    files: tuple[tuple[str, Iterable[bytes]], ...] = ()
    effects: tuple[EffectRow, ...] = ()
    numbers: tuple[NumberRow, ...] = ()
    withdrawn: tuple[tuple[str, str], ...] = ()

    @cached_property
    def about(self) -> tuple[AboutRow, ...]:
        """What the events are about."""
        return tuple(about_rows(self.events))


class NumberTaken(Exception):
    """A number was given to somebody else in between; nothing was written."""


class RevisionLost(Exception):
    """The plan is no longer at the expected revision; nothing was written."""


class Store(EffectStore, SealStore, SweepStore, TrailStore, Protocol):
    """A store of plans, events and what belongs to them.

    Methods raise `errors.StorageUnusable` where the database cannot be used (no right, disk full,
    not ours, newer version), never a driver's exception.
    """

    def close(self) -> None: ...

    # one plan
    def plan(self, plan: str) -> PlanRow | None: ...
    def write(self, change: PlanChange) -> None:
        """Write all of *change* or nothing. Raises `RevisionLost` or `NumberTaken`."""
        ...

    def events(self, plan: str, after: int = 0, limit: int | None = None) -> Iterator[EventRow]:
        """The plan's chain in order, from the event behind seq *after* on."""
        ...

    def event(self, plan: str, seq: int) -> EventRow | None: ...
    def request(self, request_id: str) -> Sequence[EventRow]:
        """The events that a command with this request id made, in order."""
        ...

    def work_items(self, plan: str) -> Sequence[WorkItemRow]:
        """All rows of one plan, ordered by (step, round, key)."""
        ...

    def documents(self, plan: str) -> Sequence[DocumentRow]: ...
    def text(self, key: str) -> TextRow | None: ...
    def texts(self, keys: Sequence[str]) -> dict[str, str]: ...
    def file(self, sha256: str) -> Iterator[bytes]: ...
    def has_file(self, sha256: str) -> bool: ...

    # numbers
    def number(self, series: str, year: int, number: int) -> NumberRow | None: ...
    def last_number(self, series: str, year: int) -> int:
        """The greatest number given in a series and year, 0 where there is none."""
        ...

    def numbers_of(self, plan: str) -> Sequence[NumberRow]:
        """The numbers that a plan gave, ordered by (series, year, number)."""
        ...

    def numbers(
        self,
        *,
        series: str | None = None,
        year: int | None = None,
        after: tuple[str, int, int] | None = None,
        limit: int = 1000,
    ) -> Sequence[NumberRow]:
        """Numbers ordered by (series, year, number), from the one behind the key *after* on."""
        ...

    # lists, paged by key
    def plans(
        self, *, status: str | None = None, stage: str | None = None, type: str = "", after: str = "", limit: int = 1000
    ) -> Sequence[PlanRow]:
        """Plans ordered by id, from the one behind id *after* on; with *type* those that have such an event."""
        ...

    def awake(
        self, until: str, *, reminds: bool = False, after: tuple[str, str] = ("", ""), limit: int = 1000
    ) -> Sequence[PlanRow]:
        """Plans whose `wakes_on` (`reminds_on` for *reminds*) is the ISO day *until* or earlier.

        Ordered by (that day, id), from the one behind *after* on.
        """
        ...

    def due(
        self,
        *,
        until: str | None = None,
        owners: Sequence[str] | None = None,
        askers: Sequence[str] | None = None,
        after: DueKey | None = None,
        limit: int = 1000,
    ) -> Sequence[WorkItemRow]:
        """Open items ordered by (due_on, plan, step, round, key); undated ones last (as `9999-99-99`).

        Items of suspended, cancelled and finished plans are left out. *until* is an inclusive ISO day
        (then undated items are left out); *after* is the last row's key for paging.

        Args:
            owners: Only what these owe.
            askers: Only what these wait for, or anybody does where there are none in it; not beside *owners*.
        """
        ...

    # the workspace
    def definitions(self) -> Sequence[DefinitionRow]: ...
    def definition(self, hash: str) -> DefinitionRow | None: ...
    def definition_version(self, id: str, version: int) -> DefinitionRow | None: ...
    def workspace_head(self) -> EventRow | None:
        """The newest event of the `@workspace` chain."""
        ...

    def latest_workspace_event(self, type: str, before: int | None = None) -> EventRow | None:
        """The newest `@workspace` event of this type (people_loaded …), of those before seq *before*."""
        ...

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
        """Append to the `@workspace` chain, and replace effects as they were by what they become.

        *withdrawn* contents, as in `PlanChange`, are gone afterwards.

        Raises `RevisionLost` if the chain's head moved in between, `EffectMoved` if an effect did.
        """
        ...

    def record_leaving(self, event: EventRow) -> None:
        """Append one event to the `@workspace` chain: `exported` or `bundled`, flat data without texts.

        It is what somebody can do on a server who may write nothing else. Raises `RevisionLost` if the head moved.
        """
        ...

    def chains(self, after: str = "", limit: int = 1000) -> Sequence[tuple[str, int, bytes]]:
        """(chain, last seq, last hash) of every chain ordered by id, `@workspace` among them."""
        ...

    def append_only(self) -> bool:
        """True while the store itself refuses to change or remove an event or a seal."""
        ...

    # the database itself
    def storage_settings(self) -> dict[str, str]:
        """The settings by which something that was reported as written could be lost, with their values."""
        ...

    def server_time(self) -> str | None:
        """The database server's clock as an ISO instant; None where there is no other than this machine's."""
        ...

    def latest_recorded(self) -> str | None:
        """The latest instant at which any event was recorded."""
        ...

    def rebuild(self, plan: PlanRow, work_items: Sequence[WorkItemRow]) -> None:
        """Replace one plan's projection with the rows that replay gives."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """A consistent view for several reads (one read transaction)."""
        ...

    def turn(self, name: str) -> AbstractContextManager[None]:
        """Wait for one's turn at a plan, or at another *name* beginning with `@`; it ends with the next write.

        For who has lost an attempt and tries again: read, decide and write inside.
        """
        ...

    def session_user(self) -> str | None:
        """The name that the database's server has for this session; None where it asks nobody for a name."""
        ...
