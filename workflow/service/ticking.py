"""What plans do by themselves is recorded: on one plan, or on every plan that has something to do.

`workflow tick` and the worker call the same methods, as often as they like and at the same time: each thing
is recorded once, because it stands in the plan's own chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date

from workflow import messages
from workflow.decide.commands import Tick
from workflow.errors import Conflict, InvalidInput, StorageUnusable, WorkflowError
from workflow.messages import Event
from workflow.plan.state import PlanState
from workflow.projection import plan_row, work_items
from workflow.service.timekeeping import Timekeeping
from workflow.store.interface import PlanRow, RevisionLost, WorkItemRow
from workflow.views.plans import Outcome, Write
from workflow.views.ticks import Ticked

_RETRIES = 20
"""How often a plan is tried again when somebody acted on it in between."""


class Ticking(Timekeeping):
    """Commands that nobody has to give."""

    def tick(self, plan: str, write: Write) -> Outcome:
        """Record what a plan did by itself up to the command's day, and remind whom it is time to remind.

        Once more does nothing. Somebody who acts in between is no conflict, unless a revision was asked for.
        """
        # Repeating it changes nothing by itself: no request has to be known again.
        write = replace(write, request_id=None)
        for _ in range(_RETRIES):
            try:
                return self._change(plan, Tick(), "tick", write)
            except Conflict:
                if write.expect is not None:
                    raise
        raise Conflict("{plan} is too busy", hint="try again", plan=plan)

    def tick_plans(self, write: Write, plans: Sequence[str] = ()) -> Iterator[Ticked]:
        """Do so on *plans*, else on every plan that has something to do by the command's day, one after the other.

        A plan on which it fails is told with its error, and the others go on. Nothing is yielded for a plan
        on which there was nothing to do, unless it was named.

        Raises:
            InvalidInput: If what belongs to one plan is asked for many.
            NotFound: If there is no plan of such a name; none is touched then.
            StorageUnusable: If the database cannot be used.
        """
        if write.expect is not None and len(plans) != 1:
            raise InvalidInput(
                "--expect and --request-id belong to one plan", code="one-plan", hint="name it by --plan"
            )
        named = [self.require_plan(plan).id for plan in plans]
        day = write.on or self.today()
        for plan in dict.fromkeys(named or self._with_something_to_do(day)):
            ticked = self._ticked(plan, write)
            if named or ticked.error is not None or (ticked.outcome is not None and ticked.outcome.events):
                yield ticked

    def fill_in(self) -> None:
        """Fill in what a migration adds and cannot work out: when each plan wakes, and who waits for what is owed.

        Nothing else in the rows is touched, right or wrong. A plan whose plugins are missing is left as it is;
        `audit verify` says so.
        """
        after = ""
        while rows := self.store.plans(after=after):
            for row in rows:
                with suppress(WorkflowError, RevisionLost):
                    self._fill_in(row)
            after = rows[-1].id

    def _fill_in(self, row: PlanRow) -> None:
        state, process = self.state_of(row), self.process_of(row.definition)
        anew, owed = plan_row(state, process, row.head), work_items(state, process)
        known, items = replace(row, wakes_on=anew.wakes_on, reminds_on=anew.reminds_on), self.store.work_items(row.id)
        filled = [_with_asker(item, owed.get((item.step, item.round, item.key))) for item in items]
        if known != row or filled != list(items):
            self.store.rebuild(known, filled)

    def _with_something_to_do(self, day: date) -> Iterator[str]:
        for reminds in (False, True):
            for row in self.awake(day, reminds=reminds):
                yield row.id

    def _ticked(self, plan: str, write: Write) -> Ticked:
        try:
            before = self.state_of(self.require_plan(plan))
            outcome = self.tick(plan, write)
            return self._counted(plan, before, outcome, (write.on or self.today()).isoformat())
        except StorageUnusable:
            raise
        except WorkflowError as error:
            return Ticked(plan, error=error)

    def _counted(self, plan: str, before: PlanState, outcome: Outcome, day: str) -> Ticked:
        known = work_items(before, self.process_of(before.definition))
        now = work_items(outcome.plan, self.process_of(outcome.plan.definition))
        new = [item for key, item in now.items() if key not in known]
        return Ticked(
            plan,
            outcome,
            opened=len(new),
            missed=sum(1 for item in new if item.open and item.due_on is not None and item.due_on < day),
            ended=sum(1 for event in outcome.events if _ends(event)),
            reminded=_count(outcome, messages.REMINDED),
            skipped=_count(outcome, messages.REMINDER_SKIPPED),
            escalated=_count(outcome, messages.ESCALATED),
        )


def _with_asker(item: WorkItemRow, anew: WorkItemRow | None) -> WorkItemRow:
    return item if anew is None else replace(item, asked_by=anew.asked_by)


def _count(outcome: Outcome, type_: str) -> int:
    return sum(1 for event in outcome.events if event.type == type_)


def _ends(event: Event) -> bool:
    return event.type == messages.STEP_ENDED or (event.type == messages.STEP_ACTED and bool(event.data.get("complete")))
