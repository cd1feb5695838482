"""`workflow show PLAN STEP`: what a plugin's step type answers, and nothing that only looks like work."""

from __future__ import annotations

import json

import pytest

LENDING = """\
from workflow import Act, Reason, Phrase, StepTable, StepType, Text, WorkItem, action, hookimpl


class Lending(StepType):
    name = "lending"
    title = {"vi": "Cho mượn", "en": "Lending"}
    states = {"open": {"vi": "Chưa trả", "en": "Open"}, "back": {"vi": "Đã trả", "en": "Back"}}
    complete_states = ("back",)

    @action("return", title={"vi": "Trả", "en": "Return"}, source="open", to="back")
    def give_back(self, view, parameters, context):
        return Act({})

    def work_items(self, view):
        return (
            WorkItem("now", Text(vi="Việc nay", en="Work of today"), view.lead, open=view.phase == "open"),
            WorkItem("later", Text(vi="Việc sau", en="Work of later"), view.lead, open=False),
        )

    def tables(self, view):
        return (StepTable("loans", Text(vi="Hồ sơ cho mượn", en="Files lent"), (Text(vi="Tên", en="Name"),), ()),)

    def blockers(self, view):
        if __import__("pathlib").Path("broken").exists():
            raise ZeroDivisionError("blocked")
        return ()


@hookimpl
def step_types():
    return (Lending(),)
"""
DEFINITION = """\
workflow: 1
id: lending
version: 1
title: {vi: Cho mượn, en: Lending}
by: office-a
lead: office-a
stages:
  out:
    title: {vi: Đang mượn, en: Out}
    steps:
      lend: {uses: lending}
    transitions:
      finish: {to: done}
  done: {title: {vi: Xong, en: Done}, final: true}
"""


@pytest.fixture
def lent(workspace, done) -> str:
    """A plan whose step has one open item, one that nobody owes yet, and an empty table."""
    (workspace / "plugins" / "lending.py").write_text(LENDING, encoding="utf-8")
    (workspace / "definitions" / "lending.yaml").write_text(DEFINITION, encoding="utf-8")
    done("people", "load")
    done("create", "lending", "--id", "1-KH-2026")
    return "1-KH-2026"


def test_what_is_neither_open_nor_done_is_not_owed(typed, lent):
    """An item without a day that is not open is left out; the open one stands there."""
    shown = typed("show", lent, "lend").stdout

    assert "Work of today" in shown
    assert "Work of later" not in shown


def test_an_empty_table_has_no_heading(typed, lent):
    """A heading with nothing below says nothing; JSON has the table."""
    assert "Files lent" not in typed("show", lent, "lend").stdout
    (table,) = json.loads(typed("show", lent, "lend", "--json").stdout)["tables"]
    assert [] == table["rows"]


def test_the_doctor_asks_the_step_types_of_plans_under_way(typed, lent, workspace):
    """A type that fails for a plan is found before somebody works on it, once, with the plan's name."""
    assert "step-answers" not in typed("doctor", "--json").stdout

    (workspace / "broken").touch()
    told = [one for one in json.loads(typed("doctor", "--json").stdout)["findings"] if one["check"] == "step-answers"]

    assert [("error", lent)] == [(one["severity"], one["where"]) for one in told]
    assert lent in told[0]["message"] and "lending" in told[0]["message"]
