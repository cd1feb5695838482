"""`workflow tick`, and what is shown though nobody gave it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from cli.conftest import error_of

REPORTING = """\
workflow: 1
id: reporting
version: 1
title: {vi: Báo cáo, en: Reporting}
by: clerk
remind: 1d
stages:
  going-on:
    title: {vi: Đang thực hiện, en: Going on}
    transitions: {end: {to: done}}
  done: {title: {vi: Xong, en: Done}, final: true}
alongside:
  weekly:
    uses: periodic-report
    with: {every: week, weekday: 4, units: [agency-b], to: office-a}
    until: {stage: done}
  closing: {uses: duty, with: {closes_after: 2020-04-15}, lead: office-a}
"""
BEGAN, LATER = "2020-03-02", "2020-05-11"
"""Two Mondays, ten weeks apart; nobody ran anything in between."""


@pytest.fixture
def reporting(workspace, done) -> str:
    """A plan whose weekly reports began long ago; the clock is today's."""
    (workspace / "definitions" / "reporting.yaml").write_text(REPORTING, encoding="utf-8")
    done("people", "load")
    done("create", "reporting", "--id", "2020-KH", "--on", BEGAN)
    return "2020-KH"


def shown(typed, *arguments: str) -> dict:
    """The JSON that a question printed."""
    result = typed(*arguments, "--json")
    assert 0 == result.exit_code, result.output
    return json.loads(result.stdout)


def weeks(items: list[dict]) -> list[str]:
    """The weeks for which a report is owed."""
    return [item["id"].rsplit("#", 1)[1].split("/")[0] for item in items if "weekly" in item["id"]]


TEN_WEEKS = [f"2020-W{week}" for week in range(10, 21)]


def test_lists_show_what_nobody_recorded(typed, reporting, tmp_path: Path):
    """After weeks of nobody running anything: every week once, in `due`, `show`, the table and the calendar."""
    table, feed = tmp_path / "due.csv", tmp_path / "due.ics"

    assert TEN_WEEKS == weeks(shown(typed, "due", "--on", LATER)["work_items"])
    assert TEN_WEEKS == weeks(shown(typed, "show", reporting, "--on", LATER)["work_items"])
    assert 0 == typed("due", "--on", LATER, "--csv", str(table), "--ics", str(feed)).exit_code
    rows = list(csv.reader(table.read_text("utf-8-sig").splitlines()))
    assert 11 == sum(1 for row in rows if "#2020-W" in row[-1])
    assert 11 == feed.read_text("utf-8").replace("\r\n ", "").count("BEGIN:VEVENT")
    assert "2020-04-15" in typed("show", reporting, "--all", "--on", LATER).stdout
    assert 0 == typed("due", "--explain", f"{reporting}/weekly@1#2020-W19/agency-b", "--on", LATER).exit_code


def test_tick_without_a_plan_records_every_plan(typed, done, reporting):
    """It says on which plan how much; the lists say the same as before; a second time there is nothing."""
    done("create", "sample-decision", "--id", "quiet")
    before = shown(typed, "due", "--on", LATER)

    said = done("tick", "--on", LATER).stdout
    again = done("tick", "--on", LATER)

    assert "2020-KH: 10 pieces of work opened; 9 of that past due; 1 step ended by itself" in " ".join(said.split())
    assert "quiet" not in said
    assert "Nothing was to be done." in again.stderr
    assert before == shown(typed, "due", "--on", LATER)
    assert 0 == typed("audit", "verify").exit_code


def test_tick_goes_to_its_day_and_says_what_began(typed, done, reporting):
    """`--on` a day records what there was by then, in words that mean something."""
    said = done("tick", reporting, "--on", "2020-03-20").stdout

    assert "2020-03-09  Recorded by itself on weekly, round 1\n" in said
    assert "Running to Running" not in said
    recorded = shown(typed, "audit", "show", reporting)["events"]
    assert "2020-03-16" == max(event["occurred_on"] for event in recorded if event["type"] == "step_acted")


def test_a_tick_in_json(done, reporting):
    """One plan by name is the plan with its counts; without a name it is a list of plans."""
    tried = json.loads(done("tick", "--on", LATER, "--dry-run", "--json").stdout)
    one = json.loads(done("tick", reporting, "--on", LATER, "--json").stdout)

    (plan,) = tried["plans"]
    assert (reporting, 10, 1, True, None) == tuple(plan[k] for k in ("id", "opened", "ended", "dry_run", "error"))
    assert (reporting, 10, 1, False) == tuple(one[k] for k in ("id", "opened", "ended", "dry_run"))


def test_reminders_stand_in_the_trail_in_words(typed, done, reporting):
    """Late ones are told as not sent, in both languages, and no letter is made of them."""
    done("tick", "--on", LATER)

    english = typed("audit", "show", reporting).stdout
    vietnamese = typed("--lang", "vi", "audit", "show", reporting).stdout

    assert "not reminded of Periodic report, 2020-W10" in " ".join(english.split())
    assert "không đôn đốc agency-b" in " ".join(vietnamese.split())


@pytest.mark.parametrize(
    ("arguments", "code"), [(["nope"], "unknown-plan"), (["--expect", "3"], "one-plan"), (["--on", "2999-01-01"], None)]
)
def test_what_cannot_be_ticked(typed, reporting, arguments, code):
    """A plan that is not there, a revision for many, a day that has not come: exit 2, and nothing recorded."""
    result = typed("tick", *arguments, "--as", "anna", "--json")

    assert 2 == result.exit_code
    if code:
        assert code == error_of(result)["code"]
    assert 3 == shown(typed, "show", reporting)["revision"]
