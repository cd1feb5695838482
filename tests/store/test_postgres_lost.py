"""Servers that go away in the middle: a change is done or not, and whoever asked is told how to find out."""

from __future__ import annotations

import threading
import time
from contextlib import closing, suppress

import pytest
from store.rows import change, effect, event, file, item

from workflow.errors import StorageUnusable
from workflow.messages import WORKSPACE_CHAIN
from workflow.store.sql import SqlStore

pytest.importorskip("psycopg")

END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
    "AND datname = current_database()"
)


@pytest.fixture
def store(postgres_database, wire):
    """A store at the end of the wire, with the plan `p`."""
    with closing(SqlStore(wire.instead(postgres_database))) as opened:
        opened.write(change())
        yield opened


def second(store: SqlStore, **events):
    """A change of `p` behind its first."""
    return change(after=store.plan("p"), work_items=(item(),), effects=(effect(seq=2),), events=events)


def told(store: SqlStore, made) -> StorageUnusable:
    """What writing says."""
    with pytest.raises(StorageUnusable) as error:
        store.write(made)
    assert "connection-lost" == error.value.code
    return error.value


def rows(store: SqlStore) -> tuple[int, int, int]:
    """How many events, work items and effects the plan has."""
    return len(list(store.events("p"))), len(store.work_items("p")), len(store.effects("p"))


def test_a_wire_cut_before_the_change_arrives_leaves_nothing(store, wire):
    """The change is not done; the person is told to give the same request again, and the next try does it."""
    made = second(store, request_id="r-7")
    wire.cut_before = b"UPDATE plan"
    error = told(store, made)
    wire.mend()

    assert "wholly done, or not at all" in str(error)
    assert "--request-id r-7" in str(error.hint)
    assert [] == list(store.request("r-7"))
    assert (1, 0, 0) == rows(store)
    store.write(made)
    assert (2, 1, 1) == rows(store)


def test_a_wire_cut_before_the_answer_arrives_leaves_the_whole_change(store, wire):
    """The change is done, though nobody heard it: the same request finds it."""
    made = second(store, request_id="r-7")
    wire.cut_behind = b"UPDATE plan"
    told(store, made)
    wire.mend()
    last = time.monotonic() + 20
    while not store.request("r-7") and time.monotonic() < last:
        time.sleep(0.01)

    assert list(made.events) == list(store.request("r-7"))
    assert (2, 1, 1) == rows(store)


def test_without_a_request_id_the_trail_is_named(store, wire):
    """Who gave no request id is shown where to look, and what to give the next time."""
    made = second(store)
    wire.cut_before = b"UPDATE plan"
    hint = str(told(store, made).hint)
    wire.mend()

    assert "workflow audit show p" in hint
    assert "--request-id" in hint


@pytest.mark.parametrize("place", [b"INSERT INTO content", b"COMMIT"])
def test_a_wire_cut_among_the_statements_of_a_change_leaves_nothing(store, wire, place):
    """A change with a file takes several statements; before its commit has arrived nothing of it is there."""
    made = change(after=store.plan("p"), work_items=(item(),), files=(file(b"x" * 3_000_000),))
    wire.cut_before = place
    told(store, made)
    wire.mend()

    assert (1, 0, 0) == rows(store)
    assert not store.has_file(file(b"x" * 3_000_000)[0])


def test_an_append_to_the_workspace_chain_is_done_or_not(store, wire):
    """The workspace's own chain keeps the same promise."""
    wire.cut_before = b"INSERT INTO event"
    with pytest.raises(StorageUnusable, match="wholly done"):
        store.append_workspace([event(WORKSPACE_CHAIN, 1)])
    wire.mend()

    assert store.workspace_head() is None
    store.append_workspace([event(WORKSPACE_CHAIN, 1)])


def test_a_session_ended_by_the_server_while_it_waits_leaves_nothing(store, postgres_server, postgres_database):
    """An administrator ends the session in the middle of a write; the next command works again."""
    made = second(store)
    with closing(postgres_server.connect(postgres_database)) as raw:
        raw.execute("BEGIN")
        raw.execute("SELECT 1 FROM plan FOR UPDATE")
        results: list[StorageUnusable] = []
        thread = threading.Thread(target=lambda: results.append(told(store, made)))
        thread.start()
        time.sleep(0.3)
        raw.execute(END_OTHERS)
        thread.join(20)
        raw.execute("ROLLBACK")

    assert 1 == len(results)
    assert (1, 0, 0) == rows(store)
    store.write(made)


def test_a_session_ended_between_two_commands_is_not_noticed(store, postgres_server, postgres_database):
    """A connection that was lost while nobody used it is replaced when it is next read on."""
    store.plan("p")
    postgres_server.execute(END_OTHERS, postgres_database)

    assert 1 == store.plan("p").revision
    store.write(second(store))


def test_reads_that_belong_together_end_together(store, postgres_server, postgres_database):
    """In a snapshot a lost connection is told: the rest would be seen at another moment."""
    with pytest.raises(StorageUnusable, match="broke; nothing was written"), store.snapshot():
        store.plan("p")
        postgres_server.execute(END_OTHERS, postgres_database)
        store.plan("p")

    assert 1 == store.plan("p").revision
    with store.snapshot():
        assert 1 == len(store.plans())


def test_a_turn_that_was_lost_writes_nothing(store, postgres_server, postgres_database):
    """Who lost the turn with its connection does not write as if it still had it."""
    made = second(store)
    with pytest.raises(StorageUnusable), store.turn("p"):
        postgres_server.execute(END_OTHERS, postgres_database)
        store.write(made)

    assert (1, 0, 0) == rows(store)
    with store.turn("p"):
        store.write(made)


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_a_server_that_dies_and_comes_back_has_all_that_was_reported(own_postgres, end):
    """Writers on a server that is killed or restarted: what was reported is there, the rest is whole or absent."""
    url = own_postgres.new_database()
    with closing(SqlStore(url)) as store:
        store.write(change())
    reported: dict[str, int] = {}
    stopped = threading.Event()

    def write(name: str) -> None:
        with closing(SqlStore(url)) as own:
            plan = None
            while not stopped.is_set():
                made = change(name, after=plan, count=2, effects=(effect(name, seq=plan.revision + 1 if plan else 1),))
                with suppress(StorageUnusable):
                    own.write(made)
                    reported[name] = made.plan.revision
                    plan = made.plan
                    continue
                # Done or not: what a person would look up by the request's id.
                while not stopped.is_set():
                    with suppress(StorageUnusable):
                        plan = own.plan(name)
                        break
                    time.sleep(0.05)

    writers = [threading.Thread(target=write, args=(f"w{number}",)) for number in range(3)]
    for writer in writers:
        writer.start()
    for _ in range(2):
        time.sleep(0.5)
        getattr(own_postgres, end)()
        time.sleep(0.1)
        own_postgres.start()
    time.sleep(0.5)
    stopped.set()
    for writer in writers:
        writer.join(30)

    with closing(SqlStore(url, create=False)) as store:
        for name, revision in reported.items():
            plan, events = store.plan(name), list(store.events(name))
            assert revision <= plan.revision
            assert list(range(1, plan.revision + 1)) == [e.seq for e in events]
            assert plan.head == events[-1].hash
            assert plan.revision == 2 * len(store.effects(name))
    assert {"w0", "w1", "w2"} == set(reported)


def test_a_server_that_is_gone_is_told_at_once(own_postgres):
    """Neither reading nor writing hangs or breaks when the server is no longer there."""
    with closing(SqlStore(own_postgres.new_database())) as store:
        store.write(change())
        made = second(store)
        own_postgres.stop()
        for attempt in (lambda: store.plan("p"), lambda: store.write(made), lambda: store.due()):
            with pytest.raises(StorageUnusable, match="No PostgreSQL server answers|connection to"):
                attempt()
        own_postgres.start()
        assert 1 == store.plan("p").revision
