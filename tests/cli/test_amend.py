"""A step or a leg for one running plan: what it adds, who may, what stays, and what the trail says of it."""

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
  writing:
    title: {vi: Soạn thảo, en: Writing}
    steps: {write: {uses: task}}
    transitions:
      submit: {to: session, when: 'plan.definition == "small-plan"'}
  session:
    title: {vi: Phiên họp, en: Session}
    steps: {vote: {uses: task}}
    transitions:
      pass: {to: done, by: [head]}
      back: {to: writing, reopen: [write], allow_open_steps: true}
  done: {title: {vi: Xong, en: Done}, final: true}
"""
PEOPLE = """\
people: 1
units: {phong: {name: Phòng}}
persons:
  an: {name: Nguyễn Văn An, unit: phong}
  binh: {name: Trần Thị Bình, unit: phong}
  chi: {name: Lê Chi, unit: phong}
offices:
  head: {title: Giám đốc, unit: phong, holders: [binh]}
roles:
  drafter: {title: Soạn thảo, holders: [an, binh]}
  other: {title: Khác, holders: [chi]}
"""
STEP = """\
amend: 1
stages:
  writing:
    steps:
      hearing: {uses: task, title: {vi: Họp lấy ý kiến, en: Hearing}}
"""
LEG = """\
amend: 1
stages:
  session:
    transitions:
      pass: {to: council}
  council:
    title: {vi: Hội đồng nhân dân, en: People's Council}
    follows: session
    after: {stage: writing, days: 30}
    steps: {verify: {uses: task}}
    transitions:
      adopt: {to: done, by: [head]}
alongside:
  watch: {uses: task, required: false}
"""


@pytest.fixture
def office(workspace: Path, typed: Type) -> Type:
    """Types a command where the plans `p` and `q` have begun."""
    (workspace / "definitions" / "sample.yaml").write_text(DEFINITION, encoding="utf-8")
    (workspace / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    for command in ("people load --as an", "create small-plan --id p --as an", "create small-plan --id q --as an"):
        result = typed(*command.split())
        assert 0 == result.exit_code, result.output
    return typed


def amend(office: Type, text: str, *more: str, actor: str = "an", plan: str = "p") -> Any:
    """Type `amend` with a file of this text."""
    Path("more.yaml").write_text(text, encoding="utf-8")
    return office("amend", plan, "more.yaml", "--reason", "theo chỉ đạo", "--as", actor, "--json", *more)


def done(office: Type, *arguments: str) -> Any:
    """Type a command that has to succeed, and return what it printed as JSON."""
    result = office(*arguments, "--json")
    assert 0 == result.exit_code, result.output
    return json.loads(result.stdout)


def show(office: Type, plan: str = "p") -> Any:
    return done(office, "show", plan)


def steps(office: Type, plan: str = "p") -> list[str]:
    """The addresses of the steps that were opened."""
    return [step["step"] if "step" in step else step["id"] for step in show(office, plan)["steps"]]


def finish(office: Type, address: str, plan: str = "p", actor: str = "an") -> None:
    done(office, "act", plan, address, "complete", "--as", actor)


def test_a_step_added_to_the_current_stage_opens_at_once(office: Type):
    """It is owed from now on, and holds the gate like any other."""
    result = amend(office, STEP)

    assert 0 == result.exit_code, result.output
    assert any("writing/hearing" in address for address in steps(office))
    finish(office, "write")
    refused = office("advance", "p", "submit", "--as", "an", "--json")
    assert (3, True) == (refused.exit_code, "hearing" in refused.stderr)
    finish(office, "hearing")
    assert "session" == done(office, "advance", "p", "submit", "--as", "an")["stage"]


def test_only_this_plan_is_amended(office: Type):
    """Another plan of the same definition stays, and so does the definition."""
    before = show(office, "q")
    amend(office, STEP)

    assert before == show(office, "q")
    assert 0 == office("create", "small-plan", "--id", "r", "--as", "an").exit_code
    assert not any("hearing" in address for address in steps(office, "r"))


def test_the_event_holds_both_hashes_and_the_reason(office: Type):
    """The trail tells what was added, by whom, why, and from which definition to which."""
    before = show(office)["definition_hash"]
    amend(office, STEP)

    event = next(e for e in done(office, "audit", "show", "p")["events"] if e["type"] == "plan_amended")
    assert (before, show(office)["definition_hash"]) == (event["data"]["before"], event["data"]["definition"]["hash"])
    assert (["stages/writing/steps/hearing"], "theo chỉ đạo") == (event["data"]["added"], event["data"]["reason"])
    assert ("an", "drafter") == (event["actor"], event["authority"]["ref"])


def test_show_and_definition_list_say_that_it_is_amended(office: Type):
    """`show` names the plan's own definition, `definition list` has it beside the others."""
    amend(office, STEP)
    own = show(office)["amended"]

    assert own.startswith("small-plan-amended-") and own.endswith("@1")
    assert own in office("show", "p").stdout
    listed = {f"{one['id']}@{one['version']}": one for one in done(office, "definition", "list")["definitions"]}
    assert ("amendment", show(office)["definition_hash"]) == (listed[own]["source"], listed[own]["hash"])
    assert "hearing" in json.dumps(done(office, "definition", "show", own))
    refused = office("create", own, "--id", "r", "--as", "an", "--json")
    assert (2, "definition-amended") == (refused.exit_code, error_of(refused)["code"])


def test_a_leg_is_put_in_before_the_end(office: Type):
    """A transition not yet fired leads to the new stage, which has its date, its steps and its gate."""
    finish(office, "write")
    done(office, "advance", "p", "submit", "--as", "an")

    result = amend(office, LEG, actor="binh")
    assert 0 == result.exit_code, result.output
    finish(office, "vote")
    assert "council" == done(office, "advance", "p", "pass", "--as", "binh")["stage"]
    assert ["writing", "session", "council", "done"] == [stage["id"] for stage in show(office)["stages"]]
    finish(office, "verify")
    assert "finished" == done(office, "advance", "p", "adopt", "--as", "binh")["state"]
    assert 0 == office("audit", "verify").exit_code


def test_replay_and_verification_go_across_it(office: Type):
    """Twice amended, the stored plan is still what its events give."""
    amend(office, STEP)
    second = STEP.replace("hearing", "visit")
    assert 0 == amend(office, second).exit_code

    assert show(office)["amended"].endswith("@2")
    assert 0 == office("audit", "verify").exit_code, office("audit", "verify").output
    assert {"writing/write", "writing/hearing", "writing/visit"} <= {
        address.split("@")[0].removeprefix("p/") for address in steps(office)
    }


def test_a_condition_reads_the_definition_that_the_plan_began_with(office: Type):
    """`plan.definition` stays what it was: the gate opens after the amendment too."""
    amend(office, STEP)
    finish(office, "write")
    finish(office, "hearing")

    assert "session" == done(office, "advance", "p", "submit", "--as", "an")["stage"]


def test_whoever_may_not_is_refused_and_recorded(office: Type):
    """Somebody else's role is not enough; the attempt is in the trail."""
    refused = amend(office, STEP, actor="chi")

    assert (4, "not-permitted") == (refused.exit_code, error_of(refused)["code"])
    trail = done(office, "audit", "show", "@workspace")["events"][-1]
    assert ("attempt_refused", "chi", "amend") == (trail["type"], trail["actor"], trail["data"]["command"])
    assert show(office)["amended"] is None


def test_nobody_goes_round_a_gate_they_do_not_hold(office: Type):
    """Another way out of a stage is for those alone who hold its gates."""
    refused = amend(office, LEG, actor="an")
    assert 4 == refused.exit_code
    assert "another way out of stage `session`" in error_of(refused)["message"]

    assert 0 == amend(office, LEG, actor="binh").exit_code


def test_a_trial_run_writes_nothing(office: Type):
    """`--dry-run` decides everything and keeps no definition."""
    before = done(office, "definition", "list")
    result = amend(office, STEP, "--dry-run")

    assert 0 == result.exit_code
    assert before == done(office, "definition", "list")
    assert show(office)["amended"] is None


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        (STEP.replace("hearing", "write"), "more.yaml:5:7", "already-there"),
        ("amend: 1\nstages:\n  writing:\n    title: Khác\n", "more.yaml:4:5", "already-there"),
        (STEP.replace("task", "tusk"), "more.yaml:5:23", "unknown-step-type"),
        (STEP.replace("uses: task", "uses: task, by: [nobody]"), "more.yaml:5:", "unknown-role"),
        (STEP.replace("uses: task", "uses: task, whit: {}"), "more.yaml:5:", "unknown-key"),
        (LEG.replace("follows: session", "follows: sesion"), "more.yaml:8:14", "unknown-stage"),
        (LEG.replace("{to: done, by: [head]}", "{to: nowhere}"), "more.yaml:12:", "unknown-stage"),
        ("amend: 1\nstages:\n  lost: {title: Lạc, final: true}\n", "more.yaml:3:", "unreachable-stage"),
        ("stages: {}\n", "more.yaml:1:1", "missing-key"),
        ("amend: 1\n", "more.yaml:1:1", "nothing-added"),
        ("amend: 1\nby: [other]\n", "more.yaml:2:1", "unknown-key"),
        ("amend: 1\nstages: [a]\n", "more.yaml:2:1", "wrong-type"),
        ("- a\n", "more.yaml:1:1", "wrong-type"),
        ("amend: 1\nstages: {a: &x {title: A}}\n", "more.yaml:2:", "alias"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(office: Type, text: str, place: str, code: str):
    """Every problem with file, line and column, as `check` tells it; nothing changed."""
    revision = show(office)["revision"]
    result = amend(office, text)

    assert 6 == result.exit_code, result.output
    found = [(reason["code"], reason["message"]) for reason in error_of(result)["reasons"]]
    assert any(code == told and place in message for told, message in found), found
    assert (revision, None) == (show(office)["revision"], show(office)["amended"])


def test_what_was_done_stays(office: Type):
    """A transition that was fired cannot be written anew, though it is not fired for ever."""
    finish(office, "write")
    done(office, "advance", "p", "submit", "--as", "an")

    result = amend(office, "amend: 1\nstages: {writing: {transitions: {submit: {to: done}}}}\n", actor="binh")

    assert (6, ["already-done"]) == (result.exit_code, [reason["code"] for reason in error_of(result)["reasons"]])


def test_a_file_that_is_not_there(office: Type):
    """It is named, with exit code 2."""
    result = office("amend", "p", "nowhere.yaml", "--reason", "x", "--as", "an", "--json")

    assert 2 == result.exit_code
    assert "nowhere.yaml" in error_of(result)["message"]


def test_an_amendment_in_error_is_reversed(office: Type):
    """`correct` gives the plan its definition back, and what the amendment had opened is gone."""
    before = show(office)
    amend(office, STEP)
    seq = next(e["seq"] for e in done(office, "audit", "show", "p")["events"] if e["type"] == "plan_amended")

    done(office, "correct", "p", str(seq), "--reason", "nhầm kế hoạch", "--as", "an")

    after = show(office)
    assert (before["definition_hash"], None) == (after["definition_hash"], after["amended"])
    assert before["work_items"] == after["work_items"]
    assert 0 == office("audit", "verify").exit_code
    assert 0 == amend(office, STEP).exit_code


def test_an_amendment_that_was_used_is_not_reversed(office: Type):
    """What was done on the new step comes first."""
    amend(office, STEP)
    finish(office, "hearing")
    seq = next(e["seq"] for e in done(office, "audit", "show", "p")["events"] if e["type"] == "plan_amended")

    refused = office("correct", "p", str(seq), "--reason", "nhầm", "--as", "an", "--json")

    assert (3, "later-events") == (refused.exit_code, error_of(refused)["code"])
