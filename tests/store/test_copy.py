"""A workspace's database copied into another: every row as it is, or a word about why not."""

from __future__ import annotations

import sqlite3
import tracemalloc
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store.processes import child
from store.rows import change, event, item
from store.workspaces import filled, rows_of

from workflow.errors import Conflict, IntegrityBroken, InvalidInput, StorageUnusable
from workflow.store import copying
from workflow.store.copying import PASSES, Copied, Copy
from workflow.store.sql import SqlStore

KINDS = ("file to server", "server to file", "file to file")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file with rows in every table."""
    return filled(tmp_path / "source.db")


@pytest.fixture(params=["file", "server"])
def target(request, tmp_path: Path) -> str | Path:
    """An empty place of each kind."""
    return request.getfixturevalue("postgres_url") if request.param == "server" else tmp_path / "target.db"


def copied(source: str | Path, target: str | Path, told=lambda rows: None) -> Copied:
    """Copy all of it."""
    with closing(Copy(source, target)) as copy:
        return copy.run(told)


def intent(source: str | Path, target: str | Path) -> str:
    """What a copy would meet in the target."""
    with closing(Copy(source, target)) as copy:
        return copy.intent.state


def write(location: str | Path, *changes) -> None:
    """Write changes past whoever copies."""
    with closing(SqlStore(location)) as store:
        for one in changes:
            store.write(one)


def sql(path: Path, *statements: str) -> None:
    """Run SQL on a file, past the store."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_of_every_table_arrives_as_it_is(kind, tmp_path, postgres_url):
    """Both have the same rows in the end, in every table, and the target works like any other."""
    places = {"file": tmp_path / "a.db", "server": postgres_url}
    start, _, end = kind.split()
    source = filled(places.pop(start))
    target = places.pop(end, tmp_path / "b.db")
    done = copied(source, target)

    rows = rows_of(source)
    assert all(rows.values()), "a table without rows proves nothing"
    assert rows == rows_of(target)
    count = sum(map(len, rows.values()))
    assert (count, 0, count) == (done.written, done.late, done.compared)
    with closing(SqlStore(target, create=False)) as store:
        assert store.append_only()


def test_a_database_whose_tables_were_made_already_is_taken(source, target):
    """What `init` made, and nobody used, counts as empty."""
    SqlStore(target).close()
    assert "empty" == intent(source, target)

    copied(source, target)
    assert rows_of(source) == rows_of(target)


def test_a_look_at_what_would_be_done_writes_nothing(source, tmp_path):
    """The intent alone makes no file."""
    assert "empty" == intent(source, tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()


# broken off

RUN = """
import sys
from pathlib import Path
from workflow.store import copying
copying._ROWS = 1
places = [place if "://" in place else Path(place) for place in sys.argv[1:]]
copying.Copy(*places).run(lambda rows: print(rows, flush=True))
"""


def killed_after(rows: int, source, target) -> None:
    """Copy in another process, and kill it with -9 when it has dealt with so many rows."""
    process = child(RUN, source, target)
    told = [process.stdout.readline() for _ in range(rows)]
    process.kill()
    assert all(told), process.communicate()
    process.communicate()


@pytest.mark.parametrize("rows", [1, 20, 55])
def test_a_copy_killed_in_the_middle_goes_on(source, target, rows):
    """What was written stays, nobody takes it for a workspace, and the same command writes the rest."""
    count = sum(map(len, rows_of(source).values()))
    killed_after(rows, source, target)
    with pytest.raises(StorageUnusable, match="not complete") as told:
        SqlStore(target)
    assert "workflow db copy" in str(told.value.hint)

    assert "unfinished" == intent(source, target)
    done = copied(source, target)
    assert done.written <= count - min(rows - 1, count)
    assert rows_of(source) == rows_of(target)
    assert "equal" == intent(source, target)


def test_a_copy_goes_on_from_a_source_that_changed_while_it_lay_there(source, target):
    """Rows that came in front of those already copied, and rows that went, are brought as well."""
    killed_after(30, source, target)
    write(source, change("0000", work_items=(item("0000"),)))
    gone = rows_of(source)["work_item"][-1]
    sql(source, f"DELETE FROM work_item WHERE key = '{gone[3]}' AND plan LIKE '0002%'")

    copied(source, target)
    assert rows_of(source) == rows_of(target)


def test_a_copy_broken_off_is_not_mixed_with_another_workspace(source, target, tmp_path):
    """The rest of a copy is written by a copy of the same workspace alone."""
    killed_after(30, source, target)
    before = rows_of(target)
    other = filled(tmp_path / "other.db")

    with pytest.raises(Conflict, match="something else"):
        Copy(other, target)
    assert before == rows_of(target)


def test_two_copies_at_once_do_not_mix(source, target, monkeypatch):
    """Whoever began later writes; the other one is told, and the result is whole."""
    monkeypatch.setattr(copying, "_ROWS", 1)
    met: list[Exception] = []

    def other(rows: int) -> None:
        monkeypatch.setattr(copying, "_ROWS", 1000)
        if not met:
            met.append(Conflict("once"))
            copied(source, target)

    with pytest.raises((Conflict, StorageUnusable)):
        copied(source, target, other)
    assert rows_of(source) == rows_of(target)


# a source that moves


def after(count: int, act):
    """Do something once, when so many rows were dealt with."""
    seen = [0]

    def told(rows: int) -> None:
        seen[0] += rows
        if seen[0] == count:
            act()

    return told


def test_what_is_recorded_meanwhile_is_brought_along_and_told(source, target):
    """Nothing that is recorded while the copy runs is lost; how many rows came late is said."""
    done = copied(source, target, after(30, lambda: write(source, change("0000", work_items=(item("0000"),)))))

    assert 3 == done.late
    assert rows_of(source) == rows_of(target)


def test_what_is_recorded_during_the_last_comparison_is_seen(source, target):
    """An event that came after its table was compared is met before the copy is called complete."""
    count = sum(map(len, rows_of(source).values()))
    done = copied(source, target, after(2 * count, lambda: write(source, change("zz"))))

    assert 2 == done.late
    assert rows_of(source) == rows_of(target)


def test_a_source_that_never_stands_still_is_told(source, target):
    """The copy ends with a word about it, is not taken for complete, and is gone on with later."""
    rows = iter(range(10_000))
    with closing(SqlStore(source)) as store, pytest.raises(Conflict, match="worked with"):
        # More often than once in each pass.
        busy = (store.write(change(f"x{number:05}")) for number in range(10_000))
        copied(source, target, lambda _: next(busy) if next(rows) % 20 == 19 else None)

    assert next(rows) >= PASSES * 20
    with pytest.raises(StorageUnusable, match="not complete"):
        SqlStore(target)
    copied(source, target)
    assert rows_of(source) == rows_of(target)


# a target that is something else


def test_a_second_copy_brings_what_is_new(source, target):
    """An earlier copy that nobody has worked with is brought up to its source."""
    copied(source, target)
    write(source, change("new", count=2))
    assert "behind" == intent(source, target)

    assert 3 == copied(source, target).written
    assert rows_of(source) == rows_of(target)


@pytest.mark.parametrize("source_too", [False, True], ids=["the copy alone", "both"])
def test_a_copy_that_somebody_has_worked_with_is_left_alone(source, target, source_too):
    """Events that only the target has are never written over; the message names the first of them."""
    copied(source, target)
    write(target, change("mine"))
    if source_too:
        write(source, change("mine", count=1, events={"actor": "other"}, plan={"stage": "x"}), change("yours"))
        with closing(SqlStore(source)) as store:
            moved = store.plan("mine")
        write(source, change(after=moved))
        write(target, change(after=replace(moved), events={"actor": "somebody"}, count=2))
    before = rows_of(target)

    with pytest.raises(Conflict, match="moved on: event . of mine"):
        Copy(source, target)
    assert before == rows_of(target)


def test_another_workspace_is_left_alone(source, target, tmp_path):
    """A place that holds another workspace takes nothing."""
    filled(target)
    before = rows_of(target)

    with pytest.raises(Conflict, match="something else"):
        Copy(source, target)
    assert before == rows_of(target)


def test_a_row_that_was_changed_by_hand_is_no_part_of_a_copy(source, tmp_path):
    """An event in the target that differs from the source's is named; the copy is not completed."""
    target = tmp_path / "target.db"
    killed_after(36, source, target)
    sql(target, "DROP TRIGGER event_not_updated", "UPDATE event SET actor = 'other' WHERE seq = 2")

    with pytest.raises(IntegrityBroken, match="`event`.*, 2"):
        copied(source, target)
    with pytest.raises(StorageUnusable, match="not complete"):
        SqlStore(target)


def test_a_database_is_not_copied_onto_itself(source, postgres_server, postgres_url):
    """The same file, and the same database under another address, are refused."""
    with pytest.raises(InvalidInput, match="database itself"):
        Copy(source, source)

    filled(postgres_url)
    with pytest.raises(InvalidInput, match="database itself"):
        Copy(postgres_url, postgres_url.replace("127.0.0.1", "localhost"))


def test_there_has_to_be_something_to_copy(tmp_path):
    """A database without a workspace in it is told apart from one that is not there."""
    with pytest.raises(StorageUnusable, match="no database"):
        Copy(tmp_path / "none.db", tmp_path / "target.db")
    SqlStore(tmp_path / "new.db").close()

    with pytest.raises(InvalidInput, match="nothing to copy"):
        Copy(tmp_path / "new.db", tmp_path / "target.db")


def test_a_row_that_no_database_can_order_is_named(source, target):
    """A key that is no number, put there by hand, ends the copy with its table and key."""
    sql(source, "DROP TRIGGER event_not_updated", "UPDATE event SET seq = 'three' WHERE seq = 3 AND plan LIKE '0001%'")

    with pytest.raises(StorageUnusable, match="`event`.*'three'"):
        copied(source, target)


# any size


def test_memory_does_not_grow_with_what_is_copied(tmp_path):
    """Forty mebibytes of files go through in pieces."""
    source = filled(tmp_path / "source.db", mebibytes=40)
    with closing(SqlStore(source)) as store:
        store.append_workspace([event("@workspace", 2, store.workspace_head().hash)])
    tracemalloc.start()
    try:
        copied(source, tmp_path / "target.db")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 25 * 2**20


SOME = st.dictionaries(st.integers(0, 20), st.integers(0, 2))


@given(SOME, SOME)
def test_two_streams_meet_at_every_key(here, there):
    """Whatever is on both sides: each key comes once, in order, with the row of each side."""

    class Keyed:
        @staticmethod
        def key(row):
            return row[:1]

    pairs = copying._paired(*((row for row in sorted(side.items())) for side in (here, there)), Keyed)
    expected = [
        ((key, here[key]) if key in here else None, (key, there[key]) if key in there else None)
        for key in sorted({*here, *there})
    ]

    assert expected == list(pairs)
