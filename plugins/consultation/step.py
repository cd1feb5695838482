"""The consultation's machine: open, closed, answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from trinh_plugins.consultation.options import (
    Answer,
    Asked,
    Close,
    ConsultationOptions,
    ConsultationState,
    Opinion,
    Respond,
    Synthesise,
)
from workflow import Act, Phrase, Reason, Refused, StepType, StepView, Text, WorkItem, action, prose


class Consultation(StepType):
    """A round of opinions.

    The units are resolved on the day it opens, each with its last day. A letter that comes late is
    recorded with its true day; one that comes after the closing leaves the counts as they were.
    Silence is a state of its own and never agreement. Every opinion that says more than yes is
    answered (accepted, partly, explained) before the synthesis ends the step.
    """

    name = "consultation"
    title = {"vi": "Lấy ý kiến", "en": "Consultation"}
    states = {
        "open": {"vi": "Đang lấy ý kiến", "en": "Open"},
        "closed": {"vi": "Đã hết hạn lấy ý kiến", "en": "Closed"},
        "answered": {"vi": "Đã tổng hợp, tiếp thu, giải trình", "en": "Answered"},
    }
    complete_states = ("answered",)
    Options = ConsultationOptions
    State = ConsultationState

    def open(self, view: StepView, context: Any) -> Act:
        """Resolve who is asked on this day, by when, and about which revision."""
        options = view.options
        mandatory = context.units(options.mandatory)
        units = context.units((*options.invite, *options.mandatory))
        if not units:
            phrase = Phrase(
                "none of {invited} is a unit valid on {on}",
                {"invited": ", ".join(options.invite), "on": context.on.isoformat()},
                vi="không có đơn vị nào trong {invited} còn hiệu lực ngày {on}",
            )
            raise _refused("the round would ask nobody", "không có đơn vị nào để lấy ý kiến", Reason("nobody", phrase))
        due = view.due_on
        if options.answer_days is not None:
            due = context.working_days_after(context.on, options.answer_days).isoformat()
        asked = [{"unit": unit, "due": due, "mandatory": unit in mandatory} for unit in units]
        return Act(data={"asked": asked, **_revision(view)})

    # One action for letters of any day: from `open` it can close the round, elsewhere it changes no state.
    @action(
        "respond",
        title={"vi": "Ghi ý kiến", "en": "Record an opinion"},
        source=("open", "closed", "answered"),
        to=("open", "closed", "answered"),
        parameters=Respond,
        late=True,
    )
    def respond(self, view: StepView, parameters: Respond, context: Any) -> Act:
        """Record a unit's opinion; the last one awaited closes the round where the rule says so."""
        state, unit = view.state, parameters.unit
        asked = next((asked for asked in state.asked if asked.unit == unit), None)
        if asked is None:
            phrase = Phrase(
                "{unit} was not invited to `{step}`",
                {"unit": unit, "step": view.address},
                vi="{unit} không được lấy ý kiến ở `{step}`",
            )
            raise _not_recorded(Reason("not-invited", phrase))
        earlier = state.opinion_of(unit)
        if earlier is not None:
            phrase = Phrase(
                "{unit} answered on {on} already",
                {"unit": unit, "on": earlier.on},
                vi="{unit} đã có ý kiến ngày {on}",
            )
            raise _not_recorded(Reason("already-answered", phrase))
        last = [asked.unit for asked in state.silent] == [unit]
        closes = view.phase == "open" and last and view.options.close != "manual"
        about = {"number": state.number, "revision": state.revision} if state.revision else _revision(view)
        data = {
            "unit": unit,
            "position": parameters.position,
            "text": prose(parameters.text),
            "letter": parameters.letter,
            "letter_date": parameters.letter_date.isoformat() if parameters.letter_date else None,
            "late": asked.due is not None and context.on.isoformat() > asked.due,
            "closes": closes,
            **about,
        }
        return Act(data=data, to="closed" if closes else view.phase, on_behalf=unit)

    @action("close", title={"vi": "Kết thúc lấy ý kiến", "en": "Close"}, source="open", to="closed", parameters=Close)
    def close(self, view: StepView, parameters: Close, context: Any) -> Act:
        """Close the round where its rule allows, or with a reason where it may be overridden."""
        reasons = _why_not_closed(view, context.on, explained=bool(parameters.reason))
        if reasons:
            raise _refused("the round cannot be closed", "chưa thể kết thúc lấy ý kiến", *reasons)
        counts = view.state.counts().model_dump()
        return Act(data={"reason": prose(parameters.reason), "counts": counts})

    @action(
        "answer",
        title={"vi": "Tiếp thu, giải trình", "en": "Answer an opinion"},
        source=("open", "closed", "answered"),
        parameters=Answer,
        late=True,
    )
    def answer(self, view: StepView, parameters: Answer, context: Any) -> Act:
        """Record what becomes of a unit's opinion."""
        unit = parameters.unit
        opinion = view.state.opinion_of(unit)
        reasons = []
        if opinion is None:
            phrase = Phrase("there is no opinion of {unit} to answer", {"unit": unit}, vi="chưa có ý kiến của {unit}")
            reasons.append(Reason("no-opinion", phrase, (unit,)))
        elif opinion.verdict is not None:
            phrase = Phrase("the opinion of {unit} is answered", {"unit": unit}, vi="ý kiến của {unit} đã được trả lời")
            reasons.append(Reason("already-answered", phrase))
        if parameters.verdict != "accepted" and not parameters.text:
            phrase = Phrase(
                "the verdict {verdict} needs a text that gives the reason",
                {"verdict": parameters.verdict},
                vi="{verdict} thì phải giải trình lý do",
            )
            reasons.append(Reason("text-missing", phrase, _lead(view)))
        if reasons:
            raise _refused("the answer cannot be recorded", "không thể ghi nội dung tiếp thu, giải trình", *reasons)
        return Act(data={"unit": unit, "verdict": parameters.verdict, "text": prose(parameters.text)})

    @action(
        "synthesise",
        title={"vi": "Tổng hợp ý kiến", "en": "Synthesise"},
        source="closed",
        to="answered",
        parameters=Synthesise,
    )
    def synthesise(self, view: StepView, parameters: Synthesise, context: Any) -> Act:
        """End the round; every opinion must have its answer."""
        reasons = _unanswered(view)
        if reasons:
            raise _refused("the synthesis is not complete", "chưa thể hoàn thành tổng hợp", *reasons)
        return Act(data={"summary": prose(parameters.summary), "counts": view.state.counts().model_dump()})

    def evolve(self, state: ConsultationState | None, action: str, data: Mapping[str, Any]) -> ConsultationState:
        """Keep who was asked, the opinions and their verdicts; never a text."""
        if state is None:
            asked = tuple(Asked(**asked) for asked in data["asked"])
            return ConsultationState(asked=asked, number=data.get("number"), revision=data.get("revision"))
        changes: dict[str, Any] = {}
        if action == "respond":
            kept = ("unit", "position", "on", "late", "number", "revision", "letter", "letter_date")
            given = {name: data.get(name) for name in kept}
            opinion = Opinion(**given, after_close=state.closed_on is not None)
            changes = {"opinions": (*state.opinions, opinion)}
            if data["closes"]:
                changes["closed_on"] = data["on"]
        elif action == "close":
            changes = {"closed_on": data["on"]}
        elif action == "answer":
            verdict = {"verdict": data["verdict"]}
            changes = {
                "opinions": tuple(
                    opinion.model_copy(update=verdict) if opinion.unit == data["unit"] else opinion
                    for opinion in state.opinions
                )
            }
        elif action == "synthesise":
            changes = {"synthesised_on": data["on"]}
        return state.model_copy(update=changes)

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Name each silent unit, then each opinion without an answer."""
        if view.phase == "answered":
            return ()
        places = {"step": view.address}
        if view.phase == "closed":
            phrase = Phrase("`{step}`: the synthesis is missing", places, vi="`{step}`: chưa tổng hợp ý kiến")
            return _unanswered(view) or (Reason("not-synthesised", phrase, _lead(view)),)
        phrase = Phrase("`{step}`: the round was not closed", places, vi="`{step}`: chưa kết thúc lấy ý kiến")
        return _silent(view, view.state.silent) or (Reason("not-closed", phrase, _lead(view)),)

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """Return an opinion for each unit asked, and the synthesis for the lead."""
        state = view.state
        title = Text(vi="Góp ý: " + view.title.vi, en="Opinion: " + view.title.in_language("en"))
        items = []
        for asked in state.asked:
            opinion = state.opinion_of(asked.unit)
            items.append(
                WorkItem(
                    key=asked.unit,
                    title=title,
                    owner=asked.unit,
                    due_on=asked.due,
                    done_on=opinion.on if opinion else None,
                    open=opinion is None and view.phase == "open",
                )
            )
        synthesis = WorkItem(
            key="synthesis",
            title=Text(vi="Tổng hợp, tiếp thu, giải trình ý kiến", en="Synthesise and answer the opinions"),
            owner=view.lead,
            due_on=view.due_on,
            done_on=state.synthesised_on,
            open=view.phase != "answered",
        )
        return (*items, synthesis)

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """A unit that was asked may give its own opinion, and nobody else's."""
        unit = getattr(parameters, "unit", None)
        return (unit,) if action == "respond" and unit and view.state.is_asked(unit) else ()


def _why_not_closed(view: StepView, on: date, *, explained: bool) -> tuple[Reason, ...]:
    # A reason never shortens the term that the units were given, except where the rule is `manual`.
    state, rule = view.state, view.options.close
    if not state.silent or (explained and rule == "manual"):
        return ()
    if rule != "manual":
        over = state.deadline is None or on.isoformat() > state.deadline
        if not over:
            return _silent(view, state.silent)
        if explained:
            return ()
        if rule == "all-answered-or-deadline" and state.deadline is not None:
            # A deadline alone never closes a round while a mandatory unit is silent.
            silent = tuple(asked for asked in state.silent if asked.mandatory)
            return (*_silent(view, silent), _reason_missing(view)) if silent else ()
    return (*_silent(view, state.silent), _reason_missing(view))


def _silent(view: StepView, silent: tuple[Asked, ...]) -> tuple[Reason, ...]:
    rule_waits = view.options.close == "all-answered-or-deadline"
    reasons = []
    for asked in silent:
        places = {"step": view.address, "unit": asked.unit}
        since = None
        if asked.due is None:
            phrase = Phrase("`{step}`: {unit} has not answered", places, vi="`{step}`: {unit} chưa có ý kiến")
        else:
            phrase = Phrase(
                "`{step}`: {unit} has not answered; its last day is {due}",
                {**places, "due": asked.due},
                vi="`{step}`: {unit} chưa có ý kiến, hạn đến {due}",
            )
            if rule_waits and not asked.mandatory:
                # From then on the round can be closed without this unit.
                since = date.fromisoformat(asked.due) + timedelta(days=1)
        reasons.append(Reason("silent", phrase, (asked.unit,), since))
    return tuple(reasons)


def _reason_missing(view: StepView) -> Reason:
    phrase = Phrase(
        "`{step}`: closing without them needs a reason",
        {"step": view.address},
        vi="`{step}`: kết thúc khi chưa đủ ý kiến phải nêu lý do",
    )
    return Reason("reason-missing", phrase, _lead(view))


def _unanswered(view: StepView) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            "opinion-unanswered",
            Phrase(
                "`{step}`: the opinion of {unit} has no answer",
                {"step": view.address, "unit": opinion.unit},
                vi="`{step}`: ý kiến của {unit} chưa được tiếp thu, giải trình",
            ),
            _lead(view),
        )
        for opinion in view.state.unanswered
    )


def _revision(view: StepView) -> dict[str, Any]:
    document = view.options.document
    shown = view.plan.latest_revision(document) if document else None
    if shown is None:
        return {"number": None, "revision": None}
    return {"number": shown.number, "revision": shown.revision}


def _lead(view: StepView) -> tuple[str, ...]:
    return (view.lead,) if view.lead else ()


def _refused(text: str, vi: str, *reasons: Reason) -> Refused:
    return Refused(text, vi=vi, code=reasons[0].code, reasons=reasons)


def _not_recorded(reason: Reason) -> Refused:
    return _refused("the opinion cannot be recorded", "không thể ghi ý kiến", reason)
