"""How much of its buffer time a plan has used up on a day: one answer for every face. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import takewhile

from workflow.deadlines.slack import Slack, slack, used
from workflow.decide.situation import Process
from workflow.plan.state import ACTIVE, PlanState
from workflow.views.plans import BufferTime


def buffers(process: Process, state: PlanState, day: date) -> Iterator[BufferTime]:
    """Yield each stage of buffer time with its days and how many of them are used up.

    They are used by the plan standing in it, and by work of an earlier stage that is still open.
    """
    running = [(each, day) for _, each in running_on(process, state)]
    for stage_id, stage in process.definition.stages.items():
        due = state.schedule.get(stage_id, {})
        if not stage.buffer or not due.get("start") or not due.get("due"):
            continue
        start, last = date.fromisoformat(due["start"]), date.fromisoformat(due["due"])
        days = (last - start).days + 1
        left_on = _left_on(process, state, stage_id)
        here = state.stage == stage_id or left_on is not None
        taken = max(0, (min(left_on or day, last) - start).days + 1) if here else 0
        yield BufferTime(stage_id, stage.title, due["start"], due["due"], days, max(taken, used(running, stage_id)))


def running_on(process: Process, state: PlanState) -> Iterator[tuple[str, Slack]]:
    """Yield each stage in which something is open, with the buffer behind it: the plan's own, and earlier ones."""
    if state.status != ACTIVE:
        return
    for stage in {process.stage_of(address) for address in open_rounds(process, state)} | {state.stage}:
        found = slack(process.definition, state.schedule, stage) if stage is not None else None
        if stage is not None and found is not None:
            yield stage, found


def open_rounds(process: Process, state: PlanState) -> Iterator[str]:
    """Yield the steps on which somebody still owes something, whatever stage the plan is in."""
    for address, step in state.steps.items():
        round_ = step.current
        if round_.ended or address not in process.definition.steps:
            continue
        if any(item.open for item in process.work_items(state, address, round_)):
            yield address


def _left_on(process: Process, state: PlanState, stage: str) -> date | None:
    """The day on which the plan came to be behind the buffer, for the last time; None while it is not."""
    order = list(process.definition.stages)
    here = order.index(stage)
    behind = takewhile(lambda visit: order.index(visit.stage) > here, reversed(state.visits))
    entered = [visit.entered_on for visit in behind]
    return date.fromisoformat(entered[-1]) if entered else None
