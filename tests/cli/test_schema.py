"""`definition schema`: the schema of definition files, with whatever plugins there are."""

from __future__ import annotations

import json

from click.testing import CliRunner
from jsonschema import Draft7Validator

from workflow.bootstrap import SCHEMA, shipped_definitions
from workflow.cli import main

PLUGIN = """\
from workflow import Help, Options, StepType, hookimpl
from pydantic import Field

class Wanted(Options):
    depth: int = Field(ge=1, description=Help("How deep", vi="Sâu bao nhiêu"))

class Dig(StepType):
    name = "dig"
    title = {"vi": "Đào", "en": "Dig"}
    states = {"open": {"vi": "Mở", "en": "Open"}}
    complete_states = ()
    Options = Wanted

@hookimpl
def step_types():
    return (Dig(),)
"""


def test_it_is_printed_for_another_program(typed):
    """Standard output holds the schema and nothing else, with or without --json."""
    plain, asked = typed("definition", "schema"), typed("definition", "schema", "--json")

    assert 0 == plain.exit_code == asked.exit_code
    Draft7Validator.check_schema(json.loads(plain.stdout))
    assert plain.stdout == asked.stdout


def test_it_has_the_workspaces_own_step_types(typed, workspace):
    """A file in the workspace's `plugins/` is known at once: its word, its parameters, in the reader's language."""
    (workspace / "plugins" / "dig.py").write_text(PLUGIN, encoding="utf-8")
    schema = json.loads(typed("definition", "schema", "--lang", "vi").stdout)

    assert "dig" in schema["definitions"]["Step"]["properties"]["uses"]["enum"]
    assert "Sâu bao nhiêu" == schema["definitions"]["dig"]["properties"]["depth"]["description"]
    sample = {"workflow": 1, "id": "a", "version": 1, "title": "A"}
    for depth, valid in ((3, True), (0, False), ("3", False)):
        steps = {"hole": {"uses": "dig", "with": {"depth": depth}}}
        stages = {"one": {"title": "Một", "final": True, "steps": steps}}
        assert valid == Draft7Validator(schema).is_valid({**sample, "stages": stages})


def test_outside_a_workspace_it_says_what_it_has(tmp_path, monkeypatch):
    """The installed plugins' step types are there, and it is told that no workspace's are."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["definition", "schema", "--lang", "en"])

    assert 0 == result.exit_code
    assert "consultation" in json.loads(result.stdout)["definitions"]
    assert "Outside a workspace" in result.stderr


def test_a_plugin_that_fails_is_told(typed, workspace):
    """Its step types are missing, so the schema would call them unknown: the person hears why."""
    (workspace / "plugins" / "broken.py").write_text("raise RuntimeError('no')\n", encoding="utf-8")
    result = typed("definition", "schema")

    assert 0 == result.exit_code
    assert "broken" in result.stderr and "RuntimeError" in result.stderr


def test_a_file_that_is_there_is_not_overwritten_unasked(typed, workspace):
    """`--out` writes a file; a second time it is refused unless --force is given."""
    first = typed("definition", "schema", "--out", "own.json")
    assert 0 == first.exit_code and "own.json" in first.stdout
    written = (workspace / "own.json").read_bytes()

    (workspace / "own.json").write_text("mine", encoding="utf-8")
    refused = typed("definition", "schema", "--out", "own.json")
    assert 2 == refused.exit_code and "mine" == (workspace / "own.json").read_text("utf-8")

    forced = typed("definition", "schema", "--out", "own.json", "--force", "--json")
    assert written == (workspace / "own.json").read_bytes()
    told = json.loads(forced.stdout)
    assert "own.json" == told["path"] and len(written) == told["size"] and "draft" in told["step_types"]


def test_a_new_workspace_has_it_beside_its_definitions(workspace):
    """The first line of a shipped definition that is copied there leads to a file."""
    assert (shipped_definitions() / SCHEMA).read_bytes() == (workspace / "definitions" / SCHEMA).read_bytes()
