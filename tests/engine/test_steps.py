"""Steps: when they open, wait, are left, opened again, and what may be done on them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from engine.kit import DAY, begun, codes, events, stages_of, state, to, types
from engine_kit import OFFICER_AT, service_with

from workflow.errors import InvalidInput, NotFound, NotPermitted, Refused
from workflow.plan.state import StepRound
from workflow.service.service import Service

LATER = DAY + timedelta(days=10)
TASK = {"uses": "task"}
VERDICT = {"uses": "verdict"}
LOOP = {
    "a": {"steps": {"work": TASK, "extra": TASK}, "transitions": {"go": to("b")}},
    "b": {
        "steps": {"judge": VERDICT, "file": TASK},
        "transitions": {
            "end": to("c", outcome={"judge": "passed"}),
            "back": to("a", outcome={"judge": "failed"}, reopen=["a/work"]),
        },
    },
    "c": {},
}


def rounds(service: Service, address: str) -> tuple[StepRound, ...]:
    """Return the rounds of a step, none where it was never opened."""
    step = state(service).step(address)
    return step.rounds if step else ()


def complete(service: Service, *steps: str) -> None:
    """Complete these tasks on `DAY`."""
    for step in steps:
        service.act("p", step, "complete", {}, OFFICER_AT(DAY))


@pytest.mark.parametrize(
    ("step", "action", "code"),
    [
        ("wrok", "complete", "unknown-step"),
        ("nowhere/work", "complete", "unknown-step"),
        ("x" * 10_000, "complete", "unknown-step"),
        ("work@7", "complete", "unknown-round"),
        ("work@0", "complete", "unknown-round"),
        ("work@" + "9" * 10_000, "complete", "unknown-round"),
        ("work@one", "complete", "unknown-round"),
        ("work@", "complete", "unknown-round"),
        ("work", "finish", "unknown-action"),
        ("work", "x" * 10_000, "unknown-action"),
        ("work", "__class__", "unknown-action"),
    ],
)
def test_unknown_steps_rounds_and_actions_are_bad_input(step: str, action: str, code: str):
    """What does not exist is exit 2, in one short message, and changes nothing."""
    service = begun(LOOP)
    before = service.store.plan("p")

    with pytest.raises(NotFound) as unknown:
        service.act("p", step, action, {}, OFFICER_AT(DAY))

    assert (code, 2) == (unknown.value.code, unknown.value.exit_code)
    assert len(str(unknown.value)) < 400
    assert before == service.store.plan("p")


def test_a_misspelt_step_is_answered_with_the_near_one():
    """The message suggests what was probably meant."""
    service = begun(LOOP)

    with pytest.raises(NotFound) as unknown:
        service.act("p", "a/wrok", "complete", {}, OFFICER_AT(DAY))

    assert "a/work" in str(unknown.value.hint)


def test_every_wrong_parameter_is_told_at_once():
    """Missing and unknown values are one reason each."""
    service = begun(LOOP)
    service.act("p", "work", "hand-in", {}, OFFICER_AT(DAY))

    with pytest.raises(InvalidInput) as bad:
        service.act("p", "work", "return", {"colour": "red"}, OFFICER_AT(DAY))

    assert {"parameter-missing-key", "parameter-unknown-key"} == codes(bad.value)


def test_an_action_the_steps_machine_does_not_allow_is_refused():
    """What the step's state has no edge for is refused, with what is possible instead."""
    service = begun(LOOP)

    with pytest.raises(Refused) as refused:
        service.act("p", "work", "accept", {}, OFFICER_AT(DAY))

    assert "action-not-possible" == refused.value.code
    assert "possible now: hand-in (Hand in), complete (Complete)" == str(refused.value.hint)


def test_an_action_belongs_to_who_may_act_on_the_step():
    """The step's own `by:` counts before its stage's and the definition's."""
    service = begun({"a": {"by": "director", "steps": {"work": {**TASK, "by": "dept-a"}}}, "b": {}})

    with pytest.raises(NotPermitted):
        service.act("p", "work", "complete", {}, OFFICER_AT(DAY, actor="boss"))
    service.act("p", "work", "complete", {}, OFFICER_AT(DAY, actor="stranger"))

    assert rounds(service, "a/work")[-1].complete


def test_a_step_waits_for_those_it_comes_after():
    """`after:` keeps a step closed, then opens it in the command that completes the last of them."""
    steps = {"one": TASK, "two": TASK, "three": {**TASK, "after": ["one", "two"]}}
    service = begun({"a": {"steps": steps, "transitions": {"go": to("b")}}, "b": {}})
    complete(service, "one")

    with pytest.raises(Refused) as refused:
        complete(service, "three")
    with pytest.raises(Refused) as blocked:
        service.advance("p", "go", OFFICER_AT(DAY))
    complete(service, "two")

    assert {"step-not-open"} == codes(refused.value)
    assert {"step-not-open", "step-open", "not-done"} == codes(blocked.value)
    assert ["step_acted", "step_opened"] == types(service)[-2:]
    assert 1 == len(rounds(service, "a/three"))


def test_a_step_opens_on_the_last_day_of_what_it_waited_for():
    """Entering an earlier letter last does not open what follows before the later one."""
    steps = {"one": TASK, "two": TASK, "three": {**TASK, "after": ["one", "two"]}}
    service = begun({"a": {"steps": steps}, "b": {}})
    service.act("p", "one", "complete", {}, OFFICER_AT(LATER))
    service.act("p", "two", "complete", {}, OFFICER_AT(DAY))

    assert LATER.isoformat() == rounds(service, "a/three")[0].opened_on


def test_stages_overlap_where_a_transition_allows_it():
    """With `allow_open_steps` the steps left open go on, and keep the plan from ending."""
    stages = {
        "a": {"steps": {"work": TASK}, "transitions": {"go": to("b", allow_open_steps=True)}},
        "b": {"transitions": {"end": to("c")}},
        "c": {},
    }
    service = begun(stages)
    service.advance("p", "go", OFFICER_AT(DAY))

    with pytest.raises(Refused) as refused:
        service.advance("p", "end", OFFICER_AT(DAY))
    complete(service, "a/work")
    service.advance("p", "end", OFFICER_AT(DAY))

    assert "step-open" in codes(refused.value)
    assert "finished" == state(service).status


def test_optional_steps_end_when_their_stage_is_left():
    """What was not required and not done is ended, and nothing more can be done on it."""
    steps = {"work": {**TASK, "required": False}}
    service = begun(
        {"a": {"steps": steps, "transitions": {"go": to("b")}}, "b": {"transitions": {"x": to("c")}}, "c": {}}
    )
    service.advance("p", "go", OFFICER_AT(DAY))

    with pytest.raises(Refused) as refused:
        complete(service, "a/work")

    assert rounds(service, "a/work")[0].ended
    assert "step-left" == refused.value.code
    assert () == service.due()


def test_what_a_type_allows_late_is_taken_after_the_stage_was_left():
    """A `late` action is possible on a completed step of an earlier stage, and no other is."""
    service = begun(LOOP)
    complete(service, "work", "extra")
    service.advance("p", "go", OFFICER_AT(DAY))
    service.act("p", "judge", "fail", {}, OFFICER_AT(DAY))
    complete(service, "file")
    service.advance("p", "back", OFFICER_AT(DAY))

    service.act("p", "b/judge", "remark", {"text": "Muộn"}, OFFICER_AT(LATER))
    with pytest.raises(Refused):
        service.act("p", "b/judge", "pass", {}, OFFICER_AT(LATER))

    (judged,) = rounds(service, "b/judge")
    assert ({"remarks": 1}, "failed") == (judged.state, judged.phase)


def test_a_way_back_opens_only_the_steps_it_names():
    """The named step gets a new round; the others keep their result, and so does the old round."""
    service = begun(LOOP)
    complete(service, "work", "extra")
    first = rounds(service, "a/work")[0]
    service.advance("p", "go", OFFICER_AT(DAY))
    service.act("p", "judge", "fail", {}, OFFICER_AT(DAY))

    service.advance("p", "back", OFFICER_AT(LATER))

    assert (2, 1) == (len(rounds(service, "a/work")), len(rounds(service, "a/extra")))
    assert first == rounds(service, "a/work")[0]
    assert LATER.isoformat() == rounds(service, "a/work")[1].opened_on
    assert not rounds(service, "a/work")[1].complete
    with pytest.raises(Refused):
        service.advance("p", "go", OFFICER_AT(LATER))


def test_the_step_that_caused_a_way_back_is_opened_again():
    """Coming in again, the step whose outcome sent the plan back asks for a new verdict."""
    service = begun(LOOP)
    complete(service, "work", "extra")
    service.advance("p", "go", OFFICER_AT(DAY))
    service.act("p", "judge", "fail", {}, OFFICER_AT(DAY))
    service.advance("p", "back", OFFICER_AT(DAY))
    complete(service, "work")

    service.advance("p", "go", OFFICER_AT(DAY))

    assert ["failed", "open"] == [round_.phase for round_ in rounds(service, "b/judge")]
    with pytest.raises(Refused) as refused:
        service.advance("p", "back", OFFICER_AT(DAY))
    assert "outcome-differs" in codes(refused.value)
    assert () == service.record.verify().findings


def test_an_old_round_can_be_named_but_not_changed():
    """`step@1` means the first round, and what was frozen there stays so."""
    service = begun(LOOP)
    complete(service, "work", "extra")
    service.advance("p", "go", OFFICER_AT(DAY))
    service.act("p", "judge", "fail", {}, OFFICER_AT(DAY))
    service.advance("p", "back", OFFICER_AT(DAY))

    with pytest.raises(Refused):
        complete(service, "work@1")
    complete(service, "a/work@2")

    assert [True, True] == [round_.complete for round_ in rounds(service, "a/work")]


def test_steps_beside_the_stages_live_from_one_stage_until_another():
    """`from:` opens such a step on entering a stage, `until:` ends it on entering another."""
    stages = {
        "a": {"transitions": {"go": to("b")}},
        "b": {"transitions": {"go": to("c"), "back": to("a")}},
        "c": {"transitions": {"end": to("d")}},
        "d": {},
    }
    beside = {"report": {**TASK, "required": False, "from": "b", "until": {"stage": "c"}}, "duty": TASK}
    service = begun(stages, alongside=beside)
    assert (0, 1) == (len(rounds(service, "report")), len(rounds(service, "duty")))

    service.advance("p", "go", OFFICER_AT(DAY))
    assert not rounds(service, "report")[0].ended
    service.advance("p", "back", OFFICER_AT(DAY))
    service.advance("p", "go", OFFICER_AT(DAY))
    assert 1 == len(rounds(service, "report"))
    service.advance("p", "go", OFFICER_AT(DAY))

    assert rounds(service, "report")[0].ended
    assert not rounds(service, "duty")[0].ended
    with pytest.raises(Refused) as refused:
        service.advance("p", "end", OFFICER_AT(DAY))
    assert "step-open" in codes(refused.value)


def test_steps_beside_the_stages_wait_and_are_opened_again_like_others():
    """`after:` and `reopen:` mean the same for a step beside the stages."""
    stages = {
        "a": {"transitions": {"go": to("b")}},
        "b": {"transitions": {"back": to("a", reopen=["first"])}},
        "c": {},
    }
    service = begun(stages, alongside={"first": TASK, "second": {**TASK, "after": ["first"]}})
    assert () == rounds(service, "second")
    complete(service, "first")
    assert 1 == len(rounds(service, "second"))
    service.advance("p", "go", OFFICER_AT(DAY))
    service.advance("p", "back", OFFICER_AT(DAY))

    assert [True, False] == [round_.complete for round_ in rounds(service, "first")]
    assert () == state(service).again


def test_a_plan_taken_over_has_the_steps_that_live_beside_its_stage():
    """`--adopt-at` opens what would be living beside the stages by then, and says it was taken over."""
    stages = {
        "a": {"steps": {"work": TASK}, "transitions": {"go": to("b")}},
        "b": {"transitions": {"x": to("c")}},
        "c": {},
    }
    beside = {"duty": TASK, "over": {**TASK, "until": {"stage": "b"}}, "later": {**TASK, "from": "c"}}
    service = service_with(stages_of(stages, alongside=beside))

    service.create("d", "p", OFFICER_AT(DAY), adopt_at="b")

    assert {"duty"} == set(state(service).steps)
    assert state(service).adopted and events(service)[0].data["adopted"]
    assert "b" == state(service).stage
    assert () == service.record.verify().findings


def test_work_owed_follows_the_steps():
    """Items open with the round, close with it, and are nobody's any more when their stage was left."""
    service = begun(LOOP)
    assert {"a/work", "a/extra"} == {item.step for item in service.due()}

    complete(service, "work", "extra")
    service.advance("p", "go", OFFICER_AT(DAY))

    assert {"b/judge", "b/file"} == {item.step for item in service.due()}


def test_a_way_back_that_names_no_single_step_is_refused():
    """A bare id that two other stages have opens neither of them in silence; the refusal names both."""
    stages = {
        "a": {"transitions": {"go": to("b")}},
        "b": {"steps": {"work": TASK}, "transitions": {"go": to("c")}},
        "c": {"steps": {"work": TASK}, "transitions": {"back": to("a", reopen=["work"]), "end": to("d")}},
        "d": {},
    }
    service = begun(stages)
    service.advance("p", "go", OFFICER_AT(DAY))
    complete(service, "work")
    service.advance("p", "go", OFFICER_AT(DAY))

    with pytest.raises(Refused) as refused:
        service.advance("p", "back", OFFICER_AT(DAY))

    (reason,) = refused.value.reasons
    assert ("ambiguous-step", "b/work, c/work") == (reason.code, reason.phrase.params["candidates"])
