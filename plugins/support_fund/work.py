"""What is owed on a fund, by whom, until when."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from trinh_plugins.support_fund.applications import Application
from workflow import Phrase, Reason, StepView, Text, WorkItem

WAITS_FOR: Mapping[str, Mapping[str, str]] = {
    "received": {"vi": "kiểm tra thành phần", "en": "check"},
    "incomplete": {"vi": "bổ sung", "en": "supplement"},
    "checked": {"vi": "thẩm định", "en": "appraise"},
    "appraised": {"vi": "trình người quyết định", "en": "put"},
    "failed": {"vi": "trình người quyết định", "en": "put"},
    "put": {"vi": "quyết định", "en": "decide"},
    "supported": {"vi": "chi hỗ trợ", "en": "pay"},
    "refused": {"vi": "đã từ chối", "en": "refused"},
    "withdrawn": {"vi": "đã rút", "en": "withdrawn"},
    "paid": {"vi": "đã chi", "en": "paid"},
}


def holder(view: StepView, application: Application) -> str | None:
    """Return who holds it; None while the applicant supplements, who is in no register."""
    if application.phase == "incomplete":
        return None
    special = {"checked": view.options.appraised_by, "put": view.options.decided_by}
    return special.get(application.phase) or view.lead


def work_items(view: StepView) -> tuple[WorkItem, ...]:
    """The closing of the fund, and one item for each application with what it waits for."""
    closing = WorkItem(
        "close",
        Text(vi=f"Khóa sổ: {view.title.vi}", en=f"Close: {view.title.in_language('en')}"),
        view.lead,
        view.due_on or view.options.last_day,
        done_on=view.state.closed_on,
        open=view.phase == "open",
    )
    return (closing, *(_item(view, each) for each in view.state.applications))


def _item(view: StepView, application: Application) -> WorkItem:
    head = view.options.heads.get(application.head or "")
    heads = (head.vi, head.in_language("en")) if head is not None else None
    return WorkItem(
        str(application.number),
        _title(application.number, application.phase, heads, application.like),
        holder(view, application),
        application.owed_by,
        done_on=application.closed_on,
        open=view.phase == "open" and application.open,
        since=application.since,
    )


# Each act asks for all items again, and of a long list nearly all are as they were.
@lru_cache(maxsize=8192)
def _title(number: int, phase: str, head: tuple[str, str] | None, like: tuple[int, ...]) -> Text:
    waits_for = WAITS_FOR[phase]
    vi, en = f"Hồ sơ đề nghị hỗ trợ số {number}", f"Application {number}"
    if head is not None:
        vi, en = f"{vi} ({head[0]})", f"{en} ({head[1]})"
    vi, en = f"{vi}: {waits_for['vi']}", f"{en}: {waits_for['en']}"
    if like:
        numbers = ", ".join(map(str, like))
        vi, en = f"{vi}; có thể trùng hồ sơ số {numbers}", f"{en}; maybe the same as {numbers}"
    return Text(vi=vi, en=en)


def blockers(view: StepView) -> tuple[Reason, ...]:
    """Say that the fund is open, and which applications are not settled."""
    if view.phase == "closed":
        return ()
    who = (view.lead,) if view.lead else ()
    reasons = [Reason("fund-open", Phrase("The fund has not been closed", vi="Kinh phí chưa khóa sổ"), who=who)]
    for each in view.state.applications:
        if each.open:
            phrase = Phrase(
                "Application {number} is not settled",
                {"number": each.number},
                vi="Hồ sơ số {number} chưa giải quyết xong",
            )
            held_by = holder(view, each)
            reasons.append(Reason("application-unsettled", phrase, who=(held_by,) if held_by else ()))
    return tuple(reasons)
