"""PostgreSQL's connections, statements and lists: threads, forks, round trips, indexes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from store.rows import chain, change, effect, event, file, item, text
from store.threads import in_thread

from workflow.messages import WORKSPACE_CHAIN
from workflow.store.interface import RevisionLost
from workflow.store.sql import SqlStore

psycopg = pytest.importorskip("psycopg")


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


def test_threads_have_connections_of_their_own(store):
    """Reads, snapshots and writes of many threads do not meet on one connection."""
    store.write(change("start"))

    def busy(name: str) -> int:
        plan = None
        for _ in range(20):
            made = change(name, after=plan)
            with store.snapshot():
                store.plans()
                store.write(made)
                seen = store.plan(name)
            assert (None if plan is None else plan.revision) == (seen.revision if seen else None)
            plan = store.plan(name)
        return plan.revision

    workers = [in_thread(lambda name=f"t{number}": busy(name)) for number in range(6)]
    for thread, _ in workers:
        thread.join(60)

    assert [[20]] * 6 == [results for _, results in workers]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forked_processes_do_not_share_a_connection(store):
    """A forked child opens its own connection, also in the middle of a snapshot, and leaves its parent's alone."""
    store.write(change())
    with store.snapshot():
        children = []
        for number in range(3):
            pid = os.fork()
            if pid == 0:
                code = 1
                try:
                    assert store.plan("p").revision == 1
                    store.write(change(f"c{number}"))
                    with store.snapshot():
                        code = 0 if store.plan(f"c{number}") else 2
                    store.close()
                finally:
                    os._exit(code)
            children.append(pid)
        assert [0, 0, 0] == [os.waitpid(pid, 0)[1] for pid in children]
        assert ["p"] == [row.id for row in store.plans()]

    assert ["c0", "c1", "c2", "p"] == [row.id for row in store.plans()]
    store.write(change("after"))


def test_a_change_takes_one_statement(store, monkeypatch):
    """All rows of a change but its files' bytes go in one round trip."""
    first = change()
    store.write(first)
    sent = []
    execute = psycopg.Cursor.execute
    monkeypatch.setattr(
        psycopg.Cursor, "execute", lambda *given, **more: (sent.append(given), execute(*given, **more))[1]
    )
    note = text("note")
    rows = (item(), item(key="b"))
    store.write(change(after=first.plan, count=2, work_items=rows, texts=(note,), effects=(effect(seq=2),)))
    store.append_workspace(chain(WORKSPACE_CHAIN, 1), texts=[text("other")])
    store.plan("p")

    assert 3 == len(sent)


def test_a_change_of_thousands_of_rows_is_written_whole(store):
    """What is more than one statement takes is written in one transaction all the same."""
    rows = tuple(item(key=f"{number:05d}") for number in range(3_000))
    first = change(count=3, work_items=rows)
    store.write(first)
    gone = tuple((row.step, row.round, row.key) for row in rows)
    with pytest.raises(ValueError):
        store.write(change(after=first.plan, gone_items=gone, effects=(replace(effect(seq=4), seq=4, id="x"),) * 2))
    assert 3_000 == len(store.work_items("p"))
    store.write(change(after=first.plan, gone_items=gone, work_items=rows[:1]))

    assert [rows[0]] == list(store.work_items("p"))


def test_the_same_two_files_are_taken_in_by_two_plans_at_once(store):
    """Files are written in one order by all, so that two plans with the same ones are never in a ring."""

    def taking(name: str, order: int) -> None:
        files = [file(b"a" * 1_500_000), file(b"b" * 1_500_000)][::order]
        store.write(change(name, files=tuple(files)))

    workers = [in_thread(lambda n=n: taking(f"p{n}", 1 if n % 2 else -1)) for n in range(6)]
    for thread, _ in workers:
        thread.join(60)

    assert [[None]] * 6 == [results for _, results in workers]
    assert 6 == len(store.plans())


MANY = """
INSERT INTO plan SELECT 'p' || n, 'd', 'sample', 1, CASE WHEN n % 5 = 0 THEN 'finished' ELSE 'active' END,
  'stage-' || n % 9, 1, NULL, '', '2019-04-01', '', '2019-05-' || lpad((n % 28)::text, 2, '0'), NULL
  FROM generate_series(1, 4000) AS n;
INSERT INTO event SELECT 'p' || n, seq, 'step_acted', '2019-04-01', '', 'an', 'r-' || n || '-' || seq, '', '', ''
  FROM generate_series(1, 4000) AS n, generate_series(1, 3) AS seq;
INSERT INTO work_item SELECT 'p' || n, 'write', 1, key::text, 'x', NULL, 'unit-' || n % 3,
  '2019-04-' || lpad((n % 28)::text, 2, '0'), NULL, n % 3 = 0, CASE WHEN n % 4 = 0 THEN 'asker-' || n % 5 END
  FROM generate_series(1, 4000) AS n, generate_series(1, 3) AS key;
INSERT INTO effect SELECT 'p' || n || ':1:1', 'p' || n, 1, 'x', '', 'done', '2019', 1, 0, NULL, NULL
  FROM generate_series(1, 4000) AS n;
ANALYZE;
"""


def test_lists_walk_along_an_index(store, raw):
    """No page of a list sorts or scans a whole table."""
    sql = store._sql
    behind = ("2019-04-03", "p1", "write", 1, "1")
    pages = {
        "work_item_due": (sql.due(True, ""), ("2019-04-30", *behind, 50)),
        "work_item_owner": (sql.due(True, "owner"), ("unit-1", "2019-04-30", *behind, 20)),
        "work_item_asker": (sql.due(True, "asked_by"), ("asker-2", "2019-04-30", *behind, 20)),
        "plan_status": (sql.plans("status"), ("active", "p1", 20)),
        "plan_stage": (sql.plans("stage"), ("stage-3", "p1", 20)),
        "event_workspace": (sql.last_event_of_type, ("people_loaded", 2**31 - 1)),
        "event_request": (sql.request, ("r-3-1",)),
        "effect_plan": (sql.effects_of_plan, ("p5",)),
        "effect_state": (sql.effect_page("state"), ("done", "done", "2019", "p3:1:1", 50)),
        "event_pkey": (sql.events, ("p5", 1, 50)),
    }
    raw.execute(MANY)
    for index, (page, values) in pages.items():
        plan = "\n".join(row[0] for row in raw.execute("EXPLAIN " + page.text, page.with_values(*values)))
        assert index in plan, plan
        assert "Seq Scan" not in plan, plan
        # What one plan, event or request has is put in order after finding it.
        assert index in ("effect_plan", "event_request", "event_pkey") or "Sort" not in plan, plan


def test_ids_are_ordered_by_their_bytes_whatever_the_server_speaks(postgres_server):
    """Pages follow the same order as on SQLite, also in a database that sorts by a language's rules."""
    url = postgres_server.new_database()
    with closing(SqlStore(url)) as store:
        for id in ("b", "B", "a", "đ", "z", "a-1"):
            store.write(change(id))
        assert ["B", "a", "a-1", "b", "z", "đ"] == [row.id for row in store.plans()]
    with closing(postgres_server.connect(url)) as raw:
        keys = raw.execute("SELECT collation_name FROM information_schema.columns WHERE column_name = 'id'").fetchall()
    assert {("C",)} == set(keys)
    postgres_server.drop(url)


def test_a_workspace_event_beside_a_lost_one_is_not_written(store, postgres_database):
    """Two stores on one database: the second to append to `@workspace` at the same head loses."""
    with closing(SqlStore(postgres_database)) as other:
        store.append_workspace([event(WORKSPACE_CHAIN, 1)])
        with pytest.raises(RevisionLost):
            other.append_workspace([event(WORKSPACE_CHAIN, 1, body=b"[]")])
        assert store.workspace_head() == other.workspace_head()
