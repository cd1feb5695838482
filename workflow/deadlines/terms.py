"""A date as planned: a term with where it came from, and what lateness means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

_DAYS = ("start", "due", "base", "written", "original")
_LISTS = ("stops", "off", "worked")


@dataclass(frozen=True)
class Term:
    """When something begins and is due, as planned.

    Attributes:
        kind: `window`, `due`, `before`, `month`, `after`, `back_from`, `undecided`, `inherit`,
            `continuous`, `on_request` or `none`.
        start: First day; None where only an end is known.
        due: Last good day, inclusive; None where it is never late.
        precision: `month` where the source gives no days.
        text: The source's own wording.
        source: Address the date was inherited or counted from; None for a relative term that
            counts from the plan's start.
        policy: Policies applied, joined by `+`: `strict`, `inclusive`, `working-day-before`,
            `working-day-after`.
        calendar: Version of the calendar, where one was asked.
        why: Why the date is undecided, in the definition's words.
        base: The day from which it was counted, itself not counted.
        days, working_days: How many were counted.
        stops: When the clock stood still meanwhile.
        off, worked: Weekdays off and weekend days worked that the count met.
        written: The day as written, where a policy moved it.
        original: The due day at first, where it was moved since.
        decided: True where somebody set the date: it is counted anew no more.
        decided_on: The day on which that was, ISO.
        counted: What the term that was so set is counted in, `days` or `working-days`: suspended, it keeps those that
            were left of it. None for a day of the calendar, and for a date that was said to be fixed.
        takes: So many days a stage needs whose last day was set: an order gives it room, and no more work.
        follows: True where the last day alone was set: the first one still follows what it is counted from.
    """

    kind: str
    start: date | None = None
    due: date | None = None
    precision: Literal["day", "month"] | None = None
    text: str | None = None
    source: str | None = None
    policy: str | None = None
    calendar: str | None = None
    why: str | None = None
    base: date | None = None
    days: int | None = None
    working_days: int | None = None
    stops: tuple[tuple[str, str], ...] | None = None
    off: tuple[str, ...] | None = None
    worked: tuple[str, ...] | None = None
    written: date | None = None
    original: date | None = None
    decided: bool | None = None
    decided_on: str | None = None
    counted: str | None = None
    takes: int | None = None
    follows: bool | None = None

    def as_data(self) -> dict[str, Any]:
        """Return the term as JSON-like values, days as ISO text, without what is None."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        days = {name: given[name].isoformat() for name in _DAYS if given[name]}
        lists = {name: [*map(_plain, given[name])] for name in _LISTS if given[name]}
        return {name: value for name, value in {**given, **days, **lists}.items() if value is not None}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Term:
        """Rebuild a term from `as_data()` values."""
        days = {name: date.fromisoformat(data[name]) for name in _DAYS if data.get(name)}
        lists = {name: tuple(map(_frozen, data[name])) for name in _LISTS if data.get(name)}
        return cls(**{**data, **days, **lists})


def counted_in(old: Mapping[str, Any]) -> str | None:
    """Return what a term is counted in, `days` or `working-days`; None for a day of the calendar, or counted back."""
    if old.get("decided"):
        counted: str | None = old.get("counted")
        return counted
    if old.get("base") is None or "start" not in old:
        return None
    return "working-days" if old.get("working_days") is not None else "days"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def is_late(due_data: Mapping[str, Any], day: date) -> bool:
    """Return True if *day* lies behind the due day; what has no due day is never late."""
    return days_late(due_data, day) > 0


def days_late(due_data: Mapping[str, Any], day: date) -> int:
    """Return the calendar days by which *day* lies behind the due day, 0 if it does not.

    Args:
        due_data: `Term.as_data()`. A month is due on its last day.
        day: Local day on which the thing was done, or today.
    """
    due = due_data.get("due")
    return 0 if due is None else max(0, (day - date.fromisoformat(due)).days)
