"""Several processes on one database, and processes that are killed: nothing lost, nothing doubled, nothing half."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest
from engine.kit import DAY, events, stages_of, state, to
from engine_kit import OFFICER_AT, service_with
from store.processes import child

from workflow.service.service import Service
from workflow.store.sql import SqlStore

PLANS = ("p", "q", "r")
TURNS = 200
KILLS = 15

LOOP = {
    "a": {"steps": {"work": {"uses": "task", "required": False}}, "transitions": {"go": to("b")}},
    "b": {"transitions": {"back": to("a")}},
    "c": {},
}

TURNING = """
import sys
from pathlib import Path
from engine.kit import DAY
from engine.test_processes import PLANS, TURNS, opened
from engine_kit import OFFICER_AT
from workflow.errors import Conflict

service = opened(Path(sys.argv[1]))
conflicts = 0
print("ready", flush=True)
sys.stdin.readline()
for turn in range(TURNS):
    while True:
        try:
            done = service.advance(PLANS[turn % len(PLANS)], None, OFFICER_AT(DAY, actor=sys.argv[2]))
        except Conflict:
            conflicts += 1
        else:
            break
    print(done.plan.id, done.events[0].seq)
print("conflicts", conflicts)
"""

UNTIL_KILLED = """
import sys
from pathlib import Path
from engine.kit import DAY
from engine.test_processes import opened
from engine_kit import OFFICER_AT

service = opened(Path(sys.argv[1]))
print("ready", flush=True)
done = service.create("d", sys.argv[2], OFFICER_AT(DAY))
while True:
    print(done.plan.revision, flush=True)
    done = service.advance(sys.argv[2], None, OFFICER_AT(DAY, note="đi tiếp"))
"""


def opened(path: Path) -> Service:
    """Return a service on the database at *path*, made where there is none."""
    return service_with(stages_of(LOOP), store=SqlStore(path))


@pytest.mark.slow
def test_two_processes_turning_the_same_plans_lose_and_double_nothing(tmp_path: Path):
    """Each of 2 x 200 advances is in the trail exactly once, by who made it, and the record verifies."""
    path = tmp_path / "workflow.db"
    service = opened(path)
    for plan in PLANS:
        service.create("d", plan, OFFICER_AT(DAY))
    running = {actor: child(TURNING, path, actor) for actor in ("officer", "other")}
    for process in running.values():
        assert "ready\n" == process.stdout.readline()
    for process in running.values():
        process.stdin.write("go\n")
        process.stdin.flush()
    told = {actor: process.communicate(timeout=120) for actor, process in running.items()}
    assert {"officer": "", "other": ""} == {actor: err for actor, (_, err) in told.items()}

    claimed = [
        (plan, int(seq), actor)
        for actor, (out, _) in told.items()
        for plan, seq in (line.split() for line in out.splitlines() if not line.startswith("conflicts"))
    ]
    fired = [
        (event.plan, event.seq, event.actor)
        for plan in PLANS
        for event in events(service, plan)
        if event.type == "transition_fired"
    ]
    assert 2 * TURNS == len(fired)
    assert sorted(fired) == sorted(claimed)
    assert Counter(officer=TURNS, other=TURNS) == Counter(actor for _, _, actor in fired)
    assert () == service.record.verify().findings
    service.store.close()


@pytest.mark.slow
def test_a_killed_process_leaves_the_whole_change_or_none(tmp_path: Path):
    """Killed at any moment of a creation or an advance, the record verifies and has each command whole."""
    path = tmp_path / "workflow.db"
    opened(path).store.close()
    moments = random.Random(20260302)

    for number in range(KILLS):
        process = child(UNTIL_KILLED, path, f"p{number}")
        assert "ready\n" == process.stdout.readline()
        time.sleep(moments.uniform(0, 0.06))
        process.kill()
        out, _ = process.communicate()
        assert_whole(path, f"p{number}", [int(line) for line in out.split() if line.isdigit()])


def assert_whole(path: Path, plan: str, acknowledged: list[int]) -> None:
    """Assert that what was acknowledged is there, at most one command more, and no half of one."""
    service = opened(path)
    assert () == service.record.verify().findings
    row = service.store.plan(plan)
    if row is None:
        assert [] == acknowledged
    else:
        # The acknowledgement of the last command may itself have been cut off.
        commands = Counter(event.recorded_at for event in events(service, plan))
        assert len(acknowledged) <= len(commands) <= len(acknowledged) + 1
        assert not acknowledged or row.revision >= acknowledged[-1]
        last = events(service, plan)[-1]
        assert last.type == "step_opened" or last.data.get("to") == "b"
        assert row.revision == last.seq == state(service, plan).seq
    service.store.close()
