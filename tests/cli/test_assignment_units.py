"""Units that end while a table of tasks is worked off: whose the open work is, and whose the closed work stays."""

from __future__ import annotations

import json

import pytest
from cli.test_assignment import DEFINITION, PLAN, people, plan, workspace  # noqa: F401


def test_a_unit_that_ended_hands_its_open_work_to_its_successor(workspace, done, typed, plan):  # noqa: F811
    """Open tasks pass on by themselves on the day after, as an event; what was accepted keeps the old name."""
    for number, unit in (("1", "co-so"), ("2", "co-so")):
        given = ("--row", number, "--content", "Việc", "--lead", unit, "--due", "2020-03-20")
        done("act", plan, "annex", "hand-out", *given, "--on", "2020-03-02")
    typed("act", plan, "annex", "hand-in", "--row", "1", "--on", "2020-03-05", "--as", "nv-co-so")
    done("act", plan, "annex", "accept", "--row", "1", "--on", "2020-03-06")
    renamed = people(
        **{"co-so": {"until": "2020-03-31", "successor": "co-so-shtt"}, "co-so-shtt": {"from": "2020-04-01"}}
    )
    (workspace / "people.yaml").write_text(renamed, encoding="utf-8")
    done("people", "load")
    done("tick", plan)

    shown = json.loads(done("show", PLAN, "--json").stdout)
    owners = {item["id"].split("#")[1]: item["owner"] for item in shown["work_items"] if "annex" in item["id"]}
    assert owners == {"1": "co-so", "2": "co-so-shtt"}
    trail = json.loads(done("audit", "show", PLAN, "--json").stdout)["events"]
    (passed,) = [event for event in trail if event["type"] == "plan_handed_over"]
    assert (passed["occurred_on"], passed["actor"], passed["data"]["to"]) == ("2020-04-01", None, "co-so-shtt")
    result = typed("act", plan, "annex", "hand-in", "--row", "2", "--as", "nv-co-so-shtt")
    assert 0 == result.exit_code, result.output
    done("tick", plan)
    assert trail[-1]["seq"] + 1 == json.loads(done("audit", "show", PLAN, "--json").stdout)["events"][-1]["seq"]


def test_a_dissolved_unit_without_a_successor_is_passed_on_by_hand(workspace, done, typed, plan):  # noqa: F811
    """Nothing is guessed: whoever leads the plan names the unit that takes the work."""
    given = ("--row", "1", "--content", "Việc", "--lead", "cn", "--due", "2020-03-20")
    done("act", plan, "annex", "hand-out", *given, "--on", "2020-03-02")
    (workspace / "people.yaml").write_text(people(cn={"until": "2020-03-31"}), encoding="utf-8")
    done("people", "load")
    done("tick", plan)
    assert {"cn"} == {
        item["owner"] for item in json.loads(done("due", "--json").stdout)["work_items"] if "annex" in item["id"]
    }
    done("handover", "cn", "qlkh", "--plan", plan, "--reason", "Quyết định giải thể")

    (item,) = [one for one in json.loads(done("due", "--json").stdout)["work_items"] if "annex" in one["id"]]
    assert item["owner"] == "qlkh"


@pytest.fixture
def lasting(workspace):  # noqa: F811
    """The series goes on until today: ended, it would be closed work, which keeps its old names."""
    text = DEFINITION.replace("date: 2020-05-31", "date: 2099-12-31")
    (workspace / "definitions" / "table.yaml").write_text(text, encoding="utf-8")


def test_merged_units_leave_what_each_owed_to_the_one_that_succeeds_them(workspace, lasting, done, typed, plan):  # noqa: F811
    """Reports, tasks and leads of both pass on; new periods are owed by the new unit alone, once."""
    ended = {"until": "2020-03-31", "successor": "kh-moi"}
    renamed = people(qlkh=ended, cn=ended, **{"kh-moi": {"from": "2020-04-01"}})
    (workspace / "people.yaml").write_text(renamed, encoding="utf-8")
    done("people", "load")
    done("tick", plan)

    owners = {item["key"]: item["owner"] for item in json.loads(done("show", PLAN, "--json").stdout)["work_items"]}
    assert [owners[key] for key in ("2020-W10/qlkh", "2020-W10/cn", "2020-W15/kh-moi", "work")] == ["kh-moi"] * 4
    assert not {"2020-W15/cn", "2020-W15/qlkh"} & set(owners)
    given = ("report", "--period", "2020-W10", "--unit", "cn")
    result = typed("act", plan, "weekly", *given, "--as", "nv-kh-moi")
    assert 0 == result.exit_code, result.output
    trail = json.loads(done("audit", "show", PLAN, "--json").stdout)["events"]
    assert "kh-moi" == trail[-1]["on_behalf"] or trail[-1]["authority"]["ref"] == "kh-moi"
    assert 0 == typed("act", plan, "survey", "complete", "--as", "nv-kh-moi").exit_code
    done("audit", "verify")


def test_the_figures_of_a_unit_that_ended_stand_under_the_one_that_took_over(workspace, done, typed, plan):  # noqa: F811
    """Its number counts on, what it still owed is missing from its successor; both names are told."""
    for unit, value in (("khtc", "10"), ("cn", "5")):
        row = f"A/{unit}"
        result = typed("act", plan, "census", "report-figure", "--row", row, "--value", value, "--as", f"nv-{unit}")
        assert 0 == result.exit_code, result.output
    gone = {"until": "2020-03-31", "successor": "khtc"}
    (workspace / "people.yaml").write_text(people(cn=gone, qlkh=gone), encoding="utf-8")
    done("people", "load")
    done("tick", plan)

    (table,) = json.loads(done("show", PLAN, "work/census", "--json").stdout)["tables"]

    heir, rows = "Phòng Kế hoạch Tài chính", dict(table["rows"])
    assert "10" == rows[heir]
    assert "5" == rows[f"{heir} (taken over from Phòng Quản lý chuyên ngành)"]
    assert "-" == rows[f"{heir} (taken over from Phòng Quản lý Khoa học)"]
    assert table["notes"][0].startswith("Spent: 15 so far, without ")
    assert f"{heir} (taken over from Phòng Quản lý Khoa học)" in table["notes"][0]
