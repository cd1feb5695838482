"""The consultation's machine: open, closed, answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from trinh_plugins._opinion_tables import opinion_table
from trinh_plugins._opinions import answer_data, lacking, unkept
from trinh_plugins.consultation import invitation, letters, rules
from trinh_plugins.consultation.options import (
    Answer,
    Close,
    ConsultationOptions,
    Decide,
    Minutes,
    Received,
    Remind,
    Replace,
    Respond,
    Send,
    Supersede,
    Synthesise,
)
from trinh_plugins.consultation.rules import lead, refused
from trinh_plugins.consultation.state import ConsultationState, Opinion
from trinh_plugins.consultation.table import OPINIONS
from workflow import Act, Named, Phrase, Reason, StepTable, StepType, StepView, Text, WorkItem, action, prose

_EVOLVE: Mapping[str, Callable[[ConsultationState, Mapping[str, Any]], ConsultationState]] = {
    "send": ConsultationState.with_sent,
    "received": ConsultationState.with_received,
    "remind": ConsultationState.with_reminder,
    "replace": ConsultationState.with_successor,
    "tick": ConsultationState.with_ceased,
    "respond": ConsultationState.with_opinion,
    "supersede": ConsultationState.with_opinion,
    "minutes": ConsultationState.with_minutes,
    "close": ConsultationState.with_closing,
    "close-by-decision": ConsultationState.with_closing,
    "answer": ConsultationState.with_answer,
}


class Consultation(StepType):
    """A round of opinions.

    The units are resolved on the day it opens, each with its last day, and get the newest revision. A
    letter that comes late is recorded with its true day; one that comes after the closing leaves the
    counts as they were. Silence is a state of its own and never agreement. Every opinion that says
    more than yes is answered (accepted, partly, explained) before the synthesis ends the step; one
    that comes still later takes the step back to `closed` until it has its answer.
    """

    name = "consultation"
    version = "2"
    title = {"vi": "Lấy ý kiến", "en": "Consultation"}
    states = {
        "open": {"vi": "Đang lấy ý kiến", "en": "Open"},
        "closed": {"vi": "Đã hết hạn lấy ý kiến", "en": "Closed"},
        "answered": {"vi": "Đã tổng hợp, tiếp thu, giải trình", "en": "Answered"},
    }
    complete_states = ("answered",)
    outcomes = ("answered", "passed", "failed")
    imports = OPINIONS
    Options = ConsultationOptions
    State = ConsultationState

    def open(self, view: StepView, context: Any) -> Act:
        """Resolve who is asked on this day, by when, and send them the newest revision."""
        return invitation.opened(view, context)

    @action("received", title={"vi": "Ghi ngày nhận", "en": "Record the receipt"}, source="open", parameters=Received)
    def received(self, view: StepView, parameters: Received, context: Any) -> Act:
        """Record that units received the papers on this day, from which `answer_days` count."""
        return invitation.received(view, parameters.units, context)

    @action("remind", title={"vi": "Đôn đốc", "en": "Remind"}, source="open", parameters=Remind)
    def remind(self, view: StepView, parameters: Remind, context: Any) -> Act:
        """Record who is pressed for an answer on this day."""
        return invitation.reminded(view, parameters, context)

    @action("send", title={"vi": "Gửi bản mới", "en": "Send the newest revision"}, source="open", parameters=Send)
    def send(self, view: StepView, parameters: Send, context: Any) -> Act:
        """Send the newest revision to those asked."""
        return invitation.sent_again(view, parameters.units, context)

    @action("replace", title={"vi": "Thay cơ quan", "en": "Replace a unit"}, source="open", parameters=Replace)
    def replace(self, view: StepView, parameters: Replace, context: Any) -> Act:
        """Ask another unit in place of one that exists no longer."""
        return invitation.replaced(view, parameters, context)

    # One action for letters of any day: from `open` it can close the round, from `answered` open it again.
    @action(
        "respond",
        title={"vi": "Ghi ý kiến", "en": "Record an opinion"},
        source=("open", "closed", "answered"),
        to=("open", "closed", "answered"),
        parameters=Respond,
        late=True,
        own=True,
    )
    def respond(self, view: StepView, parameters: Respond, context: Any) -> Act:
        """Record a unit's opinion; the last one awaited closes the round where the rule says so."""
        return self._taken_in(view, "respond", letters.first_letter(view, parameters, context.on), context)

    @action(
        "supersede",
        title={"vi": "Thay thế ý kiến", "en": "Supersede an opinion"},
        source=("open", "closed", "answered"),
        to=("open", "closed", "answered"),
        parameters=Supersede,
        late=True,
        own=True,
    )
    def supersede(self, view: StepView, parameters: Supersede, context: Any) -> Act:
        """Record an opinion of a second letter in place of what the unit said before, which the trail keeps."""
        return self._taken_in(view, "supersede", letters.second_letter(view, parameters, context.on), context)

    @action(
        "minutes",
        title={"vi": "Ghi biên bản họp", "en": "Record the minutes"},
        source=("open", "closed"),
        parameters=Minutes,
    )
    def minutes(self, view: StepView, parameters: Minutes, context: Any) -> Act:
        """Record the meeting: its day, who took part, and the minutes attached."""
        return invitation.met(view, parameters, context)

    @action("close", title={"vi": "Kết thúc lấy ý kiến", "en": "Close"}, source="open", to="closed", parameters=Close)
    def close(self, view: StepView, parameters: Close, context: Any) -> Act:
        """Close the round where its rule allows, or with a reason where it may be overridden."""
        explained = bool(parameters.reason and parameters.reason.strip())
        reasons = rules.why_not_closed(view, context.on, explained=explained) + unkept({"reason": parameters.reason})
        if reasons:
            raise refused("the round cannot be closed", "chưa thể kết thúc lấy ý kiến", *reasons)
        return Act({"reason": prose(parameters.reason), **_closing(view, view.state, view.options.close)})

    @action(
        "close-by-decision",
        title={"vi": "Quyết định kết thúc lấy ý kiến", "en": "Close by decision"},
        source="open",
        to="closed",
        parameters=Decide,
    )
    def close_by_decision(self, view: StepView, parameters: Decide, context: Any) -> Act:
        """Close the round whoever is silent; only for the office in `close_by`, with a reason that is kept."""
        reasons = list(unkept({"reason": parameters.reason}))
        if view.options.close_by is None:
            phrase = Phrase(
                "`{step}` names no office that may do that (close_by)",
                {"step": view.address},
                vi="`{step}` không quy định ai được quyết định kết thúc (close_by)",
            )
            reasons.append(Reason("no-office", phrase))
        if not parameters.reason.strip():
            phrase = Phrase("say why the round ends here", vi="phải nêu lý do kết thúc")
            reasons.append(Reason("reason-missing", phrase, lead(view)))
        if reasons:
            raise refused("the round cannot be closed", "chưa thể kết thúc lấy ý kiến", *reasons)
        data = {"reason": prose(parameters.reason), "by": view.options.close_by}
        return Act({**data, **_closing(view, view.state, "decision")})

    @action(
        "answer",
        title={"vi": "Tiếp thu, giải trình", "en": "Answer an opinion"},
        source=("open", "closed"),
        to=("open", "closed", "answered"),
        parameters=Answer,
        late=True,
    )
    def answer(self, view: StepView, parameters: Answer, context: Any) -> Act:
        """Record what becomes of an opinion; after the synthesis the last answer completes the round again."""
        opinion, reasons = _meant(view, parameters)
        reasons += lacking(parameters, lead(view))
        if opinion is None or reasons:
            raise refused("the answer cannot be recorded", "không thể ghi nội dung tiếp thu, giải trình", *reasons)
        others = [each.id for each in view.state.unanswered if each.id != opinion.id]
        complete = view.state.synthesised_on is not None and not others
        data = {"opinion": opinion.id, "unit": opinion.unit, **answer_data(parameters)}
        return Act(data, to="answered" if complete else view.phase)

    @action(
        "synthesise",
        title={"vi": "Tổng hợp ý kiến", "en": "Synthesise"},
        source="closed",
        to="answered",
        parameters=Synthesise,
    )
    def synthesise(self, view: StepView, parameters: Synthesise, context: Any) -> Act:
        """End the round; every opinion must have its answer, and a meeting its minutes."""
        reasons = (*rules.unanswered(view), *rules.minutes_missing(view), *unkept({"summary": parameters.summary}))
        if reasons:
            raise refused("the synthesis is not complete", "chưa thể hoàn thành tổng hợp", *reasons)
        return Act(data={"summary": prose(parameters.summary), "counts": view.state.counts().model_dump()})

    def tick(self, view: StepView, context: Any) -> Act | None:
        """Notice invited units that exist no longer."""
        return invitation.ceased(view, context) if view.phase == "open" else None

    def wakes(self, view: StepView) -> date | None:
        """Never by the calendar: when units end the register knows, and the next act on the plan notices it."""
        return None

    def evolve(self, state: ConsultationState | None, action: str, data: Mapping[str, Any]) -> ConsultationState:
        """Keep who was asked, the opinions and their verdicts; of texts only where they stand."""
        if state is None:
            return ConsultationState().with_opened(data)
        if action == "synthesise":
            return state.model_copy(update={"synthesised_on": data["on"]})
        return _EVOLVE[action](state, data)

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Name each silent unit, then each opinion without an answer."""
        if view.phase == "answered":
            return ()
        places = {"step": view.address}
        if view.phase == "closed":
            phrase = Phrase("`{step}`: the synthesis is missing", places, vi="`{step}`: chưa tổng hợp ý kiến")
            missing = (*rules.unanswered(view), *rules.minutes_missing(view))
            return missing or (Reason("not-synthesised", phrase, lead(view)),)
        phrase = Phrase("`{step}`: the round was not closed", places, vi="`{step}`: chưa kết thúc lấy ý kiến")
        there = tuple(asked for asked in view.state.silent if asked.ceased is None)
        awaited = (*rules.gone(view), *rules.silence(view, there))
        return (*rules.not_sent(view), *(awaited or (Reason("not-closed", phrase, lead(view)),)))

    def running(self, view: StepView) -> tuple[tuple[str | int, ...], ...]:
        """The last days of those who have not answered."""
        silent = view.state.silent if view.phase == "open" else ()
        return tuple(("asked", place, "due") for place, asked in enumerate(view.state.asked) if asked in silent)

    def tables(self, view: StepView) -> tuple[StepTable, ...]:
        """Return what the units said that were asked, what became of it, and who is silent."""
        state, title = view.state, Text(vi="Ý kiến góp ý", en="Opinions")
        said = ((opinion, Named(opinion.unit)) for opinion in state.opinions)
        return (opinion_table(title, said, tuple(asked.unit for asked in state.silent)),) if state.asked else ()

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """Return an opinion for each unit asked, a replacement for each that is gone, and the synthesis."""
        state = view.state
        done = view.phase == "answered"
        synthesis = WorkItem(
            key="synthesis",
            title=_counted(state),
            owner=view.lead,
            due_on=view.due_on,
            done_on=state.synthesised_on if done else None,
            open=not done,
            since=state.closed_on or _drafters_turn(state),
        )
        return (*_opinions_owed(view), *_replacements(view), synthesis)

    def outcome(self, view: StepView) -> str | None:
        """The quorum's verdict where there is one, once every opinion has its answer."""
        return (view.state.result or "answered") if view.phase == "answered" else None

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """A unit that was asked may give its own opinion and say when it received, and nobody else's."""
        if parameters is None:
            return rules.could_speak(view.state, action)
        units = getattr(parameters, "units", ()) if action == "received" else (getattr(parameters, "unit", None),)
        if action not in ("respond", "supersede", "received") or len(units) != 1 or units[0] is None:
            return ()
        return units if view.state.asked_unit(units[0]) is not None else ()

    def reserved(self, view: StepView, action: str) -> tuple[str, ...]:
        """Closing by decision belongs to the office that the definition names."""
        office = view.options.close_by
        return (office,) if action == "close-by-decision" and office else ()

    def _taken_in(self, view: StepView, name: str, data: dict[str, Any], context: Any) -> Act:
        """The act of a letter, with where the round stands after it."""
        after = self.evolve(view.state, name, {**data, "on": context.on.isoformat()})
        phase = view.phase
        if phase == "open" and rules.closes_by_itself(view.options, after):
            phase, data = "closed", {**data, "closes": True, **_closing(view, after, view.options.close)}
        elif phase == "open":
            data = {**data, "closes": False}
        else:
            if not data["after_close"]:
                data = {**data, "result": rules.result(view.options, after)}
            phase = "closed" if after.unanswered or after.synthesised_on is None else "answered"
        return Act(data, to=phase, on_behalf=data["unit"])


def _closing(view: StepView, state: ConsultationState, rule: str) -> dict[str, Any]:
    return {"rule": rule, "result": rules.result(view.options, state), "counts": state.counts().model_dump()}


def _meant(view: StepView, given: Answer) -> tuple[Opinion | None, tuple[Reason, ...]]:
    """The opinion that an answer is meant for, or why there is none."""
    state = view.state
    if given.opinion is not None:
        found = state.opinion(given.opinion)
        candidates = (found,) if found and given.unit in (None, found.unit) else ()
    else:
        standing = state.standing(given.unit or "")
        candidates = tuple(each for each in standing if each.wants_answer) or standing
    what = str(given.opinion or given.unit or "-")
    if not candidates:
        phrase = Phrase("there is no opinion {what} to answer", {"what": what}, vi="không có ý kiến {what} để trả lời")
        return None, (Reason("no-opinion", phrase, (given.unit,) if given.unit else ()),)
    if len(candidates) > 1:
        numbers = ", ".join(str(each.id) for each in candidates)
        phrase = Phrase(
            "{unit} gave several opinions: {numbers}; say which one (opinion)",
            {"unit": what, "numbers": numbers},
            vi="{unit} có nhiều ý kiến: {numbers}; nêu số của ý kiến (opinion)",
        )
        return None, (Reason("which-opinion", phrase),)
    (opinion,) = candidates
    if opinion.superseded_by is not None:
        phrase = Phrase(
            "opinion {what} was superseded by {by}; answer that one",
            {"what": opinion.id, "by": opinion.superseded_by},
            vi="ý kiến {what} đã được thay bằng {by}; hãy trả lời ý kiến đó",
        )
        return opinion, (Reason("superseded", phrase),)
    if opinion.verdict is not None:
        phrase = Phrase(
            "the opinion of {unit} is answered", {"unit": opinion.unit}, vi="ý kiến của {unit} đã được trả lời"
        )
        return opinion, (Reason("already-answered", phrase),)
    return opinion, ()


def _counted(state: ConsultationState) -> Text:
    """The title of the synthesis, with how the round stands."""
    counts = state.counts().model_dump()
    vi = "Tổng hợp, giải trình ý kiến (hỏi {asked}, trả lời {answered}, nhất trí {agreed}, chưa {silent}, muộn {late})"
    en = "Synthesise the opinions (asked {asked}, answered {answered}, agreed {agreed}, silent {silent}, late {late})"
    return Text(vi=vi.format(**counts), en=en.format(**counts))


def _drafters_turn(state: ConsultationState) -> str | None:
    """The day after the last one for an answer: until then it is the silent who are waited for."""
    days = [asked.due for asked in state.asked if asked.due is not None]
    return (date.fromisoformat(max(days)) + timedelta(days=1)).isoformat() if days else None


def _opinions_owed(view: StepView) -> tuple[WorkItem, ...]:
    title = Text(vi="Góp ý: " + view.title.vi, en="Opinion: " + view.title.in_language("en"))
    items = []
    for asked in view.state.asked:
        given = view.state.standing(asked.unit)
        owed = not given and view.phase == "open" and asked.ceased is None and asked.successor is None
        done = min((opinion.on for opinion in given), default=None)
        items.append(WorkItem(asked.unit, title, asked.unit, asked.due, done, owed))
    return tuple(items)


def _replacements(view: StepView) -> tuple[WorkItem, ...]:
    if view.phase != "open":
        return ()
    return tuple(
        WorkItem(
            key=f"replace/{asked.unit}",
            title=Text(vi=f"Thay {asked.unit} (không còn tồn tại)", en=f"Replace {asked.unit}, which exists no longer"),
            owner=view.lead,
            due_on=asked.due,
        )
        for asked in view.state.gone
    )
