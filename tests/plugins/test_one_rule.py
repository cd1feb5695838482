"""One rule for every fixed day: "before", a day off, a suspension, for steps, rows, periods and urgent requests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from engine.kit import DAY, events, registry, stages_of, state, to
from engine_kit import OFFICER_AT, service_with

from workflow.clock import SimulatedClock
from workflow.errors import Refused
from workflow.service.service import Service
from workflow.views.plans import Write

UNITS = {"units": ["dept-a"], "to": "office"}
MONTHLY = {"every": "month", "day_before": 13, **UNITS}
STRICT = "calendar: 1\n"
INCLUSIVE = "calendar: 1\npolicies: {before: inclusive}\n"
KEEP = "calendar: 1\npolicies: {fixed_day_off: keep}\n"


def day(text: str, **more: Any) -> Write:
    return OFFICER_AT(date.fromisoformat(text), **more)


def load(service: Service, text: str, *, dry_run: bool = False) -> dict[str, tuple[str | None, str | None]]:
    """Load a calendar file; what moves, each from a day to another."""
    told = service.load_calendar(text.encode(), "c.yaml", Write("officer", dry_run=dry_run))
    return {move.where: (move.from_, move.to) for plan in told.plans for move in plan.moves}


def due(service: Service) -> dict[str, str | None]:
    return {item.key: item.due_on for item in service.due()}


def planned(stages: dict[str, Any], **more: Any) -> Service:
    """A plan `p` that is created on Monday 2 March 2026, which is today."""
    service = service_with(stages_of({**stages, "z": {}}, **more), registry=registry())
    service.clock = SimulatedClock(datetime(2026, 3, 2, 2, tzinfo=UTC))
    service.create("d", "p", OFFICER_AT(DAY))
    return service


def series(options: dict[str, Any] = MONTHLY) -> Service:
    return planned(
        {"a": {"transitions": {"go": to("z")}}},
        alongside={"monthly": {"uses": "periodic-report", "with": options, "until": {"stage": "z"}}},
    )


def until(service: Service, text: str) -> None:
    service.clock.move_to(date.fromisoformat(text))
    service.tick("p", day(text))


def test_open_periods_move_when_before_is_read_otherwise():
    """March and April 2026 are owed by the 12th and Friday the 10th; inclusive by the 13th; and back again."""
    service = series()
    until(service, "2026-04-02")
    assert {"2026-03/dept-a": "2026-03-12", "2026-04/dept-a": "2026-04-10"} == due(service)

    moves = load(service, INCLUSIVE, dry_run=True)
    assert {"monthly@1#2026-03/dept-a": ("2026-03-12", "2026-03-13")}.items() <= moves.items()
    load(service, INCLUSIVE)
    assert {"2026-03/dept-a": "2026-03-13", "2026-04/dept-a": "2026-04-13"} == due(service)

    load(service, STRICT)
    assert {"2026-03/dept-a": "2026-03-12", "2026-04/dept-a": "2026-04-10"} == due(service)
    assert () == service.record.verify().findings


def test_a_day_given_off_after_a_policy_went_back_still_moves_the_period():
    """Inclusive, strict again, then the 12th of May is given off: May is owed on the 11th."""
    service = series()
    until(service, "2026-05-04")
    load(service, INCLUSIVE)
    load(service, STRICT)
    given_off = "calendar: 1\ndays:\n- {off: 2026-05-12, source: CV 1}\n"

    assert ("2026-05-12", "2026-05-11") == load(service, given_off)["monthly@1#2026-05/dept-a"]
    assert "2026-05-11" == due(service)["2026-05/dept-a"]


def everything() -> Service:
    """A plan of Monday 2 March 2026 on which a step, a row, an inherited row, a period and a request fall on Sunday."""
    rows = [
        {"key": "1", "lead": "dept-a", "title": "x", "due": "2026-03-15"},
        {"key": "2", "lead": "dept-b", "title": "y", "inherit": True},
        {"key": "3", "lead": "dept-b", "title": "z", "before": "2026-03-16"},
    ]
    steps = {
        "table": {"uses": "assignment", "with": {"rows": rows}},
        "step": {"uses": "task", "due": "2026-03-15"},
        "urgent": {"uses": "urgent-report", "with": {"to": "office"}},
    }
    report = {"uses": "periodic-report", "with": {**UNITS, "rule": "FREQ=MONTHLY;BYMONTHDAY=15"}}
    service = planned(
        {"a": {"steps": steps, "transitions": {"go": to("z", allow_open_steps=True)}}},
        alongside={"report": {**report, "until": {"stage": "z"}}},
    )
    service.clock.move_to(date(2026, 3, 4))
    asked = {"subject": "x", "due": "2026-03-15", "due_at": "11:00", "units": ["dept-a"]}
    service.act("p", "urgent", "request", asked, day("2026-03-03"))
    service.act(
        "p",
        "table",
        "hand-out",
        {"row": "4", "lead": "dept-a", "content": "w", "inherits": "1"},
        day("2026-03-03"),
    )
    return service


SUNDAY = {"1", "2", "3", "4", "task", "1/dept-a", "2026-03-15/dept-a"}


def test_a_fixed_day_off_is_read_in_one_way_everywhere():
    """Sunday the 15th: the Friday for step, rows, period and request; all of them stay under `keep`, and come back."""
    service = everything()
    keys = SUNDAY if "task" in due(service) else SUNDAY - {"task"} | {"work"}
    assert {key: "2026-03-13" for key in keys} == {key: due(service)[key] for key in keys}

    moves = load(service, KEEP)
    assert {key: "2026-03-15" for key in keys} == {key: due(service)[key] for key in keys}
    assert len(keys) <= len(moves)
    load(service, STRICT)
    assert {key: "2026-03-13" for key in keys} == {key: due(service)[key] for key in keys}
    assert () == service.record.verify().findings


def test_a_day_that_somebody_decided_is_not_read_again():
    """A row corrected to a Sunday stays there, and so do those that inherit it, whatever the policy."""
    service = everything()
    service.act("p", "table", "correct-date", {"row": "1", "due": "2026-03-22", "reason": "r"}, day("2026-03-04"))
    load(service, KEEP)
    load(service, STRICT)

    assert {"2026-03-22"} == {due(service)[key] for key in ("1", "2", "4")}


def test_an_urgent_request_of_the_weekend_keeps_its_own_day():
    """Asked on Saturday for Sunday: the Friday before has passed, so it is Sunday."""
    service = everything()
    service.clock.move_to(date(2026, 3, 7))
    asked = {"subject": "x", "due": "2026-03-08", "units": ["dept-b"]}
    service.act("p", "urgent", "request", asked, day("2026-03-07"))

    assert "2026-03-08" == due(service)["2/dept-b"]


def suspended(options: dict[str, Any]) -> Service:
    """A weekly or monthly series of 2 March 2026, its plan suspended from 3 March to 20 April."""
    service = series(options)
    service.clock.move_to(date(2026, 3, 3))
    service.suspend("p", day("2026-03-03"), reason="chờ kinh phí")
    service.clock.move_to(date(2026, 4, 20))
    service.resume("p", day("2026-04-20"), reason="tiếp tục")
    return service


def test_what_fell_due_while_the_plan_was_suspended_is_not_owed():
    """Of weeks 10 to 17 only the 17th is owed; those between are on record as skipped, with the suspension."""
    service = suspended({"every": "week", "weekday": 3, **UNITS})

    assert {"2026-W17/dept-a": "2026-04-23"} == due(service)
    periods = state(service).steps["monthly"].current.state["periods"]
    skipped = {period["key"]: tuple(period["suspended"]) for period in periods if period["skipped"]}
    assert {f"2026-W{week}": ("2026-03-03", "2026-04-20") for week in range(10, 17)} == skipped
    spared = [event.data["data"]["spared"] for event in events(service) if "spared" in event.data.get("data", {})]
    assert [[("2026-W10", ["dept-a"])]] == [[(each["key"], each["units"]) for each in one] for one in spared]
    assert () == service.record.verify().findings


def test_a_report_for_a_skipped_period_is_refused_with_the_suspension():
    """Who wants to report for March learns why nothing is owed."""
    service = suspended(MONTHLY)
    with pytest.raises(Refused) as refused:
        service.act("p", "monthly", "report", {"period": "2026-03", "unit": "dept-a"}, day("2026-04-20"))

    (reason,) = refused.value.reasons
    assert "period-suspended" == reason.code and "2026-03-03" in str(reason)


def test_a_series_may_owe_what_fell_due_in_a_suspension():
    """With `suspended: owe` each period keeps its own day."""
    service = suspended({**MONTHLY, "suspended": "owe"})

    assert {"2026-03/dept-a": "2026-03-12", "2026-04/dept-a": "2026-04-10"} == due(service)


def test_what_was_missed_before_a_suspension_stays_missed():
    """The March report was late when the plan was suspended in April: it is owed afterwards."""
    service = series()
    until(service, "2026-04-01")
    service.suspend("p", day("2026-04-01"), reason="x")
    service.clock.move_to(date(2026, 5, 4))
    service.resume("p", day("2026-05-04"), reason="y")

    assert {"2026-03/dept-a": "2026-03-12", "2026-05/dept-a": "2026-05-12"} == due(service)


def test_a_request_is_late_from_its_hour_on():
    """Due at 11:00, asked at 10:00 and 15:00 of the day itself; looked at from later, the day counts."""
    service = planned(
        {
            "a": {
                "steps": {"urgent": {"uses": "urgent-report", "with": {"to": "office"}}},
                "transitions": {"go": to("z")},
            }
        }
    )
    asked = {"subject": "x", "due": "2026-03-03", "due_at": "11:00", "units": ["dept-a"]}
    service.act("p", "urgent", "request", asked, day("2026-03-02"))

    def late(hour_utc: int, on: int = 3) -> list[tuple[int, int]]:
        service.clock = SimulatedClock(datetime(2026, 3, on, hour_utc, tzinfo=UTC))
        return [(item.days_late, item.minutes_late) for item in service.due(late=True)]

    assert [] == late(3)
    assert [(0, 240)] == late(8)
    assert [(2, 0)] == late(3, on=5)
    assert ["11:00"] == [item.due_at for item in service.due(unit="dept-a")]
