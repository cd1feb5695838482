"""Plans as they are on a day, with what they did by themselves and nobody recorded yet. Reads only.

Nobody has to run anything for an answer to be right: the few plans that have woken by the day asked about
are caught up in memory, and all others are read as they are stored.
"""

from __future__ import annotations

import heapq
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from itertools import islice

from workflow.clock import local_day
from workflow.decide.ledger import Ledger
from workflow.decide.situation import Situation
from workflow.decide.transfers import pass_to_successors
from workflow.decide.waking import catch_up
from workflow.errors import WorkflowError
from workflow.names import UNDATED, DueKey
from workflow.plan.state import ACTIVE, PlanState
from workflow.projection import work_items
from workflow.queries.lookup import Lookup
from workflow.store.interface import PlanRow, WorkItemRow, due_key

_PAGE = 1000


class CaughtUp(Lookup):
    """Reads of plans that may have something to do by themselves."""

    @cached_property
    def _caught_up(self) -> dict[str, tuple[bytes, date, PlanState]]:
        return {}

    def state_on(self, row: PlanRow, day: date) -> PlanState:
        """The plan's state with all that it did by itself up to *day*.

        Raises:
            PluginFailed: If a plugin that it needs for that is missing, or fails.
        """
        if not isinstance(row.wakes_on, str) or row.wakes_on > day.isoformat():
            return self.state_of(row)
        kept = self._caught_up.get(row.id)
        if kept is not None and kept[:2] == (row.state, day):
            return kept[2]
        process, now = self.process_of(row.definition), self.clock.now()
        situation = Situation(
            process=process,
            register=self.register,
            people_version=self.people_version,
            now=now,
            today=max(local_day(now), day),
            on=day,
            clock=self.clock.name,
            salts=iter(lambda: secrets.token_bytes(16), b""),
        )
        ledger = Ledger(row.id, self.state_of(row), situation)
        catch_up(ledger, situation, alone=True, to_look=True)
        if ledger.current.status == ACTIVE:
            pass_to_successors(ledger, situation, by=day)
        self._caught_up[row.id] = (row.state, day, ledger.current)
        return ledger.current

    def state_on_or_stored(self, row: PlanRow, day: date) -> PlanState:
        """The plan's state on *day*; in a list a plan that a plugin keeps from being judged stands as it is stored."""
        try:
            return self.state_on(row, day)
        except WorkflowError:
            return self.state_of(row)

    def items_on(self, row: PlanRow, day: date) -> Sequence[WorkItemRow]:
        """All work items of a plan as they are on *day*, ordered by (step, round, key)."""
        state = self.state_on(row, day)
        if state is self.state_of(row):
            return self.store.work_items(row.id)
        found = work_items(state, self.process_of(row.definition))
        return [found[key] for key in sorted(found)]

    def due_on(
        self,
        day: date,
        *,
        until: str | None,
        owners: Sequence[str] | None = None,
        askers: Sequence[str] | None = None,
        after: DueKey | None,
        limit: int,
    ) -> Sequence[WorkItemRow]:
        """Open items as `Store.due` has them, those among them that began by *day* and nobody recorded."""
        fresh: dict[str, Sequence[WorkItemRow]] = dict(self._fresh(day))
        asked = partial(self.store.due, until=until, owners=owners, askers=askers)
        if not fresh:
            return asked(after=after, limit=limit)
        stored = _stored(asked, fresh, after, limit)
        new = sorted(
            (
                item
                for items in fresh.values()
                for item in items
                if item.open
                and item.concerns(owners, askers)
                and (until is None or (item.due_on or UNDATED) <= until)
                and (after is None or due_key(item) > after)
            ),
            key=due_key,
        )
        return tuple(islice(heapq.merge(stored, new, key=due_key), limit))

    def _fresh(self, day: date) -> Iterator[tuple[str, Sequence[WorkItemRow]]]:
        """The plans that have woken by *day*, with what is owed on them then."""
        for row in self.awake(day):
            try:
                state = self.state_on(row, day)
                items = self.items_on(row, day)
            except WorkflowError:
                # What is stored of it is shown; `tick` and `doctor` name it.
                continue
            yield row.id, items if state.status == ACTIVE else ()

    def awake(self, day: date, *, reminds: bool = False) -> Iterator[PlanRow]:
        """Yield the plans that have something to do by themselves by *day*, page by page."""
        after = ("", "")
        while rows := self.store.awake(day.isoformat(), reminds=reminds, after=after, limit=_PAGE):
            yield from rows
            after = ((rows[-1].reminds_on if reminds else rows[-1].wakes_on) or "", rows[-1].id)


def _stored(
    asked: Callable[..., Sequence[WorkItemRow]], without: Mapping[str, object], after: DueKey | None, limit: int
) -> Iterator[WorkItemRow]:
    while rows := asked(after=after, limit=limit):
        yield from (row for row in rows if row.plan not in without)
        after = due_key(rows[-1])
