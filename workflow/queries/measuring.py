"""By how many days what an event did was late: against the days in force before it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.decide.situation import Process
from workflow.messages import Event
from workflow.plan.state import PlanState
from workflow.queries.lateness import is_counted, judged
from workflow.steps.step_type import WorkItem
from workflow.views.explained import Due


def dues_of_stage(process: Process, before: PlanState, event: Event) -> Iterator[Due]:
    """Yield the day of the stage that a transition left."""
    stage = event.data["from"]
    due = before.schedule.get(stage, {}).get("due")
    if due is not None and stage in process.definition.stages:
        found = judged(process.definition, before.schedule, stage, due, event.occurred_on)
        title, lead = process.definition.stages[stage].title, process.definition.stages[stage].lead
        yield Due(title, stage, due, found.past, found.late, found.buffer_until, lead or process.definition.lead)


def dues_of_items(process: Process, before: PlanState, after: PlanState, event: Event) -> Iterator[Due]:
    """Yield the day of every work item that an act ended, or that it did when it was over already."""
    address, number = event.data["step"], event.data["round"]
    if before.step(address) is None or number > len(before.steps[address].rounds):
        return
    round_ = before.steps[address].rounds[number - 1]
    now = {item.key: item for item in process.work_items(after, address, after.steps[address].rounds[number - 1])}
    for item in process.work_items(before, address, round_):
        if item.due_on is None or not _done_by(item, now.get(item.key)):
            continue
        found = judged(
            process.definition,
            before.schedule,
            address,
            item.due_on,
            event.occurred_on,
            own=item.origin is not None or is_counted(round_, item.due_on),
        )
        where = f"{address}@{number}#{item.key}"
        yield Due(item.title, where, item.due_on, found.past, found.late, found.buffer_until, item.owner)


def _done_by(item: WorkItem, after: WorkItem | None) -> bool:
    """True if the act ended it; or it had ended without being done, and the act did it after all."""
    if item.open:
        return after is None or not after.open
    return item.done_on is None and after is not None and after.done_on is not None
