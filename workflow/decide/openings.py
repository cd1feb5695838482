"""Opening and ending of steps: what a stage brings with it when it is entered or left."""

from __future__ import annotations

from datetime import date
from typing import Any

from workflow import deadlines, messages
from workflow.deadlines import DAY
from workflow.decide import dossiers as papers
from workflow.decide.asking import act_of
from workflow.decide.contexts import ActContext, counting
from workflow.decide.ledger import Ledger
from workflow.decide.situation import Process, Situation
from workflow.errors import PluginFailed, Refused
from workflow.plan import revisions
from workflow.plan.state import PlanState, StepRound
from workflow.steps.step_type import Act, StepType
from workflow.steps.views import StepView
from workflow.views.handed import read_only

Authority = dict[str, Any]


def plugin_of(step_type: StepType) -> dict[str, str]:
    """The step type's name and version, for the event."""
    return {"name": step_type.name, "version": step_type.version}


def required_open(plan: PlanState, process: Process, stage: str) -> tuple[str, ...]:
    """Return the addresses of the stage's required steps that are not complete."""
    return tuple(address for address in required_steps(process, stage) if not _complete(plan, address))


def required_steps(process: Process, stage: str) -> tuple[str, ...]:
    """Return the addresses of the stage's required steps."""
    return tuple(address for address in _steps_of(process, stage) if process.step(address).required)


def alongside_open(plan: PlanState, process: Process, on: date) -> tuple[str, ...]:
    """Return the required steps beside the stages that were opened, are not complete and live on *on*."""
    return tuple(
        address
        for address, step in process.definition.alongside.items()
        if step.required and still_open(plan, address) and not is_over(process, address, on)
    )


def last_day(process: Process, address: str) -> date | None:
    """Return the day with which a step beside the stages ends by itself, None if there is none."""
    step = process.definition.alongside.get(address)
    return date.fromisoformat(step.until.date) if step and step.until and step.until.date else None


def is_over(process: Process, address: str, on: date) -> bool:
    """Return True if a step beside the stages lives only until a day before *on*."""
    last = last_day(process, address)
    return last is not None and last < on


def end_past(ledger: Ledger, situation: Situation) -> None:
    """End each step beside the stages whose last day lies before the command's day.

    Nobody did it: it happened on the day after the last one, whenever that is noticed.
    """
    for address in situation.process.definition.alongside:
        round_, last = still_open(ledger.current, address), last_day(situation.process, address)
        if round_ is not None and last is not None and last < situation.on:
            ended_on = max(last + DAY, date.fromisoformat(round_.opened_on))
            data = {"step": address, "round": round_.number}
            ledger.record(messages.STEP_ENDED, data, {"via": "engine"}, by_itself=True, on=ended_on)


def open_stage(ledger: Ledger, situation: Situation, authority: Authority) -> None:
    """Open the steps of the stage just entered, and end or open those beside the stages.

    A step is opened where it never was, where its last round was ended unfinished, and where a
    transition named it for opening again; every other step keeps its result.
    """
    process, plan = situation.process, ledger.current
    for address, step in process.definition.alongside.items():
        if step.until is not None and step.until.stage == plan.stage:
            end_step(ledger, address, authority)
    open_waiting(ledger, situation, authority)


def open_waiting(ledger: Ledger, situation: Situation, authority: Authority) -> None:
    """Open each step of the current stage whose time has come; again until none is left."""
    process = situation.process
    opened = True
    while opened:
        opened = False
        plan = ledger.current
        for address in (*process.definition.alongside, *_steps_of(process, plan.stage)):
            if _wants_opening(plan, situation, address):
                open_step(ledger, situation, address, authority)
                opened = True
                break


def _wants_opening(plan: PlanState, situation: Situation, address: str) -> bool:
    process, known = situation.process, plan.step(address)
    if address in process.definition.alongside:
        if known is not None and address not in plan.again:
            return False
        if not _lives(plan, process, address) or is_over(process, address, _opens_on(situation, plan, address)):
            return False
    elif known is not None and address not in plan.again and not known.current.ended:
        return False
    return all(
        _complete(plan, process.definition.full_address(other, plan.stage) or other) and other not in plan.again
        for other in process.step(address).waits_for
    )


def _lives(plan: PlanState, process: Process, address: str) -> bool:
    """True if a step beside the stages has begun and its stage of ending was not entered."""
    order = list(process.definition.stages)
    step = process.definition.alongside[address]
    starts = step.from_ or process.definition.initial
    visited = {visit.stage for visit in plan.visits}
    if plan.adopted:
        # What lies before the stage of adoption happened outside.
        visited.update(order[: order.index(plan.visits[0].stage)])
    return starts in visited and not (step.until is not None and step.until.stage in visited)


def open_step(ledger: Ledger, situation: Situation, address: str, authority: Authority) -> None:
    """Open a new round of the step."""
    process, plan = situation.process, ledger.current
    step, step_type = process.step(address), process.type_of(address)
    known = plan.step(address)
    number = len(known.rounds) + 1 if known else 1
    opens_on = _opens_on(situation, plan, address)
    day = opens_on.isoformat()
    due = deadlines.effective(plan.schedule, address, process.stage_of(address))
    if reasons := tuple(papers.published(process, address)):
        raise Refused("`{step}` cannot be opened", code="confidential", reasons=reasons, step=address)
    phase = process.step_machine(step.uses).initial
    view = StepView(
        plan=process.handed(plan),
        address=address,
        round=number,
        phase=phase,
        options=process.options(address),
        state=None,
        opened_on=day,
        due=read_only(due),
        lead=plan.now(process.lead(address)),
        title=process.step_title(address),
        normative=process.definition.normative,
    )
    context = ActContext(situation, plan, opens_on)
    act = act_of(step_type, "open", view, context)
    phase = _opened_in(step_type, act, phase)
    data: dict[str, object] = {"step": address, "uses": step.uses, "round": number, "phase": phase, "data": act.data}
    if due:
        data["due"] = due
    if view.lead:
        data["lead"] = view.lead
    data.update(revisions.of_act(plan, act, view.lead))
    if phase in step_type.complete_states:
        data["complete"] = True
    counts = counting(process, address, number, context)
    ledger.record(messages.STEP_OPENED, data, authority, plugin=plugin_of(step_type), on=opens_on, counts=counts)


def _opened_in(step_type: StepType, act: Act, initial: str) -> str:
    """The state in which a step begins: its first one, unless what it asks for is there already."""
    if act.to is not None and act.to not in step_type.states:
        raise PluginFailed(
            "step type `{name}` wants to begin in {state}, which it does not have",
            hint="report it to the plugin's author; the plan is unchanged",
            name=step_type.name,
            state=act.to,
        )
    return act.to or initial


def _opens_on(situation: Situation, plan: PlanState, address: str) -> date:
    """The command's day, unless what the step waited for happened later than that."""
    process = situation.process
    days = [situation.on.isoformat()]
    if process.stage_of(address) is not None:
        days.append(plan.visits[-1].entered_on)
    for other in process.step(address).waits_for:
        known = plan.step(process.definition.full_address(other, plan.stage) or other)
        days.append(known.current.completed_on or "" if known else "")
    return date.fromisoformat(max(days))


def end_step(ledger: Ledger, address: str, authority: Authority, *, by_itself_on: date | None = None) -> None:
    """End a step from outside, if it is open."""
    round_ = still_open(ledger.current, address)
    if round_ is not None:
        data, by_itself = {"step": address, "round": round_.number}, by_itself_on is not None
        ledger.record(messages.STEP_ENDED, data, authority, by_itself=by_itself, on=by_itself_on)


def finish_if_done(
    ledger: Ledger, situation: Situation, authority: Authority, *, by_itself_on: date | None = None
) -> None:
    """Finish the plan if its stage is final and nothing required is open; end what else is open.

    Args:
        by_itself_on: Nobody did it: what was open last ended by itself on this day.
    """
    process, plan = situation.process, ledger.current
    if not process.definition.stages[plan.stage].final or plan.status != "active":
        return
    if required_open(plan, process, plan.stage) or alongside_open(plan, process, by_itself_on or situation.on):
        return
    for address in plan.steps:
        end_step(ledger, address, authority, by_itself_on=by_itself_on)
    by_itself = by_itself_on is not None
    ledger.record(messages.PLAN_FINISHED, {"stage": plan.stage}, authority, by_itself=by_itself, on=by_itself_on)


def still_open(plan: PlanState, address: str) -> StepRound | None:
    """Return the newest round of a step if it is neither complete nor ended."""
    opened = plan.step(address)
    return opened.current if opened and not opened.current.complete and not opened.current.ended else None


def _steps_of(process: Process, stage: str) -> tuple[str, ...]:
    return tuple(f"{stage}/{step}" for step in process.definition.stages[stage].steps)


def _complete(plan: PlanState, address: str) -> bool:
    opened = plan.step(address)
    return opened is not None and opened.current.complete and address not in plan.again
