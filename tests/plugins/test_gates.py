"""Gates on a text, through the service: what closes them, who opens them, and what is taken along.

The office drafts, Sở A (`dept-a`) examines and its acts are recorded by the clerk, the director decides.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from engine_kit import definition_of, service_with
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow.errors import NotPermitted, Refused, WorkflowError
from workflow.service.service import Service
from workflow.store.memory import MemoryStore
from workflow.views.plans import Write

DAY = date(2026, 3, 2)
DOCUMENTS = {"decision": {"title": "Dự thảo", "numbered": True}, "table": {"title": "Bảng tổng hợp"}}
DRAFTING = {"write": {"uses": "draft", "with": {"document": "decision", "number": 4}}}
REVISE = {"uses": "draft", "with": {"document": "decision", "number": 4, "revises": True}, "required": False}


class Plan:
    """One plan in a service, with short words for what is done on it."""

    def __init__(self, gate: dict[str, Any], transitions: dict[str, Any], **more: Any) -> None:
        stages = {
            "drafting": {"title": "Soạn thảo", "steps": DRAFTING, "transitions": {"submit": {"to": "gate"}}},
            "gate": {"title": "Cửa", "steps": {**gate, "revise": REVISE}, "transitions": transitions},
            "passed": {"title": "Xong", "final": True},
        }
        shape = {"normative": True, "documents": DOCUMENTS, "lead": "office", "stages": stages, **more}
        self.service: Service = service_with(definition_of(shape), store=MemoryStore())
        self.service.create("d", "p", Write(actor="officer", on=DAY))

    def act(self, step: str, action: str, actor: str = "officer", on: date = DAY, **values: Any) -> None:
        self.service.act("p", step, action, values, Write(actor=actor, on=on))

    def advance(self, trigger: str, on: date = DAY) -> str:
        return self.service.advance("p", trigger, Write(actor="officer", on=on)).plan.stage

    def at_the_gate(self) -> Plan:
        """Draft 4.1 is written, and the gate's stage entered."""
        self.act("write", "submit")
        self.advance("submit")
        return self

    def refused(self, trigger: str) -> list[str]:
        """Codes of the reasons for which the transition is refused."""
        with pytest.raises(Refused) as refused:
            self.advance(trigger)
        return [reason.code for reason in refused.value.reasons]

    def owed(self) -> dict[str, str | None]:
        """Open work at the gate by key, with who owes it; the optional revision left out."""
        return {item.key: item.owner for item in self.service.plan("p").owed if item.open and item.key != "draft"}

    def shown(self, step: str) -> list[str]:
        """Codes of the reasons that `show` gives for the newest round of a step."""
        (*_, newest) = [each for each in self.service.plan("p").steps if each.address == f"gate/{step}"]
        return [reason.code for reason in newest.blockers]


@pytest.fixture
def leader() -> Plan:
    """Draft 4.1 before the director, whose approval covers one revision."""
    gate = {"leader": {"uses": "report", "with": {"to": "director", "document": "decision", "approves": True}}}
    transitions = {
        "go-on": {"to": "passed", "outcome": {"leader": "approved"}},
        "again": {"to": "gate", "outcome": {"leader": "changes-requested"}, "reopen": ["leader"]},
    }
    plan = Plan(gate, transitions).at_the_gate()
    plan.act("leader", "send")
    return plan


def test_an_approval_covers_the_revision_that_was_sent_and_the_gate_opens(leader):
    """What was sent up is what is approved, by the office, and the text goes on."""
    leader.act("leader", "conclude", "boss", outcome="approved")

    (approval,) = leader.service.plan("p").state.approvals
    assert (approval.name, approval.by, approval.person) == ("4.1", "director", "boss")
    assert leader.advance("go-on") == "passed"


def test_after_an_edit_the_approval_visibly_covers_the_text_no_longer(leader):
    """The gate is closed, `show` says why, and the approver owes the extension."""
    leader.act("leader", "conclude", "boss", outcome="approved")
    leader.act("revise", "submit")

    assert leader.shown("leader") == ["approval-outdated"]
    assert leader.owed() == {"extend": "director"}
    assert leader.refused("go-on") == ["approval-outdated", "outcome-differs"]


def test_the_approver_alone_extends_the_approval(leader):
    """Those whom `by:` names cannot; the office can, by an act of its own, and then the gate opens."""
    leader.act("leader", "conclude", "boss", outcome="approved")
    leader.act("revise", "submit")

    with pytest.raises(NotPermitted):
        leader.act("leader", "extend", "other")
    leader.act("leader", "extend", "boss", text="Chỉ sửa kỹ thuật.")

    assert [approval.name for approval in leader.service.plan("p").state.approvals] == ["4.1", "4.2"]
    assert leader.owed() == {}
    assert leader.advance("go-on") == "passed"


def test_an_approval_of_the_newest_text_needs_no_extension(leader):
    """Extending without need is refused; the approval stands as it is."""
    leader.act("leader", "conclude", "boss", outcome="approved")

    with pytest.raises(Refused) as refused:
        leader.act("leader", "extend", "boss")

    assert [reason.code for reason in refused.value.reasons] == ["nothing-to-extend"]


def test_a_text_edited_while_it_lay_with_the_leader_is_not_the_approved_one(leader):
    """4.1 was sent, so 4.1 is approved, whatever was handed in before the conclusion."""
    leader.act("revise", "submit")
    leader.act("leader", "conclude", "boss", outcome="approved")

    assert leader.shown("leader") == ["approval-outdated"]


def test_the_gate_is_held_without_asking_for_an_outcome():
    """A transition forwards that names no outcome is held by an outdated approval all the same."""
    gate = {"leader": {"uses": "report", "with": {"to": "director", "document": "decision", "approves": True}}}
    plan = Plan(gate, {"go-on": {"to": "passed"}}).at_the_gate()
    plan.act("leader", "send")
    plan.act("leader", "conclude", "boss", outcome="approved")
    plan.act("revise", "submit")

    assert plan.refused("go-on") == ["approval-outdated"]


def test_each_conclusion_is_taken_in_or_answered_before_the_gate_opens(leader):
    """Both ways settle one; the refusal names those that are open."""
    leader.act("leader", "conclude", "boss", outcome="approved", conclusion=["Một", "Hai"])
    assert leader.refused("go-on") == ["conclusions-open", "conclusions-open", "outcome-differs"]
    assert leader.owed() == {"conclusion-1-1": "office", "conclusion-1-2": "office"}

    leader.act("leader", "take-in", conclusion="1-1")
    assert leader.shown("leader") == ["conclusions-open"]
    leader.act("leader", "answer", conclusion="1-2", text="Thuộc quy định khác.")

    assert leader.advance("go-on") == "passed"


@pytest.mark.parametrize(("conclusion", "code"), [("1-9", "unknown-conclusion"), ("1-1", "settled-already")])
def test_a_conclusion_is_settled_once(leader, conclusion, code):
    """One that nobody drew, and one that is settled, are refused."""
    leader.act("leader", "conclude", "boss", outcome="changes-requested", conclusion=["Một"])
    leader.act("leader", "take-in", conclusion="1-1")

    with pytest.raises(Refused) as refused:
        leader.act("leader", "answer", conclusion=conclusion, text="…")

    assert [reason.code for reason in refused.value.reasons] == [code]


def test_rounds_go_on_with_the_same_draft_number(leader):
    """Changes are asked for twice: 4.1, 4.2 and 4.3 go up, all of lần 4, and each round stays."""
    for round_ in (1, 2):
        leader.act("leader", "conclude", "boss", outcome="changes-requested", conclusion=["Sửa"])
        assert "outcome-differs" in leader.refused("again")
        leader.act("revise", "submit")
        leader.act("leader", "take-in", conclusion=f"{round_}-1")
        leader.advance("again")
        leader.act("leader", "send")
    leader.act("leader", "conclude", "boss", outcome="approved")

    state = leader.service.plan("p").state
    assert [sending.name for sending in state.sendings] == ["4.1", "4.2", "4.3"]
    assert [round_.phase for round_ in state.steps["gate/leader"].rounds] == [
        "changes-requested",
        "changes-requested",
        "approved",
    ]


def test_a_text_that_goes_back_at_once_takes_its_open_conclusions_along():
    """Where the definition lets it, the next round has them, and is not sent before they are settled."""
    gate = {"leader": {"uses": "report", "with": {"to": "director", "document": "decision"}}}
    back = {"to": "drafting", "outcome": {"leader": ["changes-requested", "conclusions-open"]}, "reopen": ["write"]}
    plan = Plan(gate, {"go-on": {"to": "passed", "outcome": {"leader": "approved"}}, "back": back}).at_the_gate()
    plan.act("leader", "send")
    plan.act("leader", "conclude", "boss", outcome="changes-requested", conclusion=["Một", "Hai"])
    plan.advance("back")
    plan.act("gate/leader", "take-in", conclusion="1-1")
    plan.at_the_gate()

    with pytest.raises(Refused) as refused:
        plan.act("leader", "send")
    assert [str(reason) for reason in refused.value.reasons] == [
        "conclusion 1-2 of director was neither taken in nor answered"
    ]
    with pytest.raises(Refused):
        plan.act("leader@1", "take-in", conclusion="1-2")
    plan.act("leader", "answer", conclusion="1-2", text="Đã có quy định.")
    plan.act("leader", "send")


EXAMINED = {
    "body": "dept-a",
    "document": "decision",
    "answer_days": 5,
    "supplement_days": 2,
}
NOT_YET = {"justice": "not-eligible"}
BACK = {
    "return-to-gate": {"to": "gate", "outcome": NOT_YET, "reopen": ["revise"]},
    "return-to-drafting": {"to": "drafting", "outcome": NOT_YET, "reopen": ["write", "gate/revise"]},
}
ON = {"go-on": {"to": "passed", "outcome": {"justice": ["eligible", "eligible-after-revision"]}}}


def examined(normative: bool = True, **options: Any) -> Plan:
    """Draft 4.1 with the body."""
    gate = {"justice": {"uses": "appraisal", "with": {**EXAMINED, **options}}}
    plan = Plan(gate, {**ON, **BACK}, normative=normative).at_the_gate()
    plan.act("justice", "send")
    return plan


def test_a_dossier_lacks_what_belongs_to_it():
    """Each paper without a revision is named, and nothing is sent."""
    plan = Plan({"justice": {"uses": "appraisal", "with": {**EXAMINED, "papers": ["table"]}}}, ON).at_the_gate()

    with pytest.raises(Refused) as refused:
        plan.act("justice", "send")

    assert refused.value.code == "nothing-to-send"
    assert [str(reason) for reason in refused.value.reasons] == ["there is no revision of `table` to send"]


def test_whoever_holds_the_dossier_is_late():
    """The body's days run from the full dossier; while papers are missing the lead owes, and is late."""
    plan = examined()
    assert plan.owed() == {"report": "dept-a"}
    plan.act("justice", "receive", on=date(2026, 3, 3))
    plan.act("justice", "ask-supplement", on=date(2026, 3, 4), missing="Bảng tổng hợp")
    assert plan.owed() == {"supplement": "office"}

    held = {item.key: item for item in plan.service.plan("p", on=date(2026, 3, 9)).owed if item.open}
    assert (held["supplement"].due_on, held["supplement"].days_late) == ("2026-03-06", 3)

    plan.act("justice", "supplement", on=date(2026, 3, 10))
    plan.act("justice", "accept-dossier", on=date(2026, 3, 11))
    items = {item.key: item for item in plan.service.plan("p", on=date(2026, 3, 18)).owed}
    assert (items["report"].owner, items["report"].due_on, items["report"].late) == ("dept-a", "2026-03-18", False)
    assert (items["supplement"].open, items["supplement"].late) == (False, True)


def test_eligible_after_revision_goes_on_only_answered_and_revised():
    """Neither the written answer nor the revised draft alone is enough."""
    plan = examined()
    plan.act("justice", "report", outcome="eligible-after-revision", grounds=["Điều 3", "Điều 4"])
    assert plan.refused("go-on") == ["ground-unanswered", "ground-unanswered", "not-revised", "outcome-differs"]
    assert plan.owed() == {"answer-1-1": "office", "answer-1-2": "office", "revise": "office"}

    plan.act("justice", "answer-ground", ground="1-1", verdict="accepted", text="Đã sửa.")
    plan.act("revise", "submit")
    assert plan.refused("go-on") == ["ground-unanswered", "outcome-differs"]
    plan.act("justice", "answer-ground", ground="1-2", verdict="explained", text="Giữ như dự thảo vì…")

    assert plan.owed() == {}
    assert plan.advance("go-on") == "passed"


def test_a_second_dossier_goes_out_only_when_every_ground_was_answered():
    """Four grounds of the first report come along into the second round; both reports stay."""
    plan = examined()
    plan.act("justice", "report", outcome="not-eligible", number="21/BC-STP", grounds=["Một", "Hai", "Ba", "Bốn"])
    plan.advance("return-to-gate")
    with pytest.raises(Refused) as refused:
        plan.act("justice", "send")
    assert [reason.code for reason in refused.value.reasons] == ["ground-unanswered"] * 4
    for number in (1, 2, 3, 4):
        plan.act("justice", "answer-ground", ground=f"1-{number}", verdict="accepted", text="Đã sửa.")
    plan.act("revise", "submit")
    plan.act("justice", "send")
    plan.act("justice", "report", outcome="eligible", number="24/BC-STP")

    rounds = plan.service.plan("p").state.steps["gate/justice"].rounds
    assert [(round_.phase, round_.state["report_number"]) for round_ in rounds] == [
        ("not-eligible", "21/BC-STP"),
        ("eligible", "24/BC-STP"),
    ]
    assert plan.advance("go-on") == "passed"


def test_grounds_can_be_answered_while_the_text_is_being_redrafted():
    """The stage was left, the answer is still owed and possible; the new round does not ask for it again."""
    plan = examined()
    plan.act("justice", "report", outcome="not-eligible", grounds=["Một"])
    plan.advance("return-to-drafting")
    assert plan.owed()["answer-1-1"] == "office"
    plan.act("gate/justice", "answer-ground", ground="1-1", verdict="accepted", text="Đã sửa.")
    plan.at_the_gate()

    plan.act("justice", "send")


@pytest.mark.parametrize(
    ("trigger", "stage", "again"),
    [("return-to-gate", "gate", {"justice": 2}), ("return-to-drafting", "drafting", {"write": 2})],
)
def test_whoever_sends_back_chooses_among_what_the_definition_allows(trigger, stage, again):
    """One bad outcome has two ways back, each to its own stage with what it opens again."""
    plan = examined()
    plan.act("justice", "report", outcome="not-eligible", grounds=["Một"])
    moves = {move.trigger for move in plan.service.next("p").moves if not move.reasons}
    assert moves == {"return-to-gate", "return-to-drafting"}

    assert plan.advance(trigger) == stage
    steps = plan.service.plan("p").state.steps
    assert {name: len(steps[f"{stage}/{name}"].rounds) for name in again} == again


def test_a_report_on_what_is_not_normative_is_advice():
    """Its outcome counts at once and nothing waits for the answers."""
    plan = examined(normative=False)
    plan.act("justice", "report", outcome="eligible-after-revision", grounds=["Một"])

    assert plan.owed() == {}
    assert plan.advance("go-on") == "passed"


@pytest.mark.parametrize("reopens", [True, False])
def test_a_changed_text_opens_the_other_gate_again_where_the_definition_says_so(reopens):
    """Side by side, the report's conclusion changes the text; the examination is then sent anew, or stands."""
    plan = examined(reopens_on_change=reopens)
    plan.act("justice", "report", outcome="eligible")
    plan.act("revise", "submit")

    if reopens:
        assert plan.refused("go-on") == ["text-changed", "outcome-differs"]
        assert plan.owed() == {"send": "office"}
        plan.act("justice", "send")
        plan.act("justice", "report", outcome="eligible")
    assert plan.advance("go-on") == "passed"


STEPS = st.lists(
    st.sampled_from(
        [
            ("revise", "submit", "officer", {}),
            ("write", "submit", "officer", {}),
            ("leader", "send", "officer", {}),
            ("leader", "conclude", "boss", {"outcome": "approved"}),
            ("leader", "conclude", "boss", {"outcome": "approved", "conclusion": ["Một"]}),
            ("leader", "conclude", "boss", {"outcome": "changes-requested", "conclusion": ["Một"]}),
            ("leader", "take-in", "officer", {"conclusion": "1-1"}),
            ("leader", "answer", "officer", {"conclusion": "2-1", "text": "…"}),
            ("leader", "extend", "boss", {}),
            ("go-on", "advance", "officer", {}),
            ("past", "advance", "officer", {}),
            ("again", "advance", "officer", {}),
            ("back", "advance", "officer", {}),
        ]
    ),
    min_size=8,
    max_size=25,
)


@given(STEPS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_order_of_acts_passes_the_gate_with_another_revision_than_the_approved_one(steps):
    """Whatever is tried, the text that leaves the stage is one that the director approved as it is."""
    gate = {"leader": {"uses": "report", "with": {"to": "director", "document": "decision", "approves": True}}}
    asked = {"leader": "changes-requested"}
    transitions = {
        "go-on": {"to": "passed", "outcome": {"leader": "approved"}},
        "past": {"to": "passed"},
        "again": {"to": "gate", "outcome": asked, "reopen": ["leader"]},
        "back": {"to": "drafting", "outcome": asked, "reopen": ["write", "leader"]},
    }
    plan = Plan(gate, transitions).at_the_gate()
    for step, action, actor, values in steps:
        try:
            if action == "advance":
                plan.advance(step)
            else:
                plan.act(step, action, actor, **values)
        except WorkflowError:
            continue
        state = plan.service.plan("p").state
        if state.stage == "passed":
            newest = state.latest_revision("decision")
            assert newest.name in {each.name for each in state.approvals if each.by == "director"}
            assert plan.service.record.verify().findings == ()
            break
