"""Taking back a later day: never beneath the answer to a request, nor beneath what was judged by that day."""

from __future__ import annotations

import json

import pytest
from cli.test_assignment import PLAN, plan  # noqa: F401
from cli.test_assignment import workspace as table  # noqa: F401
from cli.test_assignment_rules import ROW, handed_out, owed, refusal, workspace  # noqa: F401

ASK = ("reschedule", PLAN, ROW, "--ask", "--due", "2020-03-30", "--reason", "chờ số liệu", "--on", "2020-03-10")
GRANT = ("reschedule", PLAN, ROW, "--grant", "--reason", "đồng ý", "--on", "2020-03-11")
REFUSE = ("reschedule", PLAN, ROW, "--refuse", "--reason", "không đồng ý", "--on", "2020-03-11")
ORDER = (
    "reschedule",
    PLAN,
    ROW,
    "--due",
    "2020-03-30",
    "--document",
    "CV 5/UBND",
    "--reason",
    "x",
    "--on",
    "2020-03-11",
)
CORRECT_DATE = ("act", PLAN, "annex", "correct-date", "--row", "1", "--due", "2020-03-30", "--reason", "x")


def last(done) -> int:
    """The number of the plan's latest event."""
    return json.loads(done("audit", "show", PLAN, "--json").stdout)["events"][-1]["seq"]


def take_back(typed, seq: int):
    """Correct an event."""
    return typed("correct", PLAN, str(seq), "--reason", "nhầm", "--as", "anna", "--json")


def holds(told) -> tuple[str, list[str]]:
    """Why it stays, and which events are to be taken back before it."""
    return told["code"], told["hint"].rpartition(": ")[2].split(", ")


@pytest.mark.parametrize("answer", [GRANT, REFUSE])
def test_a_request_is_not_taken_back_beneath_its_answer(typed, done, handed_out, answer):  # noqa: F811
    """The grant says who asked: while it stands, so does the request; without it, the request goes."""
    assert 0 == typed(*ASK, "--as", "nv-khtc").exit_code
    asked = last(done)
    done(*answer)
    answered = last(done)

    told = refusal(take_back(typed, asked))

    assert ("later-events", [str(answered)]) == holds(told)
    assert f"event {answered} rests on it" in told["reasons"][0]["message"]
    assert 0 == take_back(typed, answered).exit_code
    assert 0 == take_back(typed, asked).exit_code
    assert "2020-03-20" == owed(done)["1"]["due_on"]


@pytest.mark.parametrize("moving", [GRANT, ORDER, (*CORRECT_DATE, "--on", "2020-03-11")])
def test_a_day_by_which_something_was_judged_is_not_taken_back(typed, done, handed_out, moving):  # noqa: F811
    """The hand-in and the acceptance are named; before them the day goes back, and the row with it."""
    if moving is GRANT:
        assert 0 == typed(*ASK, "--as", "nv-khtc").exit_code
    done(*moving)
    moved = last(done)
    assert 0 == typed("act", PLAN, "annex", "hand-in", "--row", "1", "--on", "2020-04-02", "--as", "nv-khtc").exit_code
    handed_in = last(done)

    told = refusal(take_back(typed, moved))
    assert ("later-events", [str(handed_in)]) == holds(told)

    done("act", PLAN, "annex", "accept", "--row", "1", "--on", "2020-04-03")
    accepted = last(done)
    told = refusal(take_back(typed, moved))
    assert [str(accepted), str(handed_in)] == holds(told)[1]

    for seq in (accepted, handed_in, moved):
        assert 0 == take_back(typed, seq).exit_code
    assert "2020-03-20" == owed(done)["1"]["due_on"]


def test_a_date_corrected_after_the_hand_in_stays_once_it_was_accepted_by_it(typed, done, handed_out):  # noqa: F811
    """Whoever accepted judged by the corrected date."""
    assert 0 == typed("act", PLAN, "annex", "hand-in", "--row", "1", "--on", "2020-03-25", "--as", "nv-khtc").exit_code
    done(*CORRECT_DATE, "--on", "2020-03-26")
    moved = last(done)
    done("act", PLAN, "annex", "accept", "--row", "1", "--on", "2020-03-27")

    assert [str(last(done))] == holds(refusal(take_back(typed, moved)))[1]


def test_what_was_judged_by_another_day_does_not_hold_it(typed, done, handed_out):  # noqa: F811
    """Another row that was handed in keeps its own day either way."""
    done(*ORDER)
    moved = last(done)
    assert 0 == typed("act", PLAN, "annex", "hand-in", "--row", "2", "--on", "2020-04-02", "--as", "nv-qlkh").exit_code

    assert 0 == take_back(typed, moved).exit_code


def test_the_trail_has_the_document_that_ordered_a_day(done, handed_out):  # noqa: F811
    """Beside its reason, as it was typed."""
    done(*ORDER)

    assert "document: CV 5/UBND" in done("audit", "show", PLAN).stdout


def test_a_row_is_explained_by_the_short_form_that_moves_it(done, handed_out):  # noqa: F811
    """The short form of its address is enough, and an ordered day was set by hand."""
    done(*ORDER)

    told = done("due", "--explain", f"{PLAN}/annex#1").stdout

    assert f"{PLAN}/work/{ROW}" in told and "set by hand" in told
