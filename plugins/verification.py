"""`uses: verification`: an office or a council's committee examines the dossier before it goes further (thẩm tra)."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from trinh_plugins._dossier import (
    ANSWER_OPEN,
    TEXT_CHANGED,
    DossierState,
    DossierStep,
)
from trinh_plugins._dossier_options import AnswerGround, DossierOptions
from workflow import (
    Act,
    DocumentRef,
    Help,
    Parameters,
    Phrase,
    Prose,
    Reason,
    Refused,
    StepType,
    StepView,
    action,
    hookimpl,
    prose,
)

OUTCOMES = ("verified", "verified-after-revision", "returned")


class VerificationOptions(DossierOptions):
    """What `with:` takes."""

    document: DocumentRef | None = Field(
        None, description=Help("The document whose newest revision is sent", vi="Văn bản được gửi bản mới nhất")
    )


class Conclude(Parameters):
    """Parameters of `conclude`."""

    outcome: Literal["verified", "verified-after-revision", "returned"] = Field(
        description=Help("Whether the dossier may go on", vi="Hồ sơ có được trình tiếp hay không")
    )
    text: Prose | None = Field(None, description=Help("The opinion as a whole", vi="Ý kiến chung"))
    number: str | None = Field(
        None,
        max_length=100,
        description=Help("Number of the report, e.g. 45/BC-KTNS", vi="Số, ký hiệu báo cáo, ví dụ 45/BC-KTNS"),
    )
    report_date: date | None = Field(
        None, description=Help("The date that the report carries", vi="Ngày ghi trên báo cáo")
    )
    grounds: tuple[Prose, ...] = Field(
        (), description=Help("What must change, one ground each", vi="Nội dung phải sửa, mỗi lần một nội dung")
    )


class Verification(DossierStep):
    """The dossier is sent to an office, made complete where it asks, and goes on or comes back.

    Sending freezes the revision that lies with the office. The three ends are outcomes for a transition;
    a transition back that opens the step again makes a new round. It binds every product, normative or not.
    """

    name = "verification"
    title = {"vi": "Thẩm tra", "en": "Verification"}
    states = {
        "ready": {"vi": "Chưa gửi", "en": "Not sent"},
        "sent": {"vi": "Đang thẩm tra", "en": "Being verified"},
        "received": {"vi": "Đã nhận hồ sơ", "en": "Received"},
        "incomplete": {"vi": "Hồ sơ chưa đầy đủ", "en": "Dossier incomplete"},
        "complete-dossier": {"vi": "Hồ sơ đầy đủ, đang thẩm tra", "en": "Dossier complete, being verified"},
        "verified": {"vi": "Đã thẩm tra", "en": "Verified"},
        "verified-after-revision": {
            "vi": "Đã thẩm tra, trình sau khi chỉnh lý",
            "en": "Verified, to be revised",
        },
        "returned": {"vi": "Trả lại", "en": "Returned"},
    }
    complete_states = OUTCOMES
    outcomes = (*OUTCOMES, ANSWER_OPEN, TEXT_CHANGED)
    Options = VerificationOptions
    State = DossierState
    passing, after_revision, failing = OUTCOMES
    noun = {"vi": "thẩm tra", "en": "verification"}
    body_actions = ("receive", "ask-supplement", "accept-dossier", "conclude")
    report_key, waiting_code = "verify", "not-concluded"

    @action("send", title={"vi": "Gửi thẩm tra", "en": "Send"}, source=("ready", "verified"), to="sent")
    def send(self, view: StepView, parameters: Parameters, context: Any) -> Act:
        """Send the dossier; the newest revision of the document is frozen."""
        return self.sending(view, context)

    @action(
        "conclude",
        title={"vi": "Kết luận thẩm tra", "en": "Conclude"},
        source=("sent", "received", "complete-dossier"),
        to=OUTCOMES,
        parameters=Conclude,
        own=True,
    )
    def conclude(self, view: StepView, parameters: Conclude, context: Any) -> Act:
        """Record the office's opinion and what must change."""
        said = (parameters.text or "", *parameters.grounds)
        if parameters.outcome != "verified" and not any(text.strip() for text in said):
            phrase = Phrase(
                "it says what must change: give the text or grounds",
                vi="phải nêu nội dung cần sửa: hãy ghi ý kiến hoặc từng nội dung",
            )
            raise Refused(
                "the dossier cannot be returned without a text",
                vi="không thể trả lại hồ sơ mà không có ý kiến",
                code="text-missing",
                reasons=(Reason("text-missing", phrase, (view.options.body,)),),
            )
        data = {
            "text": prose(parameters.text),
            "report_number": parameters.number,
            "report_date": parameters.report_date.isoformat() if parameters.report_date else None,
        }
        return self.reported(view, parameters.outcome, parameters.grounds, data)

    @action(
        "answer-ground",
        title={"vi": "Trả lời từng nội dung thẩm tra", "en": "Answer a ground"},
        source=("ready", *OUTCOMES),
        parameters=AnswerGround,
        late=True,
    )
    def answer_ground(self, view: StepView, parameters: AnswerGround, context: Any) -> Act:
        """Answer one ground in writing."""
        return self.answered(view, parameters, context)


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `uses: verification`."""
    return (Verification(),)
