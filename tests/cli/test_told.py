"""What is told where nothing is there, nothing is near, or nothing can be undone says so, and once."""

from __future__ import annotations

import json

import pytest
from cli.conftest import error_of


def test_a_list_without_any_plan_says_how_to_start_one(typed, done, workspace):
    """Nothing in the workspace is something else than nothing that fits."""
    done("people", "load")
    told = typed("list")
    assert (0, True, True) == (told.exit_code, "no plan yet" in told.stderr, "workflow create" in told.stderr)

    done("create", "sample-decision", "--id", "1")
    assert "No plan is like that" in typed("list", "--stage", "agencies").stderr


def test_a_suspended_plan_is_named_where_work_is_listed(typed, done, plan):
    """Nothing is owed on it because it is suspended, and `due` says that."""
    done("suspend", plan, "--reason", "chờ")
    told = typed("due")

    assert "Nothing is owed" in told.stderr
    assert f"Suspended, so that nothing is owed on it: {plan}" in told.stderr


def test_no_name_is_suggested_where_none_is_near(typed, plan):
    """A step's name that is like none has the way to the steps as its hint."""
    error = error_of(typed("act", plan, "xyzzy-qqq", "submit", "--as", "anna", "--json"))

    assert f"`workflow show {plan} --all` lists its steps" == error["hint"]
    assert "write" in error_of(typed("act", plan, "wrte", "submit", "--as", "anna", "--json"))["hint"]


def test_a_correction_stands_and_the_beginning_too(typed, done, plan, paper):
    """Each refusal says why, and what can be done."""
    done("act", plan, "write", "submit", "--attach", paper)
    seq = json.loads(done("show", plan, "--json").stdout)["revision"]
    done("correct", plan, str(seq), "--reason", "nhầm")

    again = error_of(typed("correct", plan, str(seq + 1), "--reason", "nhầm", "--as", "anna", "--json"))
    assert ("not-reversible", True) == (again["code"], f"of event {seq}:" in again["message"])
    assert "--on" in again["hint"]
    first = error_of(typed("correct", plan, "1", "--reason", "nhầm", "--as", "anna", "--json"))
    assert "`workflow cancel`" in first["hint"]


def test_a_day_is_told_once_and_notes_have_a_heading(typed, done, workspace):
    """A note that names its day does not repeat it, and stands apart from the actions."""
    file = workspace / "definitions" / "sample.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("2019-05-01/2019-05-31", "2100-05-03/2100-05-31"), encoding="utf-8")
    done("people", "load")
    done("create", "sample-decision", "--id", "1")
    lines = typed("next", "1").stdout.splitlines()

    assert "To be known" in lines
    assert 1 == " ".join(lines[lines.index("To be known") :]).count("2100-05-03")


def test_a_gate_without_an_outcome_says_so(typed, done, workspace, paper):
    """A step that has not ended has no outcome; no dash stands for it."""
    file = workspace / "definitions" / "sample.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("circulate: {to: agencies}", "circulate: {to: agencies, outcome: {write: submitted}}"), "utf-8"
    )
    done("people", "load")
    done("create", "sample-decision", "--id", "1")
    error = error_of(typed("advance", "1", "circulate", "--as", "anna", "--json"))

    (told,) = [reason["message"] for reason in error["reasons"] if reason["code"] == "outcome-differs"]
    assert told.endswith("it has no outcome yet")


@pytest.mark.parametrize("words", [["cancel", "--help"]])
def test_what_a_cancellation_needs_is_marked(typed, words):
    """The document is required, and the help says it."""
    lines = typed(*words).output.split("--document")[1].split("--")[0]

    assert "[required]" in lines
