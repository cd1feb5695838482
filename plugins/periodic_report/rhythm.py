"""Which periods a series has, and when each is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from dateutil.rrule import rrulestr

from trinh_plugins.periodic_report.options import SeriesOptions
from workflow import Context, Text

DAY = timedelta(days=1)
_WEEKDAYS = (
    ("thứ Hai", "Monday"),
    ("thứ Ba", "Tuesday"),
    ("thứ Tư", "Wednesday"),
    ("thứ Năm", "Thursday"),
    ("thứ Sáu", "Friday"),
    ("thứ Bảy", "Saturday"),
    ("Chủ nhật", "Sunday"),
)


@dataclass(frozen=True)
class Span:
    """A period before it is known to anybody: its first day, and its nominal due day."""

    key: str
    begins: date
    due: date


def spans(options: SeriesOptions, opened: date) -> Iterator[Span]:
    """Yield the periods of a series opened on *opened*, from the first whose due day is not yet past.

    Endless unless the rule has an end.
    """
    if options.rule is not None:
        yield from _by_rule(options.rule, opened)
        return
    following = _months(options.day_before, opened) if options.every == "month" else _weeks(options.weekday, opened)
    yield from (span for span in following if span.due >= opened)


def _weeks(weekday: int | None, opened: date) -> Iterator[Span]:
    begins = opened - opened.weekday() * DAY
    while True:
        year, week, _ = begins.isocalendar()
        yield Span(f"{year}-W{week:02}", begins, begins + (6 if weekday is None else weekday) * DAY)
        begins += 7 * DAY


def _months(day_before: int | None, opened: date) -> Iterator[Span]:
    begins = opened.replace(day=1)
    while True:
        following = (begins + 31 * DAY).replace(day=1)
        last = following - DAY
        # "Trước ngày 13" is read strictly: the 12th is the last good day.
        due = last if day_before is None else min(begins + (day_before - 2) * DAY, last)
        yield Span(f"{begins:%Y-%m}", begins, due)
        begins = following


def _by_rule(rule: str, opened: date) -> Iterator[Span]:
    begins = opened
    for moment in _rule(rule, opened):
        due = moment.date()
        yield Span(due.isoformat(), begins, due)
        begins = due + DAY


def written_day(span: Span, options: SeriesOptions) -> tuple[date, bool]:
    """Return the day as the rhythm writes it, and whether the report is owed before it ("trước ngày 13")."""
    if options.day_before is not None and span.due.day == options.day_before - 1:
        return span.due + DAY, True
    return span.due, False


@lru_cache(maxsize=64)
def _rule(rule: str, opened: date) -> Any:
    # It keeps the days that it has worked out: they are asked for again with every change of the plan.
    return rrulestr(rule, dtstart=datetime(opened.year, opened.month, opened.day), cache=True)


def due_day(span: Span, options: SeriesOptions, opened: date, context: Context) -> date | None:
    """Return the period's last good day; None where nothing is owed for it.

    "Before the 13th" and a day off are read as the office reads them. Where no working day lies in the period
    up to then, or none since the series began, as in the week of Tết, what the options say counts.
    """
    day, before = written_day(span, options)
    # The days before the opening are past: a series is not late on the day on which it begins.
    first = opened if options.no_working_day == "working-day-before" else max(span.begins, opened)
    after = options.no_working_day == "working-day-after"
    due = context.fixed_day(day, before=before, not_before=first, otherwise="working-day-after" if after else "keep")
    if options.no_working_day == "skip" and not _has_working_day(first, due, context):
        return None
    return due


def _has_working_day(first: date, last: date, context: Context) -> bool:
    return any(context.is_working_day(first + place * DAY) for place in range((last - first).days + 1))


def rhythm_in_words(options: SeriesOptions) -> Text:
    """Return how often the report is owed, and by when."""
    if options.rule is not None:
        return Text(vi=f"theo quy tắc {options.rule}", en=f"by the rule {options.rule}")
    if options.every == "week":
        vi, en = _WEEKDAYS[6 if options.weekday is None else options.weekday]
        return Text(vi=f"hằng tuần, chậm nhất {vi}", en=f"each week, by {en}")
    if options.day_before is None:
        return Text(vi="hằng tháng, chậm nhất ngày cuối tháng", en="each month, by its last day")
    return Text(vi=f"trước ngày {options.day_before} hằng tháng", en=f"before day {options.day_before} of each month")
