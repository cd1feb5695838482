"""`next` names who may act truly: a unit that was asked, the clerk who records for it, and nobody else."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def asked(done, paper):
    """A plan in its second stage, where agency-b was asked and is silent."""
    done("people", "load")
    return in_its_second_stage(done, paper)


def in_its_second_stage(done, paper):
    """Start a plan and write its first draft."""
    done("create", "sample-decision", "--id", "1", "--on", "2019-04-01")
    done("act", "1", "write", "submit", "--attach", paper, "--on", "2019-04-15")
    done("advance", "1", "circulate", "--on", "2019-05-01")
    return "1"


def action_of(typed, plan, actor, name="respond"):
    """What `next` says of an action to *actor*."""
    told = json.loads(typed("next", plan, "--as", actor, "--json").stdout)
    return next(action for action in told["actions"] if action["action"] == name)


@pytest.mark.parametrize(("actor", "permitted"), [("bao", True), ("anna", True), ("cam", False)])
def test_who_may_give_an_opinion_is_told_it(typed, asked, actor, permitted):
    """The unit's own officer and the clerk may; whom `by:` names may not speak for a unit."""
    told = action_of(typed, asked, actor)
    shown = typed("next", asked, "--as", actor, "--lang", "en").output.partition(" respond ")[2].partition("\n\n")[0]
    row = shown.partition("agencies/round")[0]

    assert (["clerk", "agency-b"], permitted) == (told["by"], told["permitted"])
    assert permitted is ("(not you)" not in row)
    act = ("act", asked, "round", "respond", "--unit", "agency-b", "--position", "agree", "--dry-run", "--as", actor)
    assert (0 if permitted else 4) == typed(*act).exit_code


def test_who_leads_may_do_what_is_the_leads(typed, asked):
    """What is not done in another's name stays with whom `by:` names."""
    assert [True, False] == [action_of(typed, asked, actor, "remind")["permitted"] for actor in ("cam", "bao")]


def test_a_reason_names_the_clerk_and_no_day_that_is_not_needed(typed, done, workspace, paper):
    """A silent unit can answer today, or the clerk for it; closing without it is what waits for a day."""
    file = workspace / "definitions" / "sample.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("finish: {to: done, allow_open_steps: true}", "finish: {to: done}"), encoding="utf-8")
    done("people", "load")
    plan = in_its_second_stage(done, paper)

    for answer in (
        json.loads(typed("next", plan, "--json").stdout)["moves"][0],
        json.loads(typed("advance", plan, "finish", "--as", "anna", "--json").stderr)["error"],
        json.loads(typed("overview", "--json").stdout)["plans"][-1]["blocked"][0],
    ):
        silent = next(reason for reason in answer["reasons"] if reason["code"] == "silent")
        assert (["agency-b", "clerk"], None) == (silent["who"], silent["from"])
        assert "from 2019-06-01 on the round can be closed without it" in silent["message"]
