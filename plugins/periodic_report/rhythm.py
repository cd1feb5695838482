"""Which periods a series has, and when each is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from dateutil.rrule import rrulestr

from trinh_plugins.periodic_report.options import SeriesOptions
from workflow import Context

DAY = timedelta(days=1)


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


@lru_cache(maxsize=64)
def _rule(rule: str, opened: date) -> Any:
    # It keeps the days that it has worked out: they are asked for again with every change of the plan.
    return rrulestr(rule, dtstart=datetime(opened.year, opened.month, opened.day), cache=True)


def due_day(span: Span, options: SeriesOptions, opened: date, context: Context) -> date | None:
    """Return the period's last good day; None where nothing is owed for it.

    A due day on a day off moves to the working day before. Where that would lie before the period, or
    before the series, as in the week of Tết, what the options say counts.
    """
    last = span.due
    if options.day_before is not None and last.day == options.day_before - 1:
        # "Trước ngày 13" is the 12th or the 13th, as the office reads it.
        last = context.last_day_before(last + DAY)
    moved = context.working_day_before(last)
    if moved >= max(span.begins, opened):
        return moved
    # The days before the opening are past: a series is not late on the day on which it begins.
    if options.no_working_day == "working-day-before" and moved >= opened:
        return moved
    if options.no_working_day == "working-day-after":
        return context.working_days_after(last, 1)
    return None if options.no_working_day == "skip" else last
