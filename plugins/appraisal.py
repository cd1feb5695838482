"""`uses: appraisal`: a body appraises a draft and reports whether it may be submitted (thẩm định)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
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

OUTCOMES = ("eligible", "eligible-after-revision", "not-eligible")
BODY_ACTIONS = ("ask-supplement", "accept-dossier", "report")


class AppraisalOptions(Options):
    """What `with:` takes."""

    body: UnitRef = Field(description="The body that appraises")
    document: DocumentRef = Field(description="The document whose newest revision is sent")
    answer_days: int | None = Field(None, ge=1, description="Working days for the report, from the full dossier")


class AppraisalState(State):
    """What lies with the body, since when, and what it reported."""

    sent_on: str | None = None
    number: int | None = None
    revision: int | None = None
    files: tuple[str, ...] = ()
    report_due: str | None = None
    incomplete_on: str | None = None
    full_on: str | None = None
    reported_on: str | None = None
    report_number: str | None = None
    grounds: int = 0


class AskSupplement(Parameters):
    """Parameters of `ask-supplement`."""

    missing: Prose = Field(min_length=1, description="Which papers are missing")


class Report(Parameters):
    """Parameters of `report`."""

    outcome: Literal["eligible", "eligible-after-revision", "not-eligible"] = Field(description="The body's verdict")
    number: str | None = Field(None, max_length=100, description="Number of the report, e.g. 12/BC-STP")
    report_date: date | None = Field(None, description="The date that the report carries")
    grounds: tuple[Prose, ...] = Field((), description="What the body finds, one ground each")


class Appraisal(StepType):
    """The dossier is sent to a body, made complete where it asks, and reported on.

    Sending freezes the exact revision that is appraised, and so does each supplement. The body's
    term runs from the full dossier: while papers are missing, the drafting side owes, not the body.
    All three verdicts end the step; the definition's transitions ask for them by `outcome:`.
    """

    name = "appraisal"
    title = {"vi": "Thẩm định", "en": "Appraisal"}
    states = {
        "ready": {"vi": "Chưa gửi", "en": "Not sent"},
        "sent": {"vi": "Đã gửi hồ sơ", "en": "Sent"},
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
    Options = AppraisalOptions
    State = AppraisalState

    @action("send", title={"vi": "Gửi thẩm định", "en": "Send"}, source="ready", to="sent")
    def send(self, view: StepView, parameters: Parameters, context: Any) -> Act:
        """Send the dossier; the newest revision of the document is frozen."""
        return Act(data={**_frozen(view), "report_due": _report_due(view, context)})

    @action(
        "ask-supplement",
        title={"vi": "Yêu cầu bổ sung hồ sơ", "en": "Ask for missing papers"},
        source="sent",
        to="incomplete",
        parameters=AskSupplement,
    )
    def ask_supplement(self, view: StepView, parameters: AskSupplement, context: Any) -> Act:
        """Find the dossier incomplete; the body's term stops."""
        return Act(data={"missing": prose(parameters.missing)}, on_behalf=view.options.body)

    @action("supplement", title={"vi": "Bổ sung hồ sơ", "en": "Supplement"}, source="incomplete", to="sent")
    def supplement(self, view: StepView, parameters: Parameters, context: Any) -> Act:
        """Send the missing papers; the revision that is newest now is frozen."""
        return Act(data={**_frozen(view), "report_due": _report_due(view, context)})

    @action(
        "accept-dossier",
        title={"vi": "Tiếp nhận hồ sơ đầy đủ", "en": "Accept the dossier"},
        source="sent",
        to="complete-dossier",
    )
    def accept_dossier(self, view: StepView, parameters: Parameters, context: Any) -> Act:
        """Find the dossier complete; the body's term starts."""
        return Act(data={"report_due": _report_due(view, context)}, on_behalf=view.options.body)

    @action(
        "report",
        title={"vi": "Báo cáo thẩm định", "en": "Report"},
        source=("sent", "complete-dossier"),
        to=OUTCOMES,
        parameters=Report,
    )
    def report(self, view: StepView, parameters: Report, context: Any) -> Act:
        """Record the body's report and its verdict."""
        grounds = [prose(ground) for ground in parameters.grounds if ground.strip()]
        if parameters.outcome != "eligible" and not grounds:
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
            "outcome": parameters.outcome,
            "report_number": parameters.number,
            "report_date": parameters.report_date.isoformat() if parameters.report_date else None,
            "grounds": grounds,
        }
        return Act(data=data, to=parameters.outcome, on_behalf=view.options.body)

    def evolve(self, state: AppraisalState | None, action: str, data: Mapping[str, Any]) -> AppraisalState:
        """Keep what lies with the body and the days; grounds are only counted."""
        if state is None:
            return AppraisalState()
        on = data["on"]
        if action in ("send", "supplement"):
            changes = {name: data[name] for name in ("number", "revision", "report_due")}
            changes |= {"files": tuple(data["files"]), "sent_on": state.sent_on or on, "incomplete_on": None}
        elif action == "ask-supplement":
            changes = {"incomplete_on": on, "report_due": None}
        elif action == "accept-dossier":
            changes = {"full_on": on, "report_due": data["report_due"]}
        elif action == "report":
            changes = {
                "reported_on": on,
                "report_number": data["report_number"],
                "grounds": len(data["grounds"]),
            }
        else:
            changes = {}
        return state.model_copy(update=changes)

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Say who holds the dossier."""
        places = {"step": view.address, "body": view.options.body}
        lead = (view.lead,) if view.lead else ()
        if view.phase == "ready":
            phrase = Phrase(
                "the dossier of `{step}` was not sent to {body}",
                places,
                vi="hồ sơ của `{step}` chưa gửi {body}",
            )
            return (Reason("not-sent", phrase, lead),)
        if view.phase == "incomplete":
            phrase = Phrase(
                "`{step}`: {body} waits for missing papers",
                places,
                vi="`{step}`: {body} đang chờ bổ sung hồ sơ",
            )
            return (Reason("supplement-missing", phrase, lead),)
        if view.phase in OUTCOMES:
            return ()
        phrase = Phrase(
            "`{step}` waits for the appraisal report of {body}",
            places,
            vi="`{step}` đang chờ báo cáo thẩm định của {body}",
        )
        return (Reason("not-reported", phrase, (view.options.body,)),)

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """Return the sending, the supplement while papers are missing, and the body's report."""
        state = view.state
        items = [
            WorkItem(
                key="send",
                title=Text(vi="Gửi hồ sơ thẩm định", en="Send the dossier for appraisal"),
                owner=view.lead,
                due_on=view.due_on,
                done_on=state.sent_on,
                open=view.phase == "ready",
            )
        ]
        if view.phase == "incomplete":
            title = Text(vi="Bổ sung hồ sơ thẩm định", en="Supplement the dossier")
            items.append(WorkItem(key="supplement", title=title, owner=view.lead, due_on=view.due_on))
        elif view.phase != "ready":
            items.append(
                WorkItem(
                    key="report",
                    title=Text(vi="Báo cáo thẩm định", en="Appraisal report"),
                    owner=view.options.body,
                    due_on=state.report_due,
                    done_on=state.reported_on,
                    open=view.phase not in OUTCOMES,
                )
            )
        return tuple(items)

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """The body itself may do what is the body's."""
        return (view.options.body,) if action in BODY_ACTIONS else ()


def _frozen(view: StepView) -> dict[str, Any]:
    document = view.options.document
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
            reasons=(Reason("no-revision", phrase, (view.lead,) if view.lead else ()),),
        )
    return {"document": document, "number": sent.number, "revision": sent.revision, "files": list(sent.files)}


def _report_due(view: StepView, context: Any) -> str | None:
    days = view.options.answer_days
    return view.due_on if days is None else context.working_days_after(context.on, days).isoformat()


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `uses: appraisal`."""
    return (Appraisal(),)
