"""Decide: a plan's state and a command in, events out; or every reason why not.

Pure. What was computed or looked up goes into the events, so that `plan.evolve` never needs a
calendar, the people register or a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import singledispatch
from typing import Any

from workflow import deadlines, messages
from workflow.decide.acts import decide_act
from workflow.decide.amending import Amend, decide_amend
from workflow.decide.extensions import Reschedule, decide_reschedule
from workflow.decide.issuing import IssueNumber, issue
from workflow.decide.ledger import Ledger
from workflow.decide.moves import choose_trigger, guard_results, require_active, require_day, unmet
from workflow.decide.moving import Cause, record_moves
from workflow.decide.openings import end_past, finish_if_done, open_stage, open_waiting
from workflow.decide.performers import performers, performers_of
from workflow.decide.situation import Situation, matter_of
from workflow.decide.timers import fire
from workflow.decide.transfers import HandOver, decide_hand_over, pass_to_successors
from workflow.decide.waking import catch_up
from workflow.decide.withdrawing import Withdraw, decide_withdraw
from workflow.errors import N_, InvalidInput, NotFound, Phrase, Refused
from workflow.machine import NotPossible
from workflow.messages import FreeText
from workflow.people import Matter
from workflow.plan.state import ACTIVE, CANCELLED, FINISHED, STATUSES, SUSPENDED, PlanState


@dataclass(frozen=True)
class Create:
    """Start a plan; `adopt_at` takes over one already under way in that stage."""

    plan: str
    title: str | None = None
    start: date | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    adopt_at: str | None = None


@dataclass(frozen=True)
class Advance:
    """Fire a transition; the only possible one where no trigger is named."""

    trigger: str | None = None


@dataclass(frozen=True)
class ActOn:
    """Do an action on a step. *step* is any form of address."""

    step: str
    action: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tick:
    """Record what became due by itself up to the command's day."""


@dataclass(frozen=True)
class Change:
    """Suspend, resume, cancel or reopen a plan: *type* is the event's type."""

    type: str
    reason: str
    document: str | None = None


@dataclass(frozen=True)
class Correct:
    """Reverse event *seq*; `restored` is the state that the other events make without it."""

    seq: int
    reason: str
    restored: PlanState
    reversed_type: str
    happened_on: date


@dataclass(frozen=True)
class MoveDates:
    """Move the dates that count otherwise now, for a cause outside the plan: another calendar file."""

    cause: Cause
    reason: str | None = None


Command = (
    MoveDates
    | Reschedule
    | Create
    | Advance
    | ActOn
    | Tick
    | Change
    | Correct
    | IssueNumber
    | HandOver
    | Amend
    | Withdraw
)


def decide(plan: str, state: PlanState | None, command: Command, situation: Situation) -> Ledger:
    """Return the ledger with the events that *command* makes.

    Raises:
        InvalidInput: For a day after today, or bad values.
        NotPermitted: If the actor may not do this.
        Refused: With every reason why not.
    """
    if situation.on > situation.today:
        raise InvalidInput(
            "{on} lies in the future; today is {today}",
            code="future-date",
            hint="--on tells the day on which it happened",
            on=situation.on.isoformat(),
            today=situation.today.isoformat(),
        )
    if not isinstance(command, Tick):
        situation.require_actor()
    ledger = Ledger(plan, state, situation)
    if state is not None and state.status == ACTIVE and not isinstance(command, (Create, Correct, MoveDates)):
        alone = isinstance(command, Tick)
        catch_up(ledger, situation, alone=alone)
        if ledger.current.status == ACTIVE:
            pass_to_successors(ledger, situation, by=situation.on if alone else situation.today)
    _decide(command, ledger, situation)
    return ledger


@singledispatch
def _decide(command: Any, ledger: Ledger, situation: Situation) -> None:
    raise TypeError(f"unknown command {command!r}")


@_decide.register
def _(command: Create, ledger: Ledger, situation: Situation) -> None:
    process = situation.process
    definition = process.definition
    stage = definition.initial
    if command.adopt_at is not None:
        found = definition.stage_named(command.adopt_at)
        if found is None:
            raise NotFound(
                "definition {definition} has no stage `{stage}`",
                code="unknown-stage",
                hint="it has: {stages}",
                definition=definition.id,
                stage=command.adopt_at,
                stages=", ".join(definition.stages),
            )
        stage = found
    unknown = sorted(set(command.parameters) - set(definition.parameters))
    if unknown:
        raise InvalidInput(
            "definition {definition} has no parameter {names}",
            code="unknown-parameter",
            hint="it has: {known}",
            definition=definition.id,
            names=", ".join(unknown),
            known=", ".join(definition.parameters) or "-",
        )
    authority = situation.authorise(
        performers(process, definition.by, lead=definition.lead),
        Phrase(N_("create this plan")),
        replace(matter_of(process, None), plan=command.plan),
    )
    start = command.start or situation.on
    data: dict[str, Any] = {
        "definition": {"id": definition.id, "version": definition.version},
        "stage": stage,
        "start": start.isoformat(),
        "schedule": deadlines.schedule(definition, start, process.calendar, policies=process.policies),
        "calendar": process.calendar.version,
    }
    if command.title is not None:
        data["title"] = FreeText(command.title)
    if command.parameters:
        data["parameters"] = dict(command.parameters)
    if command.adopt_at is not None:
        data["adopted"] = True
    ledger.record(messages.PLAN_CREATED, data, authority, on_behalf=situation.behalf)
    open_stage(ledger, situation, authority)
    finish_if_done(ledger, situation, authority)


@_decide.register
def _(command: Advance, ledger: Ledger, situation: Situation) -> None:
    process, plan = situation.process, ledger.current
    require_active(plan)
    trigger = choose_trigger(process, plan, command.trigger, lambda name: unmet(situation, plan, name))
    transition = process.definition.stages[plan.stage].transitions.get(trigger)
    if transition is not None:
        authority = situation.authorise(
            performers_of(process, plan.stage, trigger),
            Phrase(N_("fire `{trigger}`"), {"trigger": trigger}),
            matter_of(process, plan, papers=transition.needs),
        )
        require_day(situation, plan, transition)
    reasons = unmet(situation, plan, trigger)
    try:
        reached = process.stages.fire(plan.stage, trigger, allowed=not reasons)
    except NotPossible as error:
        raise Refused(
            "`{trigger}` is not possible in stage `{stage}`",
            reasons=reasons,
            hint="`workflow next {plan}` shows what can be done now",
            trigger=trigger,
            stage=plan.stage,
            plan=plan.id,
        ) from error
    _record_transition(ledger, situation, trigger, reached, authority)


def _record_transition(
    ledger: Ledger, situation: Situation, trigger: str, reached: str, authority: dict[str, Any]
) -> None:
    process, plan = situation.process, ledger.current
    definition = process.definition
    transition = definition.stages[plan.stage].transitions[trigger]
    order = list(definition.stages)
    back = order.index(reached) <= order.index(plan.stage)
    again = {definition.full_address(name, reached) or name for name in transition.reopen}
    if back:
        again |= {definition.full_address(name, plan.stage) or name for name in transition.outcome}
    ended = [] if transition.allow_open_steps else _left_open(plan, process.definition.stages[plan.stage].steps)
    data: dict[str, Any] = {"trigger": trigger, "from": plan.stage, "to": reached, **guard_results(transition)}
    if ended:
        data["ended"] = ended
    if again or plan.again:
        opened_once = {address for address in again if plan.step(address)}
        data["again"] = sorted(opened_once | set(plan.again))
    ledger.record(messages.TRANSITION_FIRED, data, authority, on_behalf=situation.behalf)
    open_stage(ledger, situation, authority)
    finish_if_done(ledger, situation, authority)


def _left_open(plan: PlanState, steps: Mapping[str, Any]) -> list[str]:
    found = []
    for name in steps:
        address = f"{plan.stage}/{name}"
        step = plan.step(address)
        if step is not None and not step.current.complete and not step.current.ended:
            found.append(address)
    return found


@_decide.register
def _(command: ActOn, ledger: Ledger, situation: Situation) -> None:
    require_active(ledger.current)
    decide_act(ledger, situation, command.step, command.action, command.parameters)


@_decide.register
def _(command: Tick, ledger: Ledger, situation: Situation) -> None:
    """What was due is already in the ledger; whom it is time to remind or tell is not."""
    fire(ledger, situation)


_FROM = {
    messages.PLAN_SUSPENDED: (ACTIVE,),
    messages.PLAN_RESUMED: (SUSPENDED,),
    messages.PLAN_CANCELLED: (ACTIVE, SUSPENDED),
    messages.PLAN_REOPENED: (CANCELLED, FINISHED),
}


@_decide.register
def _(command: Change, ledger: Ledger, situation: Situation) -> None:
    plan, definition = ledger.current, situation.process.definition
    authority = situation.authorise(
        performers(situation.process, definition.by, lead=definition.lead),
        Phrase(N_("change the plan's status")),
        matter_of(situation.process, plan),
    )
    if plan.status not in _FROM[command.type]:
        raise Refused(
            "the plan is {status}",
            code="wrong-status",
            hint="`workflow show {plan}` tells where it stands",
            status=STATUSES[plan.status],
            plan=plan.id,
        )
    if command.type == messages.PLAN_CANCELLED and not command.document:
        raise InvalidInput(
            "a plan is cancelled on a document's authority, and none is cited",
            code="no-document",
            hint="give --document",
        )
    # What is not active waits at its latest fact; what is active may have been stopped before that.
    earliest = plan.visits[-1].entered_on if plan.status == ACTIVE else plan.latest_on
    if plan.status == SUSPENDED and plan.stops:
        # Its dates may have been moved meanwhile: what it builds on is the suspension.
        earliest = plan.stops[-1][0]
    _require_not_before(situation, earliest)
    data: dict[str, Any] = {"reason": FreeText(command.reason)}
    if command.document:
        data["document"] = FreeText(command.document)
    if command.type == messages.PLAN_REOPENED and plan.status == FINISHED and len(plan.visits) > 1:
        data["stage"] = plan.visits[-2].stage
    ledger.record(command.type, data, authority, on_behalf=situation.behalf)
    if plan.stops and plan.stops[-1][1] is None and ledger.current.status == ACTIVE:
        stopped = {"stopped": plan.stops[-1][0], "resumed": situation.on.isoformat()}
        record_moves(ledger, situation.process, Cause("resumed", stopped), authority)
        # What fell due meanwhile is settled by the step types at once, and not by whatever command comes next.
        catch_up(ledger, situation)
    if ledger.current.status == ACTIVE:
        end_past(ledger, situation)
    if "stage" in data:
        open_waiting(ledger, situation, authority)


@_decide.register
def _(command: MoveDates, ledger: Ledger, situation: Situation) -> None:
    # Whoever loads the calendar moves the dates of all plans, as it binds them all.
    authority = situation.authorise(situation.register.keepers, Phrase(N_("load the calendar")), Matter())
    record_moves(ledger, situation.process, command.cause, authority, reason=command.reason)


@_decide.register
def _(command: Reschedule, ledger: Ledger, situation: Situation) -> None:
    decide_reschedule(ledger, situation, command)


@_decide.register
def _(command: IssueNumber, ledger: Ledger, situation: Situation) -> None:
    issue(ledger, situation, command)


@_decide.register
def _(command: Correct, ledger: Ledger, situation: Situation) -> None:
    definition = situation.process.definition
    authority = situation.authorise(
        performers(situation.process, definition.by, lead=definition.lead),
        Phrase(N_("correct the record")),
        matter_of(situation.process, ledger.current),
    )
    _require_not_before(situation, command.happened_on.isoformat())
    data = {
        "seq": command.seq,
        "reverses": command.reversed_type,
        "reason": FreeText(command.reason),
        "restored": command.restored.as_data(),
    }
    ledger.record(messages.EVENT_CORRECTED, data, authority, on_behalf=situation.behalf)


@_decide.register
def _(command: Amend, ledger: Ledger, situation: Situation) -> None:
    _require_not_before(situation, ledger.current.visits[-1].entered_on)
    decide_amend(ledger, situation, command)


@_decide.register
def _(command: HandOver, ledger: Ledger, situation: Situation) -> None:
    _require_not_before(situation, ledger.current.visits[-1].entered_on)
    decide_hand_over(ledger, situation, command)


@_decide.register
def _(command: Withdraw, ledger: Ledger, situation: Situation) -> None:
    decide_withdraw(ledger, situation, command)


def _require_not_before(situation: Situation, earliest: str) -> None:
    if situation.on.isoformat() < earliest:
        raise InvalidInput(
            "{on} is before {earliest}, the day of what this builds on",
            code="too-early",
            hint="give --on {earliest} or later",
            on=situation.on.isoformat(),
            earliest=earliest,
        )
