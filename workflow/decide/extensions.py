"""Later days: asked for by one person, granted or refused by another; and a plan's dates set anew.

Whatever is moved keeps its first day beside the new one, so lateness can be read against both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from workflow import deadlines, messages
from workflow.deadlines.slack import length
from workflow.decide.acts import find_round
from workflow.decide.asking import answers
from workflow.decide.ledger import Ledger
from workflow.decide.moves import require_active
from workflow.decide.moving import Cause, item_moved, record_moves
from workflow.decide.performers import performers, performers_of_step
from workflow.decide.situation import Process, Situation, matter_of
from workflow.errors import N_, InvalidInput, NotFound, Phrase, Reason, Refused
from workflow.language.definition import Text
from workflow.messages import FreeText
from workflow.plan.redating import Asked, item_name
from workflow.plan.state import PlanState
from workflow.steps.step_type import WorkItem

Manner = Literal["ask", "grant", "refuse", "set"]


@dataclass(frozen=True)
class Reschedule:
    """Move the due day of a stage, a step or a work item.

    Attributes:
        where: A stage's id or label, any form of a step's address, or a work item of a step as `STEP@ROUND#KEY`.
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


@dataclass(frozen=True)
class Place:
    """What a day is asked for: a stage, a step, or a work item of one of its rounds.

    Attributes:
        name: As it stands in events: the stage, the step's full address, `STEP@ROUND#KEY`.
        address: The stage or step that it lies in.
    """

    name: str
    address: str
    round: int = 0
    item: WorkItem | None = None


def decide_reschedule(ledger: Ledger, situation: Situation, command: Reschedule) -> None:
    """Judge and record a request for a later day, the answer to it, or a date set anew."""
    process, plan = situation.process, ledger.current
    place = _place(process, plan, command.where)
    require_active(plan)
    _require_open(process, plan, place)
    if command.manner == "ask":
        _ask(ledger, situation, place, command)
    elif command.manner == "set":
        _set(ledger, situation, place, command)
    else:
        _answer(ledger, situation, place, command)


def _ask(ledger: Ledger, situation: Situation, place: Place, command: Reschedule) -> None:
    process, plan, where = situation.process, ledger.current, place.name
    what = Phrase(N_("ask for a later day for `{where}`"), {"where": where})
    owner = place.item.owner if place.item else None
    if owner is not None:
        # Whoever owes it asks, or a clerk in their name.
        named = replace(situation, behalf=situation.behalf or owner)
        authority = named.authorise((owner,), what, matter_of(process, plan, place.address))
        situation = named if authority["via"] == "recorder" else situation
    else:
        authority = situation.authorise(_may_ask(process, place), what, matter_of(process, plan))
    due = _required_day(command)
    now = _due_of(process, plan, place)
    if now is None:
        raise InvalidInput(
            "`{where}` has no day yet that could be later",
            code="no-day-yet",
            hint="`workflow next {plan}` shows who decides its day",
            where=where,
            plan=plan.id,
        )
    if due.isoformat() <= now:
        raise InvalidInput(
            "{due} is no later than {now}, the day of `{where}`",
            code="no-extension",
            due=due.isoformat(),
            now=now,
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
    behalf = situation.behalf if situation.behalf != authority.get("ref") else None
    ledger.record(messages.EXTENSION_ASKED, data, authority, on_behalf=behalf)


def _answer(ledger: Ledger, situation: Situation, place: Place, command: Reschedule) -> None:
    process, plan, where = situation.process, ledger.current, place.name
    what = Phrase(N_("decide on a later day for `{where}`"), {"where": where})
    asked = _open_request(plan, where)
    if asked is None:
        situation.authorise(_deciders(process, plan, place), what, matter_of(process, plan))
        phrase = Phrase(N_("nobody asked for a later day for `{where}`"), {"where": where})
        reason = Reason("not-asked", phrase, _may_ask(process, place))
        raise Refused(
            "there is no request to decide on", code="not-asked", reasons=(reason,),
            hint="ask first: `workflow reschedule {plan} {where} --due DATE --ask`", plan=plan.id, where=where,
        )  # fmt: skip
    authority = _authority_to_decide(situation, plan, place, what, asked)
    if command.manner == "refuse":
        data = {"where": where, "asked": asked.seq, "reason": FreeText(command.reason)}
        ledger.record(messages.EXTENSION_REFUSED, data, authority, on_behalf=situation.behalf)
        return
    due = command.due or date.fromisoformat(asked.due)
    cause = Cause("extension", {"where": where, "asked": asked.seq, "by": asked.by, "asked_due": asked.due})
    _move(ledger, situation, place, due, command, cause, authority)


def _authority_to_decide(
    situation: Situation, plan: PlanState, place: Place, what: Phrase, asked: Asked | None
) -> dict[str, Any]:
    """Return in which capacity the actor decides: never on what they asked for, nor on what their own unit owes."""
    process = situation.process
    deciders = _deciders(process, plan, place)
    authority = situation.authorise(deciders, what, matter_of(process, plan, place.address if place.item else None))
    if asked is not None and asked.by == situation.actor:
        phrase = Phrase(N_("`{actor}` asked for it; another person decides"), {"actor": asked.by})
        reason = Reason("same-person", phrase, situation.besides(deciders, (asked.by,)))
        raise Refused("whoever asked for a later day does not grant it", code="same-person", reasons=(reason,))
    owner = place.item.owner if place.item else None
    if owner is not None and authority["via"] != "recorder" and situation.speaks_for(owner):
        phrase = Phrase(N_("`{owner}` owes it; somebody else decides"), {"owner": owner})
        reason = Reason("own-matter", phrase, situation.besides(deciders, (owner,)))
        raise Refused("whoever owes it does not decide on its day", code="own-matter", reasons=(reason,))
    return authority


def _set(ledger: Ledger, situation: Situation, place: Place, command: Reschedule) -> None:
    process, plan, where = situation.process, ledger.current, place.name
    what = Phrase(N_("set the dates of `{where}`"), {"where": where})
    authority = _authority_to_decide(situation, plan, place, what, None)
    due, now = _required_day(command), _due_of(process, plan, place)
    if now is not None and due.isoformat() > now and not command.document:
        phrase = Phrase(
            N_("`{where}` is due on {now}: a later day is asked for by one person and granted by another"),
            {"where": where, "now": now},
        )
        raise Refused(
            "a later day needs a request that somebody else grants, or a document that orders it",
            code="extension-needed",
            reasons=(Reason("extension-needed", phrase, _deciders(process, plan, place)),),
            hint="--ask asks for it, --grant grants it; or name the order by --document",
        )
    data: dict[str, Any] = {"where": where}
    if command.document:
        data["document"] = FreeText(command.document)
    asked = _open_request(plan, where)
    if asked is not None and due.isoformat() >= asked.due:
        # What was asked for is there: nobody has to decide on it any more.
        data["settled"] = asked.seq
    _move(ledger, situation, place, due, command, Cause("reschedule", data), authority)


def _move_item(
    ledger: Ledger,
    situation: Situation,
    place: Place,
    due: date,
    command: Reschedule,
    cause: Cause,
    authority: Mapping[str, Any],
) -> None:
    process, plan, item = situation.process, ledger.current, place.item
    if command.start is not None:
        raise InvalidInput("`{where}` has no first day of its own", code="no-start", where=place.name)
    if item is None or item.origin is None or not item.origin.at:
        raise InvalidInput(
            "the day of `{where}` is that of its step",
            code="no-own-day",
            hint="move that of the step: `workflow reschedule {plan} {step}`",
            where=place.name,
            plan=plan.id,
            step=place.address,
        )
    if due.isoformat() == item.due_on:
        raise InvalidInput(
            "`{where}` is due on {due} already", code="nothing-moves", where=place.name, due=due.isoformat()
        )
    data = item_moved(process, plan, place.address, place.round, item.origin.at, due.isoformat())
    data |= {"cause": cause.as_data(), "calendar": process.calendar.version, "reason": FreeText(command.reason)}
    ledger.record(messages.DATES_MOVED, data, authority, on_behalf=situation.behalf)


def _move(
    ledger: Ledger,
    situation: Situation,
    place: Place,
    due: date,
    command: Reschedule,
    cause: Cause,
    authority: Mapping[str, Any],
) -> None:
    if place.item is not None:
        _move_item(ledger, situation, place, due, command, cause, authority)
        return
    process, plan, where = situation.process, ledger.current, place.name
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
    if (counted := deadlines.counted_in(old)) is not None and not command.fixed:
        term["counted"] = counted
    if start is not None:
        term["start"] = start
    if command.start is None and start is not None and where in process.definition.stages:
        term["takes"] = length(plan.schedule, where)
        if old.get("follows", not old.get("decided")):
            term["follows"] = True
    if old.get("text"):
        term["text"] = old["text"]
    if first := old.get("original") or old.get("due"):
        term["original"] = first
    record_moves(ledger, process, cause, authority, decided={where: term}, reason=command.reason)


def keepers(process: Process) -> tuple[str, ...]:
    """Who decides on a plan's dates: those who may change its status."""
    return performers(process, process.definition.by, lead=process.definition.lead)


@dataclass(frozen=True)
class RequestMatter:
    """What a request is about: its title, the day that counts now, who decides."""

    title: Text
    now: str | None
    deciders: tuple[str, ...]


def matter_asked(process: Process, plan: PlanState, where: str) -> RequestMatter:
    """Return what a request for a later day is about, by the name that events have for it."""
    address, at, rest = where.partition("@")
    number, _, key = rest.partition("#")
    if at:
        round_ = plan.steps[address].rounds[int(number) - 1]
        item = next((item for item in process.work_items(plan, address, round_) if item.key == key), None)
        place = Place(where, address, round_.number, item)
        title = item.title if item else process.step_title(address)
    else:
        place, stage = Place(where, where), process.definition.stages.get(where)
        title = stage.title if stage else process.step_title(where)
    owner = place.item.owner if place.item else None
    named = tuple(one for one in plan.now_all(_deciders(process, plan, place)) if one != owner)
    return RequestMatter(title, _due_of(process, plan, place) if not at or place.item else None, named)


def _deciders(process: Process, plan: PlanState, place: Place) -> tuple[str, ...]:
    if place.item is None:
        return keepers(process)
    round_ = plan.steps[place.address].rounds[place.round - 1]
    view = process.view(plan, place.address, round_)
    named = answers(process.type_of(place.address), "grants", str, view, place.item.key)
    return named or process.by(place.address) or keepers(process)


def _may_ask(process: Process, place: Place) -> tuple[str, ...]:
    where = place.address
    if place.item is not None and place.item.owner is not None:
        return (place.item.owner,)
    if where in process.definition.stages:
        stage = process.definition.stages[where]
        by = performers(process, stage.by, process.definition.by, lead=stage.lead or process.definition.lead)
        lead = stage.lead or process.definition.lead
    else:
        by, lead = performers_of_step(process, where), process.lead(where)
    # Without any name everybody may: adding one would shut the others out.
    return tuple(dict.fromkeys((*by, lead))) if by and lead else by


def _due_of(process: Process, plan: PlanState, place: Place) -> str | None:
    return place.item.due_on if place.item is not None else current_due(process, plan, place.name)


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


def _place(process: Process, plan: PlanState, where: str) -> Place:
    """Return the stage, step or work item that *where* means.

    Raises:
        NotFound: If the definition has no such stage or step, or the step no such item.
    """
    definition = process.definition
    if "#" in where:
        return _item_place(process, plan, where)
    stage = definition.stage_named(where)
    if stage is not None:
        return Place(stage, stage)
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
    return Place(address, address)


def _item_place(process: Process, plan: PlanState, where: str) -> Place:
    step, _, key = where.partition("#")
    address, round_ = find_round(process, plan, step)
    items = {item.key: item for item in process.work_items(plan, address, round_)}
    item = items.get(key)
    if item is None:
        raise NotFound(
            "`{step}` has no item `{key}`",
            code="unknown-item",
            hint="it has: {known}",
            step=f"{address}@{round_.number}",
            key=key[:120],
            known=", ".join(list(items)[:40]) or "-",
        )
    return Place(item_name(address, round_.number, key), address, round_.number, item)


def _require_open(process: Process, plan: PlanState, place: Place) -> None:
    where = place.address
    if place.item is not None:
        round_ = plan.steps[where].rounds[place.round - 1]
        over = round_.ended or round_ is not plan.steps[where].current or not place.item.open
    elif where in process.definition.stages:
        over = where != plan.stage and any(visit.stage == where for visit in plan.visits)
    else:
        step = plan.step(where)
        over = step is not None and (step.current.complete or step.current.ended)
    if over:
        raise Refused("`{where}` is over: its date stays", code="is-over", where=place.name)
