"""How much is owed, by whom; what somebody handed on and waits for; what waits for a decision. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice

from workflow.messages import EXTENSION_ASKED
from workflow.names import DueKey, require_cursor
from workflow.plan.state import ACTIVE
from workflow.queries.laterdays import later_days
from workflow.queries.overview import WITHIN
from workflow.queries.queries import Known, Queries
from workflow.queries.steptables import StepTables
from workflow.store.interface import WorkItemRow, due_key
from workflow.views.plans import Owed
from workflow.views.worklists import Counts, LaterDay, Load

_PAGE = 1000
COUNTED = 2000
"""So many work items are counted beside a page of them."""


class Awaiting(Queries, StepTables):
    """Questions about lists of work."""

    def due_counts(
        self,
        *,
        until: date | None = None,
        unit: str | None = None,
        person: str | None = None,
        within: int = WITHIN,
        on: date | None = None,
    ) -> Counts:
        """How much `due` would list; with a unit or person, how much they wait for too.

        It stands beside each page, and so must not grow with all there is: of more than `COUNTED` items only the
        first are counted.

        Args:
            within: Due within so many days is due soon.
        """
        day, known = on or self.today(), Known()
        owners = self._owners(unit, person, day)
        last = until.isoformat() if until else None
        rows = self._rows(day, owners=owners, until=last)
        kinds = Counter(self._kind(row, day, within, known) for row in islice(rows, COUNTED))
        more, waiting = next(rows, None) is not None, None
        if owners is not None:
            awaited = self._awaited(day, owners)
            waiting = sum(1 for _ in islice(awaited, COUNTED))
            more = more or next(awaited, None) is not None
        return Counts(waiting=waiting, more=more, **kinds)

    def waiting(
        self,
        *,
        unit: str | None = None,
        person: str | None = None,
        late: bool = False,
        on: date | None = None,
        after: str = "",
        limit: int = _PAGE,
    ) -> tuple[Owed, ...]:
        """What a unit or person handed on and others owe them, by due day; what anybody did where none is named.

        A task that was handed in waits for whoever accepts it, a body that was asked is waited for
        by whoever leads the step, and so on: `WorkItem.asked_by`.
        """
        day, known = on or self.today(), Known()
        behind = require_cursor(after) if after else None
        found: list[Owed] = []
        for row in self._awaited(day, self._owners(unit, person, day), after=behind, at_once=min(limit, _PAGE)):
            asker = row.asked_by
            name = self.register.name(asker) if asker else None
            owed = replace(self._owed(row, day, known), asked_by=asker, asked_by_name=name)
            if owed.late or not late:
                found.append(owed)
            if len(found) >= limit:
                break
        return tuple(found)

    def waiting_counts(
        self,
        *,
        unit: str | None = None,
        person: str | None = None,
        late: bool = False,
        on: date | None = None,
    ) -> Counts:
        """How much `waiting` would list on all its pages, and how much of it is late; of no more than is counted.

        Args:
            late: Only what is late.
        """
        day, known = on or self.today(), Known()
        rows = self._awaited(day, self._owners(unit, person, day))
        judged = [self._judged(row, day, known).late for row in islice(rows, COUNTED)]
        behind = sum(judged)
        return Counts(late=behind, waiting=behind if late else len(judged), more=next(rows, None) is not None)

    def to_decide(
        self, *, unit: str | None = None, person: str | None = None, on: date | None = None
    ) -> tuple[LaterDay, ...]:
        """The requests for later days on which a unit or person decides; all of them where none is named."""
        day = on or self.today()
        owners = self._owners(unit, person, day)
        if owners is not None and unit is not None:
            owners += [name for name, office in self.register.offices.items() if office.unit in owners]
        found = [asked for asked in self._later_days(day) if _decided_by(asked, owners)]
        return tuple(sorted(found, key=lambda asked: (asked.on, asked.plan, asked.seq)))

    def due_by_unit(self, *, within: int = WITHIN, on: date | None = None) -> tuple[Load, ...]:
        """What every unit owes and waits for, in the register's order; last what nobody owes."""
        day, known = on or self.today(), Known()
        kinds: dict[str | None, Counter[str]] = {}
        for row in self._rows(day):
            kinds.setdefault(self._unit_of(row.owner), Counter())[self._kind(row, day, within, known)] += 1
            if row.asked_by is not None:
                kinds.setdefault(self._unit_of(row.asked_by), Counter())["waiting"] += 1
        order = {name: place for place, name in enumerate(self.register.units)}
        return tuple(
            Load(unit, self.register.name(unit) if unit else None, Counts(**{"waiting": 0, **kinds[unit]}))
            for unit in sorted(kinds, key=lambda unit: (unit is None, order.get(unit or "", len(order)), unit or ""))
        )

    def _rows(
        self,
        day: date,
        *,
        owners: list[str] | None = None,
        askers: Sequence[str] | None = None,
        until: str | None = None,
        after: DueKey | None = None,
        at_once: int = _PAGE,
    ) -> Iterator[WorkItemRow]:
        while rows := self.due_on(day, until=until, owners=owners, askers=askers, after=after, limit=at_once):
            yield from rows
            after = due_key(rows[-1])

    def _kind(self, row: WorkItemRow, day: date, within: int, known: Known) -> str:
        if row.due_on is None:
            return "undated"
        if row.due_on <= day.isoformat():
            return "late" if self._judged(row, day, known).late else "soon"
        return "soon" if row.due_on <= (day + timedelta(days=within)).isoformat() else "later"

    def _awaited(
        self, day: date, askers: list[str] | None, after: DueKey | None = None, at_once: int = _PAGE
    ) -> Iterator[WorkItemRow]:
        """Open items that others owe to *askers*, or to anybody where none are named."""
        own, rows = set(askers or ()), self._rows(day, askers=askers or (), after=after, at_once=at_once)
        return (row for row in rows if row.owner not in own)

    def _unit_of(self, owner: str | None) -> str | None:
        if owner is None or owner in self.register.units:
            return owner
        if owner in self.register.offices:
            return self.register.offices[owner].unit or owner
        if owner in self.register.persons:
            return self.register.persons[owner].unit or owner
        return owner

    def _later_days(self, day: date) -> Iterator[LaterDay]:
        after = ""
        while rows := self.store.plans(status=ACTIVE, type=EXTENSION_ASKED, after=after, limit=_PAGE):
            for row in rows:
                state = self.state_on_or_stored(row, day)
                if state.asked:
                    yield from later_days(state, self.process_of(state.definition), self.register.name)
            after = rows[-1].id


def _decided_by(asked: LaterDay, owners: list[str] | None) -> bool:
    return owners is None or not asked.who or bool(set(asked.who) & set(owners))
