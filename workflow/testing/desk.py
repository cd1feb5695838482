"""What an act may look up, without an engine: a register that knows every name, offices that rest at weekends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256

from workflow.plan.acting import Attachment
from workflow.steps.views import StepView

UNKNOWN = "unknown"
"""Names that begin so are in no register."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Desk:
    """A `Context` for tests of a step type.

    Every name that does not begin with `unknown` is in its register; `@NAME` is a group of two units
    unless *groups* says otherwise. Saturdays and Sundays are days off, and those in *days_off*.

    Attributes:
        steps: Rounds of other steps, by the reference under which `step()` is asked for them.
        stops: When the plan was suspended, each from a day on until the day on which it went on.
    """

    on: date
    actor: str | None = "officer"
    attachments: tuple[Attachment, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    days_off: tuple[date, ...] = ()
    steps: Mapping[str, StepView] = field(default_factory=dict)
    stops: tuple[tuple[date, date], ...] = ()

    def units(self, references: tuple[str, ...], on: date | None = None) -> tuple[str, ...]:
        """Resolve units and `@groups`, without doubles."""
        named = [unit for reference in references for unit in self._members(reference)]
        return tuple(unit for unit in dict.fromkeys(named) if self.unit_exists(unit))

    def _members(self, reference: str) -> tuple[str, ...]:
        if not reference.startswith("@"):
            return (reference,)
        return self.groups.get(reference, (f"{reference[1:]}-a", f"{reference[1:]}-b"))

    def speaks_for(self, body: str) -> bool:
        """True of the person themselves."""
        return body == self.actor

    def unit_exists(self, unit: str) -> bool:
        """True unless its name begins with `unknown` or `@`."""
        return not unit.startswith((UNKNOWN, "@"))

    def known(self, reference: str) -> bool:
        """True unless the name begins with `unknown`."""
        return not reference.removeprefix("@").startswith(UNKNOWN)

    def successor(self, unit: str, on: date | None = None) -> str | None:
        """The unit itself, if there is one."""
        return unit if self.unit_exists(unit) else None

    def is_working_day(self, day: date) -> bool:
        """True from Monday to Friday."""
        return day.weekday() < 5 and day not in self.days_off

    def working_days_after(self, start: date, days: int, stops: Sequence[tuple[date, date]] = ()) -> date:
        """The day so many working days after *start*."""
        day = start
        while days > 0:
            day += DAY
            days -= self.is_working_day(day) and not _stopped(day, stops)
        return day

    def days_after(self, start: date, days: int, stops: Sequence[tuple[date, date]] = ()) -> date:
        """The day so many calendar days after *start*."""
        day = start
        while days > 0:
            day += DAY
            days -= not _stopped(day, stops)
        return day

    def working_days_before(self, end: date, days: int) -> date:
        """The day so many working days before *end*."""
        day = end
        while days > 0:
            day -= DAY
            days -= self.is_working_day(day)
        return day

    def last_day_before(self, day: date) -> date:
        """The working day before *day*."""
        return self.fixed_day(day, before=True)

    def working_day_before(self, day: date) -> date:
        """*day*, or the last working day before it."""
        while not self.is_working_day(day):
            day -= DAY
        return day

    def fixed_day(
        self, day: date, *, before: bool = False, not_before: date | None = None, otherwise: str = "keep"
    ) -> date:
        """*day*, or the day before it; the working day before where that is a day off."""
        last = day - DAY if before else day
        moved = self.working_day_before(last)
        if not_before is None or moved >= not_before:
            return moved
        return self.working_days_after(last, 1) if otherwise == "working-day-after" else last

    def step(self, reference: str) -> StepView | None:
        """The round given for this reference."""
        return self.steps.get(reference)


def _stopped(day: date, stops: Sequence[tuple[date, date]]) -> bool:
    return any(first <= day < again for first, again in stops)


def attachment(name: str) -> Attachment:
    """Return a file of this name; its digest and size are those of the name."""
    return Attachment(name, sha256(name.encode()).hexdigest(), len(name.encode()))
