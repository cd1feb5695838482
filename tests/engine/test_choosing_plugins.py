"""Which plugins are loaded, what is told of those that fail or hang, and what a trace shows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from isolation_kit import GUARD, STEP, define, install, ok, others_go_on, trail, typed


def test_a_claimed_name_a_wrong_type_and_a_broken_import_are_reported(workspace: Path):
    """`plugin list` and `doctor` name each with its reason; the rest of the workspace is there."""
    install(workspace, STEP.format(body="").replace('"tried"', '"task"'), "claims")
    install(workspace, "@hookimpl\ndef step_types():\n    return ('task',)\n", "wrong")
    install(workspace, "import nothing_of_this_name\n", "broken")
    install(workspace, "@hookimpl\ndef before_transition(plan, colour):\n    pass\n", "invents")

    told = {one["id"]: one["error"] for one in json.loads(ok(workspace, "plugin", "list", "--json").stdout)["plugins"]}

    assert "also supplied by task" in told["claims"]
    assert "`step_types` answers with str" in told["wrong"]
    assert "nothing_of_this_name" in told["broken"]
    assert "colour" in told["invents"]
    examined = typed(workspace, "doctor")
    assert examined.exit_code == 6
    for name in ("claims", "wrong", "broken", "invents"):
        assert name in examined.stdout
    # Whoever uses a word that two supply is told of both; by one variable the plan goes on.
    assert "claims" in typed(workspace, "act", "other", "work", "complete", "--as", "anna").stderr
    ok(workspace, "act", "other", "work", "complete", "--as", "anna", env={"WORKFLOW_LOAD_PLUGINS": "-claims"})


TITLED = "@hookimpl\ndef guards():\n    return (Guard('enough', {title}, print),)\n"
NAMED = STEP.format(body="").replace('title = {"vi": "Thử", "en": "Try"}', 'title = {"en": "Try"}')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (TITLED.format(title='Text(en="Enough")'), "Text: `vi` is missing (bad.py:"),
        (TITLED.format(title='Text(vi="Đủ", fr="Assez")'), "Text: there is no `fr` (bad.py:"),
        (TITLED.format(title='{"vi": "Đủ"}'), "the title of `enough` is dict: give Text(vi=…, en=…)"),
        (NAMED, "`tried.title` has no title in `vi`"),
        ("@hookimpl\ndef guards():\n    return 3\n", "`guards` answers with int, and should with (Guard, …)"),
        (
            "@hookimpl\ndef after_transition(plan, colour):\n    pass\n",
            "the hook `after_transition` has no argument `colour`; it has: plan, transition, events",
        ),
        ("@hookimpl\ndef after_transitions(plan):\n    pass\n", "there is no hook `after_transitions`"),
        ("x = 1\n", "it has no function marked with @hookimpl, or supplies nothing"),
    ],
)
def test_what_is_wrong_is_told_in_our_own_words(workspace: Path, text: str, told: str):
    """Neither pydantic nor pluggy speaks to an author: one line says what, and whose line it was."""
    install(workspace, text)

    (bad,) = [
        one for one in json.loads(ok(workspace, "plugin", "list", "--json").stdout)["plugins"] if one["id"] == "bad"
    ]

    assert bad["error"].startswith(told)
    assert [] == [word for word in ("\n", "pydantic", "hookspec", "Error") if word in bad["error"]]
    others_go_on(workspace)


def test_what_is_wrong_is_told_in_vietnamese(workspace: Path):
    """Who keeps an office running reads it too."""
    install(workspace, STEP.format(body="").replace('"tried"', '"task"'))

    assert "`task` cũng do task cung cấp" in " ".join(ok(workspace, "--lang", "vi", "plugin", "list").stdout.split())


@pytest.mark.parametrize(
    ("chosen", "loaded"),
    [
        (None, {"first", "second", "task"}),
        ("", {"task"}),
        ("first", {"first", "task"}),
        ("first,second", {"first", "second", "task"}),
        ("-first", {"second", "task"}),
        ("first, second, -second", {"first", "task"}),
        ("-task", {"first", "second"}),
    ],
)
def test_one_variable_chooses_the_plugins(workspace: Path, chosen: str | None, loaded: set[str]):
    """Names choose beside what comes with the program, `-NAME` leaves out; who is left out is listed as such."""
    for name in ("first", "second"):
        install(workspace, GUARD.format(body="return ()").replace("enough", name), name)

    env = {} if chosen is None else {"WORKFLOW_LOAD_PLUGINS": chosen}
    listed = json.loads(ok(workspace, "plugin", "list", "--json", env=env).stdout)["plugins"]

    known = {one["id"]: one for one in listed if one["id"] in ("first", "second", "task")}
    assert loaded == {name for name, one in known.items() if not one["left_out"]}
    assert all(not one["offers"] for one in known.values() if one["left_out"])


def test_a_name_that_is_no_plugin_is_told(workspace: Path):
    """A slip of the pen in WORKFLOW_LOAD_PLUGINS is not silent."""
    listed = ok(workspace, "plugin", "list", env={"WORKFLOW_LOAD_PLUGINS": "-nobody"}).output

    assert "there is no such plugin" in " ".join(listed.split())


def test_a_trace_shows_every_call_and_no_text(workspace: Path):
    """Plugin, method, arguments by id and key, answer and time; what people wrote is not in it."""
    install(workspace, STEP.format(body="") + GUARD.format(body="return ()"))
    define(workspace, "trying", uses="tried", requires=", requires: enough")
    traced = {"WORKFLOW_TRACE_PLUGINS": "1"}
    ok(workspace, "create", "trying", "--id", "p", "--title", "Kế hoạch mật", "--as", "anna", env=traced)

    act = ok(workspace, "act", "p", "work", "try", "--note", "Lời riêng", "--as", "anna", env=traced)
    moved = ok(workspace, "advance", "p", "go", "--as", "anna", env=traced)

    assert "bad: tried.attempt(first/work@1 open, Parameters, ActContext) -> Act({tried}) [" in act.stderr
    assert "bad: tried.evolve(TryState, try, {on, tried}) -> TryState [" in act.stderr
    assert "bad: guard enough(plan p, go: first to done on " in moved.stderr
    assert "riêng" not in act.output and "mật" not in act.stderr
    ok(workspace, "audit", "verify")


def run_and_interrupt(workspace: Path, *words: str) -> tuple[int, str]:
    """Run a command in a process of its own until it tells of the plugin, then press Ctrl-C."""
    command = [sys.executable, "-m", "workflow", "--workspace", str(workspace), "--lang", "en", *words]
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        return process.wait(timeout=30), first + rest


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent by a signal")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import time\ntime.sleep(600)\n", ("plugin", "list")),
        ("while True:\n    pass\n", ("plugin", "list")),
        (GUARD.format(body="while True: pass"), ("advance", "p", "go", "--as", "anna")),
    ],
)
def test_a_plugin_that_does_not_come_back_is_named_while_it_runs(workspace: Path, text: str, words: tuple[str, ...]):
    """After some seconds it is named with what to do; Ctrl-C ends the command and nothing was changed."""
    install(workspace, GUARD.format(body="return ()"))
    define(workspace, "held", requires=", requires: enough, allow_open_steps: true")
    ok(workspace, "create", "held", "--id", "p", "--as", "anna")
    before = trail(workspace)
    install(workspace, text)

    code, said = run_and_interrupt(workspace, *words)

    assert code == 130, said
    assert "plugin `bad` has not come back for 5 seconds" in said
    assert "WORKFLOW_LOAD_PLUGINS=-bad" in said and "Traceback" not in said
    (workspace / "plugins" / "bad.py").unlink()
    assert before == trail(workspace)


HANGS = """\
import time

while True:
    try:
        time.sleep(600)
    except Exception:
        pass
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no timers that interrupt")
def test_a_plugin_that_hangs_on_import_holds_up_nobody(workspace: Path):
    """It is given up after some seconds, whatever it catches; the command goes on, and the list says why."""
    define(workspace, "free", requires=", allow_open_steps: true")
    ok(workspace, "create", "free", "--id", "p", "--as", "anna")
    install(workspace, HANGS)

    advanced = ok(workspace, "advance", "p", "go", "--as", "anna")
    listed = ok(workspace, "plugin", "list")

    assert "plugin `bad` has not come back for 5 seconds" in advanced.stderr
    assert "it could not be loaded within 15 seconds" in " ".join(listed.stdout.split())


def test_a_command_that_is_quick_is_not_watched_for_long(workspace: Path):
    """The watch ends with the command: no thread is left behind."""
    ok(workspace, "list")
    time.sleep(0.01)

    assert not [one for one in threading.enumerate() if one.name == "workflow-watchdog" and not one._ended.is_set()]
