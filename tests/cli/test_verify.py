"""`audit verify` as it is typed: the list, what it leaves out, since the last seal, and in several processes."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cli.conftest import PEOPLE, SAMPLE, error_of
from click.testing import CliRunner
from postgres_kit import Server

from workflow.bootstrap import init_workspace, open_workspace
from workflow.cli import main
from workflow.verification import spreading
from workflow.verification.checklist import CHECKS
from workflow.views.plans import Write

GUARDS = ("event_not_updated", "event_not_deleted", "event_not_replaced")


def by_hand(workspace: Path, *statements: str) -> None:
    """Change the database past the program, its guards taken off."""
    with closing(sqlite3.connect(workspace / "workflow.db", isolation_level=None)) as raw:
        kept = [sql for (sql,) in raw.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")]
        for guard in GUARDS:
            raw.execute(f"DROP TRIGGER {guard}")
        for statement in statements:
            raw.execute(statement)
        for trigger in kept:
            if any(guard in trigger for guard in GUARDS):
                raw.execute(trigger)


def verified(typed, *options: str) -> dict:
    """What `audit verify --json` says, whatever its exit code."""
    return json.loads(typed("--json", "audit", "verify", *options).stdout)


def test_the_list_is_numbered_and_says_what_holds(done, plan):
    """Each check has a number, what it is, how often it was made and its result."""
    lines = done("audit", "verify").stdout.splitlines()

    numbers = [int(line[:2]) for line in lines if line[:2].strip().isdigit() and "chains with" not in line]
    assert list(range(1, len(CHECKS) + 1)) == numbers
    assert any(line.startswith("2 ") and line.endswith("holds") for line in lines)
    assert "2 chains with" in done("audit", "verify").stdout
    assert "No seal from outside was compared" in " ".join(lines[-2:])


def test_the_first_bad_thing_is_named_and_what_still_holds(typed, done, plan, workspace):
    """One changed event ends with 7; the other chain holds, and so does the chain up to that event."""
    done("advance", plan, "drop")
    by_hand(workspace, f"UPDATE event SET actor = 'ai đó' WHERE plan = '{plan}' AND seq = 3")
    result = typed("audit", "verify")
    told = " ".join(result.stdout.split())

    assert 7 == result.exit_code
    assert f"{plan} 3: columns: column `actor` of event 3 differs" in told
    assert "FAILED: 1" in told
    assert f"What still holds: 1 of 2 chains. {plan}: events 1 to 2 hold." in told
    said = verified(typed)
    assert (False, {plan: 3}, 1) == (said["sound"], said["first_bad"], said["checks"]["columns"]["failed"])


def test_a_quick_look_says_what_it_leaves_out(typed, done, plan, workspace):
    """A plan's row changed by hand passes a quick look, which says that rows were not looked at."""
    by_hand(workspace, f"UPDATE plan SET stage = 'agencies' WHERE id = '{plan}'")
    quick = typed("audit", "verify", "--quick")

    assert 0 == quick.exit_code
    assert "Left out, and so not verified: 1, 5," in " ".join(quick.stdout.split())
    assert "left-out" == verified(typed, "--quick")["checks"]["plan"]["result"]
    assert "left-out" == verified(typed, "--chains")["checks"]["columns"]["result"]
    assert 7 == typed("audit", "verify").exit_code


@pytest.mark.parametrize(
    "options", [("--since-seal", "--quick"), ("--since-seal", "1-KH-2026"), ("--key", "k.pub"), ("--jobs", "0")]
)
def test_options_that_do_not_go_together_are_refused(typed, done, plan, options):
    """Wrong usage is told, and nothing is looked at."""
    assert 2 == typed("audit", "verify", *options).exit_code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "not-read"),
        (b"", "bad-seal"),
        (b"\xff\xfe", "bad-seal"),
        (b"x" * 10**6, "bad-seal"),
        (b"a\n1\n", "bad-seal"),
    ],
)
def test_what_is_no_seal_is_refused_before_anything_is_read(typed, done, plan, tmp_path, content, code):
    """A file that is missing, empty, no text, huge or cut short is no seal: exit 2."""
    path = tmp_path / "seal.txt"
    if content is not None:
        path.write_bytes(content)
    result = typed("--json", "audit", "verify", "--seal", str(path))

    assert (2, code) == (result.exit_code, error_of(result)["code"])


# since the newest seal


@pytest.fixture
def sealed(plan, done, workspace, monkeypatch) -> str:
    """A plan that was sealed, and went on."""
    monkeypatch.delenv("WORKFLOW_KEY_PASSPHRASE", raising=False)
    done("audit", "key", "new")
    done("audit", "seal")
    done("advance", plan, "drop")
    return plan


def test_behind_the_seal_only_newer_events_are_read(typed, done, sealed, workspace):
    """Fewer events are counted than there are; older ones changed by hand pass, which is said, newer ones do not."""
    everything, newer = verified(typed), verified(typed, "--since-seal")

    assert 0 < newer["events"] < everything["events"]
    assert (everything["chains"], "left-out") == (newer["chains"], newer["checks"]["plan"]["result"])
    by_hand(workspace, f"UPDATE event SET actor = 'ai đó' WHERE plan = '{sealed}' AND seq = 1")
    assert [] == verified(typed, "--since-seal")["findings"]
    by_hand(workspace, f"UPDATE event SET actor = 'ai đó' WHERE plan = '{sealed}' AND seq = 3")
    assert [3] == [finding["seq"] for finding in verified(typed, "--since-seal")["findings"]]
    told = " ".join(typed("audit", "verify", "--since-seal").stdout.split())
    assert "Left out, and so not verified:" in told


def test_a_chain_whose_sealed_head_changed_is_read_from_its_beginning(typed, done, sealed, workspace):
    """The seal is not agreed with, and what was changed under it is named too."""
    by_hand(
        workspace,
        f"UPDATE event SET actor = 'ai đó' WHERE plan = '{sealed}' AND seq = 1",
        f"UPDATE event SET hash = zeroblob(32) WHERE plan = '{sealed}' AND seq = 2",
    )
    found = {(finding["check"], finding["seq"]) for finding in verified(typed, "--since-seal")["findings"]}

    assert {("columns", 1), ("seal", 2)} <= found


# the workspace's own folder of seals


def test_the_seals_of_the_workspace_are_compared_without_being_named(typed, done, sealed, workspace):
    """The newest file that can be read is, and one that is no seal is told; that none came from outside too."""
    (workspace / "seals" / "seal-000002.txt").write_bytes(b"\xff")
    (workspace / "seals" / "seal-000003.txt").mkdir()
    told = " ".join(done("audit", "verify").stdout.split())

    assert "the record agrees with itself" in told and "nothing was changed" not in told
    assert "seal-000002.txt" in told.partition("It goes on from")[0]
    assert "seal-000001.txt No seal from outside was compared" in told.partition("It goes on from")[2]
    said = verified(typed)
    assert (False, "seal-000001.txt") == (said["seal_given"], Path(said["seal_file"]).name)
    given = " ".join(done("audit", "verify", "--seal", "seals/seal-000001.txt").stdout.split())
    assert "It goes on from the seal given" in given and "No seal from outside" not in given


def test_seals_that_lie_there_but_are_stored_no_more_are_found(typed, done, sealed, workspace):
    """Whoever empties the tables of seals has still made a key known; damaged files tell as much."""
    with closing(sqlite3.connect(workspace / "workflow.db", isolation_level=None)) as raw:
        kept = raw.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('seal', 'leaf')"
        ).fetchall()
        for name, _ in kept:
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("DELETE FROM leaf")
        raw.execute("DELETE FROM seal")
        for _, sql in kept:
            raw.execute(sql)

    assert {"seals-gone", "rolled-back"} <= {finding["code"] for finding in verified(typed)["findings"]}
    (workspace / "seals" / "seal-000001.txt").write_bytes(b"")
    result = typed("audit", "verify")
    assert 7 == result.exit_code
    assert "no seal is stored" in " ".join(result.stdout.split())
    assert "event -" not in result.output and "the first in @workspace." in " ".join(result.output.split())


def test_what_still_holds_counts_what_later_checks_found(typed, done, sealed, workspace):
    """A plan that is gone is one that does not hold, and so is a chain whose sealed end was cut off."""
    said = verified(typed)
    assert (2, 2, 0) == (said["chains"], said["sound_chains"], said["gone_chains"])
    by_hand(workspace, "DELETE FROM event WHERE plan = '@workspace' AND type = 'key_added'")
    assert 1 == verified(typed)["sound_chains"]
    by_hand(workspace, f"DELETE FROM event WHERE plan = '{sealed}'", f"DELETE FROM work_item WHERE plan = '{sealed}'")
    assert (1, 0, 1) == tuple(verified(typed)[name] for name in ("chains", "sound_chains", "gone_chains"))
    assert "What still holds: 0 of 2 chains." in " ".join(typed("audit", "verify").stdout.split())


# in several processes


@pytest.fixture(scope="module")
def played(tmp_path_factory) -> Path:
    """A workspace with five plans on their way."""
    root = init_workspace(tmp_path_factory.mktemp("several") / "office")
    (root / "definitions" / "sample.yaml").write_text(SAMPLE, encoding="utf-8")
    anna = Write(actor="anna")
    with closing(open_workspace(root)) as opened:
        opened.service.load_people(PEOPLE.encode(), "people.yaml", Write(actor=None))
        for number in range(5):
            opened.service.create("sample-decision", f"{number}-KH-2026", anna, title="Kế hoạch")
            if number % 2:
                opened.service.advance(f"{number}-KH-2026", "drop", anna)
    return root


def answer(folder: Path | str, *options: str) -> dict:
    """What is said of a workspace."""
    given = ["--workspace", str(folder), "--json", "audit", "verify", *options]
    return json.loads(CliRunner().invoke(main, given, env={"WORKFLOW_LANG": "en"}).stdout)


def test_processes_that_begin_with_nothing_find_the_same(played):
    """Where this process cannot be copied, because it has threads, others begin by themselves."""
    assert answer(played, "--jobs", "1") == answer(played, "--jobs", "2")


def test_several_processes_find_what_one_finds(played, monkeypatch):
    """Counts and findings are the same, in the same order."""
    copied = multiprocessing.get_context("fork")
    monkeypatch.setattr(spreading, "_context", lambda: copied)
    one = answer(played, "--jobs", "1")
    assert one["sound"]
    assert one == answer(played, "--jobs", "2")

    with closing(sqlite3.connect(played / "workflow.db")) as raw:
        names = [name for (name,) in raw.execute("SELECT id FROM plan ORDER BY id")]
        before = raw.execute("SELECT id, stage FROM plan").fetchall()
        raw.execute("UPDATE plan SET stage = 'nowhere'")
        raw.commit()
        try:
            wrong = answer(played, "--jobs", "1")
            assert names == [finding["chain"] for finding in wrong["findings"]]
            assert wrong == answer(played, "--jobs", "3")
        finally:
            raw.executemany("UPDATE plan SET stage = ? WHERE id = ?", [(stage, id_) for id_, stage in before])
            raw.commit()


def test_a_server_is_asked_by_several_processes_too(postgres_server: Server, played, tmp_path):
    """On PostgreSQL each process has a connection of its own, and finds what one finds."""
    url = postgres_server.new_database()
    copied = CliRunner().invoke(main, ["--workspace", str(played), "db", "copy", "--to", url])
    assert 0 == copied.exit_code, copied.output
    options = ("--database", url)

    one = answer(played, *options, "--jobs", "1")
    assert one["sound"] and one["events"] == answer(played)["events"]
    assert one == answer(played, *options, "--jobs", "2")
    assert one["events"] == answer(played, *options, "--quick", "--jobs", "2")["events"]


def test_few_events_are_verified_by_one_process():
    """Another process is begun where it is worth while, or asked for."""
    assert (1, 3) == (spreading.jobs_for(None, 100), spreading.jobs_for(3, 100))
    assert 1 <= spreading.jobs_for(None, 10**7) <= spreading.MOST
