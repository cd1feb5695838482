"""When a round may end: by everybody's answer, its deadline, a quorum, or an office's decision."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from trinh_plugins.consultation import quorum
from trinh_plugins.consultation.options import ConsultationOptions
from trinh_plugins.consultation.state import Asked, ConsultationState, Opinion, vote
from workflow import Phrase, Reason, Refused, StepView

WITHOUT_SILENT = ("all-answered-or-deadline", "deadline", "quorum")
"""Rules by which a round can be closed after its last day although somebody is silent."""


CLOSING_AFTER = ", từ {after} có thể kết thúc dù đơn vị này chưa có ý kiến"


def closes_by_itself(options: ConsultationOptions, state: ConsultationState) -> bool:
    """True if the last opinion ends the round: nobody is awaited, or the quorum is certain."""
    if options.close in ("deadline", "manual"):
        return False
    if not state.silent:
        return True
    if options.close != "quorum" or any(asked.mandatory for asked in state.silent):
        return False
    return result(options, state, certain=True) is not None


def result(options: ConsultationOptions, state: ConsultationState, *, certain: bool = False) -> quorum.Result | None:
    """The quorum's verdict on what was said before the closing; None without a quorum, or while not *certain*."""
    if options.quorum is None:
        return None
    rule = quorum.Rule(
        agree=options.quorum.agree,
        veto=frozenset(state.veto),
        turnout=options.quorum.turnout,
        groups=tuple((frozenset(group.units), group.agree) for group in state.groups),
    )
    votes = {unit: vote(positions) for unit, positions in state.positions().items()}
    if not certain:
        return quorum.final(rule, votes)
    return quorum.certain(rule, [asked.unit for asked in state.awaited], votes)


def why_not_closed(view: StepView, on: date, *, explained: bool) -> tuple[Reason, ...]:
    """Say what keeps the round open on this day.

    A reason never shortens the term that the units were given, except where the rule is `manual`;
    where `close_by` names an office, its decision alone closes a round over silence.
    """
    state, rule = view.state, view.options.close
    over = state.deadline is None or on.isoformat() > state.deadline
    if rule == "deadline" and not over:
        return (_running(view), *silence(view, state.silent))
    if not state.silent or closes_by_itself(view.options, state):
        return ()
    if rule == "manual":
        awaited = state.silent
    elif not over:
        return silence(view, state.silent)
    elif rule in WITHOUT_SILENT and state.deadline is not None:
        # A deadline alone never closes a round while a mandatory unit is silent.
        awaited = tuple(asked for asked in state.silent if asked.mandatory)
    else:
        awaited = state.silent
    if not awaited or (explained and view.options.close_by is None):
        return ()
    return (*silence(view, awaited), _otherwise(view))


def silence(view: StepView, silent: tuple[Asked, ...]) -> tuple[Reason, ...]:
    """Name each silent unit, its last day and the reminders, and from when the round can close without it."""
    reasons = []
    for asked in silent:
        en, vi = "`{step}`: {unit} has not answered", "`{step}`: {unit} chưa có ý kiến"
        places: dict[str, Any] = {"step": view.address, "unit": asked.unit}
        if asked.due is not None:
            en, vi, places["due"] = en + "; its last day is {due}", vi + ", hạn đến {due}", asked.due
            if view.options.close in WITHOUT_SILENT and not asked.mandatory:
                # It can speak on any day; what begins on a day is closing without it.
                en, vi = en + ", from {after} on the round can be closed without it", vi + CLOSING_AFTER
                places["after"] = (date.fromisoformat(asked.due) + timedelta(days=1)).isoformat()
        if asked.reminded:
            en, vi = en + "; reminded on {reminded}", vi + ", đã đôn đốc {reminded}"
            places["reminded"] = ", ".join(asked.reminded)
        reasons.append(Reason("silent", Phrase(en, places, vi=vi), (asked.unit,)))
    return tuple(reasons)


def could_speak(state: ConsultationState, action: str) -> tuple[str, ...]:
    """Who could do something of their own, those who are silent first: a letter may go on to another article."""
    silent = tuple(asked.unit for asked in state.silent)
    spoken = tuple(asked.unit for asked in state.asked if asked.successor is None and asked.unit not in silent)
    return {"respond": silent + spoken, "supersede": spoken, "received": silent}.get(action, ())


def gone(view: StepView) -> tuple[Reason, ...]:
    """Name each silent unit that exists no longer, and what can be done."""
    return tuple(
        Reason(
            "unit-ceased",
            Phrase(
                "`{step}`: {unit} exists no longer (noticed on {ceased}); ask another in its place with `replace`",
                {"step": view.address, "unit": asked.unit, "ceased": asked.ceased},
                vi="`{step}`: {unit} không còn tồn tại (ghi nhận {ceased}); chọn cơ quan thay thế bằng `replace`",
            ),
            lead(view),
        )
        for asked in view.state.gone
    )


def unanswered(view: StepView) -> tuple[Reason, ...]:
    """Name each opinion without an answer."""
    return tuple(_unanswered(view, opinion) for opinion in view.state.unanswered)


def _unanswered(view: StepView, opinion: Opinion) -> Reason:
    en, vi = "`{step}`: the opinion of {unit} has no answer", "`{step}`: ý kiến của {unit} chưa được giải trình"
    places: dict[str, Any] = {"step": view.address, "unit": opinion.unit, "number": opinion.id}
    en, vi = en + " (number {number}", vi + " (số {number}"
    if opinion.article:
        en, vi, places["article"] = en + ", {article}", vi + ", {article}", opinion.article
    return Reason("opinion-unanswered", Phrase(en + ")", places, vi=vi + ")"), lead(view))


def minutes_missing(view: StepView) -> tuple[Reason, ...]:
    """A meeting has minutes."""
    if view.options.form != "meeting" or view.state.meetings:
        return ()
    phrase = Phrase(
        "`{step}`: the minutes of the meeting are missing",
        {"step": view.address},
        vi="`{step}`: chưa có biên bản cuộc họp",
    )
    return (Reason("minutes-missing", phrase, lead(view)),)


def not_sent(view: StepView) -> tuple[Reason, ...]:
    """A round about a document in which nobody got a revision of it."""
    if view.options.document is None or view.state.sent:
        return ()
    phrase = Phrase(
        "`{step}`: no revision of `{document}` was sent to those asked; make one, then `send` it",
        {"step": view.address, "document": view.options.document},
        vi="`{step}`: chưa gửi bản dự thảo nào của `{document}`; cần có dự thảo rồi `send`",
    )
    return (Reason("not-sent", phrase, lead(view)),)


def _running(view: StepView) -> Reason:
    until = view.state.deadline
    phrase = Phrase(
        "`{step}`: the round runs until {until}",
        {"step": view.address, "until": until},
        vi="`{step}`: thời hạn lấy ý kiến đến {until}",
    )
    return Reason("deadline-running", phrase, lead(view), date.fromisoformat(until) + timedelta(days=1))


def _otherwise(view: StepView) -> Reason:
    """How the round can be closed nevertheless."""
    office, places = view.options.close_by, {"step": view.address}
    if office is None:
        phrase = Phrase(
            "`{step}`: closing without them needs a reason",
            places,
            vi="`{step}`: kết thúc khi chưa đủ ý kiến phải nêu lý do",
        )
        return Reason("reason-missing", phrase, lead(view))
    phrase = Phrase(
        "`{step}`: only {office} can close it without them, with a reason (`close-by-decision`)",
        {**places, "office": office},
        vi="`{step}`: chỉ {office} được quyết định kết thúc khi chưa đủ ý kiến và nêu lý do (`close-by-decision`)",
    )
    return Reason("decision-needed", phrase, (office,))


def lead(view: StepView) -> tuple[str, ...]:
    """Who leads the step, for a reason."""
    return (view.lead,) if view.lead else ()


def refused(text: str, vi: str, *reasons: Reason) -> Refused:
    """Return the refusal with the first reason's code."""
    return Refused(text, vi=vi, code=reasons[0].code, reasons=reasons)
