"""A real workspace with a small definition, and a way to type commands in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from workflow.bootstrap import init_workspace
from workflow.cli import main

SAMPLE = """\
workflow: 1
id: sample-decision
version: 1
title: {vi: Quyết định mẫu, en: Sample decision}
by: office-a
lead: office-a
documents:
  decision: {title: {vi: Dự thảo Quyết định, en: Draft decision}, numbered: true}
stages:
  writing:
    title: {vi: Xây dựng dự thảo lần 1, en: Writing}
    label: "2"
    steps:
      write: {uses: draft, label: "2.1", with: {document: decision, number: 1}}
    transitions:
      circulate: {to: agencies}
      drop: {to: dropped, allow_open_steps: true}
  agencies:
    title: {vi: Lấy ý kiến, en: Agencies}
    window: 2019-05-01/2019-05-31
    steps:
      round: {uses: consultation, with: {invite: [agency-b], document: decision}}
    transitions:
      finish: {to: done, allow_open_steps: true}
  dropped: {title: {vi: Bỏ, en: Dropped}, final: true}
  done: {title: {vi: Xong, en: Done}, final: true}
"""
PEOPLE = """\
people: 1
units:
  office-a: {name: {vi: Phòng A, en: Office A}}
  agency-b: {name: {vi: Cơ quan B, en: Agency B}}
persons:
  anna: {name: Nguyễn Thị An, unit: office-a}
  bao: {name: Trần Văn Bảo, unit: agency-b}
  cam: {name: Lê Thị Cam, unit: office-a}
roles:
  clerk: {title: {vi: Văn thư, en: Clerk}, holders: [anna], records_for: [agency-b]}
"""

Type = Callable[..., Result]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace with the sample definition and two people, not loaded yet."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE", "WORKFLOW_ACTOR", "LC_ALL", "LC_MESSAGES", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKFLOW_LANG", "en")
    monkeypatch.setenv("COLUMNS", "80")
    root = init_workspace(tmp_path / "office")
    (root / "definitions" / "sample.yaml").write_text(SAMPLE, encoding="utf-8")
    (root / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def typed(workspace: Path) -> Type:
    """Types a command in the workspace: `typed("list", "--json")`."""

    def run(*arguments: str, **more: Any) -> Result:
        return CliRunner().invoke(main, list(arguments), prog_name="workflow", **more)

    return run


@pytest.fixture
def done(typed: Type) -> Type:
    """Types a command by anna that has to succeed."""

    def run(*arguments: str, **more: Any) -> Result:
        result = typed(*arguments, "--as", "anna", **more)
        assert 0 == result.exit_code, result.output
        return result

    return run


@pytest.fixture
def plan(done: Type) -> str:
    """A plan in its first stage."""
    done("people", "load")
    done("create", "sample-decision", "--id", "1-KH-2026")
    return "1-KH-2026"


@pytest.fixture
def paper(tmp_path: Path) -> str:
    """A file to attach."""
    path = tmp_path / "dự thảo.txt"
    path.write_text("dự thảo lần 1", encoding="utf-8")
    return str(path)


def error_of(result: Result) -> dict[str, Any]:
    """The error object that `--json` printed on standard error."""
    return json.loads(result.stderr)["error"]


@pytest.fixture(scope="session")
def played_office(tmp_path_factory) -> Path:
    """The shipped plans, played to their end; to be read alone."""
    folder = tmp_path_factory.mktemp("played") / "office"
    result = CliRunner().invoke(main, ["demo", str(folder)], prog_name="workflow", env={"WORKFLOW_LANG": "en"})
    assert 0 == result.exit_code, result.output
    return folder
