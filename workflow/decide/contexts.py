"""What an act of a step type may look up, and the terms that it counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflow import deadlines
from workflow.decide.asking import answers
from workflow.decide.situation import Process, Situation
from workflow.plan.acting import Attachment
from workflow.plan.redating import value_or_none
from workflow.plan.state import PlanState
from workflow.steps.step_type import Origin, StepType, WorkItem
from workflow.steps.views import Otherwise, StepView


@dataclass(frozen=True)
class ActContext:
    """What an action of a step type may look up (`steps.Context`).

    What it counts is noted in `counts`: what stands in the state after the act goes into the event.
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

    def speaks_for(self, body: str) -> bool:
        return self.situation.speaks_for(self.plan.now(body) or body)

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
        self.counts.append(count.as_data(self.situation.process.calendar))
        return date.fromisoformat(self.counts[-1]["due"])

    def is_working_day(self, day: date) -> bool:
        return self.situation.process.calendar.is_working_day(day)

    def working_day_before(self, day: date) -> date:
        data = deadlines.FixedDay(day).as_data(self.situation.process.calendar)
        self.counts.append({**data, "always": True})
        return date.fromisoformat(data["due"])

    def last_day_before(self, day: date) -> date:
        return self.fixed_day(day, before=True)

    def fixed_day(
        self, day: date, *, before: bool = False, not_before: date | None = None, otherwise: Otherwise = "keep"
    ) -> date:
        said = self.situation.process.policies
        fixed = deadlines.FixedDay(day, before, said.before, said.fixed_day_off, not_before, otherwise)
        self.counts.append(fixed.as_data(self.situation.process.calendar))
        return date.fromisoformat(self.counts[-1]["due"])

    @property
    def stops(self) -> tuple[deadlines.Stop, ...]:
        return tuple(deadlines.stop_from((first, again)) for first, again in self.plan.stops if again is not None)

    def step(self, reference: str) -> StepView | None:
        process = self.situation.process
        address = process.definition.full_address(reference, self.plan.stage)
        opened = self.plan.step(address) if address else None
        return process.view(self.plan, address, opened.current) if address and opened else None


def counting(
    process: Process, address: str, number: int, context: ActContext, before: Mapping[str, Any] | None = None
) -> Callable[[PlanState], list[dict[str, Any]]] | None:
    """Return what tells, of the state after an act, which of its counts stands where; None where nothing was counted.

    Args:
        before: The step's state before the act: a day that stood there already was counted then.
    """
    step_type = process.type_of(address)
    if not context.counts or type(step_type).running is StepType.running:
        return None

    def found(plan: PlanState) -> list[dict[str, Any]]:
        round_ = plan.steps[address].rounds[number - 1]
        view, placed = process.view(plan, address, round_), []
        origins = {
            item.origin.at: item.origin for item in answers(step_type, "work_items", WorkItem, view) if item.origin
        }
        for path in answers(step_type, "running", tuple, view):
            day = value_or_none(round_.state, path)
            count = _count_of(context.counts, day, origins.get(tuple(path)))
            if count is not None and value_or_none(before or {}, path) != day:
                placed.append({"at": list(path), **count})
        return placed

    return found


def _count_of(counts: Sequence[dict[str, Any]], day: Any, origin: Origin | None) -> dict[str, Any] | None:
    """The newest count that ends on *day*; where several do, the one that was made from the day as written."""
    ending = [count for count in counts if count["due"] == day]
    if origin is not None and origin.written is not None:
        same = [
            count for count in ending if count.get("written") == origin.written and ("before" in count) == origin.before
        ]
        ending = same or ending
    return ending[-1] if ending else None
