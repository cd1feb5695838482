"""`db status/backup/copy/upgrade`: what people type and read, and restores that are rehearsed."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from cli.conftest import error_of
from store.processes import child
from store.workspaces import rows_of

from workflow.bootstrap import init_workspace
from workflow.store import schema

WRITER = """
import sys
from pathlib import Path
from workflow.bootstrap import open_workspace
from workflow.errors import Conflict
from workflow.views.plans import Write
opened, number = open_workspace(Path(sys.argv[1]), sys.argv[3] or None), 0
while True:
    plan = f"{sys.argv[2]}-{number:04}"
    opened.service.create("sample-decision", plan, Write(actor="anna"))
    opened.service.act(plan, "write", "submit", {}, Write(actor="anna", attach=(Path(sys.argv[4]),)))
    opened.service.advance(plan, "circulate", Write(actor="anna"))
    print(number, flush=True)
    number += 1
"""


def sql(path: Path, *statements: str) -> None:
    """Change a database past the program."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


BACK_TO_0005 = (
    "DROP TABLE event_about",
    "DROP INDEX work_item_asker",
    "ALTER TABLE work_item DROP COLUMN asked_by",
    *(f"DROP INDEX event_{name}" for name in ("recorded", "kind", "actor", "workspace", "request")),
    "CREATE INDEX event_request ON event (request_id)",
    "CREATE INDEX event_type ON event (type, plan, seq)",
    "UPDATE alembic_version SET version_num = '0005'",
)


def older(path: Path) -> None:
    """Take a file back to an earlier schema, as the program then made it."""
    sql(path, *BACK_TO_0005)


@pytest.fixture(params=["file", "server"])
def database(request, workspace: Path, monkeypatch) -> str:
    """Where the workspace's database is: its file, or a server."""
    if request.param == "file":
        return ""
    url = request.getfixturevalue("postgres_database")
    monkeypatch.setenv("WORKFLOW_DATABASE", url)
    return url


# status


def test_status_tells_where_and_how_the_database_is(plan, done, typed, workspace):
    """Place, kind, schema, sizes, the last event and settings; backups as far as they are known here."""
    told = json.loads(typed("db", "status", "--json").stdout)
    assert (str(workspace / "workflow.db"), "SQLite", sqlite3.sqlite_version) == (
        told["id"],
        told["kind"],
        told["version"],
    )
    assert (schema.VERSIONS[-1], []) == (told["schema"], told["pending"])
    assert told["bytes"] == (workspace / "workflow.db").stat().st_size
    with closing(sqlite3.connect(workspace / "workflow.db")) as connection:
        (latest,) = connection.execute("SELECT max(recorded_at) FROM event").fetchone()
    assert latest == told["last_event"]["recorded_at"]
    assert {"journal_mode": "wal", "synchronous": "2"} == told["settings"]
    assert (True, None) == (told["append_only"], told["last_backup"])
    tables = {one["id"]: one["rows_about"] for one in told["tables"]}
    assert (1, 2) == (tables["plan"], tables["definition"] + tables["plan"])

    done("db", "backup", "kept.db")
    known = json.loads(typed("db", "status", "--json").stdout)["last_backup"]
    assert (str(workspace / "kept.db"), schema.VERSIONS[-1]) == (known["file"], known["schema"])
    shown = typed("db", "status").stdout
    assert all(word in shown for word in ("SQLite", "kept.db", "journal_mode = wal", "last event: @workspace 2"))


def test_status_shows_no_password(postgres_server, postgres_database, typed):
    """A URL with a password is shown without it, in text and as JSON."""
    url = postgres_database.replace("postgres@", "postgres:geheim@")
    for arguments in (["db", "status"], ["--json", "db", "status"]):
        result = typed("--database", url, *arguments)

        assert (0, False, True) == (result.exit_code, "geheim" in result.output, "PostgreSQL" in result.stdout)


def test_status_of_an_older_database_tells_what_an_upgrade_would_bring(plan, typed, workspace):
    """What other commands refuse to open can be looked at."""
    older(workspace / "workflow.db")

    assert list(schema.VERSIONS[5:]) == json.loads(typed("db", "status", "--json").stdout)["pending"]
    assert "- 0006: the trail by time" in typed("db", "status").stdout
    assert 2 == typed("list").exit_code


def test_status_makes_no_database(workspace, typed):
    """A file that is not there is told, and still not there."""
    (workspace / "workflow.db").unlink()
    result = typed("--json", "db", "status")

    assert (2, "no-database") == (result.exit_code, error_of(result)["code"])
    assert not (workspace / "workflow.db").exists()


# backups


def restored(workspace: Path, backup: Path, folder: Path) -> Path:
    """Make a new workspace, and put a backup and what people keep beside it there."""
    made = init_workspace(folder)
    for path in made.glob("workflow.db*"):
        path.unlink()
    shutil.copy(backup, made / "workflow.db")
    shutil.copytree(workspace / "definitions", made / "definitions", dirs_exist_ok=True)
    return made


def test_a_restored_backup_verifies_and_goes_on(database, done, typed, workspace, tmp_path, paper):
    """In a fresh workspace the file is the record: it verifies, and the plan moves on from where it was."""
    done("people", "load")
    done("create", "sample-decision", "--id", "1-KH")
    done("act", "1-KH", "write", "submit", "--attach", paper)
    backup = tmp_path / "backup.db"
    done("db", "backup", str(backup))
    done("create", "sample-decision", "--id", "2-KH")

    fresh = restored(workspace, backup, tmp_path / "fresh")
    there = ("--workspace", str(fresh), "--database", str(fresh / "workflow.db"))
    assert "agrees with itself" in done(*there, "audit", "verify").stdout
    done(*there, "advance", "1-KH", "circulate")
    assert "agrees with itself" in done(*there, "audit", "verify").stdout
    listed = json.loads(done(*there, "--json", "list").stdout)["plans"]
    assert [("1-KH", "agencies")] == [(one["id"], one["stage"]) for one in listed]
    assert {"writing"} == {one["stage"] for one in json.loads(done("--json", "list").stdout)["plans"]}


def test_a_backup_taken_while_two_processes_work_verifies(database, done, workspace, tmp_path, paper):
    """Whatever the moment was: the record is whole, and both go on working."""
    done("people", "load")
    with ExitStack() as ended:
        writers = [child(WRITER, workspace, name, database, paper) for name in "ab"]
        for writer in writers:
            ended.enter_context(writer)
            ended.callback(writer.kill)
        told = [writer.stdout.readline() for writer in writers]
        assert all(told), [writer.stderr.read() for writer in writers]
        for number in range(3):
            done("db", "backup", str(tmp_path / f"{number}.db"))
            time.sleep(0.1)
        assert all(writer.stdout.readline() for writer in writers)

    for number in range(3):
        verified = done("--database", str(tmp_path / f"{number}.db"), "audit", "verify")
        assert "agrees with itself" in verified.stdout


def test_a_backup_asks_before_it_replaces_a_file(plan, done, typed, workspace):
    """Without a terminal a file that is there is left alone."""
    done("db", "backup", "kept.db")
    result = typed("--json", "db", "backup", "kept.db")

    assert (2, "file-exists") == (result.exit_code, error_of(result)["code"])
    done("db", "backup", "kept.db", "--force")


# copies


def test_a_workspace_moves_to_a_server_and_back(plan, done, typed, workspace, postgres_url, paper, tmp_path):
    """The command says how to switch; behind the switch everything goes on, and so does the way back."""
    done("act", plan, "write", "submit", "--attach", paper)
    before = rows_of(workspace / "workflow.db")
    tried = done("db", "copy", "--to", postgres_url, "--dry-run")
    assert "everything would be written" in tried.stdout
    moved = done("db", "copy", "--to", postgres_url)
    assert ("agrees with itself" in moved.stdout, before) == (True, rows_of(postgres_url))
    there, here = (
        json.loads(done("--database", place, "db", "status", "--json").stdout)["last_event"]
        for place in (postgres_url, str(workspace / "workflow.db"))
    )
    assert here == there is not None

    line = f'database = "{postgres_url}"'
    assert line in moved.stderr.replace("\n", "")
    settings = workspace / "workflow.toml"
    settings.write_text(settings.read_text("utf-8").replace('database = "workflow.db"', line), encoding="utf-8")
    done("advance", plan, "circulate")
    back = json.loads(done("--json", "db", "copy", "--to", str(tmp_path / "back.db")).stdout)
    assert (True, 0, []) == (back["copied"], back["late"], [] if not back["verified"]["findings"] else back)
    done("--database", str(tmp_path / "back.db"), "audit", "verify")

    conflict = typed("--database", str(workspace / "workflow.db"), "--json", "db", "copy", "--to", postgres_url)
    assert (5, "target-moved") == (conflict.exit_code, error_of(conflict)["code"])


def test_a_copy_of_a_record_that_was_changed_says_so(plan, done, typed, workspace, tmp_path):
    """The copy is equal, and as wrong as its source: exit code 7 names the event."""
    sql(
        workspace / "workflow.db",
        "DROP TRIGGER event_not_updated",
        "UPDATE event SET actor = 'bao' WHERE plan = '1-KH-2026'",
    )
    result = typed("db", "copy", "--to", str(tmp_path / "copy.db"))

    assert (7, True) == (result.exit_code, f"{plan} 1: columns" in result.stdout)
    assert "workflow.toml" not in result.stderr


def test_a_half_made_copy_is_told_by_every_command(plan, typed, workspace):
    """`status` says what it is, others refuse."""
    sql(workspace / "workflow.db", "UPDATE alembic_version SET version_num = 'copying'")

    assert "not complete" in typed("db", "status").stdout
    refused = typed("--json", "list")
    assert (2, "storage-unfinished") == (refused.exit_code, error_of(refused)["code"])


# upgrades


def test_an_upgrade_says_what_it_brings_and_makes_a_backup(plan, done, typed, workspace):
    """The backup beside it is of before; afterwards the record verifies and the rows say all they should."""
    before = rows_of(workspace / "workflow.db")["plan"]
    older(workspace / "workflow.db")
    tried = done("db", "upgrade", "--dry-run")
    assert "- 0006" in tried.stdout
    assert 2 == typed("list").exit_code

    upgraded = done("db", "upgrade")
    kept = workspace / "workflow-schema-0005.db"
    assert str(kept) in upgraded.stdout.replace("\n", "")
    with closing(sqlite3.connect(kept)) as connection:
        assert ("0005",) == connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert before == rows_of(workspace / "workflow.db")["plan"]
    assert "agrees with itself" in done("audit", "verify").stdout
    again = json.loads(done("--json", "db", "upgrade").stdout)
    assert ([], None) == (again["pending"], again["backup"])


def test_on_a_server_an_upgrade_asks_for_a_backup(postgres_server, postgres_database, workspace, typed, monkeypatch):
    """pg_dump is the tool there; who says that there is a backup is believed."""
    monkeypatch.setenv("WORKFLOW_DATABASE", postgres_database)
    for statement in BACK_TO_0005:
        postgres_server.execute(statement, postgres_database)
    refused = typed("--json", "db", "upgrade")
    assert (2, "backup-needed") == (refused.exit_code, error_of(refused)["code"])
    assert "pg_dump" in error_of(refused)["hint"]

    assert 0 == typed("db", "upgrade", "--backed-up").exit_code
    assert [] == json.loads(typed("--json", "db", "status").stdout)["pending"]
