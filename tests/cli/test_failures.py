"""What goes wrong ends with its exit code, one message, and no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from workflow import errors
from workflow.cli import main
from workflow.cli.settings import Settings


class Broken:
    """A workspace whose service raises whatever it is asked."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    @property
    def service(self) -> None:
        """Raise."""
        raise self.error


def failing(error: BaseException, *options: str):
    """Run `list` against a service that raises *error*."""
    settings = Settings(opener=lambda directory, database: Broken(error))
    return CliRunner().invoke(main, ["list", *options], prog_name="workflow", obj=settings)


@pytest.fixture(autouse=True)
def english(monkeypatch):
    """Messages are compared in English."""
    monkeypatch.setenv("WORKFLOW_LANG", "en")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.WorkflowError("x"), 1),
        (errors.InvalidInput("x"), 2),
        (errors.NotFound("x"), 2),
        (errors.StorageUnusable("x"), 2),
        (errors.Refused("x"), 3),
        (errors.PluginFailed("x"), 3),
        (errors.NotPermitted("x"), 4),
        (errors.Conflict("x"), 5),
        (errors.ProblemsFound("x"), 6),
        (errors.IntegrityBroken("x"), 7),
        (PermissionError(13, "Permission denied", "a.db"), 2),
        (OSError(28, "No space left on device"), 2),
        (ZeroDivisionError("x"), 1),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_each_failure_has_its_exit_code(error, code):
    """The exit code follows from the kind of failure, and no traceback is shown."""
    result = failing(error)

    assert code == result.exit_code
    assert "Traceback" not in result.output
    assert "" == result.stdout


def test_a_refusal_shows_each_reason_with_who_and_when():
    """Every unmet condition is printed with who could meet it and from which day on."""
    from datetime import date

    reason = errors.Reason("r", errors.Phrase("the round is open"), ("dept-a",), date(2019, 5, 31))
    result = failing(errors.Refused("no", reasons=(reason,), hint="wait"))

    assert "- the round is open (possible for: dept-a; from 2019-05-31 on)" in result.stderr
    assert "What to do: wait" in result.stderr


def test_json_errors_have_the_fixed_shape():
    """With `--json` an error is an object with code, message, reasons and hint on standard error."""
    from datetime import date

    reason = errors.Reason("r", errors.Phrase("open"), ("dept-a",), date(2019, 5, 31))
    result = failing(errors.Refused("no {x}", reasons=(reason,), hint="wait", x=1), "--json")

    assert {
        "error": {
            "code": "refused",
            "message": "no 1",
            "reasons": [{"code": "r", "message": "open", "who": ["dept-a"], "from": "2019-05-31"}],
            "hint": "wait",
        }
    } == json.loads(result.stderr)


def test_a_defect_says_how_to_report_it():
    """An unexpected failure is one line and how to report it; `--debug` shows the traceback."""
    plain, debugged = failing(ZeroDivisionError("oops")), failing(ZeroDivisionError("oops"), "--debug")

    assert "ZeroDivisionError: oops" in plain.stderr and "report" in plain.stderr
    assert "Traceback" in debugged.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["shwo"],
        ["show"],
        ["show", "a", "--nonsense"],
        ["due", "--within", "soon"],
        ["advance", "p", "--on", "2019-02-30"],
        ["advance", "p", "--on", "20190201"],
        ["advance", "p", "--expect", "-1"],
        ["list", "--lang", "fr"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2_in_text_and_json(arguments):
    """Wrong usage tells what is wrong and how to get help, with `--json` as the error object."""
    plain = CliRunner().invoke(main, arguments, prog_name="workflow")
    as_json = CliRunner().invoke(main, [*arguments, "--json"], prog_name="workflow")

    assert (2, 2) == (plain.exit_code, as_json.exit_code)
    assert "--help" in plain.stderr
    assert {"code", "message", "reasons", "hint"} == set(json.loads(as_json.stderr)["error"])


def test_a_misspelt_command_is_guessed():
    """An unknown command is refused with the nearest name."""
    assert "Did you mean 'show'?" in CliRunner().invoke(main, ["shwo"]).stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show", "nothing"], 2),
        (["show", "a/b"], 2),
        (["show", "x" * 10_000], 2),
        (["advance", "{plan}", "circulate", "--as", "anna"], 3),
        (["advance", "{plan}", "finish", "--as", "anna"], 3),
        (["advance", "{plan}", "nonsense", "--as", "anna"], 2),
        (["advance", "{plan}", "--as", "anna"], 0),
        (["advance", "{plan}", "drop", "--as", "bao"], 4),
        (["advance", "{plan}", "drop", "--as", "nobody"], 2),
        (["advance", "{plan}", "drop"], 2),
        (["advance", "{plan}", "drop", "--as", "anna", "--expect", "1"], 5),
        (["advance", "{plan}", "drop", "--as", "anna", "--on", "2999-01-01"], 2),
        (["advance", "{plan}", "drop", "--as", "anna", "--attach", "none.txt"], 2),
        (["act", "{plan}", "nothing", "submit", "--as", "anna"], 2),
        (["act", "{plan}", "write", "nothing", "--as", "anna"], 2),
        (["act", "{plan}", "agencies/round", "close", "--as", "anna"], 3),
        (["create", "nothing", "--id", "x", "--as", "anna"], 2),
        (["create", "sample-decision", "--id", "a/b", "--as", "anna"], 2),
        (["correct", "{plan}", "99", "--reason", "x", "--as", "anna"], 2),
        (["definition", "show", "nothing"], 2),
        (["graph", "nothing"], 2),
        (["check", "nothing.yaml"], 2),
        (["--workspace", "nowhere", "list"], 2),
        (["--database", "people.yaml", "list"], 2),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else str(value),
)
def test_bad_input_has_its_exit_code(typed, plan, arguments, code):
    """Bad input of each kind ends with the code of its kind and a message."""
    result = typed(*(argument.format(plan=plan) for argument in arguments))

    assert code == result.exit_code, result.output
    assert "Traceback" not in result.output and "report" not in result.stderr


def test_no_workspace_here_is_exit_2(tmp_path, monkeypatch):
    """Outside a workspace the message says how to make or name one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WORKFLOW_HOME", raising=False)
    result = CliRunner().invoke(main, ["list"])

    assert (2, True) == (result.exit_code, "workflow init" in result.stderr)


@pytest.mark.skipif(os.name == "nt", reason="pipes break in another way there")
def test_a_reader_that_leaves_ends_it_quietly(done, plan, workspace):
    """`| head` closing the pipe gives no message and no failure."""
    for number in range(2, 30):
        done("create", "sample-decision", "--id", f"{number}-KH-2026")
    command = [sys.executable, "-m", "workflow", "audit", "show", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=workspace) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        code = process.wait(30)

    assert (0, b"") == (code, said)


@pytest.mark.parametrize("arguments", [["list"], ["audit", "verify"], ["audit", "show"], ["show", "p"], ["due"]])
def test_a_lost_database_is_no_empty_one(typed, plan, workspace, arguments):
    """Where the database is gone or misspelt, no question and no change makes an empty one in its place."""
    for path in workspace.glob("workflow.db*"):
        path.rename(path.with_name("kept-" + path.name))
    here, elsewhere = typed(*arguments), typed("--database", "typo.db", *arguments)

    assert (2, 2) == (here.exit_code, elsewhere.exit_code)
    assert "There is no database" in here.stderr
    assert not (workspace / "workflow.db").exists() and not (workspace / "typo.db").exists()


def test_a_missing_plugin_is_no_tampering(typed, done, plan, workspace):
    """A chain whose plugin is gone cannot be judged: that is said, and is neither sound nor exit 7."""
    plugin = workspace / "plugins" / "stamp.py"
    plugin.write_text(
        "from workflow import StepType, hookimpl\n"
        "class Stamp(StepType):\n"
        "    name = 'stamp'\n"
        "    title = {'vi': 'Đóng dấu'}\n"
        "    states = {'open': {'vi': 'Chờ'}, 'done': {'vi': 'Xong'}}\n"
        "    complete_states = ('done',)\n"
        "@hookimpl\n"
        "def step_types():\n"
        "    return (Stamp(),)\n",
        "utf-8",
    )
    (workspace / "definitions" / "stamped.yaml").write_text(
        "workflow: 1\nid: stamped\nversion: 1\ntitle: Đóng dấu\nby: office-a\n"
        "stages:\n  a: {title: A, steps: {s: {uses: stamp}}, transitions: {go: {to: b, allow_open_steps: true}}}\n"
        "  b: {title: B, final: true}\n",
        "utf-8",
    )
    done("create", "stamped", "--id", "s")
    assert 0 == typed("audit", "verify").exit_code
    plugin.unlink()

    result = typed("audit", "verify")

    assert (3, True) == (result.exit_code, "stamp" in result.stdout)
    assert "nothing was changed" not in result.output
