"""What allowed an event: a `by:` of the definition, a key of the register of people, or the event it came with.

Pure: the definition and the register in force then come in as arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from workflow import messages
from workflow.decide.situation import LEAD
from workflow.language.definition import Definition
from workflow.messages import WORKSPACE_CHAIN, Event
from workflow.people import Register
from workflow.views.explained import Rule

_GUARDS = ("requires", "outcome", "needs", "when")
_FOLLOWING: Final = frozenset({messages.STEP_OPENED, messages.STEP_ENDED, messages.PLAN_FINISHED})
"""These nobody enters: they come with what somebody entered, or what became due."""
_MOVED_BY_ANOTHER: Final = frozenset({"acted", "corrected", "resumed"})
"""Causes of moved dates that are events of their own, before it in the chain."""
_KEEPERS: Final = frozenset(
    {
        messages.PEOPLE_LOADED,
        messages.CALENDAR_LOADED,
        messages.KEY_ADDED,
        messages.KEY_RETIRED,
        messages.PROJECTION_REBUILT,
    }
)
_KEYS_OF_COMMANDS: Final[Mapping[str, str]] = {
    "withdraw": "withdrawers",
    "people load": "keepers",
    "calendar load": "keepers",
    "calendar": "keepers",
    "audit key new": "keepers",
    "audit key retire": "keepers",
    "db rebuild": "keepers",
    "export": "confidential",
    "bundle": "confidential",
    "prove": "confidential",
}
_BY_THE_PLAN: Final = frozenset(
    {
        "correct",
        "amend",
        "reschedule",
        messages.PLAN_SUSPENDED,
        messages.PLAN_RESUMED,
        messages.PLAN_CANCELLED,
        messages.PLAN_REOPENED,
    }
)
"""What whoever may by `by:` of the whole definition does."""


def follows(event: Event) -> bool:
    """True for an event that always comes with another, which caused it."""
    if event.type == messages.DATES_MOVED:
        return event.data["cause"]["kind"] in _MOVED_BY_ANOTHER
    return event.type in _FOLLOWING


def cause_among(event: Event, earlier: Iterable[Event]) -> Event | None:
    """Return the event that caused one that follows; None where there is none in the same change.

    Args:
        earlier: The events of its chain before it, the newest first; read no further than its own change.
    """
    if not follows(event):
        return None
    for other in earlier:
        if (other.recorded_at, other.actor) != (event.recorded_at, event.actor):
            return None
        if not follows(other):
            return other
    return None


def rule_of(event: Event, definition: Definition | None, register: Register | None) -> Rule | None:
    """Return what allowed an event that nothing caused; None where the record does not say."""
    if (key := _register_key(event)) is not None:
        return Rule((), _holders_of(key, register), (), {}, register_key=key, register_known=register is not None)
    return _of_definition(event, definition) if definition is not None else None


def _register_key(event: Event) -> str | None:
    """The key of the register of people that says who may."""
    if event.type == messages.CONTENT_WITHDRAWN:
        return "withdrawers"
    if event.type in _KEEPERS or event.type == messages.DATES_MOVED and event.data["cause"]["kind"] == "calendar":
        return "keepers"
    if event.type in (messages.EXPORTED, messages.BUNDLED) and event.data.get("confidential"):
        return "confidential"
    return None


def _holders_of(key: str, register: Register | None) -> tuple[str, ...]:
    named: Mapping[str, tuple[str, ...]] = {}
    if register is not None:
        named = {
            "keepers": register.keepers,
            "withdrawers": register.withdrawers,
            "confidential": register.confidential,
        }
    return named.get(key, ())


def _of_definition(event: Event, definition: Definition) -> Rule | None:
    data, guards = event.data, {name: event.data[name] for name in _GUARDS if name in event.data}
    if event.plan == WORKSPACE_CHAIN:
        return None
    if event.type == messages.TRANSITION_FIRED and data["from"] in definition.stages:
        return of_transition(definition, data["from"], data["trigger"], guards)
    if event.type == messages.NUMBER_ISSUED:
        return _of_number(definition, data.get("document"))
    if (step := _step_of(event)) in definition.steps:
        rule = of_step(definition, step, guards)
        if event.actor is None:
            # What became due by itself needed nobody's right.
            return Rule(rule.where, (), rule.where, guards, by_itself=True)
        acted = {event.authority.get("ref"), event.on_behalf, event.actor}
        by_type = event.type == messages.STEP_ACTED and acted.isdisjoint(rule.by)
        return Rule(rule.where, rule.by, rule.said_by, guards, by_type=by_type)
    if event.actor is None:
        return Rule((), (), (), guards, by_itself=True)
    return _first((), (((), definition.by),), definition.lead, guards)


def _step_of(event: Event) -> str:
    """The step that it concerns by its full address, or nothing."""
    data = event.data
    if isinstance(step := data.get("step"), str):
        return step
    where = data["moves"][0]["where"] if event.type == messages.DATES_MOVED and data["moves"] else data.get("where")
    return where.partition("@")[0] if isinstance(where, str) and "@" in where else ""


def of_transition(definition: Definition, stage: str, trigger: str, guards: Mapping[str, Any]) -> Rule:
    """Return the rule of a transition."""
    declared = definition.stages[stage]
    move = declared.transitions.get(trigger)
    where = ("stages", stage, "transitions", trigger) if move is not None else ("stages", stage)
    said = (where, move.by if move is not None else ()), (("stages", stage), declared.by), ((), definition.by)
    return _first(where, said, declared.lead or definition.lead, guards)


def of_step(definition: Definition, step: str, guards: Mapping[str, Any]) -> Rule:
    """Return the rule of a step, by its full address."""
    stage_id, _, own = step.rpartition("/")
    declared = definition.steps[step]
    where = ("stages", stage_id, "steps", own) if stage_id else ("alongside", step)
    stage_by = definition.stages[stage_id].by if stage_id in definition.stages else ()
    lead = declared.lead or (definition.stages[stage_id].lead if stage_id in definition.stages else None)
    said = (where, declared.by), (("stages", stage_id), stage_by), ((), definition.by)
    return _first(where, said, lead or definition.lead, guards)


def _of_number(definition: Definition, document: str | None) -> Rule:
    declared = definition.documents.get(document) if document is not None else None
    where = ("documents", document) if document is not None and declared is not None else ()
    own = declared.issued_by if declared is not None else ()
    said = (where, own), ((), definition.issued_by), ((), definition.by)
    return _first(where, said, definition.lead, {})


def _first(
    where: tuple[str, ...],
    said: Sequence[tuple[tuple[str, ...], tuple[str, ...]]],
    lead: str | None,
    guards: Mapping[str, Any],
) -> Rule:
    """Return the rule with the first `by:` that says anybody, from the thing outwards."""
    place, by = next(((place, by) for place, by in said if by), (where, ()))
    named = tuple(dict.fromkeys(lead if name == LEAD and lead else name for name in by))
    return Rule(where, named, place, guards)


def would_allow(
    event: Event, definition: Definition | None, stage: str | None, register: Register | None
) -> Rule | None:
    """Return what would have allowed a refused attempt, as far as the record says; None where it does not.

    Args:
        stage: The stage of the plan when it was tried.
    """
    command, data = event.data["command"], event.data
    key = _KEYS_OF_COMMANDS.get(command)
    if key is not None:
        return Rule((), _holders_of(key, register), (), {}, register_key=key, register_known=register is not None)
    if definition is None:
        return None
    if command == "advance" and stage is not None and stage in definition.stages:
        triggers = list(definition.stages[stage].transitions)
        trigger = data.get("trigger") or next(iter(triggers if len(triggers) == 1 else ()), None)
        return of_transition(definition, stage, trigger, {}) if trigger is not None else None
    if (typed := data.get("step")) is not None:
        # Recorded as it was typed: by any form of its address.
        address = definition.full_address(typed.partition("@")[0], stage or "")
        return of_step(definition, address, {}) if address is not None else None
    if command in _BY_THE_PLAN:
        return _first((), (((), definition.by),), definition.lead, {})
    return None
