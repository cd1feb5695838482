"""The step type: a period appears on its first day and then stays, reported or missed, until the series ends.

Its due day is worked out when it appears and recorded; "before" and a day off are read as the office reads
them. However long nobody looked, each period appears once, with the units that were there on its first day.
What was due while the plan was suspended is not owed, unless the options say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from trinh_plugins.periodic_report import refusals
from trinh_plugins.periodic_report.options import SeriesOptions
from trinh_plugins.periodic_report.rhythm import Span, due_day, rhythm_in_words, spans, written_day
from trinh_plugins.periodic_report.state import Period, SeriesState, evolved, period_key
from workflow import (
    Act,
    Context,
    Help,
    Origin,
    Parameters,
    Phrase,
    Prose,
    Reason,
    StepType,
    StepView,
    Text,
    UnitRef,
    WorkItem,
    action,
    prose,
)


class UnitReport(Parameters):
    """Which unit reported for which period."""

    period: Annotated[str, BeforeValidator(period_key, json_schema_input_type=str)] = Field(
        description=Help("Period, such as 2020-03 or 2020-W10", vi="Kỳ báo cáo, ví dụ 2020-03 hoặc 2020-W10")
    )
    unit: UnitRef = Field(description=Help("Unit that reports", vi="Đơn vị báo cáo"))


class End(Parameters):
    """With what the series ends."""

    event: Prose | None = Field(
        default=None,
        description=Help("What ended it, such as a decision", vi="Sự kiện kết thúc, ví dụ quyết định phê duyệt"),
    )


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
        return Act({"periods": _begun(view, context)})

    def tick(self, view: StepView, context: Context) -> Act | None:
        """Add the periods that have begun since, each once, however long nobody looked."""
        if view.phase != "open":
            return None
        periods, spared = _begun(view, context), _spared(view, context)
        data = {"periods": periods, **({"spared": spared} if spared else {})}
        return Act(data) if periods or spared else None

    def wakes(self, view: StepView) -> date | None:
        """The first day of the next period."""
        if view.phase != "open":
            return None
        known, opened = {period.key for period in view.state.periods}, date.fromisoformat(view.opened_on)
        following = (span.begins for span in spans(view.options, opened) if span.key not in known)
        return next(following, None)

    def endless(self, options: Any) -> bool:
        """A rhythm without an end of its own."""
        return options.endless

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
        period = view.state.period(parameters.period)
        if period is None:
            raise refusals.refusal(refusals.unknown_period(view.state, parameters.period))
        unit = _reporting(view, period, parameters.unit)
        if unit in period.reports:
            raise refusals.refusal(refusals.already_reported(period, unit))
        if period.suspended is not None:
            raise refusals.refusal(refusals.was_suspended(period))
        if unit not in period.owed:
            raise refusals.refusal(refusals.not_expected(period, unit))
        if context.on.isoformat() < period.begins:
            raise refusals.refusal(refusals.not_begun(period))
        days_late = max(0, (context.on - date.fromisoformat(period.due)).days)
        data: dict[str, Any] = {"period": period.key, "unit": unit, "late": days_late > 0, "days_late": days_late}
        if view.options.consolidates is None:
            return Act(data, on_behalf=unit)
        missing = _missing(view, period, context)
        warnings = (refusals.reports_missing(period.key, missing),) if missing else ()
        return Act({**data, "missing": list(missing)}, on_behalf=unit, warnings=warnings)

    @action(
        "end",
        title={"vi": "Kết thúc chế độ báo cáo", "en": "End the series"},
        source="open",
        to="ended",
        parameters=End,
    )
    def end(self, view: StepView, parameters: End, context: Context) -> Act:
        """End the series with its event; what was missed stays missed."""
        return Act({"event": prose(parameters.event)} if parameters.event else {})

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> SeriesState:
        """Return the state after an act."""
        return evolved(state, action, data)

    def told(self, action: str, data: Mapping[str, Any]) -> tuple[Phrase, ...]:
        """Whether a report came in time."""
        if action != "report" or "days_late" not in data:
            return ()
        params = {"unit": data["unit"], "period": data["period"], "days": data["days_late"]}
        if data["days_late"]:
            vi = "{unit}, kỳ {period}: trễ {days} ngày"
            return (Phrase("{unit} for {period}: {days} {days|day|days} late", params, vi=vi),)
        return (Phrase("{unit} for {period}: in time", params, vi="{unit}, kỳ {period}: đúng hạn"),)

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Say that the series goes on, where it stands inside a stage."""
        # A step beside the stages has no stage in its address, and holds nothing up.
        if view.phase == "ended" or "/" not in view.address:
            return ()
        return (refusals.not_ended((view.lead,) if view.lead else ()),)

    def running(self, view: StepView) -> tuple[tuple[str | int, ...], ...]:
        """The due days of periods for which somebody still owes a report."""
        return tuple(("periods", place, "due") for place, period in enumerate(view.state.periods) if period.owed)

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """One item for each period and unit."""
        return tuple(
            WorkItem(
                f"{period.key}/{unit}",
                _title(view.title, period),
                unit,
                period.due,
                done_on=period.reports.get(unit),
                open=view.phase == "open" and unit in period.owed,
                since=max(period.begins, view.opened_on),
                origin=Origin(
                    rule=rhythm_in_words(view.options),
                    written=period.written,
                    before=period.before,
                    at=("periods", place, "due"),
                ),
            )
            for place, period in enumerate(view.state.periods)
            for unit in sorted((*period.owed, *period.reports))
        )

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """A unit reports for itself."""
        if action != "report":
            return ()
        if parameters is not None:
            return (parameters.unit,)
        return tuple(dict.fromkeys(unit for period in view.state.periods for unit in period.owed))


def _begun(view: StepView, context: Context) -> list[dict[str, Any]]:
    """Return the periods that have begun by the day and are not known yet."""
    known = {period.key for period in view.state.periods} if view.state else set()
    new = []
    opened = date.fromisoformat(view.opened_on)
    for span in spans(view.options, opened):
        if span.begins > context.on:
            break
        if span.key not in known:
            new.append(_period(view, span, opened, context))
    return new


def _period(view: StepView, span: Span, opened: date, context: Context) -> dict[str, Any]:
    due = due_day(span, view.options, opened, context)
    written, before = written_day(span, view.options)
    period: dict[str, Any] = {"key": span.key, "begins": span.begins.isoformat(), "due": (due or span.due).isoformat()}
    period |= {"written": written.isoformat(), **({"before": True} if before else {})}
    if due is None:
        return {**period, "skipped": True, "units": []}
    if (stop := _suspension(view, due, context)) is not None:
        return {**period, "skipped": True, "suspended": stop, "units": []}
    return {**period, "units": list(_owing(view.options.units, max(span.begins, opened), context))}


def _spared(view: StepView, context: Context) -> list[dict[str, Any]]:
    """Return the known periods for which somebody still owes a report that fell due in a suspension."""
    found = []
    for period in view.state.periods:
        stop = _suspension(view, date.fromisoformat(period.due), context) if period.owed else None
        if stop is not None:
            found.append({"key": period.key, "units": list(period.owed), "suspended": stop})
    return found


def _suspension(view: StepView, due: date, context: Context) -> list[str] | None:
    """Return the suspension in which a due day fell, unless the options say that the report is owed all the same."""
    if view.options.suspended == "owe":
        return None
    return next(([str(first), str(again)] for first, again in context.stops if first <= due < again), None)


def _owing(references: tuple[str, ...], day: date, context: Context) -> tuple[str, ...]:
    """The units that owe a report that begins on *day*; for a unit that ended by then its successor."""
    named = (reference if reference.startswith("@") else context.successor(reference, day) for reference in references)
    return context.units(tuple(name for name in named if name), day)


def _reporting(view: StepView, period: Period, unit: str) -> str:
    """The unit whose report it is: a unit that succeeded another may report for it under its own name."""
    if unit in period.owed or unit in period.reports:
        return unit
    taken_over = [owed for owed in period.owed if view.plan.now(owed) == unit]
    return taken_over[0] if len(taken_over) == 1 else unit


def _missing(view: StepView, period: Period, context: Context) -> tuple[str, ...]:
    """Units whose report for the same period has not come."""
    series = context.step(view.options.consolidates)
    theirs = series.state.period(period.key) if series is not None and isinstance(series.state, SeriesState) else None
    if theirs is None:
        return ()
    on = context.on.isoformat()
    late = [unit for unit, day in theirs.reports.items() if day > on]
    return tuple(str(view.plan.now(unit)) for unit in (*theirs.owed, *late))


def _title(title: Text, period: Period) -> Text:
    vi, en = _words(title, period.key)
    if period.missing:
        units = ", ".join(f"{{{unit}}}" for unit in period.missing)
        vi, en = f"{vi} (thiếu: {units})", f"{en} (without: {units})"
    return Text(vi=vi, en=en)


def _words(title: Text, key: str) -> tuple[str, str]:
    en = f"{title.in_language('en')}, {key}"
    parts = key.split("-")
    if len(parts) == 3:
        year, month, day = parts
        return f"{title.vi}, ngày {day}/{month}/{year}", en
    year, part = parts
    word = f"tuần {int(part[1:])}" if part.startswith("W") else f"tháng {int(part)}"
    return f"{title.vi}, {word}/{year}", en
