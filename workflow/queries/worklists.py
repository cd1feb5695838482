"""Lists of work that leave the house: everything owed, whole and without what is confidential."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from workflow import audit
from workflow.decide.dossiers import confidential_in
from workflow.language.definition import Text
from workflow.queries.awaiting import Awaiting
from workflow.views.plans import Owed

_PAGE = 1000


@dataclass(frozen=True)
class PlanStamp:
    """What a list says of a plan beside its work: its title, its revision, when that was recorded."""

    title: Text
    revision: int
    recorded_at: datetime
    confidential: frozenset[str] | None


@dataclass(frozen=True)
class WorkList:
    """Work owed, by due day.

    Attributes:
        plans: The plans whose work it is, by id.
        left_out: So many items are confidential.
    """

    items: tuple[Owed, ...]
    plans: dict[str, PlanStamp]
    left_out: int


class WorkLists(Awaiting):
    """Questions whose answers go into a file."""

    def work_list(
        self,
        *,
        until: date | None = None,
        unit: str | None = None,
        person: str | None = None,
        late: bool = False,
        on: date | None = None,
        waiting: bool = False,
    ) -> WorkList:
        """All that is owed, as `due` finds it, but for confidential plans and steps.

        Args:
            waiting: What is waited for, as `waiting` finds it, instead.
        """
        plans: dict[str, PlanStamp] = {}
        shown: list[Owed] = []
        left_out = 0
        items = self._all_owed(until, unit, person, late, on)
        if waiting:
            items = iter(self.waiting(unit=unit, person=person, late=late, on=on, limit=sys.maxsize))
        for item in items:
            if item.plan not in plans:
                plans[item.plan] = self._stamp(item.plan)
            hidden = plans[item.plan].confidential
            if hidden is None or item.step in hidden:
                left_out += 1
            else:
                shown.append(item)
        return WorkList(tuple(shown), plans, left_out)

    def _all_owed(
        self, until: date | None, unit: str | None, person: str | None, late: bool, on: date | None
    ) -> Iterator[Owed]:
        after = ""
        while items := self.due(until=until, unit=unit, person=person, late=late, on=on, after=after, limit=_PAGE):
            yield from items
            after = items[-1].cursor

    def _stamp(self, plan: str) -> PlanStamp:
        row = self.require_plan(plan)
        process = self.process_of(row.definition)
        newest = next(iter(self.store.events(plan, after=row.revision - 1, limit=1)))
        named = self.store.texts([row.title]).get(row.title) if row.title else None
        return PlanStamp(
            title=Text(vi=named) if named else process.definition.title,
            revision=row.revision,
            recorded_at=audit.event_of(newest.body).recorded_at,
            confidential=None if process.definition.confidential else confidential_in(process),
        )
