"""What a plan does by itself: on which day next, and all of it up to a day.

A period begins, a fund's year ends, a step beside the stages is over. Each happens on its own day, whenever
that is noticed: a plan that nobody looked at for weeks catches up day by day, and its trail says the same
as if somebody had looked every morning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from workflow import messages
from workflow.deadlines import DAY
from workflow.decide.asking import guarded, sound_act
from workflow.decide.contexts import ActContext, counting
from workflow.decide.ledger import Ledger
from workflow.decide.openings import finish_if_done, last_day, plugin_of, still_open
from workflow.decide.situation import Process, Situation
from workflow.errors import PluginFailed
from workflow.plan.state import ACTIVE, PlanState, StepRound
from workflow.steps.step_type import StepType

BY_ITSELF = {"via": "engine"}
"""The authority of what nobody did."""


@dataclass(frozen=True)
class _Waking:
    """A step that does something by itself: on *day* it is ticked, or it *ends*."""

    day: date
    address: str
    ends: bool


def wakes_on(process: Process, plan: PlanState) -> date | None:
    """Return the day on which the plan next does something by itself, None for never.

    A function of the state and the definition alone, so that the events determine it. A step type that
    does not say when its `tick` has something to do may have it on any day: such a plan is always awake.
    """
    if plan.status != ACTIVE:
        return None
    days = [waking.day for address in _restless(process, plan) for waking in _wakings(process, plan, address)]
    for address in _ticking(process, plan):
        if not _foresees(process.type_of(address)):
            days.append(date.fromisoformat(plan.steps[address].current.opened_on))
    return min(days, default=None)


def catch_up(ledger: Ledger, situation: Situation, *, alone: bool = False, to_look: bool = False) -> None:
    """Record what the plan did by itself, each on its day: what began by today, what ended by the command's day.

    Args:
        alone: Nothing else is to be done: it is caught up to the command's day and no further, and a plan
            that nothing holds open any longer is finished.
        to_look: Nothing of it will be recorded: a step that wakes again and again is asked once for all
            that is left, as years of weeks one by one would take their time.
    """
    process = situation.process
    until = situation.on if alone else situation.today
    idle: set[_Waking] = set()
    ticked: set[str] = set()
    known: dict[str, tuple[StepRound, tuple[_Waking, ...]]] = {}
    while (waking := _first(process, ledger.current, idle, known)) is not None:
        if waking.day > (situation.on if waking.ends else until):
            idle.add(waking)
        elif waking.ends:
            _end(ledger, waking)
        elif not _tick(ledger, situation, waking.address, _asked_on(process, waking, ticked, until)):
            # The type announced something and then had nothing: it is asked again with the next command.
            idle.add(waking)
        elif to_look:
            ticked.add(waking.address)
        if alone and waking not in idle:
            finish_if_done(ledger, situation, BY_ITSELF, by_itself_on=waking.day)
    # What a type does not foresee (a unit that ended is known to the register alone) is asked for at last.
    for address in _ticking(process, ledger.current):
        day = min(until, last_day(process, address) or until)
        if not still_open(ledger.current, address):
            continue
        if _tick(ledger, situation, address, day) and alone:
            finish_if_done(ledger, situation, BY_ITSELF, by_itself_on=day)


def _asked_on(process: Process, waking: _Waking, ticked: set[str], until: date) -> date:
    if waking.address not in ticked:
        return waking.day
    return min(until, last_day(process, waking.address) or until)


def _first(
    process: Process,
    plan: PlanState,
    idle: set[_Waking],
    known: dict[str, tuple[StepRound, tuple[_Waking, ...]]],
) -> _Waking | None:
    if plan.status != ACTIVE:
        return None
    for address in _restless(process, plan):
        # Only the step on which something happened has to be asked again.
        current = plan.steps[address].current
        if address not in known or known[address][0] is not current:
            known[address] = current, tuple(_wakings(process, plan, address))
    found = (waking for _, wakings in known.values() for waking in wakings if waking not in idle)
    return min(found, key=lambda waking: waking.day, default=None)


def _restless(process: Process, plan: PlanState) -> Iterator[str]:
    """The opened steps that may do something by themselves: most steps never do, and are asked once only."""
    asked = process.restless
    for address in plan.steps:
        if address not in asked:
            asked[address] = address in process.definition.steps and (
                last_day(process, address) is not None
                or _foresees(process.type_of(address))
                or type(process.type_of(address)).tick is not StepType.tick
            )
        if asked[address]:
            yield address


def _wakings(process: Process, plan: PlanState, address: str) -> Iterator[_Waking]:
    round_ = still_open(plan, address)
    if round_ is None or address not in process.definition.steps:
        return
    step_type, last = process.type_of(address), last_day(process, address)
    if _foresees(step_type):
        day = guarded(step_type, "wakes", process.view(plan, address, round_))
        if day is not None and type(day) is not date:
            raise _no_day(step_type, day)
        # A series that ends with a day has no period that begins after it.
        if day is not None and (last is None or day <= last):
            day = max(day, _running_since(plan, round_))
            yield _Waking(day if last is None else min(day, last), address, ends=False)
    if last is not None:
        yield _Waking(max(last + DAY, date.fromisoformat(round_.opened_on)), address, ends=True)


def _running_since(plan: PlanState, round_: StepRound) -> date:
    """The day from which the step's clock runs without a stop: while the plan stood still nothing happened."""
    again = (stop[1] for stop in plan.stops if stop[1])
    return date.fromisoformat(max([round_.opened_on, *again]))


def _ticking(process: Process, plan: PlanState) -> tuple[str, ...]:
    """The open steps whose types do something by themselves."""
    if plan.status != ACTIVE:
        return ()
    return tuple(
        address
        for address in _restless(process, plan)
        if still_open(plan, address) and type(process.type_of(address)).tick is not StepType.tick
    )


def _foresees(step_type: StepType) -> bool:
    return type(step_type).wakes is not StepType.wakes


def _end(ledger: Ledger, waking: _Waking) -> None:
    data = {"step": waking.address, "round": ledger.current.steps[waking.address].current.number}
    ledger.record(messages.STEP_ENDED, data, BY_ITSELF, by_itself=True, on=waking.day)


def _tick(ledger: Ledger, situation: Situation, address: str, day: date) -> bool:
    """Record what a step type says became due on *day*; False where it says nothing."""
    process = situation.process
    round_, step_type = ledger.current.steps[address].current, process.type_of(address)
    context = ActContext(situation, ledger.current, day)
    answer = guarded(step_type, "tick", process.view(ledger.current, address, round_), context)
    if answer is None:
        return False
    act = sound_act(step_type, "tick", answer)
    reached = act.to or round_.phase
    if reached not in step_type.states:
        raise PluginFailed(
            "step type `{name}` wants to go from {source} to {target} by `{action}`, which its machine lacks",
            name=step_type.name,
            source=round_.phase,
            target=reached,
            action="tick",
        )
    data = {
        "step": address,
        "round": round_.number,
        "action": "tick",
        "from": round_.phase,
        "to": reached,
        "data": act.data,
    }
    if reached in step_type.complete_states:
        data["complete"] = True
    counts = counting(process, address, round_.number, context, round_.state)
    plugin = plugin_of(step_type)
    ledger.record(messages.STEP_ACTED, data, BY_ITSELF, plugin=plugin, by_itself=True, on=day, counts=counts)
    return True


def _no_day(step_type: StepType, answer: object) -> PluginFailed:
    return PluginFailed(
        "step type `{name}` answered `{method}` with {kind}",
        hint="report it to the plugin's author; the plan is unchanged",
        name=step_type.name,
        method="wakes",
        kind=type(answer).__name__,
    )
