"""`forecast` without a delay on plans of random dates, orders, extensions and suspensions: what is on time stays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from engine.kit import registry, stages_of, to
from engine.test_dates import OTHER
from engine_kit import OFFICER_AT, service_with
from hypothesis import given, note, settings
from hypothesis import strategies as st

from workflow.clock import SimulatedClock
from workflow.errors import InvalidInput, Refused
from workflow.service.service import Service
from workflow.views.plans import Write

BEGIN = date(2026, 3, 2)
ONE = timedelta(days=1)
NAMES = ["a", "b", "c", "d", "e"]
PLUGINS = registry()


def dates(number: int, kind: str, first: int, length: int) -> dict[str, Any]:
    """A stage's date of one of the kinds there are, from so many days behind the plan's beginning."""
    start = BEGIN + first * ONE
    if kind == "window":
        return {"window": f"{start}/{start + length * ONE}"}
    if kind == "buffer" and number:
        return {"window": f"{start}/{start + length * ONE}", "buffer": True}
    if kind == "month":
        return {"month": f"{start:%Y-%m}"}
    if kind == "due":
        return {"due": str(start)}
    counted = {"working_days": length + 1} if kind == "working" else {"days": length + 1}
    # From the stage before, or beside it from the plan's beginning.
    return {"after": counted if kind == "beside" or not number else {"stage": NAMES[number - 1], **counted}}


kinds = st.sampled_from(["window", "buffer", "month", "due", "working", "days", "beside"])
plans = st.lists(st.tuples(kinds, st.integers(0, 90), st.integers(0, 40)), min_size=2, max_size=5)
orders = st.tuples(
    st.sampled_from(["order", "fixed", "both", "extension", "suspension", "step", "go"]),
    st.integers(0, 4),
    st.integers(0, 12),
    st.integers(0, 120),
)


def started(plan: Any) -> Service:
    """A service with the plan `p`, whose stages have a task each and are left with it open."""
    stages = {
        name: {
            **dates(number, *drawn),
            "steps": {f"work-{name}": {"uses": "task"}},
            "transitions": {"go": to(NAMES[number + 1] if number + 1 < len(plan) else "z", allow_open_steps=True)},
        }
        for number, (name, drawn) in enumerate(zip(NAMES, plan, strict=False))
    }
    service = service_with(stages_of({**stages, "z": {}}), registry=PLUGINS)
    service.clock = SimulatedClock(datetime.combine(BEGIN, datetime.min.time(), UTC) + timedelta(hours=2))
    service.create("d", "p", OFFICER_AT(BEGIN))
    return service


def change(service: Service, plan: Any, kind: str, stage: int, wait: int, offset: int, today: date) -> date:
    """Do one thing to the plan, and return the day on which that was done; what is refused changes nothing."""
    where, write = NAMES[stage % len(plan)], OFFICER_AT(today)
    day, order = BEGIN + offset * ONE, {"reason": "x", "document": "01/QĐ"}
    if kind == "suspension":
        service.suspend("p", write, reason="x")
        today += wait * ONE
        service.clock.move_to(today)
        service.resume("p", OFFICER_AT(today), reason="x")
    elif kind == "extension":
        service.reschedule("p", where, write, due=day, reason="x", manner="ask")
        service.reschedule("p", where, Write(OTHER, on=today), reason="x", manner="grant")
    elif kind == "both":
        service.reschedule("p", where, write, start=day - wait * ONE, due=day, **order)
    elif kind == "go":
        service.advance("p", "go", write)
    else:
        place = f"{where}/work-{where}" if kind == "step" else where
        service.reschedule("p", place, write, due=day, fixed=kind == "fixed", **order)
    return today


def on_time(service: Service, today: date) -> bool:
    """Nothing that is open now lies behind its day: neither the stage nor any work."""
    detail = service.plan("p")
    stage = service.state_of(service.require_plan("p")).schedule[detail.summary.stage].get("due")
    days = [stage, *(item.due_on for item in service.due())]
    return all(day is None or day >= str(today) for day in days)


@settings(deadline=None, max_examples=150)
@given(plans, st.lists(orders, max_size=6))
def test_without_a_delay_nothing_moves_on_a_plan_that_is_on_time(plan, made):
    """However its dates came about, and however they overlap: every stage ends on its day, and the last one holds."""
    service, today = started(plan), BEGIN
    for kind, stage, wait, offset in made:
        today += wait * ONE
        service.clock.move_to(today)
        try:
            today = change(service, plan, kind, stage, wait, offset, today)
        except (InvalidInput, Refused) as refusal:
            note(f"{kind}: {refusal}")
    if service.plan("p").summary.stage == "z" or not on_time(service, today):
        return
    found = service.forecast("p", {}, on=today)

    assert [] == [(each.id, each.due, each.expected) for each in found.stages if each.due != each.expected or each.late]
    assert () == found.steps
    # A plan that came to stand in a buffer uses it, on time or not; nothing beside that does.
    stood = [visit.stage for visit in service.state_of(service.require_plan("p")).visits]
    assert [] == [buffer for buffer in found.buffers if buffer.used > (buffer.used_now if buffer.id in stood else 0)]
    assert found.holds
