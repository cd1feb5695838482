"""Whose act it is: a body speaks for itself or by a clerk with that right, and nobody approves their own draft."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from workflow.decide.asking import answers
from workflow.decide.performers import allowed
from workflow.decide.situation import Process, Situation
from workflow.errors import N_, InvalidInput, NotPermitted, Phrase, Reason, Refused
from workflow.people import Matter
from workflow.plan.state import PlanState, StepRound
from workflow.steps.step_type import Act, Action


def in_whose_name(
    situation: Situation, act: Act, parameters: Any, authority: dict[str, Any], what: Phrase, matter: Matter
) -> dict[str, Any]:
    """Return in which capacity an act is done, now that the step type has said in whose name.

    Args:
        parameters: The action's; a clerk's letter may be among them.
        authority: In which capacity the actor may do the action.

    Raises:
        InvalidInput: If `--behalf` names another body than the act does.
        NotPermitted: If the actor neither belongs to the body nor records for it.
        Refused: If the body's letter is missing where the clerk's role needs it.
    """
    body = act.on_behalf or situation.behalf
    if act.on_behalf and situation.behalf and act.on_behalf != situation.behalf:
        raise InvalidInput(
            "this is the act of `{body}`, but --behalf says `{behalf}`",
            code="behalf-differs",
            body=act.on_behalf,
            behalf=situation.behalf,
        )
    if body is None:
        if authority["via"] != "recorder":
            return authority
        raise NotPermitted(
            "`{actor}` may not {what} in their own name",
            code="in-own-name",
            hint="name the body with --behalf",
            actor=situation.actor,
            what=what,
        )
    named = replace(situation, behalf=body).authorise((body,), what, matter)
    if named["via"] == "recorder":
        _require_letter(situation, named["ref"], body, parameters)
    return named


def _require_letter(situation: Situation, role: str, body: str, parameters: Any) -> None:
    letter = getattr(parameters, "letter", None)
    if situation.register.roles[role].needs_letter and not letter and not situation.attachments:
        phrase = Phrase(N_("the letter of `{body}` is missing: its number and day, or the file"), {"body": body})
        raise Refused(
            "an act is recorded in the name of `{body}` only with its letter",
            code="no-letter",
            reasons=(Reason("no-letter", phrase, (situation.require_actor(),)),),
            hint="give --letter where the action has it, or --attach the letter",
            body=body,
        )


def require_not_own_draft(plan: PlanState, situation: Situation, act: Act, authority: dict[str, Any]) -> None:
    """Nobody approves a revision that they made; a clerk who records another's approval does not approve it.

    Raises:
        NotPermitted: If the actor is the author of what the act approves.
    """
    if authority["via"] == "recorder":
        return
    approved = {(each.document, each.number, each.revision) for each in act.approves}
    own = [
        made
        for made in plan.revisions
        if made.author == situation.actor and (made.document, made.number, made.revision) in approved
    ]
    if own:
        raise NotPermitted(
            "`{actor}` may not approve their own draft",
            code="own-draft",
            hint="somebody else who holds the authority has to do it",
            reasons=tuple(
                Reason(
                    "own-draft",
                    Phrase(
                        N_("revision {name} of `{document}` is the work of `{actor}`, handed in on {day}"),
                        {"name": made.name, "document": made.document, "actor": made.author, "day": made.made_on},
                    ),
                )
                for made in own
            ),
            actor=situation.actor,
        )


def require_not_own_matter(
    process: Process,
    plan: PlanState,
    address: str,
    round_: StepRound,
    action: Action,
    parameters: Any,
    situation: Situation,
    authority: dict[str, Any],
) -> None:
    """Nobody judges what they did themselves, nor moves the day by which they owe it.

    A clerk who records the act of somebody else does not do it.

    Raises:
        Refused: If the step type says that it is the matter of the actor's own unit, or their own.
    """
    view = process.view(plan, address, round_)
    own = answers(process.type_of(address), "own_matter", str, view, action.name, parameters)
    barred = [body for body in plan.now_all(own) if situation.speaks_for(body)]
    if not barred or authority["via"] == "recorder":
        return
    may = plan.now_all(allowed(process, plan, address, round_, action, parameters).references)
    phrase = Phrase(
        N_("it is the matter of `{body}`, for whom `{actor}` stands"), {"body": barred[0], "actor": situation.actor}
    )
    others = situation.besides(may, tuple(barred))
    raise Refused(
        "`{action}` is not for those whose own matter it is",
        code="own-matter",
        reasons=(Reason("own-matter", phrase, others),),
        hint="somebody else who may does it; a later day is asked for: `workflow reschedule {plan} {step}#ROW --ask`"
        if action.redates
        else "somebody else who may does it",
        action=action.name,
        plan=plan.id,
        step=f"{address}@{round_.number}",
    )
