"""Databases that cannot be used: one clear message each, and nothing touched."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from store.processes import child
from store.rows import change, effect, file, item

from workflow.errors import StorageUnusable
from workflow.store.sql import SqlStore


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
        ("mysql://an:s3cret@host/name", "kind `mysql`"),
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


@pytest.fixture
def public_folder():
    """A folder that everybody may look into; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.mark.skipif(os.name != "posix", reason="rights of another kind")
@pytest.mark.parametrize("mode", [0o000, 0o444], ids=["not readable", "not writable"])
def test_a_missing_right_is_named(public_folder, mode):
    """Who may not read or write the file is told about the right, and nothing is written."""
    path = public_folder / "workflow.db"
    with closing(SqlStore(path)) as store:
        store.write(change())
    path.chmod(mode)
    code = (
        "import os, sys; from pathlib import Path; from workflow.store.sql import SqlStore; "
        "from store.rows import change; import workflow.errors as errors\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"  # the superuser has every right
        "def tried(does):\n"
        "    try: does(SqlStore(Path(sys.argv[1])))\n"
        "    except errors.StorageUnusable as error: print(error.code)\n"
        "tried(lambda store: store.write(change('q')))\n"
        "tried(lambda store: store.snapshot().__enter__())\n"
        "tried(lambda store: store.turn('p').__enter__())\n"
    )
    said, _ = child(code, path).communicate(timeout=20)
    path.chmod(0o644)

    assert ["storage-no-right"] * 3 == said.split()
    with closing(SqlStore(path)) as store:
        assert ["p"] == [row.id for row in store.plans()]


def test_a_full_disk_is_named_and_leaves_nothing(store):
    """A write for which there is no room is undone whole, and the next small one works."""
    first = change()
    store.write(first)
    # The bound belongs to one connection: the store's own.
    connection = store._reading()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 20}")
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
