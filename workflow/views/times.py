"""Answers to questions about time, as plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflow.deadlines.calendars import CalendarRules
from workflow.deadlines.overrides import Change
from workflow.language.definition import Policies, Text


@dataclass(frozen=True)
class Move:
    """One due day that moves: a stage, a step or a work item (`STEP@ROUND#KEY`), from a day to another.

    `causes` are the changes of the calendar file that move it.
    """

    where: str
    from_: str | None
    to: str | None
    causes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class PlanMoves:
    """What moves on one plan."""

    plan: str
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class CalendarLoaded:
    """What `calendar load` did, or would do: the file's version, the one before, what it changes, and what moves."""

    version: str
    before: str
    plans: tuple[PlanMoves, ...]
    changes: tuple[Change, ...] = ()
    unknown: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True)
class CalendarDay:
    """A weekday off or a weekend day worked: why, and where and when the calendar file says it was announced."""

    day: date
    works: bool
    reason: Mapping[str, str] | None
    source: str | None = None
    announced_on: date | None = None


@dataclass(frozen=True)
class CalendarYear:
    """A year of the calendar in force. `file` is the version of the calendar file, empty where there is none."""

    name: str
    version: str
    file: str
    year: int
    days: tuple[CalendarDay, ...]
    working_days: int
    rules: CalendarRules


@dataclass(frozen=True)
class ForecastStage:
    """A stage as planned and as it would be; `late` where the buffer behind it does not take the delay up."""

    id: str
    title: Text
    due: str
    expected: str
    days: int
    late: bool


@dataclass(frozen=True)
class ForecastStep:
    """A step whose day moves, or that a delay reaches."""

    id: str
    title: Text
    due: str | None
    expected: str


@dataclass(frozen=True)
class ForecastBuffer:
    """A buffer: how many of its days are used today, and would be."""

    id: str
    title: Text
    days: int
    used_now: int
    used: int

    @property
    def left(self) -> int:
        """Days that would still be there."""
        return self.days - self.used


@dataclass(frozen=True)
class Forecast:
    """What a delay does to a plan. `final` is the last stage with a day; None where none has."""

    plan: str
    on: str
    stages: tuple[ForecastStage, ...]
    steps: tuple[ForecastStep, ...]
    buffers: tuple[ForecastBuffer, ...]
    final: ForecastStage | None

    @property
    def holds(self) -> bool:
        """True if the final date still holds."""
        return self.final is None or self.final.days <= 0


@dataclass(frozen=True)
class ExplainedMove:
    """One move of a date: when, why, by whom.

    Attributes:
        cause: As the event has it.
        changes: Of several things that changed together those that moved it, with their texts in place.
        action: The title of the act that set the day, where one did.
    """

    from_: str | None
    to: str | None
    on: str
    seq: int
    kind: str
    cause: Mapping[str, Any]
    actor: str | None
    reason: str | None
    source: str | None
    changes: tuple[Mapping[str, Any], ...] = ()
    action: Text | None = None


@dataclass(frozen=True)
class Explanation:
    """How a due date came about.

    Attributes:
        wording: The source's own words; `rule` the step type's rule in words, where it has one.
        inherited_from: Whose date it has, such as the key of the row above.
        term: What it was worked out from: a planned date (`deadlines.Term`), or a count (`deadlines.Count`).
        counted: True where a step type counted it, False where the plan's dates say it.
        own: True where neither does: the step type set it in its own way.
        met: Weekdays off and weekend days worked that were met, with why.
        calendar: Version of the calendar with which it was counted; `in_force` the one that counts now.
        policies: How dates of the plan are read now.
        original: The day at first, where it was moved; `late_original` days behind it, `late` behind the day now.
        late_after: The last day on which it is not late: behind the due day where buffer time follows.
        asked: A later day that was asked for, and by whom.
    """

    id: str
    title: Text
    owner: str | None
    due_on: str | None
    wording: str | None
    rule: Text | None
    inherited_from: str | None
    term: Mapping[str, Any]
    counted: bool
    own: bool
    met: tuple[CalendarDay, ...]
    calendar: str | None
    in_force: str
    policies: Policies
    original: str | None
    late: int
    late_original: int
    late_after: str | None
    moves: tuple[ExplainedMove, ...]
    asked: tuple[tuple[str, str | None], ...]


def moves_in(data: Mapping[str, Any], changes: Sequence[Change]) -> tuple[Move, ...]:
    """Return the moves of an event's data, each with those of the *changes* that are its causes."""
    return tuple(
        Move(move["where"], move["from"], move["to"], tuple(changes[place] for place in move.get("causes", ())))
        for move in data["moves"]
    )
