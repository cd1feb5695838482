"""The store on an SQLite file keeps the contract, and what only a file can do to it it survives."""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
import time
from contextlib import closing
from threading import Thread

import pytest
from store.contract import StoreContract
from store.processes import child
from store.rows import change, event, file, item
from store.sealed import FIRST, seal

from workflow.messages import WORKSPACE_CHAIN
from workflow.store.interface import RevisionLost
from workflow.store.sql import SqlStore


class TestSqlStore(StoreContract):
    """Every sentence of the contract, for a real file."""

    @pytest.fixture
    def open_store(self, path):
        """Open the store on one file of this test; all are closed at its end."""
        opened = []

        def open_():
            opened.append(SqlStore(path))
            return opened[-1]

        yield open_
        for store in opened:
            store.close()


# the trail is append-only, whoever asks


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'somebody'",
        "UPDATE OR REPLACE event SET seq = 2 WHERE seq = 1",
        "DELETE FROM event",
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 1",
        "INSERT INTO event SELECT * FROM event WHERE true ON CONFLICT (plan, seq) DO UPDATE SET actor = 'somebody'",
        "INSERT OR REPLACE INTO event (rowid, plan, seq, type, occurred_on, recorded_at, previous, hash, body) "
        "SELECT rowid, 'other', 1, type, occurred_on, recorded_at, previous, hash, body FROM event",
    ],
    ids=["update", "update or replace", "delete", "replace", "upsert", "replace by rowid"],
)
def test_events_are_append_only(store, raw, statement, recursive):
    """No statement changes, removes or replaces an event while the triggers stand."""
    made = change(count=2)
    store.write(made)
    raw.execute(f"PRAGMA recursive_triggers = {recursive}")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(statement)

    assert list(made.events) == list(store.events("p"))


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE seal SET note = x'00'",
        "UPDATE OR REPLACE leaf SET position = 1 WHERE position = 0",
        "DELETE FROM leaf",
        "DELETE FROM seal",
        "INSERT OR REPLACE INTO seal SELECT number, size, root, x'00', at FROM seal",
        "INSERT OR REPLACE INTO leaf SELECT position, plan, seq, x'00', seal FROM leaf",
        "INSERT OR REPLACE INTO leaf SELECT 9, plan, seq, hash, seal FROM leaf",
        "INSERT INTO leaf SELECT * FROM leaf WHERE true ON CONFLICT (position) DO UPDATE SET seq = 7",
    ],
)
def test_seals_are_append_only(store, raw, statement, recursive):
    """No statement changes, removes or replaces a seal or a leaf while the triggers stand."""
    store.append_seal(seal(1, 3), FIRST)
    raw.execute(f"PRAGMA recursive_triggers = {recursive}")
    raw.execute("PRAGMA foreign_keys = OFF")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(statement)

    assert ([seal(1, 3)], FIRST) == (list(store.seals()), list(store.leaves()))
    raw.execute("DROP TRIGGER leaf_not_updated")
    assert not store.append_only()


def test_an_event_put_in_past_the_store_makes_the_next_writer_lose(store, raw):
    """A place in the chain that is taken already is never written over."""
    first = change()
    store.write(first)
    raw.execute("INSERT INTO event SELECT plan, 2, type, '', '', NULL, NULL, previous, hash, body FROM event")
    with pytest.raises(RevisionLost):
        store.write(change(after=first.plan))

    assert 1 == store.plan("p").revision


def test_bytes_that_are_no_text_are_shown_not_fatal(store, raw):
    """A text column in which somebody put broken bytes is still read, so that a check can name it."""
    store.write(change(work_items=(item(),)))
    raw.execute("UPDATE work_item SET title_vi = CAST(x'ff41' AS TEXT)")

    assert ["\ufffdA"] == [row.title_vi for row in store.work_items("p")]
    assert "p" == store.plan("p").id


# durable, and never waiting to read


def test_every_connection_is_durable(store):
    """Each commit is on the disk before it is reported, and constraints count."""
    connection = store._reading()
    said = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "busy_timeout")
    }

    expected = {"foreign_keys": 1, "recursive_triggers": 1, "busy_timeout": 30_000}
    assert {"journal_mode": "wal", "synchronous": 2, **expected} == said


def test_a_thread_that_ends_leaves_no_connection_behind(store):
    """Its connection is closed with it, and the other threads' stay open."""
    store.write(change())
    opened = []
    thread = Thread(target=lambda: opened.append(store._reading()))
    thread.start()
    thread.join()

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")
    assert 1 == store.plan("p").revision


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forked_processes_do_not_share_a_connection(store):
    """A forked child opens a connection of its own, and neither uses nor closes its parent's."""
    store.write(change())
    mine = store._reading()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            store.write(change("c"))
            code = 0 if store._reading() is not mine and store.plan("p") else 2
            store.close()
            gc.collect()
            mine.execute("SELECT 1")
        finally:
            os._exit(code)

    assert 0 == os.waitpid(pid, 0)[1]
    assert ["c", "p"] == [row.id for row in store.plans()]
    store.write(change("after"))


def test_readers_do_not_wait_for_a_writer(store, raw):
    """While somebody is writing, every read answers with what was before."""
    store.write(change())
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("UPDATE plan SET stage = 'session'")
    began = time.monotonic()
    stage, due = store.plan("p").stage, store.due()
    took = time.monotonic() - began
    raw.execute("ROLLBACK")

    assert ("writing", []) == (stage, list(due))
    assert took < 5


def test_lists_walk_along_an_index(store, raw):
    """No page of a list sorts or scans a whole table."""
    sql = store._sql
    pages = {
        "work_item_due": sql.due(True, ""),
        "work_item_owner": sql.due(True, "owner"),
        "work_item_asker": sql.due(True, "asked_by"),
        "plan_status": sql.plans("status"),
        "plan_stage": sql.plans("stage"),
        "event_workspace": sql.last_event_of_type,
        "event_request": sql.request,
        "effect_plan": sql.effects_of_plan,
        "sqlite_autoindex_event_1": sql.events,
    }
    for index, page in pages.items():
        values = [0] * page.text.count("?")
        plan = " | ".join(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {page.text}", values))
        assert index in plan, plan
        assert "SCAN" not in plan, plan
        # The few events of a request, and the effects of one event, are put in order after finding them.
        assert index in ("effect_plan", "event_request") or "TEMP B-TREE" not in plan, plan


# several processes

RACE = """
import sys
from pathlib import Path
from store.rows import change
from workflow.store.interface import RevisionLost
from workflow.store.sql import SqlStore

store = SqlStore(Path(sys.argv[1]))
wins = 0
print("ready", flush=True)
for line in sys.stdin:
    first = store.plan("p")
    try:
        store.write(change(after=first) if int(line) == first.revision else None)
        print("won", flush=True)
    except (RevisionLost, AttributeError):
        print("lost", flush=True)
store.close()
"""


def test_of_two_processes_racing_exactly_one_wins(store, path):
    """Two processes that start from one revision: one change is stored, the other writer is told."""
    store.write(change())
    racers = [child(RACE, path) for _ in range(2)]
    assert ["ready\n"] * 2 == [racer.stdout.readline() for racer in racers]
    for revision in range(1, 41):
        for racer in racers:
            racer.stdin.write(f"{revision}\n")
            racer.stdin.flush()
        assert ["lost\n", "won\n"] == sorted(racer.stdout.readline() for racer in racers)
    for racer in racers:
        assert ("", "") == racer.communicate(timeout=20)

    assert list(range(1, 42)) == [e.seq for e in store.events("p")]


def test_two_processes_may_make_the_database_at_once(path):
    """The first use of a workspace by several people at the same moment makes one database."""
    code = (
        "import sys; from pathlib import Path; from workflow.store.sql import SqlStore; from store.rows import change;"
        "sys.stdin.read(); store = SqlStore(Path(sys.argv[1])); store.write(change(sys.argv[2])); store.close()"
    )
    makers = [child(code, path, f"p{number}") for number in range(4)]
    for maker in makers:
        maker.stdin.close()
        maker.stdin = None
    assert [("", "")] * 4 == [maker.communicate(timeout=60) for maker in makers]

    with closing(SqlStore(path, create=False)) as store:
        assert ["p0", "p1", "p2", "p3"] == [row.id for row in store.plans()]


ENDLESS = """
import sys
from pathlib import Path
from store.rows import change, effect, file, item
from workflow.store.sql import SqlStore

store = SqlStore(Path(sys.argv[1]))
plan = None
while True:
    seq = plan.revision + 1 if plan else 1
    made = change(
        after=plan, count=2, work_items=(item(key=str(seq)), item(key=str(seq + 1))),
        effects=(effect(seq=seq),), files=(file(str(seq).encode() * 100_000),),
    )
    store.write(made)
    plan = made.plan
    print(plan.revision, flush=True)
"""


@pytest.mark.parametrize("writes", [1, 5, 40])
def test_a_killed_process_leaves_all_of_a_change_or_none(path, writes):
    """After `kill -9` in the middle of writing, what was reported is there, and nothing is half there."""
    writer = child(ENDLESS, path)
    for _ in range(writes):
        reported = int(writer.stdout.readline())
    writer.send_signal(signal.SIGKILL)
    # Read on where `readline` was: `communicate` would pass over the lines that it has taken in already.
    rest = writer.stdout.read()
    writer.communicate()
    reported = max([reported, *map(int, rest.split())])

    with closing(SqlStore(path, create=False)) as store:
        plan, events = store.plan("p"), list(store.events("p"))
        assert reported <= plan.revision <= reported + 2
        assert list(range(1, plan.revision + 1)) == [e.seq for e in events]
        assert plan.head == events[-1].hash
        assert plan.revision == len(store.work_items("p")) == 2 * len(store.effects("p"))
        for seq in range(1, plan.revision + 1, 2):
            assert store.has_file(file(str(seq).encode() * 100_000)[0])
        store.write(change(after=plan))


def test_a_process_killed_between_the_rows_of_a_change_leaves_none(path):
    """A process that dies while a file of its change is being read leaves nothing of that change."""
    code = """
import os, signal, sys
from pathlib import Path
from store.rows import change, item
from workflow.store.sql import SqlStore

def dying():
    yield b"x" * 3_000_000
    os.kill(os.getpid(), signal.SIGKILL)

SqlStore(Path(sys.argv[1])).write(change(work_items=(item(),), files=(("0" * 64, dying()),)))
"""
    writer = child(code, path)
    writer.communicate(timeout=20)

    assert -signal.SIGKILL == writer.returncode
    with closing(SqlStore(path, create=False)) as store:
        assert store.plan("p") is None
        assert [] == list(store.chains()) == list(store.work_items("p"))
        assert not store.has_file("0" * 64)
        store.write(change())


def test_a_workspace_event_beside_a_lost_one_is_not_written(store):
    """Two stores on one file: the second to append to `@workspace` at the same head loses."""
    with closing(SqlStore(store._backend.path)) as other:
        store.append_workspace([event(WORKSPACE_CHAIN, 1)])
        with pytest.raises(RevisionLost):
            other.append_workspace([event(WORKSPACE_CHAIN, 1, body=b"[]")])
        assert store.workspace_head() == other.workspace_head()
