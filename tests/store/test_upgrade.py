"""Upgrades of a real workspace from every earlier schema: nothing is lost, the record verifies, all or nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import PEOPLE, SAMPLE
from cli.test_effect import LETTERS
from click.testing import CliRunner, Result
from store.processes import child
from store.workspaces import rows_of

from workflow.bootstrap import init_workspace, open_workspace
from workflow.cli import main
from workflow.errors import StorageUnusable
from workflow.store import migrations, schema
from workflow.store.effects import WorkerRow
from workflow.store.places import backend_of
from workflow.store.sides import TABLES, Side, translated
from workflow.store.sql import SqlStore
from workflow.store.sqlite import Sqlite

OLDER = schema.VERSIONS[:-1]
SINCE = {"issued_number": "0002", "worker": "0003", "seal": "0005", "leaf": "0005", "event_about": "0006"}
"""The version that brought a table; others are of the first."""
COLUMNS_SINCE = {
    ("effect", "at"): "0003",
    ("effect", "tries"): "0003",
    ("effect", "spared"): "0003",
    ("effect", "worker"): "0003",
    ("effect", "reason"): "0003",
    ("plan", "wakes_on"): "0004",
    ("plan", "reminds_on"): "0004",
    ("work_item", "asked_by"): "0010",
}


@pytest.fixture
def office(tmp_path: Path, monkeypatch) -> Path:
    """A workspace with a plugin that has effects; nothing is recorded yet."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE", "WORKFLOW_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    root = init_workspace(tmp_path / "office")
    (root / "definitions" / "sample.yaml").write_text(SAMPLE, encoding="utf-8")
    (root / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    (root / "plugins" / "letters.py").write_text(LETTERS, encoding="utf-8")
    (root / "paper.txt").write_text("dự thảo", encoding="utf-8")
    monkeypatch.chdir(root)
    return root


def typed(*arguments: str) -> Result:
    """Type a command by anna."""
    return CliRunner().invoke(main, [*arguments, "--as", "anna"], prog_name="workflow", env={"WORKFLOW_LANG": "en"})


def done(*arguments: str) -> Result:
    """Type a command that has to succeed."""
    result = typed(*arguments)
    assert 0 == result.exit_code, f"{arguments}: {result.output}"
    return result


def recorded(root: Path, version: str) -> Path:
    """Record what a program with that schema could record, so that every table of its time has rows."""
    done("people", "load")
    done("create", "sample-decision", "--id", "1-KH", "--on", "2019-04-01")
    done("act", "1-KH", "write", "submit", "--attach", "paper.txt", "--note", "lần 1")
    if version >= "0002":
        done("number", "issue", "1-KH", "decision", "--series", "QD")
    done("advance", "1-KH", "circulate")
    if version >= "0003":
        done("effect", "drop", "1-KH:1:2", "--reason", "x")
        opened = open_workspace(root)
        opened.store.beat(WorkerRow("w", "host", 1, "1", "2019", "2019", "2019"))
        opened.close()
    return root / "workflow.db"


def as_of_version(source: Path, target: str | Path, version: str) -> str | Path:
    """Put the rows of a database into one that the migrations made, up to an earlier version."""
    backend = backend_of(target)
    with translated(backend), backend.migrating() as connection:
        migrations.run(connection, version)
        backend.mark(connection)
    with closing(Side(backend_of(source))) as old, closing(Side(backend)) as new, old.snapshot(), new.writing():
        for table in TABLES:
            if SINCE.get(table.name, "0001") > version:
                continue
            keys = [column.name for column in table.primary_key.columns]
            names = [*keys, *(column.name for column in table.columns if not column.primary_key)]
            kept = [at for at, name in enumerate(names) if COLUMNS_SINCE.get((table.name, name), "0001") <= version]
            marks = ", ".join(["?" if new.is_file else "%s"] * len(kept))
            columns = ", ".join(f'"{names[at]}"' for at in kept)
            for row in old.rows(table.name):
                values = [row[at] for at in kept]
                new.connection.execute(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', values)
    return target


def without_times(rows: dict[str, list[Any]], version: str) -> dict[str, list[Any]]:
    """Rows without the instant from which an effect waits, which no schema before 0003 knew."""
    if version >= "0003":
        return rows
    at = next(list(table.columns.keys()).index("at") for table in TABLES if table.name == "effect")
    return {**rows, "effect": [(*row[:at], *row[at + 1 :]) for row in rows["effect"]]}


@pytest.fixture(params=["file", "server"])
def place(request, tmp_path: Path) -> str | Path:
    """An empty place of each kind."""
    return request.getfixturevalue("postgres_url") if request.param == "server" else tmp_path / "older.db"


@pytest.mark.parametrize("version", OLDER)
def test_every_row_of_every_earlier_version_survives(office, place, version):
    """After the upgrade all rows are what this program writes itself, the record verifies, the plan goes on."""
    source = recorded(office, version)
    as_of_version(source, place, version)
    there = ("--database", str(place))
    assert "older version" in typed(*there, "list").stderr
    told = json.loads(done(*there, "--json", "db", "upgrade", "--backed-up").stdout)
    assert list(schema.VERSIONS[schema.VERSIONS.index(version) + 1 :]) == told["pending"]

    rows = rows_of(source)
    assert {"issued_number", "worker", "seal", "leaf"} >= {name for name, found in rows.items() if not found}
    assert without_times(rows, version) == without_times(rows_of(place), version)
    assert "agrees with itself" in done(*there, "audit", "verify").stdout
    done(*there, "advance", "1-KH", "finish")
    assert "agrees with itself" in done(*there, "audit", "verify").stdout


SLOW = """
import sys, time
from pathlib import Path
from workflow.store import migrations
from workflow.store.sql import SqlStore
run = migrations.run
def slow(connection, to="head"):
    run(connection, to)
    print("migrated", flush=True)
    time.sleep(120)
migrations.run = slow
place = sys.argv[1]
SqlStore(place if "://" in place else Path(place), upgrade=True)
"""


def test_an_upgrade_killed_at_its_end_has_changed_nothing(office, place):
    """With -9 behind the last migration, in front of the commit: the database is the older one, row for row."""
    source = recorded(office, "0001")
    as_of_version(source, place, "0001")
    process = child(SLOW, place)
    assert "migrated\n" == process.stdout.readline()
    process.kill()
    process.communicate()
    with pytest.raises(StorageUnusable, match="older version"):
        SqlStore(place)

    SqlStore(place, upgrade=True).close()
    done("--database", str(place), "db", "upgrade")
    assert without_times(rows_of(source), "0001") == without_times(rows_of(place), "0001")


@pytest.mark.parametrize("version", OLDER)
def test_from_every_version_a_file_becomes_one_like_a_new_one(tmp_path, version):
    """Tables, indexes and triggers of an upgraded file are those of a new one."""

    def shape(path: Path) -> set[tuple[str, str]]:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT name, sql FROM sqlite_master").fetchall()
            columns = {
                (f"{name} column", str(column[1:]))
                for name, _ in rows
                for column in connection.execute("SELECT * FROM pragma_table_info(?)", (name,))
            }
        # Where a column was added later its place in the table's text differs, and nothing else.
        return columns | {
            (name, " ".join((text or "").split())) for name, text in rows if "CREATE TABLE" not in str(text)
        }

    backend = Sqlite(tmp_path / "older.db")
    with backend.migrating() as connection:
        migrations.run(connection, version)
        backend.mark(connection)
    SqlStore(tmp_path / "older.db", upgrade=True).close()
    SqlStore(tmp_path / "new.db").close()

    assert shape(tmp_path / "new.db") == shape(tmp_path / "older.db")


def test_every_version_has_words_for_people():
    """`db upgrade` can say what each migration brings."""
    assert list(schema.VERSIONS) == list(schema.CHANGES)
