"""Every example in a help can be typed as it stands, in the workspace that `workflow demo` leaves.

A plugin was put into it that gives every change an effect, because examples show what can be done with one.
"""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from workflow.cli import main
from workflow.cli.commands import COMMANDS
from workflow.demo import Demo

FROM_NOTHING = ("init", "demo")
LETTERS = """
from workflow import Effect, EffectHandler, Text, hookimpl


@hookimpl
def events_recorded(plan, events):
    return (Effect("letter", {"plan": plan.id}),)


@hookimpl
def effect_handlers():
    return (EffectHandler("letter", Text(vi="Thư", en="Letter"), lambda call: None),)
"""
ALL = [[name] for name in COMMANDS]
ALL += [[name, inner] for name, entry in COMMANDS.items() for inner in entry.group or {}]


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of a demonstration that ran to its end."""
    demo = Demo(tmp_path_factory.mktemp("demo") / "plans")
    for _ in demo.play():
        pass
    demo.workspace.close()
    return demo.workspace.root


@pytest.fixture
def here(request, tmp_path, monkeypatch) -> Path:
    """A folder with a copy of that workspace, or an empty one for what makes a workspace."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE", "WORKFLOW_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKFLOW_LANG", "en")
    folder = tmp_path / "here"
    if request.param:
        folder.mkdir()
    else:
        shutil.copytree(request.getfixturevalue("played"), folder)
        (folder / "plugins" / "letters.py").write_text(LETTERS, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def examples_of(words: list[str]) -> list[str]:
    """The lines below `Example` in a command's help."""
    shown = CliRunner().invoke(main, [*words, "--help"], prog_name="workflow", env={"WORKFLOW_LANG": "en"}).stdout
    below = shown.partition("Example:\n")[2]
    return [line.strip() for line in below.split("\n\n")[0].splitlines()]


def typed(line: str) -> str:
    """Type a line; what it prints may go to a file."""
    words, _, file = line.partition(" > ")
    result = CliRunner().invoke(main, shlex.split(words)[1:], prog_name="workflow")
    assert 0 == result.exit_code, f"{line}\n{result.output}"
    if file:
        Path(file).write_text(result.stdout, encoding="utf-8")
    return result.output


@pytest.mark.parametrize(
    ("words", "here"), [(words, words[0] in FROM_NOTHING) for words in ALL], indirect=["here"], ids=map(" ".join, ALL)
)
def test_an_example_works_as_it_is_typed(words, here):
    """Each line ends with exit code 0."""
    lines = examples_of(words)

    assert lines[-1].startswith("workflow " + words[0])
    for line in lines:
        typed(line)


@pytest.mark.parametrize("here", [True], indirect=True)
def test_the_example_of_the_program_works(here):
    """`workflow --help` begins with the demonstration and how to look at it."""
    shown = CliRunner().invoke(main, ["--help"], prog_name="workflow", env={"WORKFLOW_LANG": "en"}).stdout
    assert "Example: workflow demo plans, then workflow --workspace plans list." in " ".join(shown.split())

    typed("workflow demo plans")
    assert "25-KH-KHCN-2019" in typed("workflow --workspace plans list")


@pytest.mark.parametrize("here", [False], indirect=True)
def test_the_example_of_an_action_names_who_and_what_there_is(here):
    """The plan that was named, somebody who may, and a unit that was asked stand in it; it works as typed."""
    for line in examples_of(["import"])[:-1]:
        typed(line)
    for words in (["units", "remind"], ["units", "respond"], ["units", "received"]):
        (line,) = examples_of(["act", "1-KH-MAU", *words])
        assert line.startswith(f"workflow act 1-KH-MAU internal-opinions/{words[0]} {words[1]}")
        assert not {"PLAN", "ACTOR", "UNIT"} & set(line.split())
        typed(line)
