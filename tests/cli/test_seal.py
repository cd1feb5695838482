"""`audit seal`, `audit key`, `audit prove`, and `audit verify --seal`, as they are typed."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from cli.conftest import error_of

from workflow import verifier
from workflow.sealing import notes
from workflow.sealing.keys import parse_line

GUARDS = ("event_not_updated", "event_not_deleted", "leaf_not_deleted", "seal_not_deleted", "seal_not_updated")


@pytest.fixture(autouse=True)
def no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's passphrase comes in from outside."""
    monkeypatch.delenv("WORKFLOW_KEY_PASSPHRASE", raising=False)


@pytest.fixture
def key(plan, done) -> str:
    """The id of a key that signs."""
    return json.loads(done("--json", "audit", "key", "new").stdout)["id"]


@pytest.fixture
def sealed(key, done, workspace: Path) -> Path:
    """The file of a first seal."""
    done("audit", "seal")
    return workspace / "seals" / "seal-000001.txt"


def test_a_seal_is_a_small_file_that_says_what_it_is(sealed, workspace, done):
    """It lies in seals/, reads as a note, and is told; standard output stays free for data."""
    said = notes.parse(sealed.read_bytes())

    assert (2, 2) == (said.checkpoint.size, said.checkpoint.chains)
    assert len(sealed.read_bytes()) < 400
    again = done("audit", "seal")
    assert ("", True) == (again.stdout, "nothing to seal" in again.stderr)
    done("advance", "1-KH-2026", "drop")
    made = json.loads(done("--json", "audit", "seal").stdout)
    assert (True, 2, str(workspace / "seals" / "seal-000002.txt")) == (
        made["new"],
        made["seal"]["id"],
        made["seal"]["file"],
    )


def test_a_seal_goes_where_it_is_wanted(key, workspace, done, typed, tmp_path):
    """Into a file outside, or to standard output; the newest one is written out again where nothing grew."""
    done("audit", "seal", "--out", str(tmp_path / "seal.txt"))
    printed = done("audit", "seal", "--out", "-")

    assert (tmp_path / "seal.txt").read_text("utf-8") == printed.stdout
    assert not (workspace / "seals").exists()
    refused = typed("--json", "audit", "seal", "--out", str(tmp_path / "seal.txt"), "--as", "anna")
    assert (2, "file-exists") == (refused.exit_code, error_of(refused)["code"])


def test_a_seal_whose_file_was_lost_is_written_again(sealed, done):
    """As after a crash between the record and the file."""
    before = sealed.read_bytes()
    sealed.unlink()
    done("audit", "seal")

    assert before == sealed.read_bytes()


def test_sealing_needs_somebody_and_a_key(plan, typed):
    """Nobody named, nobody known, no key: each is said, and nothing is made."""
    for arguments, code in (((), "no-actor"), (("--as", "nobody"), "unknown-person"), (("--as", "anna"), "no-key")):
        refused = typed("--json", "audit", "seal", *arguments)
        assert 2 == refused.exit_code
        assert code == "unknown-person" or code == error_of(refused)["code"]


def test_a_key_without_a_passphrase_is_said_to_be_so(plan, typed, workspace):
    """No terminal and no passphrase: not encrypted, and that is told; the line for outside is printed."""
    made = typed("audit", "key", "new", "--as", "anna")
    (file,) = (workspace / "keys").glob("*.pem")

    assert 0 == made.exit_code
    assert "not encrypted" in made.stderr
    assert parse_line(made.stdout.splitlines()[-1]).id == file.stem
    assert b"BEGIN PRIVATE KEY" in file.read_bytes()


def test_a_passphrase_comes_from_the_environment(plan, done, typed, workspace, monkeypatch):
    """With it the key signs; without it, and with another, sealing is refused in words."""
    monkeypatch.setenv("WORKFLOW_KEY_PASSPHRASE", "mật khẩu")
    made = json.loads(done("--json", "audit", "key", "new").stdout)
    assert made["encrypted"]
    done("audit", "seal")
    done("advance", "1-KH-2026", "drop")
    for passphrase, code in (("", "no-passphrase"), ("mat khau", "wrong-passphrase")):
        monkeypatch.setenv("WORKFLOW_KEY_PASSPHRASE", passphrase)
        refused = typed("--json", "audit", "seal", "--as", "anna")
        assert (2, code) == (refused.exit_code, error_of(refused)["code"])
    monkeypatch.setenv("WORKFLOW_KEY_PASSPHRASE", "mật khẩu")
    done("audit", "seal")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal that a test can type in")
def test_on_a_terminal_a_passphrase_is_asked_for_twice(plan, workspace):
    """It is not shown, the second time it must be the same, and then it is needed to seal."""
    import pexpect

    environment = {**os.environ, "COLUMNS": "200"}

    def terminal(*arguments: str) -> pexpect.spawn:
        command = [sys.executable, "-m", "workflow", *arguments, "--as", "anna"]
        return pexpect.spawn(command[0], command[1:], cwd=str(workspace), env=environment, encoding="utf-8", timeout=60)

    making = terminal("audit", "key", "new")
    for answer in ("one", "other", "one", "one"):
        making.expect("Passphrase|once more")
        making.sendline(answer)
    making.expect("signs from now on")
    making.expect(pexpect.EOF)
    assert "other" not in (making.before or "")
    sealing = terminal("audit", "seal")
    sealing.expect("Passphrase of key")
    sealing.sendline("one")
    sealing.expect("Seal 1 over 2 leaves")
    sealing.expect(pexpect.EOF)


def test_keys_are_listed_and_retired(key, done, typed):
    """With their lines and fingerprints; a retired key is shown as such, and signs no more."""
    (listed,) = json.loads(typed("--json", "audit", "key", "list").stdout)["keys"]
    assert (key, True, True, "anna") == (listed["id"], listed["active"], listed["here"], listed["added_by"])
    assert parse_line(listed["public"]).fingerprint == listed["fingerprint"]
    done("audit", "key", "retire", key, "--note", "đổi khóa")
    assert not json.loads(typed("--json", "audit", "key", "list").stdout)["keys"][0]["active"]
    assert listed["public"] in typed("audit", "key", "list").stdout
    assert "no key to sign with" in typed("audit", "seal", "--as", "anna").stderr
    refused = typed("--json", "audit", "key", "retire", "ffffffff", "--as", "anna")
    assert (2, "not-found") == (refused.exit_code, error_of(refused)["code"])
    assert f"key {key} retired" in typed("audit", "show", "@workspace").stdout.replace("\n", " ")


def test_without_keys_that_is_said(plan, typed):
    """An empty list is no error."""
    assert "no key yet" in typed("audit", "key", "list").stderr
    assert [] == json.loads(typed("--json", "audit", "key", "list").stdout)["keys"]


# verifying


def by_hand(workspace: Path, *statements: str) -> None:
    """Change the database past the program, its guards taken away."""
    with closing(sqlite3.connect(workspace / "workflow.db")) as connection:
        for name in GUARDS:
            connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_record_agrees_with_its_seal(sealed, workspace, done, typed):
    """Also after more was recorded, and also held to the public key that was kept outside."""
    (public,) = (workspace / "keys").glob("*.pub")
    done("advance", "1-KH-2026", "drop")

    assert 0 == typed("audit", "verify", "--seal", str(sealed)).exit_code
    assert 0 == typed("audit", "verify", "--seal", str(sealed), "--key", str(public)).exit_code


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DELETE FROM event WHERE plan = '1-KH-2026'", "sealed-chain-gone"),
        ("DELETE FROM leaf WHERE position = 1", "leaves-gone"),
        ("DELETE FROM event WHERE plan = '@workspace' AND seq > 2", "sealed-tail-gone"),
    ],
)
def test_what_is_missing_is_found_against_the_seal(sealed, workspace, typed, statement, code):
    """Exit 7, and the finding is named."""
    by_hand(workspace, "PRAGMA foreign_keys = OFF", statement)
    found = typed("--json", "audit", "verify", "--seal", str(sealed))

    assert 7 == found.exit_code
    assert code in {finding["code"] for finding in json.loads(found.stdout)["findings"]}


def test_a_database_taken_back_is_found(key, workspace, done, typed, tmp_path):
    """Everything in it agrees with itself; the seal outside does not, nor does the file where the next would go."""
    shutil.copy(workspace / "workflow.db", tmp_path / "kept.db")
    done("audit", "seal")
    for name in ("workflow.db-wal", "workflow.db-shm"):
        (workspace / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "kept.db", workspace / "workflow.db")
    seal = workspace / "seals" / "seal-000001.txt"

    found = typed("--json", "audit", "verify", "--seal", str(seal))
    assert (7, ["rolled-back", "leaf-of-chain-missing", "leaf-of-chain-missing"]) == (
        found.exit_code,
        [finding["code"] for finding in json.loads(found.stdout)["findings"]],
    )
    by_itself = typed("--json", "audit", "verify")
    assert (7, "seals-gone") == (by_itself.exit_code, json.loads(by_itself.stdout)["findings"][0]["code"])
    refused = typed("--json", "audit", "seal", "--as", "anna")
    assert (2, "seal-file-exists") == (refused.exit_code, error_of(refused)["code"])
    seal.rename(tmp_path / "outside.txt")
    assert 0 == typed("audit", "verify").exit_code


@pytest.mark.parametrize("content", [b"", b"\xff" * 100, b"x" * 10_000_000, None])
def test_a_file_that_is_no_seal_is_refused(plan, typed, tmp_path, content):
    """Also one cut short; exit 2, in words."""
    file = tmp_path / "seal.txt"
    file.write_bytes(content if content is not None else b"trinh/0123456789abcdef\n7\n")
    refused = typed("--json", "audit", "verify", "--seal", str(file))

    assert (2, "bad-seal") == (refused.exit_code, error_of(refused)["code"])


# proofs


def test_a_proof_is_checked_without_this_program(sealed, workspace, done, typed, tmp_path):
    """The verifier alone, in a process of its own, checks the event against the seal and the key kept outside."""
    done("advance", "1-KH-2026", "drop")
    done("audit", "seal")
    (public,) = (workspace / "keys").glob("*.pub")
    out, newest = tmp_path / "event.bundle", workspace / "seals" / "seal-000002.txt"
    told = json.loads(
        done("--json", "audit", "prove", "1-KH-2026", "2", "--seal", str(newest), "--out", str(out)).stdout
    )
    assert ("1-KH-2026", 2, 2) == (told["plan"], told["seq"], told["seal"])
    command = [sys.executable, str(Path(verifier.__file__)), str(out)]
    for options in ([], ["--seal", str(newest)], ["--seal", str(sealed), "--key", str(public)]):
        checked = subprocess.run([*command, *options], capture_output=True, text=True, encoding="utf-8", check=False)
        assert 0 == checked.returncode, checked.stdout + checked.stderr
    out.write_bytes(out.read_bytes().replace(b'"seq":2', b'"seq":3', 1))
    assert 1 == subprocess.run(command, capture_output=True, check=False).returncode


def test_what_cannot_be_proved_is_refused(sealed, done, typed, tmp_path):
    """No such event, one that is younger than the seal, a file that is no seal: nothing is written."""
    done("advance", "1-KH-2026", "drop")
    youngest = json.loads(typed("--json", "show", "1-KH-2026").stdout)["revision"]
    out = tmp_path / "x.bundle"
    for plan, seq, file, code in (
        ("1-KH-2026", youngest, sealed, "not-sealed"),
        ("1-KH-2026", 99, sealed, "unknown-event"),
        ("nowhere", 1, sealed, "not-found"),
        ("1-KH-2026", 1, Path(__file__), "bad-seal"),
    ):
        refused = typed("--json", "audit", "prove", plan, str(seq), "--seal", str(file), "--out", str(out))
        assert 2 == refused.exit_code, refused.output
        assert code in (error_of(refused)["code"], "not-found")
    assert not out.exists()


# doctor


def told_by_doctor(typed) -> list[tuple[str, str]]:
    """Severity and words of what the doctor finds about seals."""
    found = json.loads(typed("doctor", "--json").stdout)["findings"]
    return [(each["severity"], each["message"]) for each in found if each["check"] == "seals"]


def on_schedule(workspace: Path, every: str) -> None:
    """Let the worker seal as often."""
    settings = workspace / "workflow.toml"
    settings.write_text(settings.read_text("utf-8") + f'\n[seals]\nevery = "{every}"\n', encoding="utf-8")


def test_doctor_tells_what_keeps_a_worker_from_sealing(plan, done, typed, workspace):
    """No key, one that others can read, one that is not here: warnings; a fresh workspace is well without seals."""
    assert [] == told_by_doctor(typed)
    on_schedule(workspace, "1d")
    assert [("warning", True)] == [(severity, "no key" in words) for severity, words in told_by_doctor(typed)]
    key = json.loads(done("--json", "audit", "key", "new").stdout)["id"]
    done("audit", "seal")
    assert [] == told_by_doctor(typed)
    private = workspace / "keys" / f"{key}.pem"
    if os.name == "posix":
        private.chmod(0o644)
        found = told_by_doctor(typed)
        assert [("warning", True)] == [(severity, "others can read" in words) for severity, words in found]
    private.unlink()
    assert [("warning", True)] == [(severity, "is not here" in words) for severity, words in told_by_doctor(typed)]


def test_doctor_tells_when_nothing_was_sealed_for_long(key, done, typed, workspace):
    """As a note where nobody asked for a schedule, as a warning where the worker should have sealed."""
    sixty = "strftime('%Y-%m-%dT%H:%M:%S.000000Z', 'now', '-60 days')"
    by_hand(workspace, f"UPDATE event SET recorded_at = {sixty} WHERE plan = '@workspace' AND seq = 1")
    assert [("note", True)] == [(severity, "nothing is sealed" in words) for severity, words in told_by_doctor(typed)]
    done("audit", "seal")
    assert [] == told_by_doctor(typed)
    by_hand(workspace, f"UPDATE seal SET at = {sixty}")
    assert [("note", True)] == [(severity, "60 days old" in words) for severity, words in told_by_doctor(typed)]
    on_schedule(workspace, "1w")
    assert ["warning"] == [severity for severity, _ in told_by_doctor(typed)]


@pytest.mark.parametrize("table", ['every = "soon"', "every = 7", 'often = "1d"', 'every = "0d"', "[seals.x]"])
def test_a_schedule_that_cannot_be_read_is_refused(plan, typed, workspace, table):
    """The settings' file is named."""
    settings = workspace / "workflow.toml"
    settings.write_text(settings.read_text("utf-8") + f"\n[seals]\n{table}\n", encoding="utf-8")
    refused = typed("--json", "list")

    assert (2, "bad-settings") == (refused.exit_code, error_of(refused)["code"])
