"""`uses: report`: a report to a leader, and what he concludes on it (ý kiến kết luận).

The report goes up with one exact revision of its document. The conclusion belongs to the office,
whoever holds it on the day, and is recorded in that office's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from workflow import (
    Act,
    Context,
    DocumentRef,
    HolderRef,
    Options,
    Parameters,
    Phrase,
    Prose,
    Reason,
    Refused,
    State,
    StepType,
    StepView,
    Text,
    WorkItem,
    action,
    hookimpl,
    prose,
)


class ReportOptions(Options):
    """Who is reported to, and on which document."""

    to: HolderRef = Field(description="Office that concludes on the report")
    document: DocumentRef | None = Field(default=None, description="Document that is reported on")


class ReportState(State):
    """When it was sent, on which revision, and what was concluded."""

    sent_on: str | None = None
    revision: str | None = None
    files: tuple[str, ...] = ()
    outcome: str | None = None
    concluded_on: str | None = None


class Conclusion(Parameters):
    """What the leader concluded."""

    outcome: Literal["approved", "changes-requested"] = Field(description="What was concluded")
    text: Prose | None = Field(default=None, description="Wording of the conclusion")


class ReportStep(StepType):
    """A report to a leader with his conclusion."""

    name = "report"
    title = {"vi": "Báo cáo, xin ý kiến lãnh đạo", "en": "Report to a leader"}
    states = {
        "ready": {"vi": "Chuẩn bị báo cáo", "en": "In preparation"},
        "sent": {"vi": "Đã báo cáo, chờ kết luận", "en": "Sent, conclusion awaited"},
        "approved": {"vi": "Đã đồng ý", "en": "Approved"},
        "changes-requested": {"vi": "Yêu cầu chỉnh sửa", "en": "Changes requested"},
    }
    complete_states = ("approved", "changes-requested")
    Options = ReportOptions
    State = ReportState

    @action("send", title={"vi": "Gửi báo cáo", "en": "Send the report"}, source="ready", to="sent")
    def send(self, view: StepView, parameters: Parameters, context: Context) -> Act:
        """Send the report with the newest revision of its document."""
        document = view.options.document
        if document is None:
            return Act({"document": None, "revision": None, "files": []})
        revision = view.plan.latest_revision(document)
        if revision is None:
            raise Refused(
                "The report cannot be sent", vi="Chưa gửi được báo cáo", reasons=(_no_revision(document, view.lead),)
            )
        return Act({"document": document, "revision": revision.name, "files": list(revision.files)})

    @action(
        "conclude",
        title={"vi": "Ghi ý kiến kết luận", "en": "Conclude"},
        source="sent",
        to=("approved", "changes-requested"),
        parameters=Conclusion,
        late=True,
    )
    def conclude(self, view: StepView, parameters: Conclusion, context: Context) -> Act:
        """Record the leader's conclusion in the name of his office."""
        if parameters.outcome == "changes-requested" and not parameters.text:
            missing = Reason(
                "no-text",
                Phrase("A request for changes needs its wording", vi="Yêu cầu chỉnh sửa phải có nội dung kết luận"),
                who=(view.options.to,),
            )
            raise Refused("The conclusion cannot be recorded", vi="Chưa ghi được ý kiến kết luận", reasons=(missing,))
        data = {"outcome": parameters.outcome, "text": prose(parameters.text)}
        return Act(data, to=parameters.outcome, on_behalf=view.options.to)

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> ReportState:
        """Return the state after an act."""
        if action == "send":
            changes = {"sent_on": data["on"], "revision": data["revision"], "files": tuple(data["files"])}
            return state.model_copy(update=changes)
        if action == "conclude":
            return state.model_copy(update={"outcome": data["outcome"], "concluded_on": data["on"]})
        return ReportState() if state is None else state

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Name who has to send, or who has to conclude."""
        to = view.options.to
        if view.phase == "ready":
            phrase = Phrase("The report to {to} has not been sent", {"to": to}, vi="Chưa gửi báo cáo tới {to}")
            return (Reason("not-sent", phrase, who=(view.lead,) if view.lead else ()),)
        if view.phase == "sent":
            phrase = Phrase("{to} has not concluded yet", {"to": to}, vi="{to} chưa có ý kiến kết luận")
            return (Reason("no-conclusion", phrase, who=(to,)),)
        return ()

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """The lead owes the report, then the office its conclusion."""
        state, title = view.state, view.title
        sending = WorkItem(
            "send",
            Text(vi=f"Gửi báo cáo: {title.vi}", en=f"Send the report: {title.in_language('en')}"),
            view.lead,
            view.due_on,
            done_on=state.sent_on,
            open=view.phase == "ready",
        )
        if view.phase == "ready":
            return (sending,)
        concluding = WorkItem(
            "conclude",
            Text(vi=f"Cho ý kiến kết luận: {title.vi}", en=f"Conclude: {title.in_language('en')}"),
            view.options.to,
            view.due_on,
            done_on=state.concluded_on,
            open=view.phase == "sent",
        )
        return (sending, concluding)

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """The office that is reported to concludes."""
        return (view.options.to,) if action == "conclude" else ()


def _no_revision(document: str, lead: str | None) -> Reason:
    phrase = Phrase(
        "The document {document} has no revision yet", {"document": document}, vi="Văn bản {document} chưa có bản nào"
    )
    return Reason("no-revision", phrase, who=(lead,) if lead else ())


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `report`."""
    return (ReportStep(),)
