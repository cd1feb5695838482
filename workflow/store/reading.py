"""The reading half of the store on a database. A read is one query or a few in one snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from workflow.errors import NotFound
from workflow.messages import WORKSPACE_CHAIN
from workflow.names import UNDATED, DueKey
from workflow.store.backend import Backend, Doubt
from workflow.store.effects import EffectRow
from workflow.store.interface import (
    DefinitionRow,
    DocumentRow,
    EventRow,
    NumberRow,
    PlanRow,
    TextRow,
    WorkItemRow,
    due_key,
)
from workflow.store.statement import Statement, Whose

if TYPE_CHECKING:
    from workflow.store.statements import Statements

EVENTS_AT_ONCE = 500
TEXTS_AT_ONCE = (1, 8, 100)
_START = ("", "", "", 0, "")
_BEHIND_ALL = 2**31 - 1
"""Behind the seq of any event, and a number that PostgreSQL takes for one."""


class Reading:
    """Reads of `interface.Store`; `SqlStore` adds opening and writing."""

    _backend: Backend
    _sql: Statements

    def snapshot(self) -> AbstractContextManager[None]:
        """A consistent view for several reads."""
        raise TypeError("opened by SqlStore")

    def _translated(self, doubt: Doubt | None = None) -> AbstractContextManager[None]:
        raise TypeError("opened by SqlStore")

    def _reading(self) -> Any:
        """The driver's connection on which this thread reads now."""
        raise TypeError("opened by SqlStore")

    def _is_replaced(self, connection: Any) -> bool:
        """True if *connection* was lost between two commands, and another now stands in its place."""
        raise TypeError("opened by SqlStore")

    def _rows(self, statement: Statement, *values: Any) -> list[Any]:
        with self._translated():
            connection = self._reading()
            try:
                return self._backend.read(connection, statement.text, values + statement.constants)
            except self._backend.Error:
                if not self._is_replaced(connection):
                    raise
            return self._backend.read(self._reading(), statement.text, values + statement.constants)

    def _row(self, statement: Statement, *values: Any) -> Any:
        return next(iter(self._rows(statement, *values)), None)

    # one plan

    def plan(self, plan: str) -> PlanRow | None:
        """The plan's row."""
        row = self._row(self._sql.plan, plan)
        return PlanRow(*row) if row else None

    def events(self, plan: str, after: int = 0, limit: int | None = None) -> Iterator[EventRow]:
        """The plan's chain in order, from the event behind seq *after* on.

        Read page by page, so that an iterator left half-way holds nothing open.
        """
        left = limit
        while left is None or left > 0:
            count = EVENTS_AT_ONCE if left is None else min(left, EVENTS_AT_ONCE)
            page = self._rows(self._sql.events, plan, after, count)
            yield from (EventRow(*row) for row in page)
            if len(page) < count:
                return
            after = page[-1][1]
            left = None if left is None else left - count

    def event(self, plan: str, seq: int) -> EventRow | None:
        """One event."""
        row = self._row(self._sql.event, plan, seq)
        return EventRow(*row) if row else None

    def request(self, request_id: str) -> Sequence[EventRow]:
        """The events that a command with this request id made, in order."""
        return [EventRow(*row) for row in self._rows(self._sql.request, request_id)]

    def work_items(self, plan: str) -> Sequence[WorkItemRow]:
        """All rows of one plan, ordered by (step, round, key)."""
        return [_work_item(row) for row in self._rows(self._sql.work_items, plan)]

    def documents(self, plan: str) -> Sequence[DocumentRow]:
        """The plan's documents, ordered by (seq, position)."""
        return [DocumentRow(*row) for row in self._rows(self._sql.documents, plan)]

    def text(self, key: str) -> TextRow | None:
        """A text with its salt; None if it was withdrawn or never stored."""
        row = self._row(self._sql.content, key, "text", 0)
        return TextRow(key, _bytes(row[0]), _text(row[1])) if row else None

    def texts(self, keys: Sequence[str]) -> dict[str, str]:
        """The texts by key; keys without a text are left out."""
        found: dict[str, str] = {}
        most = TEXTS_AT_ONCE[-1]
        for start in range(0, len(keys), most):
            some = list(keys[start : start + most])
            # A few sizes of statement are enough: the last key fills up the places left.
            size = next(size for size in TEXTS_AT_ONCE if size >= len(some))
            some += some[-1:] * (size - len(some))
            found.update((key, _text(data)) for key, data in self._rows(self._sql.texts(size), *some))
        return found

    def file(self, sha256: str) -> Iterator[bytes]:
        """The file's bytes in pieces.

        Raises:
            NotFound: If the file's bytes are not stored.
        """
        if not self.has_file(sha256):
            raise NotFound("There is no stored file {sha256}.", sha256=sha256)
        return self._pieces(sha256)

    def _pieces(self, sha256: str) -> Iterator[bytes]:
        part = 0
        while (row := self._row(self._sql.content, sha256, "file", part)) is not None:
            yield _bytes(row[1])
            part += 1

    def has_file(self, sha256: str) -> bool:
        """True if the file's bytes are stored."""
        return bool(self._rows(self._sql.has_file, sha256))

    def effects(self, plan: str | None = None) -> Sequence[EffectRow]:
        """The effects of one plan or of all, in the order of their making within each plan."""
        rows = self._rows(self._sql.effects) if plan is None else self._rows(self._sql.effects_of_plan, plan)
        return [EffectRow(*row) for row in rows]

    # numbers

    def number(self, series: str, year: int, number: int) -> NumberRow | None:
        """Whose number it is."""
        row = self._row(self._sql.number, series, year, number)
        return NumberRow(*row) if row else None

    def last_number(self, series: str, year: int) -> int:
        """The greatest number given in a series and year, 0 where there is none."""
        row = self._row(self._sql.last_number, series, year)
        return row[0] if row else 0

    def numbers_of(self, plan: str) -> Sequence[NumberRow]:
        """The numbers that a plan gave."""
        return [NumberRow(*row) for row in self._rows(self._sql.numbers_of, plan)]

    def numbers(
        self,
        *,
        series: str | None = None,
        year: int | None = None,
        after: tuple[str, int, int] | None = None,
        limit: int = 1000,
    ) -> Sequence[NumberRow]:
        """Numbers ordered by key, from the one behind *after* on."""
        by = {name: value for name, value in (("series", series), ("year", year)) if value is not None}
        values = (*by.values(), *(after or ("", 0, 0)), limit)
        return [NumberRow(*row) for row in self._rows(self._sql.numbers(*by), *values)]

    # lists

    def plans(
        self, *, status: str | None = None, stage: str | None = None, type: str = "", after: str = "", limit: int = 1000
    ) -> Sequence[PlanRow]:
        """Plans ordered by id, from the one behind id *after* on; with *type* those that have such an event."""
        by = {name: value for name, value in (("status", status), ("stage", stage)) if value is not None}
        among = (type,) if type else ()
        statement = self._sql.plans(*by, event=bool(type))
        return [PlanRow(*row) for row in self._rows(statement, *by.values(), *among, after, limit)]

    def awake(
        self, until: str, *, reminds: bool = False, after: tuple[str, str] = ("", ""), limit: int = 1000
    ) -> Sequence[PlanRow]:
        """Plans that wake, or may remind, on the day *until* or before, by (day, id)."""
        statement = self._sql.awake("reminds_on" if reminds else "wakes_on")
        return [PlanRow(*row) for row in self._rows(statement, until, *after, limit)]

    def due(
        self,
        *,
        until: str | None = None,
        owners: Sequence[str] | None = None,
        askers: Sequence[str] | None = None,
        after: DueKey | None = None,
        limit: int = 1000,
    ) -> Sequence[WorkItemRow]:
        """Open items of active plans by due day, undated ones last."""
        after = after or _START
        whose: Whose = "" if owners is None else "owner"
        if askers is not None:
            whose = "asked_by" if askers else "anybody"
        named = sorted(set(askers or owners or ())) if whose in ("owner", "asked_by") else None
        with self.snapshot():
            found: list[WorkItemRow] = []
            if after[0] != UNDATED:
                found = self._due(self._sql.due(True, whose), named, (until or UNDATED, *after), limit)
            if until is None and len(found) < limit:
                behind = after[1:] if after[0] == UNDATED else _START[1:]
                found += self._due(self._sql.due(False, whose), named, behind, limit - len(found))
        return found

    def _due(
        self, page: Statement, named: Sequence[str] | None, values: tuple[Any, ...], limit: int
    ) -> list[WorkItemRow]:
        if named is None:
            return [_work_item(row) for row in self._rows(page, *values, limit)]
        # One walk along the index for each of them, each no longer than the page.
        found = [_work_item(row) for one in named for row in self._rows(page, one, *values, limit)]
        found.sort(key=due_key)
        return found[:limit]

    # the workspace

    def definitions(self) -> Sequence[DefinitionRow]:
        """All definitions, ordered by (id, version)."""
        return [DefinitionRow(*row) for row in self._rows(self._sql.definitions)]

    def definition(self, hash: str) -> DefinitionRow | None:
        """The definition with this hash."""
        row = self._row(self._sql.definition, hash)
        return DefinitionRow(*row) if row else None

    def definition_version(self, id: str, version: int) -> DefinitionRow | None:
        """The definition with this id and version."""
        row = self._row(self._sql.definition_version, id, version)
        return DefinitionRow(*row) if row else None

    def workspace_head(self) -> EventRow | None:
        """The newest event of the `@workspace` chain."""
        row = self._row(self._sql.last_event, WORKSPACE_CHAIN)
        return EventRow(*row) if row else None

    def latest_workspace_event(self, type: str, before: int | None = None) -> EventRow | None:
        """The newest `@workspace` event of this type, of those before seq *before*."""
        row = self._row(self._sql.last_event_of_type, type, _BEHIND_ALL if before is None else before)
        return EventRow(*row) if row else None

    def chains(self, after: str = "", limit: int = 1000) -> Sequence[tuple[str, int, bytes]]:
        """(chain, last seq, last hash) of every chain ordered by id."""
        return [(chain, seq, hash) for chain, seq, hash in self._rows(self._sql.chains, after, limit)]

    def append_only(self) -> bool:
        """True while every trigger that guards the events stands as it was made."""
        with self._translated():
            return self._backend.guards_events(self._reading())


def _work_item(row: Any) -> WorkItemRow:
    # A value that is no truth value was put there by hand: verification must see it.
    is_open = {0: False, 1: True}.get(row[-2], row[-2])
    return WorkItemRow(*row[:-2], open=is_open, asked_by=row[-1])


def _text(data: Any) -> str:
    # Replaced rather than refused: a text whose bytes were damaged fails its hash, where it is checked.
    return _bytes(data).decode("utf-8", "replace")


def _bytes(data: Any) -> bytes:
    return data if isinstance(data, bytes) else str(data).encode("utf-8", "surrogatepass")
