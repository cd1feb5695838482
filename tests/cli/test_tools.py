"""The tools of the language and the trail: check, graph, definitions, plugins, audit, init."""

from __future__ import annotations

import json
import sqlite3
from hashlib import sha256

import pytest
from click.testing import CliRunner

from workflow.bootstrap import shipped_definitions
from workflow.cli import main


def test_check_ends_with_6_on_mistakes(typed, workspace):
    """An error is printed as FILE:LINE:COL and makes check end with 6."""
    (workspace / "definitions" / "bad.yaml").write_text("workflow: 1\nid: x\nversion: one\n", encoding="utf-8")
    result = typed("check", "definitions/bad.yaml")

    assert 6 == result.exit_code
    assert result.stdout.startswith("definitions/bad.yaml:")


def test_check_ends_with_0_on_notes_alone(typed, workspace):
    """Notes are printed and are no failure."""
    result = typed("check")

    assert 0 == result.exit_code, result.output


def test_check_works_outside_a_workspace(tmp_path, monkeypatch, workspace):
    """A file is checked with the shipped plugins, saying what cannot be checked."""
    monkeypatch.chdir(tmp_path)
    path = workspace / "definitions" / "sample.yaml"
    result = CliRunner().invoke(main, ["check", str(path)])

    assert 0 == result.exit_code
    assert "register of people" in result.stderr


def test_check_lists_problems_as_json(typed, workspace):
    """`check --json` prints one array with an id for each problem, and the error object beside it."""
    (workspace / "definitions" / "bad.yaml").write_text("workflow: 1\n", encoding="utf-8")
    result = typed("check", "definitions/bad.yaml", "--json")

    problems = json.loads(result.stdout)["problems"]
    assert problems and all(problem["id"] for problem in problems)
    assert "problems-found" == json.loads(result.stderr)["error"]["code"]


def test_graph_takes_a_plan_a_definition_and_a_file(done, plan):
    """All three names give a picture, and only the plan's has a place marked."""
    of_plan = done("graph", plan).stdout
    of_definition = done("graph", "sample-decision").stdout
    of_file = done("graph", "definitions/sample.yaml").stdout

    assert of_definition == of_file
    assert "class s_writing here" in of_plan and "here" not in of_definition


def test_definitions_are_listed_and_shown(done, plan):
    """`definition list` says which are in use, `definition show` has stages, steps and transitions."""
    listed = json.loads(done("definition", "list", "--json").stdout)["definitions"]
    shown = done("definition", "show", "sample-decision").stdout

    assert [True] == [one["pinned"] for one in listed if one["id"] == "sample-decision"]
    assert "circulate -> agencies" in shown and "write [draft]" in shown


def test_a_plugin_that_fails_is_named_and_the_rest_works(done, workspace):
    """`plugin list` shows the error of a plugin that cannot be imported."""
    (workspace / "plugins" / "broken.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    plugins = {one["id"]: one for one in json.loads(done("plugin", "list", "--json").stdout)["plugins"]}

    assert "nothing_of_this_name" in plugins["broken"]["error"]
    assert ["draft"] == plugins["draft"]["offers"]


def test_the_trail_shows_who_did_what(done, plan):
    """`audit show` has a row for each event with the actor and the office acted for, by their names."""
    shown = " ".join(done("audit", "show", plan).stdout.split())

    assert "Nguyễn Thị An (Office A)" in shown
    assert "plan started in stage Writing" in shown


def test_refusals_stand_in_the_trail_of_the_workspace(typed, done, plan):
    """An attempt that was not permitted is kept in the chain `@workspace`."""
    typed("advance", plan, "drop", "--as", "bao")
    events = json.loads(done("audit", "show", "@workspace", "--json").stdout)["events"]

    assert "attempt_refused" == events[-1]["type"]


def test_an_untouched_trail_verifies(done, plan):
    """`audit verify` ends with 0 and counts what it looked at."""
    verified = json.loads(done("audit", "verify", "--json").stdout)

    assert ([], True) == (verified["findings"], verified["events"] > 0)


def test_a_changed_row_is_found(typed, done, plan, workspace):
    """A plan's row changed behind our back ends verification with 7 and is named."""
    done("list")
    with sqlite3.connect(workspace / "workflow.db") as database:
        database.execute("UPDATE plan SET stage = 'agencies'")
    result = typed("audit", "verify")

    assert (7, True) == (result.exit_code, plan in result.stdout)


def test_init_makes_a_workspace_once(tmp_path):
    """A second `init` of the same folder is refused."""
    first = CliRunner().invoke(main, ["init", str(tmp_path / "w")])
    second = CliRunner().invoke(main, ["init", str(tmp_path / "w")])

    assert (0, 2) == (first.exit_code, second.exit_code)


def test_demo_does_not_touch_a_folder_with_something_in_it(tmp_path):
    """`demo DIR` wants a new or empty folder."""
    (tmp_path / "x").write_text("x")
    result = CliRunner().invoke(main, ["demo", str(tmp_path)])

    assert 2 == result.exit_code


def test_check_knows_the_calendars(typed, workspace):
    """A calendar that no plugin supplies is found before a plan is started, by `check` and by `create`."""
    path = workspace / "definitions" / "sample.yaml"
    path.write_text(path.read_text("utf-8").replace("by: office-a\n", "by: office-a\ncalendar: mars\n"), "utf-8")

    checked = typed("check", str(path))
    assert 0 == typed("people", "load", "--as", "anna").exit_code
    created = typed("create", "sample-decision", "--id", "p", "--as", "anna")

    assert (6, 2) == (checked.exit_code, created.exit_code)
    assert "unknown-calendar" in checked.output
    assert "unknown-calendar" in created.output


def test_the_file_of_a_definition_can_be_copied(typed, plan):
    """`definition show --source` prints a shipped definition word for word, for an office to change."""
    shown = typed("definition", "show", "provincial-normative-document-template", "--source")
    unknown = typed("definition", "show", "nothing-here", "--source")

    assert (
        shown.stdout.rstrip()
        == (shipped_definitions() / "provincial-normative-document-template.yaml").read_text("utf-8").rstrip()
    )
    assert 2 == unknown.exit_code


@pytest.mark.parametrize(
    "arguments",
    [["list", "--stage", "nowhere"], ["audit", "show", "--by", "nobody"], ["audit", "show", "--type", "guessed"]],
)
def test_a_filter_that_can_match_nothing_is_refused(typed, plan, arguments):
    """A misspelt stage, person or event type is exit 2 and not an empty list."""
    assert 2 == typed(*arguments).exit_code


def test_the_trail_says_what_an_act_recorded(typed, done, plan, workspace):
    """An act's own data, the revision made, files with their SHA-256, notes and corrections stand in the table."""
    letter = workspace / "draft.txt"
    letter.write_text("dự thảo", "utf-8")
    done("act", plan, "write", "submit", "--attach", str(letter), "--note", "gửi bản đầu")
    seq = json.loads(typed("audit", "show", plan, "--json").stdout)["events"][-1]["seq"]
    done("correct", plan, str(seq), "--reason", "nhầm tệp")

    shown = " ".join(typed("audit", "show", plan).stdout.split())

    digest = sha256(letter.read_bytes()).hexdigest()[:12]
    assert f"made: Draft decision 1.1 ({digest})" in shown
    assert f"file: draft.txt ({digest})" in shown
    assert "note: gửi bản đầu" in shown
    assert "undone by event" in shown and "reason: nhầm tệp" in shown


STAMP = """from workflow import StepType, hookimpl


class Stamp(StepType):
    name = "stamp"
    title = {"vi": "Đóng dấu"}
    states = {"open": {"vi": "Chờ"}, "done": {"vi": "Xong"}}
    complete_states = ("done",)


@hookimpl
def step_types():
    return (Stamp(),)
"""


def test_two_plugins_that_claim_one_name_are_named(typed, workspace):
    """`plugin list` marks both, and `check` tells it at the line that uses the name, and goes on."""
    for name in ("one", "two"):
        (workspace / "plugins" / f"{name}.py").write_text(STAMP, "utf-8")
    (workspace / "definitions" / "stamped.yaml").write_text(
        "workflow: 1\nid: stamped\nversion: 1\ntitle: Đóng dấu\nby: office-a\n"
        "stages:\n  a: {title: A, steps: {s: {uses: stamp}}, transitions: {go: {to: b, allow_open_steps: true}}}\n"
        "  b: {title: B, final: true}\n",
        "utf-8",
    )
    plugins = {
        each["id"]: each["error"] or "" for each in json.loads(typed("plugin", "list", "--json").stdout)["plugins"]
    }
    checked = typed("check")

    assert "two" in plugins["one"] and "one" in plugins["two"]
    assert (6, True) == (
        checked.exit_code,
        "stamped.yaml:7" in checked.stdout and "step-type-claimed" in checked.stdout,
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1 / 0\n", "ZeroDivisionError: division by zero (odd.py:1)"),
        ("x = 1\n", "it has no function marked with @hookimpl"),
        (
            "from workflow import hookimpl\n@hookimpl\ndef before_transition(plan):\n    return []\n",
            "before_transition",
        ),
    ],
)
def test_the_list_of_plugins_says_what_each_does_or_why_not(typed, workspace, text, shown):
    """A failure is told with its file and line, a hook by its name, and a file that offers nothing as such."""
    (workspace / "plugins" / "odd.py").write_text(text, "utf-8")
    (workspace / "plugins" / "_shared.py").write_text("x = 1\n", "utf-8")

    listed = typed("plugin", "list", "--json").stdout

    assert shown in " ".join(listed.split())
    assert "_shared" not in listed


def test_every_mistake_of_a_file_is_told_at_once(typed, workspace):
    """A misspelt key and an impossible day do not hide the unknown names behind them, and blame nobody else."""
    (workspace / "definitions" / "bad.yaml").write_text(
        "workflow: 1\nid: bad\nversion: 1\ntitle: X\nsignr: abc\nby: nobody-here\nstages:\n"
        "  a:\n    title: A\n    window: 2026-02-30/2026-03-10\n    don: 5\n"
        "    steps: {s: {uses: tsk}}\n    transitions: {go: {to: c}, on: {to: b}}\n"
        "  b: {title: B, final: true}\n",
        "utf-8",
    )
    found = json.loads(typed("check", "definitions/bad.yaml", "--json").stdout)["problems"]

    assert [
        (5, "unknown-key"),
        (6, "unknown-role"),
        (10, "impossible-date"),
        (11, "unknown-key"),
        (12, "unknown-step-type"),
        (13, "unknown-stage"),
    ] == [(problem["line"], problem["code"]) for problem in found]


def test_what_is_missing_is_told_once(typed, workspace):
    """A name that was left out is not looked up besides."""
    bad = workspace / "definitions" / "bad.yaml"
    bad.write_text(
        "workflow: 1\nid: bad\nversion: 1\ntitle: {vi: Thử}\nby: van-thu\nlead: van-thu\n"
        "stages:\n  first:\n    title: {vi: Một}\n"
        "    steps:\n      write: {escalate: [{after: 1d}]}\n"
        "    transitions: {go: {to: done}, back: {}}\n"
        "  done: {title: {vi: Xong}, final: true}\n",
        encoding="utf-8",
    )

    told = json.loads(typed("check", "definitions/bad.yaml", "--json").stdout)["problems"]

    assert ["`uses` is missing here", "`to` is missing here", "`to` is missing here"] == [
        one["message"] for one in told if one["severity"] == "error" and "`van-thu`" not in one["message"]
    ]
