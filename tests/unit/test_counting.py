"""Terms counted in days, held against a slow and obvious reading of the rules over 2018 to 2027."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trinh_plugins.vn_calendar import VietnamCalendar
from workflow.deadlines import Count, DeadlineError, exceptions
from workflow.deadlines.scheduling import schedule
from workflow.language.definition import Definition

FIRST, LAST = date(2018, 1, 1), date(2027, 12, 31)
EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
VN = VietnamCalendar()
BASE = {day: VN.is_working_day(day) for day in EVERY_DAY}

days = st.dates(FIRST, date(2026, 12, 31))
overrides = st.tuples(st.frozensets(days, max_size=40), st.frozensets(days, max_size=40)).map(
    lambda pair: VietnamCalendar(off=pair[0] - pair[1], worked=pair[1] - pair[0])
)
suspensions = st.lists(
    st.tuples(days, st.integers(0, 60)).map(lambda pair: (pair[0], pair[0] + timedelta(days=pair[1]))), max_size=3
).map(tuple)
near = st.tuples(days, st.integers(-20, 120), st.integers(0, 60))
lengths = st.integers(0, 90)
policies = st.sampled_from(["keep", "working-day-after"])


def worked(calendar: VietnamCalendar) -> set[date]:
    """Every day from 2018 to 2027 on which offices work, read off the lists: the package's, then the overrides'."""
    return {day for day in EVERY_DAY if day in calendar.worked or (BASE[day] and day not in calendar.off)}


def obvious_end(base: date, length: int, works: set[date] | None, stops, day_off: str, all_works: set[date]) -> date:
    """Write down every day that counts, in order, and point at the last of the term."""
    stopped = {day for day in EVERY_DAY for first, again in stops if first <= day < again}
    counting = [day for day in EVERY_DAY if day > base and day not in stopped and (works is None or day in works)]
    end = counting[length - 1] if length else base
    if works is None and day_off == "working-day-after":
        return min(day for day in EVERY_DAY if day >= end and day in all_works and day not in stopped)
    return end


@settings(deadline=None, max_examples=150)
@given(days, lengths, st.booleans(), overrides, suspensions, policies, near)
def test_a_term_ends_where_a_list_of_all_its_days_ends(base, length, working, calendar, stops, day_off, close):
    """Any overrides, suspensions and policy: the end is the last day of the list of days that count."""
    # One suspension near the term, or most of them would miss it.
    start = min(max(base + timedelta(days=close[1]), FIRST), date(2026, 12, 1))
    stops = (*stops, (start, start + timedelta(days=close[2])))
    count = Count(base, length, working, 1, stops, day_off)

    works = worked(calendar)
    assert obvious_end(base, length, works if working else None, stops, day_off, works) == count.end(calendar)


@settings(deadline=None, max_examples=60)
@given(days, st.integers(1, 90), st.booleans(), overrides, st.integers(0, 200), st.integers(0, 60))
def test_a_suspended_term_keeps_its_remaining_days(base, length, working, calendar, after, pause):
    """What was left when the clock stopped is left when it runs again: days are neither lost nor won."""
    first = base + timedelta(days=1 + after)
    again = first + timedelta(days=pause)
    plain = Count(base, length, working, day_off="keep")
    end, moved = plain.end(calendar), plain.stopped([(first, again)]).end(calendar)
    works = worked(calendar)

    def left(since: date, until: date) -> int:
        return sum(since <= day <= until and (not working or day in works) for day in EVERY_DAY)

    if end < first:
        assert end == moved
    else:
        assert left(first, end) == left(again, moved)


@settings(deadline=None, max_examples=60)
@given(days, lengths, overrides)
def test_counting_back_mirrors_the_list(base, length, calendar):
    """Counted back, a term of working days ends on the n-th of them before the day it counts from."""
    before = sorted((day for day in worked(calendar) if day < base), reverse=True)
    if length > len(before):
        return
    expected = before[length - 1] if length else base

    assert expected == Count(base, length, True, -1).end(calendar)


@settings(deadline=None, max_examples=60)
@given(days, lengths, st.booleans(), overrides, suspensions, policies)
def test_a_count_survives_being_stored(base, length, working, calendar, stops, day_off):
    """A count read back from its data is the same count, and its data name just the exceptions it passed over.

    The first day is not counted; a term in calendar days passes over days off only behind its own end.
    """
    count = Count(base, length, working, 1, stops, day_off)
    data = count.as_data(calendar)
    again = Count.from_data(data)
    works = worked(calendar)
    due = date.fromisoformat(data["due"])
    plain = obvious_end(base, length, works if working else None, stops, "keep", works)
    passed = [day for day in EVERY_DAY if (base < day <= due if working else plain <= day <= due and plain < due)]

    assert again.as_data(calendar) == data
    assert [str(day) for day in passed if day.weekday() < 5 and day not in works] == data.get("off", [])
    assert [str(day) for day in passed if day.weekday() >= 5 and day in works] == data.get("worked", [])


@pytest.mark.parametrize(
    ("base", "length", "end"),
    [("2025-12-31", 1, "2026-01-05"), ("2026-01-08", 2, "2026-01-10"), ("2026-01-09", 1, "2026-01-10")],
)
def test_the_swap_of_january_2026_counts(base, length, end):
    """2 January 2026 is off, and Saturday the 10th is worked for it."""
    assert date.fromisoformat(end) == Count(date.fromisoformat(base), length, True).end(VN)


def test_a_term_in_calendar_days_that_ends_on_a_day_off_ends_on_the_working_day_after():
    """Ten days from 1 March 2019 would end on Monday the 11th, nine on Sunday the 10th: both end on the 11th."""
    ends = {length: Count(date(2019, 3, 1), length, False).end(VN) for length in (9, 10)}

    assert {9: date(2019, 3, 11), 10: date(2019, 3, 11)} == ends
    assert date(2019, 3, 10) == Count(date(2019, 3, 1), 9, False, day_off="keep").end(VN)


def test_a_term_has_no_negative_length():
    """A count of less than no days is refused."""
    with pytest.raises(DeadlineError, match="-1 days"):
        Count(date(2019, 3, 1), -1, True).end(VN)


def test_exceptions_are_the_days_that_differ_from_a_plain_week():
    """Of Tết 2019 the weekdays off are named, of the swap across New Year the Saturday worked."""
    assert [f"2019-02-0{day}" for day in range(4, 9)] == exceptions(date(2019, 2, 1), date(2019, 2, 10), VN)["off"]
    assert {"worked": ["2019-01-05"]} == exceptions(date(2019, 1, 2), date(2019, 1, 6), VN)


@settings(deadline=None, max_examples=40)
@given(st.dates(FIRST, date(2026, 1, 1)), st.integers(1, 60), st.sampled_from(["strict", "inclusive"]), policies,
       st.sampled_from(["keep", "working-day-before"]), overrides, suspensions)  # fmt: skip
def test_a_schedule_applies_one_policy_to_each_kind_of_date(start, length, before, term, fixed, calendar, stops):
    """Before, fixed day and term each follow their own policy, and only the term heeds suspensions."""
    definition = Definition.model_validate(
        {
            "workflow": 1,
            "id": "d",
            "version": 1,
            "title": "x",
            "policies": {"before": before, "fixed_day_off": fixed, "term_day_off": term},
            "stages": {
                "a": {"title": "a", "before": start.isoformat()},
                "b": {"title": "b", "due": start.isoformat()},
                "c": {"title": "c", "after": {"days": length}},
                "d": {"title": "d", "window": f"{start}/{start + timedelta(days=length)}"},
            },
        }
    )
    found = schedule(definition, start, calendar, stops=stops)
    works = worked(calendar) | {day for day in (date(2017, 12, 29), date(2017, 12, 28)) if VN.is_working_day(day)}

    def fixed_day(day: date) -> str:
        while fixed == "working-day-before" and day not in works:
            day -= timedelta(days=1)
        return day.isoformat()

    assert fixed_day(start - timedelta(days=before == "strict")) == found["a"]["due"]
    assert fixed_day(start) == found["b"]["due"]
    assert obvious_end(start, length, None, stops, term, works).isoformat() == found["c"]["due"]
    assert (start + timedelta(days=length)).isoformat() == found["d"]["due"]
