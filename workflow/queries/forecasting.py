"""What a delay does to a plan: what moves, what the buffer takes up, whether the last date holds. Changes nothing.

Each stage takes as long as planned and begins when the one before it is done, at the earliest as planned;
a term counted from a stage is counted anew from its expected end. Dates that overlap as planned, by definition or
by an order, are no delay: only what is later than planned is passed on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from workflow import deadlines
from workflow.deadlines import Calendar
from workflow.deadlines.slack import beside, course, day_of, late_after, length, pushed, slack
from workflow.decide.moving import counted_anew
from workflow.decide.situation import Process
from workflow.errors import InvalidInput, NotFound
from workflow.plan.state import ACTIVE, SUSPENDED, PlanState
from workflow.queries.buffers import buffers, open_rounds
from workflow.views.times import Forecast, ForecastBuffer, ForecastStage, ForecastStep


@dataclass(frozen=True)
class Delay:
    """How much longer something takes: so many calendar days, or *working* days."""

    days: int
    working: bool = False

    def behind(self, day: date, calendar: Calendar) -> date:
        """Return the day on which something ends that would have ended on *day*."""
        if self.working:
            return deadlines.working_days_after(day, self.days, calendar)
        return day + timedelta(days=self.days)


Delays = Mapping[str, Delay | int]
"""By stage or step; a number alone is one of calendar days."""


@dataclass
class _Outlook:
    """A plan looked at on one day, with the days on which its stages are expected to end.

    Attributes:
        delays: By stage id or full step address.
        running: Stages that the plan left, in which work is still open, with the day on which it is expected to end.
        owed: When that work ends as planned, by stage.
    """

    process: Process
    plan: PlanState
    day: date
    delays: Mapping[str, Delay]
    schedule: Mapping[str, Mapping[str, Any]]
    running: dict[str, date] = field(default_factory=dict)
    owed: dict[str, date] = field(default_factory=dict)
    ends: dict[str, date] = field(default_factory=dict)

    @property
    def stages(self) -> list[str]:
        return [self.plan.stage, *course(self.process.definition, self.plan.stage)]

    def delayed(self, day: date, where: str) -> date:
        """Return *day* with what *where* is late."""
        delay = self.delays.get(where)
        return delay.behind(day, self.process.calendar) if delay else day


def forecast(process: Process, plan: PlanState, day: date, delays: Delays) -> Forecast:
    """Return what happens to *plan*, as it stands on *day*, if steps or stages take so much longer.

    Raises:
        NotFound: If there is no such stage or step.
        InvalidInput: If the plan is over, or what is to be late is done.
    """
    if plan.status not in (ACTIVE, SUSPENDED):
        raise InvalidInput("the plan is {status}: nothing lies ahead of it", code="is-over", status=plan.status)
    known = {
        _place(process, plan, where): delay if isinstance(delay, Delay) else Delay(delay)
        for where, delay in delays.items()
    }
    look = _Outlook(process, plan, day, known, plan.schedule)
    look.running.update(_running(look))
    before = as_planned = None
    for stage in look.stages:
        before = _end_of(look, stage, before, as_planned)
        as_planned = max(filter(None, (as_planned, day_of(look.plan.schedule, stage))), default=None)
    stages = tuple(_stages(look))
    final = next((each for each in reversed(stages) if not process.definition.stages[each.id].buffer), None)
    return Forecast(plan.id, day.isoformat(), stages, tuple(_steps(look)), tuple(_buffers(look)), final)


def _running(look: _Outlook) -> Iterator[tuple[str, date]]:
    """Each stage that was left with work open, and when that is expected to end: not before today."""
    ends: dict[str, date] = {}
    for address in open_rounds(look.process, look.plan):
        stage = look.process.stage_of(address)
        if stage is not None and stage not in look.stages:
            own = _own_day(look, address, stage) or look.day
            of_stage = day_of(look.plan.schedule, stage) or own
            look.owed[stage] = max(own, of_stage, look.owed.get(stage, own))
            end = max(look.delayed(max(own, look.day), address), of_stage)
            ends[stage] = max(end, ends.get(stage, end))
    yield from ((stage, look.delayed(end, stage)) for stage, end in ends.items())


def _own_day(look: _Outlook, address: str, stage: str) -> date | None:
    due = deadlines.effective(look.plan.schedule, address, stage).get("due")
    return date.fromisoformat(due) if due else None


def _end_of(look: _Outlook, stage: str, before: date | None, as_planned: date | None) -> date | None:
    """Work out a stage's expected end, and count anew what hangs on it; return when all of it so far is done."""
    planned = day_of(look.schedule, stage)
    if planned is None:
        return before
    end = planned
    if before is not None:
        own = look.plan.schedule if look.plan.schedule[stage].get("decided") else look.schedule
        end = pushed(own, stage, before, beside(look.plan.schedule, stage, as_planned)) or planned
    if stage == look.plan.stage:
        # What is open today does not end before today.
        end = max(planned, look.day)
    if look.process.definition.stages[stage].buffer:
        # Waiting time is not passed on: what remains of it is what the delay left.
        look.ends[stage] = planned
        return max([planned, *_behind_buffer(look, stage, planned), *([before] if before is not None else [])])
    end = max([look.delayed(end, stage), *_ends_of_steps(look, stage, end)])
    look.ends[stage] = end
    if end != planned:
        kept = {name: _kept(look.schedule, name, ended) for name, ended in look.ends.items()}
        look.schedule = counted_anew(look.process, look.plan, kept)
    return end if before is None else max(end, before)


def _behind_buffer(look: _Outlook, buffer: str, last: date) -> Iterator[date]:
    """Where work of stages that were left needs more than the buffer: so much later begins what follows it."""
    definition = look.process.definition
    for stage, end in look.running.items():
        way = course(definition, stage)
        if buffer in way:
            # What lies between has to be done too, where the plan is not past it.
            between = (each for each in way[: way.index(buffer)] if each in look.stages)
            after = timedelta(days=sum(length(look.plan.schedule, each) for each in between))
            late = end + after - max(last, look.owed[stage] + after)
            if late > timedelta():
                yield last + late


def _kept(schedule: Mapping[str, Mapping[str, Any]], stage: str, end: date) -> dict[str, Any]:
    return {**schedule[stage], "due": end.isoformat()}


def _ends_of_steps(look: _Outlook, stage: str, end: date) -> Iterator[date]:
    for address in look.delays:
        if look.process.stage_of(address) == stage:
            own = deadlines.effective(look.plan.schedule, address, stage).get("due")
            stage_due = look.plan.schedule[stage].get("due")
            base = end if own is None or own == stage_due else max(date.fromisoformat(own), look.day)
            yield look.delayed(base, address)


def _stages(look: _Outlook) -> Iterator[ForecastStage]:
    definition = look.process.definition
    for stage, end in (*look.running.items(), *look.ends.items()):
        planned = day_of(look.plan.schedule, stage)
        if planned is None:
            continue
        # Work that was left open may be owed behind its stage's day by its own.
        planned = max(planned, look.owed.get(stage, planned))
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
            ends.append(look.delayed(max(date.fromisoformat(planned) if planned else look.day, look.day), address))
        for other in step.waits_for:
            waited = definition.full_address(other, stage)
            if waited in reached:
                ends.append(reached[waited])
        if ends and (planned is None or max(ends).isoformat() > planned or address in look.delays):
            reached[address] = max(ends)
            yield ForecastStep(address, look.process.step_title(address), planned, max(ends).isoformat())


def _buffers(look: _Outlook) -> Iterator[ForecastBuffer]:
    """Each buffer that is used or lies ahead: what is used today as every face tells it, and what would be."""
    ends = {**look.running, **look.ends}
    for buffer in buffers(look.process, look.plan, look.day):
        used = buffer.used
        for stage, end in ends.items():
            found = slack(look.process.definition, look.plan.schedule, stage)
            if found is not None and found.buffer == buffer.stage:
                used = max(used, found.used(end))
        if used or buffer.stage in look.ends:
            yield ForecastBuffer(buffer.stage, buffer.title, buffer.days, buffer.used, used)


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
    ahead = [plan.stage, *course(definition, plan.stage)]
    left = of is not None and of not in (*ahead, *map(process.stage_of, open_rounds(process, plan)))
    if left or (step is not None and (step.current.complete or step.current.ended)):
        raise InvalidInput("`{where}` is over: no delay of it lies ahead", code="is-over", where=address)
    return address
