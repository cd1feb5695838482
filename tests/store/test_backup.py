"""A backup is the database as it was at one moment, whoever writes meanwhile, or there is none."""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from store.processes import child
from store.rows import change
from store.workspaces import filled, rows_of

from workflow.audit import GENESIS, link
from workflow.errors import InvalidInput, StorageUnusable
from workflow.store import backups
from workflow.store.backups import back_up
from workflow.store.sql import SqlStore


@pytest.fixture(params=["file", "server"])
def database(request, tmp_path: Path) -> str | Path:
    """A database of each kind with rows in every table."""
    return filled(request.getfixturevalue("postgres_url") if request.param == "server" else tmp_path / "workflow.db")


def test_a_backup_is_one_file_with_every_row(database, tmp_path):
    """The file alone is a database like the one that was backed up."""
    told: list[tuple[int, int]] = []
    made = back_up(database, tmp_path / "backups.db", told=lambda done, total: told.append((done, total)))

    assert (tmp_path / "backups.db", (tmp_path / "backups.db").stat().st_size) == (made.file, made.size)
    assert [] == [path for path in tmp_path.iterdir() if path.name.startswith((".", "backups.db-"))]
    assert told[-1][0] == told[-1][1]
    assert rows_of(database) == rows_of(made.file)
    with closing(SqlStore(made.file, create=False)) as store:
        assert store.append_only()


WRITER = """
import sys
from pathlib import Path
from store.rows import change
from workflow.store.sql import SqlStore
place = sys.argv[1]
store, number = SqlStore(place if "://" in place else Path(place)), 0
while True:
    made = change(f"{sys.argv[2]}{number:06}", count=2)
    store.write(made)
    store.write(change(after=made.plan, count=3))
    print(number, flush=True)
    number += 1
"""


def test_a_backup_taken_while_two_write_is_of_one_moment(database, tmp_path):
    """Each change is in it wholly or not at all, and every chain hangs together; the writers are not held up."""
    with ExitStack() as ended:
        writers = [child(WRITER, database, name) for name in "ab"]
        for writer in writers:
            ended.enter_context(writer)
            ended.callback(writer.kill)
        before = [int(writer.stdout.readline()) for writer in writers]
        # Reading steps of one page leave the writers time for hundreds of changes between them.
        monkey = ended.enter_context(pytest.MonkeyPatch.context())
        monkey.setattr(backups, "_PAGES", 1)
        made = back_up(database, tmp_path / "backup.db")
        after = [[int(writer.stdout.readline()) for _ in range(3)][-1] for writer in writers]
    assert all(late > early for early, late in zip(before, after, strict=True))

    rows = rows_of(made.file)
    chains: dict[str, list] = {}
    for event in rows["event"]:
        chains.setdefault(event[0], []).append(event)
    plans = {row[0]: row for row in rows["plan"]}
    assert plans.keys() == chains.keys() - {"@workspace"}
    with closing(SqlStore(made.file)) as store:
        for name in plans:
            previous = GENESIS
            events = list(store.events(name))
            for number, event in enumerate(events, 1):
                assert (number, previous, link(previous, event.body)) == (event.seq, event.previous, event.hash)
                previous = event.hash
            assert (len(events), previous) == (store.plan(name).revision, store.plan(name).head)
            assert len(events) in (2, 3, 5)


@pytest.mark.parametrize("there", [False, True])
def test_a_backup_that_is_killed_leaves_the_name_as_it_was(tmp_path, there):
    """What stood under the name stands there still; nothing half written ever does."""
    database, file = filled(tmp_path / "workflow.db", mebibytes=4), tmp_path / "backup.db"
    if there:
        back_up(database, file)
    before = file.read_bytes() if there else None
    process = child(
        "import sys, time\nfrom pathlib import Path\nfrom workflow.store import backups\nbackups._PAGES = 1\n"
        "def told(done, total):\n    print(done, flush=True)\n    time.sleep(0.01)\n"
        "backups.back_up(Path(sys.argv[1]), Path(sys.argv[2]), force=True, told=told)",
        database,
        file,
    )
    told = [process.stdout.readline() for _ in range(20)]
    process.kill()
    process.communicate()

    assert all(told)
    assert before == (file.read_bytes() if file.exists() else None)
    back_up(database, file, force=True)
    assert rows_of(database) == rows_of(file)


def test_a_file_that_is_there_is_replaced_only_with_force(database, tmp_path):
    """An older backup is not written over unasked."""
    file = tmp_path / "backup.db"
    file.write_bytes(b"older")
    with pytest.raises(InvalidInput, match="there already"):
        back_up(database, file)
    assert b"older" == file.read_bytes()

    back_up(database, file, force=True)
    assert rows_of(database) == rows_of(file)


@pytest.mark.parametrize("name", ["workflow.db", "workflow.db-wal", "link.db"])
def test_the_database_is_no_place_for_its_backup(tmp_path, name):
    """Not even with force, and not under another name."""
    database = filled(tmp_path / "workflow.db")
    os.symlink(database, tmp_path / "link.db")
    before = rows_of(database)

    with pytest.raises(InvalidInput, match="database itself"):
        back_up(database, tmp_path / name, force=True)
    assert before == rows_of(database)


def test_what_cannot_be_written_is_told(tmp_path):
    """A folder that is not there, or a name that is a folder's, is bad input."""
    database = filled(tmp_path / "workflow.db")
    (tmp_path / "folder").mkdir()

    with pytest.raises(InvalidInput, match="cannot be written"):
        back_up(database, tmp_path / "none" / "backup.db")
    with pytest.raises(InvalidInput, match="there already"):
        back_up(database, tmp_path / "folder", force=True)


def test_a_damaged_file_gives_no_backup(tmp_path):
    """A fault that SQLite finds in what was written is told, and nothing keeps the name of a backup."""
    database = filled(tmp_path / "workflow.db")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event_recorded'").fetchone()
    data = bytearray(database.read_bytes())
    data[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096
    database.write_bytes(data)

    with pytest.raises(StorageUnusable):
        back_up(database, tmp_path / "backup.db")
    assert ["workflow.db"] == sorted(
        path.name for path in tmp_path.iterdir() if not path.name.endswith(("-wal", "-shm"))
    )


def test_an_older_schema_is_backed_up_as_it_is(tmp_path):
    """A file that waits for an upgrade can be backed up before it."""
    database = filled(tmp_path / "workflow.db")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0003'")
        connection.commit()

    assert "0003" == back_up(database, tmp_path / "backup.db").schema
    with pytest.raises(StorageUnusable, match="older version"):
        SqlStore(tmp_path / "backup.db")


def test_nothing_is_made_of_a_database_that_is_not_there(tmp_path):
    """A misspelt name gives no empty backup."""
    with pytest.raises(StorageUnusable, match="no database"):
        back_up(tmp_path / "none.db", tmp_path / "backup.db")

    assert [] == list(tmp_path.iterdir())


def test_a_snapshot_of_a_server_lets_writers_go_on(postgres_url, tmp_path):
    """What comes after the first row was read is not in it."""
    filled(postgres_url)
    before = rows_of(postgres_url)
    late = iter([lambda: None])

    def told(done: int, total: int) -> None:
        for _ in late:
            with closing(SqlStore(postgres_url)) as store:
                store.write(change("0000-late"))

    back_up(postgres_url, tmp_path / "backup.db", told=told)
    assert before == rows_of(tmp_path / "backup.db")
    assert before != rows_of(postgres_url)
