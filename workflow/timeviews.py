"""Answers to questions about time, as plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflow.calendars import CalendarRules


@dataclass(frozen=True)
class Move:
    """One due day that moves: a stage, a step or a work item (`STEP@ROUND#KEY`), from a day to another."""

    where: str
    from_: str | None
    to: str | None


@dataclass(frozen=True)
class PlanMoves:
    """What moves on one plan."""

    plan: str
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class CalendarLoaded:
    """What `calendar load` did, or would do: the file's version, the one before, and what moves."""

    version: str
    before: str
    plans: tuple[PlanMoves, ...]
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


def moves_in(data: Mapping[str, Any]) -> tuple[Move, ...]:
    """Return the moves of an event's data."""
    return tuple(Move(move["where"], move["from"], move["to"]) for move in data["moves"])
