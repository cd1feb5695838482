"""Clocks handed to the service: the system's, and one that is set (demo, tests)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final, Protocol

LOCAL: Final = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Local time. A fixed offset: Vietnam has had no other since 1975, and Windows needs no tz database."""


class Clock(Protocol):
    """Tells the instant. `name` stands in every event: `system` or `simulated`."""

    name: str

    def now(self) -> datetime:
        """The present instant; aware, UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    name = "system"

    def now(self) -> datetime:
        return datetime.now(UTC)


class SimulatedClock:
    """A clock that is set by hand and refuses to run backwards."""

    name = "simulated"

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        self._now += timedelta(microseconds=1)
        return self._now

    def move_to(self, day: date | str, hour: int = 9) -> None:
        """Set the clock to the morning of *day* (ISO text where it is a text), unless it is that day already.

        Raises:
            ValueError: If *day* lies before the clock's own day, or is no day.
        """
        day = date.fromisoformat(day) if isinstance(day, str) else day
        if day < local_day(self._now):
            raise ValueError(f"the clock stands at {self._now} and cannot go back to {day}")
        if day > local_day(self._now):
            self._now = datetime.combine(day, time(hour), LOCAL).astimezone(UTC)


class StoppedClock:
    """A clock that stands still at a moment gone by."""

    def __init__(self, name: str, moment: datetime) -> None:
        self.name = name
        self._moment = moment

    def now(self) -> datetime:
        return self._moment


def beginning_of(day: date) -> datetime:
    """Return the first instant of a local day."""
    return datetime.combine(day, time.min, LOCAL).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Return the last instant of a local day."""
    return datetime.combine(day, time.max, LOCAL).astimezone(UTC)


def local_hour(moment: datetime) -> str:
    """Return the local hour and minute of an aware instant, such as `16:05`."""
    return f"{moment.astimezone(LOCAL):%H:%M}"


def local_day(moment: datetime) -> date:
    """Return the local calendar day of an aware instant."""
    return moment.astimezone(LOCAL).date()
