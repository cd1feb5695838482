"""Due dates: counting days, the planned dates of a definition, and lateness."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow import deadlines
from workflow.deadlines import DeadlineError, Term, days_late, effective, is_late, schedule
from workflow.language.definition import Definition

START = date(2019, 3, 1)
ONE_DAY = timedelta(days=1)


class Weekdays:
    """Monday to Friday, without *off* and with *worked*; it knows the years 2000 to 2100."""

    name = "test"
    version = "weekdays-1"

    def __init__(self, off: frozenset[date] = frozenset(), worked: frozenset[date] = frozenset()) -> None:
        self.off, self.worked = off, worked

    def is_working_day(self, day: date) -> bool:
        if not 2000 <= day.year <= 2100:
            raise ValueError(day.year)
        return day in self.worked or (day.weekday() < 5 and day not in self.off)


KEPT = {"fixed_day_off": "keep"}
"""A fixed day stays where it is written, whatever day of the week that is."""


def planned(calendar: Weekdays | None = None, **definition: Any) -> dict[str, dict[str, Any]]:
    """The schedule of a definition with these parts, titles filled in."""
    return schedule(defined(**definition), START, calendar or Weekdays())


def defined(stages: dict[str, Any], **rest: Any) -> Definition:
    titled = {id_: {"title": id_, **stage} for id_, stage in stages.items()}
    return Definition.model_validate(
        {"workflow": 1, "id": "sample", "version": 1, "title": "x", "stages": titled, **rest}
    )


def only(**dated: Any) -> dict[str, Any]:
    """The planned date of a stage that says just this."""
    policies = dated.pop("policies", {})
    return planned(stages={"one": dated}, policies=policies)["one"]


# -- counting working days, against a slow obvious oracle ------------------------------------------

days = st.dates(date(2018, 1, 1), date(2026, 12, 31))
calendars = st.builds(
    lambda off, worked: Weekdays(frozenset(off), frozenset(worked)),
    st.sets(days, max_size=60),
    st.sets(days, max_size=60),
)
lengths = st.integers(min_value=0, max_value=80)


@given(days, lengths, calendars)
def test_a_term_of_working_days_ends_on_the_last_of_them(start, length, calendar):
    """The end is the n-th of all working days that follow the first day, which is not counted."""
    following = [start + n * ONE_DAY for n in range(1, 1000)]
    worked = [day for day in following if calendar.is_working_day(day)]

    assert ([start, *worked])[length] == deadlines.working_days_after(start, length, calendar)


@given(days, lengths, calendars)
def test_counting_back_mirrors_counting_forward(end, length, calendar):
    """The day counted back is the n-th of all working days before the end, which is not counted."""
    before = [end - n * ONE_DAY for n in range(1, 1000)]
    worked = [day for day in before if calendar.is_working_day(day)]

    assert ([end, *worked])[length] == deadlines.working_days_before(end, length, calendar)


@given(days, calendars)
def test_the_nearest_working_day_has_only_days_off_between(day, calendar):
    """Moving a day off to a working day passes over days off alone, and leaves a working day where it is."""
    earlier, later = deadlines.working_day_on_or_before(day, calendar), deadlines.working_day_on_or_after(day, calendar)

    assert earlier <= day <= later
    assert calendar.is_working_day(earlier) and calendar.is_working_day(later)
    between = [earlier + n * ONE_DAY for n in range((later - earlier).days + 1)][1:-1]
    assert not any(calendar.is_working_day(other) for other in between)
    assert (earlier == day == later) == calendar.is_working_day(day)


def test_a_year_the_calendar_does_not_know_is_named():
    """A term that runs out of the calendar is refused with the calendar and the year."""
    with pytest.raises(DeadlineError, match="The calendar test does not know the year 2101") as refused:
        deadlines.working_days_after(date(2100, 12, 30), 5, Weekdays())

    assert 2 == refused.value.exit_code
    with pytest.raises(DeadlineError, match="1999"):
        deadlines.is_working_day(date(1999, 12, 31), Weekdays())


def test_a_term_that_leaves_the_calendar_of_all_years_is_refused():
    """Behind the last day that a date can have there is no term."""
    with pytest.raises(DeadlineError) as refused:
        planned(stages={"one": {"due": "9999-12-31"}, "two": {"after": {"stage": "one", "days": 1}}}, policies=KEPT)
    assert "1 day from 9999-12-31 is outside the years 1 to 9999." == str(refused.value.reasons[0])
    with pytest.raises(DeadlineError, match="-1 days"):
        deadlines.working_days_after(START, -1, Weekdays())


@given(days, days)
def test_only_the_days_behind_the_due_day_are_late(due, day):
    """Work is late by the calendar days after its due day, which is still in time."""
    data = Term("due", due=due, precision="day").as_data()

    assert max(0, (day - due).days) == days_late(data, day)
    assert (day > due) == is_late(data, day)


def test_a_month_is_late_only_after_its_last_day():
    """A date that is a month is in time until the month is over."""
    month = only(month="2019-10")

    assert not is_late(month, date(2019, 10, 31))
    assert is_late(month, date(2019, 11, 1))


@pytest.mark.parametrize("undated", [{}, {"continuous": True}, {"on_request": True}, {"undecided": "?"}])
def test_what_has_no_due_day_is_never_late(undated):
    """Lasting, requested, undecided and undated work is never late."""
    assert 0 == days_late(only(**undated), date.max)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            {"window": "2019-04-16/2019-04-30", "text": "Từ ngày 16/4"},
            {"kind": "window", "start": "2019-04-16", "due": "2019-04-30", "precision": "day", "text": "Từ ngày 16/4"},
        ),
        ({"due": "2020-03-10"}, {"kind": "due", "due": "2020-03-10", "precision": "day"}),
        ({"before": "2021-07-15"}, {"kind": "before", "due": "2021-07-14", "precision": "day", "policy": "strict"}),
        (
            {"before": "2021-07-15", "policies": {"before": "inclusive"}},
            {"kind": "before", "due": "2021-07-15", "precision": "day", "policy": "inclusive"},
        ),
        ({"month": "2020-02"}, {"kind": "month", "start": "2020-02-01", "due": "2020-02-29", "precision": "month"}),
        (
            {"month": "2021-04/2021-05"},
            {"kind": "month", "start": "2021-04-01", "due": "2021-05-31", "precision": "month"},
        ),
        (
            {"after": {"days": 30}},
            {
                "kind": "after",
                "start": "2019-03-02",
                "due": "2019-04-01",
                "precision": "day",
                "policy": "working-day-after",
                "calendar": "weekdays-1",
                "base": "2019-03-01",
                "days": 30,
                "written": "2019-03-31",
            },
        ),
        (
            {"after": {"working_days": 3}},
            {
                "kind": "after",
                "start": "2019-03-02",
                "due": "2019-03-06",
                "precision": "day",
                "calendar": "weekdays-1",
                "base": "2019-03-01",
                "working_days": 3,
            },
        ),
        ({"undecided": "ô trống"}, {"kind": "undecided", "why": "ô trống"}),
        ({"continuous": True, "text": "thường xuyên"}, {"kind": "continuous", "text": "thường xuyên"}),
        ({"on_request": True}, {"kind": "on_request"}),
        ({}, {"kind": "none"}),
    ],
)
def test_each_kind_of_date_has_one_reading(written, expected):
    """What the definition says becomes exactly these data, nothing more."""
    assert expected == only(**written)


@pytest.mark.parametrize(
    ("written", "due", "policy"),
    [
        ({"before": "2020-04-13"}, "2020-04-10", "strict+working-day-before"),
        ({"due": "2020-04-12"}, "2020-04-10", "working-day-before"),
        ({"due": "2020-04-13"}, "2020-04-13", None),
        ({"window": "2019-03-01/2019-03-31"}, "2019-03-31", None),
    ],
)
def test_a_fixed_day_off_moves_to_the_working_day_before_by_policy(written, due, policy):
    """The 12th of April 2020 is a Sunday; the Friday counts, and the date says why. Windows are not moved."""
    found = only(**written)

    assert (due, policy, policy and "weekdays-1") == (found["due"], found.get("policy"), found.get("calendar"))


@given(days, st.integers(min_value=1, max_value=60), calendars)
def test_a_relative_term_begins_the_day_after_what_it_counts_from(end, length, calendar):
    """A term after a stage runs from the day after the stage's planned end and names the stage."""
    found = planned(
        calendar,
        policies=KEPT,
        stages={
            "first": {"due": end.isoformat()},
            "calendar-days": {"after": {"stage": "first", "days": length}},
            "working-days": {"after": {"stage": "first", "working_days": length}},
        },
    )

    plain, worked = found["calendar-days"], found["working-days"]
    assert (end + ONE_DAY).isoformat() == plain["start"] == worked["start"]
    last = end + length * ONE_DAY
    assert deadlines.working_day_on_or_after(last, calendar).isoformat() == plain["due"]
    assert deadlines.working_days_after(end, length, calendar).isoformat() == worked["due"]
    assert "first" == plain["source"] == worked["source"]
    assert plain.get("written") == (None if calendar.is_working_day(last) else last.isoformat())


def test_a_day_is_counted_back_from_a_stages_first_day():
    """The day is that many days before the first day of the stage named, even one further down."""
    found = planned(
        policies=KEPT,
        stages={
            "dossier": {"back_from": {"stage": "session", "days": 15}},
            "papers": {"back_from": {"stage": "session", "working_days": 3}},
            "session": {"month": "2019-10"},
            "reading": {"back_from": {"stage": "vote", "days": 1}},
            "vote": {"due": "2019-12-01"},
        },
    )

    assert ("back_from", "2019-09-16", "session") == tuple(found["dossier"][key] for key in ("kind", "due", "source"))
    assert ("2019-09-26", "weekdays-1") == (found["papers"]["due"], found["papers"]["calendar"])
    assert "2019-11-30" == found["reading"]["due"]


def test_what_is_counted_from_an_undated_stage_has_no_day_but_names_the_stage():
    """No date is guessed where the stage it hangs on has none."""
    found = planned(
        stages={
            "open": {"undecided": "chưa rõ"},
            "next": {"after": {"stage": "open", "days": 5}},
            "ahead": {"back_from": {"stage": "open", "days": 5}},
        }
    )

    assert {"kind": "after", "source": "open"} == found["next"]
    assert {"kind": "back_from", "source": "open"} == found["ahead"]


def test_rows_of_a_merged_cell_inherit_the_date_and_name_the_row_that_holds_it():
    """Each row below takes over the day, and says from which row, not from its neighbour."""
    task = {"uses": "task"}
    found = planned(
        stages={"run": {"steps": {"a": {**task, "due": "2019-05-10"}, "b": {**task, "inherit": True}}}},
        alongside={
            "i-1": {**task, "due": "2020-03-10", "text": "10/3/2020"},
            "i-2": {**task, "inherit": True},
            "i-3": {**task, "inherit": True, "text": ""},
            "ii": {**task, "undecided": "ô gộp"},
            "ii-1": {**task, "inherit": True},
        },
    )

    inherited = {"kind": "inherit", "due": "2020-03-10", "precision": "day", "source": "i-1"}
    assert inherited == found["i-2"]
    assert {**inherited, "text": ""} == found["i-3"]
    assert {"kind": "inherit", "source": "ii", "why": "ô gộp"} == found["ii-1"]
    assert ("run/a", "2019-05-10") == (found["run/b"]["source"], found["run/b"]["due"])


def test_stages_inherit_too_and_a_row_below_an_undated_step_takes_the_stages_date():
    """The row above that has no date of its own stands for its stage."""
    found = planned(
        stages={
            "one": {"window": "2019-04-01/2019-04-15"},
            "two": {
                "inherit": True,
                "steps": {"plain": {"uses": "task"}, "below": {"uses": "task", "inherit": True}},
            },
        }
    )

    assert ("inherit", "2019-04-15", "one") == tuple(found["two"][key] for key in ("kind", "due", "source"))
    assert "2019-04-15" == found["two/below"]["due"]


def test_the_schedule_has_stages_dated_steps_and_everything_alongside():
    """A step without a date of its own has no entry inside a stage, and an empty one beside the stages."""
    found = planned(
        stages={
            "one": {"steps": {"plain": {"uses": "task"}, "dated": {"uses": "task", "due": "2019-03-05"}}},
            "two": {"steps": {"waits": {"uses": "task", "after": ["one/plain"], "text": "sau đó"}}},
        },
        alongside={"beside": {"uses": "task"}},
    )

    assert ["one", "one/dated", "two", "beside"] == list(found)
    assert {"kind": "none"} == found["beside"]


def test_a_step_without_a_date_takes_its_stages():
    """What counts for a step is its own date, otherwise its stage's, and then it names the stage."""
    found = planned(
        stages={
            "one": {
                "window": "2019-04-01/2019-04-15",
                "steps": {"plain": {"uses": "task"}, "dated": {"uses": "task", "due": "2019-04-05"}},
            }
        },
        alongside={"beside": {"uses": "task"}},
    )

    assert "2019-04-05" == effective(found, "one/dated@2", "one")["due"]
    assert {**found["one"], "source": "one"} == effective(found, "one/plain", "one")
    assert found["one"] == effective(found, "one", "one")
    assert {"kind": "none"} == effective(found, "beside", None)
    assert {} == effective(found, "unheard-of", None)


# -- what cannot be a date -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ({"due": "2019-02-30"}, "invalid-date"),
        ({"before": "0000-01-01"}, "invalid-date"),
        ({"before": "0001-01-01"}, "invalid-date"),
        ({"window": "2019-04-01/2019-04-31"}, "invalid-date"),
        ({"window": "2019-04-30/2019-04-01"}, "window-reversed"),
        ({"month": "2019-13"}, "invalid-date"),
        ({"month": "0000-01"}, "invalid-date"),
        ({"month": "2021-05/2021-04"}, "window-reversed"),
        ({"after": {"stage": "one", "days": 1}}, "date-cycle"),
        ({"after": {"stage": "nowhere", "days": 1}}, "unknown-stage"),
        ({"back_from": {"stage": "one", "days": 1}}, "date-cycle"),
        ({"inherit": True}, "nothing-above"),
    ],
)
def test_an_impossible_date_is_refused(written, code):
    """The refusal has a code for the fault and the address where it stands."""
    with pytest.raises(DeadlineError) as refused:
        only(**written)

    (reason,) = refused.value.reasons
    assert (code, "one") == (reason.code, reason.phrase.params["address"])
    assert "{" not in str(reason)


def test_all_impossible_dates_are_told_at_once():
    """Every fault is named, and each cycle once, with the stages in it."""
    with pytest.raises(DeadlineError) as refused:
        planned(
            stages={
                "outside": {"after": {"stage": "a", "days": 1}},
                "a": {"after": {"stage": "b", "days": 1}},
                "b": {"back_from": {"stage": "a", "days": 1}, "steps": {"s": {"uses": "task", "due": "2019-02-29"}}},
            },
            alongside={"reports": {"uses": "task", "until": {"date": "2019-06-31"}}},
        )

    told = [str(reason) for reason in refused.value.reasons]
    assert [
        "a: these dates wait for each other: a, b.",
        "b/s: 2019-02-29 is not a day of the calendar.",
        "reports: 2019-06-31 is not a day of the calendar.",
    ] == told


def test_a_chain_of_stages_may_be_as_long_as_a_definition():
    """As many stages as a definition may have, each counted from the one below, end in dates, not in an overflow."""
    count = 499
    stages: dict[str, Any] = {f"s{n}": {"after": {"stage": f"s{n + 1}", "days": 1}} for n in range(count)}
    stages[f"s{count}"] = {"due": "2019-03-01"}

    found = planned(stages=stages, policies={"term_day_off": "keep"})["s0"]["due"]
    assert (START + count * ONE_DAY).isoformat() == found


@given(
    st.builds(
        Term,
        kind=st.sampled_from(["window", "after", "inherit"]),
        start=st.none() | days,
        due=st.none() | days,
        precision=st.sampled_from([None, "day", "month"]),
        text=st.none() | st.text(),
        source=st.none() | st.just("one"),
        policy=st.none() | st.just("strict"),
        calendar=st.none() | st.just("weekdays-1"),
        why=st.none() | st.text(),
    )
)
def test_a_term_survives_its_data(term):
    """A term comes back from its data as it was, and its data hold text alone."""
    data = term.as_data()

    assert term == Term.from_data(data)
    assert all(isinstance(value, str) for value in data.values())
