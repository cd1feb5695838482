"""`uses: report`: a report to a leader, and what he concludes on it (ý kiến kết luận).

The report goes up with one exact revision of its document. The conclusion belongs to the office,
whoever holds it on the day, and is recorded in that office's name. Each single conclusion is taken in
or answered; an approval covers the revision that was sent and no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trinh_plugins._conclusions import (
    CONCLUSIONS_OPEN,
    OUTCOMES,
    OUTDATED,
    TEXT_CHANGED,
    Answer,
    Conclusion,
    Extension,
    Item,
    ReportOptions,
    ReportState,
    TakeIn,
    changed,
    changes,
    left_behind,
    named,
    open_items,
    outdated,
    sent_revision,
    to_settle,
    unsettled,
)
from workflow import (
    Act,
    Approved,
    Context,
    Parameters,
    Phrase,
    Reason,
    Refused,
    Sent,
    StepType,
    StepView,
    Text,
    WorkItem,
    action,
    hookimpl,
    prose,
)


class ReportStep(StepType):
    """A report to a leader with his conclusions."""

    name = "report"
    title = {"vi": "Báo cáo, xin ý kiến lãnh đạo", "en": "Report to a leader"}
    states = {
        "ready": {"vi": "Chuẩn bị báo cáo", "en": "In preparation"},
        "sent": {"vi": "Đã báo cáo, chờ kết luận", "en": "Sent, conclusion awaited"},
        "approved": {"vi": "Đã đồng ý", "en": "Approved"},
        "changes-requested": {"vi": "Yêu cầu chỉnh sửa", "en": "Changes requested"},
    }
    complete_states = OUTCOMES
    outcomes = (*OUTCOMES, CONCLUSIONS_OPEN, OUTDATED, TEXT_CHANGED)
    Options = ReportOptions
    State = ReportState

    def open(self, view: StepView, context: Context) -> Act:
        """Take over the conclusions of the round before that were neither taken in nor answered."""
        before = context.step(view.address)
        if before is None:
            return Act()
        return Act({"carried": [item.model_dump() for item in open_items(before)]})

    @action("send", title={"vi": "Gửi báo cáo", "en": "Send"}, source=("ready", "approved"), to="sent")
    def send(self, view: StepView, parameters: Parameters, context: Context) -> Act:
        """Send the report up with the newest revision; again after an approval only where the text changed."""
        reasons = [unsettled(view, item) for item in open_items(view)]
        if view.phase == "approved" and not changed(view):
            phrase = Phrase(
                "{to} approved this very text", {"to": view.options.to}, vi="{to} đã đồng ý với đúng bản này"
            )
            reasons.append(Reason("nothing-new", phrase, named(view.lead)))
        if reasons:
            raise Refused("The report cannot be sent", vi="Chưa gửi được báo cáo", reasons=tuple(reasons))
        days, document = view.options.answer_days, view.options.document
        by = view.due_on if days is None else context.working_days_after(context.on, days).isoformat()
        sends = (Sent(document, (view.options.to,)),) if document else ()
        return Act({"conclude_by": by}, sends=sends)

    @action(
        "conclude",
        title={"vi": "Ghi ý kiến kết luận", "en": "Conclude"},
        source="sent",
        to=OUTCOMES,
        parameters=Conclusion,
        late=True,
        own=True,
    )
    def conclude(self, view: StepView, parameters: Conclusion, context: Context) -> Act:
        """Record the leader's conclusions in the name of his office."""
        found = [prose(text) for text in parameters.conclusion if text.strip()]
        if parameters.outcome == "changes-requested" and not parameters.text and not found:
            missing = Reason(
                "no-text",
                Phrase("A request for changes needs its wording", vi="Yêu cầu chỉnh sửa phải có nội dung kết luận"),
                who=(view.options.to,),
            )
            raise Refused("The conclusion cannot be recorded", vi="Chưa ghi được ý kiến kết luận", reasons=(missing,))
        used = sum(item.id.startswith(f"{view.round}-") for item in view.state.conclusions)
        data = {
            "outcome": parameters.outcome,
            "text": prose(parameters.text),
            "conclusions": found,
            "ids": [f"{view.round}-{used + number}" for number in range(1, len(found) + 1)],
        }
        approves = view.options.approves and parameters.outcome == "approved"
        return Act(
            data,
            to=parameters.outcome,
            approves=sent_revision(view) if approves else (),
            on_behalf=view.options.to,
        )

    @action(
        "take-in",
        title={"vi": "Tiếp thu ý kiến kết luận", "en": "Take in a conclusion"},
        source=("ready", *OUTCOMES),
        parameters=TakeIn,
        late=True,
    )
    def take_in(self, view: StepView, parameters: TakeIn, context: Context) -> Act:
        """Record that a conclusion stands in the draft now, and in which revision."""
        item = to_settle(view, parameters.conclusion, context)
        document = view.options.document
        newest = view.plan.latest_revision(document) if document else None
        name = newest.name if newest else None
        return Act({"conclusion": item.id, "text": prose(parameters.text), "revision": name})

    @action(
        "answer",
        title={"vi": "Giải trình ý kiến kết luận", "en": "Answer a conclusion"},
        source=("ready", *OUTCOMES),
        parameters=Answer,
        late=True,
    )
    def answer(self, view: StepView, parameters: Answer, context: Context) -> Act:
        """Explain why a conclusion was not taken in."""
        item = to_settle(view, parameters.conclusion, context)
        return Act({"conclusion": item.id, "text": prose(parameters.text)})

    @action(
        "extend",
        title={"vi": "Đồng ý với bản mới", "en": "Extend the approval"},
        source="approved",
        parameters=Extension,
        late=True,
    )
    def extend(self, view: StepView, parameters: Extension, context: Context) -> Act:
        """Approve the newest revision too; an act of the approver alone."""
        newest = view.plan.latest_revision(view.options.document) if view.options.document else None
        if newest is None or not outdated(view):
            phrase = Phrase(
                "`{step}` has no approval that a newer text left behind",
                {"step": view.address},
                vi="`{step}` không có ý kiến đồng ý nào đã cũ so với bản mới",
            )
            raise Refused(
                "The approval cannot be extended",
                vi="Không thể mở rộng ý kiến đồng ý",
                reasons=(Reason("nothing-to-extend", phrase),),
            )
        approved = Approved(newest.document, newest.number, newest.revision)
        return Act(
            {"text": prose(parameters.text), "revision": newest.name},
            approves=(approved,),
            on_behalf=view.options.to,
        )

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> ReportState:
        """Return the state after an act."""
        if state is None:
            return ReportState(conclusions=tuple(Item(**each) for each in data.get("carried", ())))
        return state.model_copy(update=dict(changes(state, action, data)))

    def outcome(self, view: StepView) -> str | None:
        """What was concluded, once it counts: settled, and still of this text."""
        if view.phase not in OUTCOMES:
            return None
        if open_items(view):
            return CONCLUSIONS_OPEN
        if outdated(view):
            return OUTDATED
        if view.phase == "approved" and view.options.reopens_on_change and changed(view):
            return TEXT_CHANGED
        return view.phase

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Name who has to send, to conclude, to settle a conclusion, or to extend the approval."""
        to = view.options.to
        if view.phase == "ready":
            phrase = Phrase("The report to {to} has not been sent", {"to": to}, vi="Chưa gửi báo cáo tới {to}")
            return (Reason("not-sent", phrase, who=named(view.lead)),)
        if view.phase == "sent":
            phrase = Phrase("{to} has not concluded yet", {"to": to}, vi="{to} chưa có ý kiến kết luận")
            return (Reason("no-conclusion", phrase, who=(to,)),)
        reasons = [unsettled(view, item) for item in open_items(view)]
        if view.options.approves and view.phase == "changes-requested":
            phrase = Phrase("{to} did not approve: report again", {"to": to}, vi="{to} chưa đồng ý: cần báo cáo lại")
            reasons.append(Reason("not-approved", phrase, named(view.lead)))
        if outdated(view):
            reasons.append(left_behind(view))
        elif view.options.reopens_on_change and view.phase == "approved" and changed(view):
            phrase = Phrase(
                "the text changed since it was sent to {to}: `{step}` is open again, send it",
                {"to": to, "step": view.address},
                vi="dự thảo đã thay đổi sau khi báo cáo {to}: `{step}` được mở lại, hãy gửi lại",
            )
            reasons.append(Reason(TEXT_CHANGED, phrase, named(view.lead)))
        return tuple(reasons)

    def running(self, view: StepView) -> tuple[tuple[str | int, ...], ...]:
        """The term for the conclusion."""
        return (("conclude_by",),)

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """The lead owes the report and what becomes of each conclusion, the office its conclusion."""
        return tuple(_items(view))

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """The office that is reported to concludes."""
        return (view.options.to,) if action == "conclude" else ()

    def reserved(self, view: StepView, action: str) -> tuple[str, ...]:
        """Only the office concludes and makes an approval cover another text; a clerk may record it in its name."""
        return (view.options.to,) if action in ("conclude", "extend") else ()


def _items(view: StepView) -> Iterator[WorkItem]:
    state, title, lead = view.state, view.title, view.lead
    again = view.phase == "approved" and view.options.reopens_on_change and changed(view) and not outdated(view)
    text = Text(vi=f"Gửi báo cáo: {title.vi}", en=f"Send the report: {title.in_language('en')}")
    waits = view.phase == "ready" or again
    yield WorkItem("send", text, lead, view.due_on, done_on=None if waits else state.sent_on, open=waits)
    if state.sent_on is not None:
        text = Text(vi=f"Cho ý kiến kết luận: {title.vi}", en=f"Conclude: {title.in_language('en')}")
        due = state.conclude_by or view.due_on
        done, waits, came = state.concluded_on, view.phase == "sent", state.sent_on
        yield WorkItem("conclude", text, view.options.to, due, done_on=done, open=waits, since=came)
    for item in state.conclusions:
        text = Text(vi=f"Tiếp thu, giải trình kết luận {item.id}", en=f"Take in or answer conclusion {item.id}")
        key, done = f"conclusion-{item.id}", item.settled_on
        yield WorkItem(key, text, lead, view.due_on, done_on=done, open=done is None, since=state.concluded_on)
    if outdated(view):
        text = Text(vi=f"Đồng ý với bản mới: {title.vi}", en=f"Extend the approval: {title.in_language('en')}")
        newest = view.plan.latest_revision(view.options.document)
        yield WorkItem("extend", text, view.options.to, view.due_on, since=newest.made_on if newest else None)


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `report`."""
    return (ReportStep(),)
