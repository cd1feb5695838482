"""A bad plugin is named and contained, whatever it does; other plans go on, and what is stored stays right."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workflow.cli import main

HEAD = """
import io
from workflow import (
    Act, Effect, Guard, Paper, Parameters, Phrase, Reason, State, StepType, Text, WorkItem, action, hookimpl
)

TITLE = Text(vi="Thử", en="Try")
"""
GUARD = """
def unmet(plan, transition):
    {body}

@hookimpl
def guards():
    return (Guard("enough", TITLE, unmet),)
"""
HOOK = """
@hookimpl
def {hook}(plan, {argument}):
    {body}
"""
PAPER = """
def template():
    from docx import Document
    document, content = Document(), io.BytesIO()
    document.add_paragraph("{{{{ title }}}}")
    document.save(content)
    return content.getvalue()

def data(view):
    {body}

@hookimpl
def papers():
    return (Paper("cover", TITLE, template, data),)
"""
CALENDAR = """
class Days:
    name = "days"
    version = "1"
    def is_working_day(self, day):
        {body}

@hookimpl
def calendars():
    return (Days(),)
"""
STEP = """
class TryState(State):
    tries: dict[str, list[str]] = {{}}

class Tried(StepType):
    name = "tried"
    title = {{"vi": "Thử", "en": "Try"}}
    states = {{"open": {{"vi": "Mở", "en": "Open"}}, "done": {{"vi": "Xong", "en": "Done"}}}}
    complete_states = ("done",)
    State = TryState

    @action("try", title={{"vi": "Thử", "en": "Try"}}, source="open", to="done")
    def attempt(self, view, parameters, context):
        return Act({{"tried": ["a"]}})

    def evolve(self, state, action, data):
        return TryState(tries={{action: list(data.get("tried", ()))}})
{body}

@hookimpl
def step_types():
    return (Tried(),)
"""
DEFINITION = """
workflow: 1
id: {id}
version: 1
title: {{vi: Thử}}
by: office-a
lead: office-a
stages:
  first:
    title: {{vi: Một}}
    steps: {{work: {{uses: {uses}}}}}
    transitions: {{go: {{to: done{requires}}}}}
  done: {{title: {{vi: Xong}}, final: true}}
"""
DATED = """
workflow: 1
id: dated
version: 1
title: {vi: Thử}
by: office-a
lead: office-a
calendar: days
stages:
  first:
    title: {vi: Một}
    due: 2026-03-20
    steps: {work: {uses: task}}
    transitions: {go: {to: second}}
  second:
    title: {vi: Hai}
    after: {stage: first, working_days: 3}
    steps: {more: {uses: task}}
    transitions: {go: {to: done}}
  done: {title: {vi: Xong}, final: true}
"""
PEOPLE = """
people: 1
units: {office-a: {name: {vi: Phòng A}}}
persons: {anna: {name: Nguyễn Thị An, unit: office-a}}
"""
RAISES = 'raise RuntimeError("broken on purpose")'


def typed(office: Path, *words: str, env: dict[str, str] | None = None) -> Result:
    """Type a command in the office's workspace."""
    given = ["--workspace", str(office), "--lang", "en", *words]
    return CliRunner().invoke(main, given, prog_name="workflow", env=env)


def ok(office: Path, *words: str, env: dict[str, str] | None = None) -> Result:
    """Type a command that has to work."""
    done = typed(office, *words, env=env)
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with people and no plugin of its own."""
    office = tmp_path_factory.mktemp("isolation") / "office"
    ok(office, "init", str(office))
    (office / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    define(office, "good")
    ok(office, "people", "load", "--as", "anna")
    ok(office, "create", "good", "--id", "other", "--as", "anna")
    return office


@pytest.fixture
def office(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "office"))


def define(office: Path, id_: str, *, uses: str = "task", requires: str = "") -> None:
    """Write a definition of one stage with one step."""
    text = DEFINITION.format(id=id_, uses=uses, requires=requires)
    (office / "definitions" / f"{id_}.yaml").write_text(text, encoding="utf-8")


def install(office: Path, text: str, name: str = "bad") -> None:
    """Put a plugin into the workspace."""
    (office / "plugins" / f"{name}.py").write_text(HEAD + text, encoding="utf-8")


def contained(office: Path, *words: str, named: str = "bad") -> str:
    """Type a command that fails because of the plugin: refused, named, no traceback, nothing changed; what is said."""
    before = trail(office)
    result = typed(office, *words)
    assert result.exit_code == 3, result.output
    assert named in result.stderr
    assert "Traceback" not in result.output
    assert before == trail(office)
    return result.stderr


def trail(office: Path) -> list[str]:
    """The hashes of plan `p`'s events, empty where there is no such plan."""
    result = typed(office, "audit", "show", "p", "--json")
    return [event["hash"] for event in json.loads(result.stdout)["events"]] if result.exit_code == 0 else []


def others_go_on(office: Path) -> None:
    """Assert that a plan that does not need the plugin goes its way to the end, and that the record is sound."""
    ok(office, "show", "other")
    ok(office, "list")
    ok(office, "act", "other", "work", "complete", "--as", "anna")
    ok(office, "advance", "other", "go", "--as", "anna")
    ok(office, "audit", "verify", "other")


ANSWERS = [RAISES, "import sys; sys.exit(0)", 'return "no"', "return 1", "return [1]"]


@pytest.mark.parametrize("body", ANSWERS)
def test_a_guard_that_breaks_holds_only_who_needs_it(office: Path, body: str):
    """It raises, leaves, or answers nonsense: the transition is refused with the plugin named."""
    install(office, GUARD.format(body=body))
    define(office, "held", requires=", requires: enough, allow_open_steps: true")
    ok(office, "create", "held", "--id", "p", "--as", "anna")

    contained(office, "advance", "p", "go", "--as", "anna")
    assert "bad" in ok(office, "next", "p").output
    others_go_on(office)


@pytest.mark.parametrize("body", ANSWERS)
def test_a_veto_that_breaks_refuses_and_can_be_left_out(office: Path, body: str):
    """A hook is asked for every plan; without it, by one variable, all go on."""
    ok(office, "create", "good", "--id", "p", "--as", "anna")
    ok(office, "act", "p", "work", "complete", "--as", "anna")
    install(office, HOOK.format(hook="before_transition", argument="transition", body=body))

    contained(office, "advance", "p", "go", "--as", "anna")
    ok(office, "advance", "p", "go", "--as", "anna", env={"WORKFLOW_LOAD_PLUGINS": "-bad"})


FLOOD = 'return (Effect("mail", {"n": n}) for n in iter(int, 1))'
HUGE = 'return [Effect("mail", {"text": "x" * 400000})]'


@pytest.mark.parametrize("body", [*ANSWERS, FLOOD, HUGE, 'return [Effect("mail", {"rate": 0.5})]'])
@pytest.mark.parametrize("hook", ["after_transition", "events_recorded"])
def test_a_hook_that_breaks_or_floods_the_outbox_refuses_the_change(office: Path, hook: str, body: str):
    """What it gives is judged before anything is written; not even what never ends is waited for."""
    ok(office, "create", "good", "--id", "p", "--as", "anna")
    ok(office, "act", "p", "work", "complete", "--as", "anna")
    words = ("advance", "p", "go") if hook == "after_transition" else ("suspend", "p", "--reason", "x")
    argument = "transition, events" if hook == "after_transition" else "events"
    install(office, HOOK.format(hook=hook, argument=argument, body=body))

    contained(office, *words, "--as", "anna")
    assert [] == json.loads(ok(office, "effect", "list", "--json").stdout)["effects"]


@pytest.mark.parametrize("body", [RAISES, "import sys; sys.exit(0)", "return 1"])
def test_a_paper_that_breaks_is_not_made_and_named(office: Path, body: str):
    """`paper make` refuses it by name, `paper list` says what is wrong, and the plan is not touched."""
    install(office, PAPER.format(body=body))
    ok(office, "create", "good", "--id", "p", "--as", "anna")

    result = typed(office, "paper", "make", "p", "cover", "--out", str(office / "cover.docx"))

    assert result.exit_code in (2, 3), result.output
    assert "cover" in result.stderr and "Traceback" not in result.output
    assert not (office / "cover.docx").exists()
    ok(office, "paper", "list", "p")
    others_go_on(office)


@pytest.mark.parametrize("body", [RAISES, "return False"])
def test_a_calendar_that_breaks_or_has_no_working_day_is_named(office: Path, body: str):
    """Neither a fault nor a year without end stops the program: the plan is refused, and others go on."""
    install(office, CALENDAR.format(body=body))
    (office / "definitions" / "dated.yaml").write_text(DATED, encoding="utf-8")

    result = typed(office, "create", "dated", "--id", "p", "--as", "anna")

    assert result.exit_code in (2, 3), result.output
    assert "days" in result.stderr and "Traceback" not in result.output
    others_go_on(office)


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
def test_a_step_type_that_breaks_harms_only_its_own_plans(office: Path, method: str, answer: str):
    """Whichever method it is: no traceback, the type named, its plan unchanged or rightly changed, others go on."""
    install(office, STEP.format(body=""))
    define(office, "trying", uses="tried")
    ok(office, "create", "trying", "--id", "p", "--as", "anna")
    before = trail(office)
    body = f"\n    def {method}(self, *arguments):\n        {answer}\n"
    if method == "attempt":
        body = body.replace("    def", '    @action("try", title={"vi": "Thử"}, source="open", to="done")\n    def', 1)
    install(office, STEP.format(body="").replace("\n@hookimpl", body + "\n@hookimpl"))

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
        result = typed(office, *words)
        assert result.exit_code in (0, 2, 3), f"{words}: {result.output}"
        assert "Traceback" not in result.output
        if result.exit_code == 3 and words[0] != "advance":
            assert "tried" in result.stderr or "`try` is not possible" in result.stderr
    assert before == trail(office)[: len(before)]
    others_go_on(office)
    # With the plugin as it was the record is what its events give.
    install(office, STEP.format(body=""))
    ok(office, "audit", "verify")


WRITES = {
    "plan.parameters": 'plan.parameters["x"] = "1"',
    "plan.schedule": "plan.schedule.clear()",
    "plan.steps": 'plan.steps["first/work"].rounds[0].state["tries"] = {}',
    "plan.steps.state": 'plan.steps["first/work"].rounds[0].state["tries"]["open"].append("x")',
    "plan.stage": 'plan.stage = "done"',
}
SHOWN = {
    "view.state": 'view.state.tries["open"] = ["x"]',
    "view.state list": 'view.state.tries["open"].append("x")',
    "view.due": 'view.due["due"] = "2020-01-01"',
    "view.plan": "view.plan.steps.clear()",
    "view.plan.steps": 'view.plan.steps["first/work"].rounds[0].state["tries"] = {}',
}


def unharmed(office: Path) -> None:
    """Assert that what is stored is what an unharmed replay gives."""
    (office / "plugins" / "bad.py").unlink()
    ok(office, "audit", "verify")


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("where", ["guard", "before_transition", "after_transition", "events_recorded"])
def test_what_a_hook_is_handed_is_read_only(office: Path, where: str, write: str):
    """A plugin that writes into the plan is refused and named; nothing of it is stored."""
    install(office, STEP.format(body=""), "trying")
    define(office, "trying", uses="tried", requires=", requires: enough" if where == "guard" else "")
    install(office, GUARD.format(body="return ()"))
    ok(office, "create", "trying", "--id", "p", "--as", "anna")
    ok(office, "act", "p", "work", "try", "--as", "anna")
    if where == "guard":
        install(office, GUARD.format(body=write))
    else:
        argument = {"before_transition": "transition", "after_transition": "transition, events"}.get(where, "events")
        install(office, HOOK.format(hook=where, argument=argument, body=write))

    words = ("suspend", "p", "--reason", "x") if where == "events_recorded" else ("advance", "p", "go")
    contained(office, *words, "--as", "anna")
    unharmed(office)


@pytest.mark.parametrize("hook", ["after_transition", "events_recorded"])
@pytest.mark.parametrize("write", ['events[0].data["x"] = 1', "events[0].data.clear()", "events.clear()"])
def test_the_events_a_hook_is_handed_are_read_only(office: Path, hook: str, write: str):
    """The facts that are about to be stored cannot be changed on the way."""
    ok(office, "create", "good", "--id", "p", "--as", "anna")
    ok(office, "act", "p", "work", "complete", "--as", "anna")
    argument = "transition, events" if hook == "after_transition" else "events"
    install(office, HOOK.format(hook=hook, argument=argument, body=write))

    words = ("advance", "p", "go") if hook == "after_transition" else ("suspend", "p", "--reason", "x")
    contained(office, *words, "--as", "anna")
    unharmed(office)


@pytest.mark.parametrize("write", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("method", ["blockers", "work_items", "outcome", "attempt"])
def test_what_a_step_type_is_shown_is_read_only(office: Path, method: str, write: str):
    """Writing into the view fails in the method that did it, which is named with its type."""
    install(office, STEP.format(body=""))
    define(office, "trying", uses="tried")
    ok(office, "create", "trying", "--id", "p", "--as", "anna")
    mark = '    @action("try", title={"vi": "Thử"}, source="open", to="done")\n' if method == "attempt" else ""
    body = f"\n{mark}    def {method}(self, view, *more):\n        {write}\n        return ()\n"
    install(office, STEP.format(body="").replace("\n@hookimpl", body + "\n@hookimpl"))

    words = ("advance", "p", "go") if method in ("blockers", "outcome") else ("act", "p", "work", "try")
    result = typed(office, *words, "--as", "anna")

    if method != "outcome":
        assert result.exit_code == 3, result.output
        assert "tried" in result.stderr
    install(office, STEP.format(body=""))
    ok(office, "audit", "verify")


@pytest.mark.parametrize("method", ["evolve", "told", "upcast"])
def test_the_data_of_an_event_are_read_only(office: Path, method: str):
    """Whoever evolves, tells or upcasts cannot change what is hashed."""
    body = STEP.format(body="")
    if method == "evolve":
        body = body.replace("return TryState(tries=", 'data["tried"] = ["b"]; return TryState(tries=')
    else:
        more = 'data["tried"].append("b"); return ()' if method == "told" else 'data["tried"] = ["b"]; return data'
        arguments = "self, action, data" if method == "told" else "self, action, version, data"
        body = body.replace("\n@hookimpl", f"\n    def {method}({arguments}):\n        {more}\n\n@hookimpl")
    install(office, STEP.format(body=""))
    define(office, "trying", uses="tried")
    ok(office, "create", "trying", "--id", "p", "--as", "anna")
    install(office, body if method != "upcast" else body.replace('name = "tried"', 'name = "tried"\n    version = "2"'))

    result = typed(office, "act", "p", "work", "try", "--as", "anna")

    assert "Traceback" not in result.output
    install(office, STEP.format(body=""))
    ok(office, "audit", "verify")
    assert '["b"]' not in ok(office, "audit", "show", "p", "--json").output


def test_a_claimed_name_a_wrong_type_and_a_broken_import_are_reported(office: Path):
    """`plugin list` and `doctor` name each with its reason; the rest of the workspace is there."""
    install(office, STEP.format(body="").replace('"tried"', '"task"'), "claims")
    install(office, "@hookimpl\ndef step_types():\n    return ('task',)\n", "wrong")
    install(office, "import nothing_of_this_name\n", "broken")
    install(office, "@hookimpl\ndef before_transition(plan, colour):\n    pass\n", "invents")

    told = {one["id"]: one["error"] for one in json.loads(ok(office, "plugin", "list", "--json").stdout)["plugins"]}

    assert "also supplied by task" in told["claims"]
    assert "not StepType" in told["wrong"]
    assert "nothing_of_this_name" in told["broken"]
    assert "colour" in told["invents"]
    examined = typed(office, "doctor")
    assert examined.exit_code == 6
    for name in ("claims", "wrong", "broken", "invents"):
        assert name in examined.stdout
    # Whoever uses a word that two supply is told of both; by one variable the plan goes on.
    assert "claims" in typed(office, "act", "other", "work", "complete", "--as", "anna").stderr
    ok(office, "act", "other", "work", "complete", "--as", "anna", env={"WORKFLOW_LOAD_PLUGINS": "-claims"})


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
def test_one_variable_chooses_the_plugins(office: Path, chosen: str | None, loaded: set[str]):
    """Names choose beside what comes with the program, `-NAME` leaves out; who is left out is listed as such."""
    for name in ("first", "second"):
        install(office, GUARD.format(body="return ()").replace("enough", name), name)

    env = {} if chosen is None else {"WORKFLOW_LOAD_PLUGINS": chosen}
    listed = json.loads(ok(office, "plugin", "list", "--json", env=env).stdout)["plugins"]

    known = {one["id"]: one for one in listed if one["id"] in ("first", "second", "task")}
    assert loaded == {name for name, one in known.items() if not one["left_out"]}
    assert all(not one["offers"] for one in known.values() if one["left_out"])


def test_a_name_that_is_no_plugin_is_told(office: Path):
    """A slip of the pen in WORKFLOW_LOAD_PLUGINS is not silent."""
    listed = ok(office, "plugin", "list", env={"WORKFLOW_LOAD_PLUGINS": "-nobody"}).output

    assert "there is no such plugin" in " ".join(listed.split())


def test_a_trace_shows_every_call_and_no_text(office: Path):
    """Plugin, method, arguments by id and key, answer and time; what people wrote is not in it."""
    install(office, STEP.format(body="") + GUARD.format(body="return ()"))
    define(office, "trying", uses="tried", requires=", requires: enough")
    traced = {"WORKFLOW_TRACE_PLUGINS": "1"}
    ok(office, "create", "trying", "--id", "p", "--title", "Kế hoạch mật", "--as", "anna", env=traced)

    act = ok(office, "act", "p", "work", "try", "--note", "Lời riêng", "--as", "anna", env=traced)
    moved = ok(office, "advance", "p", "go", "--as", "anna", env=traced)

    assert "bad: tried.attempt(first/work@1 open, Parameters, ActContext) -> Act({tried}) [" in act.stderr
    assert "bad: tried.evolve(TryState, try, {on, tried}) -> TryState [" in act.stderr
    assert "bad: guard enough(plan p, go: first to done on " in moved.stderr
    assert "riêng" not in act.output and "mật" not in act.stderr
    ok(office, "audit", "verify")


def run_and_interrupt(office: Path, *words: str) -> tuple[int, str]:
    """Run a command in a process of its own until it tells of the plugin, then press Ctrl-C."""
    command = [sys.executable, "-m", "workflow", "--workspace", str(office), "--lang", "en", *words]
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
def test_a_plugin_that_does_not_come_back_is_named_while_it_runs(office: Path, text: str, words: tuple[str, ...]):
    """After some seconds it is named with what to do; Ctrl-C ends the command and nothing was changed."""
    install(office, GUARD.format(body="return ()"))
    define(office, "held", requires=", requires: enough, allow_open_steps: true")
    ok(office, "create", "held", "--id", "p", "--as", "anna")
    before = trail(office)
    install(office, text)

    code, said = run_and_interrupt(office, *words)

    assert code == 130, said
    assert "plugin `bad` has not come back for 5 seconds" in said
    assert "WORKFLOW_LOAD_PLUGINS=-bad" in said and "Traceback" not in said
    (office / "plugins" / "bad.py").unlink()
    assert before == trail(office)


def test_a_command_that_is_quick_is_not_watched_for_long(office: Path):
    """The watch ends with the command: no thread is left behind."""
    import threading

    ok(office, "list")
    time.sleep(0.01)

    assert not [one for one in threading.enumerate() if one.name == "workflow-watchdog" and not one._ended.is_set()]
