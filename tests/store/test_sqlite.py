"""The store on an SQLite file keeps the contract, and what only a file can do to it it survives."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from store.contract import StoreContract
from store.rows import change, effect, event, file, item

from workflow.errors import StorageUnusable
from workflow.messages import WORKSPACE_CHAIN
from workflow.store.interface import RevisionLost
from workflow.store.sql import SqlStore

TESTS = Path(__file__).parent.parent


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


@pytest.fixture
def path(tmp_path) -> Path:
    """Where the database of this test is, or will be."""
    return tmp_path / "workflow.db"


@pytest.fixture
def store(path):
    """An open store on the file."""
    with closing(SqlStore(path)) as opened:
        yield opened


@pytest.fixture
def raw(store, path):
    """The same file, past the store, as somebody with a database tool has it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def child(code: str, *arguments: object, **options) -> subprocess.Popen[str]:
    """Start a process that can import the tests' rows."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(TESTS), str(TESTS.parent)))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


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
    with store._engine.connect() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "busy_timeout")
        }

    expected = {"foreign_keys": 1, "recursive_triggers": 1, "busy_timeout": 30_000}
    assert {"journal_mode": "wal", "synchronous": 2, **expected} == said


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
        "work_item_due": sql.due(True, False),
        "work_item_owner": sql.due(True, True),
        "plan_status": sql.plans("status"),
        "plan_stage": sql.plans("stage"),
        "event_type": sql.last_event_of_type,
        "event_request": sql.request,
        "effect_plan": sql.effects_of_plan,
        "sqlite_autoindex_event_1": sql.events,
    }
    for index, page in pages.items():
        values = [0] * page.text.count("?")
        plan = " | ".join(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {page.text}", values))
        assert index in plan, plan
        assert "SCAN" not in plan, plan
        assert index == "effect_plan" or "TEMP B-TREE" not in plan, plan


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
    rest, _ = writer.communicate()
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


# files that cannot be used


def refusal(location: object, **options) -> StorageUnusable:
    """What opening says."""
    with pytest.raises(StorageUnusable) as refused:
        SqlStore(location, **options).close()
    assert refused.value.hint is not None
    return refused.value


def test_a_missing_file_is_made_only_where_that_is_wanted(path):
    """Looking into a workspace without a database does not make one."""
    assert "no database" in str(refusal(path, create=False))
    assert not path.exists()


@pytest.mark.parametrize(
    "content",
    [b"not a database at all, just some text" * 100, b"x", b"SQLite format 3\0" + b"\xff" * 4080],
    ids=["text", "one byte", "only the head"],
)
def test_a_file_that_is_no_database_is_left_alone(path, content):
    """A file of another kind is refused and not touched."""
    path.write_bytes(content)
    refusal(path)

    assert content == path.read_bytes()
    assert [path] == list(path.parent.iterdir())


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_database_of_another_program_is_left_alone(path, journal):
    """Another program's SQLite file is refused and not touched, not even its log."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("CREATE TABLE plan (id TEXT)")
        connection.commit()
    before = path.read_bytes()

    assert "another program" in str(refusal(path))
    assert before == path.read_bytes()


def test_a_damaged_database_says_so(path):
    """Overwritten pages are reported as damage, with what to do."""
    with closing(SqlStore(path)) as store:
        for number in range(50):
            store.write(change(f"p{number}", work_items=(item(f"p{number}"),)))
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xaa" * (len(data) - 4096)
    path.write_bytes(data)

    said = str(refusal(path))
    assert "damaged" in said
    assert "malformed" in said


def test_damage_found_later_says_so_too(path):
    """A page that is damaged is reported when it is read, not as an error of the driver."""
    with closing(SqlStore(path)) as store:
        store.write(change(count=400))
        (page,) = store._rows_of_page("event") if hasattr(store, "_rows_of_page") else (None,)
    del page
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event'").fetchone()
    data = bytearray(path.read_bytes())
    data[(root - 1) * 4096 : root * 4096] = b"\xaa" * 4096
    path.write_bytes(data)

    with closing(SqlStore(path)) as store, pytest.raises(StorageUnusable, match="damaged"):
        list(store.events("p"))


@pytest.mark.parametrize("kind", ["folder", "no folder", "below a file", "long name", "NUL", "device"])
def test_a_place_that_can_hold_no_database_is_refused(tmp_path, kind):
    """Folders, missing folders and impossible names get one clear message."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    places = {
        "folder": tmp_path,
        "no folder": tmp_path / "missing" / "workflow.db",
        "below a file": tmp_path / "file" / "workflow.db",
        "long name": tmp_path / ("x" * 10_000),
        "NUL": tmp_path / "a\0b",
        "device": Path(os.devnull),
    }
    refusal(places[kind])


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("workflow.db", "not a database URL"),
        ("oracle://host/name", "kind `oracle`"),
        ("postgresql://host/name", "kind `postgresql`"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
    ],
)
def test_a_url_that_names_no_usable_database_is_refused(url, said):
    """What is wrong with the address is said before anything is opened."""
    assert said in str(refusal(url))


def test_a_url_opens_the_same_file_as_a_path(store, path):
    """A store can be named by path or by URL."""
    store.write(change())
    with closing(SqlStore(f"sqlite:///{path}")) as same:
        assert "p" == same.plan("p").id


def test_a_path_with_odd_characters_works(tmp_path):
    """Blanks, percent signs, question marks and Vietnamese letters in a path are just characters."""
    path = tmp_path / "kế hoạch 100%?#" / "workflow.db"
    path.parent.mkdir()
    for _ in range(2):
        SqlStore(path).close()

    assert path.exists()


NOBODY = 65534


@pytest.mark.skipif(os.name != "posix", reason="rights of another kind")
@pytest.mark.parametrize("mode", [0o000, 0o444], ids=["not readable", "not writable"])
def test_a_missing_right_is_named(path, mode):
    """Who may not read or write the file is told about the right, and nothing is written."""
    with closing(SqlStore(path)) as store:
        store.write(change())
    for folder in (path.parent, *path.parent.parents):
        if folder.owner() == "root" and folder.stat().st_mode & 0o001 == 0:
            folder.chmod(0o755)
    path.chmod(mode)
    code = (
        "import os, sys; from pathlib import Path; from workflow.store.sql import SqlStore; "
        "from store.rows import change; import workflow.errors as errors\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try: SqlStore(Path(sys.argv[1])).write(change('q'))\n"
        "except errors.StorageUnusable as error: print(error.code)\n"
    )
    process = child(code, path)
    said, complaint = process.communicate(timeout=20)
    path.chmod(0o644)

    assert ("storage-no-right\n", "") == (said, complaint)
    with closing(SqlStore(path)) as store:
        assert ["p"] == [row.id for row in store.plans()]


def test_a_full_disk_is_named_and_leaves_nothing(store):
    """A write for which there is no room is undone whole, and the next small one works."""
    first = change()
    store.write(first)
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")
    with pytest.raises(StorageUnusable, match="is full") as refused:
        store.write(change(after=first.plan, files=(file(b"x" * 2_000_000),)))

    assert "disk-full" == refused.value.code
    assert first.plan == store.plan("p")
    store.write(change(after=first.plan, effects=(effect(seq=2),)))


@pytest.mark.skipif(os.name != "posix", reason="no limits on files")
def test_a_write_that_the_system_cuts_off_is_named(path):
    """A file that may not grow any further is reported in our words, and holds what was there."""
    with closing(SqlStore(path)) as store:
        store.write(change())
    code = (
        "import resource, sys; from pathlib import Path; from workflow.store.sql import SqlStore; "
        "from store.rows import change, file; import workflow.errors as errors\n"
        "store = SqlStore(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "try: store.write(change('q', files=(file(b'x' * 5_000_000),)))\n"
        "except errors.StorageUnusable as error: print('refused', store.plan('q'))\n"
    )
    assert ("refused None\n", "") == child(code, path).communicate(timeout=20)

    with closing(SqlStore(path)) as store:
        assert ["p"] == [row.id for row in store.plans()]


def test_a_table_that_is_gone_is_reported(store, raw):
    """A database that somebody took apart gives a message and no error of the driver."""
    raw.execute("DROP TABLE work_item")
    with pytest.raises(StorageUnusable, match="work_item"):
        store.due()


def test_a_workspace_event_beside_a_lost_one_is_not_written(store):
    """Two stores on one file: the second to append to `@workspace` at the same head loses."""
    with closing(SqlStore(store._backend.path)) as other:
        store.append_workspace([event(WORKSPACE_CHAIN, 1)])
        with pytest.raises(RevisionLost):
            other.append_workspace([event(WORKSPACE_CHAIN, 1, body=b"[]")])
        assert store.workspace_head() == other.workspace_head()
