"""`uses: verification`: an office examines the dossier before it goes further (thẩm tra)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from workflow import (
    Act,
    DocumentRef,
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
    UnitRef,
    WorkItem,
    action,
    hookimpl,
    prose,
)


class VerificationOptions(Options):
    """What `with:` takes."""

    body: UnitRef = Field(description="The office that verifies")
    document: DocumentRef | None = Field(None, description="The document whose newest revision is sent")


class VerificationState(State):
    """What was sent and when, and when it was concluded."""

    sent_on: str | None = None
    number: int | None = None
    revision: int | None = None
    files: tuple[str, ...] = ()
    concluded_on: str | None = None


class Conclude(Parameters):
    """Parameters of `conclude`."""

    outcome: Literal["verified", "returned"] = Field(description="Whether the dossier may go on")
    text: Prose | None = Field(None, description="The office's opinion; needed for a return")


class Verification(StepType):
    """The dossier is sent to an office, which lets it go on or returns it.

    Sending freezes the revision that lies with the office. Both ends are outcomes for a transition;
    a transition back that opens the step again makes a new round.
    """

    name = "verification"
    title = {"vi": "Thẩm tra", "en": "Verification"}
    states = {
        "ready": {"vi": "Chưa gửi", "en": "Not sent"},
        "sent": {"vi": "Đang thẩm tra", "en": "Being verified"},
        "verified": {"vi": "Đã thẩm tra", "en": "Verified"},
        "returned": {"vi": "Trả lại", "en": "Returned"},
    }
    complete_states = ("verified", "returned")
    Options = VerificationOptions
    State = VerificationState

    @action("send", title={"vi": "Gửi thẩm tra", "en": "Send"}, source="ready", to="sent")
    def send(self, view: StepView, parameters: Parameters, context: Any) -> Act:
        """Send the dossier; the newest revision of the document is frozen."""
        document = view.options.document
        if document is None:
            return Act()
        sent = view.plan.latest_revision(document)
        if sent is None:
            phrase = Phrase(
                "there is no revision of `{document}` to send",
                {"document": document},
                vi="chưa có bản dự thảo nào của `{document}` để gửi",
            )
            raise Refused(
                "the dossier cannot be sent",
                vi="chưa thể gửi hồ sơ",
                code="nothing-to-send",
                reasons=(Reason("no-revision", phrase, _named(view.lead)),),
            )
        return Act(
            data={"document": document, "number": sent.number, "revision": sent.revision, "files": list(sent.files)}
        )

    @action(
        "conclude",
        title={"vi": "Kết luận thẩm tra", "en": "Conclude"},
        source="sent",
        to=("verified", "returned"),
        parameters=Conclude,
    )
    def conclude(self, view: StepView, parameters: Conclude, context: Any) -> Act:
        """Record the office's opinion."""
        if parameters.outcome == "returned" and not parameters.text:
            phrase = Phrase(
                "a return says what must change: give the text",
                vi="trả lại thì phải nêu nội dung cần sửa: hãy ghi ý kiến",
            )
            raise Refused(
                "the dossier cannot be returned without a text",
                vi="không thể trả lại hồ sơ mà không có ý kiến",
                code="text-missing",
                reasons=(Reason("text-missing", phrase, (view.options.body,)),),
            )
        data = {"outcome": parameters.outcome, "text": prose(parameters.text)}
        return Act(data=data, to=parameters.outcome, on_behalf=view.options.body)

    def evolve(self, state: VerificationState | None, action: str, data: Mapping[str, Any]) -> VerificationState:
        """Keep what was sent and the days."""
        if state is None:
            return VerificationState()
        if action == "send":
            sent = {name: data.get(name) for name in ("number", "revision")}
            return VerificationState(sent_on=data["on"], files=tuple(data.get("files", ())), **sent)
        return state.model_copy(update={"concluded_on": data["on"]} if action == "conclude" else {})

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Say whether the dossier was not sent, or lies with the office."""
        places = {"step": view.address, "body": view.options.body}
        if view.phase == "ready":
            phrase = Phrase(
                "the dossier of `{step}` was not sent to {body}",
                places,
                vi="hồ sơ của `{step}` chưa gửi {body}",
            )
            return (Reason("not-sent", phrase, _named(view.lead)),)
        if view.phase == "sent":
            phrase = Phrase(
                "`{step}` waits for the verification by {body}",
                places,
                vi="`{step}` đang chờ {body} thẩm tra",
            )
            return (Reason("not-concluded", phrase, (view.options.body,)),)
        return ()

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """Return the sending, then the office's verification."""
        state = view.state
        sending = WorkItem(
            key="send",
            title=Text(vi="Gửi hồ sơ thẩm tra", en="Send the dossier for verification"),
            owner=view.lead,
            due_on=view.due_on,
            done_on=state.sent_on,
            open=view.phase == "ready",
        )
        if view.phase == "ready":
            return (sending,)
        return sending, WorkItem(
            key="verify",
            title=view.title,
            owner=view.options.body,
            due_on=view.due_on,
            done_on=state.concluded_on,
            open=view.phase == "sent",
        )

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """The office itself may conclude."""
        return (view.options.body,) if action == "conclude" else ()


def _named(lead: str | None) -> tuple[str, ...]:
    return (lead,) if lead else ()


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `uses: verification`."""
    return (Verification(),)
