"""What events say beyond their name, in the words of the step types whose acts they record."""

from __future__ import annotations

from collections.abc import Iterable

from workflow import messages
from workflow.decide.asking import answers
from workflow.decide.situation import Process
from workflow.errors import Phrase
from workflow.messages import Event
from workflow.views.handed import read_only


def told(process: Process, events: Iterable[Event]) -> tuple[Phrase, ...]:
    """Return what the step types tell of what was recorded, in the order of the events."""
    found: list[Phrase] = []
    for event in events:
        if event.type == messages.STEP_ACTED and event.data["step"] in process.definition.steps:
            step_type = process.type_of(event.data["step"])
            data = read_only({**event.data["data"], "on": event.occurred_on.isoformat()})
            found += answers(step_type, "told", Phrase, event.data["action"], data)
    return tuple(found)
