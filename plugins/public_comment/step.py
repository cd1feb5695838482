"""The posting's machine: posted, taken down and put back, ended, every comment answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from trinh_plugins._opinion_tables import kept, opinion_table
from trinh_plugins._opinions import answer_data, lacking, unkept
from trinh_plugins._rules import in_force
from trinh_plugins.public_comment.options import (
    Answer,
    Post,
    PublicCommentOptions,
    PublicCommentState,
    PutBack,
    Record,
    TakeDown,
)
from workflow import (
    Act,
    Import,
    Parameters,
    Phrase,
    Reason,
    Refused,
    Sent,
    StepTable,
    StepType,
    StepView,
    Text,
    WorkItem,
    action,
    prose,
)

PUBLIC = "public"
"""To whom a posted revision goes."""

COMMENTS = Import(
    action="record",
    columns={
        "sender": ("Người góp ý", "Tổ chức, cá nhân", "Cơ quan, tổ chức, cá nhân", "Họ và tên", "Sender", "From"),
        "text": ("Nội dung góp ý", "Nội dung ý kiến", "Ý kiến", "Comment", "Text"),
        "article": ("Điều", "Điều, khoản", "Nhóm vấn đề hoặc Điều, khoản", "Article", "Part"),
        "on": ("Ngày nhận", "Ngày gửi", "Received on", "Received"),
    },
)
"""The table that a portal gives."""

_EVOLVE: Mapping[str, Callable[[PublicCommentState, Mapping[str, Any]], PublicCommentState]] = {
    "post": PublicCommentState.with_posting,
    "take-down": PublicCommentState.with_removal,
    "put-back": PublicCommentState.with_return,
    "record": PublicCommentState.with_comment,
    "answer": PublicCommentState.with_answer,
    "close": PublicCommentState.with_closing,
}


class PublicComment(StepType):
    """Posted for a minimum of calendar days, then closed; each comment gets its answer.

    Holidays and weekends count: only the number of days matters, without those on which the draft was
    taken down. Posting sends the revision that the public saw. Who commented and what stays in texts
    that can be withdrawn.
    """

    name = "public-comment"
    version = "2"
    title = {"vi": "Lấy ý kiến trên cổng thông tin", "en": "Public comment"}
    states = {
        "open": {"vi": "Chưa đăng tải", "en": "Not posted"},
        "posted": {"vi": "Đang đăng tải", "en": "Posted"},
        "taken-down": {"vi": "Tạm gỡ", "en": "Taken down"},
        "answering": {"vi": "Đã hết đăng tải, đang tiếp thu, giải trình", "en": "Ended, comments to answer"},
        "closed": {"vi": "Đã kết thúc", "en": "Closed"},
    }
    complete_states = ("closed",)
    imports = COMMENTS
    Options = PublicCommentOptions
    State = PublicCommentState

    def open(self, view: StepView, context: Any) -> Act:
        """Look up how long it must stand there, so that this is known before it is posted."""
        return Act(_minimum(view.options, context.on))

    @action("post", title={"vi": "Đăng tải", "en": "Post"}, source="open", to="posted", parameters=Post)
    def post(self, view: StepView, parameters: Post, context: Any) -> Act:
        """Record that the draft stands on the portal from this day on."""
        options, address = view.options, parameters.address or view.options.where
        reasons = list(unkept({}, {"address": parameters.address}))
        if not address:
            phrase = Phrase("say where it was posted: give the address", vi="hãy cho biết địa chỉ đăng tải")
            reasons.append(Reason("address-missing", phrase, _lead(view)))
        if options.document is not None and view.plan.latest_revision(options.document) is None:
            phrase = Phrase(
                "there is no revision of `{document}` to post",
                {"document": options.document},
                vi="chưa có bản dự thảo nào của `{document}` để đăng tải",
            )
            reasons.append(Reason("no-revision", phrase, _lead(view)))
        minimum = _minimum(options, context.on)
        if options.rule is not None and not minimum:
            phrase = Phrase(
                "rule {rule} has no number of days for {on}; give `min_days`",
                {"rule": options.rule, "on": context.on.isoformat()},
                vi="quy tắc {rule} không có số ngày áp dụng cho ngày {on}; cần nêu `min_days`",
            )
            reasons.append(Reason("no-rule", phrase))
        if reasons:
            raise _refused("the draft cannot be posted", "chưa thể đăng tải", *reasons)
        closable = PublicCommentState(days=minimum.get("days")).earliest(context.on)
        sends = (Sent(options.document, to=(PUBLIC,)),) if options.document else ()
        return Act({"address": address, "closable_on": closable, **minimum}, sends=sends)

    @action(
        "take-down", title={"vi": "Gỡ xuống", "en": "Take down"}, source="posted", to="taken-down", parameters=TakeDown
    )
    def take_down(self, view: StepView, parameters: TakeDown, context: Any) -> Act:
        """Record that it is not there from this day on; these days do not count."""
        _require(view, context.on, *unkept({"reason": parameters.reason}))
        return Act({"reason": prose(parameters.reason)})

    @action(
        "put-back", title={"vi": "Đăng lại", "en": "Put back"}, source="taken-down", to="posted", parameters=PutBack
    )
    def put_back(self, view: StepView, parameters: PutBack, context: Any) -> Act:
        """Record that it stands there again; the earliest end moves by the days lost."""
        _require(view, context.on, *unkept({}, {"address": parameters.address}))
        state = view.state
        closable = state.closable_on
        if closable is not None and closable > state.down_on:
            lost = context.on - date.fromisoformat(state.down_on)
            closable = (date.fromisoformat(closable) + lost).isoformat()
        return Act({"address": parameters.address, "closable_on": closable})

    @action(
        "record",
        title={"vi": "Ghi ý kiến", "en": "Record a comment"},
        source=("posted", "taken-down", "answering", "closed"),
        to=("posted", "taken-down", "answering", "closed"),
        parameters=Record,
        late=True,
    )
    def record(self, view: StepView, parameters: Record, context: Any) -> Act:
        """Record a comment that came in; one that comes after the end is marked late and answered too."""
        reasons = list(unkept({"sender": parameters.sender, "text": parameters.text}, {"article": parameters.article}))
        shown = view.state.posted_revision
        if parameters.about is not None and parameters.about != shown:
            phrase = Phrase(
                "revision {about} was not posted; posted is {shown}",
                {"about": parameters.about, "shown": shown or "-"},
                vi="bản {about} không được đăng tải; bản được đăng là {shown}",
            )
            reasons.append(Reason("not-posted-revision", phrase))
        if context.on.isoformat() < view.state.posted_on:
            reasons.append(_before(view.state.posted_on))
        if reasons:
            raise _refused("the comment cannot be recorded", "không thể ghi ý kiến", *reasons)
        position = parameters.position
        data = {"sender": prose(parameters.sender), "text": prose(parameters.text), "position": position}
        wants = position not in ("agree", "abstain")
        phase = "answering" if view.phase == "closed" and wants else view.phase
        return Act({**data, "article": parameters.article, "about": shown}, to=phase)

    @action(
        "answer",
        title={"vi": "Tiếp thu, giải trình", "en": "Answer a comment"},
        source=("posted", "taken-down", "answering"),
        to=("posted", "taken-down", "answering", "closed"),
        parameters=Answer,
        late=True,
    )
    def answer(self, view: StepView, parameters: Answer, context: Any) -> Act:
        """Record what becomes of a comment; after the end of the posting the last answer completes the step."""
        comments, number = view.state.comments, parameters.comment
        reasons = list(lacking(parameters, _lead(view)))
        if number > len(comments):
            phrase = Phrase("there is no comment {number}", {"number": number}, vi="không có ý kiến số {number}")
            reasons.insert(0, Reason("no-opinion", phrase))
        elif comments[number - 1].verdict is not None:
            phrase = Phrase("comment {number} is answered", {"number": number}, vi="ý kiến số {number} đã được trả lời")
            reasons.insert(0, Reason("already-answered", phrase))
        if reasons:
            raise _refused("the answer cannot be recorded", "không thể ghi nội dung tiếp thu, giải trình", *reasons)
        others = [comment for comment in view.state.unanswered if comment.id != number]
        complete = view.phase == "answering" and not others
        return Act({"comment": number, **answer_data(parameters)}, to="closed" if complete else view.phase)

    @action(
        "close",
        title={"vi": "Kết thúc đăng tải", "en": "Close"},
        source=("posted", "taken-down"),
        to=("answering", "closed"),
    )
    def close(self, view: StepView, parameters: Parameters, context: Any) -> Act:
        """End the posting, once its minimum has run out; comments without an answer hold the step open."""
        _require(view, context.on)
        short = _too_short(view, context.on.isoformat())
        if short:
            raise _refused("the posting cannot be closed yet", "chưa thể kết thúc đăng tải", *short)
        counts = view.state.counts()
        data = {"comments": counts.comments, "counts": counts.model_dump()}
        return Act(data, to="answering" if counts.unanswered else "closed")

    def evolve(self, state: PublicCommentState | None, action: str, data: Mapping[str, Any]) -> PublicCommentState:
        """Keep the days, what was posted and what came in; of texts only where they stand."""
        return PublicCommentState().with_rule(data) if state is None else _EVOLVE[action](state, data)

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Say whether it was not posted, must stand longer, was not closed, or has comments without an answer."""
        places = {"step": view.address}
        if view.phase == "closed":
            return ()
        if view.phase == "answering":
            return _unanswered(view)
        if view.phase == "open":
            phrase = Phrase("`{step}`: the draft was not posted", places, vi="`{step}`: chưa đăng tải")
            return (Reason("not-posted", phrase, _lead(view)), *_does_not_fit(view))
        phrase = Phrase("`{step}`: the posting was not closed", places, vi="`{step}`: chưa kết thúc đăng tải")
        short = _too_short(view, None) or (Reason("not-closed", phrase, _lead(view)),)
        return (*short, *_does_not_fit(view), *_unanswered(view))

    def tables(self, view: StepView) -> tuple[StepTable, ...]:
        """Return what came from the public, and what became of it."""
        comments, title = view.state.comments, Text(vi="Ý kiến của nhân dân", en="Comments of the public")
        return (opinion_table(title, ((one, kept(one.sender)) for one in comments)),) if comments else ()

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """Return the posting, which must be early enough to keep the minimum, its closing, and the answers."""
        state = view.state
        until = f" (sớm nhất {_office_day(state.closable_on)})" if state.closable_on else ""
        from_ = f" ({state.closable_on} at the earliest)" if state.closable_on else ""
        posting = WorkItem(
            key="post",
            title=Text(vi="Đăng tải lấy ý kiến", en="Post for public comment"),
            owner=view.lead,
            due_on=_latest_posting(view),
            done_on=state.posted_on,
            open=view.phase == "open",
        )
        if view.phase == "open":
            return (posting,)
        title = Text(vi="Đăng lại dự thảo", en="Put the draft back")
        back = WorkItem("put-back", title, view.lead, view.due_on, since=state.down_on)
        closing = WorkItem(
            key="close",
            title=Text(vi="Kết thúc đăng tải" + until, en="Close the posting" + from_),
            owner=view.lead,
            due_on=view.due_on or state.closable_on,
            done_on=state.closed_on,
            open=view.phase in ("posted", "taken-down"),
            since=state.closable_on,
        )
        answers = WorkItem(
            key="answers",
            title=Text(vi="Tiếp thu, giải trình ý kiến trên cổng", en="Answer the comments"),
            owner=view.lead,
            due_on=view.due_on,
        )
        owed = (back,) if view.phase == "taken-down" and _too_short(view, state.down_on) else ()
        return (posting, *owed, closing, *((answers,) if state.unanswered else ()))

    def publishes(self, options: PublicCommentOptions) -> bool:
        """A posting is public."""
        return True


def _minimum(options: PublicCommentOptions, on: date) -> dict[str, Any]:
    """How long it must stand there when it is posted on this day, and why."""
    if options.min_days is not None:
        return {"days": options.min_days, "basis": options.basis, "unverified": False}
    rule = in_force(options.rule, on) if options.rule else None
    return {"days": rule.days, "basis": rule.basis, "unverified": rule.unverified, "rule": rule.name} if rule else {}


def _latest_posting(view: StepView) -> str | None:
    """Posted later than this, the posting could not be closed on the due day."""
    if view.due_on is None or view.state.days is None:
        return view.due_on
    last = date.fromisoformat(view.due_on) - timedelta(days=view.state.days)
    return max(last.isoformat(), view.opened_on)


def _too_short(view: StepView, on: str | None) -> tuple[Reason, ...]:
    """Why it cannot be closed on this day, or, without a day, as far as can be told."""
    state = view.state
    until, down = state.closable_on, state.down_on
    if until is None or (on is not None and down is None and on >= until) or (down is not None and down >= until):
        return ()
    places = {"step": view.address, "posted": state.posted_on, "days": state.days, **_because(view)}
    if down is not None:
        phrase = Phrase(
            "`{step}`: taken down on {down} after {stood} of {days} days{why}; days until it is put back do not count",
            {"step": view.address, "down": down, "stood": state.stood_days, "days": state.days, "why": places["why"]},
            vi="`{step}`: đã gỡ ngày {down} khi mới đủ {stood}/{days} ngày{why}; ngày chưa đăng lại không được tính",
        )
        return (Reason("taken-down", phrase, _lead(view)),)
    phrase = Phrase(
        "`{step}`: posted on {posted}, it must stand there for {days} days{why} and can be closed from {until}",
        {**places, "until": until},
        vi="`{step}`: đăng tải ngày {posted}, phải đủ {days} ngày{why}, kết thúc được từ {until}",
    )
    return (Reason("minimum-running", phrase, _lead(view), since=date.fromisoformat(until)),)


def _does_not_fit(view: StepView) -> tuple[Reason, ...]:
    """Warn as soon as the minimum ends after the day on which the step is due."""
    state = view.state
    earliest = state.closable_on or state.earliest(date.fromisoformat(view.opened_on))
    if view.due_on is None or earliest is None or earliest <= view.due_on:
        return ()
    phrase = Phrase(
        "`{step}`: warning: {days} days{why} end on {earliest} at the earliest, after {due}, when the step is due",
        {"step": view.address, "days": state.days, "earliest": earliest, "due": view.due_on, **_because(view)},
        vi="`{step}`: cảnh báo: đủ {days} ngày{why} sớm nhất là {earliest}, sau hạn {due} của bước",
    )
    return (Reason("does-not-fit", phrase, _lead(view), since=date.fromisoformat(earliest)),)


def _because(view: StepView) -> dict[str, str]:
    state = view.state
    parts = [state.basis or "", "chưa kiểm chứng / unverified" if state.unverified else ""]
    text = ", ".join(part for part in parts if part)
    return {"why": f" ({text})" if text else ""}


def _unanswered(view: StepView) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            "opinion-unanswered",
            Phrase(
                "`{step}`: comment {number} of {on} has no answer",
                {"step": view.address, "number": comment.id, "on": comment.on},
                vi="`{step}`: ý kiến số {number} ngày {on} chưa được tiếp thu, giải trình",
            ),
            _lead(view),
        )
        for comment in view.state.unanswered
    )


def _require(view: StepView, on: date, *reasons: Reason) -> None:
    """Refuse what would lie before the day of the last posting, removal or return, or has other faults."""
    found = list(reasons)
    if on.isoformat() < view.state.latest_on:
        found.append(_before(view.state.latest_on))
    if found:
        raise _refused("this cannot be recorded", "không thể ghi nhận", *found)


def _before(day: str) -> Reason:
    phrase = Phrase("this lies before {day}, the day of the act before it", {"day": day}, vi="ngày này trước {day}")
    return Reason("too-early", phrase, since=date.fromisoformat(day))


def _refused(text: str, vi: str, *reasons: Reason) -> Refused:
    return Refused(text, vi=vi, code=reasons[0].code, reasons=reasons)


def _lead(view: StepView) -> tuple[str, ...]:
    return (view.lead,) if view.lead else ()


def _office_day(day: str) -> str:
    """Return an ISO day as it stands in papers: 05/01/2020."""
    return "/".join(reversed(day.split("-")))
