"""Whose hands a task lies in, and who may move its day: later days for rows, acceptance, corrections, sums."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cli.test_assignment import DEFINITION, PLAN, people, plan  # noqa: F401
from cli.test_assignment import workspace as table  # noqa: F401

ROW = "annex@1#1"


@pytest.fixture
def workspace(table):  # noqa: F811
    """The workspace of the 2020 plan, without the series that would appear week by week until today."""
    (table / "definitions" / "table.yaml").write_text(DEFINITION.partition("alongside:")[0], encoding="utf-8")
    return table


@pytest.fixture
def handed_out(done, plan):  # noqa: F811
    """Rows 1 (khtc) and 2 (qlkh, which inherits its day), handed out on 2 March 2020, due on the 20th."""
    given = ("--content", "Việc", "--on", "2020-03-02")
    done("act", plan, "annex", "hand-out", "--row", "1", "--lead", "khtc", "--due", "2020-03-20", *given)
    done("act", plan, "annex", "hand-out", "--row", "2", "--lead", "qlkh", "--inherits", "1", *given)
    return plan


def refusal(result) -> dict[str, Any]:
    """The error that `--json` prints."""
    assert 0 != result.exit_code, result.output
    return json.loads(result.stderr)["error"]


def owed(done, *more: str) -> dict[str, dict[str, Any]]:
    """What `due` shows of the annex, by key."""
    items = json.loads(done("due", *more, "--json").stdout)["work_items"]
    return {item["key"]: item for item in items if "annex" in item["id"]}


def test_a_later_day_for_a_row_is_asked_by_its_unit_and_granted_by_the_leader(typed, done, handed_out):
    """The row moves and no other; its first day stays beside it, and lateness is read against both."""
    ask = ("reschedule", PLAN, ROW, "--ask", "--to", "2020-03-30", "--reason", "chờ số liệu", "--on", "2020-03-10")
    assert 4 == typed(*ask, "--as", "nv-qlcn").exit_code
    assert 0 == typed(*ask, "--as", "nv-khtc").exit_code
    assert ROW in done("due", "--person", "anna").stdout
    grant = ("reschedule", PLAN, "annex#1", "--grant", "--reason", "đồng ý", "--on", "2020-03-11")
    assert 4 == typed(*grant, "--as", "nv-khtc").exit_code
    done(*grant)

    items = owed(done, "--on", "2020-04-02")

    assert (items["1"]["due_on"], items["1"]["original_due_on"]) == ("2020-03-30", "2020-03-20")
    assert (items["1"]["days_late"], items["1"]["days_late_original"]) == (3, 13)
    assert (items["2"]["due_on"], items["2"]["original_due_on"]) == ("2020-03-20", None)
    assert "Later day" not in done("due", "--person", "anna").stdout
    explained = done("due", "--explain", f"{PLAN}/work/annex@1#1").stdout
    assert "at first: 2020-03-20" in explained and "chờ số liệu" not in explained and "đồng ý" in explained
    done("audit", "verify")


def test_a_clerk_asks_in_the_name_of_the_unit_and_a_refusal_leaves_the_day(typed, done, handed_out):
    """The request says for whom it was recorded; refused with a reason, it may be asked again."""
    ask = ("reschedule", PLAN, ROW, "--ask", "--due", "2020-03-30", "--reason", "x", "--on", "2020-03-10")
    result = typed(*ask, "--as", "nv-so", "--behalf", "khtc", "--json")
    assert 0 == result.exit_code, result.output
    assert json.loads(result.stdout)["events"][-1]["on_behalf"] == "khtc"
    done("reschedule", PLAN, ROW, "--refuse", "--reason", "không đủ căn cứ", "--on", "2020-03-11")

    assert owed(done)["1"]["due_on"] == "2020-03-20"
    assert 0 == typed(*ask, "--as", "nv-khtc").exit_code


def test_what_is_no_later_or_not_there_is_refused(typed, done, handed_out):
    """A day that is no later, a row that is none, a row that is done."""
    ask = ("reschedule", PLAN, "--ask", "--reason", "x", "--on", "2020-03-10", "--as", "nv-khtc", "--json")
    assert refusal(typed(*ask, ROW, "--due", "2020-03-20"))["code"] == "no-extension"
    assert refusal(typed(*ask, "annex@1#9", "--due", "2020-03-30"))["code"] == "unknown-item"
    typed("act", PLAN, "annex", "hand-in", "--row", "1", "--on", "2020-03-09", "--as", "nv-khtc")
    assert refusal(typed(*ask, ROW, "--due", "2020-03-30"))["code"] == "is-over"


def test_the_unit_that_owes_a_row_does_not_correct_its_date(typed, done, plan):  # noqa: F811
    """A correction is for those who keep the table; for their own row somebody else of them."""
    given = ("--content", "Việc", "--due", "2020-03-20", "--on", "2020-03-02")
    done("act", plan, "annex", "hand-out", "--row", "1", "--lead", "so", *given)
    correct = ("act", plan, "annex", "correct-date", "--row", "1", "--reason", "sai", "--due")

    told = refusal(typed(*correct, "2020-06-20", "--as", "nv-so", "--json"))

    assert told["code"] == "own-matter"
    assert "so" in told["reasons"][0]["message"]


def test_a_corrected_date_keeps_the_first_and_tells_what_moved(typed, done, handed_out):
    """The confirmation names each row with both days, and `due` shows the first one beside the new."""
    correct = ("act", PLAN, "annex", "correct-date", "--row", "1", "--due", "2020-03-25", "--reason", "đánh máy sai")

    told = done(*correct, "--on", "2020-03-05").stdout

    assert "1: 2020-03-20 -> 2020-03-25" in told
    assert "2, which inherits it: 2020-03-20 -> 2020-03-25" in told
    items = owed(done, "--on", "2020-04-02")
    assert [items[key]["original_due_on"] for key in "12"] == ["2020-03-20"] * 2
    assert [(items[key]["days_late"], items[key]["days_late_original"]) for key in "12"] == [(8, 13)] * 2
    assert "đánh máy sai" in done("due", "--explain", f"{PLAN}/work/annex@1#1").stdout


def test_a_day_far_from_the_plan_is_told(typed, done, handed_out):
    """A year that was mistyped is not accepted without a word."""
    result = typed(
        "act", PLAN, "annex", "correct-date", "--row", "1", "--due", "2102-03-25", "--reason", "x", "--as", "anna"
    )

    assert "is the year right" in " ".join(result.output.split())


def test_what_was_handed_in_is_owed_by_whoever_accepts(typed, done, handed_out):
    """It does not vanish from every list: it lies with the leader until it is accepted or sent back."""
    typed("act", PLAN, "annex", "hand-in", "--row", "1", "--on", "2020-03-09", "--as", "nv-khtc")

    assert owed(done, "--person", "anna").keys() == {"accept:1"}
    done("act", PLAN, "annex", "return", "--row", "1", "--reason", "thiếu biểu", "--on", "2020-03-10")
    assert owed(done, "--person", "anna") == {}
    assert "1" in owed(done, "--person", "nv-khtc")


def test_nobody_accepts_what_they_handed_in(typed, done, plan):  # noqa: F811
    """One person is not both sides; a clerk who recorded the hand-in for a unit did not hand it in."""
    given = ("--content", "Việc", "--due", "2020-03-20", "--on", "2020-03-02")
    done("act", plan, "annex", "hand-out", "--row", "1", "--lead", "leader", *given)
    done("act", plan, "annex", "hand-in", "--row", "1", "--on", "2020-03-03")

    assert (
        refusal(typed("act", plan, "annex", "accept", "--row", "1", "--as", "anna", "--json"))["code"] == "own-matter"
    )

    done("act", plan, "annex", "hand-out", "--row", "2", "--lead", "khtc", *given)
    assert 0 == typed("act", plan, "annex", "hand-in", "--row", "2", "--as", "nv-so", "--behalf", "khtc").exit_code
    assert 0 == typed("act", plan, "annex", "accept", "--row", "2", "--as", "nv-so").exit_code


def test_a_hand_out_is_not_undone_beneath_what_rests_on_it(typed, done, handed_out):
    """The later events are named, and only those; corrected first, they let it go."""
    typed("act", PLAN, "annex", "hand-in", "--row", "1", "--on", "2020-03-09", "--as", "nv-khtc")
    trail = json.loads(done("audit", "show", PLAN, "--json").stdout)["events"]
    seqs = [event["seq"] for event in trail if event["data"].get("action") in ("hand-out", "hand-in")]

    told = refusal(typed("correct", PLAN, str(seqs[0]), "--reason", "nhầm", "--as", "anna", "--json"))

    assert told["code"] == "later-events"
    assert [reason["code"] for reason in told["reasons"]] == ["later-event"] * 2
    assert f"event {seqs[2]} rests on it: hand-in" in told["reasons"][1]["message"]
    for seq in reversed(seqs):
        done("correct", PLAN, str(seq), "--reason", "nhầm")
    assert owed(done) == {}


def test_an_act_that_rests_on_nothing_of_it_does_not_hold_a_correction_up(typed, done, handed_out):
    """Another row goes on as it was."""
    typed("act", PLAN, "annex", "hand-in", "--row", "1", "--on", "2020-03-09", "--as", "nv-khtc")
    typed("act", PLAN, "annex", "hand-in", "--row", "2", "--on", "2020-03-09", "--as", "nv-qlkh")
    trail = json.loads(done("audit", "show", PLAN, "--json").stdout)["events"]
    seq = next(event["seq"] for event in trail if event["data"].get("action") == "hand-in")

    done("correct", PLAN, str(seq), "--reason", "nộp nhầm")

    assert owed(done).keys() == {"1", "accept:2"}


def test_a_unit_that_ended_is_named_by_its_successor_everywhere(workspace, typed, done, plan):  # noqa: F811
    """What blocks, what is missing and who may act name the unit that is there, as the list of work does."""
    ended = {"until": "2020-03-31", "successor": "tt-moi"}
    (workspace / "people.yaml").write_text(people(tt=ended, **{"tt-moi": {"from": "2020-04-01"}}), encoding="utf-8")
    done("people", "load")
    done("tick", plan)

    shown = next(step for step in json.loads(done("show", plan, "--json").stdout)["steps"] if "census" in step["step"])

    reasons = [
        reason for reason in shown["blockers"] if "A/tt" in reason["message"] or reason["code"] == "row-progress"
    ]
    assert len(reasons) == 2
    for reason in reasons:
        assert "tt-moi" in reason["message"] and "tt-moi" in reason["who"] and "tt" not in reason["who"]
    possible = json.loads(done("next", plan, "--json").stdout)["actions"]
    (hand_in,) = [each for each in possible if each["action"] == "hand-in" and "census" in each["step"]]
    assert "tt-moi" in hand_in["by"] and "tt" not in hand_in["by"]


@pytest.mark.parametrize(
    ("value", "code"),
    [("-5", "negative-number"), ("12,345", "too-many-decimals"), ("99999999999999999999", "number-too-large")],
)
def test_a_figure_that_cannot_be_is_refused(typed, plan, value, code):  # noqa: F811
    """Less than nothing, parts of a whole, and a slip of the hand with twenty digits."""
    act = ("act", plan, "census", "report-figure", "--row", "A/khtc", f"--value={value}", "--as", "nv-khtc", "--json")

    assert refusal(typed(*act))["reasons"][0]["code"] == code


def test_a_reported_figure_is_confirmed_with_the_sum_and_who_is_missing(typed, plan):  # noqa: F811
    """Whoever reports sees at once how far all are."""
    act = ("act", plan, "census", "report-figure", "--row", "A/khtc", "--value", "12", "--as", "nv-khtc")

    told = " ".join(typed(*act).stdout.split())

    assert "total so far 12, without cn, co-so, qlcn, qlkh" in told
    assert "Open to Open" not in told


def test_a_task_handed_in_late_says_so(typed, handed_out):
    """By how many days stands in the confirmation."""
    result = typed("act", PLAN, "annex", "hand-in", "--row", "1", "--on", "2020-03-23", "--as", "nv-khtc")

    assert "1: 3 days late" in result.stdout


def test_a_unit_that_only_gets_another_name_is_told(workspace, typed, done, plan):  # noqa: F811
    """Closed work would change its name too: the register is taken in, with a word about a new id."""
    (workspace / "people.yaml").write_text(people(tt={"name": "Thanh tra mới"}), encoding="utf-8")

    result = typed("people", "load", "--as", "anna")

    assert 0 == result.exit_code
    assert "`tt` has another name now" in result.stderr


def test_a_report_that_comes_late_says_so(table, typed, done):  # noqa: F811
    """The confirmation has the days behind the due day, in the reader's language."""
    (table / "definitions" / "table.yaml").write_text(DEFINITION, encoding="utf-8")
    done("people", "load")
    done("create", "table", "--id", PLAN, "--start", "2020-02-28", "--on", "2020-02-28")
    report = ("act", PLAN, "weekly", "report", "--period", "tuần 10/2020", "--unit", "cn", "--on", "2020-03-09")

    result = typed(*report, "--as", "nv-cn", "--lang", "vi")

    assert 0 == result.exit_code, result.output
    assert "cn, kỳ 2020-W10: trễ 4 ngày" in result.stdout
