"""The rows that events determine: their own, the plan's, its work items and documents."""

from __future__ import annotations

from collections.abc import Sequence

from workflow import audit, messages
from workflow.decide.situation import Process
from workflow.decide.timers import reminds_on
from workflow.decide.waking import wakes_on
from workflow.errors import PluginFailed
from workflow.messages import Event
from workflow.plan.state import PlanState, StepState
from workflow.store.interface import DocumentRow, EventRow, NumberRow, PlanRow, WorkItemRow

Key = tuple[str, int, str]


def plan_row(state: PlanState, process: Process, head: bytes) -> PlanRow:
    """Return the plan's row; *head* is the hash of its newest event."""
    wakes, reminds = wakes_on(process, state), reminds_on(process, state)
    return PlanRow(
        id=state.id,
        definition=state.definition,
        definition_id=state.definition_id,
        definition_version=state.definition_version,
        status=state.status,
        stage=state.stage,
        revision=state.revision,
        title=state.title["text"] if state.title else None,
        head=head,
        latest_on=state.latest_on,
        state=audit.stored_json(state.as_data()),
        wakes_on=wakes.isoformat() if wakes else None,
        reminds_on=reminds.isoformat() if reminds else None,
    )


def work_items(state: PlanState, process: Process) -> dict[Key, WorkItemRow]:
    """Return every work item of the plan by (step, round, key)."""
    rows: dict[Key, WorkItemRow] = {}
    for address, step in state.steps.items():
        rows.update(_items_of(state, process, address, step))
    return rows


def changed_items(
    before: PlanState | None, after: PlanState, process: Process, earlier: Process | None = None
) -> tuple[tuple[WorkItemRow, ...], tuple[Key, ...]]:
    """Return the rows that differ from *before*, and the keys that are gone.

    Args:
        earlier: The process of *before*, where it is another.
    """
    old: dict[Key, WorkItemRow] = {}
    new: dict[Key, WorkItemRow] = {}
    known = before.steps if before else {}
    # What is owed on a step may change with the text alone: an edit after the approval.
    edited = before is not None and before.revisions is not after.revisions
    # A handover changes whose the open items of every step are.
    edited = edited or (before is not None and before.handovers != after.handovers)
    # The earlier items first: they are those that the last command left, and so still at hand.
    if before is not None:
        for address, step in known.items():
            if edited or after.steps.get(address) is not step:
                old.update(_items_of(before, earlier or process, address, step))
    for address, step in after.steps.items():
        if edited or known.get(address) is not step:
            new.update(_items_of(after, process, address, step))
    changed = tuple(row for key, row in new.items() if old.get(key) != row)
    return changed, tuple(key for key in old if key not in new)


def _items_of(state: PlanState, process: Process, address: str, step: StepState) -> dict[Key, WorkItemRow]:
    if address not in process.definition.steps:
        return {}
    rows: dict[Key, WorkItemRow] = {}
    for round_ in step.rounds:
        for item in process.work_items(state, address, round_):
            is_open = item.open and not round_.ended and round_ is step.current
            asker = item.asked_by or round_.lead
            rows[address, round_.number, item.key] = WorkItemRow(
                plan=state.id,
                step=address,
                round=round_.number,
                key=item.key,
                title_vi=item.title.vi,
                title_en=item.title.en,
                owner=item.owner,
                due_on=item.due_on,
                done_on=item.done_on,
                open=is_open,
                asked_by=asker if is_open and asker != item.owner else None,
            )
    return rows


def event_rows(events: Sequence[Event], previous: bytes) -> tuple[EventRow, ...]:
    """Return the rows of *events*, linked to the chain that ends in the hash *previous*."""
    rows = []
    for event in events:
        body = _body_of(event)
        hash_ = audit.link(previous, body)
        rows.append(
            EventRow(
                plan=event.plan,
                seq=event.seq,
                type=event.type,
                occurred_on=event.occurred_on.isoformat(),
                recorded_at=audit.instant(event.recorded_at),
                actor=event.actor,
                request_id=event.request_id,
                previous=previous,
                hash=hash_,
                body=body,
            )
        )
        previous = hash_
    return tuple(rows)


def _body_of(event: Event) -> bytes:
    try:
        return audit.body_of(event)
    except audit.NotCanonical as error:
        if event.plugin is None:
            raise
        raise PluginFailed(
            "step type `{name}` gave a value that cannot be recorded: {error}",
            hint="report it to the plugin's author; the plan is unchanged",
            name=event.plugin["name"],
            error=str(error),
        ) from error


def number_rows(events: Sequence[Event]) -> tuple[NumberRow, ...]:
    """Return a row for each number that *events* gave, also where that was undone later."""
    return tuple(
        NumberRow(
            event.data["series"],
            event.data["year"],
            event.data["number"],
            event.plan,
            event.seq,
            event.data.get("document"),
        )
        for event in events
        if event.type == messages.NUMBER_ISSUED
    )


def document_rows(events: Sequence[Event]) -> tuple[DocumentRow, ...]:
    """Return a row for each file that was handed in with *events*."""
    return tuple(
        DocumentRow(event.plan, event.seq, position, file["sha256"], file["size"], file["name"]["text"])
        for event in events
        for position, file in enumerate(event.data.get("attachments", ()), 1)
    )
