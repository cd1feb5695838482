"""Plugins come and go and change; what they recorded stays readable, or is named event by event."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workflow.cli import main

OLD = """
from workflow import Act, Parameters, State, StepType, action, hookimpl


class Told(Parameters):
    found: str


class VisitState(State):
    found: str | None = None


class Visit(StepType):
    name = "visit"
    version = "1"
    title = {"vi": "Kiểm tra", "en": "Visit"}
    states = {"open": {"vi": "Chưa", "en": "Open"}, "done": {"vi": "Xong", "en": "Done"}}
    complete_states = ("done",)
    State = VisitState

    @action("visit", title={"vi": "Ghi", "en": "Record"}, source="open", to="done", parameters=Told)
    def visit(self, view, parameters, context):
        return Act({"found": parameters.found})

    def evolve(self, state, action, data):
        return VisitState(found=data.get("found"))


@hookimpl
def step_types():
    return (Visit(),)
"""
NEW = OLD.replace('version = "1"', 'version = "2"').replace("found: str | None = None", "results: tuple[str, ...] = ()")
NEW = NEW.replace('Act({"found": parameters.found})', 'Act({"results": [parameters.found]})')
NEW = NEW.replace('VisitState(found=data.get("found"))', 'VisitState(results=data["results"])')
UPCAST = """
    def upcast(self, action, version, data):
        return {**data, "results": [data["found"]] if "found" in data else []}
"""
READS_OLD = NEW.replace("    def evolve", UPCAST.strip("\n") + "\n\n    def evolve")
DEFINITION = """
workflow: 1
id: inspection
version: 1
title: {vi: Kiểm tra}
by: office-a
lead: office-a
stages:
  looking:
    title: {vi: Kiểm tra}
    steps:
      look: {uses: visit}
      other: {uses: task}
    transitions: {finish: {to: done}}
  done: {title: {vi: Xong}, final: true}
"""
PEOPLE = """
people: 1
units: {office-a: {name: {vi: Phòng A}}}
persons: {anna: {name: Nguyễn Thị An, unit: office-a}}
"""
Typed = Callable[..., Result]


def typed(office: Path, *words: str) -> Result:
    """Type a command in the office's workspace."""
    return CliRunner().invoke(main, ["--workspace", str(office), "--lang", "en", *words], prog_name="workflow")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two plans that version 1 of a plugin recorded."""
    office = tmp_path_factory.mktemp("trails") / "office"
    assert typed(office, "init", str(office)).exit_code == 0
    (office / "plugins" / "visiting.py").write_text(OLD, encoding="utf-8")
    (office / "definitions" / "inspection.yaml").write_text(DEFINITION, encoding="utf-8")
    (office / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    for words in (
        ("people", "load"),
        ("create", "inspection", "--id", "p"),
        ("act", "p", "look", "visit", "--found", "good"),
        ("create", "inspection", "--id", "q"),
    ):
        done = typed(office, *words, "--as", "anna")
        assert done.exit_code == 0, done.output
    return office


@pytest.fixture
def office(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "office"))


def install(office: Path, text: str | None) -> None:
    """Put another version of the plugin in place, or take it away."""
    path = office / "plugins" / "visiting.py"
    if text is None:
        path.unlink()
    else:
        path.write_text(text, encoding="utf-8")


def replayed(office: Path) -> tuple[int, dict]:
    """What `doctor --replay` says."""
    result = typed(office, "doctor", "--replay", "--json")
    return result.exit_code, json.loads(result.stdout)


def verified(office: Path) -> tuple[int, list[dict]]:
    """What `audit verify` says."""
    result = typed(office, "audit", "verify", "--json")
    return result.exit_code, json.loads(result.stdout)["findings"]


def test_what_is_installed_reads_what_it_recorded(office: Path):
    """Nothing is told of a workspace whose plugins are those that recorded it; exit 0."""
    code, told = replayed(office)

    assert (0, 2, True, []) == (code, told["plans"], told["well"], told["findings"])
    assert "can be read" in typed(office, "doctor", "--replay").stdout


def test_each_event_that_a_new_version_cannot_read_is_named_before_it_is_used(office: Path):
    """Plan, event, plugin, the version that recorded it, the one here, and why; exit 6; nothing is changed."""
    before = (office / "workflow.db").read_bytes()
    install(office, NEW)

    code, told = replayed(office)

    assert 6 == code
    assert [("p", 2, "looking/look", "visit", "1", "2"), ("p", 4, "looking/look", "visit", "1", "2")] == [
        tuple(one[key] for key in ("plan", "seq", "step", "plugin", "recorded", "installed"))
        for one in told["findings"]
        if one["plan"] == "p"
    ]
    assert "results" in told["findings"][0]["message"]
    assert "lost with event 2" in told["findings"][1]["message"]
    assert {"q"} == {one["plan"] for one in told["findings"][2:]}
    assert before == (office / "workflow.db").read_bytes()


def test_without_the_plugin_what_could_not_be_replayed_is_named(office: Path):
    """`audit verify` names each event with step, plugin and version, and says it is neither sound nor wrong: exit 3."""
    install(office, None)

    code, findings = verified(office)

    assert 3 == code
    assert [("p", 2), ("p", 4), ("q", 2)] == [(one["chain"], one["seq"]) for one in findings]
    assert all("looking/look by `visit` version 1" in one["message"] for one in findings)
    assert {"unjudged"} == {one["check"] for one in findings}
    assert 6 == replayed(office)[0]


def test_a_version_that_reads_old_events_keeps_old_plans(office: Path):
    """With `upcast` the plan goes on: its rows are to be rebuilt, once, and then everything is sound."""
    install(office, READS_OLD)

    code, findings = verified(office)
    assert (3, {"rebuild-needed"}) == (code, {one["code"] for one in findings})
    assert "db rebuild p" in findings[0]["message"]

    assert 3 == typed(office, "advance", "p", "finish", "--as", "anna").exit_code
    rebuilt = typed(office, "db", "rebuild", "--as", "anna", "--json")
    assert 0 == rebuilt.exit_code, rebuilt.output
    assert ["p", "q"] == [one["id"] for one in json.loads(rebuilt.stdout)["plans"] if one["rebuilt"]]

    assert (0, []) == verified(office)
    assert 0 == replayed(office)[0]
    trail = json.loads(typed(office, "audit", "show", "--type", "projection_rebuilt", "--json").stdout)
    assert ["p", "q"] == [one["data"]["plan"] for one in trail["events"]]
    done = typed(office, "act", "q", "look", "visit", "--found", "better", "--as", "anna")
    assert 0 == done.exit_code, done.output
    assert (0, []) == verified(office)


def test_a_trial_rebuild_writes_nothing_and_a_second_one_has_nothing_to_do(office: Path):
    """`--dry-run` says which plans would be made anew; after it was done nothing is left."""
    install(office, READS_OLD)

    assert "p: made anew" in typed(office, "db", "rebuild", "p", "--as", "anna", "--dry-run").stdout
    assert 3 == verified(office)[0]
    assert "p: made anew" in typed(office, "db", "rebuild", "p", "--as", "anna").stdout
    assert "1 plan)" in typed(office, "db", "rebuild", "p", "--as", "anna").output


def test_rows_changed_by_hand_are_no_matter_of_versions(office: Path):
    """What no step type made is wrong whatever is installed: exit 7."""
    import sqlite3

    install(office, READS_OLD)
    with sqlite3.connect(office / "workflow.db") as database:
        database.execute("UPDATE plan SET stage = 'done' WHERE id = 'p'")
    database.close()

    code, findings = verified(office)

    assert 7 == code
    assert "plan-differs" in {one["code"] for one in findings}


def test_a_plan_whose_events_cannot_be_read_is_not_rebuilt(office: Path):
    """It is told with its reason and left as it is, and the others are made anew."""
    install(office, NEW)

    result = typed(office, "db", "rebuild", "--as", "anna")

    assert 3 == result.exit_code
    assert "p: left as it is" in result.stdout


def test_rebuilding_asks_who_does_it(office: Path):
    """Nobody makes rows anew without a name in the trail."""
    assert 2 == typed(office, "db", "rebuild").exit_code
