"""The People's Council's leg of the submission's page, played: committee, its verification, the Council's vote."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from engine_kit import service_with

from workflow.audit import canonical_json
from workflow.errors import Refused
from workflow.language.loader import load
from workflow.views.plans import Write

PAGE = (Path(__file__).parents[2] / "plugins" / "submission.md").read_text("utf-8")
EXAMPLE = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S)[0]
BODIES = ("phong-qlcn", "ubnd-tinh", "ban-kinh-te-ngan-sach", "hdnd-tinh")
PEOPLE = {
    "people": 1,
    "units": {body: {"name": body} for body in BODIES},
    "persons": {body + "-person": {"name": body, "unit": body} for body in BODIES},
}


class Leg:
    """A plan of the page's example, each body acting for itself."""

    def __init__(self) -> None:
        definition = load(EXAMPLE.encode(), "example.yaml").definition
        self.service = service_with(definition)
        self.service.load_people(canonical_json(PEOPLE), "people.yaml", Write(actor=None))
        self.id = definition.id
        self.service.create(self.id, "p", self._by("phong-qlcn"))

    def _by(self, body: str) -> Write:
        return Write(actor=body + "-person")

    def act(self, step: str, action: str, body: str = "phong-qlcn", **values: Any) -> None:
        self.service.act("p", step, action, values, self._by(body))

    def advance(self, trigger: str) -> str:
        return self.service.advance("p", trigger, self._by("phong-qlcn")).plan.stage


@pytest.fixture
def leg() -> Leg:
    """The dossier is complete, UBND tỉnh has passed it, and the Council's committee has it."""
    leg = Leg()
    leg.act("write", "submit")
    leg.act("paper", "submit")
    leg.advance("submit")
    leg.act("vote", "submit")
    leg.act("vote", "decide", "ubnd-tinh", outcome="passed", votes_for=20, members=29)
    assert leg.advance("to-council") == "council-verification"
    leg.act("verify", "send")
    return leg


def test_the_committee_verifies_before_the_council_votes(leg):
    """Its grounds are answered and the text revised; then the Council passes exactly what lies before it."""
    leg.act("verify", "conclude", "ban-kinh-te-ngan-sach", outcome="verified-after-revision", grounds=["Điều 2"])
    leg.act("verify", "answer-ground", ground="1-1", verdict="accepted", text="Đã sửa.")
    with pytest.raises(Refused):
        leg.advance("to-session")
    leg.act("revise", "submit")
    leg.advance("to-session")
    leg.act("council-vote", "submit")
    with pytest.raises(Refused):
        leg.act("council-vote", "decide", "hdnd-tinh", outcome="passed", votes_for=25, members=50)
    leg.act("council-vote", "decide", "hdnd-tinh", outcome="passed", votes_for=26, votes_against=20, members=50)

    assert leg.advance("promulgate") == "done"
    approved = {each.document: (each.name, each.by) for each in leg.service.plan("p").state.approvals}
    assert approved == {"resolution": ("1.2", "hdnd-tinh"), "submission-paper": ("1.1", "hdnd-tinh")}


def test_the_council_sends_back_to_a_second_verification(leg):
    """Both rounds of the committee stay."""
    leg.act("verify", "conclude", "ban-kinh-te-ngan-sach", outcome="verified")
    leg.advance("to-session")
    leg.act("council-vote", "submit")
    leg.act("council-vote", "decide", "hdnd-tinh", outcome="sent-back", votes_for=20, votes_against=26, members=50)

    assert leg.advance("revise-again") == "council-verification"
    assert len(leg.service.plan("p").state.steps["council-verification/verify"].rounds) == 2


def test_the_committee_may_return_the_dossier_to_the_drafters(leg):
    """The whole way is gone again, UBND's vote included."""
    leg.act("verify", "conclude", "ban-kinh-te-ngan-sach", outcome="returned", text="Chưa đủ hồ sơ.")

    assert leg.advance("return") == "drafting"
    leg.act("write", "submit")
    leg.advance("submit")
    assert len(leg.service.plan("p").state.steps["committee/vote"].rounds) == 2
