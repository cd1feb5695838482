"""`number issue` and `number list`: what the clerk types, and what people read."""

from __future__ import annotations

import json

from cli.conftest import error_of


def test_a_number_is_given_and_shown(done, plan, paper):
    """The plan's own number and a document's; `show` has both."""
    done("act", plan, "write", "submit", "--attach", paper)
    said = done("number", "issue", plan, "--series", "KH-KHCN").output
    done("number", "issue", plan, "decision", "--series", "QĐ-UBND", "--number", "754")

    assert "number 01/KH-KHCN given" in said
    shown = done("show", plan).output
    assert "01/KH-KHCN" in shown and "754/QĐ-UBND" in shown
    numbers = json.loads(done("show", plan, "--json").output)["numbers"]
    assert ["01/KH-KHCN", "754/QĐ-UBND"] == [one["symbol"] for one in numbers]


def test_a_plan_shows_no_number_before(done, plan):
    """It works without."""
    assert [] == json.loads(done("show", plan, "--json").output)["numbers"]
    assert "Numbers" not in done("show", plan).output


def test_the_register_is_listed_and_paged(done, typed, plan):
    """Numbers by series, year and number; those given in error stay in the list, marked."""
    for id_ in ("2-KH", "3-KH"):
        done("create", "sample-decision", "--id", id_)
    for id_ in (plan, "2-KH", "3-KH"):
        done("number", "issue", id_, "--series", "KH-KHCN")
    seq = json.loads(done("show", "2-KH", "--json").output)["numbers"][0]["seq"]
    done("correct", "2-KH", str(seq), "--reason", "nhầm")

    assert "given in error" in typed("number", "list").output
    first = json.loads(typed("number", "list", "--limit", "2", "--json").output)
    second = json.loads(typed("number", "list", "--after", first["next"], "--json").output)
    assert [1, 2, 3] == [one["number"] for page in (first, second) for one in page["numbers"]]
    assert [False, True] == [one["void"] for one in first["numbers"]]
    assert second["next"] is None
    assert [] == json.loads(typed("number", "list", "--series", "QĐ-UBND", "--json").output)["numbers"]


def test_a_number_that_is_taken_is_refused(done, typed, plan):
    """Exit 3, with the plan that has it."""
    done("create", "sample-decision", "--id", "2-KH")
    done("number", "issue", plan, "--series", "KH-KHCN")
    refused = typed("number", "issue", "2-KH", "--series", "KH-KHCN", "--number", "1", "--as", "anna", "--json")

    assert 3 == refused.exit_code
    assert ["number-taken"] == [reason["code"] for reason in error_of(refused)["reasons"]]
    assert plan in error_of(refused)["reasons"][0]["message"]


def test_without_a_series_the_option_is_named(typed, plan):
    """Exit 2 where neither the command nor the definition says the series."""
    refused = typed("number", "issue", plan, "--as", "anna", "--json")

    assert 2 == refused.exit_code and "--series" in error_of(refused)["hint"]
    assert 2 == typed("number", "list", "--after", "rubbish").exit_code


def test_a_database_is_upgraded(done, workspace, plan):
    """`db upgrade` on a database that is up to date changes nothing."""
    before = done("audit", "verify").output
    done("db", "upgrade")

    assert before == done("audit", "verify").output
