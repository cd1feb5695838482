"""`workflow doctor`: well where all is well, else each fault with what to do."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli.test_effect import LETTERS
from click.testing import CliRunner

from workflow.bootstrap import init_workspace, open_workspace
from workflow.cli import main
from workflow.demo import Demo
from workflow.doctor.keeping import drive_kind
from workflow.store.effects import WorkerRow


def findings(typed, code: int = 6) -> dict[str, Any]:
    """Ask the doctor; return the findings by check, having compared the exit code."""
    result = typed("doctor", "--json")
    assert code == result.exit_code, result.output
    told = json.loads(result.stdout)
    assert told["well"] == (code == 0)
    assert all(one["message"] and one["what_to_do"] for one in told["findings"])
    return {one["check"]: one for one in told["findings"]}


def sql(workspace: Path, *statements: str) -> None:
    """Change the database past the program."""
    with closing(sqlite3.connect(workspace / "workflow.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def seen(workspace: Path, ago: timedelta, **columns: Any) -> None:
    """Leave the sign of life of a worker."""
    at = (datetime.now(UTC) - ago).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    opened = open_workspace(workspace)
    opened.store.beat(
        WorkerRow(**{"id": "w", "host": "pc", "pid": 1, "version": "1", "started_at": at, **columns}, seen_at=at)
    )
    opened.close()


@pytest.fixture
def letters(workspace: Path, done) -> None:
    """A plugin whose effects nobody carries out yet, and a plan that has two."""
    (workspace / "plugins" / "letters.py").write_text(LETTERS, encoding="utf-8")
    done("people", "load")
    done("create", "sample-decision", "--id", "1-KH-2026")


def test_a_new_workspace_is_well(tmp_path, monkeypatch):
    """What is still to be done is a note."""
    monkeypatch.setenv("WORKFLOW_LANG", "en")
    root = init_workspace(tmp_path / "new")
    result = CliRunner().invoke(main, ["--workspace", str(root), "doctor"], prog_name="workflow")

    assert 0 == result.exit_code, result.output
    assert "All is well" in result.stdout and "people load" in result.stdout


def test_the_workspace_of_the_demonstration_is_well(tmp_path):
    """Five plans that ran to their end leave nothing that nobody does."""
    demo = Demo(tmp_path / "plans")
    for _ in demo.play():
        pass
    demo.workspace.close()
    result = CliRunner().invoke(
        main, ["--workspace", str(tmp_path / "plans"), "doctor", "--json"], prog_name="workflow"
    )

    # Its days are long past, and nobody sealed them: worth a note, and no more.
    found = [(each["check"], each["severity"]) for each in json.loads(result.stdout)["findings"]]
    assert (0, [("seals", "note")]) == (result.exit_code, found)


def test_a_workspace_at_work_is_well(typed, plan):
    """People taken in, a plan under way, nothing waiting."""
    assert {} == findings(typed, 0)


def test_effects_without_a_worker_are_told(typed, letters, workspace):
    """None has ever run; one has run, but long ago; one runs: then it is well."""
    assert "no worker has ever run" in findings(typed)["worker"]["message"]
    seen(workspace, timedelta(hours=5))
    assert "no worker was seen since" in findings(typed)["worker"]["message"]
    seen(workspace, timedelta(seconds=20))
    assert {} == findings(typed, 0)


def test_effects_that_wait_although_a_worker_runs_are_told(typed, letters, workspace):
    """One worker is not enough, or it is stuck."""
    sql(workspace, "UPDATE effect SET at = '2026-01-01T00:00:00.000000Z'")
    seen(workspace, timedelta(seconds=1))

    assert "although a worker runs" in findings(typed)["worker"]["message"]


def test_a_kind_that_no_plugin_handles_is_named_until_it_is_there(typed, done, letters, workspace):
    """Waiting or parked: the kind and what to do; with the plugin and a retry it is well again."""
    plugin = (workspace / "plugins" / "letters.py").read_text("utf-8")
    sql(workspace, "UPDATE effect SET kind = 'pigeon' WHERE id = '1-KH-2026:1:2'")
    assert "pigeon" == findings(typed)["effect-kinds"]["where"]
    typed("worker", "--once")
    found = findings(typed)
    assert ["effect-kinds"] == list(found) and "effect retry" in found["effect-kinds"]["what_to_do"]

    text = plugin.replace('EffectHandler("fax", Text(vi="Fax"), fax)', 'EffectHandler("pigeon", Text(vi="P"), print)')
    (workspace / "plugins" / "letters.py").write_text(text.replace("print)", "lambda call: None)"), encoding="utf-8")
    done("effect", "retry", "1-KH-2026:1:2")
    typed("worker", "--once")
    assert {} == findings(typed, 0)


def test_parked_effects_are_counted_until_somebody_decides(typed, done, letters):
    """A warning with the first id; dropping it makes it well."""
    typed("worker", "--once")
    assert "1-KH-2026:1:2" in findings(typed)["parked-effects"]["message"]
    done("effect", "drop", "1-KH-2026:1:2", "--reason", "x")

    assert {} == findings(typed, 0)


def test_plugins_that_failed_and_settings_without_plugin_are_told(typed, plan, workspace):
    """Each by its name."""
    (workspace / "plugins" / "broken.py").write_text("1 / 0\n", encoding="utf-8")
    with open(workspace / "workflow.toml", "a", encoding="utf-8") as file:
        file.write("[plugins.nobody]\nx = 1\n")
    found = findings(typed)

    assert ("broken", "nobody") == (found["plugins"]["where"], found["plugin-settings"]["where"])


@pytest.mark.parametrize(
    ("unready", "told"),
    [
        ("lambda s: () if 'server' in s else (Reason('x', Phrase('no server')),)", "no server"),
        ("lambda s: 1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_handler_that_is_not_set_up_is_told_where_it_is_needed(typed, done, workspace, unready, told):
    """Not before there is an effect for it, or a table of settings."""
    text = LETTERS.replace("import Effect,", "import Reason, Effect,").replace(
        'EffectHandler("letter", Text(vi="Thư"), lambda call: None)',
        f'EffectHandler("letter", Text(vi="Thư"), lambda call: None, {unready})',
    )
    (workspace / "plugins" / "letters.py").write_text(text, encoding="utf-8")
    done("people", "load")
    assert {} == findings(typed, 0)
    done("create", "sample-decision", "--id", "1-KH-2026")

    assert told in findings(typed)["plugin-settings"]["message"]
    assert "[plugins.letters]" in findings(typed)["plugin-settings"]["what_to_do"]


STEP_TYPE = """\
from workflow import StepType, hookimpl
class Gone(StepType):
    name, title = 'gone', {'vi': 'G', 'en': 'G'}
    states, complete_states = {'open': {'vi': 'M', 'en': 'O'}}, ('open',)
@hookimpl
def step_types():
    return (Gone(),)
"""
GUARD = """\
from workflow import Guard, Text, hookimpl
@hookimpl
def guards():
    return (Guard('gone', Text(vi='G', en='G'), lambda plan, transition: ()),)
"""


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        (STEP_TYPE, "    steps: {s: {uses: gone}}\n    transitions: {go: {to: b}}\n"),
        (GUARD, "    transitions: {go: {to: b, requires: [gone]}}\n"),
    ],
    ids=["step type", "guard"],
)
def test_what_a_plan_needs_and_nobody_supplies_is_named_with_the_plan(typed, done, workspace, text, stage):
    """As long as a plan under way needs it: a step could not be done, a transition would be refused."""
    plugin = workspace / "plugins" / "gone.py"
    plugin.write_text(text, encoding="utf-8")
    (workspace / "definitions" / "gone.yaml").write_text(
        "workflow: 1\nid: with-gone\nversion: 1\ntitle: X\nby: office-a\nlead: office-a\n"
        f"stages:\n  a:\n    title: A\n{stage}  b: {{title: B, final: true}}\n",
        encoding="utf-8",
    )
    done("people", "load")
    done("create", "with-gone", "--id", "1-G")
    done("doctor")
    plugin.unlink()

    found = findings(typed)["step-types"]
    assert "gone" == found["where"] and "1-G" in found["message"]


def test_files_that_do_not_count_are_told(typed, plan, workspace):
    """people.yaml edited since it was loaded; a definition edited under a version in use."""
    people = workspace / "people.yaml"
    people.write_text(people.read_text("utf-8").replace("Lê Thị Cam", "Lê Thị Cẩm"), encoding="utf-8")
    sample = workspace / "definitions" / "sample.yaml"
    sample.write_text(sample.read_text("utf-8").replace("Agencies", "All agencies"), encoding="utf-8")
    found = findings(typed)

    assert {"people", "definitions"} == set(found)
    assert "sample-decision" == found["definitions"]["where"]
    people.write_text("people: [", encoding="utf-8")
    assert "people" in findings(typed)
    people.unlink()
    sample.unlink()
    assert "note" == findings(typed, 0)["people"]["severity"]


def test_clocks_that_disagree_are_told(typed, plan, workspace):
    """An event of tomorrow, and a worker whose machine is ahead."""
    seen(workspace, timedelta(minutes=-10), host="other")
    assert "other" in findings(typed)["clocks"]["message"]
    ahead = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    sql(workspace, "DROP TRIGGER event_not_updated", f"UPDATE event SET recorded_at = '{ahead}' WHERE seq = 1")

    assert "still to come" in findings(typed)["clocks"]["message"]


def test_what_another_version_queued_is_told_and_taken_up(typed, letters, workspace):
    """It would wait in silence for ever; a worker of this version makes it well."""
    typed("worker", "--once")
    with closing(sqlite3.connect(workspace / "worker.db")) as connection:
        connection.execute("UPDATE workflow_status SET status = 'ENQUEUED', application_version = 'older'")
        connection.commit()
    assert "worker-version" in findings(typed)
    typed("worker", "--once")

    assert "worker-version" not in findings(typed)


@pytest.mark.parametrize("spoil", ["older", "lost", "foreign"])
def test_a_database_that_cannot_be_used_is_the_finding(typed, plan, workspace, spoil):
    """Migrations due, no file, another program's file: what it is and what to do, exit 6."""
    file = workspace / "workflow.db"
    if spoil == "older":
        sql(workspace, "UPDATE alembic_version SET version_num = '0001'")
    else:
        for each in workspace.glob("workflow.db*"):
            each.unlink()
        if spoil == "foreign":
            file.write_bytes(b"no database at all" * 100)
    found = findings(typed)

    assert ["database"] == list(found)
    assert ("db upgrade" in found["database"]["what_to_do"]) == (spoil == "older")


def test_vietnamese_findings_fit_the_screen(typed, letters):
    """Both languages, 80 columns."""
    shown = typed("doctor", "--lang", "vi")

    assert 6 == shown.exit_code and "bộ thực hiện" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/office/workflow.db", "nfs4"),
        ("/srv/office share/w.db", "cifs"),
        ("/home/an/w.db", None),
        ("/srv2/w.db", None),
    ],
)
def test_a_network_drive_is_known_by_its_mount(path, kind):
    """The innermost mount counts, by whole folders."""
    mounts = "/dev/sda1 / ext4 rw 0 0\nserver:/srv /srv/office nfs4 rw 0 0\n//s/x /srv/office\\040share cifs rw 0 0\n"

    assert kind == drive_kind(Path(path), mounts)


def test_settings_that_lose_data_are_told(typed, plan, monkeypatch):
    """Values by which a power cut loses what was reported as written, on either database."""
    from workflow.store.sql import SqlStore

    losing = {"journal_mode": "off", "synchronous": "1", "fsync": "off", "full_page_writes": "off"}
    monkeypatch.setattr(SqlStore, "storage_settings", lambda self: losing)
    result = typed("doctor", "--json")
    told = [one["where"] for one in json.loads(result.stdout)["findings"] if one["check"] == "database-settings"]

    assert (6, list(losing)) == (result.exit_code, told)
    monkeypatch.setattr(SqlStore, "storage_settings", lambda self: {"journal_mode": "delete", "synchronous": "2"})
    assert "warning" == findings(typed)["database-settings"]["severity"]


def test_work_of_a_unit_that_ended_without_a_successor_is_found(typed, done, workspace):
    """Nobody will do it: the doctor says how it is handed over, and is content once it was."""
    done("people", "load")
    done("create", "sample-decision", "--id", "1-KH-2026", "--adopt-at", "agencies", "--on", "2026-01-05")
    people = workspace / "people.yaml"
    ended = people.read_text("utf-8").replace(
        "agency-b: {name: {vi: Cơ quan B, en: Agency B}", "agency-b: {until: 2026-03-31, name: {vi: Cơ quan B, en: B}"
    )
    people.write_text(ended, encoding="utf-8")
    done("people", "load")
    found = findings(typed)["ended"]

    assert ("error", "agency-b") == (found["severity"], found["where"])
    assert "1-KH-2026" in found["message"] and "nobody will do it" in found["message"]
    assert "workflow handover agency-b" in found["what_to_do"]
    done("handover", "agency-b", "office-a", "--reason", "giải thể")
    assert "ended" not in findings(typed, 0)
