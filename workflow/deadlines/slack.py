"""Buffer time: until when work of a stage may run on before it is late, and how much of a buffer that takes.

Pure: definition and schedule come in as arguments. Work that runs past its stage's window pushes what
follows back; the following buffer takes that up, and only behind its last day is the work late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from workflow.deadlines import DAY
from workflow.language.definition import Definition

Schedule = Mapping[str, Mapping[str, Any]]
NO_TIME: Final = timedelta()


@dataclass(frozen=True)
class Slack:
    """The buffer that follows a stage.

    Attributes:
        buffer: The buffer's stage.
        due: The stage's own last day.
        until: The last day up to which its work only uses the buffer.
        days: How many days the buffer has.
    """

    buffer: str
    due: date
    until: date
    days: int

    def used(self, day: date) -> int:
        """Return how many days of the buffer are taken by work that is open on *day*."""
        return 0 if day <= self.due else min(self.days, max(0, self.days - (self.until - day).days))


def course(definition: Definition, stage: str) -> list[str]:
    """Return the stages behind *stage* on the straight way: each time the nearest later one."""
    order = {name: place for place, name in enumerate(definition.stages)}
    found: list[str] = []
    while True:
        targets = [move.to for move in definition.stages[stage].transitions.values()]
        later = [target for target in targets if order.get(target, -1) > order[stage]]
        if not later:
            return found
        stage = min(later, key=order.__getitem__)
        found.append(stage)


def slack(definition: Definition, schedule: Schedule, stage: str) -> Slack | None:
    """Return the buffer that takes up the delay of a stage's work; None where none follows, or it has no days."""
    due = day_of(schedule, stage)
    if due is None:
        return None
    between: list[str] = []
    for name in course(definition, stage):
        if definition.stages[name].buffer:
            first, last = day_of(schedule, name, "start"), day_of(schedule, name)
            if first is None or last is None:
                return None
            # What lies between has to be done too: each stage takes as long as planned.
            until = last - sum((timedelta(days=length(schedule, each)) for each in between), timedelta())
            return Slack(name, due, max(due, until), (last - first).days + 1)
        between.append(name)
    return None


def late_after(
    definition: Definition, schedule: Schedule, where: str | None, due_on: str | None, *, own: bool = False
) -> str | None:
    """Return the last day on which what is due on *due_on* is not late.

    Args:
        where: The stage, or the step by its full address.
        own: The day is the thing's own and not its step's.
    """
    stage = where.split("/", 1)[0] if where is not None else ""
    if due_on is None or stage not in definition.stages:
        return due_on
    # Where the day came from counts: one of its own has no buffer, also where it is the stage's last day.
    if own or (where is not None and where != stage and _has_own_day(schedule, where, stage)):
        return due_on
    if schedule.get(stage, {}).get("due") != due_on:
        return due_on
    found = slack(definition, schedule, stage)
    return found.until.isoformat() if found else due_on


def _has_own_day(schedule: Schedule, address: str, stage: str) -> bool:
    """True for a step that does not take its stage's day, by itself or as the row below it."""
    term = schedule.get(address)
    return term is not None and not (term.get("kind") == "inherit" and term.get("source") == stage)


def day_of(schedule: Schedule, stage: str, key: str = "due") -> date | None:
    """Return a stage's last (or first) day."""
    day = schedule.get(stage, {}).get(key)
    return date.fromisoformat(day) if day else None


def length(schedule: Schedule, stage: str) -> int:
    """Return how many days a stage takes as planned; 0 where it has no day.

    Of a month only its last day counts, and any day in it will do; so with a day alone. An order that sets a last
    day gives the stage more time, and no longer work.
    """
    first, last = day_of(schedule, stage, "start"), day_of(schedule, stage)
    if last is None:
        return 0
    if first is None or schedule[stage].get("precision") == "month":
        return 1
    days = (last - first).days + 1
    return min(days, schedule[stage].get("takes", days))


def used(slacks: Iterable[tuple[Slack, date]], buffer: str) -> int:
    """Return how much of *buffer* is taken by work that is open, each with the day on which it is looked at."""
    return max((each.used(day) for each, day in slacks if each.buffer == buffer), default=0)


def beside(schedule: Schedule, stage: str, before: date | None) -> timedelta:
    """Return for how long a stage runs, by its own dates, beside what ends on *before* as planned."""
    planned = day_of(schedule, stage)
    if planned is None or before is None:
        return timedelta()
    start = day_of(schedule, stage, "start") or planned
    return max(timedelta(), max(start, before + DAY) + timedelta(days=length(schedule, stage) - 1) - planned)


def pushed(schedule: Schedule, stage: str, before: date, overlap: timedelta = NO_TIME) -> date | None:
    """Return the day on which a stage ends that cannot begin before the day after *before*; None where undated.

    Args:
        overlap: For how long it runs beside what comes before it as planned: only what is more pushes it back.
    """
    planned, days = day_of(schedule, stage), length(schedule, stage)
    if planned is None:
        return None
    start = day_of(schedule, stage, "start") or planned
    return max(planned, max(start, before + DAY) + timedelta(days=days - 1) - overlap)
