"""Rounds and postings as the engine runs them: rights, groups and units by date, frozen texts, the trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from workflow.bootstrap import PEOPLE, init_workspace, open_workspace
from workflow.clock import SimulatedClock
from workflow.errors import InvalidInput, NotFound, NotPermitted, Refused
from workflow.views.plans import StepDetail, Write

REGISTER = {
    "people": 1,
    "units": {
        "office-a": {"name": "Phòng A"},
        "finance": {"name": "Sở Tài chính"},
        "home": {"name": "Sở Nội vụ"},
        "district": {"name": "UBND huyện", "kind": "local", "until": "2026-06-30"},
        "old-district": {"name": "UBND huyện cũ", "kind": "local", "until": "2026-01-31"},
        "commune": {"name": "UBND xã", "from": "2026-07-01"},
    },
    "groups": {"local": {"kind": "local"}},
    "persons": {
        "anna": {"name": "Nguyễn Thị An", "unit": "office-a"},
        "dung": {"name": "Lê Dũng", "unit": "office-a"},
        "phan": {"name": "Phan Tài", "unit": "finance"},
        "hoa": {"name": "Hoàng Hoa", "unit": "home"},
    },
    "offices": {"director": {"title": "Giám đốc", "unit": "office-a", "holders": ["dung"]}},
    "roles": {
        "clerk": {"title": "Văn thư", "holders": ["anna"], "records_for": ["finance", "home", "district", "commune"]}
    },
}
DEFINITION = """\
workflow: 1
id: rounds
version: 1
title: {vi: Lấy ý kiến, en: Rounds}
by: office-a
lead: office-a
documents:
  decision: {title: {vi: Dự thảo, en: Draft}, numbered: true}
stages:
  writing:
    title: {vi: Soạn thảo, en: Writing}
    steps:
      write: {uses: draft, with: {document: decision, number: 2}}
    transitions:
      ask: {to: asking}
  asking:
    title: {vi: Lấy ý kiến, en: Asking}
    due: 2026-06-30
    steps:
      round:
        uses: consultation
        with: {invite: [finance, "@local"], mandatory: [home], document: decision, answer_days: 7, close_by: director}
      portal:
        uses: public-comment
        with: {document: decision, rule: posting-ubnd-decision, where: portal.example.vn}
      rewrite: {uses: draft, required: false, with: {document: decision, number: 2, revises: writing/write}}
    transitions:
      finish: {to: signing, outcome: {round: answered, portal: closed}}
  signing:
    title: {vi: Trình ký, en: Signing}
    steps:
      sign: {uses: task}
    transitions:
      end: {to: done}
  done: {title: {vi: Xong, en: Done}, final: true}
"""


class Office:
    """A workspace whose clock is moved to the day of each act."""

    def __init__(self, root: Path) -> None:
        self.clock = SimulatedClock(datetime(2026, 5, 4, 2, tzinfo=UTC))
        self.service = open_workspace(root, clock=self.clock).service
        self.service.load_people((root / PEOPLE).read_bytes(), PEOPLE, Write(actor=None))
        self.paper = root / "du-thao.txt"
        self.paper.write_text("Điều 1.", "utf-8")

    def act(self, day: str, step: str, action: str, *, by: str = "anna", attach: bool = False, **values: Any) -> None:
        """Do it on the day on which it is recorded."""
        self.clock.move_to(date.fromisoformat(day))
        papers = (self.paper,) if attach else ()
        self.service.act("p", step, action, values, Write(actor=by, attach=papers))

    def advance(self, trigger: str) -> str:
        return self.service.advance("p", trigger, Write(actor="anna")).plan.stage

    def step(self, name: str) -> StepDetail:
        return next(step for step in self.service.plan("p").steps if step.address == f"asking/{name}")

    def why_not(self, trigger: str) -> set[str]:
        """The codes of what keeps a transition from firing."""
        (move,) = (move for move in self.service.next("p").moves if move.trigger == trigger)
        return {reason.code for reason in move.reasons}

    def trail(self) -> list[tuple[Mapping[str, Any], Mapping[str, str]]]:
        return [(entry.event.data, entry.texts) for entry in self.service.record.audit("p")]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Draft 2.1 sent out on Monday 4 May 2026."""
    root = init_workspace(tmp_path / "office")
    (root / "definitions").mkdir(exist_ok=True)
    (root / "definitions" / "rounds.yaml").write_text(DEFINITION, "utf-8")
    (root / PEOPLE).write_text(yaml.safe_dump(REGISTER, allow_unicode=True, sort_keys=False), "utf-8")
    office = Office(root)
    office.service.create("rounds", "p", Write(actor="anna"))
    office.act("2026-05-04", "write", "submit", attach=True)
    assert office.advance("ask") == "asking"
    return office


def test_only_units_that_exist_are_asked_each_by_its_day(office):
    """The district abolished in January is not; seven working days from 4 May end on the 13th."""
    asked = office.step("round").data["asked"]
    assert {each["unit"]: each["due"] for each in asked} == dict.fromkeys(("finance", "home", "district"), "2026-05-13")
    assert [each["unit"] for each in asked if each["mandatory"]] == ["home"]
    owed = {item.owner: item.due_on for item in office.service.due() if item.step == "asking/round"}
    assert owed["finance"] == "2026-05-13"


def test_what_was_sent_stays_what_it_was(office):
    """The plan knows the exact revision that went to whom, whatever is drafted afterwards."""
    office.paper.write_text("Điều 1. Mới.", "utf-8")
    office.act("2026-05-05", "rewrite", "submit", attach=True)
    (sent,) = (each for each in office.service.plan("p").state.sendings if each.step == "asking/round")
    assert (sent.name, set(sent.to)) == ("2.1", {"finance", "home", "district"})
    with pytest.raises(Refused, match="opinion"):
        office.act("2026-05-06", "round", "respond", unit="finance", position="agree", about="2.2")
    office.act("2026-05-06", "round", "send")
    office.act("2026-05-06", "round", "respond", unit="finance", position="agree", about="2.2")
    assert office.step("round").data["opinions"][0]["about"] == "2.2"


def test_a_unit_answers_for_itself_and_for_nobody_else(office):
    """Its officer gives its opinion; in another unit's name it is not permitted, and the attempt stays in the trail."""
    office.act("2026-05-06", "round", "respond", by="phan", unit="finance", position="agree")
    with pytest.raises(NotPermitted):
        office.act("2026-05-06", "round", "respond", by="phan", unit="home", position="agree")
    assert any(event.event.type == "attempt_refused" for event in office.service.record.audit("@workspace"))


def test_a_deadline_does_not_close_over_a_mandatory_unit_and_the_director_may(office):
    """After the last day the round waits for the Department of Home Affairs, until the director says why not."""
    for unit in ("finance", "district"):
        office.act("2026-05-11", "round", "respond", unit=unit, position="agree")
    office.act("2026-05-12", "round", "remind", units=["home"], text="Đề nghị gửi ý kiến trước 13/5")
    with pytest.raises(Refused) as refused:
        office.act("2026-05-20", "round", "close", reason="Gấp")
    assert [(reason.code, reason.who) for reason in refused.value.reasons] == [
        ("silent", ("home", "clerk")),
        ("decision-needed", ("director",)),
    ]
    with pytest.raises(NotPermitted):
        office.act("2026-05-20", "round", "close-by-decision", by="anna", reason="Gấp")
    office.act("2026-05-20", "round", "close-by-decision", by="dung", reason="Phiên họp ngày 25/5")
    data, texts = office.trail()[-1]
    assert texts[data["data"]["reason"]["text"]] == "Phiên họp ngày 25/5"
    assert (data["data"]["by"], data["data"]["counts"]["silent"]) == ("director", 1)


def test_sending_on_is_refused_while_an_opinion_is_unanswered(office):
    """`next` names it; with the answer and the synthesis the gate is open."""
    office.act("2026-05-06", "round", "respond", unit="finance", position="comments", article="Điều 1", text="Sửa")
    for unit in ("home", "district"):
        office.act("2026-05-11", "round", "respond", unit=unit, position="agree")
    office.act("2026-05-11", "portal", "post")
    office.act("2026-05-31", "portal", "close")
    with pytest.raises(Refused) as refused:
        office.advance("finish")
    assert "opinion-unanswered" in office.why_not("finish")
    assert "Điều 1" in "; ".join(map(str, refused.value.reasons))
    office.act("2026-06-01", "round", "answer", opinion=1, verdict="partly", taken_in="Sửa từ ngữ", reason="Luật định")
    office.act("2026-06-01", "round", "synthesise")
    assert office.advance("finish") == "signing"


def test_a_body_abolished_during_the_round_is_flagged_and_replaced(office):
    """On 1 July the district exists no longer: the next command notices, and the commune is asked in its place."""
    for unit in ("finance", "home"):
        office.act("2026-05-11", "round", "respond", unit=unit, position="agree")
    office.act("2026-07-02", "portal", "post")
    assert "unit-ceased" in {reason.code for reason in office.step("round").blockers}
    assert "replace/district" in {item.key for item in office.service.due() if item.open}
    office.act("2026-07-02", "round", "replace", unit="district", successor="commune")
    office.act("2026-07-03", "round", "respond", unit="commune", position="agree")
    assert (office.step("round").state, office.service.record.verify("p").findings) == ("closed", ())
    assert [each.name for each in office.service.plan("p").state.sendings if "commune" in each.to] == ["2.1"]


def test_a_letter_after_the_stage_was_left_is_kept_and_wants_its_answer(office):
    """With its true day; the step is named as unfinished until it is answered."""
    for unit in ("finance", "home"):
        office.act("2026-05-11", "round", "respond", unit=unit, position="agree")
    office.act("2026-05-14", "round", "close")
    office.act("2026-05-14", "round", "synthesise")
    office.act("2026-05-14", "portal", "post")
    office.act("2026-06-03", "portal", "close")
    office.advance("finish")
    office.act("2026-06-05", "asking/round", "respond", unit="district", position="disagree", text="Không nhất trí")
    (late,) = (each for each in office.step("round").data["opinions"] if each["late"])
    assert (late["on"], late["after_close"], office.step("round").state) == ("2026-06-05", True, "closed")
    office.act("2026-06-08", "asking/round", "answer", unit="district", verdict="explained", reason="Đã trình")
    assert office.step("round").state == "answered"


def test_the_days_of_a_posting_come_from_the_law_of_its_day(office):
    """Posted on 11 May 2026 for the twenty days of the 2025 law, off the portal for three, it ends on 3 June."""
    office.act("2026-05-11", "portal", "post")
    (reason,) = office.step("portal").blockers
    assert reason.since == date(2026, 5, 31)
    assert "unverified" in str(reason)
    (closing,) = (item for item in office.service.due() if item.key == "close")
    assert "31/05/2026" in closing.title.vi
    office.act("2026-05-15", "portal", "take-down", reason="Cổng bảo trì")
    office.act("2026-05-18", "portal", "put-back")
    with pytest.raises(Refused):
        office.act("2026-06-02", "portal", "close")
    office.act("2026-06-03", "portal", "close")
    assert office.step("portal").complete


def test_a_posting_that_cannot_fit_its_stage_says_so(office):
    """Posted on 11 June its twenty days end on 1 July, after the stage; the warning names both days."""
    office.act("2026-06-11", "portal", "post")
    warning = next(reason for reason in office.step("portal").blockers if reason.code == "does-not-fit")
    assert "2026-07-01" in str(warning) and "2026-06-30" in str(warning)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"unit": "commune", "position": "agree"}, Refused),
        ({"unit": "nobody", "position": "agree"}, NotFound),
        ({"unit": "@local", "position": "agree"}, Refused),
        ({"unit": "finance", "position": "agree", "about": "7.7"}, Refused),
        ({"unit": "finance", "position": "maybe"}, InvalidInput),
        ({"unit": "finance", "position": "comments", "text": "x" * 100_001}, InvalidInput),
        ({"unit": "finance", "position": "comments", "text": "a\x00b"}, InvalidInput),
        ({"unit": "finance", "position": "comments", "text": "a\x07b"}, InvalidInput),
        ({"unit": "finance", "position": "comments", "letter": "5" * 101}, InvalidInput),
    ],
)
def test_a_letter_that_cannot_be_one_changes_nothing(office, values, error):
    """Not invited, unknown, a group, a revision that was not sent, a wrong word, texts that cannot be kept."""
    before = office.service.plan("p").state
    with pytest.raises(error) as refused:
        office.act("2026-05-06", "round", "respond", **values)
    assert refused.value.reasons or refused.value.phrase.text
    assert office.service.plan("p").state == before


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "<w:p>", "=1+1", "x" * 100_000, "dòng 1\n\tdòng 2"])
def test_texts_are_kept_letter_by_letter(office, text):
    """Whatever they look like; the trail gives them back."""
    office.act("2026-05-06", "round", "respond", unit="finance", position="comments", text=text)
    data, texts = office.trail()[-1]
    assert texts[data["data"]["text"]["text"]] == text


def test_everything_replays_to_the_same_state(office):
    """After a round of every act the chain verifies and its events make the state that is stored."""
    office.act("2026-05-05", "round", "received", units=["finance", "district"])
    office.act("2026-05-06", "round", "respond", unit="finance", position="disagree", article="Điều 1", letter="5/STC")
    office.act("2026-05-07", "round", "supersede", unit="finance", position="comments", letter="6/STC")
    answered_by = office.clock.now().date() + timedelta(days=1)
    office.act(answered_by.isoformat(), "round", "answer", opinion=2, verdict="accepted")
    office.act("2026-05-11", "portal", "post")
    office.act("2026-05-12", "portal", "record", sender="Công ty A", text="Sửa", article="Điều 1")
    office.act("2026-05-12", "portal", "answer", comment=1, verdict="explained", reason="Luật định")
    assert office.service.record.verify("p").findings == ()
