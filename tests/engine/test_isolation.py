"""A bad plugin is named and contained, whatever it does; other plans go on, and what is stored stays right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from isolation_kit import (
    CALENDAR,
    DATED,
    GUARD,
    HOOK,
    PAPER,
    RAISES,
    STEP,
    contained,
    define,
    install,
    ok,
    others_go_on,
    trail,
    typed,
)

ANSWERS = [RAISES, "import sys; sys.exit(0)", 'return "no"', "return 1", "return [1]"]


@pytest.mark.parametrize("body", ANSWERS)
def test_a_guard_that_breaks_holds_only_who_needs_it(workspace: Path, body: str):
    """It raises, leaves, or answers nonsense: the transition is refused with the plugin named."""
    install(workspace, GUARD.format(body=body))
    define(workspace, "held", requires=", requires: enough, allow_open_steps: true")
    ok(workspace, "create", "held", "--id", "p", "--as", "anna")

    contained(workspace, "advance", "p", "go", "--as", "anna")
    assert "bad" in ok(workspace, "next", "p").output
    others_go_on(workspace)


@pytest.mark.parametrize("body", ANSWERS)
def test_a_veto_that_breaks_refuses_and_can_be_left_out(workspace: Path, body: str):
    """A hook is asked for every plan; without it, by one variable, all go on."""
    ok(workspace, "create", "good", "--id", "p", "--as", "anna")
    ok(workspace, "act", "p", "work", "complete", "--as", "anna")
    install(workspace, HOOK.format(hook="before_transition", argument="transition", body=body))

    contained(workspace, "advance", "p", "go", "--as", "anna")
    ok(workspace, "advance", "p", "go", "--as", "anna", env={"WORKFLOW_LOAD_PLUGINS": "-bad"})


FLOOD = 'return (Effect("mail", {"n": n}) for n in iter(int, 1))'
HUGE = 'return [Effect("mail", {"text": "x" * 400000})]'


@pytest.mark.parametrize("body", [*ANSWERS, FLOOD, HUGE, 'return [Effect("mail", {"rate": 0.5})]'])
@pytest.mark.parametrize("hook", ["after_transition", "events_recorded"])
def test_a_hook_that_breaks_or_floods_the_outbox_refuses_the_change(workspace: Path, hook: str, body: str):
    """What it gives is judged before anything is written; not even what never ends is waited for."""
    ok(workspace, "create", "good", "--id", "p", "--as", "anna")
    ok(workspace, "act", "p", "work", "complete", "--as", "anna")
    words = ("advance", "p", "go") if hook == "after_transition" else ("suspend", "p", "--reason", "x")
    argument = "transition, events" if hook == "after_transition" else "events"
    install(workspace, HOOK.format(hook=hook, argument=argument, body=body))

    contained(workspace, *words, "--as", "anna")
    assert [] == json.loads(ok(workspace, "effect", "list", "--json").stdout)["effects"]


@pytest.mark.parametrize("body", [RAISES, "import sys; sys.exit(0)", "return 1"])
def test_a_paper_that_breaks_is_not_made_and_named(workspace: Path, body: str):
    """`paper make` refuses it by name, `paper list` says what is wrong, and the plan is not touched."""
    install(workspace, PAPER.format(body=body))
    ok(workspace, "create", "good", "--id", "p", "--as", "anna")

    result = typed(workspace, "paper", "make", "p", "cover", "--out", str(workspace / "cover.docx"))

    assert result.exit_code in (2, 3), result.output
    assert "cover" in result.stderr and "Traceback" not in result.output
    assert not (workspace / "cover.docx").exists()
    ok(workspace, "paper", "list", "p")
    others_go_on(workspace)


@pytest.mark.parametrize("body", [RAISES, "return False"])
def test_a_calendar_that_breaks_or_has_no_working_day_is_named(workspace: Path, body: str):
    """Neither a fault nor a year without end stops the program: the plan is refused, and others go on."""
    install(workspace, CALENDAR.format(body=body))
    (workspace / "definitions" / "dated.yaml").write_text(DATED, encoding="utf-8")

    result = typed(workspace, "create", "dated", "--id", "p", "--as", "anna")

    assert result.exit_code in (2, 3), result.output
    assert "days" in result.stderr and "Traceback" not in result.output
    others_go_on(workspace)


RARE = [
    "evolve",
    "told",
    "why_not",
    "tables",
    "own_matter",
    "grants",
    "rests_on",
    "endless",
    "draft",
    "papers",
    "publishes",
]
METHODS = ["blockers", "work_items", "outcome", "performers", "reserved", "running", "tick", "wakes", "attempt", "open"]


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        *((method, RAISES) for method in (*METHODS, *RARE)),
        *((method, "return 3") for method in (*METHODS, *RARE)),
        *((method, "import sys; sys.exit(0)") for method in ("blockers", "attempt", "evolve")),
    ],
)
def test_a_step_type_that_breaks_harms_only_its_own_plans(workspace: Path, method: str, answer: str):
    """Whichever method it is: no traceback, the type named, its plan unchanged or rightly changed, others go on."""
    install(workspace, STEP.format(body=""))
    define(workspace, "trying", uses="tried")
    ok(workspace, "create", "trying", "--id", "p", "--as", "anna")
    before = trail(workspace)
    body = f"\n    def {method}(self, *arguments):\n        {answer}\n"
    if method == "attempt":
        body = body.replace("    def", '    @action("try", title={"vi": "Thử"}, source="open", to="done")\n    def', 1)
    install(workspace, STEP.format(body="").replace("\n@hookimpl", body + "\n@hookimpl"))

    for words in (
        ("show", "p"),
        ("next", "p"),
        ("due",),
        ("tick", "p", "--as", "anna"),
        ("act", "p", "work", "try", "--as", "anna"),
        ("act", "p", "work", "try", "--as", "anna"),
        ("show", "p", "work"),
        ("correct", "p", "3", "--reason", "x", "--as", "anna"),
        ("number", "issue", "p", "paper", "--as", "anna"),
        ("advance", "p", "go", "--as", "anna"),
    ):
        result = typed(workspace, *words)
        assert result.exit_code in (0, 2, 3), f"{words}: {result.output}"
        assert "Traceback" not in result.output
        if result.exit_code == 3 and words[0] != "advance":
            assert "tried" in result.stderr or "`try` is not possible" in result.stderr
    assert before == trail(workspace)[: len(before)]
    others_go_on(workspace)
    # With the plugin as it was the record is what its events give.
    install(workspace, STEP.format(body=""))
    ok(workspace, "audit", "verify")


COMMANDS = """
@hookimpl
def commands(cli):
    {body}
"""


@pytest.mark.parametrize("body", [RAISES, "import sys; sys.exit(0)", "cli.command('go')(lambda: {}['x'])"])
def test_a_command_of_a_plugin_that_breaks_is_named(workspace: Path, body: str):
    """Its own commands fail by its name; a word that nobody knows is refused as ever; help imports no plugin."""
    install(workspace, COMMANDS.format(body=body))

    contained(workspace, "bad", "go")
    unknown = typed(workspace, "creat", "x")
    assert unknown.exit_code == 2 and "create" in unknown.stderr
    assert "bad" not in ok(workspace, "--help").output
    others_go_on(workspace)
