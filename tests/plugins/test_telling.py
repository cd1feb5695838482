"""`told` of a step type: what it says of an act that is recorded, and what happens where it fails to say it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workflow.cli import main
from workflow.testing.office import PEOPLE

PLUGIN = """
from workflow import Act, StepType, action, hookimpl


class Visit(StepType):
    name = "visit"
    title = {"vi": "Kiểm tra", "en": "Visit"}
    states = {"open": {"vi": "Chưa", "en": "Open"}, "seen": {"vi": "Xong", "en": "Seen"}}
    complete_states = ("seen",)

    @action("look", title={"vi": "Xem", "en": "Look"}, source="open", to="seen")
    def look(self, view, parameters, desk):
        return Act()

    def told(self, action, data):
        RAISE


@hookimpl
def step_types():
    return (Visit(),)
"""
DEFINITION = """
workflow: 1
id: visits
version: 1
title: {vi: Kiểm tra, en: Visits}
by: officer
stages:
  seeing:
    title: {vi: Kiểm tra, en: Seeing}
    steps:
      look: {uses: visit}
    transitions:
      finish: {to: finished}
  finished: {title: {vi: Xong, en: Finished}, final: true}
"""


def run(*arguments: str) -> Result:
    """One command of the program."""
    return CliRunner().invoke(main, [*arguments])


@pytest.fixture
def office(tmp_path, monkeypatch):
    """A function that makes a workspace in which `told` fails in a given way, with a plan begun."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKFLOW_LANG", "en")
    monkeypatch.setenv("WORKFLOW_ACTOR", "officer")
    monkeypatch.chdir(tmp_path)

    def make(failing: str) -> None:
        assert 0 == run("init", "office").exit_code
        monkeypatch.chdir(tmp_path / "office")
        Path("plugins").mkdir(exist_ok=True)
        Path("plugins/visits.py").write_text(PLUGIN.replace("RAISE", failing), encoding="utf-8")
        Path("definitions").mkdir(exist_ok=True)
        Path("definitions/visits.yaml").write_text(DEFINITION, encoding="utf-8")
        Path("people.yaml").write_text(json.dumps(PEOPLE), encoding="utf-8")
        loaded = run("people", "load", "people.yaml")
        assert 0 == loaded.exit_code, loaded.output
        result = run("create", "visits", "--id", "v1")
        assert 0 == result.exit_code, result.output

    return make


FAILING = ['raise RuntimeError("no words")', "raise SystemExit(4)", 'return {"a": 1}']


@pytest.mark.parametrize("failing", FAILING, ids=["raises", "exits", "answers-wrongly"])
def test_an_act_stands_though_its_type_fails_to_tell_of_it(office, failing):
    """Exit 0 with the confirmation as ever, and a line that names the type; the next command goes on from there."""
    office(failing)

    done = run("act", "v1", "look", "look")

    assert 0 == done.exit_code, done.output
    assert "v1: stage seeing, active, revision" in done.output
    assert "wanted to tell could not be told: step type `visit`" in " ".join(done.output.split())
    assert 0 == run("advance", "v1").exit_code


def test_programs_are_told_it_too(office):
    """`--json` has it among the warnings, with a code of its own; nothing is told."""
    office(FAILING[0])

    done = run("act", "v1", "look", "look", "--json")

    assert 0 == done.exit_code, done.output
    answer = json.loads(done.stdout)
    assert [] == answer["told"]
    assert ["not-told"] == [one["code"] for one in answer["warnings"]]
    assert "RuntimeError: no words (visits.py:" in done.stdout
