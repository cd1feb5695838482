"""Later days: asked for by one person, granted or refused by another; and a plan's dates set anew.

Whatever is moved keeps its first day beside the new one, so lateness can be read against both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from workflow import deadlines, messages
from workflow.decide.ledger import Ledger
from workflow.decide.moves import require_active
from workflow.decide.moving import Cause, record_moves
from workflow.decide.performers import performers, performers_of_step
from workflow.decide.situation import Process, Situation, matter_of
from workflow.errors import N_, InvalidInput, NotFound, Phrase, Reason, Refused
from workflow.messages import FreeText
from workflow.plan.redating import Asked
from workflow.plan.state import PlanState

Manner = Literal["ask", "grant", "refuse", "set"]


@dataclass(frozen=True)
class Reschedule:
    """Move the due day of a stage or step.

    Attributes:
        where: A stage's id or label, or any form of a step's address.
        due: The new day; may be left out where a request is granted as asked, or refused.
        start: A new first day, for a stage.
        manner: `ask` for a later day, `grant` or `refuse` what was asked for, or `set` it.
        document: What orders it, for a later day that nobody asked for.
        fixed: The day stays, also where the plan is suspended meanwhile.
    """

    where: str
    due: date | None
    reason: str
    manner: Manner = "set"
    start: date | None = None
    document: str | None = None
    fixed: bool = False


def decide_reschedule(ledger: Ledger, situation: Situation, command: Reschedule) -> None:
    """Judge and record a request for a later day, the answer to it, or a date set anew."""
    process, plan = situation.process, ledger.current
    where = _place(process, plan, command.where)
    require_active(plan)
    _require_open(process, plan, where)
    if command.manner == "ask":
        _ask(ledger, situation, where, command)
    elif command.manner == "set":
        _set(ledger, situation, where, command)
    else:
        _answer(ledger, situation, where, command)


def _ask(ledger: Ledger, situation: Situation, where: str, command: Reschedule) -> None:
    process, plan = situation.process, ledger.current
    authority = situation.authorise(
        _may_ask(process, where), Phrase(N_("ask for a later day for `{where}`"), {"where": where}),
        matter_of(process, plan),
    )  # fmt: skip
    due = _required_day(command)
    now = current_due(process, plan, where)
    if now is None or due.isoformat() <= now:
        raise InvalidInput(
            "{due} is no later than {now}, the day of `{where}`",
            code="no-extension",
            due=due.isoformat(),
            now=now or "-",
            where=where,
        )
    if (open_ := _open_request(plan, where)) is not None:
        raise Refused(
            "a later day for `{where}` was asked for already: {due}, by {by}",
            code="asked-already",
            hint="grant it or refuse it: `workflow reschedule {plan} {where} --grant`",
            where=where,
            due=open_.due,
            by=open_.by or "-",
            plan=plan.id,
        )
    data = {"where": where, "due": due.isoformat(), "from": now, "reason": FreeText(command.reason)}
    ledger.record(messages.EXTENSION_ASKED, data, authority, on_behalf=situation.behalf)


def _answer(ledger: Ledger, situation: Situation, where: str, command: Reschedule) -> None:
    process, plan = situation.process, ledger.current
    what = Phrase(N_("decide on a later day for `{where}`"), {"where": where})
    authority = situation.authorise(keepers(process), what, matter_of(process, plan))
    asked = _open_request(plan, where)
    if asked is None:
        phrase = Phrase(N_("nobody asked for a later day for `{where}`"), {"where": where})
        reason = Reason("not-asked", phrase, _may_ask(process, where))
        raise Refused(
            "there is no request to decide on", code="not-asked", reasons=(reason,),
            hint="ask first: `workflow reschedule {plan} {where} --due DATE --ask`", plan=plan.id, where=where,
        )  # fmt: skip
    if asked.by == situation.actor:
        phrase = Phrase(N_("`{actor}` asked for it; another person decides"), {"actor": asked.by})
        raise Refused(
            "whoever asked for a later day does not grant it",
            code="same-person",
            reasons=(Reason("same-person", phrase, keepers(process)),),
        )
    if command.manner == "refuse":
        data = {"where": where, "asked": asked.seq, "reason": FreeText(command.reason)}
        ledger.record(messages.EXTENSION_REFUSED, data, authority, on_behalf=situation.behalf)
        return
    due = command.due or date.fromisoformat(asked.due)
    cause = Cause("extension", {"where": where, "asked": asked.seq, "by": asked.by, "asked_due": asked.due})
    _move(ledger, situation, where, due, command, cause, authority)


def _set(ledger: Ledger, situation: Situation, where: str, command: Reschedule) -> None:
    process, plan = situation.process, ledger.current
    what = Phrase(N_("set the dates of `{where}`"), {"where": where})
    authority = situation.authorise(keepers(process), what, matter_of(process, plan))
    due, now = _required_day(command), current_due(process, plan, where)
    if now is not None and due.isoformat() > now and not command.document:
        phrase = Phrase(
            N_("`{where}` is due on {now}: a later day is asked for by one person and granted by another"),
            {"where": where, "now": now},
        )
        raise Refused(
            "a later day needs a request that somebody else grants, or a document that orders it",
            code="extension-needed",
            reasons=(Reason("extension-needed", phrase, keepers(process)),),
            hint="--ask asks for it, --grant grants it; or name the order by --document",
        )
    data: dict[str, Any] = {"where": where}
    if command.document:
        data["document"] = FreeText(command.document)
    asked = _open_request(plan, where)
    if asked is not None and due.isoformat() >= asked.due:
        # What was asked for is there: nobody has to decide on it any more.
        data["settled"] = asked.seq
    _move(ledger, situation, where, due, command, Cause("reschedule", data), authority)


def _move(
    ledger: Ledger,
    situation: Situation,
    where: str,
    due: date,
    command: Reschedule,
    cause: Cause,
    authority: Mapping[str, Any],
) -> None:
    process, plan = situation.process, ledger.current
    old = deadlines.effective(plan.schedule, where, process.stage_of(where) or where)
    start = command.start.isoformat() if command.start else old.get("start")
    if start is not None and due.isoformat() < start:
        raise InvalidInput(
            "{due} is before {start}, when `{where}` begins",
            code="window-reversed",
            due=due.isoformat(),
            start=start,
            where=where,
        )
    if (due.isoformat(), start) == (old.get("due"), old.get("start")):
        raise InvalidInput("`{where}` is due on {due} already", code="nothing-moves", where=where, due=due.isoformat())
    term: dict[str, Any] = {"kind": old.get("kind", "due"), "due": due.isoformat(), "precision": "day", "decided": True}
    term["decided_on"] = situation.on.isoformat()
    if (counted := _counted_in(old)) is not None and not command.fixed:
        term["counted"] = counted
    if start is not None:
        term["start"] = start
    if old.get("text"):
        term["text"] = old["text"]
    if first := old.get("original") or old.get("due"):
        term["original"] = first
    record_moves(ledger, process, cause, authority, decided={where: term}, reason=command.reason)


def _counted_in(old: Mapping[str, Any]) -> str | None:
    """What a term is counted in, `days` or `working-days`; None for a day of the calendar, and one counted back."""
    if old.get("decided"):
        counted: str | None = old.get("counted")
        return counted
    if old.get("base") is None or "start" not in old:
        return None
    return "working-days" if old.get("working_days") is not None else "days"


def keepers(process: Process) -> tuple[str, ...]:
    """Who decides on a plan's dates: those who may change its status."""
    return performers(process, process.definition.by, lead=process.definition.lead)


def _may_ask(process: Process, where: str) -> tuple[str, ...]:
    if where in process.definition.stages:
        stage = process.definition.stages[where]
        by = performers(process, stage.by, process.definition.by, lead=stage.lead or process.definition.lead)
        lead = stage.lead or process.definition.lead
    else:
        by, lead = performers_of_step(process, where), process.lead(where)
    # Without any name everybody may: adding one would shut the others out.
    return tuple(dict.fromkeys((*by, lead))) if by and lead else by


def current_due(process: Process, plan: PlanState, where: str) -> str | None:
    """Return the due day that counts for a stage or step now."""
    step = plan.step(where)
    if step is not None:
        return step.current.due.get("due")
    return deadlines.effective(plan.schedule, where, process.stage_of(where) or where).get("due")


def _open_request(plan: PlanState, where: str) -> Asked | None:
    return next((asked for asked in plan.asked if asked.where == where), None)


def _required_day(command: Reschedule) -> date:
    if command.due is None:
        raise InvalidInput("the new day is missing", code="no-day", hint="give --due DATE")
    return command.due


def _place(process: Process, plan: PlanState, where: str) -> str:
    """Return the stage's id or the step's full address that *where* means.

    Raises:
        NotFound: If the definition has neither.
    """
    definition = process.definition
    stage = definition.stage_named(where)
    if stage is not None:
        return stage
    head, slash, rest = where.partition("/")
    if slash:
        where = f"{definition.stage_named(head) or head}/{rest}"
    address = definition.full_address(where, plan.stage)
    if address is None:
        raise NotFound(
            "there is no stage and no step `{where}` in {definition}",
            code="unknown-step",
            hint="`workflow show {plan}` shows both",
            where=where[:120],
            definition=definition.id,
            plan=plan.id,
        )
    return address


def _require_open(process: Process, plan: PlanState, where: str) -> None:
    if where in process.definition.stages:
        over = where != plan.stage and any(visit.stage == where for visit in plan.visits)
    else:
        step = plan.step(where)
        over = step is not None and (step.current.complete or step.current.ended)
    if over:
        raise Refused("`{where}` is over: its date stays", code="is-over", where=where)
