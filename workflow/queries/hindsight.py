"""A store as it was: what was known at an instant, of what had happened by a day. Reads only.

Questions run over it as over the store itself. Plans on which nothing happened since are read as they are stored;
of all others the rows are made anew from the beginning of their chains. `known` asks when a thing was recorded, `on`
when it happened, corrections since applied; both may be given.
"""

from __future__ import annotations

import heapq
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import islice, takewhile
from typing import Any

from workflow import audit
from workflow.errors import IntegrityBroken, PluginFailed, WorkflowError
from workflow.messages import DEFINITION_ADDED
from workflow.names import DueKey
from workflow.plan.state import ACTIVE, PlanState, fold
from workflow.processes import Processes
from workflow.projection import plan_row, work_items
from workflow.queries.bygone import facts_by
from workflow.store.interface import (
    DefinitionRow,
    DocumentRow,
    EventRow,
    PlanRow,
    Store,
    WorkItemRow,
    due_key,
)

_PAGE = 1000
_KEPT = 64 * 1024 * 1024
"""So many bytes of plans that were made anew are kept, packed: some ten thousand plans; more are made twice."""


@dataclass(frozen=True, slots=True)
class _Was:
    """A plan as it was: its row without the state, and that packed; no state where it is as it is stored."""

    bare: PlanRow
    packed: bytes | None = None

    @classmethod
    def of(cls, row: PlanRow) -> _Was:
        return cls(replace(row, state=b""), zlib.compress(row.state, 1))

    @property
    def row(self) -> PlanRow:
        return self.bare if self.packed is None else replace(self.bare, state=zlib.decompress(self.packed))


@dataclass
class _Index:
    """What lists of work go through: of every plan that was otherwise than it is stored."""

    otherwise: set[str] = field(default_factory=set)
    items: list[tuple[DueKey, WorkItemRow]] = field(default_factory=list)
    wakes: dict[bool, list[tuple[str, str]]] = field(default_factory=lambda: {False: [], True: []})


class PastStore:
    """The reading half of `interface.Store`, as of *known* (an ISO instant) and true on *on*; None: as it is now.

    Attributes:
        failed: Plans that a list had to leave out, with what kept them from being worked out.
    """

    def __init__(self, store: Store, known: str | None, on: date | None, processes: Callable[[], Processes]) -> None:
        self._store = store
        self._known = known
        self._on = on
        self._processes = processes
        self._made: dict[str, _Was] = {}
        self._kept = 0
        self._places: dict[str, tuple[str, str] | None] = {}
        self._index: _Index | None = None
        self.failed: dict[str, WorkflowError] = {}
        self.text = store.text
        self.texts = store.texts
        self.file = store.file
        self.has_file = store.has_file
        self.definition = store.definition
        self.session_user = store.session_user

    def snapshot(self) -> AbstractContextManager[None]:
        """A consistent view for several reads."""
        return self._store.snapshot()

    # one plan

    def plan(self, plan: str) -> PlanRow | None:
        """The plan's row as it was; None if there was none yet."""
        stored = self._store.plan(plan)
        was = self._was(stored) if stored is not None else None
        return was.row if was is not None else None

    def events(self, plan: str, after: int = 0, limit: int | None = None) -> Iterator[EventRow]:
        """The plan's chain in order, as far as it was known."""
        return takewhile(self._is_known, self._store.events(plan, after=after, limit=limit))

    def event(self, plan: str, seq: int) -> EventRow | None:
        """One event, if it was known."""
        found = self._store.event(plan, seq)
        return found if found is not None and self._is_known(found) else None

    def work_items(self, plan: str) -> Sequence[WorkItemRow]:
        """All rows of one plan as they were, ordered by (step, round, key)."""
        stored = self._store.plan(plan)
        was = self._was(stored) if stored is not None else None
        if was is None:
            return ()
        return self._store.work_items(plan) if was.packed is None else self._items(was)

    def documents(self, plan: str) -> Sequence[DocumentRow]:
        """What had been handed in."""
        seqs = {row.seq for row in self.events(plan) if self._on is None or row.occurred_on <= self._on.isoformat()}
        return [row for row in self._store.documents(plan) if row.seq in seqs]

    # lists

    def plans(
        self,
        *,
        status: str | None = None,
        stage: str | None = None,
        type: str = "",
        after: str = "",
        limit: int = _PAGE,
    ) -> Sequence[PlanRow]:
        """Plans as they were, ordered by id."""
        wanted = (status, stage)
        return list(islice(self._plans(wanted, type, after), limit))

    def _plans(self, wanted: tuple[str | None, str | None], type_: str, after: str) -> Iterator[PlanRow]:
        # Only what has such an event now can have had one then; what stage it was in has to be worked out.
        while rows := self._store.plans(type=type_, after=after, limit=_PAGE):
            for stored in rows:
                was = self._was_in(stored, wanted)
                if was is not None and (not type_ or any(event.type == type_ for event in self.events(stored.id))):
                    yield was.row
            after = rows[-1].id

    def _was_in(self, stored: PlanRow, wanted: tuple[str | None, str | None]) -> _Was | None:
        """The plan as it was, if it was in the state and stage that are wanted; one that fails is left out."""
        if stored.id not in self._places:
            was = self._was_if_possible(stored)
            self._places[stored.id] = (was.bare.status, was.bare.stage) if was is not None else None
        place = self._places[stored.id]
        if place is None or any(name not in (None, is_) for name, is_ in zip(wanted, place, strict=True)):
            return None
        return self._was_if_possible(stored)

    def awake(
        self, until: str, *, reminds: bool = False, after: tuple[str, str] = ("", ""), limit: int = _PAGE
    ) -> Sequence[PlanRow]:
        """Plans that woke, or may have reminded, on the day *until* or before, by (day, id)."""
        index = self._indexed()
        days = index.wakes[reminds]
        own = days[bisect_right(days, after) : bisect_right(days, (until, "\U0010ffff"))]
        merged = heapq.merge(own, self._awake_still(index, until, reminds, after))
        found = (self.plan(id_) for _, id_ in islice(merged, limit))
        return [row for row in found if row is not None]

    def _awake_still(
        self, index: _Index, until: str, reminds: bool, after: tuple[str, str]
    ) -> Iterator[tuple[str, str]]:
        while rows := self._store.awake(until, reminds=reminds, after=after, limit=_PAGE):
            days = [((row.reminds_on if reminds else row.wakes_on) or "", row.id) for row in rows]
            yield from (each for each in days if each[1] not in index.otherwise)
            after = days[-1]

    def due(
        self,
        *,
        until: str | None = None,
        owners: Sequence[str] | None = None,
        askers: Sequence[str] | None = None,
        after: DueKey | None = None,
        limit: int = _PAGE,
    ) -> Sequence[WorkItemRow]:
        """Open items of plans that were active, by due day, undated ones last."""
        index = self._indexed()
        begin = bisect_right(index.items, after, key=lambda each: each[0]) if after is not None else 0
        end = len(index.items)
        if until is not None:
            end = bisect_left(index.items, (until + "~",), key=lambda each: each[0])
        own = (item for _, item in islice(index.items, begin, end) if item.concerns(owners, askers))
        asked = partial(self._store.due, until=until, owners=owners, askers=askers)
        stored = self._due_still(index, asked, after, limit)
        return list(islice(heapq.merge(own, stored, key=due_key), limit))

    def _due_still(
        self, index: _Index, asked: Callable[..., Sequence[WorkItemRow]], after: DueKey | None, limit: int
    ) -> Iterator[WorkItemRow]:
        while rows := asked(after=after, limit=max(limit, _PAGE)):
            yield from (row for row in rows if row.plan not in index.otherwise)
            after = due_key(rows[-1])

    def _indexed(self) -> _Index:
        """Go through all plans once; no longer than that are those kept that were otherwise."""
        if self._index is None:
            index, after = _Index(), ""
            while rows := self._store.plans(after=after, limit=_PAGE):
                for stored in rows:
                    self._enter(index, stored)
                after = rows[-1].id
            index.items.sort(key=lambda each: each[0])
            for days in index.wakes.values():
                days.sort()
            self._index = index
        return self._index

    def _enter(self, index: _Index, stored: PlanRow) -> None:
        was = self._was_if_possible(stored)
        if was is not None and was.packed is None:
            return
        index.otherwise.add(stored.id)
        if was is None:
            return
        if was.bare.status == ACTIVE:
            index.items += [(due_key(item), item) for item in self._items(was) if item.open]
        for reminds, day in ((False, was.bare.wakes_on), (True, was.bare.reminds_on)):
            if day is not None:
                index.wakes[reminds].append((day, stored.id))

    # the workspace

    def definitions(self) -> Sequence[DefinitionRow]:
        """The definitions that had been taken in, ordered by (id, version)."""
        known = set(self._definitions_known())
        return [row for row in self._store.definitions() if row.hash in known]

    def definition_version(self, id: str, version: int) -> DefinitionRow | None:
        """The definition with this id and version, if it had been taken in."""
        return next((row for row in self.definitions() if (row.id, row.version) == (id, version)), None)

    def _definitions_known(self) -> Iterator[str]:
        event = self.latest_workspace_event(DEFINITION_ADDED)
        while event is not None:
            if self._on is None or event.occurred_on <= self._on.isoformat():
                yield _data(event)["hash"]
            event = self.latest_workspace_event(DEFINITION_ADDED, before=event.seq)

    def latest_workspace_event(self, type: str, before: int | None = None) -> EventRow | None:
        """The newest `@workspace` event of this type that was known."""
        event = self._store.latest_workspace_event(type, before)
        while event is not None and not self._is_known(event):
            event = self._store.latest_workspace_event(type, before=event.seq)
        return event

    # how a plan was

    def _is_known(self, event: EventRow) -> bool:
        return self._known is None or event.recorded_at <= self._known

    def _was_if_possible(self, stored: PlanRow) -> _Was | None:
        try:
            return self._was(stored)
        except PluginFailed as error:
            # One plan that a plugin keeps from being worked out must not hide the others.
            self.failed[stored.id] = error
            return None

    def _was(self, stored: PlanRow) -> _Was | None:
        if stored.id not in self._made:
            if self._is_as_stored(stored):
                return _Was(stored)
            was = self._made_anew(stored)
            if was is None:
                return None
            self._keep(was)
            return was
        return self._made[stored.id]

    def _keep(self, was: _Was) -> None:
        self._made[was.bare.id] = was
        self._kept += len(was.packed or b"")
        while self._kept > _KEPT:
            self._kept -= len(self._made.pop(next(iter(self._made))).packed or b"")

    def _is_as_stored(self, stored: PlanRow) -> bool:
        if self._on is not None and stored.latest_on > self._on.isoformat():
            return False
        newest = self._store.event(stored.id, stored.revision) if self._known is not None else None
        return self._known is None or (newest is not None and self._is_known(newest))

    def _made_anew(self, stored: PlanRow) -> _Was | None:
        rows = list(self.events(stored.id))
        if not rows:
            return None
        try:
            events = [audit.event_of(row.body) for row in rows]
            evolve = self._processes().pinned(events[0].definition or stored.definition).evolve_step
            if self._on is None:
                state = fold(events, evolve)
            else:
                state = facts_by(stored.id, events, self._on, evolve)
        except (ValueError, LookupError) as error:
            raise IntegrityBroken(
                "what {plan} was cannot be worked out from its events",
                hint="`workflow audit verify {plan}` tells what differs",
                plan=stored.id,
            ) from error
        if state is None:
            return None
        process = self._processes().pinned(state.definition)
        # The revision is that of what is known: on it one would have to build.
        return _Was.of(replace(plan_row(state, process, rows[-1].hash), revision=rows[-1].seq))

    def _items(self, was: _Was) -> list[WorkItemRow]:
        state = PlanState.from_data(audit.from_stored(was.row.state))
        owed = work_items(state, self._processes().pinned(state.definition))
        return [owed[key] for key in sorted(owed)]


def _data(event: EventRow) -> Mapping[str, Any]:
    return audit.event_of(event.body).data
