"""`uses: urgent-report`: reports on request (báo cáo đột xuất), each due on a day, or at an hour of it.

Each request is given to units and closed by their reports, one by one. The hour is local time. Where one is
named, whoever reports says at what hour that was: lateness is told in minutes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from workflow import (
    Act,
    Context,
    Help,
    Options,
    Origin,
    Parameters,
    Phrase,
    Prose,
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
    prose,
)

HOUR = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_WRITTEN_HOUR = re.compile(r"([0-9]{1,2})\s*(?:(?:h|g|giờ)\s*([0-5][0-9])?|:([0-5][0-9]))")


class UrgentOptions(Options):
    """Who is asked where a request names nobody, and to whom the reports go."""

    units: tuple[UnitRef, ...] = Field(
        default=(),
        description=Help(
            "Units that report where a request names none", vi="Các đơn vị phải báo cáo nếu yêu cầu không nêu đơn vị"
        ),
    )
    to: UnitRef = Field(description=Help("Body that asks and gets the reports", vi="Cơ quan yêu cầu và nhận báo cáo"))


class Request(State):
    """One request.

    Attributes:
        due: Last good day, as the office reads the day that was asked for.
        written: The day that was asked for.
        due_at: Hour of that day, `16:00`; None for its end.
        owed: Units that have not reported.
        reports: Unit to `2020-04-01` or `2020-04-01T16:30`.
        late_minutes: Unit to the minutes by which it was late; only where both hours are known.
    """

    number: int
    asked_on: str
    due: str
    written: str | None = None
    due_at: str | None = None
    owed: tuple[str, ...]
    reports: Mapping[str, str] = Field(default_factory=dict)
    late_minutes: Mapping[str, int] = Field(default_factory=dict)
    withdrawn_on: str | None = None


class UrgentState(State):
    """The requests so far."""

    requests: tuple[Request, ...] = ()


def _hour(value: Any) -> Any:
    """Read an hour as offices write it (`16h00`, `16h`, `8 giờ 30`) as `16:00`; leave the rest as it is."""
    found = _WRITTEN_HOUR.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    return f"{int(found[1]):02d}:{found[2] or found[3] or '00'}" if found else value


class AskedFor(Parameters):
    """What is asked for, of whom, until when."""

    subject: Prose = Field(min_length=1, description=Help("What the report is about", vi="Nội dung yêu cầu báo cáo"))
    due: date = Field(description=Help("Last good day", vi="Ngày cuối cùng còn đúng hạn"))
    due_at: Annotated[str, BeforeValidator(_hour, json_schema_input_type=str), Field(pattern=HOUR)] | None = Field(
        default=None,
        description=Help("Hour of that day, local time, such as 16:00", vi="Giờ của ngày đó, ví dụ 16:00"),
    )
    units: tuple[UnitRef, ...] = Field(
        default=(), description=Help("Units that report; the step's where none is named", vi="Các đơn vị phải báo cáo")
    )


class UrgentAnswer(Parameters):
    """Which unit reported on which request, and when."""

    request: int = Field(ge=1, description=Help("Number of the request", vi="Số thứ tự của yêu cầu"))
    unit: UnitRef = Field(description=Help("Unit that reports", vi="Đơn vị báo cáo"))
    at: Annotated[str, BeforeValidator(_hour, json_schema_input_type=str), Field(pattern=HOUR)] | None = Field(
        default=None,
        description=Help(
            "Hour at which it reported, local time; needed on the due day of a request with an hour",
            vi="Giờ báo cáo; bắt buộc vào ngày hạn của yêu cầu có nêu giờ",
        ),
    )


class Withdrawal(Parameters):
    """Which request no longer holds, and why."""

    request: int = Field(ge=1, description=Help("Number of the request", vi="Số thứ tự của yêu cầu"))
    reason: Prose = Field(min_length=1, description=Help("Why it no longer holds", vi="Lý do không còn yêu cầu"))


class UrgentReportStep(StepType):
    """Reports on request."""

    name = "urgent-report"
    title = {"vi": "Báo cáo đột xuất", "en": "Urgent reports"}
    states = {
        "open": {"vi": "Đang thực hiện", "en": "Running"},
        "ended": {"vi": "Đã kết thúc", "en": "Ended"},
    }
    complete_states = ("ended",)
    lasting = True
    hours = True
    Options = UrgentOptions
    State = UrgentState

    @action("request", title={"vi": "Ghi yêu cầu báo cáo", "en": "Request"}, source="open", parameters=AskedFor)
    def request(self, view: StepView, parameters: AskedFor, context: Context) -> Act:
        """Record a request; each unit owes its report."""
        units = context.units(parameters.units or view.options.units)
        reasons = [_nobody_asked()] if not units else []
        if parameters.due < context.on:
            reasons.append(_past(parameters.due, context.on))
        if reasons:
            raise _refusal(*reasons)
        due = context.fixed_day(parameters.due, not_before=context.on).isoformat()
        data: dict[str, Any] = {"number": len(view.state.requests) + 1, "due": due}
        data["written"] = parameters.due.isoformat()
        data |= {"units": list(units), "subject": prose(parameters.subject)}
        return Act({**data, "due_at": parameters.due_at} if parameters.due_at else data)

    @action(
        "report",
        title={"vi": "Gửi báo cáo", "en": "Report"},
        source="open",
        parameters=UrgentAnswer,
        late=True,
        own=True,
    )
    def report(self, view: StepView, parameters: UrgentAnswer, context: Context) -> Act:
        """Record a unit's report; lateness counts to the minute where the request names an hour."""
        asked, unit = _request(view, parameters.request), parameters.unit
        if unit not in asked.owed:
            held = [owed for owed in asked.owed if view.plan.now(owed) == unit]
            unit = held[0] if len(held) == 1 else unit
        reasons = _not_reportable(asked, unit, context.on, parameters.at)
        if reasons:
            raise _refusal(*reasons)
        day = context.on.isoformat()
        data: dict[str, Any] = {"request": asked.number, "unit": unit, "late": day > asked.due}
        if parameters.at is not None:
            data["at"] = parameters.at
        if parameters.at is not None and asked.due_at is not None:
            minutes = _minutes(f"{asked.due}T{asked.due_at}", f"{day}T{parameters.at}")
            data |= {"late": minutes > 0, "late_minutes": minutes}
        elif data["late"]:
            data["days_late"] = (context.on - date.fromisoformat(asked.due)).days
        return Act(data, on_behalf=unit)

    def told(self, action: str, data: Mapping[str, Any]) -> tuple[Phrase, ...]:
        """Whether a report came in time, by minutes where the request named an hour."""
        if action != "report":
            return ()
        params = {"unit": data["unit"], "days": data.get("days_late", 0), "minutes": data.get("late_minutes", 0)}
        if data.get("late_minutes", 0) > 0:
            vi = "{unit}: trễ {minutes} phút"
            return (Phrase("{unit}: {minutes} {minutes|minute|minutes} late", params, vi=vi),)
        if data.get("days_late"):
            return (Phrase("{unit}: {days} {days|day|days} late", params, vi="{unit}: trễ {days} ngày"),)
        return () if data["late"] else (Phrase("{unit}: in time", params, vi="{unit}: đúng hạn"),)

    @action("withdraw", title={"vi": "Rút yêu cầu", "en": "Withdraw"}, source="open", parameters=Withdrawal)
    def withdraw(self, view: StepView, parameters: Withdrawal, context: Context) -> Act:
        """Record that a request no longer holds; what was reported stays."""
        asked = _request(view, parameters.request)
        if asked.withdrawn_on is not None:
            raise _refusal(_withdrawn(asked))
        return Act({"request": asked.number, "reason": prose(parameters.reason)})

    @action("end", title={"vi": "Kết thúc", "en": "End"}, source="open", to="ended")
    def end(self, view: StepView, parameters: Parameters, context: Context) -> Act:
        """No more requests are taken; what was missed stays missed."""
        return Act()

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> UrgentState:
        """Return the state after an act."""
        state = state or UrgentState()
        if action == "request":
            facts = {name: data[name] for name in ("number", "due", "written", "due_at") if name in data}
            asked = Request(asked_on=data["on"], owed=tuple(data["units"]), **facts)
            return UrgentState(requests=(*state.requests, asked))
        changed = (_changed(one, action, data) if one.number == data.get("request") else one for one in state.requests)
        return UrgentState(requests=tuple(changed))

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Say that requests are still taken, where it stands inside a stage."""
        if view.phase == "ended" or "/" not in view.address:
            return ()
        phrase = Phrase("Urgent reports have not been ended", vi="Chế độ báo cáo đột xuất chưa kết thúc")
        return (Reason("not-ended", phrase, who=(view.lead,) if view.lead else ()),)

    def running(self, view: StepView) -> tuple[tuple[str | int, ...], ...]:
        """The days of requests on which somebody still owes a report."""
        return tuple(
            ("requests", place, "due")
            for place, asked in enumerate(view.state.requests)
            if asked.owed and asked.withdrawn_on is None and asked.written is not None
        )

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """One item for each request and unit; its title has the hour, and by how much it was missed."""
        return tuple(
            WorkItem(
                f"{asked.number}/{unit}",
                _title(view.title, asked, unit),
                unit,
                asked.due,
                done_on=asked.reports[unit][:10] if unit in asked.reports else None,
                open=view.phase == "open" and unit in asked.owed and asked.withdrawn_on is None,
                since=asked.asked_on,
                due_at=asked.due_at,
                done_at=asked.reports.get(unit, "")[11:] or None,
                origin=Origin(written=asked.written, at=("requests", place, "due")),
            )
            for place, asked in enumerate(view.state.requests)
            for unit in sorted((*asked.owed, *asked.reports))
        )

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """A unit reports for itself."""
        if action != "report":
            return ()
        if parameters is not None:
            return (parameters.unit,)
        owing = (unit for asked in view.state.requests if asked.withdrawn_on is None for unit in asked.owed)
        return tuple(dict.fromkeys(owing))


def _changed(asked: Request, action: str, data: Mapping[str, Any]) -> Request:
    if action == "withdraw":
        return asked.model_copy(update={"withdrawn_on": data["on"]})
    unit = data["unit"]
    when = f"{data['on']}T{data['at']}" if "at" in data else data["on"]
    late = {unit: data["late_minutes"]} if data.get("late_minutes", 0) > 0 else {}
    return asked.model_copy(
        update={
            "owed": tuple(one for one in asked.owed if one != unit),
            "reports": {**asked.reports, unit: when},
            "late_minutes": {**asked.late_minutes, **late},
        }
    )


def _minutes(due: str, done: str) -> int:
    """Minutes from *due* to *done*, negative where it was before; Vietnam has no summer time."""
    return int((datetime.fromisoformat(done) - datetime.fromisoformat(due)).total_seconds() // 60)


def _title(title: Text, asked: Request, unit: str) -> Text:
    year, month, day = asked.due.split("-")
    hour = f"{asked.due_at} " if asked.due_at else ""
    vi = f"{title.vi} số {asked.number}, hạn {hour}ngày {day}/{month}/{year}"
    en = f"{title.in_language('en')} {asked.number}, due {asked.due} {hour}".rstrip()
    if minutes := asked.late_minutes.get(unit):
        vi, en = f"{vi} (muộn {minutes} phút)", f"{en} ({minutes} minutes late)"
    return Text(vi=vi, en=en)


def _request(view: StepView, number: int) -> Request:
    found = next((asked for asked in view.state.requests if asked.number == number), None)
    if found is None:
        known = ", ".join(str(asked.number) for asked in view.state.requests) or "-"
        phrase = Phrase(
            "There is no request {number}; there are {known}",
            {"number": number, "known": known},
            vi="Không có yêu cầu số {number}; chỉ có {known}",
        )
        raise _refusal(Reason("unknown-request", phrase))
    return found


def _refusal(*reasons: Reason) -> Refused:
    return Refused("This cannot be recorded", vi="Chưa ghi được", reasons=reasons)


def _not_reportable(asked: Request, unit: str, on: date, at: str | None) -> tuple[Reason, ...]:
    if asked.withdrawn_on is not None:
        return (_withdrawn(asked),)
    names = {"unit": unit, "number": asked.number}
    if unit in asked.reports:
        phrase = Phrase(
            "{unit} has reported on request {number}", names, vi="{unit} đã báo cáo theo yêu cầu số {number}"
        )
        return (Reason("already-reported", phrase),)
    if unit not in asked.owed:
        phrase = Phrase(
            "{unit} owes no report on request {number}", names, vi="{unit} không phải báo cáo theo yêu cầu số {number}"
        )
        return (Reason("unit-not-expected", phrase, who=asked.owed),)
    if on.isoformat() < asked.asked_on:
        phrase = Phrase(
            "Request {number} came only on {day}",
            {"number": asked.number, "day": asked.asked_on},
            vi="Yêu cầu số {number} đến ngày {day} mới có",
        )
        return (Reason("not-asked-yet", phrase, since=date.fromisoformat(asked.asked_on)),)
    if asked.due_at is not None and at is None and on.isoformat() == asked.due:
        phrase = Phrase(
            "Request {number} is due at {hour}: say at what hour it was reported (--at)",
            {"number": asked.number, "hour": asked.due_at},
            vi="Yêu cầu số {number} có hạn lúc {hour}: cần nêu giờ báo cáo (--at)",
        )
        return (Reason("hour-missing", phrase, who=(unit,)),)
    return ()


def _withdrawn(asked: Request) -> Reason:
    phrase = Phrase(
        "Request {number} was withdrawn on {day}",
        {"number": asked.number, "day": asked.withdrawn_on},
        vi="Yêu cầu số {number} đã rút ngày {day}",
    )
    return Reason("withdrawn", phrase)


def _nobody_asked() -> Reason:
    phrase = Phrase("The request names no unit that exists", vi="Yêu cầu không nêu đơn vị nào đang tồn tại")
    return Reason("nobody-asked", phrase)


def _past(due: date, on: date) -> Reason:
    params = {"due": due.isoformat(), "on": on.isoformat()}
    return Reason("date-in-the-past", Phrase("{due} lies before {on}", params, vi="Thời hạn {due} lại trước ngày {on}"))


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `urgent-report`."""
    return (UrgentReportStep(),)
