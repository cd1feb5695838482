"""Titles for what an event names by id: actions, states, stages, steps, documents; names of units, offices, people."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from workflow import messages
from workflow.errors import N_, Phrase, WorkflowError
from workflow.language.definition import Text
from workflow.messages import STEP_ACTED
from workflow.steps.descriptions import meaning

if TYPE_CHECKING:
    from workflow.language.definition import Definition
    from workflow.messages import Event
    from workflow.service.service import Service
    from workflow.steps.step_type import StepType

_ONLY = Phrase(N_("the only transition"))
_COMMANDS: Mapping[str, Phrase] = {
    messages.PLAN_SUSPENDED: Phrase(N_("suspend the plan")),
    messages.PLAN_RESUMED: Phrase(N_("resume the plan")),
    messages.PLAN_CANCELLED: Phrase(N_("cancel the plan")),
    messages.PLAN_REOPENED: Phrase(N_("open the plan again")),
    "create": Phrase(N_("start the plan")),
    "correct": Phrase(N_("undo an entry")),
    "amend": Phrase(N_("amend the plan")),
    "number": Phrase(N_("issue a number")),
    "handover": Phrase(N_("pass work on")),
    "reschedule": Phrase(N_("set a date anew")),
    "extension": Phrase(N_("decide on a later day")),
    "withdraw": Phrase(N_("withdraw something from the record")),
    "people load": Phrase(N_("load the register of people")),
    "calendar load": Phrase(N_("load the calendar")),
    "calendar": Phrase(N_("load the calendar")),
    "audit key new": Phrase(N_("make a key for seals")),
    "audit key retire": Phrase(N_("retire a key of seals")),
    "db rebuild": Phrase(N_("make the rows of plans anew")),
    "export": Phrase(N_("export confidential things")),
    "bundle": Phrase(N_("bundle confidential things")),
    "prove": Phrase(N_("prove a confidential event")),
}
"""What was tried, by the command that the record has."""
TICK = Phrase(N_("Recorded by itself"))


class Titles:
    """The words for the ids in events; an id stays where nothing of that name is here any longer.

    Args:
        everything: Stages, steps and people too, for whoever reads the trail and types nothing of it.
    """

    def __init__(self, service: Service, *, everything: bool = False) -> None:
        self._service = service
        self._everything = everything
        self._definition = cache(self._read)
        self._of_plan = cache(self._definition_of_plan)

    def of(self, event: Event) -> Mapping[str, Any]:
        """Return titles by the name that the id has in the event's data."""
        definition = self._definition(event.definition or "")
        found: dict[str, Any] = {}
        if self._everything:
            found |= self._places(event, definition)
        if event.type == STEP_ACTED:
            found |= self._acted(event, definition)
        return found

    def name(self, ref: str) -> Text | str:
        """Return the name of a unit, office, role or person in the register in force; the id where it has none."""
        return self._service.register.name(ref) or ref

    def known(self, ref: Any) -> Text | None:
        """Return the name of what is in the register under this id."""
        return self._service.register.name(ref) if isinstance(ref, str) else None

    def document(self, event: Event, id_: str) -> Text | str:
        """Return the title of a document of the plan's definition."""
        definition = self._definition(event.definition or "")
        document = definition.documents.get(id_) if definition is not None else None
        return document.title if document is not None else id_

    def parameter(self, event: Event, name: str) -> Phrase | None:
        """Return what the step type says of a parameter that an act recorded under its name."""
        if event.type != STEP_ACTED:
            return None
        step_type = self._type_of(self._definition(event.definition or ""), event.data["step"])
        action = step_type.actions().get(event.data["action"]) if step_type is not None else None
        field = action.parameters.model_fields.get(name) if action is not None else None
        return meaning(field) if field is not None else None

    def step(self, event: Event, id_: str) -> Text | str:
        """Return the title of a step of the plan's definition, by any form of its address that is one step's."""
        definition = self._definition(event.definition or "")
        if definition is None:
            return id_
        address = definition.full_address(id_, event.data.get("from"))
        return (self._step_title(definition, address) if address is not None else None) or id_

    def place(self, definition: Definition | None, where: str) -> Text | str:
        """Return the title of a stage, a step or a work item of it, as moved dates name them."""
        if definition is None:
            return where
        if where in definition.stages:
            return definition.stages[where].title
        address, _, rest = where.partition("@")
        title = self._step_title(definition, address)
        if title is None:
            return where
        key = rest.partition("#")[2]
        named = self.known(key) or key
        return Text(vi=f"{title.vi}, {_vi(named)}", en=f"{title}, {named}") if key else title

    def refused(self, event: Event) -> tuple[Text | Phrase | str, Text | str | None]:
        """Return what was attempted: the action or transition, and on which step."""
        data, definition = event.data, self._of_plan(event.data["plan"])
        if data["command"] == "advance" and "trigger" not in data:
            return _ONLY, None
        if "trigger" in data and data["trigger"]:
            moves = (
                [stage.transitions.get(data["trigger"]) for stage in definition.stages.values()] if definition else []
            )
            title = next((move.title for move in moves if move is not None and move.title is not None), None)
            return title or data["trigger"], None
        if "action" in data and definition is not None:
            # The step is recorded as it was typed: by any form of its address.
            typed = str(data.get("step", "")).partition("@")[0]
            meant = [typed] if typed in definition.steps else definition.candidates(typed)
            step_type = self._type_of(definition, meant[0]) if len(meant) == 1 else None
            action = step_type.actions().get(data["action"]) if step_type is not None else None
            step = self._step_title(definition, meant[0]) if len(meant) == 1 else None
            return action.title if action is not None else data["action"], step or typed
        return _COMMANDS.get(data["command"], data["command"]), None

    def _places(self, event: Event, definition: Definition | None) -> Mapping[str, Any]:
        data, found = event.data, {}
        if definition is None:
            return {}
        if isinstance(step := data.get("step"), str) and (title := self._step_title(definition, step)) is not None:
            found["step"] = title
        if isinstance(stage := data.get("stage"), str) and stage in definition.stages:
            found["stage"] = definition.stages[stage].title
        if event.type == messages.TRANSITION_FIRED:
            source, target = definition.stages.get(data["from"]), definition.stages.get(data["to"])
            found |= {name: each.title for name, each in (("from", source), ("to", target)) if each is not None}
            move = source.transitions.get(data["trigger"]) if source is not None else None
            if move is not None and move.title is not None:
                found["trigger"] = move.title
        if event.type in (messages.PLAN_HANDED_OVER,):
            found |= {name: self.name(data[name]) for name in ("from", "to") if isinstance(data.get(name), str)}
        if event.type in (messages.REMINDED, messages.REMINDER_SKIPPED, messages.ESCALATED):
            found |= {name: self.name(data[name]) for name in ("to", "key") if isinstance(data.get(name), str)}
        if isinstance(where := data.get("where"), str):
            found["where"] = self.place(definition, where)
        return found

    def _acted(self, event: Event, definition: Definition | None) -> Mapping[str, Any]:
        step_type = self._type_of(definition, event.data["step"])
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

    def _type_of(self, definition: Definition | None, address: str) -> StepType | None:
        step = definition.steps.get(address) if definition is not None else None
        return self._service.registry.step_types.get(step.uses) if step is not None else None

    def _step_title(self, definition: Definition, address: str) -> Text | None:
        step = definition.steps.get(address)
        if step is None or step.title is not None:
            return step.title if step is not None else None
        step_type = self._type_of(definition, address)
        return Text(**step_type.title) if step_type is not None else None

    def _definition_of_plan(self, plan: str) -> Definition | None:
        row = self._service.store.plan(plan)
        return self._definition(row.definition) if row is not None else None

    def _read(self, hash_: str) -> Definition | None:
        try:
            return self._service.processes.definition(hash_)
        except WorkflowError:
            # A trail is readable whatever became of the definitions; `audit verify` tells that.
            return None


def _vi(text: Text | str) -> str:
    return text.vi if isinstance(text, Text) else text
