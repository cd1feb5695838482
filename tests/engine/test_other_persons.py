"""Who may not: people kept from a whole stage by what they did before, and how that is told."""

from __future__ import annotations

import pytest
from engine.kit import DAY, begun, codes, state, to
from engine_kit import OFFICER_AT

from workflow.catalogue import Catalogue
from workflow.errors import NotPermitted, Refused
from workflow.service.service import Service

TASK = {"uses": "task"}
STRANGER = OFFICER_AT(DAY, actor="stranger")
STAGES = {
    "a": {"steps": {"write": TASK}, "transitions": {"go": to("b")}},
    "b": {
        "not_same_person_as": ["a/write", "check"],
        "steps": {"check": TASK, "file": {**TASK, "required": False}},
        "transitions": {"end": to("c", not_same_person_as="a/write")},
    },
    "c": {},
}


def written(**more: object) -> Service:
    """Return a plan whose text `officer` wrote, in the stage that excludes them."""
    service = begun({**STAGES, **more})
    service.act("p", "write", "complete", {}, OFFICER_AT(DAY))
    service.advance("p", "go", OFFICER_AT(DAY))
    return service


@pytest.mark.parametrize("step", ["check", "file"])
def test_whoever_acted_before_can_act_on_no_step_of_the_stage(step: str):
    """Each step of the stage is another person's."""
    service = written()

    with pytest.raises(Refused) as refused:
        service.act("p", step, "complete", {}, OFFICER_AT(DAY))
    service.act("p", step, "complete", {}, OFFICER_AT(DAY, actor="other"))

    assert ("same-person", "a/write") == (refused.value.code, refused.value.params["other"])


def test_whoever_acted_before_can_fire_no_transition_of_the_stage():
    """The reason is told once, though stage and transition both name the step."""
    service = written(
        b={**STAGES["b"], "steps": {"file": {**TASK, "required": False}}, "not_same_person_as": "a/write"}
    )

    with pytest.raises(Refused) as refused:
        service.advance("p", "end", OFFICER_AT(DAY))
    service.advance("p", "end", OFFICER_AT(DAY, actor="other"))

    assert ["same-person"] == [reason.code for reason in refused.value.reasons]
    assert "c" == state(service).stage


def test_a_step_of_the_stage_itself_stays_its_own_persons():
    """Who began the named step finishes it, but does nothing else in the stage."""
    service = written()
    service.act("p", "check", "hand-in", {}, OFFICER_AT(DAY, actor="other"))

    service.act("p", "check", "accept", {}, OFFICER_AT(DAY, actor="other"))
    with pytest.raises(Refused) as act:
        service.act("p", "file", "complete", {}, OFFICER_AT(DAY, actor="other"))
    with pytest.raises(Refused) as move:
        service.advance("p", "end", OFFICER_AT(DAY, actor="other"))

    assert "same-person" == act.value.code
    assert {"same-person"} == codes(move.value)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (lambda service: service.create("d", "q", STRANGER), "lập kế hoạch này"),
        (lambda service: service.advance("p", "go", STRANGER), "thực hiện chuyển bước `go`"),
        (lambda service: service.act("p", "write", "complete", {}, STRANGER), "thực hiện `complete` ở bước `a/write`"),
        (lambda service: service.suspend("p", STRANGER, reason="chờ"), "thay đổi tình trạng kế hoạch"),
        (lambda service: service.correct("p", 3, STRANGER, reason="nhầm"), "đính chính hồ sơ"),
    ],
)
def test_who_may_not_is_told_in_the_readers_language(command, words: str):
    """The whole sentence is in one language, what was tried included."""
    service = begun(STAGES)
    service.act("p", "write", "hand-in", {}, OFFICER_AT(DAY))

    with pytest.raises(NotPermitted) as forbidden:
        command(service)

    assert f"`stranger` không có thẩm quyền: {words}; việc này thuộc về drafter" == Catalogue("vi").text(
        forbidden.value.phrase
    )
