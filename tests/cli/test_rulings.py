"""`audit explain` and refused attempts: which rule let what happen, how late it was, who could have done it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workflow.cli import main

PLAN = "25-KH-KHCN-2019"

Asked = Callable[..., Result]


@pytest.fixture
def typed(played_office: Path) -> Asked:
    """Type a command in the workspace with the shipped plans."""

    def run(*arguments: str) -> Result:
        line = ["--workspace", str(played_office), "--lang", "en", *arguments]
        return CliRunner().invoke(main, line, prog_name="workflow")

    return run


@pytest.fixture
def events(typed) -> Callable[..., list[dict]]:
    """The events of a trail as JSON."""

    def asked(*arguments: str) -> list[dict]:
        return json.loads(typed("audit", "show", *arguments, "--json").stdout)["events"]

    return asked


def explained(typed, *arguments: str) -> dict:
    """All about an event, as JSON."""
    result = typed("audit", "explain", *arguments, "--json")
    assert 0 == result.exit_code, result.output
    return json.loads(result.stdout)


# what ruled it


@pytest.mark.parametrize(
    ("event", "cause", "path"),
    [
        (f"{PLAN}#2", 1, []),
        (f"{PLAN}#124", 123, ["stages", "session", "transitions", "promulgate"]),
        ("2020-KH-KHCN-quy-hoach#200", 199, ["stages", "handover", "transitions", "finish"]),
    ],
)
def test_what_came_with_another_event_names_it_and_its_rule(typed, event, cause, path):
    """A step that a transition opened or ended, and a plan that ended by one, were decided with that one."""
    told = explained(typed, event)

    assert (cause, path) == (told["caused_by"], told["rule"]["path"])
    assert f"it came with event {cause}" in " ".join(typed("audit", "explain", event).stdout.split())


def test_what_binds_every_plan_is_ruled_by_the_register(typed):
    """The first register of all could be taken in by anybody, under a login and with a hash."""
    told = explained(typed, "@workspace#1")
    shown = typed("audit", "explain", "@workspace", "1").stdout

    assert ("keepers", []) == (told["rule"]["register_key"], told["rule"]["by"])
    assert "allowed to everybody" in shown
    assert told["data"]["sha256"] in shown


def test_what_became_due_by_itself_needed_nobody_s_right(typed, events):
    """No `by:` is told for what nobody did."""
    ticked = next(event for event in events("--type", "step_acted", "--limit", "999") if event["actor"] is None)

    assert explained(typed, ticked["id"])["rule"]["by_itself"]


def test_lateness_is_told_of_whatever_is_recorded_as_late(typed):
    """An answer behind the closing has its day and the buffer it took, and the file it was about."""
    told = explained(typed, PLAN, "66")
    (due,) = told["lateness"]

    assert ("2019-05-31", 7, False, "2019-07-01", "so-noi-vu") == (
        *(due[name] for name in ("due_on", "days", "late", "buffer_until", "owner")),
    )
    assert [("decision", "1.1", 1)] == [(one["document"], one["name"], len(one["files"])) for one in told["about"]]
    assert told["about"][0]["files"][0] in typed("audit", "explain", PLAN, "66").stdout


def test_what_several_owed_by_one_day_is_one_line(typed):
    """With the names of those who owed it."""
    shown = typed("audit", "explain", "2020-KH-KHCN-quy-hoach", "98").stdout

    assert 1 == shown.count("late by 29 days")
    assert "Specialised Management Division" in " ".join(shown.split())


def test_the_local_hour_stands_beside_the_one_in_utc(typed):
    """Two in the morning in UTC is nine o'clock in the office."""
    shown = " ".join(typed("audit", "explain", PLAN, "66").stdout.split())

    assert "2019-06-07 02:00:00.000001 UTC (09:00:00, 2019-06-07 in Asia/Ho_Chi_Minh)" in shown


# refused attempts


def test_a_refused_attempt_is_explained_by_the_name_it_has_in_the_trail(typed):
    """The plan, and who by the definition could have done it."""
    assert "@workspace#3" in typed("audit", "show", PLAN).stdout
    told = explained(typed, "@workspace#3")
    shown = typed("audit", "explain", "@workspace#3").stdout

    assert (PLAN, ["phong-qlcn", "clerk"]) == (told["plan_concerned"], told["rule"]["by"])
    assert f"plan: {PLAN}" in shown


def test_a_refused_attempt_names_whom_the_step_type_would_have_let(typed):
    """A date that a leader alone puts off is nobody's else, whatever the definition says."""
    (told,) = [
        told
        for told in (explained(typed, f"@workspace#{seq}") for seq in (13,))
        if told["data"].get("action") == "extend"
    ]

    assert "phong-qlcn" not in told["rule"]["by"]


def test_a_unit_s_trail_has_what_its_officers_tried_in_vain(events):
    """The unit stands in the record of the attempt."""
    (tried,) = events("--unit", "phong-khtc", "--type", "attempt_refused")

    assert ("cv-khtc", "@workspace#3") == (tried["actor"], tried["id"])


def test_the_file_names_the_plan_that_an_attempt_was_about(typed):
    """Beside the chain in which it stands."""
    rows = list(csv.DictReader(io.StringIO(typed("audit", "show", "--csv", "-").stdout.removeprefix("\ufeff"))))

    assert {PLAN, "2020-KH-KHCN-quy-hoach"} <= {row["plan concerned"] for row in rows if row["refused"] == "yes"}


# words


def test_papers_that_were_there_are_told_by_their_titles(typed):
    """No id of a paper, and no id of a rule where the text that sets it is told."""
    shown = " ".join(
        (typed("audit", "explain", PLAN, "115").stdout + typed("audit", "explain", PLAN, "29").stdout).split()
    )

    assert "Luật Ban hành văn bản QPPL" in shown
    for word in ("submission-paper", "posting-ubnd-decision"):
        assert word not in shown


# what is typed


def test_a_time_that_ends_before_it_begins_is_refused(typed):
    """Exit 2, and not an empty trail."""
    assert 2 == typed("audit", "show", "--since", "2020-01-01", "--until", "2019-01-01").exit_code


@pytest.mark.parametrize(
    ("option", "typo", "meant"), [("--document", "draft", "decision"), ("--by", "vu-dinh", "khtc")]
)
def test_a_slip_of_the_pen_is_answered_with_what_was_meant(typed, option, typo, meant):
    """By the id, or by what it is called."""
    result = typed("audit", "show", option, typo)

    assert 2 == result.exit_code
    assert meant in result.stderr.partition("did you mean")[2]


def test_without_a_number_it_is_said_how_an_event_is_named(typed):
    """PLAN alone is no event."""
    result = typed("audit", "explain", PLAN)

    assert 2 == result.exit_code
    assert "PLAN#SEQ" in result.stderr
