"""Days before and after a due day on which somebody is told: `10d` calendar days, `3wd` working days.

A day counted in working days needs the calendar. Which days it can be at all needs none, so that what is
stored of it follows from the plan's events whatever the calendar says later.
"""

from __future__ import annotations

from datetime import date

from workflow.deadlines.working_days import (
    Calendar,
    shifted,
    working_day_on_or_before,
    working_days_after,
    working_days_before,
)

_LONGEST_BREAK = 11
"""More days off in a row than any year since 2018 has had; behind a longer one a reminder comes late, once."""


def day_before(due: date, rung: str, calendar: Calendar) -> date:
    """Return the day that lies *rung* before *due*; `0wd` is *due* or the working day before it.

    Raises:
        DeadlineError: If *calendar* does not know the days.
    """
    days, working = _read(rung)
    if not working:
        return shifted(due, -days)
    return working_days_before(due, days, calendar) if days else working_day_on_or_before(due, calendar)


def day_after(last: date, rung: str, calendar: Calendar) -> date:
    """Return the day that lies *rung* after *last*.

    Raises:
        DeadlineError: If *calendar* does not know the days.
    """
    days, working = _read(rung)
    return working_days_after(last, days, calendar) if working else shifted(last, days)


def first_before(due: date, rung: str) -> date:
    """Return the first day that *rung* before *due* can be, whatever the calendar."""
    days, working = _read(rung)
    weeks = -(-days // 5)
    return shifted(due, -(days + 2 * weeks + _LONGEST_BREAK)) if working else shifted(due, -days)


def last_before(due: date, rung: str) -> date:
    """Return the last day that *rung* before *due* can be, whatever the calendar."""
    return shifted(due, -_read(rung)[0])


def first_after(last: date, rung: str) -> date:
    """Return the first day that *rung* after *last* can be, whatever the calendar."""
    return shifted(last, _read(rung)[0])


def _read(rung: str) -> tuple[int, bool]:
    return int(rung.rstrip("wd")), rung.endswith("wd")
