"""`uses: appraisal`: a body appraises a draft and reports whether it may be submitted (thẩm định)."""

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
)

OUTCOMES = ("eligible", "eligible-after-revision", "not-eligible")


class AppraisalOptions(DossierOptions):
    """What `with:` takes."""

    document: DocumentRef = Field(
        description=Help("The document whose newest revision is sent", vi="Văn bản được gửi bản mới nhất")
    )


class Report(Parameters):
    """Parameters of `report`."""

    outcome: Literal["eligible", "eligible-after-revision", "not-eligible"] = Field(
        description=Help("The body's verdict", vi="Kết luận của cơ quan")
    )
    number: str | None = Field(
        None,
        max_length=100,
        description=Help("Number of the report, e.g. 12/BC-STP", vi="Số, ký hiệu báo cáo, ví dụ 12/BC-STP"),
    )
    report_date: date | None = Field(
        None, description=Help("The date that the report carries", vi="Ngày ghi trên báo cáo")
    )
    grounds: tuple[Prose, ...] = Field(
        (), description=Help("What the body finds, one ground each", vi="Ý kiến của cơ quan, mỗi lần một nội dung")
    )


class Appraisal(DossierStep):
    """The dossier is sent to a body, made complete where it asks, and reported on.

    Sending freezes the exact revision that is appraised, and so does each supplement. The body's
    term runs from the full dossier: while papers are missing, the drafting side owes, not the body.
    All three verdicts end the step; the definition's transitions ask for them by `outcome:`. One that
    asks for a revision counts only with the written answer and the revised draft.
    """

    name = "appraisal"
    title = {"vi": "Thẩm định", "en": "Appraisal"}
    states = {
        "ready": {"vi": "Chưa gửi", "en": "Not sent"},
        "sent": {"vi": "Đã gửi hồ sơ", "en": "Sent"},
        "received": {"vi": "Đã nhận hồ sơ", "en": "Received"},
        "incomplete": {"vi": "Hồ sơ chưa đầy đủ", "en": "Dossier incomplete"},
        "complete-dossier": {"vi": "Hồ sơ đầy đủ, đang thẩm định", "en": "Dossier complete, under appraisal"},
        "eligible": {"vi": "Đủ điều kiện trình", "en": "Eligible"},
        "eligible-after-revision": {
            "vi": "Đủ điều kiện trình sau khi chỉnh lý",
            "en": "Eligible after revision",
        },
        "not-eligible": {"vi": "Chưa đủ điều kiện trình", "en": "Not eligible"},
    }
    complete_states = OUTCOMES
    outcomes = (*OUTCOMES, ANSWER_OPEN, TEXT_CHANGED)
    normative_only = True
    Options = AppraisalOptions
    State = DossierState
    passing, after_revision, failing = OUTCOMES
    noun = {"vi": "thẩm định", "en": "appraisal"}
    body_actions = ("receive", "ask-supplement", "accept-dossier", "report")

    @action("send", title={"vi": "Gửi thẩm định", "en": "Send"}, source=("ready", "eligible"), to="sent")
    def send(self, view: StepView, parameters: Parameters, context: Any) -> Act:
        """Send the dossier; the newest revision of the document is frozen."""
        return self.sending(view, context)

    @action(
        "report",
        title={"vi": "Báo cáo thẩm định", "en": "Report"},
        source=("sent", "received", "complete-dossier"),
        to=OUTCOMES,
        parameters=Report,
        own=True,
    )
    def report(self, view: StepView, parameters: Report, context: Any) -> Act:
        """Record the body's report, its verdict and its grounds."""
        if parameters.outcome != "eligible" and not any(ground.strip() for ground in parameters.grounds):
            phrase = Phrase(
                "the verdict {outcome} needs at least one ground",
                {"outcome": parameters.outcome},
                vi="kết luận {outcome} phải có ít nhất một lý do",
            )
            raise Refused(
                "the report cannot be recorded without its grounds",
                vi="không thể ghi báo cáo thẩm định mà không có lý do",
                code="grounds-missing",
                reasons=(Reason("grounds-missing", phrase, (view.options.body,)),),
            )
        data = {
            "report_number": parameters.number,
            "report_date": parameters.report_date.isoformat() if parameters.report_date else None,
        }
        return self.reported(view, parameters.outcome, parameters.grounds, data)

    @action(
        "answer-ground",
        title={"vi": "Trả lời từng nội dung thẩm định", "en": "Answer a ground"},
        source=("ready", *OUTCOMES),
        parameters=AnswerGround,
        late=True,
    )
    def answer_ground(self, view: StepView, parameters: AnswerGround, context: Any) -> Act:
        """Answer one ground in writing."""
        return self.answered(view, parameters, context)


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `uses: appraisal`."""
    return (Appraisal(),)
