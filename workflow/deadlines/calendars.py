"""The calendar file: days off and weekends worked on top of a plugin's calendar, and how dates are read.

Swaps of working days are announced late, so they are data that an office loads (`workflow calendar load`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import NoneType
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from workflow.deadlines import SATURDAY, Calendar
from workflow.errors import N_, Phrase, PluginFailed, failure
from workflow.language.definition import Definition, Id, Model, Policies
from workflow.people.facts import Day

Problem = tuple[tuple[str | int, ...], Phrase]
"""The keys that lead to the place, and what is wrong there."""


def _listed(value: object) -> object:
    return value if isinstance(value, (list, tuple)) else [value]


Days = Annotated[tuple[Day, ...], BeforeValidator(_listed)]


class DaysRule(Model):
    """Days given off and days worked for them, where that was announced and when."""

    off: Days = ()
    worked: Days = ()
    source: str = ""
    announced_on: Day | None = None


class CalendarRules(Model):
    """A calendar file: overrides of one calendar, policies of the workspace, policies of single definitions."""

    calendar: Literal[1]
    name: Id = "vn"
    days: tuple[DaysRule, ...] = ()
    policies: Policies = Policies()
    definitions: Mapping[Id, Policies] = Field(default_factory=dict)

    def policies_for(self, definition: Definition, id_: str | None = None) -> Policies:
        """Return how a definition's dates are read: this file's word on it, then its own, then the workspace's.

        Args:
            id_: The id under which this file knows it, where that is another (an amended definition).
        """
        said = self.definitions.get(id_ or definition.id, Policies())
        return said.over(definition.policies.over(self.policies))


NO_RULES = CalendarRules(calendar=1)


@dataclass(frozen=True)
class OverriddenCalendar:
    """A calendar with the days of a calendar file in the place of its own."""

    base: Calendar
    rules: CalendarRules
    off: Mapping[date, DaysRule] = field(init=False)
    worked: Mapping[date, DaysRule] = field(init=False)

    def __post_init__(self) -> None:
        for name in ("off", "worked"):
            object.__setattr__(self, name, {day: rule for rule in self.rules.days for day in getattr(rule, name)})

    @property
    def name(self) -> str:
        """The base's name: definitions need not know of the file."""
        return self.base.name

    @cached_property
    def version(self) -> str:
        """The base's version and a digest of the days."""
        days = [f"{sign}{day}" for sign, days in (("-", self.off), ("+", self.worked)) for day in sorted(days)]
        return f"{self.base.version}.{hashlib.sha256(' '.join(days).encode()).hexdigest()[:8]}"

    def is_working_day(self, day: date) -> bool:
        """Return True if offices work on *day*."""
        # The base is asked in any case: it knows which years there are.
        works = self.base.is_working_day(day)
        return (works or day in self.worked) and day not in self.off

    def reason(self, day: date) -> Mapping[str, str] | None:
        """Say in each language why a day is off or worked, as the file or else the base has it."""
        rule = self.off.get(day) or self.worked.get(day)
        return {"vi": rule.source} if rule else reason_of(self.base, day)


@dataclass(frozen=True)
class HeldCalendar:
    """A plugin's calendar; whatever it raises beside `ValueError`, or answers that is no bool, is a failure by name."""

    base: Calendar

    @property
    def name(self) -> str:
        """The calendar's name."""
        return self.base.name

    @cached_property
    def version(self) -> str:
        """The calendar's version."""
        found: str = self._asked("version", lambda: self.base.version, str)
        return found

    def is_working_day(self, day: date) -> bool:
        """Return True if offices work on *day*.

        Raises:
            ValueError: If the calendar does not know the year.
            PluginFailed: If it breaks.
        """
        try:
            works = self.base.is_working_day(day)
        except ValueError:
            raise
        except (Exception, SystemExit) as error:
            raise self._failed("is_working_day", failure(error)) from error
        if works is not True and works is not False:
            raise self._failed("is_working_day", type(works).__name__)
        return works

    def reason(self, day: date) -> Mapping[str, str] | None:
        """Say in each language why a day is off or worked, where the calendar can."""
        found: Mapping[str, str] | None = self._asked("reason", lambda: reason_of(self.base, day), (Mapping, NoneType))
        return found

    def _asked(self, member: str, ask: Callable[[], Any], kind: Any) -> Any:
        try:
            answer = ask()
        except (Exception, SystemExit) as error:
            raise self._failed(member, failure(error)) from error
        if not isinstance(answer, kind):
            raise self._failed(member, type(answer).__name__)
        return answer

    def _failed(self, member: str, error: str) -> PluginFailed:
        return PluginFailed(
            "calendar `{name}` failed in `{method}`: {error}",
            hint="report it to the plugin's author; the plan is unchanged",
            name=self.base.name,
            method=member,
            error=error,
        )


def calendar_in_force(base: Calendar, rules: CalendarRules) -> Calendar:
    """Return *base* with the overrides that *rules* have for it; itself where there are none."""
    if rules.name != base.name or not rules.days:
        return base
    return OverriddenCalendar(base, rules)


def reason_of(calendar: Calendar, day: date) -> Mapping[str, str] | None:
    """Return why *day* is off or worked, `{vi, en}`, where the calendar can say so."""
    reason = getattr(calendar, "reason", None)
    found: Mapping[str, str] | None = reason(day) if callable(reason) else None
    return found


def problems_of(rules: CalendarRules, base: Calendar) -> Iterator[Problem]:
    """Find what contradicts itself, or the week that *base* knows, in the order of the file."""
    seen: dict[date, str] = {}
    for position, rule in enumerate(rules.days):
        if not rule.off and not rule.worked:
            yield ("days", position), Phrase(N_("This names no day off and no day worked."))
        if not rule.source.strip():
            yield ("days", position), Phrase(N_("Say where this was announced: `source: ...`."))
        for key in ("off", "worked"):
            for index, day in enumerate(getattr(rule, key)):
                # One day is written without a list, and stands where its key stands.
                path = ("days", position, key) if len(getattr(rule, key)) == 1 else ("days", position, key, index)
                yield from _day_problems(day, key, seen, base, path)
                seen.setdefault(day, key)


def _day_problems(
    day: date, key: str, seen: Mapping[date, str], base: Calendar, path: tuple[str | int, ...]
) -> Iterator[Problem]:
    if day in seen:
        text = N_("{day} stands here twice.") if seen[day] == key else N_("{day} cannot be off and worked.")
        yield path, Phrase(text, {"day": day.isoformat()})
        return
    try:
        works = base.is_working_day(day)
    except ValueError:
        phrase = Phrase(
            N_("The calendar {calendar} does not know the year {year}."), {"calendar": base.name, "year": day.year}
        )
        yield path, phrase
        return
    weekend = day.weekday() >= SATURDAY
    if key == "off" and weekend and not works:
        yield path, Phrase(N_("{day} is off anyway: it is a day of the weekend."), {"day": day.isoformat()})
    if key == "worked" and works and not weekend:
        yield path, Phrase(N_("{day} is worked anyway: it is no day off."), {"day": day.isoformat()})
