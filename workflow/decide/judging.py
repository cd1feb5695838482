"""Which acts judged something by a day: whoever takes that day back would change what was judged."""

from __future__ import annotations

from collections.abc import Mapping

from workflow import messages
from workflow.decide.asking import answers
from workflow.decide.situation import Process
from workflow.messages import Event
from workflow.plan.redating import Path, value_or_none
from workflow.plan.state import PlanState, StepRound
from workflow.steps.step_type import WorkItem


def judged_by(event: Event, before: PlanState, after: PlanState, rest: PlanState, process: Process) -> bool:
    """True if an act closed something by a day that it would not have had in another state.

    Closed is a work item that was open, and a day that could run on until then.

    Args:
        before: The plan before the act.
        after: The plan after it.
        rest: The plan before the act, without the events that are to be taken back.
    """
    if event.type != messages.STEP_ACTED or event.data["step"] not in process.definition.steps:
        return False
    address, number = event.data["step"], event.data["round"]
    if _round(rest, address, number) is None or _round(before, address, number) is None:
        return False
    was, now, without = (_items(process, plan, address, number) for plan in (before, after, rest))
    for key, item in was.items():
        closed = item.open and not (key in now and now[key].open)
        if closed and key in without and without[key].due_on != item.due_on:
            return True
    return any(
        _day(before, address, number, path) != _day(rest, address, number, path)
        for path in _running(process, before, address, number) - _running(process, after, address, number)
    )


def _round(plan: PlanState, address: str, number: int) -> StepRound | None:
    step = plan.steps.get(address)
    return step.rounds[number - 1] if step is not None and number <= len(step.rounds) else None


def _items(process: Process, plan: PlanState, address: str, number: int) -> Mapping[str, WorkItem]:
    round_ = plan.steps[address].rounds[number - 1]
    return {item.key: item for item in process.work_items(plan, address, round_)}


def _running(process: Process, plan: PlanState, address: str, number: int) -> set[Path]:
    view = process.view(plan, address, plan.steps[address].rounds[number - 1])
    return {tuple(path) for path in answers(process.type_of(address), "running", tuple, view)}


def _day(plan: PlanState, address: str, number: int, path: Path) -> object:
    return value_or_none(plan.steps[address].rounds[number - 1].state, path)
