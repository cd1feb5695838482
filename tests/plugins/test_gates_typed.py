"""The gates as somebody types them: repeated grounds and conclusions, refusals with their exit codes, the session."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from workflow.bootstrap import init_workspace
from workflow.cli import main

DEFINITION = """\
workflow: 1
id: gates
version: 1
title: {vi: Các cửa, en: Gates}
normative: true
by: office
lead: office
documents:
  decision: {title: {vi: Dự thảo, en: Draft}, numbered: true}
stages:
  gates:
    title: {vi: Các cửa, en: Gates}
    steps:
      write: {uses: draft, with: {document: decision, number: 4}}
      justice: {uses: appraisal, with: {body: justice, document: decision, supplement_days: 2}, required: false}
      leader: {uses: report, with: {to: chief, document: decision, approves: true}}
      revise: {uses: draft, with: {document: decision, number: 4, revises: write}, required: false}
    transitions:
      go-on: {to: session, outcome: {leader: approved}}
  session:
    title: {vi: Phiên họp, en: Session}
    steps:
      vote:
        uses: submission
        with: {body: committee, documents: [decision], members: 29, majority: {more_than: 1/2}, papers_days: 3}
    transitions:
      promulgate: {to: done, outcome: {vote: passed}}
      return-to-gates: {to: gates, outcome: {vote: sent-back}, reopen: [leader]}
  done: {title: {vi: Xong, en: Done}, final: true}
"""
PEOPLE = """\
people: 1
units:
  office: {name: {vi: Phòng, en: Office}}
  justice: {name: {vi: Sở Tư pháp, en: Justice}}
  committee: {name: {vi: UBND tỉnh, en: Committee}}
persons:
  anna: {name: Nguyễn Thị An, unit: office}
  bao: {name: Trần Văn Bảo, unit: justice}
  cuc: {name: Lê Thị Cúc, unit: committee}
  dung: {name: Phạm Văn Dũng, unit: committee}
  em: {name: Võ Văn Em, unit: committee}
offices:
  chief:
    title: {vi: Phó Chủ tịch, en: Vice-Chairman}
    unit: committee
    holders:
      - {person: dung, from: 2019-01-01, until: 2019-08-31}
      - {person: em, from: 2019-09-01}
"""


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`typed("leader conclude --outcome approved", as_="dung", on="2019-08-05")` acts on the plan `p`."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE", "WORKFLOW_ACTOR", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKFLOW_LANG", "en")
    root = init_workspace(tmp_path / "office")
    (root / "definitions" / "gates.yaml").write_text(DEFINITION, encoding="utf-8")
    (root / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    monkeypatch.chdir(root)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments), prog_name="workflow")

    assert run("people", "load", "--as", "anna").exit_code == 0
    created = run("create", "gates", "--id", "p", "--as", "anna", "--on", "2019-08-01", "--start", "2019-08-01")
    assert created.exit_code == 0, created.output

    def act(words: str, *texts: str, as_: str = "anna", on: str = "2019-08-05") -> Result:
        command = words.split()
        start = ["advance", "p", *command] if len(command) == 1 else ["act", "p", *command]
        return run(*start, *texts, "--as", as_, "--on", on)

    setattr(act, "run", run)  # noqa: B010 - a second word on the same thing
    return act


def works(result: Result) -> None:
    """Fail with what was said, unless it worked."""
    assert result.exit_code == 0, result.output


def shown(typed: Any, *words: str) -> Any:
    """What a query says as JSON."""
    result = typed.run(*words, "--json")
    works(result)
    return json.loads(result.stdout)


def owed(typed: Any) -> dict[str, tuple[str, str | None]]:
    """Who owes what by when, by key."""
    return {item["key"]: (item["owner"], item["due_on"]) for item in shown(typed, "due")["work_items"]}


def approved(typed: Any) -> None:
    """Draft 4.1 was sent up and approved in August."""
    works(typed("write submit"))
    works(typed("leader send"))
    works(typed("leader conclude --outcome approved", as_="dung"))


def test_an_edited_text_waits_for_the_approver_and_nobody_else(typed):
    """Exit 3 at the gate, 4 for the drafter who would extend it; the successor in the office can."""
    approved(typed)
    works(typed("revise submit", on="2019-09-02"))
    refused = typed("go-on", on="2019-09-02")
    assert refused.exit_code == 3
    assert "4.1" in refused.output and "4.2" in refused.output
    assert typed("leader extend", on="2019-09-02").exit_code == 4
    assert typed("leader extend", as_="dung", on="2019-09-02").exit_code == 4

    works(typed("leader extend", as_="em", on="2019-09-02"))
    works(typed("go-on", on="2019-09-02"))


def test_conclusions_are_given_one_by_one_and_settled_one_by_one(typed):
    """`--conclusion` is repeated; each has an id that `take-in` and `answer` name."""
    works(typed("write submit"))
    works(typed("leader send"))
    texts = ("--conclusion", "Làm rõ đối tượng", "--conclusion", "Bổ sung lãi suất")
    works(typed("leader conclude --outcome approved", *texts, as_="dung"))
    refused = typed("go-on")
    assert refused.exit_code == 3
    assert "1-1" in refused.output and "1-2" in refused.output
    works(typed("leader take-in --conclusion 1-1"))
    works(typed("leader answer --conclusion 1-2", "--text", "Thuộc quy định khác"))
    works(typed("go-on"))


def test_who_holds_the_dossier_is_who_owes_it(typed):
    """The body, then the lead while papers are missing, then the body again; the answer to a ground at last."""
    works(typed("write submit"))
    works(typed("justice send"))
    assert owed(typed)["report"][0] == "justice"
    works(typed("justice ask-supplement", "--missing", "Tờ trình", as_="bao"))
    assert owed(typed)["supplement"] == ("office", "2019-08-07")
    works(typed("justice supplement", on="2019-08-08"))
    works(typed("justice accept-dossier", as_="bao", on="2019-08-09"))
    texts = ("--grounds", "Điều 3", "--grounds", "Điều 4")
    works(typed("justice report --outcome eligible-after-revision", *texts, as_="bao", on="2019-08-12"))
    assert {"answer-1-1", "answer-1-2", "revise"} <= set(owed(typed))


def test_a_session_moves_its_papers_day_postpones_sends_back_and_passes(typed):
    """The vote counts all 29 members; what was sent back comes again with a new round."""
    approved(typed)
    works(typed("go-on"))
    works(typed("vote schedule --session 2019-10-22", as_="cuc"))
    assert owed(typed)["submit"] == ("office", "2019-10-17")
    works(typed("vote schedule --session 2019-10-28", as_="cuc"))
    assert owed(typed)["submit"] == ("office", "2019-10-23")
    early = typed("vote decide --outcome passed", as_="cuc", on="2019-10-28")
    assert early.exit_code == 3
    works(typed("vote submit", on="2019-10-23"))
    works(typed("vote postpone --to 2019-11-05", "--reason", "Chưa đủ thành viên", as_="cuc", on="2019-10-28"))

    def decide(words: str) -> Result:
        return typed(f"vote decide {words}", as_="cuc", on="2019-11-05")

    assert decide("--outcome passed --votes-for 20 --votes-against 10").exit_code == 3
    assert decide("--outcome passed --votes-for 14 --votes-against 0 --abstained 3").exit_code == 3
    works(decide("--outcome sent-back --votes-for 14 --votes-against 15"))
    works(typed("return-to-gates", on="2019-11-06"))
    works(typed("leader send", on="2019-11-06"))
    works(typed("leader conclude --outcome approved", as_="em", on="2019-11-07"))
    works(typed("go-on", on="2019-11-07"))
    works(typed("vote submit", on="2019-11-07"))
    works(typed("vote ballot --until 2019-11-20", as_="cuc", on="2019-11-08"))
    assert typed("vote decide --outcome passed --votes-for 28", as_="cuc", on="2019-11-10").exit_code == 3
    works(typed("vote decide --outcome passed --votes-for 28 --abstained 1", as_="cuc", on="2019-11-10"))
    works(typed("promulgate", on="2019-11-11"))
    assert "finished" in typed.run("show", "p").output
    works(typed.run("audit", "verify"))


def test_check_notes_what_binds_only_normative_products(typed):
    """The same definition without `normative: true` is no mistake, and it is said what that means."""
    path = Path("definitions") / "gates.yaml"
    path.write_text(DEFINITION.replace("normative: true\n", ""), encoding="utf-8")

    result = typed.run("check", str(path))
    assert result.exit_code == 0
    assert "binds-normative-only" in result.output
