"""The store on PostgreSQL: the contract, and what only a server has."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from store.contract import StoreContract
from store.processes import child
from store.rows import chain, change, effect, item, text
from store.sealed import FIRST, seal
from store.threads import in_thread

from workflow.errors import StorageUnusable
from workflow.messages import WORKSPACE_CHAIN
from workflow.store.interface import RevisionLost
from workflow.store.sql import SqlStore

psycopg = pytest.importorskip("psycopg")


class TestPostgresStore(StoreContract):
    """Every sentence of the contract, for the store on PostgreSQL."""

    @pytest.fixture
    def open_store(self, postgres_database):
        """Open the empty store of this test."""
        with ExitStack() as opened:
            yield lambda: opened.enter_context(closing(SqlStore(postgres_database)))


@pytest.fixture
def store(postgres_database: str) -> Iterator[SqlStore]:
    """An open store."""
    with closing(SqlStore(postgres_database)) as opened:
        yield opened


@pytest.fixture
def raw(postgres_server, postgres_database: str):
    """The same database, past the store, as somebody with a database tool has it."""
    with closing(postgres_server.connect(postgres_database)) as connection:
        yield connection


def wait_for_lock(server, url: str) -> None:
    """Wait until a session of this database waits for a lock."""
    last = time.monotonic() + 20
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    # On a connection without a transaction, in which the answer would not change.
    with closing(server.connect(url)) as looking:
        while looking.execute(waiting).fetchone()[0] == 0:
            assert time.monotonic() < last, "nobody waits"
            time.sleep(0.01)


# events are append-only


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'other'",
        "UPDATE event SET actor = 'other' WHERE false",
        "DELETE FROM event",
        "TRUNCATE event CASCADE",
        "TRUNCATE plan, event, work_item, document, effect, issued_number",
        "INSERT INTO event SELECT * FROM event ON CONFLICT (plan, seq) DO UPDATE SET actor = 'other'",
        "SET session_replication_role = replica; DELETE FROM event",
    ],
)
def test_nobody_changes_or_removes_an_event(store, raw, statement):
    """Whoever comes past the program, the owner too, is refused by the database itself."""
    store.write(change())
    with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
        raw.execute(statement)

    assert "an" == store.event("p", 1).actor


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE seal SET note = ''",
        "DELETE FROM leaf WHERE false",
        "TRUNCATE seal, leaf",
        "INSERT INTO leaf SELECT * FROM leaf ON CONFLICT (position) DO UPDATE SET seq = 7",
        "SET session_replication_role = replica; DELETE FROM leaf",
    ],
)
def test_nobody_changes_or_removes_a_seal(store, raw, statement):
    """Seals and leaves are guarded as events are."""
    store.append_seal(seal(1, 3), FIRST)
    with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
        raw.execute(statement)

    assert ([seal(1, 3)], FIRST) == (list(store.seals()), list(store.leaves()))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE seal DISABLE TRIGGER seal_append_only",
        "DROP TRIGGER leaf_append_only ON leaf",
        "CREATE OR REPLACE FUNCTION seal_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "ALTER TABLE event DISABLE TRIGGER event_append_only",
        "ALTER TABLE event ENABLE TRIGGER event_append_only",
        "DROP TRIGGER event_append_only ON event",
        "CREATE OR REPLACE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "DROP TRIGGER event_append_only ON event; CREATE TRIGGER event_append_only BEFORE UPDATE ON event "
        "FOR EACH STATEMENT EXECUTE FUNCTION event_append_only(); "
        "ALTER TABLE event ENABLE ALWAYS TRIGGER event_append_only",
    ],
)
def test_a_trigger_that_was_weakened_is_seen(store, raw, statement):
    """The store tells whether its guard over the events is the one it made."""
    assert store.append_only()

    raw.execute(statement)
    assert not store.append_only()


# who writes where


def test_writers_of_other_plans_do_not_wait(store, raw):
    """While a plan, its work items and its outbox are being written elsewhere, another plan is written."""
    first = change("p", work_items=(item(),), effects=(effect(),))
    store.write(first)
    raw.execute("BEGIN")
    raw.execute("UPDATE plan SET stage = 'session' WHERE id = 'p'")
    raw.execute("UPDATE work_item SET open = false")
    raw.execute("INSERT INTO effect SELECT id || 'x', plan, seq, kind, payload, state, at, tries, spared FROM effect")
    raw.execute("SET lock_timeout = 0")

    thread, results = in_thread(lambda: store.write(change("q", work_items=(item("q"),), effects=(effect("q"),))))
    thread.join(20)
    raw.execute("ROLLBACK")
    assert [None] == results
    assert store.plan("q") is not None


def test_readers_do_not_wait_for_a_writer(store, raw):
    """While somebody is writing, every read answers with what was before."""
    store.write(change())
    raw.execute("BEGIN")
    raw.execute("UPDATE plan SET stage = 'session'")
    thread, results = in_thread(lambda: (store.plan("p").stage, list(store.due())))
    thread.join(20)
    raw.execute("ROLLBACK")

    assert [("writing", [])] == results


def test_who_wrote_second_on_one_plan_loses(store, raw, postgres_server, postgres_database):
    """A writer waits until the other's commit, and is then told that the plan moved on."""
    first = change()
    store.write(first)
    raw.execute("BEGIN")
    raw.execute("UPDATE plan SET revision = 2 WHERE id = 'p'")
    thread, results = in_thread(lambda: store.write(change(after=first.plan)))
    wait_for_lock(postgres_server, postgres_database)
    raw.execute("COMMIT")
    thread.join(20)

    assert [RevisionLost] == results
    assert 1 == len(list(store.events("p")))


def test_who_has_the_turn_at_a_plan_does_not_lose(store, postgres_database):
    """From its turn to its write nobody else changes the plan; the next one then loses."""
    store.write(change())
    with closing(SqlStore(postgres_database)) as other:
        with store.turn("p"):
            seen = store.plan("p")
            thread, results = in_thread(lambda: other.write(change(after=seen)))
            with closing(SqlStore(postgres_database)) as third:
                third.write(change("q"))
            store.write(change(after=seen))
        thread.join(20)

    assert [RevisionLost] == results
    assert 2 == store.plan("p").revision


def test_a_turn_shows_the_plan_as_the_one_before_left_it(store, postgres_database):
    """Who waited reads what was written while it waited, of every column, and so loses nothing."""
    first = change()
    store.write(first)
    seen = []

    def wait_and_write():
        with closing(SqlStore(postgres_database)) as other, other.turn("p"):
            row = other.plan("p")
            seen.append(row)
            other.write(change(after=row))

    with store.turn("p"):
        thread, results = in_thread(wait_and_write)
        store.write(change(after=first.plan))
    thread.join(20)

    assert [None] == results
    assert 2 == seen[0].revision
    assert 3 == store.plan("p").revision
    with store.turn("p"):
        held = store.plan("p")
    assert held == store.plan("p")


def test_a_turn_ends_without_a_write_too(store, postgres_database):
    """Who leaves a turn by an error lets the others go on."""
    first = change()
    store.write(first)
    with pytest.raises(ZeroDivisionError), store.turn("p"):
        raise ZeroDivisionError
    with closing(SqlStore(postgres_database)) as other:
        other.write(change(after=first.plan))

    assert 2 == store.plan("p").revision


APPEND = """
import sys
from store.rows import event
from workflow.audit import GENESIS
from workflow.messages import WORKSPACE_CHAIN
from workflow.store.interface import RevisionLost
from workflow.store.sql import SqlStore
from contextlib import nullcontext

store = SqlStore(sys.argv[1])
most = 0
sys.stdin.read()
for number in range(int(sys.argv[3])):
    attempts = 0
    while True:
        with store.turn(WORKSPACE_CHAIN) if attempts else nullcontext():
            head = store.workspace_head()
            made = event(WORKSPACE_CHAIN, head.seq + 1, head.hash, actor=f"{sys.argv[2]}-{number}")
            attempts += 1
            try:
                store.append_workspace([made])
                break
            except RevisionLost:
                continue
    most = max(most, attempts)
store.close()
print(most)
"""


def test_many_processes_append_to_the_workspace_chain(store, postgres_database):
    """However many append at once, each gets in after a few attempts and the chain has no fork and no gap."""
    store.append_workspace(chain(WORKSPACE_CHAIN, 1))
    writers = [child(APPEND, postgres_database, name, 40) for name in "abcdef"]
    for writer in writers:
        writer.stdin.close()
        writer.stdin = None
    said = [writer.communicate(timeout=60) for writer in writers]

    assert [""] * 6 == [error for _, error in said]
    assert max(int(most) for most, _ in said) < 15
    events = list(store.events(WORKSPACE_CHAIN))
    assert list(range(1, 242)) == [e.seq for e in events]
    assert all(later.previous == earlier.hash for earlier, later in zip(events, events[1:], strict=False))
    assert 240 == len({e.actor for e in events} - {"an"})


# what the server gives up is tried again


def test_a_deadlock_is_tried_again(store, raw, postgres_server, postgres_database):
    """Of two transactions in a ring the server ends ours; it is done once the other is through."""
    store.write(change())
    note = text("note")
    second = change(after=store.plan("p"), texts=(note,))
    raw.execute("SET deadlock_timeout = '1min'")
    raw.execute("BEGIN")
    raw.execute("INSERT INTO content VALUES (%s, 'text', 0, %s, %s)", (note.key, note.salt, note.text.encode()))
    thread, results = in_thread(lambda: store.write(second))
    wait_for_lock(postgres_server, postgres_database)
    raw.execute("UPDATE plan SET stage = stage WHERE id = 'p'")
    raw.execute("COMMIT")
    thread.join(20)

    assert [None] == results
    assert 2 == store.plan("p").revision


FAILING = """
CREATE SEQUENCE attempt;
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF nextval('attempt') <= {times} THEN RAISE EXCEPTION 'not now' USING ERRCODE = '{code}'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER failing BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION fail();
"""


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_a_serialisation_failure_is_tried_again(store, raw, code):
    """A transaction that the server gives up because of others is repeated; nothing is doubled."""
    raw.execute(FAILING.format(times=3, code=code))
    store.write(change(work_items=(item(),), effects=(effect(),)))
    store.append_workspace(chain(WORKSPACE_CHAIN, 1))

    assert (1, 1, 1) == (len(list(store.events("p"))), len(store.work_items("p")), len(store.effects()))


def test_giving_up_at_last_is_told(store, raw):
    """A transaction that never gets through leaves nothing and says that it may be tried again."""
    raw.execute(FAILING.format(times=10_000, code="40001"))
    with pytest.raises(StorageUnusable, match="too busy, and nothing was written") as told:
        store.write(change())

    assert "storage-busy" == told.value.code
    assert store.plan("p") is None


def test_a_stricter_default_isolation_changes_nothing(postgres_server, postgres_database):
    """Where the database's keeper made transactions serialisable, conflicts are still conflicts."""
    name = postgres_database.rpartition("/")[2]
    postgres_server.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    with closing(SqlStore(postgres_database)) as store:
        first = change()
        store.write(first)
        rivals = [in_thread(lambda: store.write(change(after=first.plan, work_items=(item(),)))) for _ in range(6)]
        for thread, _ in rivals:
            thread.join(30)

        results = [result for _, own in rivals for result in own]
        assert (1, 5) == (results.count(None), results.count(RevisionLost))
        assert 2 == store.plan("p").revision
