"""The working days of Vietnamese public offices: calendar `vn`.

The base is the `holidays` package; what it lacks stands below with its source. Swaps of working days
are announced late (sometimes in the very week), so days off and days worked can be given on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version

from workflow import Calendar, hookimpl

FIRST_YEAR, LAST_YEAR = 2000, 2099
"""Public offices have a five-day week throughout; a year outside is more likely a slip of the pen."""


@dataclass(frozen=True)
class Swap:
    """A working day given off against a day of rest worked, and where that was announced."""

    off: date
    worked: date
    source: str


CORRECTIONS = (
    Swap(
        off=date(2026, 1, 2),
        worked=date(2026, 1, 10),
        source=(
            "Agreed on 2025-12-25; 24h.com.vn of 2025-12-26, "
            "'Ai được hoán đổi để nghỉ Tết Dương lịch 4 ngày'. Missing in holidays 0.109."
        ),
    ),
)
"""Swaps that the package lacks. A swap added here changes the calendar's version."""


LAST_ANNOUNCED = 2026
"""The last year whose days off and swaps were announced when the package was made."""
_LUNAR = ("lunar", "hung kings")
_NOT_ANNOUNCED = {"vi": "theo âm lịch, chưa có thông báo", "en": "by the lunar calendar, not yet announced"}
_LANGUAGES = {"vi": "vi", "en": "en_US"}


class VietnamCalendar:
    """Monday to Friday without public holidays and days swapped off, with the Saturdays worked for them.

    Args:
        off: Further days off; they win over the package and over `CORRECTIONS`.
        worked: Further days worked, likewise.
    """

    name = "vn"

    def __init__(self, off: Iterable[date] = (), worked: Iterable[date] = ()) -> None:
        self.off, self.worked = frozenset(off), frozenset(worked)
        if both := self.off & self.worked:
            raise ValueError(f"both off and worked: {', '.join(sorted(day.isoformat() for day in both))}")
        self._years: dict[int, tuple[frozenset[date], frozenset[date]]] = {}

    @cached_property
    def version(self) -> str:
        """Version of the package, number of corrections, and a digest of the days given on top."""
        given = [f"{sign}{day}" for sign, days in (("-", self.off), ("+", self.worked)) for day in sorted(days)]
        digest = f".{sha256(' '.join(given).encode()).hexdigest()[:8]}" if given else ""
        return f"holidays-{version('holidays')}+{len(CORRECTIONS)}{digest}"

    def is_working_day(self, day: date) -> bool:
        """Return True if public offices work on *day*.

        Raises:
            ValueError: If the year lies outside `FIRST_YEAR` to `LAST_YEAR`.
        """
        off, worked = self._years.get(day.year) or self._load(day.year)
        return day not in off if day.weekday() < 5 else day in worked

    def reason(self, day: date) -> Mapping[str, str] | None:
        """Return the holiday's name, or what a day was swapped for, `{vi, en}`; None for a plain day.

        A holiday by the lunar calendar of a year that was not announced when the package was made says so.
        """
        for swap in CORRECTIONS:
            if day in (swap.off, swap.worked):
                other = swap.worked if day == swap.off else swap.off
                return {"vi": f"Hoán đổi với ngày {other}", "en": f"Swapped with {other}"}
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            return None
        from holidays import country_holidays

        years = (day.year - 1, day.year, day.year + 1)
        names = {lang: country_holidays("VN", years=years, language=code) for lang, code in _LANGUAGES.items()}
        if day in names["vi"].weekend_workdays:
            return {"vi": "Làm bù ngày nghỉ hoán đổi", "en": "Worked for a day swapped off"}
        if day not in names["vi"]:
            return None
        found = {lang: listed[day] for lang, listed in names.items()}
        if day.year > LAST_ANNOUNCED and any(word in found["en"].lower() for word in _LUNAR):
            return {lang: f"{name} ({_NOT_ANNOUNCED[lang]})" for lang, name in found.items()}
        return found

    def _load(self, year: int) -> tuple[frozenset[date], frozenset[date]]:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError(f"calendar vn does not know {year}")
        # Slow to import, and most commands count no working days.
        from holidays import country_holidays

        # A swap across New Year shows only when the neighbouring years are loaded too.
        listed = country_holidays("VN", years=(year - 1, year, year + 1))
        off = set(listed) | {swap.off for swap in CORRECTIONS}
        worked = set(listed.weekend_workdays) | {swap.worked for swap in CORRECTIONS}
        days = (
            frozenset(day for day in (off - self.worked) | self.off if day.year == year),
            frozenset(day for day in (worked - self.off) | self.worked if day.year == year),
        )
        self._years[year] = days
        return days


@hookimpl
def calendars() -> Sequence[Calendar]:
    """Return the calendar `vn`."""
    return (VietnamCalendar(),)
