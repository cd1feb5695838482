"""Actions on steps: address, machine, permission, parameters, and what the step type answers."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from workflow import messages
from workflow.decide import dossiers as papers
from workflow.decide.asking import act_of, answers
from workflow.decide.contexts import ActContext, counting
from workflow.decide.ledger import Ledger
from workflow.decide.moves import acted_on
from workflow.decide.moving import redated_items
from workflow.decide.openings import finish_if_done, open_waiting, plugin_of
from workflow.decide.performers import allowed
from workflow.decide.separation import in_whose_name, require_not_own_draft, require_not_own_matter
from workflow.decide.situation import Process, Situation, matter_of
from workflow.errors import N_, InvalidInput, NotFound, Phrase, PluginFailed, Reason, Refused
from workflow.language.definition import Text
from workflow.language.validation import Complaint, complaints
from workflow.machine import NotPossible
from workflow.names import require_text
from workflow.plan import revisions
from workflow.plan.state import PlanState, StepRound
from workflow.steps.references import references_in
from workflow.steps.step_type import Act, Action, Parameters, StepType


def decide_act(ledger: Ledger, situation: Situation, reference: str, name: str, values: Mapping[str, Any]) -> None:
    """Judge and record one action on a step."""
    process, plan = situation.process, ledger.current
    address, round_ = find_round(process, plan, reference)
    step_type = process.type_of(address)
    action = find_action(step_type, name)
    parameters = parse(action, values)
    _require_known(situation, parameters)
    view = process.view(plan, address, round_)
    may = allowed(process, plan, address, round_, action, parameters)
    what = Phrase(N_("do `{action}` on `{step}`"), {"action": name, "step": address})
    matter = matter_of(process, plan, address)
    authority = situation.authorise(may.references, what, matter, may.bodies)
    _require_possible(process, plan, address, round_, action)
    _require_other_person(process, plan, address, situation)
    require_not_own_matter(process, plan, address, round_, action, parameters, situation, authority)
    if situation.on < date.fromisoformat(round_.opened_on):
        raise InvalidInput(
            "{on} is before {opened}, the day on which `{step}` was opened",
            code="too-early",
            hint="give --on {opened} or later",
            on=situation.on.isoformat(),
            opened=round_.opened_on,
            step=address,
        )
    if reasons := tuple(papers.published(process, address)):
        raise Refused("`{action}` is not possible on `{step}`", reasons=reasons, action=name, step=address)
    context = ActContext(situation, plan, situation.on)
    act = act_of(step_type, action.method, view, parameters, context)
    authority = in_whose_name(situation, act, parameters, authority, what, matter)
    require_not_own_draft(plan, situation, act, authority)
    reached = _fire(process, step_type, round_, action, act)
    ledger.warnings.extend(act.warnings)
    _record(ledger, situation, address, round_, action, act, reached, authority, context)
    open_waiting(ledger, situation, authority)
    finish_if_done(ledger, situation, authority)


def _record(
    ledger: Ledger,
    situation: Situation,
    address: str,
    round_: StepRound,
    action: Action,
    act: Act,
    reached: str,
    authority: dict[str, Any],
    context: ActContext,
) -> None:
    step_type = situation.process.type_of(address)
    complete = reached in step_type.complete_states
    data: dict[str, Any] = {
        "step": address,
        "round": round_.number,
        "action": action.name,
        "from": round_.phase,
        "to": reached,
        "data": act.data,
    }
    if complete:
        data["complete"] = True
    data.update(revisions.of_act(ledger.current, act, round_.lead))
    behalf = ledger.current.now(act.on_behalf or situation.behalf)
    if behalf == authority.get("ref"):
        behalf = None
    counts = counting(situation.process, address, round_.number, context, round_.state)
    ledger.record(
        messages.STEP_ACTED,
        data,
        authority,
        plugin=plugin_of(step_type),
        on_behalf=behalf,
        counts=counts,
        moves=redated_items(situation.process, ledger.current, address, round_.number) if action.redates else None,
    )


def find_round(process: Process, plan: PlanState, reference: str) -> tuple[str, StepRound]:
    """Return the full address and the round that *reference* means: the newest where none is named.

    Raises:
        NotFound: If the definition has no such step, or it has no such round.
        Refused: If the step was not opened yet.
    """
    name, at, wanted = reference.partition("@")
    stage, _, rest = name.partition("/")
    if rest:
        stage = process.definition.stage_named(stage) or stage
        name = f"{stage}/{rest}"
    address = process.definition.full_address(name, plan.stage)
    if address is None:
        near = _near(name[:200], list(dict.fromkeys([*process.definition.steps, *plan.steps])))
        raise NotFound(
            "there is no step `{step}` in {definition}",
            code="unknown-step",
            hint="did you mean {near}?" if near else "`workflow show {plan} --all` lists its steps",
            step=reference[:120],
            definition=process.definition.id,
            plan=plan.id,
            near=near,
        )
    step = plan.step(address)
    if step is None:
        declared = process.step(address)
        phrase = Phrase(N_("step `{step}` opens when its stage is entered"), {"step": address})
        if declared.waits_for:
            phrase = Phrase(
                N_("step `{step}` opens when its stage is entered and {others} is complete"),
                {"step": address, "others": ", ".join(declared.waits_for)},
            )
        raise Refused("step `{step}` is not open yet", reasons=(Reason("step-not-open", phrase),), step=address)
    if not at:
        return address, step.current
    for round_ in step.rounds:
        if wanted == str(round_.number):
            return address, round_
    raise NotFound("step `{step}` has no round {number}", code="unknown-round", step=address, number=wanted[:20])


def find_action(step_type: StepType, name: str) -> Action:
    """Return the type's action of this name.

    Raises:
        NotFound: With the actions it has.
    """
    actions = step_type.actions()
    if name not in actions:
        raise NotFound(
            "step type `{type}` has no action `{action}`",
            code="unknown-action",
            hint="it has: {actions}",
            type=step_type.name,
            action=name[:120],
            actions=[_with_title(each) for each in actions.values()],
        )
    return actions[name]


def parse(action: Action, values: Mapping[str, Any]) -> Any:
    """Return the action's parameters, validated.

    Raises:
        InvalidInput: With one reason for each value that is missing, unknown or wrong.
    """
    kept = {name: _kept(name, value) for name, value in values.items()}
    try:
        return action.parameters.model_validate(kept)
    except ValidationError as error:
        reasons = tuple(_wrong(complaint) for complaint in complaints(error, kept, action.parameters))
        raise InvalidInput(
            "`{action}` was given wrong or too few values",
            code="bad-parameters",
            reasons=reasons,
            hint="`workflow act PLAN STEP {action} --help` lists them",
            action=action.name,
        ) from error


def _wrong(complaint: Complaint) -> Reason:
    code = "parameter-" + complaint.code
    if not complaint.path:
        return Reason(code, complaint.phrase)
    name = ".".join(str(part) for part in complaint.path)
    return Reason(code, Phrase(N_("`{name}`: {fault}"), {"name": name, "fault": complaint.phrase}))


def _kept(name: str, value: Any) -> Any:
    """Return a parameter with its texts in the form in which they are kept."""
    if isinstance(value, str):
        return require_text(value, name)
    if isinstance(value, Mapping):
        return {key: _kept(name, inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_kept(name, inner) for inner in value]
    return value


def _with_title(action: Action) -> Text:
    """What is typed for an action, and what it means."""
    return Text(vi=f"{action.name} ({action.title.vi})", en=f"{action.name} ({action.title})")


def _require_known(situation: Situation, parameters: Parameters) -> None:
    """Refuse a name that nobody has: existence comes before any rule."""
    for path, kind, name in references_in(parameters):
        if kind in ("unit", "holder") and not situation.register.known(name):
            raise NotFound(
                "`{parameter}`: the people register has no `{ref}`",
                code="unknown-reference",
                hint="`workflow people list` shows who there is",
                parameter=".".join(map(str, path)),
                ref=name[:120],
            )


def _require_possible(process: Process, plan: PlanState, address: str, round_: StepRound, action: Action) -> None:
    step_type = process.type_of(address)
    possible = process.step_machine(step_type.name).actions(round_.phase)
    if action.name not in possible:
        raise Refused(
            "`{action}` is not possible on `{step}`, which is {state}",
            code="action-not-possible",
            hint="possible now: {possible}" if possible else None,
            reasons=answers(step_type, "why_not", Reason, process.view(plan, address, round_), action.name),
            action=action.name,
            step=address,
            state=process.state_title(address, round_),
            possible=[_with_title(step_type.actions()[name]) for name in possible],
        )
    newest = plan.steps[address].current
    if (round_.ended or round_ is not newest) and not action.late:
        raise Refused(
            "`{step}` was left behind; `{action}` is no longer possible on it",
            code="step-left",
            hint="a transition back opens a new round of it",
            step=address,
            action=action.name,
        )
    stage = process.stage_of(address)
    if stage not in (None, plan.stage) and round_.complete and not action.late:
        raise Refused(
            "stage `{stage}` was left; `{action}` is no longer possible on `{step}`",
            code="stage-left",
            hint="a transition back opens a new round of it",
            stage=stage,
            action=action.name,
            step=address,
        )


def _require_other_person(process: Process, plan: PlanState, address: str, situation: Situation) -> None:
    other = other_that_bars(process, plan, address, situation.actor)
    if other is not None:
        raise Refused(
            "whoever acted on `{other}` cannot act on `{step}`: `{actor}` did",
            code="same-person",
            other=other,
            step=address,
            actor=situation.actor,
        )


def other_that_bars(process: Process, plan: PlanState, address: str, actor: str | None) -> str | None:
    """Return the step on which *actor* worked and which therefore bars them from this one, or None."""
    stage = process.stage_of(address)
    others = [(other, False) for other in process.step(address).not_same_person_as]
    others += [(other, True) for other in process.definition.stages[stage].not_same_person_as] if stage else []
    for reference, of_stage in others:
        other = process.definition.full_address(reference, stage) or reference
        # Whoever works on the step that its own stage names goes on with that one, and no other.
        if (other != address or not of_stage) and acted_on(plan, other, actor):
            return other
    return None


def _fire(process: Process, step_type: StepType, round_: StepRound, action: Action, act: Act) -> str:
    target = act.to or (action.to[0] if len(action.to) == 1 else round_.phase)
    try:
        return process.step_machine(step_type.name).fire(round_.phase, action.name, target)
    except NotPossible as error:
        raise PluginFailed(
            "step type `{name}` wants to go from {source} to {target} by `{action}`, which its machine lacks",
            name=step_type.name,
            source=round_.phase,
            target=target,
            action=action.name,
        ) from error


def _near(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(known), n=3, cutoff=0.4)
    return " / ".join(found)
