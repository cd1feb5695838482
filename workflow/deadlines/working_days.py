"""Working days: the calendar asked, days counted forwards and back, days off moved to a working day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Protocol

from workflow.errors import InvalidInput

DAY: Final = timedelta(days=1)
SATURDAY: Final = 5


class Calendar(Protocol):
    """A calendar of working days. It raises `ValueError` for a year that it does not know."""

    @property
    def name(self) -> str:
        """The word after `calendar:`."""
        ...

    @property
    def version(self) -> str:
        """What is stored beside each date counted with it; changes whenever a day changes."""
        ...

    def is_working_day(self, day: date) -> bool:
        """True if offices work on *day*."""
        ...


class DeadlineError(InvalidInput):
    """A date does not exist, or cannot be counted; `reasons` lists every one of a definition."""

    code = "invalid-date"


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Return True if offices work on *day*.

    Raises:
        DeadlineError: If *calendar* does not know the year.
    """
    try:
        return calendar.is_working_day(day)
    except ValueError as exc:
        raise DeadlineError(
            "The calendar {calendar} does not know the year {year}.", calendar=calendar.name, year=day.year
        ) from exc


def working_days_after(start: date, days: int, calendar: Calendar) -> date:
    """Return the day *days* working days after *start*, which is not counted itself.

    Raises:
        DeadlineError: If *days* is negative or *calendar* ends before the term does.
    """
    return _counted(start, days, calendar, +1)


def working_days_before(end: date, days: int, calendar: Calendar) -> date:
    """Return the day *days* working days before *end*, which is not counted itself.

    Raises:
        DeadlineError: If *days* is negative or *calendar* begins after the term does.
    """
    return _counted(end, days, calendar, -1)


def working_day_on_or_before(day: date, calendar: Calendar) -> date:
    """Return *day* if offices work then, otherwise the last working day before it."""
    while not is_working_day(day, calendar):
        day = shifted(day, -1)
    return day


def working_day_on_or_after(day: date, calendar: Calendar) -> date:
    """Return *day* if offices work then, otherwise the first working day after it."""
    while not is_working_day(day, calendar):
        day = shifted(day, +1)
    return day


def _counted(day: date, days: int, calendar: Calendar, direction: int) -> date:
    if days < 0:
        raise DeadlineError("A term cannot have {days} {days|day|days}.", days=days)
    while days:
        day = shifted(day, direction)
        days -= is_working_day(day, calendar)
    return day


def shifted(day: date, days: int) -> date:
    """Return the day *days* calendar days after *day*.

    Raises:
        DeadlineError: If no date can be that far away.
    """
    try:
        return day + days * DAY
    except OverflowError as exc:
        raise DeadlineError(
            "{days} {days|day|days} from {day} is outside the years 1 to 9999.", days=days, day=day
        ) from exc
