"""Transitions: what must hold, who may fire them, and on which day they can have happened."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from engine.kit import DAY, begun, codes, events, registry, state, to, types
from engine_kit import OFFICER_AT

from workflow.errors import InvalidInput, NotFound, NotPermitted, Reason, Refused
from workflow.messages import TRANSITION_FIRED
from workflow.views.plans import Write

LATER = DAY + timedelta(days=10)
SIMPLE = {"a": {"transitions": {"go": to("b")}}, "b": {"transitions": {"end": to("c")}}, "c": {}}


def test_every_unmet_condition_is_told_at_once_with_who_could_meet_it():
    """A refused transition lists open steps, outcomes, papers, condition, guard and veto together."""
    service = begun(
        {
            "a": {
                "lead": "dept-a",
                "steps": {"work": {"uses": "task", "lead": "dept-b"}, "judge": {"uses": "verdict", "required": False}},
                "transitions": {
                    "go": to(
                        "b",
                        outcome={"judge": "passed"},
                        needs="paper",
                        when='steps["a/work"].complete',
                        requires="no-such-guard",
                    )
                },
            },
            "b": {},
        },
        documents={"paper": {"title": "Tờ trình"}},
    )

    with pytest.raises(Refused) as refused:
        service.advance("p", "go", OFFICER_AT(DAY))

    wanted = {"step-open", "outcome-differs", "paper-missing", "condition-false", "guard-missing", "not-done"}
    assert wanted == codes(refused.value)
    who = {reason.code: reason.who for reason in refused.value.reasons}
    assert {"step-open": ("drafter",), "outcome-differs": ("drafter",)} == {
        code: who[code] for code in ("step-open", "outcome-differs")
    }
    assert 3 == refused.value.exit_code


def test_next_tells_the_same_reasons_before_anybody_tries():
    """`next` shows each move with its reasons and whether this actor may make it."""
    service = begun({"a": {"steps": {"work": {"uses": "task"}}, "transitions": {"go": to("b")}}, "b": {}})

    detail = service.next("p", actor="stranger")

    (move,) = detail.moves
    assert ("go", False) == (move.trigger, move.permitted)
    assert {"step-open", "not-done"} == {reason.code for reason in move.reasons}
    assert {"hand-in", "complete"} == {possible.action.name for possible in detail.actions}


def test_a_trigger_of_another_stage_is_refused_by_the_machine():
    """A trigger that the definition has, but this stage does not, is a refusal and changes nothing."""
    service = begun(SIMPLE)

    with pytest.raises(Refused) as refused:
        service.advance("p", "end", OFFICER_AT(DAY))

    assert {"not-from-this-stage"} == codes(refused.value)
    assert "a" == state(service).stage


def test_a_transition_ends_where_the_machine_says():
    """The recorded stage is the target of the edge that was fired."""
    service = begun(SIMPLE)

    service.advance("p", "go", OFFICER_AT(DAY))

    assert "b" == state(service).stage
    assert ("a", "b") == tuple(events(service)[-1].data[key] for key in ("from", "to"))


def test_an_edge_taken_out_of_the_machine_cannot_be_taken():
    """The machine itself decides: without its edge the definition's words alone lead nowhere."""
    service = begun({"a": {"transitions": {"go": to("b")}}, "b": {"transitions": {"go": to("c")}}, "c": {}})
    process = service.process_of(service.store.plan("p").definition)
    process.stages._machine.remove_transition("go", source="a")

    with pytest.raises(Refused):
        service.advance("p", "go", OFFICER_AT(DAY))
    assert "a" == state(service).stage


def test_an_edge_taken_out_of_a_steps_machine_cannot_be_taken():
    """A step's state changes only along an edge of its type's machine."""
    service = begun({"a": {"steps": {"work": {"uses": "task"}}}, "b": {}}, registry())
    process = service.process_of(service.store.plan("p").definition)
    process.step_machine("task")._machine.remove_transition("complete")

    with pytest.raises(Refused) as refused:
        service.act("p", "work", "complete", {}, OFFICER_AT(DAY))
    assert "action-not-possible" == refused.value.code
    assert "open" == state(service).steps["a/work"].current.phase


def test_without_a_name_the_only_possible_transition_is_fired():
    """`advance` without a trigger takes the one that is possible, and asks where several are."""
    two = {"go": to("b"), "back": to("a"), "blocked": to("b", when="false")}
    service = begun({"a": {"transitions": {"go": to("b")}}, "b": {"transitions": two}, "c": {}})

    service.advance("p", None, OFFICER_AT(DAY))
    with pytest.raises(InvalidInput) as refused:
        service.advance("p", None, OFFICER_AT(DAY))

    assert ("choose-trigger", 2) == (refused.value.code, refused.value.exit_code)
    assert "go, back" == refused.value.params["choices"]


@pytest.mark.parametrize(
    ("plan", "trigger", "code"),
    [("nobody", "go", "unknown-plan"), ("p", "gone", "unknown-trigger"), ("p", "x" * 10_000, "unknown-trigger")],
)
def test_unknown_plans_and_triggers_are_bad_input(plan: str, trigger: str, code: str):
    """What does not exist is exit 2, in one short message."""
    service = begun(SIMPLE)

    with pytest.raises(NotFound) as unknown:
        service.advance(plan, trigger, OFFICER_AT(DAY))

    assert (code, 2) == (unknown.value.code, unknown.value.exit_code)
    assert len(str(unknown.value)) < 400


def test_an_unknown_stage_or_definition_is_bad_input():
    """`create` names what there is."""
    service = begun(SIMPLE)

    for definition, stage, code in (("d", "nowhere", "unknown-stage"), ("no", None, "unknown-definition")):
        with pytest.raises(NotFound) as unknown:
            service.create(definition, "q", OFFICER_AT(DAY), adopt_at=stage)
        assert code == unknown.value.code
    assert service.store.plan("q") is None


@pytest.mark.parametrize(
    ("actor", "code"), [(None, "no-actor"), ("ghost", "unknown-actor"), ("office", "unknown-actor")]
)
def test_every_change_needs_a_known_person(actor: str | None, code: str):
    """No actor, an unknown one, or a unit in place of a person is exit 2 for every command."""
    service = begun({"a": {"steps": {"work": {"uses": "task"}}, "transitions": {"go": to("b")}}, "b": {}})
    write = Write(actor=actor, on=DAY)

    for attempt in (
        lambda: service.create("d", "q", write),
        lambda: service.advance("p", "go", write),
        lambda: service.act("p", "work", "complete", {}, write),
        lambda: service.suspend("p", write, reason="r"),
        lambda: service.correct("p", 2, write, reason="r"),
    ):
        with pytest.raises(InvalidInput) as bad:
            attempt()
        assert code == bad.value.code


@pytest.mark.parametrize(
    ("by", "actor", "on", "capacity"),
    [
        ("director", "officer", date(2025, 12, 31), ("director", "holder")),
        ("director", "boss", date(2026, 3, 2), ("director", "holder")),
        ("director", "deputy", date(2026, 3, 2), ("director", "deputy")),
        ("drafter", "other", date(2026, 3, 2), ("drafter", "holder")),
        ("dept-a", "stranger", date(2026, 3, 2), ("dept-a", "member")),
        ("other", "other", date(2026, 3, 2), ("other", "self")),
    ],
)
def test_an_event_says_in_which_capacity_somebody_acted(by: str, actor: str, on: date, capacity: tuple[str, str]):
    """Holder, deputy, role, member of a unit or oneself: on the day it happened."""
    service = begun({"a": {"transitions": {"go": to("b", by=by)}}, "b": {}})
    service.create("d", "q", OFFICER_AT(date(2025, 1, 2)))

    service.advance("q", "go", OFFICER_AT(on, actor=actor))

    fired = next(event for event in events(service, "q") if event.type == TRANSITION_FIRED)
    assert (actor, *capacity) == (fired.actor, fired.authority["ref"], fired.authority["via"])
    assert service.people_version == fired.authority["people"]


@pytest.mark.parametrize(
    ("by", "actor", "on"),
    [
        ("director", "officer", date(2026, 1, 1)),
        ("director", "boss", date(2025, 12, 31)),
        ("director", "deputy", date(2025, 12, 31)),
        ("drafter", "boss", date(2026, 3, 2)),
        ("dept-a", "officer", date(2026, 3, 2)),
    ],
)
def test_who_does_not_hold_it_on_the_day_may_not(by: str, actor: str, on: date):
    """A gate belongs to who holds it on the day it happened; anybody else is exit 4, with the holders named."""
    service = begun({"a": {"transitions": {"go": to("b", by=by)}}, "b": {}})
    service.create("d", "q", OFFICER_AT(date(2025, 1, 2)))

    with pytest.raises(NotPermitted) as forbidden:
        service.advance("q", "go", OFFICER_AT(on, actor=actor))

    assert 4 == forbidden.value.exit_code
    assert "a" == state(service, "q").stage


def test_the_lead_may_fire_what_is_left_to_the_lead():
    """The word `lead` in `by:` stands for the stage's lead."""
    service = begun({"a": {"lead": "dept-a", "transitions": {"go": to("b", by="lead")}}, "b": {}})

    with pytest.raises(NotPermitted):
        service.advance("p", "go", OFFICER_AT(DAY))
    service.advance("p", "go", OFFICER_AT(DAY, actor="stranger"))

    assert "b" == state(service).stage


def test_whoever_did_the_work_cannot_let_it_pass():
    """`not_same_person_as` keeps an actor of the named step from the transition and from the step."""
    service = begun(
        {
            "a": {
                "steps": {
                    "work": {"uses": "task"},
                    "check": {"uses": "task", "required": False, "not_same_person_as": "work"},
                },
                "transitions": {"go": to("b", not_same_person_as="work")},
            },
            "b": {},
        }
    )
    service.act("p", "work", "complete", {}, OFFICER_AT(DAY))

    with pytest.raises(Refused) as step:
        service.act("p", "check", "complete", {}, OFFICER_AT(DAY))
    with pytest.raises(Refused) as transition:
        service.advance("p", "go", OFFICER_AT(DAY))
    service.act("p", "check", "complete", {}, OFFICER_AT(DAY, actor="other"))
    service.advance("p", "go", OFFICER_AT(DAY, actor="other"))

    assert "same-person" == step.value.code
    assert {"same-person"} == codes(transition.value)
    assert "finished" == state(service).status


def test_a_condition_reads_plan_steps_and_parameters():
    """CEL in `when:` sees steps, rounds, parameters and visits, and lets through what is true."""
    when = 'steps["a/work"].complete && param.budget == "810" && visits["a"] == 1 && actor == "officer"'
    service = begun(
        {"a": {"steps": {"work": {"uses": "task"}}, "transitions": {"go": to("b", when=when)}}, "b": {}},
        parameters={"budget": {"title": "Kinh phí", "default": "810"}},
    )
    service.act("p", "work", "complete", {}, OFFICER_AT(DAY))

    with pytest.raises(Refused) as refused:
        service.advance("p", "go", OFFICER_AT(DAY, actor="other"))
    service.advance("p", "go", OFFICER_AT(DAY))

    assert {"condition-false"} == codes(refused.value)
    assert "b" == state(service).stage


def test_a_condition_that_breaks_lets_nothing_through():
    """A `when:` that cannot be evaluated is a reason, not a crash and not a yes."""
    service = begun({"a": {"transitions": {"go": to("b", when='steps["none"].complete')}}, "b": {}})

    with pytest.raises(Refused) as refused:
        service.advance("p", "go", OFFICER_AT(DAY))

    assert {"condition-failed"} == codes(refused.value)


def test_a_day_that_has_not_come_is_bad_input():
    """Nothing is recorded for a day after the day of recording."""
    service = begun(SIMPLE)

    with pytest.raises(InvalidInput) as bad:
        service.advance("p", "go", OFFICER_AT(service.today() + timedelta(days=1)))

    assert "future-date" == bad.value.code


def test_a_stage_is_not_left_before_it_was_entered():
    """A transition cannot have happened before its stage was entered; the earliest day is named."""
    service = begun(SIMPLE)
    service.advance("p", "go", OFFICER_AT(LATER))

    with pytest.raises(InvalidInput) as bad:
        service.advance("p", "end", OFFICER_AT(LATER - timedelta(days=1)))

    assert ("too-early", LATER.isoformat()) == (bad.value.code, bad.value.params["earliest"])


def test_a_transition_does_not_happen_before_what_its_guards_read():
    """A step completed on the 12th cannot let a plan move on the 11th."""
    service = begun({"a": {"steps": {"work": {"uses": "task"}}, "transitions": {"go": to("b")}}, "b": {}})
    service.act("p", "work", "complete", {}, OFFICER_AT(LATER))

    with pytest.raises(InvalidInput) as bad:
        service.advance("p", "go", OFFICER_AT(LATER - timedelta(days=1)))

    assert "too-early" == bad.value.code


def test_a_plan_does_not_end_before_the_last_thing_it_waits_for():
    """A transition to the end reads what stands beside the stages too, so it cannot come before it."""
    service = begun({"a": {"transitions": {"go": to("b")}}, "b": {}}, alongside={"report": {"uses": "task"}})
    service.act("p", "report", "complete", {}, OFFICER_AT(LATER))

    with pytest.raises(InvalidInput) as bad:
        service.advance("p", "go", OFFICER_AT(LATER - timedelta(days=1)))

    assert "too-early" == bad.value.code


def test_both_times_are_kept():
    """`occurred_on` is the day told, `recorded_at` the instant of recording that no command sets."""
    service = begun(SIMPLE)

    service.advance("p", "go", OFFICER_AT(DAY))

    event = events(service)[-1]
    assert (DAY, service.today(), "simulated") == (event.occurred_on, event.recorded_at.date(), event.clock)
    assert state(service).visits[-1].entered_on == DAY.isoformat()


def test_a_letter_of_an_earlier_day_can_be_entered_later():
    """The chain is in the order of recording; the days told may run the other way."""
    steps = {name: {"uses": "task"} for name in ("one", "two")}
    service = begun({"a": {"steps": steps}, "b": {}})

    service.act("p", "one", "complete", {}, OFFICER_AT(LATER))
    service.act("p", "two", "complete", {}, OFFICER_AT(LATER - timedelta(days=2)))

    acted = events(service)[-2:]
    assert [LATER, LATER - timedelta(days=2)] == [event.occurred_on for event in acted]
    assert acted[0].recorded_at < acted[1].recorded_at
    assert LATER.isoformat() == state(service).latest_on


def test_an_act_before_its_round_was_opened_is_bad_input():
    """Nothing happens on a step before the day it was opened."""
    service = begun({"a": {"steps": {"work": {"uses": "task"}}}, "b": {}})

    with pytest.raises(InvalidInput) as bad:
        service.act("p", "work", "complete", {}, OFFICER_AT(DAY - timedelta(days=1)))

    assert "too-early" == bad.value.code


def test_reaching_the_end_finishes_the_plan():
    """A plan is finished by entering a final stage with nothing required open."""
    service = begun(SIMPLE)
    service.advance("p", "go", OFFICER_AT(DAY))
    service.advance("p", "end", OFFICER_AT(DAY))

    assert "finished" == state(service).status
    assert [TRANSITION_FIRED, "plan_finished"] == types(service)[-2:]
    assert () == service.record.verify().findings


def test_reasons_of_a_refusal_are_reasons():
    """Each reason has a code and a sentence."""
    service = begun({"a": {"steps": {"work": {"uses": "task"}}, "transitions": {"go": to("b")}}, "b": {}})

    with pytest.raises(Refused) as refused:
        service.advance("p", "go", OFFICER_AT(DAY))

    assert all(isinstance(reason, Reason) and str(reason) for reason in refused.value.reasons)
