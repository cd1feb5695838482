"""A plan is started, looked at, moved and changed from the command line."""

from __future__ import annotations

import json

import pytest


def test_a_plan_moves_from_its_first_stage_to_its_last(done, plan, paper):
    """Create, act and advance carry a plan to its end."""
    done("act", plan, "write", "submit", "--attach", paper)
    done("advance", plan, "circulate")
    done("advance", plan)

    shown = json.loads(done("show", plan, "--json").stdout)
    assert ("done", "finished") == (shown["stage"], shown["state"])


def test_list_prints_the_fixed_object(done, plan):
    """`list --json` is one object with the array `plans` and `next`."""
    listed = json.loads(done("list", "--json").stdout)

    assert ["plans", "next"] == list(listed)
    (row,) = listed["plans"]
    assert {"id", "title", "definition", "version", "stage", "revision", "state"} <= set(row)
    assert (plan, "sample-decision", 1, "writing", "active") == (
        row["id"],
        row["definition"],
        row["version"],
        row["stage"],
        row["state"],
    )


def test_list_goes_on_behind_the_page_before(done, plan):
    """`next` of a page is what `--after` takes to get the rest, each plan once."""
    for number in (2, 3):
        done("create", "sample-decision", "--id", f"{number}-KH-2026")
    first = json.loads(done("list", "--json", "--limit", "2").stdout)
    second = json.loads(done("list", "--json", "--limit", "2", "--after", first["next"]).stdout)

    assert ["1-KH-2026", "2-KH-2026"] == [row["id"] for row in first["plans"]]
    assert (["3-KH-2026"], None) == ([row["id"] for row in second["plans"]], second["next"])


def test_open_plans_leave_out_what_is_over(done, plan):
    """`list --open` has active and suspended plans, `list` all of them."""
    for number in (2, 3):
        done("create", "sample-decision", "--id", f"{number}-KH-2026")
    done("advance", "2-KH-2026", "drop")
    done("suspend", "3-KH-2026", "--reason", "chờ nghị định")

    open_ones = json.loads(done("list", "--open", "--json").stdout)["plans"]
    assert ["1-KH-2026", "3-KH-2026"] == [row["id"] for row in open_ones]
    assert 3 == len(json.loads(done("list", "--json").stdout)["plans"])


@pytest.mark.parametrize("place", ["before", "after"])
def test_global_options_stand_before_or_behind_the_command(typed, plan, place):
    """`--json` and `--as` mean the same in front of the command and behind it."""
    options = ["--json", "--as", "anna"]
    arguments = [*options, "next", plan] if place == "before" else ["next", plan, *options]
    result = typed(*arguments)

    assert 0 == result.exit_code
    assert [True, True] == [move["permitted"] for move in json.loads(result.stdout)["moves"]]


def test_next_tells_every_reason_with_who_could_meet_it(done, plan):
    """A blocked move lists what is missing and for whom it is possible."""
    shown = done("next", plan).stdout

    assert "circulate -> Agencies (agencies)" in shown
    assert "has no revision yet of draft 1" in shown
    assert "possible for: Office A" in " ".join(shown.split())


def test_next_says_what_is_not_for_this_actor(typed, plan):
    """`next --as` marks what somebody else has to do."""
    shown = typed("next", plan, "--as", "bao")

    assert "(not you)" in shown.stdout


def test_a_trial_run_writes_nothing(done, plan):
    """`--dry-run` shows the events and leaves the revision as it was."""
    result = done("advance", plan, "drop", "--dry-run")

    assert "drop: from writing to dropped" in result.stdout
    assert "nothing was written" in result.stderr
    assert "writing" == json.loads(done("show", plan, "--json").stdout)["stage"]


def test_a_repeated_request_changes_nothing(done, plan):
    """A second command with the same request id gives the first result."""
    first = json.loads(done("advance", plan, "drop", "--request-id", "r1", "--json").stdout)
    second = json.loads(done("advance", plan, "drop", "--request-id", "r1", "--json").stdout)

    assert (False, True) == (first["repeated"], second["repeated"])
    assert first["revision"] == second["revision"]


def test_due_lists_what_is_owed_by_a_unit(done, plan, paper):
    """`due --unit` has that unit's open items with their ids and days."""
    done("act", plan, "write", "submit", "--attach", paper)
    done("advance", plan, "circulate")
    listed = json.loads(done("due", "--unit", "agency-b", "--json").stdout)["work_items"]

    assert ["agency-b"] == [item["owner"] for item in listed]
    assert listed[0]["id"].startswith(f"{plan}/agencies/round@1#")


@pytest.mark.parametrize("command", ["suspend", "cancel"])
def test_a_plan_is_stopped_and_goes_on(done, plan, command):
    """Suspend and cancel with a reason and a document are undone by resume and reopen."""
    done(command, plan, "--reason", "chờ", "--document", "12/QĐ-UBND")
    done({"suspend": "resume", "cancel": "reopen"}[command], plan, "--reason", "xong")

    assert "active" == json.loads(done("show", plan, "--json").stdout)["state"]


def test_a_parameter_is_written_as_name_and_value(typed, plan):
    """`--set` without `=` is wrong usage."""
    result = typed("create", "sample-decision", "--id", "9-KH", "--set", "x", "--as", "anna")

    assert (2, True) == (result.exit_code, "NAME=VALUE" in result.stderr)


def test_vietnamese_readers_get_vietnamese(done, plan):
    """`--lang vi` shows titles and words in Vietnamese."""
    shown = done("show", plan, "--lang", "vi").stdout

    assert "Quyết định mẫu" in shown
    assert "Giai đoạn" in shown


def test_people_are_listed_by_the_id_that_acts(done, plan):
    """`people list --json` has persons only, with what `--as` takes as `id`."""
    listed = json.loads(done("people", "list", "--json").stdout)["people"]

    assert ["anna", "bao", "cam"] == [person["id"] for person in listed]


def test_due_goes_on_behind_the_page_before(done, plan):
    """`next` of a page of what is owed is what `--after` takes to get the rest, each item once."""
    for number in (2, 3):
        done("create", "sample-decision", "--id", f"{number}-KH-2026")
    everything = json.loads(done("due", "--json").stdout)
    first = json.loads(done("due", "--json", "--limit", "2").stdout)
    second = json.loads(done("due", "--json", "--limit", "2", "--after", first["next"]).stdout)
    told = done("due", "--limit", "2")

    assert [None, None] == [everything["next"], second["next"]]
    assert everything["work_items"] == first["work_items"] + second["work_items"]
    assert (2, 1) == (len(first["work_items"]), len(second["work_items"]))
    assert f"--after {first['next']}" in told.stderr


def test_a_day_is_taken_as_offices_write_it(done, typed, plan):
    """05/06/2026 is the fifth of June, in options and in parameters of acts alike; ISO days are taken as before."""
    for written in ("05/06/2026", "5/6/2026", "2026-06-05"):
        assert 0 == typed("list", "--on", written).exit_code
    done("create", "sample-decision", "--id", "2-KH", "--start", "05/06/2026", "--on", "01/02/2026")
    events = json.loads(typed("audit", "show", "2-KH", "--since", "01/02/2026", "--json").stdout)["events"]

    assert "2026-02-01" == events[0]["occurred_on"]
    assert [] == json.loads(typed("audit", "show", "2-KH", "--since", "02/12/2026", "--json").stdout)["events"]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("31/02/2026", "there is no day 31/02/2026"),
        ("05/13/2026", "there is no day 05/13/2026"),
        ("05-06-2026", "is not a date"),
        ("05/06/26", "is not a date"),
    ],
)
def test_what_is_no_day_is_refused(typed, plan, written, why):
    """A day that is in no calendar, and what is written in no known way."""
    result = typed("list", "--on", written)

    assert 2 == result.exit_code
    assert why in " ".join(result.stderr.split())


def test_help_says_how_a_day_is_written(typed):
    """Day before month, in both languages."""
    assert "15/04/2019 (day/month/year)" in " ".join(typed("due", "--help").stdout.split())
    assert "15/04/2019 (ngày/tháng/năm)" in " ".join(typed("--lang", "vi", "due", "--help").stdout.split())
