"""What is told of one plan's documents and of who acted: facts of its state, put together for an export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from workflow import audit
from workflow.decide.situation import Process
from workflow.language.definition import Text
from workflow.messages import Event
from workflow.plan.documents import Revision
from workflow.plan.state import PlanState
from workflow.store.interface import DocumentRow, EventRow, Store
from workflow.views.exports import ExportedDocument

Name = Callable[[str | None], str]


def office_of(event: Event, name: Name) -> str:
    """Return the office, role or unit that the actor acted for, with how a deputy signs; empty for the person alone."""
    authority = event.authority
    reference = authority.get("ref")
    if not reference or reference == event.actor:
        return ""
    form = f"{str(authority['form']).upper()}. " if authority.get("form") else ""
    return f"{form}{name(reference)}"


def documents_of(store: Store, plan: str, state: PlanState, process: Process, name: Name) -> Iterator[ExportedDocument]:
    """Yield every file handed in with a plan, by the day on which it was and then in the order of recording."""
    rows = store.documents(plan)
    events = {seq: event for seq in {row.seq for row in rows} if (event := store.event(plan, seq)) is not None}
    for row in sorted(rows, key=lambda row: (_day(events.get(row.seq)), row.seq, row.position)):
        yield _document(store, row, events.get(row.seq), state, process, name)


def _day(row: EventRow | None) -> str:
    return row.occurred_on if row is not None else ""


def _document(
    store: Store, row: DocumentRow, kept: EventRow | None, state: PlanState, process: Process, name: Name
) -> ExportedDocument:
    event = audit.event_of(kept.body) if kept is not None else None
    made = next((one for one in state.revisions if one.seq == row.seq and row.sha256 in one.files), None)
    declared = process.definition.documents.get(made.document) if made is not None else None
    numbers = [one for one in state.numbers if made is not None and (one.document, one.revision) == _key(made)]
    approved = [one for one in state.approvals if made is not None and (one.document, one.name) == _key(made)]
    sent = (to for one in state.sendings if row.sha256 in one.files for to in one.to)
    names = store.texts([row.name])
    return ExportedDocument(
        plan=row.plan,
        seq=row.seq,
        position=row.position,
        sha256=row.sha256,
        size=row.size,
        name=names.get(row.name),
        on=_day(kept),
        actor=name(event.actor) if event else "",
        body=(name(event.on_behalf) or office_of(event, name)) if event else "",
        pieces=partial(store.file, row.sha256) if store.has_file(row.sha256) else None,
        title=declared.title if declared is not None else None,
        document=made.document if made is not None else None,
        revision=made.name if made is not None else None,
        number=numbers[-1] if numbers else None,
        signer=name(approved[-1].person) if approved else "",
        position_held=name(approved[-1].by) if approved else "",
        step=_step_title(process, event),
        sent_to=tuple(dict.fromkeys(name(each) for each in sent)),
    )


def _step_title(process: Process, event: Event | None) -> Text | None:
    address = event.data.get("step") if event is not None else None
    return process.step_title(address) if isinstance(address, str) and address in process.definition.steps else None


def _key(made: Revision) -> tuple[str, str]:
    return made.document, made.name
