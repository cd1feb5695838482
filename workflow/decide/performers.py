"""Who may do what by the definition, by the step type, and by recording for somebody who may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from workflow.decide.asking import answers
from workflow.decide.situation import LEAD, Process
from workflow.errors import PluginFailed, Reason
from workflow.people import Register
from workflow.plan.state import PlanState, StepRound
from workflow.steps.step_type import Action


@dataclass(frozen=True)
class Allowed:
    """Who may do an action; nobody named in `references` means every known person.

    Attributes:
        bodies: Of the references those in whose name it may turn out to be done.
    """

    references: tuple[str, ...]
    bodies: tuple[str, ...] = ()


def performers(process: Process, *holders: tuple[str, ...], lead: str | None) -> tuple[str, ...]:
    """Return the first non-empty `by:`, with the word `lead` replaced by the lead itself."""
    chosen = next((by for by in holders if by), ())
    return tuple(dict.fromkeys(lead if name == LEAD and lead else name for name in chosen))


def performers_of(process: Process, stage: str, trigger: str) -> tuple[str, ...]:
    """Who may fire *trigger* in *stage*."""
    definition = process.definition
    declared = definition.stages[stage]
    return performers(
        process, declared.transitions[trigger].by, declared.by, definition.by, lead=declared.lead or definition.lead
    )


def performers_of_step(process: Process, address: str) -> tuple[str, ...]:
    """Who may act on a step by the definition."""
    return process.by(address)


def allowed(
    process: Process, plan: PlanState, address: str, round_: StepRound, action: Action, parameters: Any
) -> Allowed:
    """Who may do an action with these parameters."""
    step_type, view = process.type_of(address), process.view(plan, address, round_)
    alone = answers(step_type, "reserved", str, view, action.name)
    extra = answers(step_type, "performers", str, view, action.name, parameters)
    own = performers_of_step(process, address)
    return Allowed(alone or ((*own, *extra) if own else ()), alone or extra)


def allowed_somehow(
    process: Process, plan: PlanState, address: str, round_: StepRound, action: Action
) -> Allowed | None:
    """Who may do an action with some parameters; None where there is nobody in whose name it could be done now."""
    try:
        found = allowed(process, plan, address, round_, action, None)
    except PluginFailed:
        # A type that was not written for that question says who may act when somebody does.
        return Allowed(performers_of_step(process, address))
    if not action.own:
        return found
    return Allowed(found.bodies, found.bodies) if found.bodies else None


_PERFORMERS_ALREADY = ("own-matter", "same-person", "extension-needed")
"""Reasons of the engine that name who may by the definition: nobody stands in for a lead there."""


def who_could(
    reasons: Iterable[Reason], process: Process, plan: PlanState, register: Register, on: date
) -> tuple[Reason, ...]:
    """Return *reasons*, each with everybody who could meet it on this day.

    A step type names the lead, the body, the unit that owes: for a lead stand those who may act on its
    steps here by the definition, and roles may record for others.
    """
    doing = _who_acts_for_leads(process, plan)
    return tuple(
        # Whoever passed their work on, or ended, stands for nobody any longer.
        replace(
            reason,
            who=_everybody(plan.now_all(reason.who), {} if reason.code in _PERFORMERS_ALREADY else doing, register, on),
        )
        for reason in reasons
    )


def _everybody(
    who: tuple[str, ...], doing: Mapping[str, tuple[str, ...]], register: Register, on: date
) -> tuple[str, ...]:
    acting = tuple(dict.fromkeys(one for name in who for one in doing.get(name, (name,))))
    return tuple(dict.fromkeys((*acting, *register.recording_roles(acting, on))))


def _who_acts_for_leads(process: Process, plan: PlanState) -> Mapping[str, tuple[str, ...]]:
    """Lead to those who may act on its steps in this stage and beside the stages, where the definition names any."""
    found: dict[str, tuple[str, ...]] = {}
    for address in process.definition.steps:
        lead = process.lead(address)
        if lead is not None and process.stage_of(address) in (None, plan.stage):
            by = performers_of_step(process, address)
            found[lead] = tuple(dict.fromkeys((*found.get(lead, ()), *(by or (lead,)))))
    return found
