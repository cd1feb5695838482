"""What a delay does to a plan: what moves, what the buffer takes up, whether the last date holds. Changes nothing.

Each stage takes as long as planned and begins when the one before it is done, at the earliest as planned;
a term counted from a stage is counted anew from its expected end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from workflow import deadlines
from workflow.deadlines.slack import course, day_of, late_after, pushed, slack
from workflow.decide.moving import counted_anew
from workflow.decide.situation import Process
from workflow.errors import InvalidInput, NotFound
from workflow.plan.state import ACTIVE, SUSPENDED, PlanState
from workflow.views.times import Forecast, ForecastBuffer, ForecastStage, ForecastStep

Delays = Mapping[str, int]
"""Calendar days by stage id or full step address."""


@dataclass
class _Outlook:
    """A plan looked at on one day, with the days on which its stages are expected to end."""

    process: Process
    plan: PlanState
    day: date
    delays: Delays
    schedule: Mapping[str, Mapping[str, Any]]
    ends: dict[str, date] = field(default_factory=dict)

    @property
    def stages(self) -> list[str]:
        return [self.plan.stage, *course(self.process.definition, self.plan.stage)]


def forecast(process: Process, plan: PlanState, day: date, delays: Mapping[str, int]) -> Forecast:
    """Return what happens to *plan*, as it stands on *day*, if steps or stages are late by so many days.

    Raises:
        NotFound: If there is no such stage or step.
        InvalidInput: If the plan is over, or what is to be late is done.
    """
    if plan.status not in (ACTIVE, SUSPENDED):
        raise InvalidInput("the plan is {status}: nothing lies ahead of it", code="is-over", status=plan.status)
    known = {_place(process, plan, where): days for where, days in delays.items()}
    look = _Outlook(process, plan, day, known, plan.schedule)
    before: date | None = None
    for stage in look.stages:
        before = _end_of(look, stage, before)
    stages = tuple(_stages(look))
    final = next((each for each in reversed(stages) if not process.definition.stages[each.id].buffer), None)
    return Forecast(plan.id, day.isoformat(), stages, tuple(_steps(look)), tuple(_buffers(look)), final)


def _end_of(look: _Outlook, stage: str, before: date | None) -> date | None:
    """Work out a stage's expected end, and count anew what hangs on it; return when what follows may begin."""
    planned = day_of(look.schedule, stage)
    if planned is None:
        return before
    end = planned if before is None else (pushed(look.schedule, stage, before) or planned)
    if stage == look.plan.stage:
        # What is open today does not end before today.
        end = max(planned, look.day)
    if look.process.definition.stages[stage].buffer:
        # Waiting time is not passed on: what remains of it is what the delay left.
        look.ends[stage] = planned
        return before if before is not None and before > planned else planned
    end = max([end + timedelta(days=look.delays.get(stage, 0)), *_ends_of_steps(look, stage, end)])
    look.ends[stage] = end
    if end != planned:
        kept = {name: _kept(look.schedule, name, ended) for name, ended in look.ends.items()}
        look.schedule = counted_anew(look.process, look.plan, kept)
    return end


def _kept(schedule: Mapping[str, Mapping[str, Any]], stage: str, end: date) -> dict[str, Any]:
    return {**schedule[stage], "due": end.isoformat()}


def _ends_of_steps(look: _Outlook, stage: str, end: date) -> Iterator[date]:
    for address, days in look.delays.items():
        if look.process.stage_of(address) == stage:
            own = deadlines.effective(look.plan.schedule, address, stage).get("due")
            stage_due = look.plan.schedule[stage].get("due")
            base = end if own is None or own == stage_due else max(date.fromisoformat(own), look.day)
            yield base + timedelta(days=days)


def _stages(look: _Outlook) -> Iterator[ForecastStage]:
    definition = look.process.definition
    for stage, end in look.ends.items():
        planned = day_of(look.plan.schedule, stage)
        if planned is None:
            continue
        last = late_after(definition, look.plan.schedule, stage, planned.isoformat())
        late = last is not None and end.isoformat() > last
        yield ForecastStage(
            stage, definition.stages[stage].title, planned.isoformat(), end.isoformat(), (end - planned).days, late
        )


def _steps(look: _Outlook) -> Iterator[ForecastStep]:
    """Steps that are delayed, that wait for one that is, or whose own day is counted from what moved."""
    definition = look.process.definition
    reached: dict[str, date] = {}
    for address, step in definition.steps.items():
        stage = look.process.stage_of(address)
        planned = deadlines.effective(look.plan.schedule, address, stage).get("due")
        moved = look.schedule.get(address, {}).get("due") if address in look.schedule else None
        ends = [date.fromisoformat(moved)] if moved and moved != planned else []
        if address in look.delays:
            ends.append(max(date.fromisoformat(planned) if planned else look.day, look.day)
                        + timedelta(days=look.delays[address]))  # fmt: skip
        for other in step.waits_for:
            waited = definition.full_address(other, stage)
            if waited in reached:
                ends.append(reached[waited])
        if ends and (planned is None or max(ends).isoformat() > planned or address in look.delays):
            reached[address] = max(ends)
            yield ForecastStep(address, look.process.step_title(address), planned, max(ends).isoformat())


def _buffers(look: _Outlook) -> Iterator[ForecastBuffer]:
    definition, now = look.process.definition, look.plan.schedule
    for name in look.stages:
        if not definition.stages[name].buffer or name not in look.ends:
            continue
        days = used_now = used = 0
        for stage in look.stages:
            found = slack(definition, now, stage)
            if found is None or found.buffer != name:
                continue
            days = found.days
            used = max(used, found.used(look.ends.get(stage, found.due)))
            if stage == look.plan.stage:
                used_now = found.used(look.day)
        if days:
            yield ForecastBuffer(name, definition.stages[name].title, days, used_now, max(used, used_now))


def _place(process: Process, plan: PlanState, where: str) -> str:
    definition = process.definition
    stage = definition.stage_named(where)
    address = stage or definition.full_address(where, plan.stage)
    if address is None:
        raise NotFound(
            "there is no stage and no step `{where}` in {definition}",
            code="unknown-step",
            hint="`workflow show {plan}` shows both",
            where=where[:120],
            definition=definition.id,
            plan=plan.id,
        )
    step = plan.step(address)
    of = stage or process.stage_of(address)
    left = of is not None and of not in [plan.stage, *course(definition, plan.stage)]
    if left or (step is not None and (step.current.complete or step.current.ended)):
        raise InvalidInput("`{where}` is over: no delay of it lies ahead", code="is-over", where=address)
    return address
