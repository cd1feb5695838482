"""Replaying a plan's events gives exactly the stored state, whatever was done."""

from __future__ import annotations

import json
from datetime import date, timedelta

from engine_kit import OFFICER_AT, definition_of, service_with
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow import audit
from workflow.errors import WorkflowError
from workflow.messages import TRANSITION_FIRED
from workflow.plan.state import PlanState, fold
from workflow.projection import work_items

DAY = date(2026, 3, 2)


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, object]:
    """Random definitions: up to five stages, tasks in them, transitions to anywhere."""
    count = draw(st.integers(2, 5))
    stages: dict[str, object] = {}
    for number in range(count):
        steps = {}
        for step in range(draw(st.integers(0, 2))):
            steps[f"t{step}"] = {"uses": "task", "required": draw(st.booleans())}
            if step and draw(st.booleans()):
                steps[f"t{step}"]["after"] = ["t0"]
        transitions = {"next": {"to": f"s{min(number + 1, count)}", "allow_open_steps": draw(st.booleans())}}
        if number and draw(st.booleans()):
            target = draw(st.integers(0, number - 1))
            reopen = [f"s{target}/{name}" for name in stages[f"s{target}"]["steps"] if draw(st.booleans())]
            transitions["back"] = {"to": f"s{target}", "reopen": reopen}
        stages[f"s{number}"] = {"title": f"S{number}", "steps": steps, "transitions": transitions}
    stages[f"s{count}"] = {"title": "Xong", "final": True}
    return {"stages": stages}


COMMANDS = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.sampled_from(["next", "back"])),
        st.tuples(
            st.just("act"),
            st.integers(0, 4),
            st.integers(0, 1),
            st.sampled_from(["complete", "hand-in", "accept", "return"]),
        ),
        st.tuples(st.just("suspend")),
        st.tuples(st.just("resume")),
        st.tuples(st.just("reopen")),
        st.tuples(st.just("correct"), st.integers(1, 12)),
    ),
    max_size=25,
)


def perform(service: object, command: tuple[object, ...], day: date) -> None:
    """Do one random command; what is refused changes nothing."""
    write = OFFICER_AT(day)
    match command:
        case ("advance", trigger):
            service.advance("p", trigger, write)
        case ("act", stage, step, action):
            parameters = {"reason": "chưa đạt"} if action == "return" else {}
            service.act("p", f"s{stage}/t{step}", action, parameters, write)
        case ("correct", seq):
            service.correct("p", seq, write, reason="nhầm")
        case (change,):
            getattr(service, change)("p", write, reason="theo chỉ đạo")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definitions(), COMMANDS)
def test_replay_gives_the_stored_plan_and_work_items(shape: dict[str, object], commands: list[tuple[object, ...]]):
    """For random definitions and random commands the fold of the events equals the stored rows."""
    service = service_with(definition_of(shape))
    service.create("d", "p", OFFICER_AT(DAY))
    for number, command in enumerate(commands):
        before = service.store.plan("p")
        try:
            perform(service, command, DAY + timedelta(days=number))
        except WorkflowError:
            assert before == service.store.plan("p")

    row = service.store.plan("p")
    process = service.process_of(row.definition)
    events = [audit.event_of(stored.body) for stored in service.store.events("p")]
    replayed = fold(events, process.evolve_step)

    assert json.loads(row.state) == json.loads(audit.stored_json(replayed.as_data()))
    assert replayed == PlanState.from_data(json.loads(row.state))
    assert {(i.step, i.round, i.key): i for i in service.store.work_items("p")} == work_items(replayed, process)
    assert () == service.record.verify().findings


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definitions(), COMMANDS)
def test_no_stage_is_reached_past_an_open_required_step(shape: dict[str, object], commands: list[tuple[object, ...]]):
    """Whatever is tried, a forward transition is recorded only after its stage's required steps."""
    service = service_with(definition_of(shape))
    service.create("d", "p", OFFICER_AT(DAY))
    for number, command in enumerate(commands):
        stood = service.state_of(service.store.plan("p"))
        try:
            perform(service, command, DAY + timedelta(days=number))
        except WorkflowError:
            continue
        fired = [audit.event_of(e.body) for e in service.store.events("p", after=stood.seq)]
        for event in fired:
            if event.type == TRANSITION_FIRED and event.data["trigger"] == "next":
                stage = shape["stages"][stood.stage]
                if stage["transitions"]["next"]["allow_open_steps"]:
                    continue
                for step, declared in stage["steps"].items():
                    opened = stood.step(f"{stood.stage}/{step}")
                    assert not declared["required"] or (opened is not None and opened.current.complete)
