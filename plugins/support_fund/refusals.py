"""Why an act on a fund is refused: every reason, with the balance where money is short."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from trinh_plugins.support_fund.applications import AWAITING, Application
from trinh_plugins.support_fund.money import against_words, dong
from trinh_plugins.support_fund.options import Applying, Decision
from trinh_plugins.support_fund.work import WAITS_FOR, holder
from workflow import Context, Phrase, Reason, Refused, StepView


def left(view: StepView) -> int:
    """Return what may still be granted, in đồng."""
    return view.options.ceiling - view.state.reserved - view.state.paid


def refuse(*reasons: Reason) -> None:
    """Refuse the act if there is any reason.

    Raises:
        Refused: With all of them.
    """
    if reasons:
        raise Refused(
            "This is not possible for the application", vi="Không thực hiện được với hồ sơ này", reasons=reasons
        )


def expect(view: StepView, context: Context, number: int, action: str) -> Application:
    """Return the application if *action* is possible on it and the day lies in the year.

    Raises:
        Refused: If there is no such one, it waits for something else, or the act is out of its time.
    """
    refuse(*out_of_year(view, context))
    applications = view.state.applications
    if number > len(applications):
        phrase = Phrase(
            "There is no application {number}; {received} were received",
            {"number": number, "received": len(applications)},
            vi="Không có hồ sơ số {number}; đã nhận {received} hồ sơ",
        )
        refuse(Reason("unknown-application", phrase))
    found: Application = applications[number - 1]
    if found.phase not in AWAITING[action]:
        refuse(_wrong_phase(view, found))
    if found.since is not None and context.on < date.fromisoformat(found.since):
        phrase = Phrase(
            "application {number} came to this on {since} only",
            {"number": number, "since": found.since},
            vi="hồ sơ số {number} đến ngày {since} mới ở bước này",
        )
        refuse(Reason("too-early", phrase, since=date.fromisoformat(found.since)))
    return found


def out_of_year(view: StepView, context: Context) -> tuple[Reason, ...]:
    """Say that the act lies behind the end of the budget year, though it may still be entered."""
    last = view.options.last_day
    if last is None or context.on <= date.fromisoformat(last):
        return ()
    phrase = Phrase(
        "the money of {year} is decided and paid until {last} only",
        {"year": view.options.year, "last": last},
        vi="kinh phí năm {year} chỉ quyết định và chi đến hết ngày {last}",
    )
    return (Reason("year-over", phrase),)


def closed(view: StepView) -> tuple[Reason, ...]:
    """Say since when nothing is entered any more."""
    last = view.options.closes_after
    if view.phase != "closed":
        return ()
    if last is None or (view.state.closed_on or "") <= last:
        phrase = Phrase("it was closed on {on}", {"on": view.state.closed_on or "-"}, vi="đã khóa sổ ngày {on}")
        return (Reason("closed", phrase),)
    phrase = Phrase(
        "acts of {year} could be entered until {last}; `recorded_until` in the definition sets a later day",
        {"year": view.options.year or "-", "last": last},
        vi="việc của năm {year} chỉ được ghi sổ đến hết ngày {last}; muốn ghi muộn hơn thì đặt `recorded_until`"
        " trong quy trình",
    )
    return (Reason("year-over", phrase),)


def _wrong_phase(view: StepView, application: Application) -> Reason:
    waits_for = WAITS_FOR[application.phase]
    # The word in each language stands in the sentence itself: a parameter would show one in both.
    if not application.open:
        phrase = Phrase(
            f"Application {{number}} is settled: {waits_for['en']} on {{on}}",
            {"number": application.number, "on": application.closed_on or "-"},
            vi=f"Hồ sơ số {{number}} đã giải quyết xong: {waits_for['vi']} ngày {{on}}",
        )
        return Reason("application-settled", phrase)
    phrase = Phrase(
        f"Application {{number}} waits for something else first: {waits_for['en']}",
        {"number": application.number},
        vi=f"Hồ sơ số {{number}} đang chờ: {waits_for['vi']}",
    )
    held_by = holder(view, application)
    return Reason(f"waits-for-{waits_for['en']}", phrase, who=(held_by,) if held_by else ())


def against_application(view: StepView, context: Context, applying: Applying, head: str | None) -> Iterator[Reason]:
    """Why an application is not received; *head* is the id that was found for what it names."""
    yield from out_of_year(view, context)
    heads = view.options.heads
    known = ", ".join(f"{id_} ({title.vi})" for id_, title in heads.items()) or "-"
    if applying.head is not None and head is None:
        phrase = Phrase(
            "there is no head “{head}”; there are: {known}",
            {"head": applying.head[:80], "known": known},
            vi="không có nội dung hỗ trợ “{head}”; hiện có: {known}",
        )
        yield Reason("unknown-head", phrase)
    if applying.head is None and heads:
        phrase = Phrase(
            "it names no head; there are: {known}", {"known": known}, vi="chưa nêu nội dung hỗ trợ: {known}"
        )
        yield Reason("no-head", phrase)
    if not heads and not applying.purpose:
        phrase = Phrase("what support is asked for is missing", vi="chưa nêu nội dung đề nghị hỗ trợ")
        yield Reason("no-purpose", phrase)
    yield from against_words(applying.asked, applying.in_words)


def against_decision(
    view: StepView, context: Context, application: Application, decision: Decision
) -> Iterator[Reason]:
    """Why a decision is not taken: by whom, on what, over how much."""
    if application.appraised_by is not None and application.appraised_by == context.actor:
        phrase = Phrase(
            "{actor} appraised application {number} and so does not decide it",
            {"actor": context.actor, "number": application.number},
            vi="{actor} đã thẩm định hồ sơ số {number} nên không được quyết định",
        )
        decider = view.options.decided_by
        yield Reason("appraiser-decides", phrase, who=(decider,) if decider else ())
    yield from _against_support(view, application, decision) if decision.supported else _against_refusal(decision)
    yield from against_words(decision.amount, decision.in_words)


def _against_support(view: StepView, application: Application, decision: Decision) -> Iterator[Reason]:
    if application.passed is False:
        phrase = Phrase(
            "Application {number} did not pass its appraisal",
            {"number": application.number},
            vi="Hồ sơ số {number} thẩm định không đạt",
        )
        yield Reason("appraisal-not-passed", phrase)
    if decision.amount is None:
        yield Reason("no-amount", Phrase("Support needs its amount", vi="Quyết định hỗ trợ phải có số tiền"))
        return
    if decision.amount > left(view):
        phrase = Phrase(
            "{amount} đồng exceeds the ceiling: {left} đồng are left of {ceiling} (reserved {reserved}, paid {paid})",
            {
                "amount": dong(decision.amount),
                "left": dong(left(view)),
                "ceiling": dong(view.options.ceiling),
                "reserved": dong(view.state.reserved),
                "paid": dong(view.state.paid),
            },
            vi="{amount} đồng vượt mức kinh phí: còn {left} đồng trong {ceiling} đồng"
            " (đã giữ chỗ {reserved}, đã chi {paid})",
        )
        yield Reason("ceiling-exceeded", phrase)


def _against_refusal(decision: Decision) -> Iterator[Reason]:
    if not decision.reason:
        yield Reason("no-reason", Phrase("A refusal needs its reason", vi="Từ chối hỗ trợ phải nêu lý do"))
    if decision.amount is not None:
        yield Reason("amount-with-refusal", Phrase("A refusal has no amount", vi="Từ chối hỗ trợ thì không có số tiền"))


def notices(application: Application, decision: Decision) -> Iterator[Reason]:
    """What whoever decides should know, though it stands against nothing: more than was asked, a possible duplicate."""
    if application.asked is not None and decision.amount is not None and decision.amount > application.asked:
        phrase = Phrase(
            "{amount} đồng is more than the {asked} đồng that application {number} asks for",
            {"amount": dong(decision.amount), "asked": dong(application.asked), "number": application.number},
            vi="{amount} đồng nhiều hơn số {asked} đồng mà hồ sơ số {number} đề nghị",
        )
        yield Reason("more-than-asked", phrase)
    if application.like:
        phrase = Phrase(
            "application {number} may be the same as {like}",
            {"number": application.number, "like": ", ".join(map(str, application.like))},
            vi="hồ sơ số {number} có thể trùng với hồ sơ số {like}",
        )
        yield Reason("possible-duplicate", phrase)
