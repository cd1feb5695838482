"""Somebody leaves: what they have open passes on to another, what they did stays theirs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Type, error_of

DEFINITION = """\
workflow: 1
id: small-plan
version: 1
title: {vi: Kế hoạch nhỏ, en: Small plan}
by: [drafter]
lead: phong
stages:
  stock:
    title: {vi: Làm, en: Work}
    steps:
      collect: {uses: task, lead: an, by: [an]}
      count: {uses: task, lead: an, by: [an]}
      later: {uses: task, lead: an, by: [lead], after: [count]}
    transitions:
      finish: {to: done, by: [an], allow_open_steps: true}
  done: {title: {vi: Xong, en: Done}, final: true}
"""
OTHER = """\
workflow: 1
id: other-plan
version: 1
title: {vi: Kế hoạch khác, en: Other plan}
by: [drafter]
lead: phong
stages:
  work: {title: {vi: Làm, en: Work}, steps: {write: {uses: task}}, transitions: {finish: {to: done}}}
  done: {title: {vi: Xong, en: Done}, final: true}
"""
PEOPLE = """\
people: 1
units: {phong: {name: Phòng}}
persons:
  an: {name: Nguyễn Văn An, unit: phong}
  binh: {name: Trần Thị Bình, unit: phong}
  chi: {name: Lê Chi, unit: phong}
  dung: {name: Phạm Dũng, unit: phong}
  moi: {name: Hồ Mới, unit: phong, conflicts: [{plan: q, reason: anh ruột là nhà thầu}]}
roles:
  drafter: {title: Soạn thảo, holders: [chi]}
"""


@pytest.fixture
def office(workspace: Path, typed: Type) -> Type:
    """Types a command where `an` has work on the plans `p` and `q`, one step of `p` done, and none on `r`."""
    (workspace / "definitions" / "sample.yaml").write_text(DEFINITION, encoding="utf-8")
    (workspace / "definitions" / "other.yaml").write_text(OTHER, encoding="utf-8")
    (workspace / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    for command in (
        "people load --as chi",
        "create small-plan --id p --as chi",
        "create small-plan --id q --as chi",
        "create other-plan --id r --as chi",
        "act p collect complete --as an",
    ):
        result = typed(*command.split())
        assert 0 == result.exit_code, result.output
    return typed


def owners(office: Type, plan: str = "p") -> dict[str, str]:
    """Whose each work item of a plan is."""
    items = json.loads(office("show", plan, "--json").stdout)["work_items"]
    return {item["step"]: item["owner"] for item in items}


def revision(office: Type, plan: str) -> int:
    return json.loads(office("show", plan, "--json").stdout)["revision"]


def done(office: Type, *arguments: str) -> Any:
    """Type a command that has to succeed, and return what it printed as JSON."""
    result = office(*arguments, "--json")
    assert 0 == result.exit_code, result.output
    return json.loads(result.stdout)


def test_open_work_passes_on_and_closed_work_stays(office: Type):
    """What is owed belongs to the other, what was done keeps the name under which it was done."""
    passed = done(office, "handover", "an", "binh", "--reason", "chuyển công tác", "--as", "an")

    assert {"p", "q"} == {plan["id"] for plan in passed["plans"]}
    assert ("an", "binh") == (owners(office)["stock/collect"], owners(office)["stock/count"])
    assert ["stock/count@1"] == next(plan["leads"] for plan in passed["plans"] if plan["id"] == "p")


def test_the_other_may_act_where_the_first_was_named(office: Type):
    """On steps and transitions; the first may no longer."""
    done(office, "handover", "an", "binh", "--as", "an")

    refused = office("act", "p", "count", "complete", "--as", "an", "--json")
    assert (4, "not-permitted") == (refused.exit_code, error_of(refused)["code"])
    done(office, "act", "p", "count", "complete", "--as", "binh")
    assert "binh" == owners(office)["stock/count"]
    done(office, "advance", "p", "finish", "--as", "binh")


def test_what_opens_later_is_the_others(office: Type):
    """A step that the definition gives to the first opens under the other's lead."""
    done(office, "handover", "an", "binh", "--as", "an")
    done(office, "act", "p", "count", "complete", "--as", "binh")

    assert "binh" == owners(office)["stock/later"]
    done(office, "act", "p", "later", "complete", "--as", "binh")


def test_due_and_next_and_overview_say_the_others_name(office: Type):
    """Every view of what is owed names who has it now."""
    done(office, "handover", "an", "binh", "--as", "an")

    due = done(office, "due", "--person", "binh")["work_items"]
    assert {("p", "stock/count"), ("q", "stock/count")} <= {(item["plan"], item["step"]) for item in due}
    assert "binh" in json.dumps(done(office, "next", "p")["moves"])
    standing = json.dumps(next(plan for plan in done(office, "overview")["plans"] if plan["id"] == "p"))
    assert '"binh"' in standing
    assert '"an"' not in standing


def test_a_trial_run_shows_what_would_pass_on(office: Type):
    """`--dry-run` lists it and writes nothing."""
    before = revision(office, "p")

    passed = done(office, "handover", "an", "binh", "--as", "an", "--dry-run")

    assert passed["dry_run"]
    assert any("p/stock/count@1" in item for plan in passed["plans"] for item in plan["items"])
    assert (before, "an") == (revision(office, "p"), owners(office)["stock/count"])
    shown = office("handover", "an", "binh", "--as", "an", "--dry-run")
    assert "p/stock/count@1" in shown.output
    assert "nothing was written" in shown.output


def test_one_plan_alone(office: Type):
    """`--plan` passes on what is on that plan, and leaves the rest."""
    done(office, "handover", "an", "binh", "--plan", "p", "--as", "an")

    assert ("binh", "an") == (owners(office, "p")["stock/count"], owners(office, "q")["stock/count"])


def test_an_authority_of_the_plan_may_do_it(office: Type):
    """Whoever may suspend and correct the plan; the event says who, and in which capacity."""
    done(office, "handover", "an", "binh", "--as", "chi")

    event = done(office, "audit", "show", "p")["events"][-1]
    assert ("plan_handed_over", "chi", "drafter") == (event["type"], event["actor"], event["authority"]["ref"])
    shown = " ".join(office("audit", "show", "p").stdout.split())
    assert "open work of Nguyễn Văn An passed on to Trần Thị Bình" in shown


def test_nobody_else_may(office: Type):
    """Neither who would take it, nor a third; the attempt is in the trail."""
    for actor in ("binh", "dung"):
        refused = office("handover", "an", "binh", "--as", actor, "--json")
        assert (4, "not-permitted") == (refused.exit_code, error_of(refused)["code"])
        trail = done(office, "audit", "show", "@workspace")["events"][-1]
        assert ("attempt_refused", actor, "handover") == (trail["type"], trail["actor"], trail["data"]["command"])
    assert "an" == owners(office)["stock/count"]


def test_a_refusal_on_one_plan_leaves_every_plan_as_it_was(office: Type):
    """All plans are judged first: who declared a conflict on one of them takes none over."""
    before = {plan: revision(office, plan) for plan in "pq"}

    refused = office("handover", "an", "moi", "--as", "an", "--json")

    assert (4, "conflict-of-interest") == (refused.exit_code, error_of(refused)["code"])
    assert before == {plan: revision(office, plan) for plan in "pq"}
    done(office, "handover", "an", "moi", "--plan", "p", "--as", "an")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (("an", "nobody"), 2, "unknown-person"),
        (("nobody", "an"), 2, "unknown-person"),
        (("an", "an"), 2, "same-person"),
        (("an", "phong"), 2, "person-and-unit"),
        (("dung", "an", "--plan", "p"), 3, "nothing-to-pass-on"),
        (("an", "binh", "--plan", "zz"), 2, "unknown-plan"),
        (("an", "binh", "--expect", "1"), 2, "one-plan"),
    ],
)
def test_what_cannot_be_passed_on(office: Type, arguments: tuple[str, ...], exit_code: int, code: str):
    """Unknown persons and plans, oneself, nothing: told as what it is."""
    refused = office("handover", *arguments, "--as", "chi", "--json")

    assert (exit_code, code) == (refused.exit_code, error_of(refused)["code"])


def test_nothing_open_is_said(office: Type):
    """Somebody without open work needs no handover."""
    assert "no open work" in office("handover", "dung", "binh", "--as", "dung").output


def test_work_passed_on_twice_and_back_again(office: Type):
    """It follows the last handover, and verifies by replay."""
    done(office, "handover", "an", "binh", "--plan", "p", "--as", "an")
    done(office, "handover", "binh", "dung", "--plan", "p", "--as", "binh")
    assert "dung" == owners(office)["stock/count"]
    done(office, "handover", "dung", "an", "--plan", "p", "--as", "dung")

    assert "an" == owners(office)["stock/count"]
    done(office, "act", "p", "count", "complete", "--as", "an")
    assert 0 == office("audit", "verify").exit_code


def test_a_handover_in_error_is_reversed(office: Type):
    """`correct` gives the work back."""
    done(office, "handover", "an", "binh", "--plan", "p", "--as", "an")

    done(office, "correct", "p", str(revision(office, "p")), "--reason", "nhầm người", "--as", "chi")

    assert "an" == owners(office)["stock/count"]
    assert 0 == office("audit", "verify").exit_code


def test_of_two_parties_the_one_that_nobody_knows_is_named(office):
    """`handover phong zzz` does not say that there is no `phong`."""
    refused = office("handover", "phong", "zzz", "--reason", "x", "--as", "chi", "--json")

    assert "`zzz`" in error_of(refused)["message"] and "phong" not in error_of(refused)["message"]
