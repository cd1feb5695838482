"""Steps beside the stages that end with a day: `until: {date: …}`."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from engine.kit import DAY, begun, codes, events, registry, stages_of, state, to, types
from engine_kit import OFFICER_AT, service_with

from workflow.errors import Refused
from workflow.service.service import Service
from workflow.views.plans import Write

LAST = DAY + timedelta(days=7)
AFTER = LAST + timedelta(days=1)
LATER = LAST + timedelta(days=20)
TASK = {"uses": "task"}
STAGES = {
    "a": {"steps": {"work": TASK}, "transitions": {"go": to("b")}},
    "b": {"transitions": {"end": to("c")}},
    "c": {},
}
DUTY = {"duty": {"uses": "verdict", "until": {"date": LAST.isoformat()}}}


def ended(service: Service) -> list[tuple[str, date]]:
    """Return which steps were ended from outside, and as of which day."""
    return [(event.data["step"], event.occurred_on) for event in events(service) if event.type == "step_ended"]


def test_the_last_day_still_belongs_to_the_step():
    """On its last day, and for what happened by then, the step is open however late that is recorded."""
    service = begun(STAGES, alongside=DUTY)

    service.act("p", "work", "complete", {}, OFFICER_AT(LAST))
    service.act("p", "duty", "pass", {}, OFFICER_AT(LAST))

    assert [] == ended(service)
    assert "passed" == state(service).steps["duty"].current.phase


@pytest.mark.parametrize(
    "command",
    [
        lambda service: service.act("p", "work", "complete", {}, OFFICER_AT(LATER)),
        lambda service: service.tick("p", OFFICER_AT(LATER)),
        lambda service: service.tick("p", Write(actor=None)),
        lambda service: service.suspend("p", OFFICER_AT(LATER), reason="chờ"),
    ],
)
def test_the_first_command_for_a_later_day_ends_the_step(command):
    """An event of nobody's ends it as of the day after the last one, and replay agrees."""
    service = begun(STAGES, alongside=DUTY)

    command(service)

    assert [("duty", AFTER)] == ended(service)
    end = next(event for event in events(service) if event.type == "step_ended")
    assert (None, "engine") == (end.actor, end.authority["via"])
    assert state(service).steps["duty"].current.ended
    assert "duty" not in {item.step for item in service.due()}
    assert () == service.record.verify().findings


def test_an_ended_step_takes_only_what_its_type_takes_late():
    """After the end a verdict is refused, and a remark is taken; the step is ended once only."""
    service = begun(STAGES, alongside=DUTY)

    with pytest.raises(Refused) as refused:
        service.act("p", "duty", "pass", {}, OFFICER_AT(LATER))
    service.act("p", "duty", "remark", {"text": "Muộn"}, OFFICER_AT(LATER))
    service.tick("p", OFFICER_AT(LATER))

    assert "step-left" == refused.value.code
    assert [("duty", AFTER)] == ended(service)
    assert () == service.record.verify().findings


def test_a_step_whose_last_day_is_past_keeps_no_plan_from_its_end():
    """`next` says so too: what the command will end is neither in the way nor possible."""
    service = begun(STAGES, alongside=DUTY)
    service.act("p", "work", "complete", {}, OFFICER_AT(LAST))
    service.advance("p", "go", OFFICER_AT(LAST))
    with pytest.raises(Refused) as refused:
        service.advance("p", "end", OFFICER_AT(LAST))

    detail = service.next("p")
    service.advance("p", "end", OFFICER_AT(LATER))

    assert {"step-open"} == codes(refused.value)
    assert [()] == [move.reasons for move in detail.moves]
    assert [] == [action.action.name for action in detail.actions if action.action.name != "remark"]
    assert "finished" == state(service).status


def test_a_plan_held_open_by_it_alone_is_finished_by_a_tick():
    """In its final stage a plan waits for the step no longer than until its last day."""
    stages = {"a": {"transitions": {"go": to("b")}}, "b": {}}
    service = begun(stages, alongside={"duty": {**DUTY["duty"], "from": "b"}})
    service.advance("p", "go", OFFICER_AT(DAY))
    assert "active" == state(service).status

    service.tick("p", OFFICER_AT(LATER))

    assert ["step_ended", "plan_finished"] == types(service)[-2:]
    assert () == service.record.verify().findings


def test_a_step_never_opens_after_its_last_day():
    """A stage entered too late opens nothing beside it that is over by then."""
    service = begun(STAGES, alongside={"duty": {**DUTY["duty"], "from": "b"}})
    service.act("p", "work", "complete", {}, OFFICER_AT(LATER))

    service.advance("p", "go", OFFICER_AT(LATER))

    assert state(service).step("duty") is None
    service.advance("p", "end", OFFICER_AT(LATER))
    assert "finished" == state(service).status


def test_a_plan_that_goes_on_after_a_stop_ends_what_is_over():
    """The command that makes a plan active again ends what ran out meanwhile."""
    service = begun(STAGES, alongside=DUTY)
    service.suspend("p", OFFICER_AT(DAY), reason="chờ")
    assert [] == ended(service)

    service.resume("p", OFFICER_AT(LATER), reason="xong")

    assert [("duty", AFTER)] == ended(service)
    assert () == service.record.verify().findings


def test_a_series_has_no_period_that_begins_after_its_last_day():
    """What nobody looked at for long still gets its periods up to the last day, and then it ends."""
    reports = {
        "uses": "periodic-report",
        "with": {"every": "week", "units": ["dept-a"], "to": "office"},
        "until": {"date": LAST.isoformat()},
    }
    service = begun(STAGES, alongside={"reports": reports})

    service.tick("p", OFFICER_AT(LATER))

    periods = state(service).steps["reports"].current.state["periods"]
    assert ["2026-03-02", "2026-03-09"] == [period["begins"] for period in periods]
    assert [("reports", AFTER)] == ended(service)


def test_a_plan_taken_over_after_its_last_day_has_no_such_step():
    """Nothing is opened that was over before the plan came here."""
    service = service_with(stages_of(STAGES, alongside=DUTY), registry=registry())
    service.create("d", "p", OFFICER_AT(LATER), adopt_at="b")

    assert {} == state(service).steps
