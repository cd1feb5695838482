"""Many processes on PostgreSQL: writers and workers, killed every few seconds, and the server restarted once.

The everyday form has 40 plans; `MANY_PLANS=1000` in the environment runs the one of a province.
"""

from __future__ import annotations

import itertools
import math
import os
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from engine import many_writers
from engine.many_writers import CREATED, MOVED, SHARED, commands, lines
from postgres_kit import Server, started
from store.processes import TESTS
from worker.conftest import Office, kill, until

from workflow import audit
from workflow.messages import WORKSPACE_CHAIN, Event
from workflow.views.plans import Write

WRITERS, WORKERS = 4, 2
PLANS = int(os.environ.get("MANY_PLANS", "40"))
LAPS = 8 if PLANS <= 100 else 2
BETWEEN_KILLS = 2.0 if PLANS <= 100 else 4.0
LONGEST = 240 + 2 * PLANS
_STARTING = 20.0
"""Seconds that a worker may take until it has opened the database, on a machine that is busy."""
CARRIER = '''
"""An effect for each new plan, and for each that comes round to `a`; the handler writes down its key."""

from workflow import Effect, EffectHandler, Text, hookimpl


@hookimpl
def events_recorded(plan, events):
    return [Effect("append", {"plan": plan.id})] if events[0].type == "plan_created" else ()


@hookimpl
def after_transition(plan, events):
    return [Effect("append", {"plan": plan.id})] if plan.stage == "a" else ()


def append(call):
    with open(call.settings["file"], "a", encoding="utf-8") as file:
        file.write(call.key + "\\n")


@hookimpl
def effect_handlers():
    return [EffectHandler("append", Text(vi="Ghi thêm"), append)]
'''


class Province(Office):
    """A workspace on a server of its own, with writers and workers that are begun anew whenever they are killed."""

    def __init__(self, root: Path, server: Server) -> None:
        self.server = server
        super().__init__(root, server.new_database())
        (root / "plugins" / "carrier.py").write_text(CARRIER, encoding="utf-8")
        (root / "definitions" / "ring.yaml").write_text(many_writers.RING, encoding="utf-8")
        with self.opened() as workspace:
            for plan in SHARED:
                workspace.service.create("ring", plan, Write(actor="van-thu"))
        self.running: dict[str, subprocess.Popen[str]] = {}
        self.killed: Counter[str] = Counter()
        self._written: dict[str, int] = {}
        self._begun: dict[str, float] = {}
        self.lost_at = math.inf

    def begin(self, name: str) -> None:
        """Start a writer (`writer-0`) or a worker (`worker-0`)."""
        kind, _, number = name.partition("-")
        self._written[name], self._begun[name] = self._size(name), time.monotonic()
        if kind == "worker":
            self.running[name] = self.start()
            return
        program = [sys.executable, "-m", "engine.many_writers", self.root, self.database, number, WRITERS, PLANS, LAPS]
        # Not measured: who is killed could not write what it measured.
        known = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        env = {**known, "PYTHONPATH": os.pathsep.join((str(TESTS), str(TESTS.parent)))}
        self.running[name] = subprocess.Popen(
            list(map(str, program)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
        )
        self._started.append(self.running[name])

    def kill(self, name: str) -> None:
        """End one of them as a power cut would, and begin it anew."""
        kill(self.running[name])
        self.killed[name.partition("-")[0]] += 1
        self.begin(name)

    def restart(self) -> None:
        """Take the server away from everybody in the middle of whatever they do, and give it back."""
        self.lost_at = time.monotonic()
        self.server.kill()
        time.sleep(1)
        self.server.start()

    def at_it(self, kind: str) -> list[str]:
        """The processes of a kind that run; of writers only those that have written since they began."""
        running = [name for name, process in self.running.items() if name.startswith(kind) and process.poll() is None]
        return [name for name in running if kind == "worker" or self._size(name) > self._written[name]]

    def _size(self, name: str) -> int:
        log = self.root / f"{name}.log"
        return log.stat().st_size if log.exists() else 0

    def still_writing(self) -> list[str]:
        """The writers that have not ended; every process that ended by itself must have ended well."""
        for name, process in list(self.running.items()):
            if process.poll() is not None and name.startswith("worker"):
                # One that finds no server when it starts leaves, and is begun anew by who keeps services.
                assert self._begun[name] > self.lost_at - _STARTING, f"{name} left: {process.communicate()}"
                process.communicate()
                self.begin(name)
            elif process.poll() is not None:
                assert 0 == process.returncode, f"{name}: {process.communicate()}"
        return [name for name, process in self.running.items() if name[:6] == "writer" and process.poll() is None]

    def at_work(self) -> set[int]:
        """The process ids of the workers that gave a sign of life."""
        with self.opened() as workspace:
            return {row.pid for row in workspace.store.workers() if row.ended_at is None}

    def written(self) -> int:
        """How many commands were acknowledged so far."""
        return sum(1 for line in self.log() if line["word"] == "done")

    def log(self) -> Iterator[dict]:
        """What all writers know."""
        for writer in range(WRITERS):
            yield from lines(self.root / f"writer-{writer}.log")


ALL = [command for writer in range(WRITERS) for command in commands(writer, WRITERS, PLANS, LAPS)]


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """The province after all: everything written, everything delivered, whoever was killed meanwhile."""
    server = started()
    try:
        made = Province(tmp_path_factory.mktemp("province") / "office", server)
        try:
            _live(made)
            yield made
        finally:
            made.end()
    finally:
        server.remove()


def _live(province: Province) -> None:
    """Let all writers come to their end; kill one process every few seconds, and the server at half-time."""
    chance, began = random.Random(20190424), time.monotonic()
    for number in range(WRITERS):
        province.begin(f"writer-{number}")
    for number in range(WORKERS):
        province.begin(f"worker-{number}")
    restarted, next_kill, whose = False, began + BETWEEN_KILLS, itertools.cycle(("writer", "writer", "worker"))
    kind = next(whose)
    while writing := province.still_writing():
        assert time.monotonic() < began + LONGEST, f"{writing} do not come to an end"
        if not restarted and province.written() > len(ALL) / 2:
            province.restart()
            restarted = True
        victims = province.at_it(kind) if time.monotonic() > next_kill else []
        if victims:
            province.kill(chance.choice(victims))
            next_kill, kind = time.monotonic() + BETWEEN_KILLS, next(whose)
        time.sleep(0.02)
    assert restarted
    written = time.monotonic() - began
    _deliver(province, began)
    # Shown by `pytest -rP`.
    took, killed = time.monotonic() - began, dict(province.killed)
    print(f"{PLANS} plans, {len(ALL)} commands in {written:.0f} s, all delivered after {took:.0f} s; killed: {killed}")


def _deliver(province: Province, began: float) -> None:
    """Let the workers end in order, and one more deliver what is left."""
    workers = [process for name, process in province.running.items() if name.startswith("worker")]
    until(lambda: {process.pid for process in workers} <= province.at_work())
    for process in workers:
        process.terminate()
    for process in workers:
        _, talk = process.communicate(timeout=60)
        assert 0 == process.returncode, talk
    while set(province.states().values()) != {"done"}:
        assert time.monotonic() < began + LONGEST, Counter(province.states().values())
        province.once()


@pytest.fixture(scope="module")
def chains(province: Province) -> dict[str, list[Event]]:
    """Every plan's events."""
    with province.opened() as workspace:
        plans = list(workspace.service.record.plan_ids())
        return {plan: [audit.event_of(row.body) for row in workspace.store.events(plan)] for plan in plans}


@pytest.mark.slow
def test_they_were_really_killed(province):
    """Writers and workers were killed, and the server's loss was noticed by those who wrote."""
    assert 3 <= sum(province.killed.values())
    assert province.killed["writer"] and province.killed["worker"]
    assert any(line["word"] == "lost" for line in province.log())


@pytest.mark.slow
def test_nothing_is_lost(province, chains):
    """Every command was acknowledged in the end, and the events of its acknowledgement are in the plan's chain."""
    done = {line["request"]: line for line in province.log() if line["word"] == "done"}

    assert {command.request for command in ALL} == set(done)
    for request, line in done.items():
        there = [event.seq for event in chains[line["plan"]] if event.request_id == request]
        assert line["seqs"] == there, request


@pytest.mark.slow
def test_nothing_is_doubled(province, chains):
    """Each request's events stand once, in one piece, in one plan; and there are none but those asked for."""
    found: dict[str, list[Event]] = defaultdict(list)
    for plan, events in chains.items():
        for event in events:
            if event.request_id is not None:
                found[event.request_id].append(event)
        moved = sum(1 for command in ALL if (command.kind, command.plan) == (MOVED, plan))
        assert moved == [event.type for event in events].count("transition_fired"), plan

    assert {command.request for command in ALL} == set(found)
    for command in ALL:
        events = found[command.request]
        assert {command.plan} == {event.plan for event in events}
        assert all(later.seq == earlier.seq + 1 for earlier, later in pairwise(events))


@pytest.mark.slow
def test_a_command_is_whole_or_not_at_all(province, chains):
    """What stands under a request id is all that such a command writes, whenever its writer was killed."""
    shapes: dict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
    for events in chains.values():
        stage, by_request = "", defaultdict(list)
        for event in events:
            by_request[event.request_id].append(event)
        for made in by_request.values():
            shapes[made[0].type, stage].add(tuple(event.type for event in made))
            stage = next((event.data["to"] for event in made if event.type == "transition_fired"), "a")

    assert {"plan_created", "transition_fired"} == {kind for kind, _ in shapes}
    assert 4 == len(shapes)
    assert all(1 == len(known) for known in shapes.values()), shapes


@pytest.mark.slow
def test_the_same_request_tells_what_became_of_it(province):
    """Who was killed and asks again is told that it was done exactly if it was, and which events it made."""
    found = {line["request"]: line["seqs"] for line in province.log() if line["word"] == "found"}
    done = {line["request"]: line for line in province.log() if line["word"] == "done"}
    assert found
    for request, seqs in found.items():
        assert bool(seqs) == done[request]["repeated"]
        assert not seqs or seqs == done[request]["seqs"]
    lost = {line["request"] for line in province.log() if line["word"] == "lost"}
    assert all(not line["repeated"] or request in lost | set(found) for request, line in done.items())


@pytest.mark.slow
def test_each_effect_is_handled_under_one_key(province, chains):
    """As many effects as commands cause, each carried out at least once, under one key, and told of once."""
    causes = [f"{plan}:{events[0].seq}:1" for plan, events in chains.items()]
    for plan, events in chains.items():
        made: dict[str | None, list[Event]] = defaultdict(list)
        for event in events:
            made[event.request_id].append(event)
        for own in made.values():
            if own[0].type == "transition_fired" and own[0].data["to"] == "a":
                causes.append(f"{plan}:{own[0].seq}:1")
    keys: dict[str, set[str]] = defaultdict(set)
    for key in province.keys:
        keys[key.partition(":")[2]].add(key)

    assert {id_: "done" for id_ in causes} == province.states()
    assert set(causes) == set(keys)
    assert all(1 == len(one) for one in keys.values())
    assert {("effect_done", id_): 1 for id_ in causes} == Counter(province.fates())


@pytest.mark.slow
def test_every_chain_verifies(province, chains):
    """`audit verify` finds nothing on any plan or on the workspace's own chain."""
    assert PLANS + len(SHARED) == len(chains)
    assert () == province.findings()
    with province.opened() as workspace:
        told = [row.seq for row in workspace.store.events(WORKSPACE_CHAIN)]
    assert list(range(1, len(told) + 1)) == told
    assert sum(1 for command in ALL if command.kind == CREATED) == PLANS
