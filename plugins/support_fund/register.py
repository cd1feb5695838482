"""The register of a fund: its applications with their sums, and the balance below."""

from __future__ import annotations

from trinh_plugins.support_fund.applications import Application
from trinh_plugins.support_fund.money import dong
from trinh_plugins.support_fund.work import WAITS_FOR
from workflow import KeptText, Phrase, StepTable, StepView, Text

_COLUMNS = (
    Text(vi="Số", en="Number"),
    Text(vi="Bên đề nghị", en="Applicant"),
    Text(vi="Nội dung", en="Head"),
    Text(vi="Đề nghị", en="Asked"),
    Text(vi="Giữ chỗ", en="Reserved"),
    Text(vi="Đã chi", en="Paid"),
    Text(vi="Tình trạng", en="State"),
)


def register(view: StepView) -> StepTable:
    """Return one row for each application in the order of receipt, and the balance, to the đồng."""
    state, ceiling = view.state, view.options.ceiling
    sums = {
        "ceiling": dong(ceiling),
        "reserved": dong(state.reserved),
        "paid": dong(state.paid),
        "left": dong(ceiling - state.reserved - state.paid),
    }
    balance = Phrase(
        "Ceiling {ceiling} đồng; reserved {reserved}, paid {paid}, left {left}",
        sums,
        vi="Tổng mức {ceiling} đồng; đã giữ chỗ {reserved}, đã chi {paid}, còn lại {left}",
    )
    rows = tuple(_row(view, each) for each in state.applications)
    open_ = tuple(place for place, each in enumerate(state.applications) if each.open)
    title = Text(vi="Sổ hồ sơ", en="Applications")
    return StepTable("applications", title, _COLUMNS, rows, (balance, *_counts(view)), open_)


def _row(view: StepView, each: Application) -> tuple[KeptText | Text | str | int | None, ...]:
    word = WAITS_FOR[each.phase]
    return (
        str(each.number),
        KeptText(each.applicant["text"]) if each.applicant else None,
        view.options.heads.get(each.head or ""),
        each.asked,
        each.reserved or None,
        each.paid or None,
        Text(vi=f"chờ {word['vi']}", en=f"to {word['en']}") if each.open else Text(**word),
    )


def _counts(view: StepView) -> tuple[Phrase, ...]:
    applications = view.state.applications
    counted = {
        "all": len(applications),
        "open": sum(each.open for each in applications),
        **{phase: sum(each.phase == phase for each in applications) for phase in ("paid", "refused", "withdrawn")},
    }
    return (
        Phrase(
            "{all} received: {open} open, {paid} paid, {refused} refused, {withdrawn} withdrawn",
            counted,
            vi="Đã nhận {all} hồ sơ: {open} đang giải quyết, {paid} đã chi, {refused} từ chối, {withdrawn} rút",
        ),
    )
