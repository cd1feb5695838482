"""What events say beyond their name, in the words of the step types whose acts they record."""

from __future__ import annotations

from collections.abc import Iterable

from workflow import messages
from workflow.decide.asking import answers
from workflow.decide.situation import Process
from workflow.errors import N_, Phrase, Reason, WorkflowError
from workflow.messages import Event
from workflow.views.handed import read_only

_UNTOLD = N_("it is done, but what the step type `{name}` wanted to tell could not be told: {fault}")


def told(process: Process, events: Iterable[Event]) -> tuple[tuple[Phrase, ...], tuple[Reason, ...]]:
    """Return what the step types tell of what was recorded, in the order of the events, and who failed to tell.

    What is asked for here is recorded already and stands: a type that fails is a warning, never a refusal.
    """
    found: list[Phrase] = []
    failed: dict[str, Reason] = {}
    for event in events:
        if event.type == messages.STEP_ACTED and event.data["step"] in process.definition.steps:
            step_type = process.type_of(event.data["step"])
            data = read_only({**event.data["data"], "on": event.occurred_on.isoformat()})
            try:
                found += answers(step_type, "told", Phrase, event.data["action"], data)
            except WorkflowError as error:
                said = Phrase(_UNTOLD, {"name": step_type.name, "fault": error.phrase})
                failed.setdefault(step_type.name, Reason("not-told", said))
    return tuple(found), tuple(failed.values())
