"""Gates belong to offices: who may act for the head, in whose name, and who may not, with the trail's word for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Type, error_of

DEFINITION = """\
workflow: 1
id: small-plan
version: 1
title: {vi: Kế hoạch nhỏ, en: Small plan}
by: [drafter, clerk]
lead: phong
documents:
  decision: {title: {vi: Quyết định, en: Decision}, numbered: true}
stages:
  writing:
    title: {vi: Soạn thảo, en: Writing}
    steps:
      write: {uses: draft, with: {document: decision, number: 1}}
      round: {uses: consultation, with: {invite: [so-a, so-b], document: decision}, after: [write]}
      sign: {uses: approve, by: [head], with: {document: decision}, after: [write]}
    transitions:
      finish: {to: done, by: [head], allow_open_steps: true}
  done: {title: {vi: Xong, en: Done}, final: true}
"""
PEOPLE = """\
people: 1
units:
  phong: {name: Phòng}
  so-a: {name: Sở A, logs_in: false}
  so-b: {name: Sở B}
persons:
  an: {name: Nguyễn Văn An, unit: phong}
  binh:
    name: Trần Thị Bình
    unit: phong
    conflicts:
      - {plan: barred, from: 2020-01-01, reason: vợ là giám đốc doanh nghiệp được hỗ trợ}
  chi: {name: Lê Chi, unit: phong}
  dung: {name: Phạm Dũng, unit: phong}
  van-thu: {name: Lý Mai, unit: phong}
  bac: {name: Hồ Bắc, unit: so-b}
  em: {name: Vũ Thị Em, unit: phong}
  giang: {name: Đỗ Giang, unit: phong, conflicts: [{definition: small-plan, reason: góp vốn vào doanh nghiệp}]}
offices:
  head:
    title: Giám đốc
    unit: phong
    holders: [{person: binh, from: 2020-01-01}]
    deputies:
      - {person: dung, until: 2020-06-30}
      - {person: an, field: {documents: [decision]}}
      - {person: em, from: 2020-07-01}
      - {person: giang}
    substitutes:
      - person: chi
        form: tuq
        from: 2020-01-01
        until: 2030-12-31
        field: {steps: [approve]}
        basis: {number: 12/QĐ-SKHCN, date: 2020-01-02}
roles:
  drafter: {title: Soạn thảo, holders: [an, dung]}
  clerk: {title: Văn thư, holders: [van-thu], records_for: ["@outside"], needs_letter: true}
groups:
  outside: {logs_in: false}
"""
PLUGIN = '''\
"""A step on which the newest revision of a document is approved."""

from workflow import Act, Approved, DocumentRef, Options, StepType, action, hookimpl


class ApproveOptions(Options):
    document: DocumentRef


class Approve(StepType):
    name = "approve"
    title = {"vi": "Ký", "en": "Sign"}
    states = {"open": {"vi": "chờ", "en": "open"}, "signed": {"vi": "đã ký", "en": "signed"}}
    complete_states = ("signed",)
    Options = ApproveOptions

    @action("sign", title={"vi": "Ký", "en": "Sign"}, source="open", to="signed")
    def sign(self, view, parameters, context):
        newest = view.plan.latest_revision(view.options.document)
        return Act(approves=(Approved(newest.document, newest.number, newest.revision),))


@hookimpl
def step_types():
    return (Approve(),)
'''
AUTHORITY = Callable[[], dict[str, Any]]


@pytest.fixture
def office(workspace: Path, typed: Type, paper: str) -> Type:
    """Types a command in a workspace with one plan `p`, whose draft `an` has handed in."""
    (workspace / "definitions" / "sample.yaml").write_text(DEFINITION, encoding="utf-8")
    (workspace / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    (workspace / "plugins" / "approve.py").write_text(PLUGIN, encoding="utf-8")
    assert 0 == typed("people", "load", "--as", "an").exit_code
    for plan in ("p", "barred"):
        assert 0 == typed("create", "small-plan", "--id", plan, "--as", "an").exit_code
        submitted = typed("act", plan, "write", "submit", "--attach", paper, "--as", "an")
        assert 0 == submitted.exit_code, submitted.output
    return typed


def newest(office: Type, plan: str = "p") -> dict[str, Any]:
    """The newest event of a chain."""
    return json.loads(office("audit", "show", plan, "--json").stdout)["events"][-1]


def refused(office: Type, *arguments: str, code: str, exit_code: int = 4, plan: str = "p") -> dict[str, Any]:
    """Type a command that has to be refused so; the plan stays, and the attempt is in the trail."""
    before = json.loads(office("show", plan, "--json").stdout)["revision"]
    result = office(*arguments, "--json")
    assert exit_code == result.exit_code, result.output
    error = error_of(result)
    assert code == error["code"]
    assert before == json.loads(office("show", plan, "--json").stdout)["revision"]
    trail = newest(office, "@workspace")
    assert "attempt_refused" == trail["type"]
    assert (plan, code, exit_code) == (trail["data"]["plan"], trail["data"]["code"], trail["data"]["exit"])
    assert arguments[arguments.index("--as") + 1] == trail["actor"]
    return error


def reasons(error: dict[str, Any]) -> list[str]:
    """The codes of an error's reasons."""
    return [reason["code"] for reason in error["reasons"]]


def test_the_head_signs_without_a_form(office: Type):
    """The holder acts as what they are."""
    assert 0 == office("act", "p", "sign", "sign", "--as", "binh").exit_code

    assert {"ref": "head", "via": "holder"}.items() <= newest(office)["authority"].items()
    assert "form" not in newest(office)["authority"]


def test_a_substitute_signs_by_authorisation_with_its_basis(office: Type):
    """TUQ.: the event holds the office, the form and the document on which the authority rests."""
    assert 0 == office("act", "p", "sign", "sign", "--as", "chi").exit_code

    authority = newest(office)["authority"]
    assert ("head", "substitute", "tuq") == (authority["ref"], authority["via"], authority["form"])
    assert {"number": "12/QĐ-SKHCN", "date": "2020-01-02"} == authority["basis"]


@pytest.mark.parametrize("command", [("act", "p", "sign", "sign"), ("advance", "p", "finish")])
def test_a_deputy_signs_for_the_head(office: Type, command: tuple[str, ...]):
    """KT., within the period and without a limit of field: acts and transitions alike."""
    assert 0 == office(*command, "--as", "em").exit_code

    recorded = json.loads(office("audit", "show", "p", "--json").stdout)["events"]
    authority = next(event["authority"] for event in recorded if event["actor"] == "em")
    assert ("head", "deputy", "kt") == (authority["ref"], authority["via"], authority["form"])


def test_a_conflict_with_a_definition_bars_from_an_amended_plan_too(office: Type):
    """An amended plan still is one of the definition that it began with."""
    Path("more.yaml").write_text("amend: 1\nalongside: {watch: {uses: task, required: false}}\n", encoding="utf-8")
    amended = office("amend", "p", "more.yaml", "--reason", "theo chỉ đạo", "--as", "an")
    assert 0 == amended.exit_code, amended.output

    refused(office, "act", "p", "sign", "sign", "--as", "giang", code="conflict-of-interest")


def test_the_trail_shows_the_form_of_signing(office: Type):
    """`audit show` says KT., TL. or TUQ. as people write it."""
    office("act", "p", "sign", "sign", "--as", "chi")

    assert "Lê Chi (TUQ. Giám đốc, 12/QĐ-SKHCN)" in " ".join(
        office("audit", "show", "p", env={"COLUMNS": "200"}).stdout.split()
    )


def test_a_deputy_acts_for_the_head_while_it_lasts(office: Type):
    """KT. within the period; the day after its end it is refused, with the day on which it ended."""
    error = refused(office, "advance", "p", "finish", "--as", "dung", code="not-permitted")

    assert ["authority-ended"] == reasons(error)
    assert "2020-06-30" in error["reasons"][0]["message"]


def test_authority_covers_its_field_and_no_more(office: Type):
    """A substitute for one type of step fires no transition, and is told what the authority covers."""
    error = refused(office, "advance", "p", "finish", "--as", "chi", code="not-permitted")

    assert ["authority-elsewhere"] == reasons(error)
    assert "steps: approve" in error["reasons"][0]["message"]


def test_nobody_approves_their_own_draft(office: Type):
    """The deputy wrote the revision: another has to sign it, and then may."""
    error = refused(office, "act", "p", "sign", "sign", "--as", "an", code="own-draft")

    assert "1.1" in error["reasons"][0]["message"]
    assert 0 == office("act", "p", "sign", "sign", "--as", "binh").exit_code


@pytest.mark.parametrize("command", [("act", "barred", "sign", "sign"), ("advance", "barred", "finish")])
def test_a_declared_conflict_of_interest_bars(office: Type, command: tuple[str, ...]):
    """On the plan it was declared for the head may neither act nor fire, with the reason declared; elsewhere both."""
    error = refused(office, *command, "--as", "binh", code="conflict-of-interest", plan="barred")

    assert "doanh nghiệp được hỗ trợ" in error["reasons"][0]["message"]
    assert 0 == office(command[0], "p", *command[2:], "--as", "binh").exit_code


def test_next_says_who_is_barred(office: Type):
    """`next` offers the gate to the head on the one plan and not on the other."""
    permitted = {
        plan: json.loads(office("next", plan, "--as", "binh", "--json").stdout)["moves"][0]["permitted"]
        for plan in ("p", "barred")
    }

    assert {"p": True, "barred": False} == permitted


def test_a_clerk_records_for_an_outside_body_with_its_letter(office: Type):
    """The event names the body, and as who's clerk the letter was entered."""
    opinion = ("act", "p", "round", "respond", "--unit", "so-a", "--position", "agree", "--as", "van-thu")
    error = refused(office, *opinion, code="no-letter", exit_code=3)
    assert ["no-letter"] == reasons(error)

    done = office(*opinion, "--letter", "15/SA-VP")

    assert 0 == done.exit_code, done.output
    event = newest(office)
    assert ("so-a", "clerk", "recorder") == (event["on_behalf"], event["authority"]["ref"], event["authority"]["via"])


@pytest.mark.parametrize(("actor", "unit"), [("an", "so-a"), ("van-thu", "so-b"), ("bac", "so-a")])
def test_nobody_answers_in_another_units_name(office: Type, actor: str, unit: str):
    """Neither the drafter who may act on the step, nor the clerk of other bodies, nor another unit's member."""
    opinion = ("act", "p", "round", "respond", "--unit", unit, "--position", "agree", "--letter", "1/X")

    refused(office, *opinion, "--as", actor, code="in-anothers-name" if actor != "bac" else "not-permitted")


def test_a_unit_answers_for_itself(office: Type):
    """Its member needs no clerk, and the event names nobody else."""
    assert 0 == office("act", "p", "round", "respond", "--unit", "so-b", "--position", "agree", "--as", "bac").exit_code

    assert (None, "so-b") == (newest(office)["on_behalf"], newest(office)["authority"]["ref"])


def test_a_transition_in_anothers_name_is_refused(office: Type):
    """`--behalf` is a claim that has to be covered, on every command."""
    refused(office, "advance", "p", "finish", "--behalf", "so-a", "--as", "binh", code="in-anothers-name")


def test_a_body_that_differs_from_behalf_is_bad_input(office: Type):
    """The letter of one body cannot be entered as another's."""
    opinion = ("act", "p", "round", "respond", "--unit", "so-a", "--position", "agree", "--letter", "1/X")

    result = office(*opinion, "--behalf", "phong", "--as", "an", "--json")

    assert (2, "behalf-differs") == (result.exit_code, error_of(result)["code"])


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{person: chi}", "until, field, basis"),
        ("{person: chi, form: tl}", "basis"),
        ("{person: chi, form: xx}", "xx"),
        ("{person: chi, form: kt, field: {}}", "at least one"),
    ],
)
def test_a_form_of_signing_needs_its_grounds(workspace: Path, typed: Type, entry: str, said: str):
    """An authorisation without its document, term and content is refused when the register is loaded."""
    text = PEOPLE.replace("substitutes:\n", f"substitutes:\n      - {entry}\n")
    (workspace / "people.yaml").write_text(text, encoding="utf-8")

    result = typed("people", "load", "--as", "an")

    assert 6 == result.exit_code
    assert said in result.output
    assert "people.yaml:" in result.output


def test_the_day_counts_on_which_it_happened(office: Type):
    """What is entered today for a day within the deputy's period would have been right; today it is not."""
    assert datetime.now(UTC).year > 2020
    shown = json.loads(office("people", "list", "--on", "2020-06-30", "--json").stdout)["people"]
    later = json.loads(office("people", "list", "--on", "2020-07-01", "--json").stdout)["people"]

    assert "head" in next(person for person in shown if person["id"] == "dung")["offices"]
    assert "head" not in next(person for person in later if person["id"] == "dung")["offices"]
