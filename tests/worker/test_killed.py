"""Workers as real processes: killed at any moment, several at once, after weeks; nothing lost, one key each."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from worker.conftest import Standing, kill, until

pytestmark = pytest.mark.slow

COUNT = 30

DIES_BEFORE_TELLING = """
import os, signal, sys
from pathlib import Path
from workflow.bootstrap import open_workspace
from workflow.worker.worker import Worker

if __name__ == "__main__":
    workspace = open_workspace(Path(sys.argv[1]))
    workspace.service.end_effect = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    Worker(workspace).run(once=True)
"""


def all_done_once(office, ids: list[str], keys: list[str]) -> None:
    """Assert that each effect was carried out at least once, under one key, and told once."""
    assert {id_: "done" for id_ in ids} == office.states()
    assert sorted(ids) == sorted({key.partition(":")[2] for key in keys})
    assert len(ids) == len(set(keys))
    assert {("effect_done", id_): 1 for id_ in ids} == Counter(office.fates())
    assert () == office.findings()


def test_a_worker_that_is_killed_again_and_again_loses_nothing(office):
    """Killed with -9 in the middle, three times; the next one ends what was begun, under the same keys."""
    office.configure(settings={"pause": 0.1})
    ids = office.put("append", COUNT)
    for times in range(1, 4):
        worker = office.start()
        until(lambda times=times: len(office.keys) >= times * 6)
        kill(worker)
    assert "waiting" in office.states().values()
    office.configure(settings={"pause": 0})
    office.once()

    all_done_once(office, ids, office.keys)


def test_two_workers_share_the_work_and_one_is_killed(any_office, receiver):
    """Both carry effects out, the server gets each under one key; the living one takes the dead one's over."""
    any_office.configure(settings={"url": receiver.url, "pause": 0.05})
    ids = any_office.put("post", COUNT)
    workers = [any_office.start("--concurrency", "2") for _ in range(2)]
    until(lambda: len(receiver.keys) >= 12)
    kill(workers[0])
    until(lambda: set(any_office.states().values()) == {"done"}, 120)
    workers[1].terminate()
    said, _ = workers[1].communicate(timeout=60)

    assert 0 == workers[1].returncode and "done: " in said
    all_done_once(any_office, ids, receiver.keys)


def test_several_at_once_leave_each_effect_to_one(any_office):
    """Three that only do what is due: together everything once, none waits for ever."""
    ids = any_office.put("append", COUNT)
    workers = [any_office.start("--once") for _ in range(3)]
    for worker in workers:
        _, talk = worker.communicate(timeout=120)
        assert 0 == worker.returncode, talk

    assert COUNT == len(any_office.keys)
    all_done_once(any_office, ids, any_office.keys)


def test_what_was_carried_out_and_not_told_is_not_carried_out_again(office):
    """A worker killed between the two: its durable queue still knows how the try ended."""
    (id_,) = office.put("append", 1)
    script = office.root / "dies.py"
    script.write_text(DIES_BEFORE_TELLING, encoding="utf-8")
    died = subprocess.run([sys.executable, str(script), str(office.root)], capture_output=True, text=True, timeout=120)
    assert died.returncode < 0, died.stderr
    assert {id_: "waiting"} == office.states()
    office.once()

    assert 1 == len(office.keys)
    all_done_once(office, [id_], office.keys)


def test_after_weeks_everything_is_there(office):
    """What was put there weeks ago, and what a worker had in hand when the machine was switched off."""
    weeks_ago = Standing(timedelta(weeks=-5))
    ids = office.put("append", 3, clock=weeks_ago)
    with office.opened(weeks_ago) as workspace:
        (row,) = workspace.service.take_effects("switched-off", 1)
        assert workspace.service.begin_effect(row.id, row.tries, "switched-off") is not None
    office.once()

    all_done_once(office, ids, office.keys)


def test_the_queue_may_be_lost(office):
    """Without worker.db the outbox alone says what is to be done."""
    first = office.put("append", 3)
    office.once()
    for file in office.root.glob("worker.db*"):
        file.unlink()
    second = office.put("append", 3, "b")
    office.once()

    all_done_once(office, [*first, *second], office.keys)


def test_a_worker_that_is_told_to_stop_ends_what_it_began(office):
    """SIGTERM: exit code 0, what it had not begun is free at once for the next."""
    office.configure(settings={"pause": 0.3})
    ids = office.put("append", 12)
    worker = office.start()
    until(lambda: len(office.keys) >= 2)
    worker.terminate()
    worker.communicate(timeout=60)
    with office.opened() as workspace:
        held = [row.id for row in workspace.store.effects() if row.worker is not None]

    assert 0 == worker.returncode and [] == held
    assert Counter(office.states().values())["done"] == len(office.keys)
    office.once()
    all_done_once(office, ids, office.keys)


def test_handlers_end_with_their_worker(office):
    """A worker that is killed leaves no process behind that goes on by itself."""
    office.configure(settings={"pause": 2})
    office.put("append", 1)
    worker = office.start()
    until(lambda: any(office.states()[row] == "waiting" and held for row, held in _held(office)))
    kill(worker)
    office.configure(settings={"pause": 0})
    office.once()

    assert 1 == len(office.keys)


def _held(office) -> list[tuple[str, bool]]:
    with office.opened() as workspace:
        return [(row.id, row.worker is not None and row.tries > 0) for row in workspace.store.effects()]
