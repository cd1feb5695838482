"""Suspending, resuming, cancelling, reopening, correcting and taking over plans."""

from __future__ import annotations

from datetime import timedelta

import pytest
from engine.kit import DAY, begun, codes, events, stages_of, state, to, types
from engine_kit import OFFICER_AT, service_with

from workflow.errors import Conflict, InvalidInput, NotPermitted, Refused
from workflow.service.service import Service
from workflow.views.plans import Write

LATER = DAY + timedelta(days=10)
TASK = {"uses": "task"}
STAGES = {
    "a": {"steps": {"work": TASK}, "transitions": {"go": to("b")}},
    "b": {"steps": {"more": {**TASK, "required": False}}, "transitions": {"end": to("c")}},
    "c": {},
}


def advanced() -> Service:
    """Return a service whose plan has its work done (event 3) and stands in `b` (events 4 and 5)."""
    service = begun(STAGES)
    service.act("p", "work", "complete", {}, OFFICER_AT(DAY))
    service.advance("p", "go", OFFICER_AT(DAY))
    return service


def test_nothing_can_be_done_on_a_suspended_plan():
    """While suspended every advance and action is refused; after resuming they go on where they were."""
    service = begun(STAGES)
    service.suspend("p", OFFICER_AT(DAY), reason="theo chỉ đạo")

    for attempt in (
        lambda: service.advance("p", "go", OFFICER_AT(DAY)),
        lambda: service.act("p", "work", "complete", {}, OFFICER_AT(DAY)),
        lambda: service.suspend("p", OFFICER_AT(DAY), reason="lần nữa"),
    ):
        with pytest.raises(Refused):
            attempt()
    assert ("suspended", ()) == (state(service).status, service.due())

    service.resume("p", OFFICER_AT(DAY), reason="tiếp tục")
    service.act("p", "work", "complete", {}, OFFICER_AT(DAY))
    assert "active" == state(service).status


def test_next_says_that_a_plan_is_not_active():
    """A suspended plan offers no moves, and says why."""
    service = begun(STAGES)
    service.suspend("p", OFFICER_AT(DAY), reason="theo chỉ đạo")

    detail = service.next("p")

    assert ((), (), ["not-active"]) == (detail.moves, detail.actions, [reason.code for reason in detail.notes])


def test_cancelling_needs_a_document():
    """A plan is cancelled with a reason and on a cited document's authority."""
    service = begun(STAGES)

    with pytest.raises(InvalidInput) as bad:
        service.cancel("p", OFFICER_AT(DAY), reason="thôi")
    service.cancel("p", OFFICER_AT(DAY), reason="thôi", document="QĐ 12/QĐ-UBND")

    assert "no-document" == bad.value.code
    assert "cancelled" == state(service).status


@pytest.mark.parametrize("change", ["suspend", "resume", "cancel", "reopen", "correct"])
def test_rare_changes_need_a_reason(change: str):
    """An empty reason is bad input for each of them."""
    service = begun(STAGES)
    arguments = (2,) if change == "correct" else ()

    with pytest.raises(InvalidInput) as bad:
        getattr(service, change)("p", *arguments, OFFICER_AT(DAY), reason="  ")

    assert "no-reason" == bad.value.code


@pytest.mark.parametrize("change", ["resume", "reopen"])
def test_only_what_was_stopped_goes_on(change: str):
    """Resuming or reopening an active plan is refused."""
    service = begun(STAGES)

    with pytest.raises(Refused) as refused:
        getattr(service, change)("p", OFFICER_AT(DAY), reason="r")

    assert "wrong-status" == refused.value.code


def test_rare_changes_belong_to_those_of_the_definition():
    """Who may not act for the plan may not suspend or correct it either."""
    service = advanced()

    with pytest.raises(NotPermitted):
        service.suspend("p", OFFICER_AT(DAY, actor="stranger"), reason="r")
    with pytest.raises(NotPermitted):
        service.correct("p", 4, OFFICER_AT(LATER, actor="stranger"), reason="r")


@pytest.mark.parametrize("change", ["suspend", "cancel"])
def test_a_plan_is_not_stopped_before_it_came_where_it_is(change: str):
    """The day of stopping lies not before the stage was entered."""
    service = begun(STAGES)

    with pytest.raises(InvalidInput) as bad:
        getattr(service, change)("p", OFFICER_AT(DAY - timedelta(days=1)), reason="r", document="d")

    assert "too-early" == bad.value.code


def test_a_plan_is_not_resumed_before_it_was_suspended():
    """The day of resuming lies not before the suspension."""
    service = begun(STAGES)
    service.suspend("p", OFFICER_AT(LATER), reason="r")

    with pytest.raises(InvalidInput) as bad:
        service.resume("p", OFFICER_AT(LATER - timedelta(days=1)), reason="r")

    assert "too-early" == bad.value.code


def test_a_cancelled_plan_is_reopened_where_it_was():
    """Reopening keeps stage and steps."""
    service = begun(STAGES)
    service.cancel("p", OFFICER_AT(DAY), reason="thôi", document="QĐ 12")
    service.reopen("p", OFFICER_AT(DAY), reason="lại")

    service.act("p", "work", "complete", {}, OFFICER_AT(DAY))
    service.advance("p", "go", OFFICER_AT(DAY))

    assert ("active", "b") == (state(service).status, state(service).stage)
    assert () == service.record.verify().findings


def test_a_finished_plan_is_reopened_in_the_stage_before_its_last():
    """What the end had closed there is open again, and the plan can be finished a second time."""
    service = advanced()
    service.advance("p", "end", OFFICER_AT(DAY))
    assert "finished" == state(service).status

    service.reopen("p", OFFICER_AT(DAY), reason="còn sót")
    assert ("active", "b", 2) == (
        state(service).status,
        state(service).stage,
        len(state(service).steps["b/more"].rounds),
    )
    service.act("p", "more", "complete", {}, OFFICER_AT(DAY))
    service.advance("p", "end", OFFICER_AT(DAY))

    assert "finished" == state(service).status
    assert () == service.record.verify().findings


def test_a_correction_reverses_by_a_new_event():
    """The plan stands as if the event and what came with it had not been; the trail keeps everything."""
    service = advanced()
    kept = [row.body for row in service.store.events("p")]

    service.correct("p", 4, OFFICER_AT(LATER), reason="bấm nhầm")

    assert ("a", {"a/work"}) == (state(service).stage, set(state(service).steps))
    assert kept == [row.body for row in service.store.events("p")][:-1]
    reversing = events(service)[-1]
    assert ("event_corrected", 4, "transition_fired") == (
        reversing.type,
        reversing.data["seq"],
        reversing.data["reverses"],
    )
    assert () == service.record.verify().findings


def test_what_a_correction_took_back_can_be_done_again():
    """After a correction the plan goes on from where it then stands."""
    service = advanced()
    service.correct("p", 4, OFFICER_AT(DAY), reason="bấm nhầm")
    service.correct("p", 3, OFFICER_AT(DAY), reason="chưa xong")

    with pytest.raises(Refused):
        service.advance("p", "go", OFFICER_AT(DAY))
    service.act("p", "work", "complete", {}, OFFICER_AT(DAY))
    service.advance("p", "go", OFFICER_AT(DAY))

    assert "b" == state(service).stage
    assert () == service.record.verify().findings


def test_what_later_events_build_on_is_not_reversed():
    """Taking back the work that let a transition pass is refused, and names the transition; what it opened goes too."""
    service = advanced()

    with pytest.raises(Refused) as refused:
        service.correct("p", 3, OFFICER_AT(DAY), reason="chưa xong")

    assert ("later-events", "4") == (refused.value.code, refused.value.params["later"])
    assert "b" == state(service).stage

    for seq in (4, 3):
        service.correct("p", seq, OFFICER_AT(DAY), reason="chưa xong")
    assert "a" == state(service).stage


def test_opening_that_a_later_act_needs_is_not_reversed():
    """A transition that opened a step on which something was done since cannot be taken back."""
    service = advanced()
    service.act("p", "more", "complete", {}, OFFICER_AT(DAY))

    with pytest.raises(Refused) as refused:
        service.correct("p", 4, OFFICER_AT(DAY), reason="bấm nhầm")

    assert "later-events" == refused.value.code


@pytest.mark.parametrize(("seq", "code"), [(1, "not-reversible"), (5, "not-reversible"), (6, "not-reversible")])
def test_some_events_are_never_reversed(seq: int, code: str):
    """The creation, a consequence without its cause, and a correction itself stay."""
    service = advanced()
    if seq == 6:
        service.correct("p", 4, OFFICER_AT(DAY), reason="bấm nhầm")

    with pytest.raises(Refused) as refused:
        service.correct("p", seq, OFFICER_AT(DAY), reason="r")

    assert code == refused.value.code


def test_an_event_is_reversed_once():
    """A second correction of the same event is refused."""
    service = advanced()
    service.correct("p", 4, OFFICER_AT(DAY), reason="bấm nhầm")

    with pytest.raises(Refused) as refused:
        service.correct("p", 4, OFFICER_AT(DAY), reason="lần nữa")

    assert "not-reversible" == refused.value.code


@pytest.mark.parametrize("seq", [0, -1, 99, 2**70])
def test_an_unknown_event_is_bad_input(seq: int):
    """Only what is in the trail can be corrected."""
    with pytest.raises(InvalidInput) as bad:
        advanced().correct("p", seq, OFFICER_AT(DAY), reason="r")

    assert "unknown-event" == bad.value.code


def test_a_correction_does_not_come_before_what_it_corrects():
    """Its day lies not before the day of the event it reverses."""
    with pytest.raises(InvalidInput) as bad:
        advanced().correct("p", 4, OFFICER_AT(DAY - timedelta(days=1)), reason="r")

    assert "too-early" == bad.value.code


def test_a_repeated_correction_is_done_once():
    """A correction obeys `--request-id`, `--expect` and `--dry-run` like every command."""
    service = advanced()
    dry = service.correct("p", 4, OFFICER_AT(DAY, dry_run=True), reason="r")
    assert ("a", "b") == (dry.plan.stage, state(service).stage)
    with pytest.raises(Conflict):
        service.correct("p", 4, OFFICER_AT(DAY, expect=2), reason="r")

    service.correct("p", 4, OFFICER_AT(DAY, request_id="r-1"), reason="r")
    again = service.correct("p", 4, OFFICER_AT(DAY, request_id="r-1"), reason="r")

    assert again.repeated
    assert 1 == types(service).count("event_corrected")


def test_a_refused_correction_is_recorded():
    """It leaves its trace in the workspace's chain like every refusal."""
    service = advanced()

    with pytest.raises(Refused):
        service.correct("p", 1, OFFICER_AT(DAY), reason="r")

    assert ("attempt_refused", "correct") == (
        events(service, "@workspace")[-1].type,
        events(service, "@workspace")[-1].data["command"],
    )


def test_parameters_of_a_plan_are_those_of_its_definition():
    """`--set` takes what the definition declares, in NFC, and nothing else."""
    service = service_with(stages_of(STAGES, parameters={"place": {"title": "Nơi"}}))

    with pytest.raises(InvalidInput) as bad:
        service.create("d", "p", OFFICER_AT(DAY), parameters={"colour": "red"})
    with pytest.raises(InvalidInput):
        service.create("d", "p", OFFICER_AT(DAY), parameters={"place": "a\ud800"})
    service.create("d", "p", OFFICER_AT(DAY), parameters={"place": "Hue\u0301"})

    assert "unknown-parameter" == bad.value.code
    assert {"place": "Hu\u00e9"} == state(service).parameters


def test_a_plan_is_created_once():
    """A second plan of the same id is bad input and leaves the first as it is."""
    service = begun(STAGES)
    before = service.store.plan("p")

    with pytest.raises(InvalidInput) as bad:
        service.create("d", "p", OFFICER_AT(LATER))

    assert ("plan-exists", before) == (bad.value.code, service.store.plan("p"))


def test_a_plan_is_created_by_who_may():
    """Creating belongs to the definition's `by:`."""
    service = begun(STAGES)

    with pytest.raises(NotPermitted):
        service.create("d", "q", OFFICER_AT(DAY, actor="stranger"))

    assert service.store.plan("q") is None


def test_a_reopened_plan_asks_for_reasons_like_any_other():
    """A plan reopened after its end still obeys the guards of the stage it stands in."""
    stages = {**STAGES, "b": {"transitions": {"end": to("c", when="visits['b'] == 1")}}}
    service = begun(stages)
    service.act("p", "work", "complete", {}, OFFICER_AT(DAY))
    service.advance("p", "go", OFFICER_AT(DAY))
    service.advance("p", "end", OFFICER_AT(DAY))
    service.reopen("p", Write(actor="officer"), reason="còn sót")

    with pytest.raises(Refused) as refused:
        service.advance("p", "end", Write(actor="officer"))

    assert {"condition-false"} == codes(refused.value)
