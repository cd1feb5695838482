"""`workflow calendar show` and `calendar load`, typed: preview, refusals, dates that move as audited events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import PEOPLE

SWAP = """\
calendar: 1
days:
  - {off: 2026-03-05, worked: 2026-03-14, source: Công văn 12/BNV, announced_on: 2026-02-20}
"""
TERMS = """\
workflow: 1
id: terms
version: 1
title: Thời hạn
by: office-a
lead: office-a
stages:
  first:
    title: Một
    after: {working_days: 5}
    steps: {work: {uses: task}}
    transitions: {go: {to: second}}
  second:
    title: Hai
    after: {stage: first, days: 10}
    steps: {fixed: {uses: task, before: 2026-04-14}, sunday: {uses: task, due: 2026-04-05}}
    transitions: {go: {to: done}}
  done: {title: Xong, final: true}
"""


@pytest.fixture
def terms(workspace: Path, done: Any) -> Path:
    """A workspace with a plan `p` whose first stage ends five working days after 2 March 2026."""
    (workspace / "definitions" / "terms.yaml").write_text(TERMS, encoding="utf-8")
    (workspace / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    done("people", "load")
    done("create", "terms", "--id", "p", "--start", "2026-03-02")
    return workspace


def filed(text: str, name: str = "calendar.yaml") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def answer(result: Any) -> Any:
    return json.loads(result.stdout)


def dates(done: Any) -> dict[str, str]:
    """Every stage's due day."""
    found = answer(done("show", "p", "--json"))["stages"]
    return {stage["id"]: stage["due"].get("due") for stage in found}


def events(done: Any, kind: str) -> list[dict[str, Any]]:
    return [event for event in answer(done("audit", "show", "--json"))["events"] if event["type"] == kind]


def test_an_override_shows_first_what_moves_and_changes_nothing(terms, done):
    """--dry-run names every due date that would move, of stages and of work, and writes no event."""
    told = answer(done("calendar", "load", filed(SWAP), "--dry-run", "--json"))

    (plan,) = told["plans"]
    assert "p" == plan["id"] and told["dry_run"]
    moves = {move["id"]: (move["from"], move["to"]) for move in plan["moves"]}
    assert ("2026-03-09", "2026-03-10") == moves["first"] == moves["first/work@1#work"]
    assert ("2026-03-19", "2026-03-20") == moves["second"]
    assert {"first": "2026-03-09", "second": "2026-03-19", "done": None} == dates(done)
    assert [] == events(done, "calendar_loaded") == events(done, "dates_moved")


def test_loading_an_override_moves_the_dates_by_an_event_that_names_the_cause(terms, done):
    """The plan's own trail says what moved from when to when, for which announcement; the old day stays readable."""
    done("calendar", "load", filed(SWAP))

    assert {"first": "2026-03-10", "second": "2026-03-20", "done": None} == dates(done)
    (moved,) = events(done, "dates_moved")
    cause = moved["data"]["cause"]
    assert ("p", "anna", ["2026-03-05"]) == (moved["plan"], moved["actor"], cause["off"])
    assert "Công văn 12/BNV" == cause["source"]
    (loaded,) = events(done, "calendar_loaded")
    assert cause["version"] == loaded["data"]["version"]
    stage = answer(done("show", "p", "--json"))["stages"][0]
    assert "2026-03-09" == stage["due"]["original"]
    assert 0 == done("audit", "verify").exit_code


def test_a_plan_started_later_counts_with_the_override(terms, done):
    """The calendar that processes count with is the base with the overrides in force."""
    done("calendar", "load", filed(SWAP))
    done("create", "terms", "--id", "q", "--start", "2026-03-02")

    first = answer(done("show", "q", "--json"))["stages"][0]
    assert "2026-03-10" == first["due"]["due"] and ["2026-03-05"] == first["due"]["off"]


def test_the_same_file_again_changes_nothing(terms, done):
    """Loading what is in force writes neither an event of the workspace nor one of a plan."""
    done("calendar", "load", filed(SWAP))
    done("calendar", "load", filed(SWAP))

    assert 1 == len(events(done, "calendar_loaded")) == len(events(done, "dates_moved"))


def test_an_override_taken_back_moves_the_dates_back(terms, done):
    """A file without the swap is a new version; the dates return, and their first day is still told."""
    done("calendar", "load", filed(SWAP))
    done("calendar", "load", filed("calendar: 1\n"))

    assert "2026-03-09" == dates(done)["first"]
    assert ["2026-03-05"] == events(done, "dates_moved")[-1]["data"]["cause"]["off_no_more"]


def test_a_policy_changes_like_an_override(terms, done):
    """The workspace's reading of a fixed day on a day off, and of "before": preview, then an event.

    2026-04-05 is a Sunday, so the Friday counts until the file says `keep`; a definition's own policy outweighs it.
    """
    text = "calendar: 1\npolicies: {fixed_day_off: keep}\n"
    told = answer(done("calendar", "load", filed(text), "--dry-run", "--json"))
    moves = {move["id"]: (move["from"], move["to"]) for plan in told["plans"] for move in plan["moves"]}
    assert {"second/sunday": ("2026-04-03", "2026-04-05")} == moves
    done("calendar", "load", filed(text))
    told = answer(done("calendar", "load", filed("calendar: 1\n"), "--json"))
    moves = {move["id"]: (move["from"], move["to"]) for plan in told["plans"] for move in plan["moves"]}
    assert {"second/sunday": ("2026-04-05", "2026-04-03")} == moves

    # Before Tuesday the 14th: the Monday, and inclusive the Tuesday itself.
    both = "calendar: 1\npolicies: {before: inclusive}\n"
    told = answer(done("calendar", "load", filed(both), "--dry-run", "--json"))
    assert [("second/fixed", "2026-04-13", "2026-04-14")] == [
        (move["id"], move["from"], move["to"]) for move in told["plans"][0]["moves"]
    ]
    done("calendar", "load", filed(both))
    assert events(done, "dates_moved")[-1]["data"]["cause"]["policies"] is True
    alone = "calendar: 1\npolicies: {before: inclusive}\ndefinitions: {terms: {before: strict}}\n"
    told = answer(done("calendar", "load", filed(alone), "--dry-run", "--json"))
    assert "2026-04-13" == told["plans"][0]["moves"][0]["to"]


@pytest.mark.parametrize(
    ("days", "line", "words"),
    [
        ("  - {off: 2026-03-05, worked: 2026-03-05, source: x}", 3, "2026-03-05 cannot be off and worked"),
        ("  - {off: 2026-03-05, source: x}\n  - {off: 2026-03-05, source: y}", 4, "2026-03-05 stands here twice"),
        ("  - {off: 2026-03-07, source: x}", 3, "2026-03-07 is off anyway"),
        ("  - {worked: 2026-03-05, source: x}", 3, "2026-03-05 is worked anyway"),
        ("  - {source: x}", 3, "no day off and no day worked"),
        ("  - {off: 1999-03-05, source: x}", 3, "does not know the year 1999"),
        ("  - {off: 2026-03-05}", 3, "source"),
        ("  - {off: 2026-02-30, source: x}", 3, "2026-02-30"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_with_its_place(terms, typed, done, days, line, words):
    """A day off and worked, twice, or against the week: exit 2 with file and line, and nothing changes."""
    result = typed("calendar", "load", filed(f"calendar: 1\ndays:\n{days}\n"), "--as", "anna")

    assert 2 == result.exit_code
    assert f"calendar.yaml:{line}:" in result.stderr and words in result.stderr
    assert [] == events(done, "calendar_loaded")


def test_an_unknown_calendar_or_actor_is_refused(terms, typed):
    """A file for a calendar that no plugin supplies, and a load by nobody known, are told as such."""
    assert (
        "there is no calendar `xy`"
        in typed("calendar", "load", filed("calendar: 1\nname: xy\n"), "--as", "anna").stderr
    )
    assert 2 == typed("calendar", "load", filed(SWAP), "--as", "nobody").exit_code


def test_a_year_shows_days_off_weekends_worked_and_their_sources(terms, done):
    """2026 has the swap of January, which the package lacks; a loaded day comes with source and announcement."""
    done("calendar", "load", filed(SWAP))
    year = answer(done("calendar", "show", "2026", "--json"))
    days = {day["id"]: day for day in year["days"]}

    assert (False, True) == (days["2026-01-02"]["works"], days["2026-01-10"]["works"])
    assert (False, "Công văn 12/BNV", "2026-02-20") == tuple(
        days["2026-03-05"][key] for key in ("works", "source", "announced_on")
    )
    assert days["2026-03-14"]["works"] and "Lunar New Year" == days["2026-02-17"]["reason"]
    assert {"before": "strict", "fixed_day_off": "working-day-before", "term_day_off": "working-day-after"} == year[
        "policies"
    ]
    shown = done("calendar", "show", "2026").stdout
    assert "2026-03-05" in shown and "2026-02-20" in shown


def test_a_year_that_no_calendar_knows_is_refused(terms, typed):
    """1990 is named as a year that the calendar does not know."""
    result = typed("calendar", "show", "1990")

    assert 2 == result.exit_code and "does not know the year 1990" in result.stderr


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits at the keyboard."""
    monkeypatch.setattr("workflow.cli.calendar.may_ask", lambda: True)


@pytest.mark.usefixtures("person")
def test_on_a_terminal_it_shows_what_moves_and_asks(terms, typed, done):
    """No leaves everything as it was; yes moves it; --yes does not ask."""
    load = ("calendar", "load", filed(SWAP), "--as", "anna")
    refused = typed(*load, input="n\n")
    assert "2026-03-09 -> 2026-03-10" in refused.stdout and "count from now on?" in refused.output
    assert [] == events(done, "calendar_loaded")

    taken = typed(*load, input="y\n")
    assert 0 == taken.exit_code and 1 == taken.stdout.count("first: 2026-03-09 -> 2026-03-10")
    assert 1 == len(events(done, "calendar_loaded")) == len(events(done, "dates_moved"))
    assert "count from now on?" not in typed(*load[:2], filed("calendar: 1\n"), "--as", "anna", "--yes").output
    assert 2 == len(events(done, "calendar_loaded"))


@pytest.mark.parametrize("keepers", ["office-a", "clerk", "anna"])
def test_keepers_alone_load_calendar_and_people(terms, typed, done, keepers):
    """Whoever else tries is refused with exit code 4, which is on record; the register in force counts."""
    anyone = typed("calendar", "load", filed(SWAP), "--dry-run", "--as", "bao")
    assert 0 == anyone.exit_code
    Path("people.yaml").write_text(PEOPLE.replace("people: 1", f"people: 1\nkeepers: [{keepers}]"), encoding="utf-8")
    assert 0 == typed("people", "load", "--as", "bao").exit_code

    Path("people.yaml").write_text(PEOPLE, encoding="utf-8")
    for command in (("calendar", "load", filed(SWAP)), ("people", "load")):
        result = typed(*command, "--as", "bao")
        assert 4 == result.exit_code, result.output
    assert {("calendar load", 4), ("people load", 4)} == {
        (event["data"]["command"], event["data"]["exit"]) for event in events(done, "attempt_refused")
    }
    assert [] == events(done, "calendar_loaded")
    done("calendar", "load", filed(SWAP))
    assert ["2026-03-05"] == events(done, "dates_moved")[0]["data"]["cause"]["off"]


def test_keepers_have_to_be_somebody(terms, typed):
    """A keeper that the register does not know is refused with its place."""
    Path("people.yaml").write_text(PEOPLE.replace("people: 1", "people: 1\nkeepers: [nobody]"), encoding="utf-8")
    result = typed("people", "load", "--as", "anna")

    assert 0 != result.exit_code and "nobody" in result.stderr and "people.yaml:2" in result.stderr


def test_every_fault_of_an_entry_is_told_together(terms, typed):
    """A missing source hides neither a day that is off anyway nor the faults of other lines."""
    days = "- {off: 2026-03-07}\n- {worked: 2026-03-05, source: x}\n"
    result = typed("calendar", "load", filed(f"calendar: 1\ndays:\n{days}"), "--as", "anna")

    assert 2 == result.exit_code
    for words in ("Say where this was announced", "2026-03-07 is off anyway", "2026-03-05 is worked anyway"):
        assert words in result.stderr, words


def test_what_is_said_of_an_unknown_definition_is_told(terms, done):
    """It is taken in, as the definition may still come, with a note."""
    text = "calendar: 1\ndefinitions: {khong-co: {before: inclusive}, terms: {before: inclusive}}\n"
    found = done("calendar", "load", filed(text), "--dry-run")

    assert "there is no definition `khong-co`" in found.stderr + found.stdout
    assert ["khong-co"] == answer(done("calendar", "load", filed(text), "--dry-run", "--json"))["unknown_definitions"]


def test_the_preview_names_the_days_that_a_new_file_drops(terms, done):
    """The file counts as a whole: what the one before gave off is worked again, and each move names its cause."""
    done("calendar", "load", filed(SWAP))
    text = "calendar: 1\ndays:\n- {off: 2026-03-16, source: Công văn 13/BNV}\n"
    shown = done("calendar", "load", filed(text), "--dry-run").stdout

    assert "off no more: 2026-03-05 (was: Công văn 12/BNV)" in shown
    assert "given off: 2026-03-16 (Công văn 13/BNV)" in shown
    told = answer(done("calendar", "load", filed(text), "--dry-run", "--json"))
    causes = {move["id"]: [cause["change"] for cause in move["causes"]] for move in told["plans"][0]["moves"]}
    assert ["removed"] == causes["first"]


def test_the_file_in_force_can_be_had_back_and_loaded_again(terms, done):
    """What `calendar show --file` prints is the file: loading it changes nothing."""
    done("calendar", "load", filed(SWAP + "policies: {before: inclusive}\n"))
    back = done("calendar", "show", "--file").stdout
    again = answer(done("calendar", "load", filed(back, "back.yaml"), "--json"))

    assert again["id"] == again["before"] and [] == again["changes"]
    assert "Công văn 12/BNV" in back


def test_policies_are_words_in_both_languages(terms, done):
    """How dates are read is told in the reader's language."""
    assert '"before a day": the day before' in done("calendar", "show", "2026").stdout
    vietnamese = done("--lang", "vi", "calendar", "show", "2026").stdout
    assert "“trước ngày”: ngày liền trước" in vietnamese and "strict" not in vietnamese


def test_a_lunar_holiday_that_nobody_announced_yet_says_so(terms, done):
    """Tết of 2031 is reckoned; its days off are announced in the year before. New Year's Day is the law's."""
    days = {day["id"]: day["reason"] for day in answer(done("calendar", "show", "2031", "--json"))["days"]}

    assert "not yet announced" not in days["2031-01-01"]
    assert any("not yet announced" in (reason or "") for day, reason in days.items() if day < "2031-02-28")
    this_year = answer(done("calendar", "show", "2026", "--json"))["days"]
    assert not any("not yet announced" in (day["reason"] or "") for day in this_year)
