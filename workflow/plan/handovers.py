"""Work passed on from one person to another, as facts of a plan: who has it now, and whose the closed work stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workflow.messages import Event

ItemKey = tuple[str, int, str]
"""Step, round and key of a work item."""


@dataclass(frozen=True)
class Handover:
    """From a day on, what belonged to one person belongs to another.

    Attributes:
        kept: Work items that were closed by then; they keep the old name.
    """

    from_person: str
    to_person: str
    on: str
    kept: tuple[ItemKey, ...] = ()


def current(handovers: Iterable[Handover], name: str) -> str:
    """Return who stands where *name* stood: the person who took over, through every handover since."""
    for handover in handovers:
        if name == handover.from_person:
            name = handover.to_person
    return name


def passed_on(handovers: Sequence[Handover]) -> dict[str, str]:
    """Return everybody who passed their work on, with who has it now."""
    return {
        name: now
        for name in (handover.from_person for handover in handovers)
        if (now := current(handovers, name)) != name
    }


def owner_of(handovers: Iterable[Handover], item: ItemKey, owner: str | None, *, open: bool) -> str | None:
    """Return whose a work item is that *owner* was given."""
    for handover in handovers:
        if owner == handover.from_person and (open or item not in handover.kept):
            owner = handover.to_person
    return owner


def handovers_from(values: Iterable[Mapping[str, Any]]) -> tuple[Handover, ...]:
    """Rebuild handovers from their stored values."""
    return tuple(Handover(**{**value, "kept": _keys(value["kept"])}) for value in values)


def recorded(data: Mapping[str, Any], on: str) -> Handover:
    """Return the handover that an event's data tell of."""
    return Handover(data["from"], data["to"], on, _keys(data["kept"]))


def handed_over(state: Any, event: Event) -> dict[str, Any]:
    """Return what a handover changes of a plan's state: who leads, and whose open work it is from then on."""
    data, steps = event.data, dict(state.steps)
    for address, number in data["leads"]:
        step = steps[address]
        rounds = (replace(r, lead=data["to"]) if r.number == number else r for r in step.rounds)
        steps[address] = replace(step, rounds=tuple(rounds))
    handover = recorded(data, event.occurred_on.isoformat())
    return {"steps": steps, "handovers": (*state.handovers, handover)}


def _keys(values: Iterable[Sequence[Any]]) -> tuple[ItemKey, ...]:
    return tuple((step, number, key) for step, number, key in values)
