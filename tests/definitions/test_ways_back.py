"""Every way back of the drafting definitions leads on to the end again, with the rounds it names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from workflow.bootstrap import Workspace, init_workspace, open_workspace
from workflow.clock import SimulatedClock
from workflow.views.plans import StepDetail, Write

RENEWAL, SCHEME, PRODUCTIVITY = (
    "support-technology-renewal-2019",
    "technology-market-scheme-2021",
    "productivity-plan-2021",
)
TEMPLATE = "provincial-normative-document-template"

# Definition, the step that ends badly, how it ends, the trigger that follows, where that leads.
WAYS_BACK = [
    (RENEWAL, "internal-opinions/direction", "changes-requested", "redraft", "first-draft"),
    (RENEWAL, "appraisal/justice", "not-eligible", "return", "departments-opinions"),
    (RENEWAL, "leadership-review/report", "changes-requested", "report-again", "leadership-review"),
    (RENEWAL, "verification/office", "returned", "return-dossier", "leadership-review"),
    (RENEWAL, "vice-chairman/report", "changes-requested", "report-again", "vice-chairman"),
    (RENEWAL, "session/vote", "sent-back", "send-back", "vice-chairman"),
    (SCHEME, "verification/office", "returned", "return-dossier", "departments-opinions"),
    (SCHEME, "verification/vice-chairman", "changes-requested", "report-again", "verification"),
    (SCHEME, "session/vote", "sent-back", "send-back", "verification"),
    (PRODUCTIVITY, "committee-opinions/office", "returned", "return-dossier", "departments-opinions"),
    (PRODUCTIVITY, "promulgation/committee", "sent-back", "submit-again", "promulgation"),
    (TEMPLATE, "internal-opinions/direction", "changes-requested", "redraft", "first-draft"),
    (TEMPLATE, "appraisal/justice", "not-eligible", "return", "departments-opinions"),
    (TEMPLATE, "verification/office", "returned", "return-dossier", "appraisal"),
    (TEMPLATE, "vice-chairman/report", "changes-requested", "report-again", "vice-chairman"),
    (TEMPLATE, "session/vote", "sent-back", "send-back", "vice-chairman"),
]
GOOD = {"report": "approved", "appraisal": "eligible", "verification": "verified", "submission": "passed"}


class Office:
    """A clerk and a director who carry a plan through, whatever its definition is."""

    def __init__(self, workspace: Workspace, clock: SimulatedClock, paper: Path) -> None:
        self.service, self.clock, self.paper = workspace.service, clock, paper

    def create(self, definition: str) -> None:
        self.service.create(definition, "plan", Write(actor="van-thu"))

    def finish(self, bad: tuple[str, str, str] | None = None) -> list[str]:
        """Carry the plan to its end; return the stages entered on the way.

        Args:
            bad: A step to end once with this outcome, and the trigger to fire after it.
        """
        entered = []
        for _ in range(60):
            plan = self.service.plan("plan")
            if plan.state.status == "finished":
                return entered
            trigger = self._work(plan.state.stage, bad)
            if trigger is not None:
                bad = None
            entered.append(self._advance(trigger))
        raise AssertionError(f"no end in sight: {entered[-10:]}")

    def _work(self, stage: str, bad: tuple[str, str, str] | None) -> str | None:
        """End all that is open in the stage; return the trigger to fire where a step ended badly."""
        trigger = None
        while waiting := self._waiting(stage):
            for step in waiting:
                outcome = GOOD.get(step.uses)
                if bad is not None and step.address == bad[0] and trigger is None:
                    outcome, trigger = bad[1], bad[2]
                self._end(step, outcome)
        if trigger is None:
            self._extend(stage)
            self._renew()
        return trigger

    def _renew(self) -> None:
        """Hand in again each paper that is older than the draft it speaks of."""
        detail = self.service.next("plan")
        reasons = [reason for move in detail.moves for reason in move.reasons if reason.code == "paper-outdated"]
        for paper in dict.fromkeys(reason.phrase.params["document"] for reason in reasons):
            offered = [one for one in detail.actions if one.action.name in ("submit", "file")]
            step = next(one for one in offered if one.step.endswith((f"/{paper}", "/dossier")))
            values = {"paper": paper} if step.action.name == "file" else {}
            write = Write(actor="van-thu", attach=(self.paper,))
            self.service.act("plan", step.step, step.action.name, values, write)

    def _extend(self, stage: str) -> None:
        """Let each approver extend his approval to the text that was edited since."""
        for step in self.service.plan("plan").steps:
            if step.address.startswith(f"{stage}/") and "approval-outdated" in {each.code for each in step.blockers}:
                (holder, *_) = self.service.register.holders("vice-chairman-in-charge", self.service.today())
                self.service.act("plan", step.address, "extend", {}, Write(actor=holder))

    def _waiting(self, stage: str) -> list[StepDetail]:
        steps = self.service.plan("plan").steps
        return [
            step
            for step in steps
            if not step.complete
            and not step.ended
            and step.uses != "duty"
            and step.address.split("/")[0]
            in (
                stage,
                step.address,
            )
        ]

    def _end(self, step: StepDetail, outcome: str | None) -> None:
        match step.uses:
            case "task":
                self._act(step, "complete")
            case "draft":
                self._act(step, "submit", attach=(self.paper,))
            case "consultation":
                for asked in step.data["asked"]:
                    self._act(step, "respond", unit=asked["unit"], position="agree")
                if step.address.endswith("/meeting"):
                    self._act(step, "minutes", attach=(self.paper,), attended=[step.data["asked"][0]["unit"]])
                self._act(step, "synthesise")
            case "public-comment":
                self._act(step, "post")
                self.clock.move_to(self.service.today() + timedelta(days=31))
                self._act(step, "close")
            case "submission":
                self._act(step, "submit")
                self._act(step, "decide", outcome=outcome)
            case "appraisal":
                for ground in step.data["points"]:
                    self._act(step, "answer-ground", ground=ground["id"], verdict="accepted", text="Taken in.")
                self._act(step, "send")
                self._act(step, "report", outcome=outcome, grounds=["A ground."])
            case _:
                self._act(step, "send")
                self._act(step, "conclude", outcome=outcome, text="A text.")

    def _act(self, step: StepDetail, action: str, attach: tuple[Path, ...] = (), **values: Any) -> None:
        write = Write(actor="van-thu", attach=attach)
        self.service.act("plan", f"{step.address}@{step.round}", action, values, write)

    def _advance(self, trigger: str | None) -> str:
        if trigger is None:
            trigger = next(move.trigger for move in self.service.next("plan").moves if not move.reasons)
        clerk_may = self._may("van-thu", trigger)
        write = Write(actor="van-thu" if clerk_may else "nguyen-thanh-binh")
        return self.service.advance("plan", trigger, write).plan.stage

    def _may(self, actor: str, trigger: str) -> bool:
        moves = self.service.next("plan", actor=actor).moves
        return any(move.permitted for move in moves if move.trigger == trigger)

    def rounds(self, address: str) -> int:
        """How often a step was opened."""
        return len(self.service.plan("plan").state.steps[address].rounds)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with the shipped people and an empty workspace."""
    clock = SimulatedClock(datetime(2025, 1, 6, 1, tzinfo=UTC))
    root = init_workspace(tmp_path / "office")
    workspace = open_workspace(root, clock=clock)
    workspace.service.load_people((root / "people.yaml").read_bytes(), "people.yaml", Write(actor=None))
    paper = tmp_path / "paper.txt"
    paper.write_text("Dự thảo", encoding="utf-8")
    yield Office(workspace, clock, paper)
    workspace.close()


@pytest.mark.parametrize("definition", [RENEWAL, SCHEME, PRODUCTIVITY, TEMPLATE])
def test_the_straight_way_enters_every_stage_once(office, shipped, definition):
    """Where everything ends well the plan goes through its stages in order."""
    office.create(definition)

    assert office.finish() == list(shipped[definition].definition.stages)[1:]


@pytest.mark.parametrize(("definition", "step", "outcome", "trigger", "target"), WAYS_BACK)
def test_a_way_back_opens_a_new_round_and_still_ends(office, definition, step, outcome, trigger, target):
    """The bad end sends the plan back, the step is judged again in a new round, and the plan ends."""
    office.create(definition)

    entered = office.finish((step, outcome, trigger))

    assert target in entered
    assert office.rounds(step) == 2
    assert [owed.item for owed in office.service.plan("plan").owed if owed.open] == []


@pytest.mark.parametrize("definition", [RENEWAL, SCHEME, PRODUCTIVITY, TEMPLATE])
def test_every_way_back_is_tried_here(shipped, definition):
    """A transition to an earlier or the same stage that asks for an outcome stands in the table above."""
    stages = shipped[definition].definition.stages
    order = list(stages)
    back = {
        (id_, trigger)
        for id_, stage in stages.items()
        for trigger, move in stage.transitions.items()
        if order.index(move.to) <= order.index(id_)
    }
    tried = {(step.split("/")[0], trigger) for one, step, _, trigger, _ in WAYS_BACK if one == definition}
    # Fired at will, not after a bad end: the Director's "again", and asking the Vice-Chairman once more.
    at_will = {("internal-synthesis", "revise-again"), ("completion", "report-again")}

    assert back - at_will == tried
