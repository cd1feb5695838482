"""`uses: periodic-report`: a report that every unit owes for each week, month or other period.

A period appears on its first day and then stays, reported or missed, until the series ends. Its due
day is worked out when it appears and recorded; a day off moves it to the working day before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from dateutil.rrule import rrule, rrulestr
from pydantic import Field, model_validator

from workflow import (
    Act,
    Context,
    Help,
    Options,
    Parameters,
    Phrase,
    Reason,
    Refused,
    State,
    StepType,
    StepView,
    Text,
    UnitRef,
    WorkItem,
    action,
    hookimpl,
)

DAY = timedelta(days=1)
_RULE = re.compile(r"FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;[A-Z]+=[A-Z0-9,+-]+)*")
# Times of day say nothing here. Days counted off and filtered as well may never meet, and an interval
# of nought or less names the same days for ever: dateutil would search without end.
_NOT_IN_RULE = re.compile(
    r"BYHOUR|BYMINUTE|BYSECOND|INTERVAL=(?!0*[1-9][0-9]{0,2}(?:;|$))|DAILY(?=.*INTERVAL)(?=.*BY[A-Z]+=)"
)


class SeriesOptions(Options):
    """How often, who owes it, and to whom."""

    rule: str | None = Field(
        default=None,
        max_length=200,
        description=Help(
            "RFC 5545 rule of the due days, such as FREQ=MONTHLY;BYMONTHDAY=5",
            vi="Quy tắc RFC 5545 của ngày đến hạn, ví dụ FREQ=MONTHLY;BYMONTHDAY=5",
        ),
    )
    every: Literal["week", "month"] | None = Field(
        default=None, description=Help("Every ISO week or every month", vi="Hằng tuần (tuần ISO) hoặc hằng tháng")
    )
    day_before: int | None = Field(
        default=None,
        ge=2,
        le=31,
        description=Help(
            "With `every: month`: owed before this day of the month",
            vi="Với `every: month`: phải nộp trước ngày này của tháng",
        ),
    )
    weekday: int | None = Field(
        default=None,
        ge=0,
        le=6,
        description=Help(
            "With `every: week`: last good day, Monday 0 to Sunday 6",
            vi="Với `every: week`: ngày cuối còn đúng hạn, thứ Hai là 0 đến Chủ nhật là 6",
        ),
    )
    units: tuple[UnitRef, ...] = Field(
        min_length=1, description=Help("Units that each owe the report", vi="Các đơn vị phải báo cáo")
    )
    to: UnitRef = Field(description=Help("Unit that the report goes to", vi="Đơn vị nhận báo cáo"))

    @model_validator(mode="after")
    def _one_rhythm(self) -> SeriesOptions:
        if (self.rule is None) == (self.every is None):
            raise ValueError(Phrase("give either `rule` or `every`", vi="chỉ nêu một trong hai: `rule` hoặc `every`"))
        if self.day_before is not None and self.every != "month":
            raise ValueError(Phrase("`day_before` goes with `every: month`", vi="`day_before` đi cùng `every: month`"))
        if self.weekday is not None and self.every != "week":
            raise ValueError(Phrase("`weekday` goes with `every: week`", vi="`weekday` đi cùng `every: week`"))
        if self.rule is not None:
            _check_rule(self.rule)
        return self


class Period(State):
    """A period that has begun.

    Attributes:
        key: `2020-W10`, `2020-03`, or for a rule the due day before a day off moved it.
        owed: Units that have not reported.
        reports: Unit to the day on which it reported.
    """

    key: str
    begins: str
    due: str
    owed: tuple[str, ...]
    reports: Mapping[str, str] = Field(default_factory=dict)


class SeriesState(State):
    """The periods so far, oldest first."""

    periods: tuple[Period, ...] = ()
    ended_on: str | None = None


class UnitReport(Parameters):
    """Which unit reported for which period."""

    period: str = Field(
        description=Help("Period, such as 2020-03 or 2020-W10", vi="Kỳ báo cáo, ví dụ 2020-03 hoặc 2020-W10")
    )
    unit: UnitRef = Field(description=Help("Unit that reports", vi="Đơn vị báo cáo"))


class PeriodicReportStep(StepType):
    """A series of reports."""

    name = "periodic-report"
    title = {"vi": "Báo cáo định kỳ", "en": "Periodic report"}
    states = {
        "open": {"vi": "Đang thực hiện", "en": "Running"},
        "ended": {"vi": "Đã kết thúc", "en": "Ended"},
    }
    complete_states = ("ended",)
    lasting = True
    Options = SeriesOptions
    State = SeriesState

    def open(self, view: StepView, context: Context) -> Act:
        """Begin the series with the period that the opening day lies in."""
        return Act(_begun(view, context))

    def tick(self, view: StepView, context: Context) -> Act | None:
        """Add the periods that have begun since, each once, however long nobody looked."""
        if view.phase != "open":
            return None
        data = _begun(view, context)
        return Act(data) if data["periods"] else None

    @action(
        "report",
        title={"vi": "Gửi báo cáo", "en": "Report"},
        source="open",
        parameters=UnitReport,
        late=True,
        own=True,
    )
    def report(self, view: StepView, parameters: UnitReport, context: Context) -> Act:
        """Record a unit's report for one period; after the due day it is marked as late."""
        period = next((each for each in view.state.periods if each.key == parameters.period), None)
        if period is None:
            raise _refusal(_unknown_period(view.state, parameters.period))
        if parameters.unit in period.reports:
            raise _refusal(_already_reported(period, parameters.unit))
        if parameters.unit not in period.owed:
            raise _refusal(_not_expected(period, parameters.unit))
        if context.on.isoformat() < period.begins:
            raise _refusal(_not_begun(period))
        data = {"period": period.key, "unit": parameters.unit, "late": context.on.isoformat() > period.due}
        return Act(data, on_behalf=parameters.unit)

    @action("end", title={"vi": "Kết thúc chế độ báo cáo", "en": "End the series"}, source="open", to="ended")
    def end(self, view: StepView, parameters: Parameters, context: Context) -> Act:
        """End the series; what was missed stays missed."""
        return Act()

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> SeriesState:
        """Return the state after an act."""
        state = state or SeriesState()
        if action in ("open", "tick"):
            begun = tuple(Period(**period, owed=tuple(data["units"])) for period in data["periods"])
            return state.model_copy(update={"periods": (*state.periods, *begun)})
        if action == "report":
            periods = (_reported(each, data) if each.key == data["period"] else each for each in state.periods)
            return state.model_copy(update={"periods": tuple(periods)})
        if action == "end":
            return state.model_copy(update={"ended_on": data["on"]})
        return state

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Say that the series goes on, where it stands inside a stage."""
        # A step beside the stages has no stage in its address, and holds nothing up.
        if view.phase == "ended" or "/" not in view.address:
            return ()
        phrase = Phrase("The series of reports has not been ended", vi="Chế độ báo cáo chưa kết thúc")
        return (Reason("series-not-ended", phrase, who=(view.lead,) if view.lead else ()),)

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """One item for each period and unit."""
        return tuple(
            WorkItem(
                f"{period.key}/{unit}",
                _title(view.title, period.key),
                unit,
                period.due,
                done_on=period.reports.get(unit),
                open=view.phase == "open" and unit in period.owed,
            )
            for period in view.state.periods
            for unit in sorted((*period.owed, *period.reports))
        )

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """A unit reports for itself."""
        if action != "report":
            return ()
        unit = getattr(parameters, "unit", None)
        owing = (unit for period in view.state.periods for unit in period.owed)
        return (unit,) if unit else tuple(dict.fromkeys(owing))


@dataclass(frozen=True)
class Span:
    """A period before it is known to anybody: its days, both ends included, and its nominal due day."""

    key: str
    begins: date
    due: date


def spans(options: SeriesOptions, opened: date) -> Iterator[Span]:
    """Yield the periods of a series opened on *opened*, from the first whose due day is not yet past.

    Endless unless the rule has an end.
    """
    if options.rule is not None:
        yield from _by_rule(options.rule, opened)
        return
    following = _months(options.day_before, opened) if options.every == "month" else _weeks(options.weekday, opened)
    yield from (span for span in following if span.due >= opened)


def _weeks(weekday: int | None, opened: date) -> Iterator[Span]:
    begins = opened - opened.weekday() * DAY
    while True:
        year, week, _ = begins.isocalendar()
        yield Span(f"{year}-W{week:02}", begins, begins + (6 if weekday is None else weekday) * DAY)
        begins += 7 * DAY


def _months(day_before: int | None, opened: date) -> Iterator[Span]:
    begins = opened.replace(day=1)
    while True:
        following = (begins + 31 * DAY).replace(day=1)
        last = following - DAY
        # "Trước ngày 13" is read strictly: the 12th is the last good day.
        due = last if day_before is None else min(begins + (day_before - 2) * DAY, last)
        yield Span(f"{begins:%Y-%m}", begins, due)
        begins = following


def _by_rule(rule: str, opened: date) -> Iterator[Span]:
    begins = opened
    for moment in rrulestr(rule, dtstart=datetime(opened.year, opened.month, opened.day)):
        due = moment.date()
        yield Span(due.isoformat(), begins, due)
        begins = due + DAY


def _begun(view: StepView, context: Context) -> dict[str, Any]:
    """Return what `evolve` needs of the periods that have begun by the day and are not known yet."""
    known = {period.key for period in view.state.periods} if view.state else set()
    new = []
    opened = date.fromisoformat(view.opened_on)
    for span in spans(view.options, opened):
        if span.begins > context.on:
            break
        if span.key not in known:
            due = _kept_inside(span, opened, context.working_day_before(span.due))
            new.append({"key": span.key, "begins": span.begins.isoformat(), "due": due.isoformat()})
    return {"periods": new, "units": list(context.units(view.options.units)) if new else []}


def _kept_inside(span: Span, opened: date, moved: date) -> date:
    # In a week wholly off (Tết) the working day before lies in the week before, when the report was
    # not owed yet: such a period keeps its own day. So does one that the series opened too late for.
    return moved if moved >= max(span.begins, opened) else span.due


def _check_rule(rule: str) -> None:
    if not _RULE.fullmatch(rule) or _NOT_IN_RULE.search(rule):
        raise ValueError(
            Phrase(
                "`rule` is one RFC 5545 rule by days, such as FREQ=MONTHLY;BYMONTHDAY=5",
                vi="`rule` là một quy tắc RFC 5545 theo ngày, ví dụ FREQ=MONTHLY;BYMONTHDAY=5",
            )
        )
    try:
        parsed = rrulestr(rule, dtstart=datetime(2000, 1, 1))
        # Thirty years at the end of dateutil's calendar hold every combination of day and weekday;
        # a rule that is never met there would be searched for through eight thousand years.
        late: rrule = parsed.replace(dtstart=datetime(9970, 1, 1), until=None)
        met = next(iter(late), None)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise ValueError(
            Phrase(
                "`rule` is no RFC 5545 rule: {error}",
                {"error": error},
                vi="`rule` không phải là quy tắc RFC 5545: {error}",
            )
        ) from error
    if met is None:
        raise ValueError(Phrase("`rule` names no day that ever comes", vi="`rule` không ứng với ngày nào"))


def _reported(period: Period, data: Mapping[str, Any]) -> Period:
    owed = tuple(unit for unit in period.owed if unit != data["unit"])
    return period.model_copy(update={"owed": owed, "reports": {**period.reports, data["unit"]: data["on"]}})


def _title(title: Text, key: str) -> Text:
    parts = key.split("-")
    if len(parts) == 3:
        year, month, day = parts
        return Text(vi=f"{title.vi}, ngày {day}/{month}/{year}", en=f"{title.in_language('en')}, {key}")
    year, part = parts
    word = f"tuần {int(part[1:])}" if part.startswith("W") else f"tháng {int(part)}"
    return Text(vi=f"{title.vi}, {word}/{year}", en=f"{title.in_language('en')}, {key}")


def _refusal(reason: Reason) -> Refused:
    return Refused("The report cannot be recorded", vi="Chưa ghi được báo cáo", reasons=(reason,))


def _unknown_period(state: SeriesState, key: str) -> Reason:
    known = ", ".join(period.key for period in state.periods if period.owed) or "-"
    phrase = Phrase(
        "No report is owed for {period}; it is for {known}",
        {"period": key, "known": known},
        vi="Không có kỳ báo cáo {period}; đang chờ báo cáo kỳ {known}",
    )
    return Reason("unknown-period", phrase)


def _already_reported(period: Period, unit: str) -> Reason:
    phrase = Phrase(
        "{unit} reported for {period} on {day}",
        {"unit": unit, "period": period.key, "day": period.reports[unit]},
        vi="{unit} đã báo cáo kỳ {period} ngày {day}",
    )
    return Reason("already-reported", phrase)


def _not_expected(period: Period, unit: str) -> Reason:
    phrase = Phrase(
        "{unit} owes no report for {period}",
        {"unit": unit, "period": period.key},
        vi="{unit} không phải báo cáo kỳ {period}",
    )
    return Reason("unit-not-expected", phrase, who=period.owed)


def _not_begun(period: Period) -> Reason:
    phrase = Phrase(
        "Period {period} begins only on {day}",
        {"period": period.key, "day": period.begins},
        vi="Kỳ {period} đến ngày {day} mới bắt đầu",
    )
    return Reason("period-not-begun", phrase, since=date.fromisoformat(period.begins))


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `periodic-report`."""
    return (PeriodicReportStep(),)
