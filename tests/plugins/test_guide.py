"""The guide for plugin authors: complete, and every example in it works."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from guide_kit import GUIDE, HOOKS, METHODS, blocks, section

from workflow.cli import main
from workflow.messages import PLAN_EVENTS
from workflow.plan.acting import Act
from workflow.plan.rounds import StepRound
from workflow.plan.state import PlanState
from workflow.registry import Registry
from workflow.steps.step_type import StepType

SHIPPED = Registry()
QUICK_START = "Quick start"


def quick_start_files() -> dict[str, str]:
    """The quick start's files: each is named just before its block."""
    named = re.findall(r"^`([\w./]+)`[^\n]*:\n\n```\w+\n(.*?)^```$", section(QUICK_START, 2), re.M | re.S)
    return dict(named)


def steps_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every mapping with `uses:`, however deep it stands."""
    if isinstance(value, Mapping):
        if "uses" in value:
            yield value
        for part in value.values():
            yield from steps_in(part)


def put(root: Path, files: Mapping[str, str]) -> None:
    """Write files under a folder that has to exist."""
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")


@pytest.fixture
def step_types(tmp_path: Path) -> Mapping[str, StepType]:
    """The shipped step types and that of the quick start."""
    put(tmp_path, {"site_visit.py": quick_start_files()["plugins/site_visit.py"]})
    return Registry(tmp_path).step_types


def test_there_are_hooks_and_types_to_hold_the_guide_against():
    """The tests below look at the ten hooks and the fourteen step types, not at empty lists."""
    assert len(HOOKS) == 10
    assert len(SHIPPED.step_types) == 14


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_stands_under_its_name_with_its_arguments(hook):
    """A hook's heading has its exact arguments, its text says when, what and what if it raises."""
    text = section(hook + HOOKS[hook], 3)
    assert text, f"no heading `### {hook}{HOOKS[hook]}`"
    for said in ("**Called**", "**Returns**", "**Transaction**", "**Shipped**", "smallest", "Realistic"):
        assert said in text, f"{hook}: {said} is missing"
    assert re.search(r"\*\*If (it|the hook) raises\*\*", re.sub(r"\s+", " ", text))
    assert len(blocks(text, "python")) == 2, "no smallest and no realistic example"


def test_the_guide_names_no_hook_that_there_is_not():
    """A heading with arguments is that of a hook."""
    headings = re.findall(r"^### (\w+\(.*\))$", section("Hooks", 2), re.M)
    assert headings == [name + arguments for name, arguments in HOOKS.items()]


@pytest.mark.parametrize("name", SHIPPED.step_types)
def test_every_shipped_type_has_its_section(name):
    """A type's section has a row for each action with its parameters, its options and states, and an example."""
    step_type, text = SHIPPED.step_types[name], section(name, 3)
    rows = dict(re.findall(r"^\| `([a-z-]+)` \|(.*)$", text, re.M))
    for action in step_type.actions().values():
        assert action.name in rows, f"{name}: action {action.name} is missing"
        for parameter in action.parameters.model_fields:
            assert f"`{parameter}`" in rows[action.name], f"{name} {action.name}: parameter {parameter} is missing"
        assert ("late" in rows[action.name]) == action.late
    for word in (*step_type.states, *step_type.Options.model_fields):
        assert f"`{word}`" in text, f"{name}: {word} is missing"
    assert any(step["uses"] == name for example in blocks(text, "yaml") for step in steps_in(yaml.safe_load(example)))


@pytest.mark.parametrize("name", SHIPPED.step_types)
def test_no_action_stands_in_the_guide_that_a_type_has_not(name):
    """Rows of the action table are actions of the type."""
    table = section(name, 3).partition("| Action |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.M)) == set(SHIPPED.step_types[name].actions())


@pytest.mark.parametrize("method", METHODS)
def test_every_method_stands_under_its_name_with_its_arguments(method):
    """A method's heading has its exact arguments, its text when it is asked, what it answers, what if it raises."""
    text = section(method + METHODS[method], 4)
    assert text, f"no heading `#### {method}{METHODS[method]}`"
    for said in ("**Asked**", "**Answers**", "**Shipped:**"):
        assert said in text, f"{method}: {said} is missing"
    assert "**If it raises**" in re.sub(r"\s+", " ", text)
    (example,) = blocks(text, "py")
    assert example.startswith(f"def {method}(self{', ' if METHODS[method] != '()' else ''}{METHODS[method][1:-1]}):")


def test_the_guide_names_no_method_that_there_is_not():
    """A heading with arguments among the methods is that of a method."""
    headings = re.findall(r"^#### (\w+\(.*\))$", section("Methods", 3), re.M)
    assert sorted(headings) == sorted(name + arguments for name, arguments in METHODS.items())


@pytest.mark.parametrize("member", [name for name in vars(StepType) if not name.startswith("_") and name != "actions"])
def test_everything_a_step_type_may_offer_is_explained(member):
    """Each attribute and method of the base class has a row in the step type API."""
    assert re.search(rf"^\| `{member}[`(]", section("The step type API", 2), re.M)


def test_every_step_of_the_examples_is_valid(step_types):
    """Each `with:` in the guide is what the type's options take."""
    examples = [step for text in blocks(GUIDE, "yaml") for step in steps_in(yaml.safe_load(text))]
    assert len(examples) > len(SHIPPED.step_types)
    for step in examples:
        step_types[step["uses"]].Options.model_validate(step.get("with", {}))


def test_every_python_example_loads(tmp_path):
    """Each block of Python is a plugin that loads and offers something or answers a hook."""
    examples = blocks(GUIDE, "python")
    put(tmp_path, {f"example_{number}.py": text for number, text in enumerate(examples)})
    loaded = [plugin for plugin in Registry(tmp_path).plugins if plugin.name.startswith("example_")]

    assert [(plugin.name, plugin.error) for plugin in loaded if plugin.error] == []
    assert len(loaded) == len(examples) == 2 * len(HOOKS) + 2


def test_the_quick_start_works_as_written(tmp_path, monkeypatch):
    """Its files in a new workspace, its commands in their order: the trail has the visit, and is sound."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE", "WORKFLOW_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKFLOW_LANG", "en")
    monkeypatch.chdir(tmp_path)
    commands = [line[2:] for text in blocks(section(QUICK_START, 2), "console") for line in text.splitlines()]
    said: dict[str, Result] = {}
    for command in commands:
        program, *words = shlex.split(command)
        if program == "cd":
            monkeypatch.chdir(words[0])
            put(Path.cwd(), quick_start_files())
            continue
        said[" ".join(words[:2])] = result = CliRunner().invoke(main, words, prog_name=program)
        assert result.exit_code == 0, f"{command}: {result.output}"

    assert "site-visit" in said["plugin list"].stdout
    happened = "Record the visit on inspecting/look, round 1: Planned to As described"
    assert happened in " ".join(said["act 1-KT"].stdout.split())
    assert "Đúng như hồ sơ" in " ".join(said["audit show"].stdout.split())
    assert said.keys() >= {"init office", "create inspection", "advance 1-KT", "audit verify"}


def test_what_hooks_see_is_told_member_by_member():
    """Each member of a plan and of a round, and each type of event, stands in the section about them."""
    text = section("What hooks see", 3)
    members = [field.name for kind in (PlanState, StepRound) for field in fields(kind)]

    assert [] == [name for name in (*members, *PLAN_EVENTS) if f"`{name}`" not in text]


def test_every_field_of_an_act_is_told():
    """What an action can answer with has a row each."""
    text = section("Actions", 3)

    assert [] == [field.name for field in fields(Act) if f"| `{field.name}` |" not in text]
