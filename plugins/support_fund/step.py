"""The fund's machine: applications from receipt to payment, and the year's end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from trinh_plugins.support_fund import telling, work
from trinh_plugins.support_fund.applications import FundState
from trinh_plugins.support_fund.duplicates import bare, like_ones, likeness, warning
from trinh_plugins.support_fund.money import against_words, dong
from trinh_plugins.support_fund.options import (
    Applying,
    Appraisal,
    Check,
    Decision,
    FundOptions,
    OnApplication,
    Payment,
    Withdrawal,
)
from trinh_plugins.support_fund.refusals import (
    against_application,
    against_decision,
    closed,
    expect,
    left,
    notices,
    refuse,
)
from trinh_plugins.support_fund.register import register
from trinh_plugins.support_fund.table import APPLICATIONS
from trinh_plugins.support_fund.terms import days_left, due_after, due_again
from workflow import (
    Act,
    Context,
    Parameters,
    Phrase,
    Reason,
    StepTable,
    StepType,
    StepView,
    Text,
    WorkItem,
    action,
    prose,
)


class FundStep(StepType):
    """A support fund with a ceiling.

    Each act that moves money holds the balance after it; two that race are judged one after the other,
    because the engine writes each only on the state it was judged on.
    """

    name = "support-fund"
    version = "2"
    title = {"vi": "Kinh phí hỗ trợ", "en": "Support fund"}
    states = {
        "open": {"vi": "Đang tiếp nhận, xét hỗ trợ", "en": "Open"},
        "closed": {"vi": "Đã khóa sổ", "en": "Closed"},
    }
    complete_states = ("closed",)
    imports = APPLICATIONS
    Options = FundOptions
    State = FundState

    @action(
        "apply",
        title={"vi": "Tiếp nhận hồ sơ đề nghị", "en": "Receive an application"},
        source="open",
        parameters=Applying,
    )
    def apply(self, view: StepView, parameters: Applying, context: Context) -> Act:
        """Receive an application and give it the next number; one like an earlier one is received with a warning."""
        head = _head_of(view.options.heads, parameters.head)
        refuse(*against_application(view, context, parameters, head))
        alike = likeness(view.plan.id, view.address, parameters.applicant, head)
        like = like_ones(view.state.applications, alike)
        data = {
            "application": len(view.state.applications) + 1,
            "applicant": prose(parameters.applicant),
            "purpose": prose(parameters.purpose),
            "head": head,
            "asked": parameters.asked,
            "alike": alike,
            "like": [each.number for each in like],
            "due": due_after(context, view.options.check_days),
            "answer_due": due_after(context, view.options.answer_days),
        }
        titles = [(work.WAITS_FOR[each.phase]["vi"], work.WAITS_FOR[each.phase]["en"]) for each in like]
        return Act(data, warnings=(warning(view, data["application"], like, titles),) if like else ())

    @action(
        "check",
        title={"vi": "Kiểm tra thành phần hồ sơ", "en": "Check for completeness"},
        source="open",
        parameters=Check,
    )
    def check(self, view: StepView, parameters: Check, context: Context) -> Act:
        """Find the dossier complete, or return it for supplement: its number stays, the term to decide stops."""
        found = expect(view, context, parameters.application, "check")
        data: dict[str, Any] = {"application": found.number, "complete": parameters.complete}
        if parameters.complete:
            return Act({**data, "due": due_after(context, view.options.appraise_days)})
        if not parameters.missing:
            phrase = Phrase("What is missing has to be said", vi="Phải nêu hồ sơ còn thiếu gì")
            refuse(Reason("no-missing", phrase))
        return Act(
            {
                **data,
                "missing": prose(parameters.missing),
                "due": due_after(context, view.options.supplement_days),
                "answer_left": days_left(context, found),
            }
        )

    @action(
        "supplement",
        title={"vi": "Nhận hồ sơ bổ sung", "en": "Receive the supplement"},
        source="open",
        parameters=OnApplication,
    )
    def supplement(self, view: StepView, parameters: OnApplication, context: Context) -> Act:
        """Take the supplemented dossier back: the term to decide goes on with what was left of it."""
        found = expect(view, context, parameters.application, "supplement")
        return Act(
            {
                "application": found.number,
                "due": due_after(context, view.options.check_days),
                "answer_due": due_again(context, found),
            }
        )

    @action("appraise", title={"vi": "Thẩm định hồ sơ", "en": "Appraise"}, source="open", parameters=Appraisal)
    def appraise(self, view: StepView, parameters: Appraisal, context: Context) -> Act:
        """Record the appraisal of a complete dossier, and by whom: that person will not decide it."""
        found = expect(view, context, parameters.application, "appraise")
        if not parameters.passed and not parameters.remark:
            phrase = Phrase("An appraisal that is not passed needs a remark", vi="Thẩm định không đạt phải nêu lý do")
            refuse(Reason("no-remark", phrase))
        return Act(
            {
                "application": found.number,
                "passed": parameters.passed,
                "remark": prose(parameters.remark),
                "by": context.actor,
            }
        )

    @action(
        "put",
        title={"vi": "Trình người quyết định", "en": "Put it to who decides"},
        source="open",
        parameters=OnApplication,
    )
    def put(self, view: StepView, parameters: OnApplication, context: Context) -> Act:
        """Put an appraised application to who decides; one that did not pass goes there too, to be refused."""
        found = expect(view, context, parameters.application, "put")
        return Act({"application": found.number, "due": due_after(context, view.options.decide_days)})

    @action("decide", title={"vi": "Quyết định hỗ trợ", "en": "Decide"}, source="open", parameters=Decision)
    def decide(self, view: StepView, parameters: Decision, context: Context) -> Act:
        """Grant a sum within what is left of the ceiling, or refuse with a reason."""
        found = expect(view, context, parameters.application, "decide")
        refuse(*against_decision(view, context, found, parameters))
        amount = parameters.amount if parameters.supported and parameters.amount else 0
        return Act(
            {
                "application": found.number,
                "supported": parameters.supported,
                "amount": amount,
                "left": left(view) - amount,
                "ceiling": view.options.ceiling,
                "reason": prose(parameters.reason),
                "due": due_after(context, view.options.pay_days) if parameters.supported else None,
            },
            warnings=tuple(notices(found, parameters)),
        )

    @action("pay", title={"vi": "Chi hỗ trợ", "en": "Pay"}, source="open", parameters=Payment)
    def pay(self, view: StepView, parameters: Payment, context: Context) -> Act:
        """Pay at most what was decided; the rest becomes free again."""
        found = expect(view, context, parameters.application, "pay")
        reasons = list(against_words(parameters.amount, parameters.in_words))
        if parameters.amount > found.reserved:
            phrase = Phrase(
                "{amount} đồng is more than the {reserved} đồng decided for application {number}",
                {"amount": dong(parameters.amount), "reserved": dong(found.reserved), "number": found.number},
                vi="{amount} đồng vượt số {reserved} đồng đã quyết định cho hồ sơ số {number}",
            )
            reasons.append(Reason("more-than-reserved", phrase))
        refuse(*reasons)
        freed = found.reserved - parameters.amount
        return Act(
            {"application": found.number, "amount": parameters.amount, "freed": freed, "left": left(view) + freed}
        )

    @action("withdraw", title={"vi": "Rút hồ sơ", "en": "Withdraw"}, source="open", parameters=Withdrawal)
    def withdraw(self, view: StepView, parameters: Withdrawal, context: Context) -> Act:
        """Record that the applicant takes it back, before it is paid; what was reserved for it becomes free."""
        found = expect(view, context, parameters.application, "withdraw")
        return Act(
            {
                "application": found.number,
                "reason": prose(parameters.reason),
                "freed": found.reserved,
                "left": left(view) + found.reserved,
            }
        )

    @action("close", title={"vi": "Khóa sổ", "en": "Close the fund"}, source="open", to="closed")
    def close(self, view: StepView, parameters: Parameters, context: Context) -> Act:
        """Close the fund before the year's end, naming what was left undecided or unpaid."""
        return Act(_at_closing(view))

    def tick(self, view: StepView, context: Context) -> Act | None:
        """Close the fund when its year is over."""
        last = view.options.closes_after
        if view.phase == "closed" or last is None or context.on <= date.fromisoformat(last):
            return None
        return Act({**_at_closing(view), "year": view.options.year}, to="closed")

    def wakes(self, view: StepView) -> date | None:
        """The day after the fund's last."""
        last = view.options.closes_after
        return None if view.phase == "closed" or last is None else date.fromisoformat(last) + timedelta(days=1)

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> FundState:
        """Return the state after an act."""
        if state is None:
            return FundState()
        if action in ("close", "tick"):
            return state.model_copy(update={"closed_on": data["on"]})
        return state.with_application(data) if action == "apply" else state.with_act(action, data)

    def reserved(self, view: StepView, action: str) -> tuple[str, ...]:
        """Who alone appraises and who alone decides, where the options say so."""
        alone = {"decide": view.options.decided_by, "appraise": view.options.appraised_by}.get(action)
        return (alone,) if alone else ()

    def why_not(self, view: StepView, action: str) -> tuple[Reason, ...]:
        """Say since when the fund is closed, and what would have let acts of its year be entered later."""
        return closed(view)

    def told(self, action: str, data: Mapping[str, Any]) -> tuple[Phrase, ...]:
        """Say which application it was, what it waits for now, and what is left of the ceiling."""
        return telling.told(action, data)

    def tables(self, view: StepView) -> tuple[StepTable, ...]:
        """The register of applications, with the balance."""
        return (register(view),)

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Say that the fund is open, and which applications are not settled."""
        return work.blockers(view)

    def running(self, view: StepView) -> tuple[tuple[str | int, ...], ...]:
        """The terms of applications that are not settled."""
        open_ = [place for place, each in enumerate(view.state.applications) if each.open]
        return tuple(("applications", place, name) for place in open_ for name in ("due", "answer_due"))

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """The closing of the fund, and one item for each application with what it waits for."""
        return work.work_items(view)


def _at_closing(view: StepView) -> dict[str, Any]:
    unsettled = [each.number for each in view.state.applications if each.open]
    return {"left": left(view), "unpaid": view.state.reserved, "paid": view.state.paid, "unsettled": unsettled}


def _head_of(heads: Mapping[str, Text], named: str | None) -> str | None:
    """Return the head that is named by its id or a title, None if there is none or no such one."""
    if named is None:
        return None
    wanted = bare(named)
    return next((id_ for id_, title in heads.items() if wanted in map(bare, (id_, title.vi, title.en or ""))), None)
