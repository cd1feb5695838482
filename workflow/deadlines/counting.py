"""Terms counted in days: by which day they end, over days off and times at which the clock stood still.

A count keeps all that it was made from, so that it can be made anew with another calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from workflow.deadlines.working_days import (
    SATURDAY,
    Calendar,
    DeadlineError,
    is_working_day,
    shifted,
    working_day_on_or_after,
    working_day_on_or_before,
)

KEEP: Final = "keep"
STRICT: Final = "strict"
WORKING_DAY_AFTER: Final = "working-day-after"
WORKING_DAY_BEFORE: Final = "working-day-before"

Stop = tuple[date, date]
"""The clock stands still from the first day on and runs again from the second: that one counts."""


@dataclass(frozen=True)
class Count:
    """A term of days from a day that is not counted itself.

    Attributes:
        base: The day from which it counts.
        length: Number of days.
        working: True where only working days count.
        direction: +1 forwards, -1 back.
        stops: When the clock stood still.
        day_off: What happens to the end of a term in calendar days that falls on a day off. A term in
            working days ends on none; a day counted back stays where it is.

    Source: Civil Code 2015, art. 147 (the first day is not counted) and 148 (an end on a day off); read
    in excerpts, see the facts of the field.
    """

    base: date
    length: int
    working: bool
    direction: int = 1
    stops: tuple[Stop, ...] = ()
    day_off: str = WORKING_DAY_AFTER

    def end(self, calendar: Calendar) -> date:
        """Return the last day of the term.

        Raises:
            DeadlineError: If the length is negative, or *calendar* does not know a year of the term.
        """
        if self.length < 0:
            raise DeadlineError("A term cannot have {days} {days|day|days}.", days=self.length)
        day, left = self.base, self.length
        while left:
            day = shifted(day, self.direction)
            if not self._stands_still(day) and (not self.working or is_working_day(day, calendar)):
                left -= 1
        if self.direction > 0 and not self.working and self.day_off == WORKING_DAY_AFTER:
            while self._stands_still(day) or not is_working_day(day, calendar):
                day = shifted(day, +1)
        return day

    def _stands_still(self, day: date) -> bool:
        return any(first <= day < again for first, again in self.stops)

    def stopped(self, stops: Iterable[Stop]) -> Count:
        """Return the count with further stops."""
        more = tuple(sorted({*self.stops, *stops}))
        return Count(self.base, self.length, self.working, self.direction, more, self.day_off)

    def as_data(self, calendar: Calendar) -> dict[str, Any]:
        """Return the count with its end, what it passed over and the calendar's version, as JSON-like values."""
        due = self.end(calendar)
        data: dict[str, Any] = {
            "from": self.base.isoformat(),
            "working_days" if self.working else "days": self.length,
            "due": due.isoformat(),
            "calendar": calendar.version,
        }
        if self.direction < 0:
            data["back"] = True
        if self.stops:
            data["stops"] = [[first.isoformat(), again.isoformat()] for first, again in self.stops]
        if not self.working:
            data["day_off"] = self.day_off
            plain = replace(self, day_off=KEEP).end(calendar)
            data |= {"plain": plain.isoformat()} if plain != due else {}
        return data | self.met(due, calendar)

    def met(self, due: date, calendar: Calendar) -> dict[str, list[str]]:
        """Return what the count passed over on its way to *due*: weekdays off, weekend days worked.

        A term in calendar days counts every day: it passes over days off only behind its own end.
        """
        first = self.base
        if not self.working:
            first = replace(self, day_off=KEEP).end(calendar)
        return {} if first == due else exceptions(_next(first, due) if self.working else first, due, calendar)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Count:
        """Rebuild a count from `as_data()` values."""
        working = "working_days" in data
        return cls(
            base=date.fromisoformat(data["from"]),
            length=data["working_days"] if working else data["days"],
            working=working,
            direction=-1 if data.get("back") else 1,
            stops=tuple(stop_from(stop) for stop in data.get("stops", ())),
            day_off=data.get("day_off", WORKING_DAY_AFTER),
        )


@dataclass(frozen=True)
class FixedDay:
    """A day of the calendar by which something is owed, as the office reads it.

    Attributes:
        written: The day as written.
        before: Owed before that day ("trước ngày") rather than on it.
        read: Whether "before" is `strict` or `inclusive`.
        day_off: What happens to a last good day that is a day off: `keep`, or `working-day-before`.
        not_before: The first day on which it can be owed at all.
        otherwise: What counts where no working day lies from then on: `keep` the day, or the `working-day-after`.
    """

    written: date
    before: bool = False
    read: str = STRICT
    day_off: str = WORKING_DAY_BEFORE
    not_before: date | None = None
    otherwise: str = KEEP

    @property
    def last_day(self) -> date:
        """The last good day, whether or not offices work on it."""
        return shifted(self.written, -1) if self.before and self.read == STRICT else self.written

    def end(self, calendar: Calendar) -> date:
        """Return the last good day.

        Raises:
            DeadlineError: If *calendar* does not know the year.
        """
        last = self.last_day
        if self.without_working_day(calendar):
            return working_day_on_or_after(last, calendar) if self.otherwise == WORKING_DAY_AFTER else last
        return working_day_on_or_before(last, calendar) if self.day_off == WORKING_DAY_BEFORE else last

    def without_working_day(self, calendar: Calendar) -> bool:
        """Return True if no working day lies between the first day on which it can be owed and the last."""
        return self.not_before is not None and working_day_on_or_before(self.last_day, calendar) < self.not_before

    def as_data(self, calendar: Calendar) -> dict[str, Any]:
        """Return the day as read, with what it was read from, as JSON-like values."""
        due = self.end(calendar)
        data: dict[str, Any] = {
            "written": self.written.isoformat(),
            "day_off": self.day_off,
            "due": due.isoformat(),
            "calendar": calendar.version,
        }
        if self.before:
            data["before"] = self.read
        if self.not_before is not None:
            data |= {"not_before": self.not_before.isoformat(), "otherwise": self.otherwise}
        return data if due == self.last_day else data | exceptions(due, self.last_day, calendar)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> FixedDay:
        """Rebuild a fixed day from `as_data()` values."""
        first = data.get("not_before")
        return cls(
            written=date.fromisoformat(data["written"]),
            before="before" in data,
            read=data.get("before", STRICT),
            day_off=data["day_off"],
            not_before=date.fromisoformat(first) if first else None,
            otherwise=data.get("otherwise", KEEP),
        )


def counted_anew(
    data: Mapping[str, Any], calendar: Calendar, stops: Iterable[Stop], policies: Mapping[str, str]
) -> dict[str, Any]:
    """Return the data of a count or fixed day as it counts with another calendar, further stops and policies.

    Args:
        policies: `before`, `fixed_day_off` and `term_day_off`.
    """
    if "written" in data:
        fixed = FixedDay.from_data(data)
        if not data.get("always"):
            fixed = replace(fixed, read=policies["before"], day_off=policies["fixed_day_off"])
        return {**fixed.as_data(calendar), **({"always": True} if data.get("always") else {})}
    count = Count.from_data(data)
    if count.direction > 0:
        count = count.stopped(stops)
    if not count.working:
        count = replace(count, day_off=policies["term_day_off"])
    return count.as_data(calendar)


def stop_from(stop: Iterable[str]) -> Stop:
    """Rebuild a stop from two ISO days."""
    first, again = map(date.fromisoformat, stop)
    return first, again


def exceptions(one: date, other: date, calendar: Calendar) -> dict[str, list[str]]:
    """Return the weekdays off (`off`) and the weekend days worked (`worked`) between two days, both included."""
    first, last = sorted((one, other))
    found: dict[str, list[str]] = {}
    day = first
    while day <= last:
        weekend, works = day.weekday() >= SATURDAY, is_working_day(day, calendar)
        if weekend == works:
            found.setdefault("worked" if works else "off", []).append(day.isoformat())
        day = shifted(day, +1)
    return found


def _next(day: date, towards: date) -> date:
    return shifted(day, 1 if towards > day else -1)
