"""`forecast`: what a delay moves, what the buffer takes up, whether the last date holds; nothing is changed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from engine.kit import begun, state, to
from engine.test_overview import course, started
from engine_kit import OFFICER_AT

from workflow.errors import InvalidInput, NotFound
from workflow.queries.forecasting import Delay
from workflow.service.service import Service
from workflow.views.times import Forecast

TASK = {"uses": "task"}
ON = date(2019, 4, 15)


def ends(found: Forecast) -> dict[str, str]:
    return {stage.id: stage.expected for stage in found.stages}


def forecast(service: Service, day: date = ON, **delays: int) -> Forecast:
    return service.forecast("p", {name.replace("__", "/").replace("_", "-"): n for name, n in delays.items()}, on=day)


def test_without_a_delay_everything_is_as_planned():
    """A plan in time has no moves, an untouched buffer, and a last date that holds."""
    found = forecast(started())

    assert {"a-april": "2019-04-30", "b-may": "2019-05-31", "c-june": "2019-06-30", "d-july": "2019-07-31"} == ends(
        found
    )
    assert (True, (), [(0, 0, 30)]) == (found.holds, found.steps, [(b.used_now, b.used, b.left) for b in found.buffers])


def test_a_delay_that_the_buffer_takes_up_leaves_the_last_date():
    """Ten days: May ends ten days later, ten of thirty days are used, and July stays."""
    found = forecast(started(), work=10)

    assert ("2019-05-10", "2019-06-10") == (ends(found)["a-april"], ends(found)["b-may"])
    assert [False, False, False, False] == [stage.late for stage in found.stages]
    assert (10, 20) == (found.buffers[0].used, found.buffers[0].left)
    assert found.holds and "2019-07-31" == found.final.expected
    assert [("a-april/work", "2019-04-30", "2019-05-10")] == [(s.id, s.due, s.expected) for s in found.steps]


def test_a_delay_longer_than_the_buffer_moves_the_last_date():
    """Forty days: thirty are taken up, and July ends ten days after its day."""
    found = forecast(started(), a_april=40)

    assert (0, "2019-08-10", 10) == (found.buffers[0].left, found.final.expected, found.final.days)
    assert not found.holds
    assert {"a-april": True, "b-may": True, "c-june": False, "d-july": True} == {s.id: s.late for s in found.stages}


def test_delays_of_several_steps_add_up_along_the_way():
    """Five days in April and ten in May use fifteen days of the buffer."""
    found = forecast(started(), work=5, b_may__more=10)

    assert "2019-06-15" == ends(found)["b-may"] and 15 == found.buffers[0].used


def test_what_is_late_today_counts_without_any_delay():
    """On 10 May April is open still: the forecast begins from there."""
    found = forecast(started(), date(2019, 5, 10))

    assert ("2019-05-10", 10, 10) == (ends(found)["a-april"], found.buffers[0].used_now, found.buffers[0].used)


def test_terms_counted_from_a_stage_are_counted_anew():
    """A term in working days after the delayed stage moves with it, over days off; a fixed window holds."""
    stages: dict[str, Any] = {
        "a": {"window": "2026-04-01/2026-04-20", "steps": {"t": TASK}, "transitions": {"go": to("b")}},
        "b": {"after": {"stage": "a", "working_days": 5}, "transitions": {"go": to("c")}},
        "c": {"window": "2026-05-18/2026-05-29", "transitions": {"go": to("z")}},
        "z": {},
    }
    found = begun(stages).forecast("p", {"t": 4}, on=date(2026, 4, 2))

    # From Friday the 24th: the 27th, 30 April and 1 May are off.
    assert {"a": "2026-04-24", "b": "2026-05-06", "c": "2026-05-29"} == ends(found)
    assert found.holds


def ordered_and_suspended(**order: Any) -> Service:
    """A counted stage gets another last day by order, and a suspension moves the stage before it."""
    stages: dict[str, Any] = {
        "a": {"after": {"working_days": 20}, "steps": {"t": TASK}, "transitions": {"go": to("b")}},
        "b": {"after": {"stage": "a", "working_days": 20}, "transitions": {"go": to("c")}},
        "c": {"window": "2026-06-01/2026-06-12", "transitions": {"go": to("z")}},
        "z": {},
    }
    service = begun(stages)
    write = OFFICER_AT(date(2026, 3, 9))
    service.reschedule("p", "b", write, due=date(2026, 5, 29), reason="x", document="01/QĐ", fixed=True, **order)
    service.suspend("p", write, reason="x")
    service.resume("p", OFFICER_AT(date(2026, 3, 23)), reason="x")
    return service


def test_an_order_for_a_last_day_makes_no_stage_longer():
    """Ordered to end on 29 May, stage b begins behind stage a also when that moves, and needs its 28 days, not 60."""
    service = ordered_and_suspended()
    schedule = state(service).schedule
    found = forecast(service, date(2026, 3, 23))

    assert ("2026-04-13", "2026-04-14", "2026-05-29") == (
        schedule["a"]["due"],
        schedule["b"]["start"],
        schedule["b"]["due"],
    )
    assert found.holds and {"a": "2026-04-13", "b": "2026-05-29", "c": "2026-06-12"} == ends(found)
    # What is left behind its own length takes ten days up, and not forty.
    assert {"a": "2026-04-23", "b": "2026-05-29"}.items() <= ends(forecast(service, date(2026, 3, 23), a=10)).items()
    assert not forecast(service, date(2026, 3, 23), a=40).holds


def test_a_first_day_that_was_ordered_stays_and_overlaps_without_delay():
    """The first day stands where the order put it, before stage a ends now; nobody is late for that."""
    service = ordered_and_suspended(start=date(2026, 4, 1))
    found = forecast(service, date(2026, 3, 23))

    assert "2026-04-01" == state(service).schedule["b"]["start"]
    assert found.holds and "2026-05-29" == ends(found)["b"]


def test_a_step_that_waits_for_a_delayed_one_is_told():
    """What comes after the delayed step in the same stage is reached by the delay."""
    service = started(course(steps={"work": TASK, "next": {**TASK, "after": ["work"]}}))

    assert {"a-april/work", "a-april/next"} == {step.id for step in forecast(service, work=3).steps}


def test_a_forecast_changes_nothing():
    """The plan's state, its events and its work are as before."""
    service = started()
    before = (state(service), len(list(service.store.events("p"))), service.due())
    forecast(service, work=90)

    assert before == (state(service), len(list(service.store.events("p"))), service.due())


def test_what_cannot_be_late_is_refused():
    """An unknown step, one that is done, a stage that was left, and a plan that is over."""
    service = started()
    with pytest.raises(NotFound, match="nowhere"):
        forecast(service, nowhere=1)
    service.act("p", "work", "complete", {}, OFFICER_AT(date(2026, 3, 2)))
    with pytest.raises(InvalidInput, match="is over"):
        forecast(service, work=1)
    service.advance("p", "go", OFFICER_AT(date(2026, 3, 2)))
    with pytest.raises(InvalidInput, match="is over"):
        forecast(service, a_april=1)
    service.cancel("p", OFFICER_AT(date(2026, 3, 2)), reason="x", document="1")
    with pytest.raises(InvalidInput, match="cancelled"):
        forecast(service)


def in_the_buffer() -> Service:
    """The plan stands in the buffer of June, and April's work is still open."""
    stages = course()
    stages["a-april"]["transitions"] = {"go": to("b-may", allow_open_steps=True)}
    service = started(stages)
    service.advance("p", "go", OFFICER_AT(date(2026, 3, 2)))
    service.act("p", "more", "complete", {}, OFFICER_AT(date(2026, 3, 2)))
    service.advance("p", "go-on", OFFICER_AT(date(2026, 3, 2)))
    return service


def test_work_of_an_earlier_stage_that_is_open_can_be_late():
    """Looked at on 3 June, April's work would end ten days later: it uses more of June, and July holds."""
    found = forecast(in_the_buffer(), date(2019, 6, 3), a_april__work=10)

    assert [("a-april/work", "2019-06-13")] == [(step.id, step.expected) for step in found.steps]
    assert {"a-april": "2019-06-13", "d-july": "2019-07-31"}.items() <= ends(found).items()
    (buffer,) = found.buffers
    assert buffer.used_now <= buffer.used and found.holds


def test_work_of_an_earlier_stage_that_outruns_the_buffer_moves_what_follows():
    """27 days behind 3 June is the last day of June; one more, and July ends a day later."""
    service = in_the_buffer()
    ends = [forecast(service, date(2019, 6, 3), a_april__work=days).final for days in (27, 28, 37)]

    assert ["2019-07-31", "2019-08-01", "2019-08-10"] == [final.expected for final in ends]


@pytest.mark.parametrize("day", ["2019-04-15", "2019-05-07", "2019-06-03", "2019-06-20", "2019-07-10"])
@pytest.mark.parametrize("made", [started, in_the_buffer])
def test_what_is_used_of_a_buffer_is_one_answer(made, day):
    """`forecast` and `show` tell the same days used on the same day."""
    service, on = made(), date.fromisoformat(day)
    (standing,) = service.overview(on=on)
    shown = {each.stage: (each.days, each.used) for each in standing.buffers}

    assert {each.id: (each.days, each.used_now) for each in forecast(service, on).buffers}.items() <= shown.items()


def test_a_delay_may_be_given_in_working_days():
    """Ten working days behind 30 April 2019: 1 May is off, Saturday the 4th is worked."""
    found = started().forecast("p", {"work": Delay(10, working=True)}, on=ON)

    assert "2019-05-14" == ends(found)["a-april"]
