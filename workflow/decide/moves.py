"""Transitions: every condition on leaving a stage, judged before the machine is fired."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from workflow.decide import dossiers as papers
from workflow.decide.asking import answers
from workflow.decide.openings import alongside_open, required_open, required_steps
from workflow.decide.situation import Process, Situation
from workflow.errors import N_, InvalidInput, NotFound, Phrase, Reason, Refused, WorkflowError
from workflow.hookspecs import TransitionView
from workflow.language.definition import Text, Transition
from workflow.plan.state import ACTIVE, STATUSES, SUSPENDED, UNOPENED, PlanState, StepRound


def choose_trigger(process: Process, plan: PlanState, trigger: str | None, unmet: Callable[[str], Any]) -> str:
    """Return the trigger to fire: the one named, or the only possible one.

    Raises:
        NotFound: If the definition has no such trigger.
        Refused: If this stage has no such trigger, or none or several are possible and none is named.
    """
    here = process.stages.triggers(plan.stage)
    if trigger is not None:
        if not process.stages.has_trigger(trigger):
            raise NotFound(
                "there is no transition `{trigger}` in {definition}",
                code="unknown-trigger",
                hint="here these are possible: {here}" if here else None,
                trigger=trigger[:120],
                definition=process.definition.id,
                here=", ".join(here),
            )
        return trigger
    possible = [name for name in here if not unmet(name)]
    if len(possible) == 1:
        return possible[0]
    if len(here) == 1:
        return here[0]
    raise InvalidInput(
        "name the transition to fire: {choices}",
        code="choose-trigger",
        hint="`workflow next {plan}` shows what blocks each",
        choices=", ".join(possible or here) or "-",
        plan=plan.id,
    )


def require_active(plan: PlanState) -> None:
    """Refuse where the plan is suspended or over.

    Raises:
        Refused: With the command that makes it active again.
    """
    if plan.status == ACTIVE:
        return
    resumed = plan.status == SUSPENDED
    raise Refused(
        "the plan is {status}, so nothing can be done on it",
        code="not-active",
        hint="`workflow resume` lets it go on" if resumed else "`workflow reopen` makes it active again",
        status=STATUSES[plan.status],
    )


def unmet(situation: Situation, plan: PlanState, trigger: str) -> tuple[Reason, ...]:
    """Return every reason why *trigger* cannot leave the current stage now."""
    process = situation.process
    stage = process.definition.stages[plan.stage]
    transition = stage.transitions.get(trigger)
    if transition is None:
        phrase = Phrase(N_("`{trigger}` does not leave stage `{stage}`"), {"trigger": trigger, "stage": plan.stage})
        return (Reason("not-from-this-stage", phrase),)
    seen = TransitionView(trigger, plan.stage, transition.to, situation.on.isoformat(), transition.needs)
    steps = [*_open_steps(process, plan, transition, situation.on), *_outcomes(process, plan, transition)]
    return (
        # A complete step that holds the gate and lacks the outcome gives its reason once.
        *(reason for index, reason in enumerate(steps) if reason not in steps[:index]),
        *_reopened(process, transition),
        *papers.lacking(process, plan, transition.needs),
        *papers.published_in(process, transition.to),
        *_same_person(process, plan, (*stage.not_same_person_as, *transition.not_same_person_as), situation.actor),
        *_guards(process, plan, transition, seen),
        *_condition(situation, plan, transition),
        *process.vetoes(plan, seen, situation.actor),
    )


def _open_steps(process: Process, plan: PlanState, transition: Transition, on: date) -> list[Reason]:
    waiting: list[str] = []
    held: list[str] = []
    if not transition.allow_open_steps and not _goes_back(process, plan.stage, transition.to):
        waiting += required_open(plan, process, plan.stage)
        held = [address for address in required_steps(process, plan.stage) if address not in waiting]
    if process.definition.stages[transition.to].final:
        waiting += alongside_open(plan, process, on)
        waiting += [
            address
            for address, step in plan.steps.items()
            if process.stage_of(address) not in (None, plan.stage)
            and process.step(address).required
            and not step.current.complete
            and not step.current.ended
        ]
    reasons: list[Reason] = []
    for address in waiting:
        reasons.append(_step_open(process, plan, address))
        step = plan.step(address)
        if step is not None:
            reasons += blockers(process, plan, address)
    for address in held:
        reasons += blockers(process, plan, address)
    return reasons


def blockers(process: Process, plan: PlanState, address: str) -> tuple[Reason, ...]:
    """Why the newest round of a step holds the gates, in its type's words; of a complete one too."""
    view = process.view(plan, address, plan.steps[address].current)
    return answers(process.type_of(address), "blockers", Reason, view)


def _able(process: Process, plan: PlanState, address: str) -> tuple[str, ...]:
    """Who could bring a step to its end: whoever its own reasons name (a dossier lies with a body), else its lead."""
    if plan.step(address) is not None and address not in plan.again:
        named = [name for reason in blockers(process, plan, address) for name in reason.who]
        if named:
            return tuple(dict.fromkeys(named))
    lead = process.lead(address)
    return (lead,) if lead else ()


def _state_title(process: Process, address: str, round_: StepRound) -> Text:
    title = process.type_of(address).states.get(round_.phase)
    return Text(**title) if title else Text(vi=round_.phase)


def _goes_back(process: Process, source: str, target: str) -> bool:
    order = list(process.definition.stages)
    return order.index(target) <= order.index(source)


def _step_open(process: Process, plan: PlanState, address: str) -> Reason:
    who = _able(process, plan, address)
    step = plan.step(address)
    if step is None:
        phrase = Phrase(
            N_("step `{step}` has not been opened yet: it waits for {others}"),
            {"step": address, "others": ", ".join(process.step(address).waits_for)},
        )
        return Reason("step-not-open", phrase, who)
    phrase = Phrase(
        N_("step `{step}` ({title}) is not complete: {state}"),
        {"step": address, "title": process.step_title(address), "state": _state_title(process, address, step.current)},
    )
    return Reason("step-open", phrase, who)


def _outcomes(process: Process, plan: PlanState, transition: Transition) -> list[Reason]:
    reasons = []
    for reference, wanted in transition.outcome.items():
        address = process.definition.full_address(reference, plan.stage) or reference
        outcome = None if address in plan.again else process.outcome(plan, address)
        if outcome not in wanted:
            message = N_("step `{step}` must end with {wanted}; its outcome is {outcome}")
            if outcome is None:
                message = N_("step `{step}` must end with {wanted}; it has no outcome yet")
            phrase = Phrase(message, {"step": address, "wanted": " / ".join(wanted), "outcome": outcome})
            reasons.append(Reason("outcome-differs", phrase, _able(process, plan, address)))
            step = plan.step(address)
            if step is not None and step.current.complete and address not in plan.again:
                reasons += blockers(process, plan, address)
    return reasons


def _reopened(process: Process, transition: Transition) -> list[Reason]:
    """What is to be opened again must be one step; `check` tells it sooner, but need not have been asked."""
    definition = process.definition
    return [
        Reason(
            "ambiguous-step",
            Phrase(
                N_("`reopen:` names `{step}`, which is no one step: {candidates}"),
                {"step": name, "candidates": ", ".join(definition.candidates(name)) or "-"},
            ),
        )
        for name in transition.reopen
        if definition.full_address(name, transition.to) is None
    ]


def _same_person(process: Process, plan: PlanState, others: tuple[str, ...], actor: str | None) -> list[Reason]:
    return [
        Reason(
            "same-person",
            Phrase(N_("whoever acted on `{step}` cannot fire this: `{actor}` did"), {"step": other, "actor": actor}),
        )
        for other in dict.fromkeys(others)
        if acted_on(plan, process.definition.full_address(other, plan.stage) or other, actor)
    ]


def acted_on(plan: PlanState, address: str, actor: str | None) -> bool:
    """True if *actor* did something in the newest round of the step."""
    step = plan.step(address)
    return step is not None and actor is not None and any(who == actor for _, who, _ in step.current.acts)


def _guards(process: Process, plan: PlanState, transition: Transition, seen: TransitionView) -> list[Reason]:
    reasons: list[Reason] = []
    for name in transition.requires:
        guard = process.guards.get(name)
        if guard is None:
            phrase = Phrase(N_("guard `{name}` is not available: no plugin supplies it"), {"name": name})
            reasons.append(Reason("guard-missing", phrase))
        else:
            reasons += guard(plan, seen)
    return reasons


def _condition(situation: Situation, plan: PlanState, transition: Transition) -> list[Reason]:
    if transition.when is None:
        return []
    try:
        holds = situation.process.condition(transition.when, plan_values(situation, plan))
    except WorkflowError as error:
        return [Reason("condition-failed", error.phrase)]
    if holds:
        return []
    return [Reason("condition-false", Phrase(N_("the condition does not hold: {when}"), {"when": transition.when}))]


def plan_values(situation: Situation, plan: PlanState) -> dict[str, Any]:
    """Return what a `when:` condition may name (`conditions.OFFERED`)."""
    process = situation.process
    steps: dict[str, dict[str, Any]] = {address: dict(UNOPENED) for address in process.definition.steps}
    steps |= {
        address: {
            "state": step.current.phase,
            "complete": step.current.complete,
            "round": step.current.number,
            "outcome": process.outcome(plan, address) or "",
            "opened_on": step.current.opened_on,
            "completed_on": step.current.completed_on or "",
            "due_on": step.current.due.get("due") or "",
        }
        for address, step in plan.steps.items()
    }
    parameters = {name: p.default or "" for name, p in process.definition.parameters.items()}
    counts = {stage: sum(visit.stage == stage for visit in plan.visits) for stage in process.definition.stages}
    return {
        "plan": {
            "id": plan.id,
            "stage": plan.stage,
            "status": plan.status,
            "revision": plan.revision,
            "created_on": plan.created_on,
            "definition": plan.definition_id,
        },
        "today": situation.on.isoformat(),
        "actor": situation.actor or "",
        "param": {**parameters, **plan.parameters},
        "steps": steps,
        "visits": counts,
        "normative": process.definition.normative,
    }


def require_day(situation: Situation, plan: PlanState, transition: Transition) -> None:
    """Refuse a day before the stage was entered, or before the latest fact the guards read.

    Raises:
        InvalidInput: With the earliest day that is possible.
    """
    earliest = date.fromisoformat(plan.visits[-1].entered_on)
    process = situation.process
    read = [process.definition.full_address(name, plan.stage) or name for name in transition.outcome]
    read += [f"{plan.stage}/{step}" for step in process.definition.stages[plan.stage].steps]
    if process.definition.stages[transition.to].final:
        read += plan.steps
    for address in read:
        step = plan.step(address)
        if step is not None and step.current.last_on:
            earliest = max(earliest, date.fromisoformat(step.current.last_on))
    for document in transition.needs:
        revision = plan.latest_revision(document)
        if revision is not None:
            earliest = max(earliest, date.fromisoformat(revision.made_on))
    if situation.on < earliest:
        raise InvalidInput(
            "{on} is before {earliest}, the day of what this transition builds on",
            code="too-early",
            hint="give --on {earliest} or later",
            on=situation.on.isoformat(),
            earliest=earliest.isoformat(),
        )


def guard_results(transition: Transition) -> Mapping[str, Any]:
    """Return which named conditions held, for the event (all of them, or it would not have fired)."""
    held: dict[str, Any] = {}
    if transition.requires:
        held["requires"] = list(transition.requires)
    if transition.outcome:
        held["outcome"] = sorted(transition.outcome)
    if transition.needs:
        held["needs"] = list(transition.needs)
    if transition.when:
        held["when"] = transition.when
    return held
