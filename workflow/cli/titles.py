"""Titles for what an event names by id: the action done on a step, and the states it led from and to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from workflow.errors import N_, Phrase, WorkflowError
from workflow.language.definition import Text
from workflow.messages import STEP_ACTED

if TYPE_CHECKING:
    from workflow.language.definition import Definition
    from workflow.messages import Event
    from workflow.service.service import Service

TICK = Phrase(N_("Recorded by itself"))


class Titles:
    """The words of step types for the ids in events; an id stays where its type is not here any longer."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._definition = cache(self._read)

    def of(self, event: Event) -> Mapping[str, Any]:
        """Return titles by the name that the id has in the event's data."""
        if event.type != STEP_ACTED:
            return {}
        definition = self._definition(event.definition or "")
        step = definition.steps.get(event.data["step"]) if definition is not None else None
        step_type = self._service.registry.step_types.get(step.uses) if step is not None else None
        if step_type is None:
            return {}
        found: dict[str, Any] = {}
        for name in ("from", "to"):
            if (title := step_type.states.get(event.data[name])) is not None:
                found[name] = Text(**title)
        action = step_type.actions().get(event.data["action"])
        if action is not None:
            found["action"] = action.title
        elif event.data["action"] == "tick":
            found["action"] = TICK
        return found

    def _read(self, hash_: str) -> Definition | None:
        try:
            return self._service.processes.definition(hash_)
        except WorkflowError:
            # A trail is readable whatever became of the definitions; `audit verify` tells that.
            return None
