"""Who may export what, what is recorded of it, and what is left out."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from cli.conftest import PEOPLE, error_of
from click.testing import CliRunner, Result
from exports.conftest import run

from workflow.bootstrap import init_workspace
from workflow.cli import main

SECRET = "Điều khoản mật về kinh phí"
NASTY = '=HYPERLINK("http://x") <script>alert(1)</script> & "quoted" \u202e'
DEFINITION = """\
workflow: 1
id: {id}
version: 1
title: {{vi: Quyết định mẫu, en: Sample decision}}
by: office-a
lead: office-a
{plan}
documents:
  decision: {{title: {{vi: Dự thảo, en: Draft}}, numbered: true}}
  costs: {{title: {{vi: Dự toán, en: Costs}}, numbered: true, confidential: {secret}}}
stages:
  writing:
    title: {{vi: Soạn thảo, en: Writing}}
    steps:
      write: {{uses: draft, with: {{document: decision, number: 1}}}}
      reckon: {{uses: draft, required: false, with: {{document: costs, number: 1}}}}
    transitions:
      finish: {{to: done, allow_open_steps: true}}
  done: {{title: {{vi: Xong, en: Done}}, final: true}}
"""
FORMATS = ("csv", "jsonl", "html", "xes", "xes-all", "archive")


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an open plan, one with a confidential document, and one that is confidential as a whole."""
    root = init_workspace(tmp_path_factory.mktemp("access") / "office")
    people = PEOPLE.replace("people: 1", "people: 1\nconfidential: [cam]")
    (root / "people.yaml").write_text(people, encoding="utf-8")
    for id_, plan, secret in (("plain", "", "false"), ("partly", "", "true"), ("wholly", "confidential: true", "true")):
        text = DEFINITION.format(id=id_, plan=plan, secret=secret)
        (root / "definitions" / f"{id_}.yaml").write_text(text, encoding="utf-8")
    (root / "dự thảo.txt").write_text("dự thảo lần 1", encoding="utf-8")
    (root / "=cmd.txt").write_text(SECRET, encoding="utf-8")
    run(root, "people", "load", "--as", "anna")
    for id_ in ("plain", "partly", "wholly"):
        run(root, "create", id_, "--id", f"1-{id_}", "--as", "anna")
        drafted = ("--attach", str(root / "dự thảo.txt"), "--note", NASTY)
        run(root, "act", f"1-{id_}", "write", "submit", *drafted, "--as", "anna")
        reckoned = ("--attach", str(root / "=cmd.txt"), "--note", SECRET)
        run(root, "act", f"1-{id_}", "reckon", "submit", *reckoned, "--as", "anna")
        run(root, "advance", f"1-{id_}", "finish", "--as", "anna")
    # An attempt that a rule refuses.
    run(root, "advance", "1-plain", "finish", "--as", "anna", exits=3)
    return root


@pytest.fixture
def typed(office: Path, tmp_path: Path) -> Callable[..., Result]:
    """Types a command in a copy of it."""
    root = Path(shutil.copytree(office, tmp_path / "office"))

    def type_(*arguments: str, exits: int = 0) -> Result:
        return run(root, *arguments, exits=exits)

    type_.root = root
    return type_


def files_in(root: Path) -> list[str]:
    """What lies in the workspace, but for what SQLite keeps beside a database that is open."""
    return sorted(path.name for path in root.iterdir() if not path.name.startswith("workflow.db-"))


def recorded(typed: Callable[..., Result]) -> list[dict]:
    """What the trail says of exports."""
    shown = typed("--json", "audit", "show", "@workspace", "--type", "exported").stdout
    return json.loads(shown)["events"]


def test_an_export_is_recorded_with_the_login_alone(typed):
    """Nobody has to be named; format, number, plans and language stand in the trail, and it verifies."""
    typed("audit", "export", "1-plain", "--format", "csv")
    typed("audit", "export", "--format", "jsonl", "--as", "bao")
    first, second = recorded(typed)
    assert (None, "bao") == (first["actor"], second["actor"])
    assert first["authority"]["login"]["account"]
    told = {"confidential": False, "count": 1, "format": "csv", "language": "en", "left_out": 0, "plans": ["1-plain"]}
    assert told == first["data"]
    assert (2, 1) == (second["data"]["count"], second["data"]["left_out"])
    typed("audit", "verify")


def test_without_a_record_nothing_leaves(typed, tmp_path):
    """A database that takes no event gives no export."""
    with closing(sqlite3.connect(typed.root / "workflow.db")) as database:
        database.execute("CREATE TRIGGER no_more BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'full'); END")
        database.commit()
    out = tmp_path / "out.csv"
    result = CliRunner().invoke(
        main, ["--workspace", str(typed.root), "audit", "export", "--format", "csv", "--out", str(out)]
    )
    assert 0 != result.exit_code and not out.exists()
    result = CliRunner().invoke(main, ["--workspace", str(typed.root), "audit", "export", "--format", "csv"])
    assert 0 != result.exit_code and "" == result.stdout


@pytest.mark.parametrize("format_", FORMATS)
def test_what_is_confidential_is_in_no_export(typed, tmp_path, format_):
    """Neither the plan, nor the step about the document, nor the document; and it is said how many."""
    out = tmp_path / "out"
    done = typed("audit", "export", "--format", format_, "--out", str(out))
    content = out.read_bytes()
    if format_ == "archive":
        content = b"\n".join(zipfile.ZipFile(out).read(name) for name in zipfile.ZipFile(out).namelist())
    assert b"1-plain" in content and b"1-partly" in content and b"1-wholly" not in content
    # What the other plan has is no secret there.
    assert content.count(SECRET.encode()) <= content.count(b"1-plain")
    typed("audit", "export", "1-partly", "--format", format_, "--out", str(out), "--force")
    alone = out.read_bytes()
    if format_ == "archive":
        alone = b"\n".join(zipfile.ZipFile(out).read(name) for name in zipfile.ZipFile(out).namelist())
    assert SECRET.encode() not in alone and b"=cmd.txt" not in alone
    assert "Left out because they are confidential: plans 1" in done.stderr


def test_links_still_join_over_what_is_left_out(typed):
    """Of a left-out event the hashes are there, so that nothing can be slipped out unseen."""
    lines = [json.loads(line) for line in typed("audit", "export", "1-partly", "--format", "jsonl").stdout.splitlines()]
    events = [line for line in lines if line["kind"] == "event"]
    assert any(line.get("confidential") for line in events)
    for before, after in zip(events, events[1:], strict=False):
        assert before["hash"] == after["previous"]
    assert [number for number, _ in enumerate(events, 1)] == [line["seq"] for line in events]


@pytest.mark.parametrize("format_", FORMATS)
def test_who_has_the_right_gets_everything(typed, tmp_path, format_):
    """The one named in people.yaml asks for it, and the trail says that confidential things left."""
    out = tmp_path / "out"
    done = typed("audit", "export", "--format", format_, "--confidential", "--as", "cam", "--out", str(out))
    assert "Left out" not in done.stderr
    content = out.read_bytes()
    if format_ == "archive":
        content = b"\n".join(zipfile.ZipFile(out).read(name) for name in zipfile.ZipFile(out).namelist())
    assert b"1-wholly" in content
    (event,) = recorded(typed)
    assert (True, 3, "cam") == (event["data"]["confidential"], event["data"]["count"], event["actor"])


def test_who_has_no_right_is_refused_and_recorded(typed, tmp_path):
    """Exit 4, no file, no export in the trail, and the attempt is there; without an actor it is wrong usage."""
    out = tmp_path / "out"
    typed("audit", "export", "--format", "csv", "--confidential", "--as", "anna", "--out", str(out), exits=4)
    assert not out.exists() and [] == recorded(typed)
    assert "export" in typed("audit", "show", "@workspace", "--type", "attempt_refused").output
    typed("audit", "export", "--format", "csv", "--confidential", exits=2)


def test_without_the_key_in_the_register_nobody_has_the_right(typed):
    """Empty means nobody, and the message says where to name somebody."""
    (typed.root / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    typed("people", "load", "--as", "anna")
    refused = typed("--json", "audit", "export", "--format", "csv", "--confidential", "--as", "cam", exits=4)
    assert "no-confidant" == error_of(refused)["code"]


def test_a_confidential_plan_by_name_is_refused(typed):
    """Nothing is left of it: exit 3, and who may is told how."""
    refused = typed("--json", "audit", "export", "1-wholly", "--format", "csv", exits=3)
    assert "confidential" == error_of(refused)["code"] and [] == recorded(typed)


@pytest.mark.parametrize(
    ("arguments", "exits", "code"),
    [
        ((), 2, "no-format"),
        (("--format", "docx"), 2, "unknown-format"),
        (("9-none", "--format", "csv"), 2, "unknown-plan"),
        (("--format", "csv", "--out", "people.yaml"), 2, "file-exists"),
        (("--format", "csv", "--out", "nowhere/out.csv"), 2, "not-written"),
        (("--format", "csv", "--as", "nobody"), 2, "unknown-actor"),
    ],
)
def test_bad_input_leaves_nothing(typed, monkeypatch, arguments, exits, code):
    """It is refused with what to do, and no file, half a file or other file is there."""
    monkeypatch.chdir(typed.root)
    before = files_in(typed.root)
    refused = typed("--json", "audit", "export", *arguments, exits=exits)
    assert code == error_of(refused)["code"]
    assert before == files_in(typed.root)


def test_an_unknown_format_is_answered_with_those_there_are(typed):
    """Those of plugins in the workspace too."""
    text = typed("audit", "export", "--format", "docx", exits=2).stderr
    assert all(format_ in text for format_ in FORMATS)


def test_a_file_is_overwritten_only_by_force(typed, tmp_path):
    """As everywhere."""
    out = tmp_path / "out.csv"
    out.write_text("mine")
    typed("audit", "export", "--format", "csv", "--out", str(out), exits=2)
    assert "mine" == out.read_text()
    typed("audit", "export", "--format", "csv", "--out", str(out), "--force")
    assert out.read_text(encoding="utf-8-sig").startswith("event,plan,")


def test_an_open_plan_does_not_go_to_the_archive(typed, tmp_path):
    """It is refused before anything is recorded."""
    typed("create", "plain", "--id", "2-open", "--as", "anna")
    out = tmp_path / "out.zip"
    assert (
        "2-open is not finished" in typed("audit", "export", "--format", "archive", "--out", str(out), exits=3).stderr
    )
    assert not out.exists() and [] == recorded(typed)


def test_no_cell_becomes_a_formula(typed):
    """Whatever people wrote, a spreadsheet computes nothing."""
    rows = csv.reader(io.StringIO(typed("audit", "export", "1-plain", "--format", "csv").stdout))
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)


def test_what_people_wrote_is_escaped(typed):
    """No markup of theirs is in a report or a log."""
    page = typed("audit", "export", "1-plain", "--format", "html").stdout
    assert "<script" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    log = typed("audit", "export", "1-plain", "--format", "xes-all").stdout
    assert "<script" not in log


def test_a_refused_attempt_is_in_the_report(typed):
    """With who tried it and what was said."""
    page = typed("audit", "export", "1-plain", "--format", "html").stdout
    assert "<h3>Refused attempts</h3>" in page
    assert "the plan is not under way" in page.partition("<h3>Refused attempts</h3>")[2]


def test_a_record_that_was_changed_is_said_in_the_report(typed):
    """The page does not look sound when the record is not."""
    with closing(sqlite3.connect(typed.root / "workflow.db")) as database:
        database.execute("UPDATE plan SET stage = 'writing' WHERE id = '1-plain'")
        database.commit()
    assert "DOES NOT AGREE" in typed("audit", "export", "1-plain", "--format", "html").stdout


def test_an_exporter_that_fails_leaves_no_file(typed, tmp_path):
    """It is named, as what it is: a plugin's fault."""
    (typed.root / "plugins" / "bad.py").write_text(
        "from workflow import Exporter, Text, hookimpl\n"
        "def write(view, out):\n    out.write(b'half')\n    raise KeyError('oops')\n"
        "@hookimpl\ndef exporters():\n    return (Exporter('bad', Text(vi='Hỏng'), '.bad', write),)\n",
        encoding="utf-8",
    )
    out = tmp_path / "out.bad"
    assert "`bad` failed" in typed("audit", "export", "--format", "bad", "--out", str(out), exits=3).stderr
    assert [] == [path.name for path in tmp_path.iterdir() if "out" in path.name]


def test_what_was_exported_is_told_as_data(typed, tmp_path):
    """`--json` says where it is and what was left out."""
    out = tmp_path / "out.csv"
    told = json.loads(typed("--json", "audit", "export", "--format", "csv", "--out", str(out)).stdout)
    assert {"plans": 1, "events": 2, "documents": 1, "steps": 1} == told["left_out"]
    assert ("csv", str(out), 2) == (told["id"], told["path"], told["plans"])


def test_what_was_withdrawn_is_shown_as_withdrawn(typed, tmp_path):
    """Neither its words, nor its bytes, nor the file's name are in any export; that it was there is."""
    (typed.root / "people.yaml").write_text(
        PEOPLE.replace("people: 1", "people: 1\nwithdrawers: [cam]"), encoding="utf-8"
    )
    typed("people", "load", "--as", "anna")
    events = json.loads(typed("--json", "audit", "show", "1-plain").stdout)["events"]
    acts = [event for event in events if event["type"] == "step_acted"]
    seq = next(act["seq"] for act in acts if act["data"]["step"] == "writing/reckon")
    typed("audit", "withdraw", "1-plain", str(seq), "--all", "--reason", "Bí mật cá nhân", "--as", "cam")
    for format_ in FORMATS:
        out = tmp_path / format_
        typed("audit", "export", "1-plain", "--format", format_, "--out", str(out))
        content = out.read_bytes()
        if format_ == "archive":
            content = b"\n".join(zipfile.ZipFile(out).read(name) for name in zipfile.ZipFile(out).namelist())
        assert SECRET.encode() not in content and b"=cmd.txt" not in content, format_
    assert "withdrawn" in (tmp_path / "html").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in (tmp_path / "jsonl").read_text(encoding="utf-8").splitlines()]
    assert any(None in line["texts"].values() for line in lines if line["kind"] == "event")
    assert any(line["withdrawn"] for line in lines if line["kind"] == "document")


def test_seals_are_in_the_report(typed):
    """With number, time and the event up to which each reaches."""
    pytest.importorskip("cryptography")
    typed("audit", "key", "new", "--as", "anna")
    typed("audit", "seal", "--as", "anna")
    page = typed("audit", "export", "1-plain", "--format", "html").stdout
    assert "Up to event" in page and "No seal reaches" not in page
