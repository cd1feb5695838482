"""Reminders before work is due, and who is told when it is late: which rungs of a plan's open work have come.

What an officer expects decides what happens when nobody looked for a while:

- a reminder of work whose day is past says nothing that its owner does not know: it is not sent, and the
  trail says so; of several that have come only the nearest to the due day is sent;
- whoever stands above is told however late that is found out, each rung once: the matter is still open;
- a rung that lies before the day on which the work came to its owner, or on which a rung that had been fired
  got its new day, is none; who gets work behind its day has the time of the rung from then on;
- buffer time behind a stage is no lateness, and nobody is told of it.

Nothing fires with a command: what somebody records may be the very thing that is owed. It fires with a tick,
as an event of nobody's, so that the chain itself lets each rung of each due day fire once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from workflow import messages
from workflow.deadlines import rungs
from workflow.deadlines.slack import late_after
from workflow.decide.ledger import Ledger
from workflow.decide.situation import Process, Situation
from workflow.decide.waking import BY_ITSELF
from workflow.language.reminding import LEAD, UNIT_HEAD, Escalation
from workflow.people import Register
from workflow.plan.redating import item_name
from workflow.plan.state import ACTIVE, PlanState, StepRound
from workflow.plan.timers import ESCALATE, REMIND, settled, settled_before
from workflow.steps.step_type import WorkItem


@dataclass(frozen=True)
class _Pending:
    """A rung that has not been settled for the item's due day.

    Attributes:
        due: The day from which it counts: the due day, or the last one on which the work is not late.
        base: That day, or a later one on which the work came to its owner; of a reminder the day on which
            it came, behind which the rung has to lie.
    """

    kind: str
    rung: str
    address: str
    round: int
    item: WorkItem
    due: date
    base: date
    escalation: Escalation | None = None

    @property
    def place(self) -> tuple[str, int, str]:
        return self.address, self.round, self.item.key

    def day(self, process: Process) -> date:
        """The day on which it fires."""
        if self.kind == REMIND:
            return rungs.day_before(self.due, self.rung, process.calendar)
        return rungs.day_after(self.base, self.rung, process.calendar)

    @property
    def earliest(self) -> date:
        """The first day that this can be, whatever the calendar says."""
        if self.kind == REMIND:
            return rungs.first_before(self.due, self.rung)
        return rungs.first_after(self.base, self.rung)


def reminds_on(process: Process, plan: PlanState) -> date | None:
    """Return the first day on which somebody may have to be reminded or told, None for never.

    A function of the state and the definition alone: with rungs in working days it may lie before the day
    on which one fires, and does not lie behind it.
    """
    return min((pending.earliest for pending in _pending(process, plan)), default=None)


def fire(ledger: Ledger, situation: Situation) -> None:
    """Record each rung that has come by the command's day."""
    process = situation.process
    come = [
        (pending, day)
        for pending in _pending(process, ledger.current)
        if pending.earliest <= situation.on and (day := pending.day(process)) <= situation.on
    ]
    for _, of_item in groupby(come, key=lambda each: each[0].place):
        found = sorted(of_item, key=lambda each: each[1])
        _remind(ledger, situation, [each for each in found if each[0].kind == REMIND])
        for pending, day in found:
            if pending.kind == ESCALATE:
                _escalate(ledger, situation, pending, day)


def _remind(ledger: Ledger, situation: Situation, found: Sequence[tuple[_Pending, date]]) -> None:
    for place, (pending, day) in enumerate(found, 1):
        owner = pending.item.owner
        data = _data(pending, day, (owner,) if owner else (), situation)
        why = "overdue" if pending.due < situation.today else "overtaken" if place < len(found) else None
        if day <= pending.base:
            why = "came-later"
        type_ = messages.REMINDER_SKIPPED if why else messages.REMINDED
        data = {**data, "why": why} if why else data
        ledger.record(type_, data, BY_ITSELF, by_itself=True, on=situation.on)


def _escalate(ledger: Ledger, situation: Situation, pending: _Pending, day: date) -> None:
    said = pending.escalation.to if pending.escalation else ()
    found = (_who(ledger.current, situation, pending, name) for name in said)
    whom = tuple(dict.fromkeys(name for name in found if name))
    data = {**_data(pending, day, whom, situation), "owner": pending.item.owner}
    ledger.record(messages.ESCALATED, data, BY_ITSELF, by_itself=True, on=situation.on)


def _data(pending: _Pending, day: date, to: tuple[str, ...], situation: Situation) -> dict[str, Any]:
    register, today = situation.register, situation.on
    persons = dict.fromkeys(person for name in to for person in _persons(register, name, today))
    return {
        "step": pending.address,
        "round": pending.round,
        "key": pending.item.key,
        "rung": pending.rung,
        "day": day.isoformat(),
        "due": pending.due.isoformat(),
        "to": list(to),
        "persons": list(persons),
        "calendar": situation.process.calendar.version,
        "people": situation.people_version,
    }


def _persons(register: Register, name: str, on: date) -> tuple[str, ...]:
    if name.startswith("@"):
        return tuple(person for unit in register.resolve_units((name,), on) for person in register.holders(unit, on))
    return register.holders(name, on) if register.known(name) else ()


def _who(plan: PlanState, situation: Situation, pending: _Pending, name: str) -> str | None:
    """Return whom a word of `to:` means; None where there is nobody."""
    lead = plan.now(situation.process.lead(pending.address))
    if name == LEAD:
        return lead
    if name == UNIT_HEAD:
        owner = pending.item.owner or lead
        return head_of(situation.register, owner) if owner else None
    return plan.now(name)


def head_of(register: Register, owner: str) -> str | None:
    """Return the office that heads the unit of a unit, office or person; above a unit without one the next with one.

    A unit's head is the first office that the register has for it.
    """
    person, office = register.persons.get(owner), register.offices.get(owner)
    unit: str | None = person.unit if person else office.unit if office else owner
    seen: set[str] = set()
    while unit in register.units and unit not in seen:
        seen.add(unit)
        head = next((id_ for id_, each in register.offices.items() if each.unit == unit), None)
        if head is not None and head != owner:
            return head
        unit = register.units[unit].parent
    return None


def _pending(process: Process, plan: PlanState) -> Iterator[_Pending]:
    if plan.status != ACTIVE:
        return
    for address in process.definition.rungs:
        step = plan.step(address)
        if step is None or step.current.ended:
            continue
        for item in process.work_items(plan, address, step.current):
            if item.open and item.due_on is not None:
                yield from _of_item(process, plan, address, step.current, item, date.fromisoformat(item.due_on))


def _of_item(
    process: Process, plan: PlanState, address: str, round_: StepRound, item: WorkItem, due: date
) -> Iterator[_Pending]:
    said, name = process.definition.rungs[address], item_name(address, round_.number, item.key)
    came = date.fromisoformat(item.since or round_.opened_on)
    moved = max((date.fromisoformat(move.on) for move in plan.moves if move.where == name), default=came)
    for rung in said.remind:
        # What was said of the old day is not said again of the new one, unless it is still ahead.
        armed = max(came, moved) if settled_before(plan.fired, name, REMIND, rung) else came
        if rungs.last_before(due, rung) > armed and not settled(plan.fired, name, due.isoformat(), REMIND, rung):
            yield _Pending(REMIND, rung, address, round_.number, item, due, armed)
    last = _last_day(process, plan, address, round_, item, due)
    for escalation in said.escalate:
        if not settled(plan.fired, name, last.isoformat(), ESCALATE, escalation.after):
            base = max(last, came, moved)
            yield _Pending(ESCALATE, escalation.after, address, round_.number, item, last, base, escalation)


def _last_day(process: Process, plan: PlanState, address: str, round_: StepRound, item: WorkItem, due: date) -> date:
    """The last day on which the work is not late: its due day, or the end of the buffer behind it."""
    own = item.origin is not None or any(count.get("due") == item.due_on for count in round_.counts)
    last = late_after(process.definition, plan.schedule, address, item.due_on, own=own)
    return date.fromisoformat(last) if last is not None else due
