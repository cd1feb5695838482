"""A workspace with plugins that do what they should not, and short words for what is expected of it."""

from __future__ import annotations

import json
from pathlib import Path

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


def new_workspace(office: Path) -> Path:
    """Make a workspace with people, one plan, and no plugin of its own."""
    ok(office, "init", str(office))
    (office / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    define(office, "good")
    ok(office, "people", "load", "--as", "anna")
    ok(office, "create", "good", "--id", "other", "--as", "anna")
    return office


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
    events = json.loads(result.stdout)["events"] if result.exit_code == 0 else []
    # Refused attempts are shown among them, and stand in another chain.
    return [event["hash"] for event in events if event["plan"] == "p"]


def others_go_on(office: Path) -> None:
    """Assert that a plan that does not need the plugin goes its way to the end, and that the record is sound."""
    ok(office, "show", "other")
    ok(office, "list")
    ok(office, "act", "other", "work", "complete", "--as", "anna")
    ok(office, "advance", "other", "go", "--as", "anna")
    ok(office, "audit", "verify", "other")
