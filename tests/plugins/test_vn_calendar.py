"""The calendar `vn`: public holidays, swapped days, and the working days in the seeds' windows."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest

from trinh_plugins.vn_calendar import CORRECTIONS, VietnamCalendar, calendars
from workflow.deadlines import DeadlineError, working_days_after


@pytest.fixture(scope="module")
def vn() -> VietnamCalendar:
    return VietnamCalendar()


def days_between(window: str) -> list[date]:
    first, last = (date.fromisoformat(day) for day in window.split("/"))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


# The column "cal;work" of the tables in the facts of the field: P2019, then P2021A.
@pytest.mark.parametrize(
    ("window", "calendar_days", "working_days"),
    [
        ("2019-03-01/2019-03-31", 31, 21),
        ("2019-04-01/2019-04-15", 15, 10),
        ("2019-04-16/2019-04-30", 15, 9),
        ("2019-05-01/2019-05-31", 31, 23),
        ("2019-06-01/2019-06-15", 15, 10),
        ("2019-06-16/2019-06-30", 15, 10),
        ("2019-07-01/2019-07-31", 31, 23),
        ("2019-08-01/2019-08-30", 30, 22),
        ("2019-09-01/2019-09-30", 30, 20),
        ("2019-10-01/2019-10-31", 31, 23),
        ("2021-06-22/2021-07-01", 10, 8),
        ("2021-07-01/2021-07-03", 3, 2),
        ("2021-07-04/2021-07-25", 22, 15),
        ("2021-07-26/2021-08-05", 11, 9),
        ("2021-08-06/2021-08-20", 15, 11),
        ("2021-08-21/2021-09-10", 21, 13),
        ("2021-09-11/2021-09-14", 4, 2),
        ("2021-09-15/2021-09-30", 16, 12),
        ("2021-10-01/2021-11-30", 61, 43),
        ("2021-12-01/2021-12-31", 31, 23),
    ],
)
def test_the_windows_of_the_seeds_have_these_working_days(vn, window, calendar_days, working_days):
    """Each window of the two drafting plans has as many days and working days as the table says."""
    days = days_between(window)

    assert (calendar_days, working_days) == (len(days), sum(map(vn.is_working_day, days)))


# The second table of the facts; 2026 has one more, the day off that the package lacks.
@pytest.mark.parametrize(
    ("year", "days_off"),
    [(2019, 11), (2020, 10), (2021, 11), (2022, 11), (2023, 11), (2024, 12), (2025, 12), (2026, 14)],
)
def test_each_year_has_these_weekdays_off(vn, year, days_off):
    """Monday to Friday, this many days of the year are off, days swapped off included."""
    days = days_between(f"{year}-01-01/{year}-12-31")

    assert days_off == sum(day.weekday() < 5 and not vn.is_working_day(day) for day in days)


@pytest.mark.parametrize(
    ("off", "worked"),
    [
        ("2018-12-31", "2019-01-05"),
        ("2019-04-29", "2019-05-04"),
        ("2024-04-29", "2024-05-04"),
        ("2025-05-02", "2025-04-26"),
        ("2026-08-31", "2026-08-22"),
        ("2026-01-02", "2026-01-10"),
    ],
)
def test_a_day_swapped_off_is_worked_on_a_saturday(off, worked):
    """The weekday is off and the Saturday is worked, on a calendar that has loaded no other year."""
    assert not VietnamCalendar().is_working_day(date.fromisoformat(off))
    assert VietnamCalendar().is_working_day(date.fromisoformat(worked))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2019-02-02", "2019-02-10"),
        ("2020-01-23", "2020-01-29"),
        ("2023-01-20", "2023-01-26"),
        ("2026-02-14", "2026-02-22"),
    ],
)
def test_tet_is_off_from_end_to_end(vn, first, last):
    """No day of the Lunar New Year's holiday is worked, and the weekdays around it are."""
    days = days_between(f"{first}/{last}")

    assert not any(map(vn.is_working_day, days))
    around = [days[0] - timedelta(days=1), days[-1] + timedelta(days=1)]
    assert all(vn.is_working_day(day) for day in around if day.weekday() < 5)


@pytest.mark.parametrize("day", ["2019-04-15", "2021-05-03", "2021-09-03", "2022-01-03", "2023-09-04", "2026-11-24"])
def test_substitute_days_and_new_holidays_are_off(vn, day):
    """A holiday on a weekend gives a weekday off; Culture Day is a holiday from 2026."""
    assert not vn.is_working_day(date.fromisoformat(day))


def test_days_given_on_top_win_over_the_package_and_the_corrections():
    """What an office announces late counts for its days, and changes the version."""
    plain = VietnamCalendar()
    given = VietnamCalendar(off=frozenset({date(2026, 1, 10), date(2019, 3, 4)}), worked=frozenset({date(2026, 1, 2)}))

    assert plain.is_working_day(date(2019, 3, 4)) and not given.is_working_day(date(2019, 3, 4))
    assert not given.is_working_day(date(2026, 1, 10))
    assert given.is_working_day(date(2026, 1, 2))
    assert given.version.startswith(plain.version + ".")
    with pytest.raises(ValueError, match="both off and worked: 2026-01-02"):
        VietnamCalendar(off=[date(2026, 1, 2)], worked=[date(2026, 1, 2)])


def test_the_hook_offers_the_calendar_with_its_version():
    """The plugin supplies one calendar, `vn`, whose version names the package and the corrections."""
    (calendar,) = calendars()

    assert "vn" == calendar.name
    assert calendar.version.startswith("holidays-") and calendar.version.endswith(f"+{len(CORRECTIONS)}")


def test_every_correction_has_a_source_and_swaps_a_weekday_for_a_day_of_rest():
    """A correction that nobody can check, or that has its days the wrong way round, is a fault."""
    for swap in CORRECTIONS:
        assert swap.source and swap.off.weekday() < 5 <= swap.worked.weekday()


def test_a_year_beyond_the_calendar_is_an_error_of_the_term(vn):
    """A term that leaves the years of the calendar is refused and the year named."""
    with pytest.raises(DeadlineError, match="The calendar vn does not know the year 2100"):
        working_days_after(date(2099, 12, 30), 10, vn)


def test_the_package_is_imported_only_when_a_day_is_asked_for():
    """Looking at the calendar costs no import of the holidays package."""
    code = (
        "import sys; from trinh_plugins import vn_calendar as v; c, = v.calendars(); c.name, c.version; "
        "assert 'holidays' not in sys.modules; c.is_working_day(v.date(2019, 5, 4)); assert 'holidays' in sys.modules"
    )

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
