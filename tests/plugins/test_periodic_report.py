"""A series of reports: each period once, with its due day, for each unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from trinh_plugins.periodic_report import PeriodicReportStep
from workflow import Refused

UNITS = {"units": ["khtc", "qlcn"], "to": "khtc"}
MONTHLY = {"every": "month", "day_before": 13, **UNITS}
WEEKLY = {"every": "week", **UNITS}


def series(run, options=MONTHLY, on="2020-02-28", **more):
    return run(PeriodicReportStep(), options, on=on, **more)


def dues(opened) -> dict[str, str]:
    return {period.key: period.due for period in opened.state.periods}


def codes(refused) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def test_before_the_13th_means_the_12th_or_the_working_day_before(run):
    """In 2020 the 12th is a day off in April, July, September and December."""
    opened = series(run)
    opened.tick("2020-12-31")

    assert dues(opened) == {
        "2020-03": "2020-03-12",
        "2020-04": "2020-04-10",
        "2020-05": "2020-05-12",
        "2020-06": "2020-06-12",
        "2020-07": "2020-07-10",
        "2020-08": "2020-08-12",
        "2020-09": "2020-09-11",
        "2020-10": "2020-10-12",
        "2020-11": "2020-11-12",
        "2020-12": "2020-12-11",
    }


def test_a_month_whose_day_had_passed_when_the_series_began_is_not_owed(run):
    """Opened on 28 February, the report that was owed before 13 February never appears."""
    assert dues(series(run)) == {}


def test_a_month_appears_on_its_first_day(run):
    """The day before there is nothing to do, and nothing is recorded."""
    opened = series(run)

    assert opened.tick("2020-02-29") is None
    opened.tick("2020-03-01")

    assert opened.owed() == ["2020-03/khtc", "2020-03/qlcn"]


def test_weeks_begin_with_the_opening_day_and_end_on_the_last_working_day(run):
    """Without a weekday the report is owed by the end of the ISO week, moved off the weekend."""
    opened = series(run, WEEKLY)
    opened.tick("2020-03-10")

    assert dues(opened) == {"2020-W09": "2020-02-28", "2020-W10": "2020-03-06", "2020-W11": "2020-03-13"}


def test_a_week_has_its_iso_year(run):
    """The last days of December can lie in the first week of the next year."""
    opened = series(run, {**WEEKLY, "weekday": 4}, on="2019-12-26")
    opened.tick("2020-01-03")

    assert dues(opened) == {"2019-W52": "2019-12-27", "2020-W01": "2020-01-03"}


def test_a_week_wholly_off_keeps_its_own_day(run):
    """In the week of Tết the due day is not moved to a day on which nobody owed the report yet."""
    tet = [f"2020-01-{day}" for day in range(20, 25)]
    opened = series(run, {**WEEKLY, "weekday": 4}, on="2020-01-13", days_off=tet)
    opened.tick("2020-01-20")

    assert dues(opened)["2020-W04"] == "2020-01-24"


def test_a_series_opened_after_its_last_working_day_is_not_late_at_once(run):
    """Opened on a Saturday, the week's report keeps the Sunday rather than the Friday before."""
    assert dues(series(run, WEEKLY, on="2020-02-29")) == {"2020-W09": "2020-03-01"}


def test_a_rule_names_the_due_days(run):
    """Any RFC 5545 rule by days; the period begins behind the due day before it."""
    opened = series(run, {"rule": "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15;COUNT=3", **UNITS}, on="2020-03-02")
    assert dues(opened) == {"2020-03-15": "2020-03-13"}

    opened.tick("2020-03-15")
    assert len(opened.state.periods) == 1
    opened.tick("2020-03-16")
    opened.tick("2021-12-31")

    assert dues(opened) == {"2020-03-15": "2020-03-13", "2020-06-15": "2020-06-15", "2020-09-15": "2020-09-15"}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"every": "month", "rule": "FREQ=DAILY"},
        {"every": "week", "day_before": 13},
        {"every": "month", "weekday": 2},
        {"every": "month", "day_before": 1},
        {"every": "year"},
        {"rule": "os.system"},
        {"rule": "FREQ=SECONDLY"},
        {"rule": "FREQ=DAILY;BYHOUR=1,2"},
        {"rule": "FREQ=MONTHLY;BYMONTHDAY=40"},
        {"rule": "FREQ=MONTHLY;NONSENSE=1"},
        {"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"},
        {"rule": "FREQ=DAILY;INTERVAL=0"},
        {"rule": "FREQ=WEEKLY;INTERVAL=-1"},
        {"rule": "FREQ=WEEKLY;INTERVAL=1000"},
        {"rule": "FREQ=DAILY;INTERVAL=7;BYDAY=MO"},
        {"rule": "FREQ=DAILY\nEXDATE:20200101"},
    ],
)
def test_a_rhythm_that_says_nothing_or_too_much_is_refused(options):
    """Exactly one rhythm, and one that can be kept."""
    with pytest.raises(ValidationError):
        PeriodicReportStep.Options.model_validate({**UNITS, **options})


def test_the_series_goes_to_units_that_are_valid_on_the_day(run):
    """A group is resolved when a period appears; earlier periods keep the units they had."""
    options = {"every": "month", "units": ["@all"], "to": "khtc"}
    opened = series(run, options, on="2020-03-02", groups={"@all": ("khtc", "qlcn")})
    opened.tick("2020-04-01", context={"groups": {"@all": ("khtc", "tdc")}})

    assert opened.owed() == ["2020-03/khtc", "2020-03/qlcn", "2020-04/khtc", "2020-04/tdc"]


@pytest.mark.parametrize(("on", "late"), [("2020-03-12", False), ("2020-03-13", True)])
def test_one_report_closes_one_period_of_one_unit(run, on, late):
    """The due day is still in time; the day after the report is marked as late and taken all the same."""
    opened = series(run)
    opened.tick("2020-04-01")

    act = opened.act("report", on, period="2020-03", unit="qlcn")

    assert (act.data["late"], act.on_behalf) == (late, "qlcn")
    assert opened.owed() == ["2020-03/khtc", "2020-04/khtc", "2020-04/qlcn"]
    assert opened.work()["2020-03/qlcn"].done_on == on


@pytest.mark.parametrize(
    ("period", "unit", "on", "code"),
    [
        ("2020-02", "qlcn", "2020-04-02", "unknown-period"),
        ("2020-05", "qlcn", "2020-04-02", "unknown-period"),
        ("2020-03", "tdc", "2020-04-02", "unit-not-expected"),
        ("2020-03", "khtc", "2020-04-02", "already-reported"),
        ("2020-04", "qlcn", "2020-03-31", "period-not-begun"),
    ],
)
def test_a_report_that_nobody_owes_is_refused(run, period, unit, on, code):
    """Unknown periods and units, a second report, and one from before the period are refused."""
    opened = series(run)
    opened.tick("2020-04-01")
    opened.act("report", "2020-03-10", period="2020-03", unit="khtc")

    with pytest.raises(Refused) as refused:
        opened.act("report", on, period=period, unit=unit)

    assert codes(refused) == [code]


def test_a_missed_report_stays_missed(run):
    """The next period does not close the one before; only the end of the series does, and it is never done."""
    opened = series(run)
    opened.tick("2020-05-01")
    assert "2020-03/qlcn" in opened.owed()

    opened.act("end", "2020-05-20")

    assert opened.complete
    assert opened.work()["2020-03/qlcn"].done_on is None
    assert opened.tick("2020-12-31") is None


def test_a_series_beside_the_stages_holds_nothing_up(run):
    """Inside a stage an open series blocks, beside the stages it does not."""
    opened = series(run, lead="khtc")

    assert opened.blockers()["series-not-ended"].who == ("khtc",)
    assert opened.step_type.blockers(replace(opened.view, address="monthly")) == ()


def test_a_unit_reports_for_itself(run):
    """The unit of the report performs it; with no parameters all that still owe one."""
    opened = series(run)
    opened.tick("2020-03-01")
    report = opened.step_type.actions()["report"].parameters(period="2020-03", unit="qlcn")

    assert opened.step_type.performers(opened.view, "report", report) == ("qlcn",)
    assert opened.step_type.performers(opened.view, "report", None) == ("khtc", "qlcn")
    assert opened.step_type.performers(opened.view, "end", None) == ()


def test_the_event_of_a_tick_holds_only_the_new_periods(run):
    """What is known already is not recorded again."""
    opened = series(run)
    opened.tick("2020-03-01")

    act = opened.tick("2020-04-01")

    assert [period["key"] for period in act.data["periods"]] == ["2020-04"]
    assert opened.tick("2020-04-01") is None


TET = [f"2020-01-{day}" for day in range(20, 32)]


@pytest.mark.parametrize(
    ("policy", "due"),
    [
        ("keep", "2020-01-24"),
        ("working-day-before", "2020-01-17"),
        ("working-day-after", "2020-02-03"),
    ],
)
def test_a_period_without_a_working_day_has_a_stated_policy(run, policy, due):
    """In the week of Tết the options say which day counts."""
    opened = series(run, {**WEEKLY, "weekday": 4, "no_working_day": policy}, on="2020-01-13", days_off=TET)
    opened.tick("2020-01-20")

    assert dues(opened)["2020-W04"] == due


def test_a_period_without_a_working_day_can_be_skipped(run):
    """Then nothing is owed for it, and the period stays on record."""
    opened = series(run, {**WEEKLY, "weekday": 4, "no_working_day": "skip"}, on="2020-01-13", days_off=TET)
    opened.tick("2020-01-20")

    assert opened.owed() == ["2020-W03/khtc", "2020-W03/qlcn"]
    assert opened.state.period("2020-W04").skipped
    assert opened.tick("2020-01-21") is None


def test_what_began_after_the_end_was_never_owed(run):
    """A series that ended in April, told in June, owes nothing for May."""
    opened = series(run)
    opened.tick("2020-06-01")
    opened.act("end", "2020-04-20", event="Quyết định phê duyệt quy hoạch tỉnh")

    assert list(dues(opened)) == ["2020-03", "2020-04"]


def test_a_consolidating_report_names_the_units_that_are_missing(run):
    """It is taken all the same, with whose reports it lacks in event, warning and title."""
    units = series(run)
    units.tick("2020-03-01")
    units.act("report", "2020-03-11", period="2020-03", unit="khtc")
    options = {"every": "month", "day_before": 20, "units": ["khtc"], "to": "so-khdt", "consolidates": "monthly"}
    opened = series(run, options)
    opened.tick("2020-03-01")
    act = opened.act("report", "2020-03-16", period="2020-03", unit="khtc", context={"steps": {"monthly": units.view}})

    assert act.data["missing"] == ["qlcn"]
    assert [warning.who for warning in act.warnings] == [("qlcn",)]
    assert "thiếu: {qlcn}" in opened.work()["2020-03/khtc"].title.vi


def test_a_rhythm_without_an_end_says_so():
    """`check` asks for an end; a rule with COUNT or UNTIL has its own."""
    endless = PeriodicReportStep().endless
    options = PeriodicReportStep.Options

    assert endless(options.model_validate(MONTHLY))
    assert endless(options.model_validate({"rule": "FREQ=MONTHLY;BYMONTHDAY=5", **UNITS}))
    assert not endless(options.model_validate({"rule": "FREQ=MONTHLY;BYMONTHDAY=5;COUNT=4", **UNITS}))
    assert not endless(options.model_validate({"rule": "FREQ=WEEKLY;UNTIL=20201231", **UNITS}))


DAYS = st.dates(date(2020, 2, 1), date(2021, 6, 30))


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rhythm=st.sampled_from(
        [
            {"every": "month", "day_before": 13},
            {"every": "month"},
            {"every": "week"},
            {"every": "week", "weekday": 2},
            {"rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"},
        ]
    ),
    opened_on=DAYS,
    ticks=st.lists(DAYS, max_size=12),
)
def test_each_period_appears_exactly_once_whatever_the_days_of_the_ticks(run, rhythm, opened_on, ticks):
    """However often and in whatever order somebody looks, the periods are those of looking every day."""
    last = max([opened_on, *ticks])

    def opened():
        return run(PeriodicReportStep(), {**rhythm, **UNITS}, on=opened_on.isoformat())

    daily, seldom = opened(), opened()
    for offset in range((last - opened_on).days + 1):
        daily.tick((opened_on + timedelta(days=offset)).isoformat())
    for day in ticks:
        seldom.tick(day.isoformat())

    assert dues(seldom) == dues(daily)
    keys = [period.key for period in seldom.state.periods]
    assert len(keys) == len(set(keys))
    assert all(period.due >= opened_on.isoformat() for period in seldom.state.periods)


@pytest.mark.parametrize(
    ("written", "read"),
    [("11/2026", "2026-11"), ("tháng 3/2020", "2020-03"), ("Tuần 9/2020", "2020-W09"), ("2020-03", "2020-03")],
)
def test_a_period_is_read_as_offices_write_it(written, read):
    """A month or week of a year means the period with that key."""
    taken = PeriodicReportStep.actions()["report"].parameters.model_validate({"period": written, "unit": "a"})

    assert taken.period == read
