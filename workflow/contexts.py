"""What an act of a step type may look up, and the terms that it counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflow import deadlines
from workflow.acting import Attachment
from workflow.plan import PlanState
from workflow.situation import Situation
from workflow.steps import StepType
from workflow.stepviews import StepView


@dataclass(frozen=True)
class ActContext:
    """What an action of a step type may look up (`steps.Context`).

    Terms that it counts are noted in `counts`: they go into the event, and move with the calendar.
    """

    situation: Situation
    plan: PlanState
    day: date
    counts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def on(self) -> date:
        return self.day

    @property
    def actor(self) -> str | None:
        return self.situation.actor

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return self.situation.attachments

    def units(self, references: tuple[str, ...], on: date | None = None) -> tuple[str, ...]:
        return self.situation.register.resolve_units(references, on or self.day)

    def unit_exists(self, unit: str) -> bool:
        return self.situation.register.unit_valid(unit, self.day)

    def known(self, reference: str) -> bool:
        kind = self.situation.register.kind(reference)
        return self.unit_exists(reference) if kind == "unit" else kind is not None

    def successor(self, unit: str, on: date | None = None) -> str | None:
        return self.situation.register.successor(unit, on or self.day)

    def working_days_after(self, start: date, days: int, stops: Sequence[deadlines.Stop] = ()) -> date:
        return self._counted(deadlines.Count(start, days, True, 1, tuple(stops)))

    def working_days_before(self, end: date, days: int) -> date:
        return self._counted(deadlines.Count(end, days, True, -1))

    def days_after(self, start: date, days: int, stops: Sequence[deadlines.Stop] = ()) -> date:
        day_off = self.situation.process.policies.term_day_off
        return self._counted(deadlines.Count(start, days, False, 1, tuple(stops), day_off))

    def _counted(self, count: deadlines.Count) -> date:
        data = count.as_data(self.situation.process.calendar)
        if data not in self.counts:
            self.counts.append(data)
        return date.fromisoformat(data["due"])

    def is_working_day(self, day: date) -> bool:
        return self.situation.process.calendar.is_working_day(day)

    def working_day_before(self, day: date) -> date:
        return deadlines.working_day_on_or_before(day, self.situation.process.calendar)

    def step(self, reference: str) -> StepView | None:
        process = self.situation.process
        address = process.definition.full_address(reference, self.plan.stage)
        opened = self.plan.step(address) if address else None
        return process.view(self.plan, address, opened.current) if address and opened else None


def counted(step_type: StepType, context: ActContext) -> dict[str, Any]:
    """Return the terms that an act counted, for its event, where the type says which of them run."""
    if not context.counts or type(step_type).running is StepType.running:
        return {}
    return {"counts": context.counts}
