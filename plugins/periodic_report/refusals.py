"""Why a report cannot be taken, or the series not be over, in both languages."""

from __future__ import annotations

from datetime import date

from trinh_plugins.periodic_report.state import Period, SeriesState
from workflow import Phrase, Reason, Refused


def refusal(reason: Reason) -> Refused:
    """Return the refusal with this reason."""
    return Refused("The report cannot be recorded", vi="Chưa ghi được báo cáo", reasons=(reason,))


def unknown_period(state: SeriesState, key: str) -> Reason:
    """No such period has begun."""
    known = ", ".join(period.key for period in state.periods if period.owed) or "-"
    phrase = Phrase(
        "No report is owed for {period}; it is for {known}",
        {"period": key, "known": known},
        vi="Không có kỳ báo cáo {period}; đang chờ báo cáo kỳ {known}",
    )
    return Reason("unknown-period", phrase)


def already_reported(period: Period, unit: str) -> Reason:
    """One report closes one period."""
    phrase = Phrase(
        "{unit} reported for {period} on {day}",
        {"unit": unit, "period": period.key, "day": period.reports[unit]},
        vi="{unit} đã báo cáo kỳ {period} ngày {day}",
    )
    return Reason("already-reported", phrase)


def not_expected(period: Period, unit: str) -> Reason:
    """The unit owes nothing for it."""
    phrase = Phrase(
        "{unit} owes no report for {period}",
        {"unit": unit, "period": period.key},
        vi="{unit} không phải báo cáo kỳ {period}",
    )
    return Reason("unit-not-expected", phrase, who=period.owed)


def was_suspended(period: Period) -> Reason:
    """Its due day fell in a suspension."""
    first, again = period.suspended or ("-", "-")
    phrase = Phrase(
        "No report is owed for {period}: the plan was suspended from {first} until {again}",
        {"period": period.key, "first": first, "again": again},
        vi="Không phải báo cáo kỳ {period}: kế hoạch tạm dừng từ {first} đến {again}",
    )
    return Reason("period-suspended", phrase)


def not_begun(period: Period) -> Reason:
    """The day lies before the period."""
    phrase = Phrase(
        "Period {period} begins only on {day}",
        {"period": period.key, "day": period.begins},
        vi="Kỳ {period} đến ngày {day} mới bắt đầu",
    )
    return Reason("period-not-begun", phrase, since=date.fromisoformat(period.begins))


def not_ended(who: tuple[str, ...]) -> Reason:
    """It goes on."""
    phrase = Phrase("The series of reports has not been ended", vi="Chế độ báo cáo chưa kết thúc")
    return Reason("series-not-ended", phrase, who)


def reports_missing(period: str, missing: tuple[str, ...]) -> Reason:
    """What is told of a report that brings others together while some are missing."""
    phrase = Phrase(
        "The report for {period} lacks those of {units}",
        {"period": period, "units": ", ".join(missing)},
        vi="Báo cáo kỳ {period} còn thiếu báo cáo của {units}",
    )
    return Reason("reports-missing", phrase, missing)
