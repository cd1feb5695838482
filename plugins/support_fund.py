"""`uses: support-fund`: applications for support, decided against a ceiling that is never exceeded.

An application is received, checked for completeness, appraised, decided and paid. A decision
reserves its sum; paying moves it over, and what is paid less than decided becomes free again. Sums
are whole đồng.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from workflow import (
    Act,
    Context,
    Help,
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

_SUM = re.compile(
    r"(?P<digits>[0-9]+|[0-9]{1,3}(?:(?P<mark>[., ])[0-9]{3})(?:(?P=mark)[0-9]{3})*)\s*(?:đồng|đ|₫|vnđ|vnd)?"
)


def parse_dong(value: Any) -> Any:
    """Read a sum as offices write it, such as "810.000.000 đồng", as whole đồng.

    Raises:
        ValueError: If the sum is negative, has a fraction or is no sum at all.
    """
    if isinstance(value, bool | float):
        raise ValueError(Phrase("a sum is a whole number of đồng", vi="số tiền phải là số nguyên đồng"))
    if not isinstance(value, str):
        return value
    written = unicodedata.normalize("NFC", value).replace("\u00a0", " ").strip().lower()
    read = _SUM.fullmatch(written)
    if read is None:
        raise ValueError(f"{value!r} is not a sum in whole đồng, such as 810.000.000 đồng")
    return int(re.sub(r"[^0-9]", "", read["digits"]))


Dong = Annotated[int, BeforeValidator(parse_dong, json_schema_input_type=int | str), Field(gt=0, lt=2**53)]
"""A sum of money in whole đồng."""


class FundOptions(Options):
    """How much there is."""

    ceiling: Dong = Field(
        description=Help(
            "Sum that reserved and paid together never exceed",
            vi="Tổng mức mà số đã giữ chỗ và đã chi không được vượt quá",
        )
    )
    currency: Literal["VND"] = Field("VND", description=Help("Currency: đồng", vi="Loại tiền: đồng"))


class Application(State):
    """An application and how far it has come."""

    number: int
    phase: Literal["received", "incomplete", "checked", "appraised", "failed", "supported", "refused", "paid"]
    received_on: str
    closed_on: str | None = None
    reserved: int = 0
    paid: int = 0


class FundState(State):
    """The applications in order of receipt, and the fund's balance."""

    applications: tuple[Application, ...] = ()
    reserved: int = 0
    paid: int = 0
    closed_on: str | None = None


class Applying(Parameters):
    """Who applies and for what."""

    applicant: Prose = Field(
        min_length=1, description=Help("Organisation or person that applies", vi="Tổ chức, cá nhân đề nghị hỗ trợ")
    )
    purpose: Prose = Field(min_length=1, description=Help("What support is asked for", vi="Nội dung đề nghị hỗ trợ"))


class Check(Parameters):
    """Whether the dossier is complete."""

    application: int = Field(ge=1, description=Help("Number of the application", vi="Số của hồ sơ đề nghị"))
    complete: bool = Field(description=Help("The dossier is complete", vi="Hồ sơ đã đầy đủ"))


class Appraisal(Parameters):
    """How the appraisal came out."""

    application: int = Field(ge=1, description=Help("Number of the application", vi="Số của hồ sơ đề nghị"))
    passed: bool = Field(
        description=Help("The application fulfils the conditions", vi="Hồ sơ đề nghị đáp ứng các điều kiện")
    )
    remark: Prose | None = Field(
        default=None,
        description=Help("What was found; needed where it did not pass", vi="Kết quả thẩm định; cần nêu khi không đạt"),
    )


class Decision(Parameters):
    """Whether it is supported, with how much."""

    application: int = Field(ge=1, description=Help("Number of the application", vi="Số của hồ sơ đề nghị"))
    supported: bool = Field(description=Help("Support is granted", vi="Đồng ý hỗ trợ"))
    amount: Dong | None = Field(
        default=None, description=Help("Sum granted, in đồng", vi="Số tiền hỗ trợ, tính bằng đồng")
    )
    reason: Prose | None = Field(default=None, description=Help("Why it is refused", vi="Lý do từ chối"))


class Payment(Parameters):
    """What was paid."""

    application: int = Field(ge=1, description=Help("Number of the application", vi="Số của hồ sơ đề nghị"))
    amount: Dong = Field(
        description=Help(
            "Sum paid, in đồng; what it is less than decided becomes free",
            vi="Số tiền đã chi, tính bằng đồng; phần chưa chi hết được hoàn lại",
        )
    )


class FundStep(StepType):
    """A support fund with a ceiling."""

    name = "support-fund"
    title = {"vi": "Kinh phí hỗ trợ", "en": "Support fund"}
    states = {
        "open": {"vi": "Đang tiếp nhận, xét hỗ trợ", "en": "Open"},
        "closed": {"vi": "Đã khóa sổ", "en": "Closed"},
    }
    complete_states = ("closed",)
    Options = FundOptions
    State = FundState

    @action(
        "apply",
        title={"vi": "Tiếp nhận hồ sơ đề nghị", "en": "Receive an application"},
        source="open",
        parameters=Applying,
    )
    def apply(self, view: StepView, parameters: Applying, context: Context) -> Act:
        """Receive an application and give it the next number."""
        number = len(view.state.applications) + 1
        data = {"application": number, "applicant": prose(parameters.applicant), "purpose": prose(parameters.purpose)}
        return Act(data)

    @action(
        "check",
        title={"vi": "Kiểm tra thành phần hồ sơ", "en": "Check for completeness"},
        source="open",
        parameters=Check,
    )
    def check(self, view: StepView, parameters: Check, context: Context) -> Act:
        """Record whether the dossier is complete; an incomplete one is checked again later."""
        _expect(view, parameters.application, "received", "incomplete")
        return Act({"application": parameters.application, "complete": parameters.complete})

    @action("appraise", title={"vi": "Thẩm định hồ sơ", "en": "Appraise"}, source="open", parameters=Appraisal)
    def appraise(self, view: StepView, parameters: Appraisal, context: Context) -> Act:
        """Record the appraisal of a complete dossier."""
        _expect(view, parameters.application, "checked")
        if not parameters.passed and not parameters.remark:
            phrase = Phrase("An appraisal that is not passed needs a remark", vi="Thẩm định không đạt phải nêu lý do")
            raise _refusal(Reason("no-remark", phrase))
        data = {"application": parameters.application, "passed": parameters.passed, "remark": prose(parameters.remark)}
        return Act(data)

    @action("decide", title={"vi": "Quyết định hỗ trợ", "en": "Decide"}, source="open", parameters=Decision)
    def decide(self, view: StepView, parameters: Decision, context: Context) -> Act:
        """Grant a sum within what is left of the ceiling, or refuse with a reason."""
        found = _expect(view, parameters.application, "appraised", "failed")
        reasons = _against_support(view, found, parameters) if parameters.supported else _against_refusal(parameters)
        if reasons:
            raise _refusal(*reasons)
        data = {
            "application": parameters.application,
            "supported": parameters.supported,
            "amount": parameters.amount if parameters.supported else 0,
            "reason": prose(parameters.reason),
        }
        return Act(data)

    @action("pay", title={"vi": "Chi hỗ trợ", "en": "Pay"}, source="open", parameters=Payment)
    def pay(self, view: StepView, parameters: Payment, context: Context) -> Act:
        """Pay at most what was decided; the rest becomes free again."""
        found = _expect(view, parameters.application, "supported")
        if parameters.amount > found.reserved:
            phrase = Phrase(
                "{amount} đồng is more than the {reserved} đồng decided for application {number}",
                {"amount": dong(parameters.amount), "reserved": dong(found.reserved), "number": found.number},
                vi="{amount} đồng vượt số {reserved} đồng đã quyết định cho hồ sơ số {number}",
            )
            raise _refusal(Reason("more-than-reserved", phrase))
        return Act({"application": found.number, "amount": parameters.amount})

    @action("close", title={"vi": "Khóa sổ", "en": "Close the fund"}, source="open", to="closed")
    def close(self, view: StepView, parameters: Parameters, context: Context) -> Act:
        """Close the fund, naming what was left undecided or unpaid."""
        state = view.state
        unsettled = [each.number for each in state.applications if each.closed_on is None]
        return Act({"left": left(view), "unpaid": state.reserved, "unsettled": unsettled})

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> FundState:
        """Return the state after an act."""
        if state is None:
            return FundState()
        if action == "close":
            return state.model_copy(update={"closed_on": data["on"]})
        if action == "apply":
            received = Application(number=data["application"], phase="received", received_on=data["on"])
            return state.model_copy(update={"applications": (*state.applications, received)})
        change = _CHANGES[action]
        applications = tuple(
            each.model_copy(update=change(each, data)) if each.number == data["application"] else each
            for each in state.applications
        )
        before, after = (group[data["application"] - 1] for group in (state.applications, applications))
        return state.model_copy(
            update={
                "applications": applications,
                "reserved": state.reserved + after.reserved - before.reserved,
                "paid": state.paid + after.paid - before.paid,
            }
        )

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Say that the fund is open, and which applications are not settled."""
        if view.phase == "closed":
            return ()
        who = (view.lead,) if view.lead else ()
        reasons = [Reason("fund-open", Phrase("The fund has not been closed", vi="Kinh phí chưa khóa sổ"), who=who)]
        for each in view.state.applications:
            if each.closed_on is None:
                phrase = Phrase(
                    "Application {number} is not settled",
                    {"number": each.number},
                    vi="Hồ sơ số {number} chưa giải quyết xong",
                )
                reasons.append(Reason("application-unsettled", phrase, who=who))
        return tuple(reasons)

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """The closing of the fund, and one item for each application with what it waits for."""
        closing = WorkItem(
            "close",
            Text(vi=f"Khóa sổ: {view.title.vi}", en=f"Close: {view.title.in_language('en')}"),
            view.lead,
            view.due_on,
            done_on=view.state.closed_on,
            open=view.phase == "open",
        )
        return (closing, *(_work_item(view, each) for each in view.state.applications))


def left(view: StepView) -> int:
    """Return what may still be granted, in đồng."""
    return view.options.ceiling - view.state.reserved - view.state.paid


def dong(amount: int) -> str:
    """Return a sum as offices write it: `810.000.000`."""
    return f"{amount:,}".replace(",", ".")


def _checked(application: Application, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"phase": "checked" if data["complete"] else "incomplete"}


def _appraised(application: Application, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"phase": "appraised" if data["passed"] else "failed"}


def _decided(application: Application, data: Mapping[str, Any]) -> dict[str, Any]:
    if data["supported"]:
        return {"phase": "supported", "reserved": data["amount"]}
    return {"phase": "refused", "closed_on": data["on"]}


def _paid(application: Application, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"phase": "paid", "reserved": 0, "paid": data["amount"], "closed_on": data["on"]}


_CHANGES: Mapping[str, Callable[[Application, Mapping[str, Any]], dict[str, Any]]] = {
    "check": _checked,
    "appraise": _appraised,
    "decide": _decided,
    "pay": _paid,
}

_WAITS_FOR = {
    "received": {"vi": "kiểm tra thành phần", "en": "check"},
    "incomplete": {"vi": "bổ sung", "en": "supplement"},
    "checked": {"vi": "thẩm định", "en": "appraise"},
    "appraised": {"vi": "quyết định", "en": "decide"},
    "failed": {"vi": "quyết định", "en": "decide"},
    "supported": {"vi": "chi hỗ trợ", "en": "pay"},
    "refused": {"vi": "đã từ chối", "en": "refused"},
    "paid": {"vi": "đã chi", "en": "paid"},
}


def _work_item(view: StepView, application: Application) -> WorkItem:
    waits_for = _WAITS_FOR[application.phase]
    return WorkItem(
        str(application.number),
        Text(
            vi=f"Hồ sơ đề nghị hỗ trợ số {application.number}: {waits_for['vi']}",
            en=f"Application {application.number}: {waits_for['en']}",
        ),
        view.lead,
        done_on=application.closed_on,
        open=view.phase == "open" and application.closed_on is None,
    )


def _expect(view: StepView, number: int, *phases: str) -> Application:
    """Return the application if it is in one of *phases*, refuse otherwise."""
    applications = view.state.applications
    if number > len(applications):
        phrase = Phrase("There is no application {number}", {"number": number}, vi="Không có hồ sơ số {number}")
        raise _refusal(Reason("unknown-application", phrase))
    found = applications[number - 1]
    if found.phase not in phases:
        raise _refusal(_wrong_phase(found, view.lead))
    return found


def _wrong_phase(application: Application, lead: str | None) -> Reason:
    if application.closed_on is not None:
        phrase = Phrase(
            "Application {number} is settled", {"number": application.number}, vi="Hồ sơ số {number} đã giải quyết xong"
        )
        return Reason("application-settled", phrase)
    waits_for = _WAITS_FOR[application.phase]
    # The word in each language stands in the sentence itself: a parameter would show one in both.
    phrase = Phrase(
        f"Application {{number}} waits for something else first: {waits_for['en']}",
        {"number": application.number},
        vi=f"Hồ sơ số {{number}} đang chờ: {waits_for['vi']}",
    )
    return Reason(f"waits-for-{waits_for['en']}", phrase, who=(lead,) if lead else ())


def _against_support(view: StepView, application: Application, decision: Decision) -> tuple[Reason, ...]:
    reasons = []
    if application.phase == "failed":
        phrase = Phrase(
            "Application {number} did not pass its appraisal",
            {"number": application.number},
            vi="Hồ sơ số {number} thẩm định không đạt",
        )
        reasons.append(Reason("appraisal-not-passed", phrase))
    if decision.amount is None:
        phrase = Phrase("Support needs its amount", vi="Quyết định hỗ trợ phải có số tiền")
        reasons.append(Reason("no-amount", phrase))
    elif decision.amount > left(view):
        phrase = Phrase(
            "{amount} đồng exceeds the ceiling: {left} đồng are left of {ceiling}",
            {"amount": dong(decision.amount), "left": dong(left(view)), "ceiling": dong(view.options.ceiling)},
            vi="{amount} đồng vượt mức kinh phí: còn {left} đồng trong {ceiling} đồng",
        )
        reasons.append(Reason("ceiling-exceeded", phrase))
    return tuple(reasons)


def _against_refusal(decision: Decision) -> tuple[Reason, ...]:
    reasons = []
    if not decision.reason:
        phrase = Phrase("A refusal needs its reason", vi="Từ chối hỗ trợ phải nêu lý do")
        reasons.append(Reason("no-reason", phrase))
    if decision.amount is not None:
        phrase = Phrase("A refusal has no amount", vi="Từ chối hỗ trợ thì không có số tiền")
        reasons.append(Reason("amount-with-refusal", phrase))
    return tuple(reasons)


def _refusal(*reasons: Reason) -> Refused:
    return Refused(
        "This is not possible for the application", vi="Không thực hiện được với hồ sơ này", reasons=tuple(reasons)
    )


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `support-fund`."""
    return (FundStep(),)
