"""Several processes tick at once, and one is killed: everything is recorded once, by whichever was first."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from engine.kit import registry, stages_of, to
from engine_kit import service_with
from store.processes import child

from workflow import audit
from workflow.clock import SimulatedClock
from workflow.messages import ESCALATED, REMINDED, REMINDER_SKIPPED
from workflow.service.service import Service
from workflow.store.sql import SqlStore
from workflow.views.plans import Write

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 30)
PLANS = [f"p{number}" for number in range(6)]
PROCESSES = 4

TICKING = """
import sys
from engine.test_timers_together import LAST, opened, ticked
service = opened(sys.argv[1], LAST)
print("ready", flush=True)
sys.stdin.readline()
print("done", ticked(service), flush=True)
"""


def opened(database: str, day: date) -> Service:
    """A service on the database, on a day."""
    weekly = {"every": "week", "weekday": 4, "units": ["dept-a", "dept-b"], "to": "office"}
    definition = stages_of(
        {
            "a": {
                "steps": {"work": {"uses": "task", "lead": "dept-a", "due": "2026-03-27"}},
                "transitions": {"go": to("b")},
            },
            "b": {},
        },
        alongside={"weekly": {"uses": "periodic-report", "with": weekly, "until": {"date": "2026-06-30"}}},
        remind=["10d", "3wd"],
        escalate=[{"after": "1wd", "to": "director"}],
    )
    # On PostgreSQL the register is there by the time the others come.
    service = service_with(definition, store=SqlStore(database), registry=registry())
    service.clock = SimulatedClock(datetime(day.year, day.month, day.day, 2, tzinfo=UTC))
    return service


def ticked(service: Service) -> int:
    """Tick every plan; how many there was something to do on."""
    return sum(1 for ticked in service.tick_plans(Write(actor=None)) if ticked.error is None)


def ticked_by_another(database: str) -> int:
    """Tick with a service of its own, on the last day."""
    service = opened(database, LAST)
    try:
        return ticked(service)
    finally:
        service.store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of ours, of each kind."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_database"))
    return f"sqlite:///{tmp_path / 'workflow.db'}"


@pytest.fixture
def begun(database: str) -> Iterator[tuple[str, Service]]:
    """Six plans begun on the first Monday of March."""
    service = opened(database, FIRST)
    for plan in PLANS:
        service.create("d", plan, Write(actor="officer"))
    yield database, service
    service.store.close()


def happened(service: Service, plan: str) -> list[tuple[str, str]]:
    """What was recorded by itself on a plan: what, and which."""
    found = []
    for row in service.store.events(plan):
        event = audit.event_of(row.body)
        if event.type in (REMINDED, REMINDER_SKIPPED, ESCALATED):
            found.append((event.type, f"{event.data['key']} {event.data['rung']}"))
        elif event.data.get("action") == "tick":
            found += [("began", period["key"]) for period in event.data["data"]["periods"]]
    return found


def test_however_many_tick_at_once_everything_happens_once(begun):
    """Four processes, told to begin together, on six plans: the same on every plan, and nothing twice."""
    database, service = begun
    running = [child(TICKING, database) for _ in range(PROCESSES)]
    for process in running:
        assert "ready\n" == process.stdout.readline()
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in running:
        out, err = process.communicate(timeout=120)
        assert 0 == process.returncode and out.startswith("done"), err

    for plan in PLANS:
        found = happened(service, plan)
        assert {1} == set(Counter(found).values())
        assert happened(service, PLANS[0]) == found
    assert {"began", REMINDER_SKIPPED, ESCALATED} == {what for what, _ in happened(service, PLANS[0])}
    assert () == service.record.verify().findings
    assert 0 == ticked_by_another(database)


def test_what_a_killed_one_left_the_next_one_does(begun):
    """Killed in the middle, once after each moment: each plan is as if nobody had been killed."""
    database, service = begun
    for moment in (0.0, 0.02, 0.05):
        process = child(TICKING, database)
        assert "ready\n" == process.stdout.readline()
        process.stdin.write("go\n")
        process.stdin.flush()
        time.sleep(moment)
        process.kill()
        process.communicate(timeout=60)
    ticked_by_another(database)

    for plan in PLANS:
        found = happened(service, plan)
        assert {1} == set(Counter(found).values())
        assert happened(service, PLANS[0]) == found
    assert () == service.record.verify().findings
