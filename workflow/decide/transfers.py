"""Passing open work on when somebody leaves or a unit ends: what they have on a plan, and who may pass it on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflow import messages
from workflow.deadlines import DAY
from workflow.decide.ledger import Ledger
from workflow.decide.performers import performers
from workflow.decide.situation import Process, Situation, matter_of, texts_in
from workflow.errors import N_, InvalidInput, NotPermitted, Phrase, Refused
from workflow.messages import FreeText
from workflow.people import Matter, Register
from workflow.people.rights import declared
from workflow.plan.handovers import ItemKey
from workflow.plan.state import ACTIVE, STATUSES, SUSPENDED, PlanState


@dataclass(frozen=True)
class HandOver:
    """Pass what `from_person` has open on a plan on to `to_person`; or a unit's on to another unit."""

    from_person: str
    to_person: str
    reason: str | None = None


@dataclass(frozen=True)
class Belongings:
    """What a person or unit has on a plan.

    Attributes:
        items: Open work items.
        kept: Closed ones, which keep the name.
        leads: Open step rounds that they lead.
        named: The definition names them (in `by`, as a lead, in a step's options).
    """

    items: tuple[ItemKey, ...]
    kept: tuple[ItemKey, ...]
    leads: tuple[tuple[str, int], ...]
    named: bool

    @property
    def open(self) -> bool:
        """True if there is anything to pass on."""
        return bool(self.items or self.leads or self.named)


def belongings(process: Process, plan: PlanState, person: str) -> Belongings:
    """Return what *person*, or a unit, has on a plan, what they took over from others included."""
    items: list[ItemKey] = []
    kept: list[ItemKey] = []
    leads: list[tuple[str, int]] = []
    for address, step in plan.steps.items():
        for round_ in step.rounds:
            live = not round_.ended and round_ is step.current
            if live and not round_.complete and round_.lead == person:
                leads.append((address, round_.number))
            for item in process.work_items(plan, address, round_):
                if item.owner == person:
                    (items if item.open and live else kept).append((address, round_.number, item.key))
    named = any(plan.now(name) == person for name in _named(process))
    return Belongings(tuple(items), tuple(kept), tuple(leads), named)


def _named(process: Process) -> Iterator[str]:
    """Everything that the definition names in `by`, `lead` and `with`, persons or not."""
    definition = process.definition
    yield from filter(None, (definition.lead, *definition.by))
    for stage in definition.stages.values():
        yield from filter(None, (stage.lead, *stage.by))
        for transition in stage.transitions.values():
            yield from transition.by
    for step in definition.steps.values():
        yield from filter(None, (step.lead, *step.by))
        yield from texts_in(step.with_)


def decide_hand_over(ledger: Ledger, situation: Situation, command: HandOver) -> None:
    """Judge and record that a person's open work on the plan passes on."""
    plan, process = ledger.current, situation.process
    giving, taking = command.from_person, command.to_person
    require_parties(situation.register, giving, taking, situation.on)
    what = Phrase(N_("pass on the work of `{person}`"), {"person": giving})
    if situation.actor == giving:
        # Whoever is barred from a plan may give it away.
        authority = situation.authorise((giving,), what, Matter())
    else:
        by = performers(process, process.definition.by, lead=process.definition.lead)
        authority = situation.authorise(by, what, matter_of(process, plan))
    if plan.status not in (ACTIVE, SUSPENDED):
        raise Refused("the plan is {status}", code="wrong-status", status=STATUSES[plan.status], plan=plan.id)
    if situation.register.kind(taking) == "person":
        _require_free(situation, taking, matter_of(process, plan))
    found = belongings(process, plan, giving)
    if not found.open:
        raise Refused("`{person}` has no open work on {plan}", code="nothing-to-pass-on", person=giving, plan=plan.id)
    data = _recorded(giving, taking, found)
    if command.reason is not None:
        data["reason"] = FreeText(command.reason)
    ledger.record(messages.PLAN_HANDED_OVER, data, authority, on_behalf=situation.behalf)


def pass_to_successors(ledger: Ledger, situation: Situation, *, by: date) -> None:
    """Record that the open work of each unit that ended before the day *by* passed to its successor.

    It happened on the day after its last. Nobody does it: the register says so. What was closed by the time it
    is noticed keeps the old name.
    """
    register, plan = situation.register, ledger.current
    for unit in register.succeeded:
        last = register.units[unit].until
        if last is None or last >= by or plan.now(unit) != unit:
            continue
        taking = register.successor(unit, by)
        found = belongings(situation.process, plan, unit)
        if taking is None or not found.open:
            continue
        data = {**_recorded(unit, taking, found), "successor": True}
        day = max(last + DAY, date.fromisoformat(plan.visits[0].entered_on))
        ledger.record(messages.PLAN_HANDED_OVER, data, {"via": "engine"}, by_itself=True, on=day)
        plan = ledger.current


def _recorded(giving: str, taking: str, found: Belongings) -> dict[str, Any]:
    return {
        "from": giving,
        "to": taking,
        "items": [list(item) for item in found.items],
        "kept": [list(item) for item in found.kept],
        "leads": [list(lead) for lead in found.leads],
    }


def require_parties(register: Register, giving: str, taking: str, on: date) -> None:
    """Refuse whom the register does not know, and somebody who is not there to take the work over.

    Raises:
        InvalidInput: If there is no such person or unit, or both are the same.
    """
    if register.kind(giving) == register.kind(taking) == "unit":
        _require_units(register, giving, taking, on)
        return
    for who in (giving, taking):
        if register.kind(who) not in ("person", "unit"):
            raise InvalidInput(
                "there is no person and no unit `{who}` in the people register",
                code="unknown-person",
                hint="`workflow people list` shows the ids",
                who=who,
            )
    if register.kind(giving) != register.kind(taking):
        raise InvalidInput(
            "work passes between two persons or two units: `{giving}` and `{taking}` are one of each",
            code="person-and-unit",
            hint="`workflow people list` shows the ids",
            giving=giving,
            taking=taking,
        )
    if giving == taking:
        raise InvalidInput("`{person}` cannot hand over to themselves", code="same-person", person=giving)
    if not register.persons[taking].holds(on):
        raise InvalidInput(
            "`{person}` is not in the people register on {on}",
            code="not-in-service",
            person=taking,
            on=on.isoformat(),
        )


def _require_units(register: Register, giving: str, taking: str, on: date) -> None:
    if giving == taking:
        raise InvalidInput("`{unit}` cannot hand over to itself", code="same-unit", unit=giving)
    if not register.unit_valid(taking, on):
        raise InvalidInput("there is no unit `{unit}` on {on}", code="not-in-service", unit=taking, on=on.isoformat())


def _require_free(situation: Situation, taking: str, matter: Matter) -> None:
    found = situation.register.conflicts(taking, matter, situation.on)
    if found:
        raise NotPermitted(
            "`{person}` cannot take this plan over: they declared a conflict of interest",
            code="conflict-of-interest",
            hint="somebody else has to do it",
            reasons=declared(found),
            person=taking,
        )
