"""Personal and secret contents leave the record for good: the chain still verifies, and says who did it and why."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cli.conftest import PEOPLE, Type, error_of

HIDDEN = "danh sách hộ nghèo kèm số tài khoản"
SECRET = "số điện thoại riêng 0912 345 678"
KEEPER = "--as", "cam"


@pytest.fixture
def paper(tmp_path: Path) -> str:
    """A file whose bytes stand nowhere else."""
    path = tmp_path / "dự thảo.txt"
    path.write_text(HIDDEN, encoding="utf-8")
    return str(path)


@pytest.fixture
def office(workspace: Path, plan: str, done: Type, paper: str) -> Path:
    """A workspace in which Cam may withdraw things, with a plan whose second event has a note and a file."""
    Path("people.yaml").write_text(PEOPLE.replace("people: 1", "people: 1\nwithdrawers: [cam]"), encoding="utf-8")
    done("people", "load")
    done("act", plan, "write", "submit", "--attach", paper, "--note", SECRET)
    return workspace


def handed_in(typed: Type, plan: str) -> int:
    """The number of the event with the file."""
    events = json.loads(typed("audit", "show", plan, "--json").stdout)["events"]
    return next(event["seq"] for event in events if event["data"].get("attachments"))


def bytes_on_disk(workspace: Path) -> bytes:
    """Everything that lies in the database's files."""
    return b"".join(path.read_bytes() for path in sorted(workspace.glob("workflow.db*")))


def test_without_a_word_of_what_it_shows_what_there_is(office: Path, typed: Type, plan: str):
    """Each text by its place, each file by its number; nothing is withdrawn."""
    result = typed("audit", "withdraw", plan, str(handed_in(typed, plan)))

    assert 0 == result.exit_code, result.output
    assert "--text data.note" in result.stdout
    assert SECRET in result.stdout
    assert "--file 1" in result.stdout
    assert SECRET.encode() in bytes_on_disk(office)


def test_a_withdrawn_text_is_gone_from_the_database_files(office: Path, typed: Type, plan: str):
    """Neither a row nor a page nor the log of what was written has it any more; the chain verifies."""
    seq = handed_in(typed, plan)
    result = typed("audit", "withdraw", plan, str(seq), "--text", "data.note", "--reason", "số riêng", *KEEPER)

    assert 0 == result.exit_code, result.output
    assert SECRET.encode() not in bytes_on_disk(office)
    assert 0 == typed("audit", "verify").exit_code
    assert SECRET not in typed("audit", "show", plan).stdout


def test_the_trail_says_who_withdrew_it_and_why(office: Path, typed: Type, plan: str):
    """The act is an event of the plan; the reason is a text like any other."""
    seq = handed_in(typed, plan)
    typed("audit", "withdraw", plan, str(seq), "--all", "--reason", "số điện thoại riêng", *KEEPER)
    event = json.loads(typed("audit", "show", plan, "--json").stdout)["events"][-1]

    assert ("content_withdrawn", "cam") == (event["type"], event["actor"])
    assert seq == event["data"]["seq"]
    assert 2 == len(event["data"]["texts"])
    assert 1 == len(event["data"]["documents"])
    assert "số điện thoại riêng" in typed("audit", "show", plan).stdout


def test_the_event_and_its_withdrawal_point_at_each_other(office: Path, typed: Type, plan: str):
    """Texts by their places and files by their numbers, in the trail and in both explanations."""
    seq = handed_in(typed, plan)
    done = typed("audit", "withdraw", f"{plan}#{seq}", "--file", "1", "--reason", "mật", *KEEPER)
    last = json.loads(typed("audit", "show", plan, "--json").stdout)["events"][-1]["seq"]
    lost = json.loads(typed("audit", "explain", plan, str(seq), "--json").stdout)
    took = json.loads(typed("audit", "explain", f"{plan}#{last}", "--json").stdout)

    assert "A file's name goes with the file" in done.stdout
    assert [{"seq": last, "texts": ["attachments.1.name"], "files": [1]}] == lost["withdrawn"]
    assert {"seq": seq, "texts": ["attachments.1.name"], "files": [1]} == took["withdrew"]
    assert ("withdrawers", ["cam"]) == (took["rule"]["register_key"], took["rule"]["by"])
    assert f"withdrawn by event {last}: attachments.1.name, file 1" in typed("audit", "show", plan).stdout


def test_a_withdrawn_file_is_gone_from_every_plan_that_had_it(office: Path, typed: Type, done: Type, plan: str):
    """The same bytes handed in twice are withdrawn twice, and each chain says so."""
    paper = office.parent / "dự thảo.txt"
    done("create", "sample-decision", "--id", "2-KH-2026")
    done("act", "2-KH-2026", "write", "submit", "--attach", str(paper))
    result = typed("audit", "withdraw", plan, str(handed_in(typed, plan)), "--file", "1", "--reason", "mật", *KEEPER)

    assert 0 == result.exit_code, result.output
    assert "2-KH-2026" in result.stdout
    for each in (plan, "2-KH-2026"):
        last = json.loads(typed("audit", "show", each, "--json").stdout)["events"][-1]
        assert "content_withdrawn" == last["type"]
    assert HIDDEN.encode() not in bytes_on_disk(office)
    assert 0 == typed("audit", "verify").exit_code


def test_a_withdrawn_file_cannot_be_handed_in_again(office: Path, typed: Type, done: Type, plan: str):
    """It is refused, with the event that had it, and stays out."""
    paper = office.parent / "dự thảo.txt"
    typed("audit", "withdraw", plan, str(handed_in(typed, plan)), "--file", "1", "--reason", "mật", *KEEPER)
    done("create", "sample-decision", "--id", "2-KH-2026")
    result = typed("act", "2-KH-2026", "write", "submit", "--attach", str(paper), "--as", "anna", "--json")

    assert 3 == result.exit_code
    assert "file-withdrawn" == error_of(result)["code"]
    assert HIDDEN.encode() not in bytes_on_disk(office)


@pytest.mark.parametrize("command", ["show", "next", "draft list", "overview", "due"])
def test_what_is_shown_goes_on_without_what_was_withdrawn(office: Path, typed: Type, plan: str, command: str):
    """No question fails for want of a text or a file."""
    typed("audit", "withdraw", plan, str(handed_in(typed, plan)), "--all", "--reason", "mật", *KEEPER)
    words = command.split()
    result = typed(*words, *([plan] if words[0] in ("show", "next", "draft") else []))

    assert 0 == result.exit_code, result.output


def test_a_withdrawn_file_cannot_be_looked_into(office: Path, typed: Type, plan: str, tmp_path: Path):
    """Writing it out or comparing it is refused with words, not a traceback."""
    typed("audit", "withdraw", plan, str(handed_in(typed, plan)), "--file", "1", "--reason", "mật", *KEEPER)
    result = typed("draft", "show", plan, "decision", "1.1", "--out", str(tmp_path / "out"))

    assert result.exit_code in (2, 3), result.output
    assert "withdrawn" in result.stderr
    assert "Traceback" not in result.output


def test_only_those_whom_the_register_names_may(office: Path, typed: Type, plan: str):
    """Everybody else gets exit 4, and the attempt is recorded; nothing is gone."""
    result = typed("audit", "withdraw", plan, str(handed_in(typed, plan)), "--all", "--reason", "x", "--as", "anna")

    assert 4 == result.exit_code
    assert SECRET.encode() in bytes_on_disk(office)
    refused = json.loads(typed("audit", "show", "@workspace", "--json").stdout)["events"][-1]
    assert ("attempt_refused", "anna") == (refused["type"], refused["actor"])


def test_where_the_register_names_nobody_nobody_may(plan: str, typed: Type, done: Type, paper: str):
    """Without `withdrawers:` the record is complete for ever."""
    done("act", plan, "write", "submit", "--attach", paper)
    result = typed("audit", "withdraw", plan, "1", "--all", "--reason", "x", "--as", "anna", "--json")

    assert result.exit_code in (2, 4)
    result = typed("audit", "withdraw", plan, str(handed_in(typed, plan)), "--all", "--reason", "x", "--as", "anna")
    assert 4 == result.exit_code
    assert "withdrawers" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["99", "--all"], "unknown-event"),
        (["{seq}", "--text", "nowhere"], "unknown-content"),
        (["{seq}", "--file", "2"], "unknown-content"),
        (["1", "--all"], "nothing-to-withdraw"),
    ],
)
def test_bad_input_withdraws_nothing(office: Path, typed: Type, plan: str, arguments: list[str], code: str):
    """What is not there cannot be withdrawn; what there is is named."""
    given = [each.format(seq=handed_in(typed, plan)) for each in arguments]
    result = typed("audit", "withdraw", plan, *given, "--reason", "x", *KEEPER, "--json")

    assert 2 == result.exit_code, result.output
    assert code == error_of(result)["code"]


def test_a_reason_is_needed(office: Path, typed: Type, plan: str):
    """Whoever reads the trail wants to know why."""
    result = typed("audit", "withdraw", plan, str(handed_in(typed, plan)), "--all", *KEEPER, "--json")

    assert (2, "no-reason") == (result.exit_code, error_of(result)["code"])


def test_a_second_time_is_refused(office: Path, typed: Type, plan: str):
    """There is nothing left of it."""
    again = ["audit", "withdraw", plan, str(handed_in(typed, plan)), "--all", "--reason", "x", *KEEPER]
    typed(*again)
    result = typed(*again, "--json")

    assert (3, "withdrawn-already") == (result.exit_code, error_of(result)["code"])


def test_a_dry_run_withdraws_nothing(office: Path, typed: Type, plan: str):
    """It says what would go."""
    asked = ["audit", "withdraw", plan, str(handed_in(typed, plan)), "--all", "--reason", "x", *KEEPER, "--dry-run"]
    result = typed(*asked)

    assert "Would be withdrawn" in result.stdout
    assert SECRET.encode() in bytes_on_disk(office)


def test_the_note_of_a_refused_attempt_can_be_withdrawn(office: Path, typed: Type, plan: str):
    """What stands in the workspace's own chain is no exception."""
    typed("advance", plan, "finish", "--note", "bí mật riêng", "--as", "anna")
    events = json.loads(typed("audit", "show", "@workspace", "--json").stdout)["events"]
    seq = next(event["seq"] for event in events if event["type"] == "attempt_refused")
    result = typed("audit", "withdraw", "@workspace", str(seq), "--text", "note", "--reason", "riêng", *KEEPER)

    assert 0 == result.exit_code, result.output
    assert "bí mật riêng".encode() not in bytes_on_disk(office)
    assert 0 == typed("audit", "verify").exit_code


def test_a_text_deleted_by_hand_is_still_found(office: Path, typed: Type, plan: str):
    """Only what an event withdraws may be missing."""
    with closing(sqlite3.connect(office / "workflow.db")) as database, database:
        database.execute("DELETE FROM content WHERE kind = 'text'")
    result = typed("audit", "verify")

    assert 7 == result.exit_code


def test_a_withdrawn_text_that_came_back_is_found(office: Path, typed: Type, plan: str):
    """Whoever puts it back by hand contradicts the trail."""
    with closing(sqlite3.connect(office / "workflow.db")) as database:
        rows = database.execute("SELECT * FROM content").fetchall()
    typed("audit", "withdraw", plan, str(handed_in(typed, plan)), "--all", "--reason", "x", *KEEPER)
    with closing(sqlite3.connect(office / "workflow.db")) as database, database:
        database.executemany("INSERT OR IGNORE INTO content VALUES (?, ?, ?, ?, ?)", rows)
    result = typed("audit", "verify")

    assert 7 == result.exit_code
    assert "withdrawn" in result.stdout
