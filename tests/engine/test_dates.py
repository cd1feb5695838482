"""Dates of a running plan: suspended and resumed, put off by two people, moved with the calendar."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from engine.kit import begun, events, state, to
from engine_kit import OFFICER_AT

from workflow.errors import InvalidInput, NotFound, Refused
from workflow.plan.state import PlanState
from workflow.service.service import Service
from workflow.views.plans import Write

MARCH_2 = date(2026, 3, 2)
BOSS, OTHER = "boss", "other"


def day(text: str, actor: str = "officer", **more: Any) -> Write:
    return OFFICER_AT(date.fromisoformat(text), actor, **more)


def plan(**more: Any) -> Service:
    """A plan of 2 March 2026: ten working days, then 20 calendar days, then a fixed week."""
    return begun(
        {
            "first": {
                "after": {"working_days": 10},
                "steps": {"work": {"uses": "task"}},
                "transitions": {"go": to("b")},
            },
            "b": {"after": {"stage": "first", "days": 20}, "transitions": {"go": to("fixed")}},
            "fixed": {"window": "2026-05-11/2026-05-15", "transitions": {"go": to("end")}},
            "end": {},
        },
        **more,
    )


def due(service: Service) -> dict[str, str | None]:
    return {name: term.get("due") for name, term in state(service).schedule.items() if name != "end"}


def owed(service: Service) -> str | None:
    (item,) = service.due()
    return item.due_on


def test_a_suspended_term_keeps_its_remaining_days_and_a_fixed_day_stays():
    """Stopped from the 9th to the 23rd: five working days were left and are left; what follows is counted on."""
    service = plan()
    assert {"first": "2026-03-16", "b": "2026-04-06", "fixed": "2026-05-15"} == due(service)
    service.suspend("p", day("2026-03-09"), reason="chờ Nghị định")
    service.resume("p", day("2026-03-23"), reason="đã có Nghị định")

    assert {"first": "2026-03-30", "b": "2026-04-20", "fixed": "2026-05-15"} == due(service)
    assert "2026-03-30" == owed(service)
    moved = events(service)[-1]
    assert ("dates_moved", "resumed") == (moved.type, moved.data["cause"]["kind"])
    assert ("2026-03-09", "2026-03-23") == (moved.data["cause"]["stopped"], moved.data["cause"]["resumed"])
    assert () == service.record.verify().findings


def test_resuming_on_the_same_day_moves_nothing():
    """No day was lost, so there is nothing to move."""
    service = plan()
    service.suspend("p", day("2026-03-09"), reason="x")
    service.resume("p", day("2026-03-09"), reason="y")

    assert "plan_resumed" == events(service)[-1].type


def test_two_suspensions_add_up():
    """Each stop is kept: the second does not undo the first."""
    service = plan()
    for stopped, resumed in (("2026-03-04", "2026-03-06"), ("2026-03-10", "2026-03-12")):
        service.suspend("p", day(stopped), reason="x")
        service.resume("p", day(resumed), reason="y")

    assert "2026-03-20" == due(service)["first"]


def test_what_was_over_before_the_suspension_stays():
    """The day of a step that is done is not touched."""
    service = plan()
    service.act("p", "work", "complete", {}, day("2026-03-04"))
    service.advance("p", "go", day("2026-03-05"))
    service.suspend("p", day("2026-03-09"), reason="x")
    service.resume("p", day("2026-03-23"), reason="y")

    assert "2026-03-16" == due(service)["first"]
    # Its own term runs from the 16th, while the clock stood still until the 23rd.
    assert "2026-04-13" == due(service)["b"]


def test_a_later_day_is_asked_by_one_and_granted_by_another():
    """The request moves nothing; the grant moves the stage, its work and what is counted from it."""
    service = plan()
    service.reschedule("p", "first", day("2026-03-10"), due=date(2026, 3, 20), reason="hai sở chậm", manner="ask")
    assert "2026-03-16" == due(service)["first"]
    service.reschedule("p", "first", day("2026-03-11", OTHER), reason="đồng ý", manner="grant")

    assert ("2026-03-20", "2026-04-09") == (due(service)["first"], due(service)["b"])
    assert "2026-03-20" == owed(service)
    moved = events(service)[-1].data
    assert ("extension", "officer", "first") == tuple(moved["cause"][key] for key in ("kind", "by", "where"))
    assert "2026-03-16" == state(service).schedule["first"]["original"]
    assert () == state(service).asked


def test_nobody_grants_their_own_request():
    """Whoever asked is refused, by rule and not for want of a right."""
    service = plan()
    service.reschedule("p", "first", day("2026-03-10"), due=date(2026, 3, 20), reason="x", manner="ask")

    with pytest.raises(Refused) as refused:
        service.reschedule("p", "first", day("2026-03-11"), reason="x", manner="grant")
    assert ["same-person"] == [reason.code for reason in refused.value.reasons]


def test_a_refused_request_leaves_the_date_and_may_be_asked_again():
    """The refusal has its reason in the trail; the request is no longer open."""
    service = plan()
    service.reschedule("p", "first", day("2026-03-10"), due=date(2026, 3, 20), reason="x", manner="ask")
    with pytest.raises(Refused, match="asked for already"):
        service.reschedule("p", "first", day("2026-03-10"), due=date(2026, 3, 21), reason="x", manner="ask")
    service.reschedule("p", "first", day("2026-03-11", OTHER), reason="không", manner="refuse")

    assert ("2026-03-16", ()) == (due(service)["first"], state(service).asked)
    service.reschedule("p", "first", day("2026-03-12"), due=date(2026, 3, 21), reason="x", manner="ask")


@pytest.mark.parametrize(
    ("manner", "more", "error", "code"),
    [
        ("grant", {}, Refused, "not-asked"),
        ("ask", {"due": date(2026, 3, 16)}, InvalidInput, "no-extension"),
        ("ask", {}, InvalidInput, "no-day"),
        ("set", {"due": date(2026, 3, 20)}, Refused, "extension-needed"),
        ("set", {"due": date(2026, 3, 1)}, InvalidInput, "window-reversed"),
        ("set", {"due": date(2026, 3, 16)}, InvalidInput, "nothing-moves"),
    ],
)
def test_what_cannot_be_put_off_is_refused_with_a_code(manner, more, error, code):
    """No request, no later day, no day at all, a later day without two people, an end before the start."""
    service = plan()
    before = state(service)

    with pytest.raises(error) as refused:
        service.reschedule("p", "first", day("2026-03-10"), reason="x", manner=manner, **more)
    assert code == refused.value.code
    assert before == state(service)


def test_a_reason_and_a_known_place_are_needed():
    """An empty reason and a place that is nowhere are refused."""
    with pytest.raises(InvalidInput, match="reason"):
        plan().reschedule("p", "first", day("2026-03-10"), due=date(2026, 3, 12), reason=" ")
    with pytest.raises(NotFound, match="nowhere"):
        plan().reschedule("p", "nowhere", day("2026-03-10"), due=date(2026, 3, 12), reason="x")


def test_an_order_or_an_earlier_day_needs_no_second_person_and_keeps_the_baseline():
    """A document may put a stage off, and anybody in charge may bring it forward; the first day stays readable."""
    service = plan()
    service.reschedule("p", "first", day("2026-03-10"), due=date(2026, 3, 25), reason="x", document="12/CV")
    service.reschedule("p", "first", day("2026-03-10"), due=date(2026, 3, 12), reason="sớm hơn")

    assert ("2026-03-12", "2026-03-16") == (due(service)["first"], state(service).schedule["first"]["original"])
    assert ["2026-03-16", "2026-03-25"] == [m.from_ for m in state(service).moves if m.where == "first"]


def test_what_was_decided_by_hand_stays_when_the_calendar_changes():
    """A granted day is not counted anew; what is counted from it still is."""
    service = plan()
    service.reschedule("p", "first", day("2026-03-10"), due=date(2026, 3, 25), reason="x", document="12/CV")
    service.load_calendar(b"calendar: 1\ndays:\n- {off: 2026-04-14, source: x}\n", "c.yaml", Write(actor="officer"))

    assert ("2026-03-25", "2026-04-15") == (due(service)["first"], due(service)["b"])


def test_a_stage_that_was_left_keeps_its_day():
    """Lateness is judged against the day that was valid then: left stages move with no calendar."""
    service = plan()
    service.act("p", "work", "complete", {}, day("2026-03-04"))
    service.advance("p", "go", day("2026-03-05"))
    service.load_calendar(b"calendar: 1\ndays:\n- {off: 2026-03-10, source: x}\n", "c.yaml", Write(actor="officer"))

    assert "2026-03-16" == due(service)["first"]
    with pytest.raises(Refused, match="is over"):
        service.reschedule("p", "first", day("2026-03-10"), due=date(2026, 3, 12), reason="x")


def test_a_step_may_be_put_off_alone():
    """A step without a day of its own gets one; its stage keeps its day."""
    service = plan()
    service.reschedule("p", "work", day("2026-03-10"), due=date(2026, 3, 12), reason="x")

    assert ("2026-03-16", "2026-03-12") == (due(service)["first"], owed(service))


def test_a_plan_with_moved_dates_is_stored_and_replayed_the_same():
    """Stops, moves and requests survive storing, and replay gives the stored state."""
    service = plan()
    service.suspend("p", day("2026-03-09"), reason="x")
    service.resume("p", day("2026-03-11"), reason="y")
    service.reschedule("p", "first", day("2026-03-12"), due=date(2026, 3, 30), reason="x", manner="ask")

    stored = state(service)
    assert stored == PlanState.from_data(stored.as_data())
    assert stored.stops and stored.moves and stored.asked
    assert () == service.record.verify().findings


def working_days(first: str, last: str) -> int:
    """Days from Monday to Friday between two days, both included; March and early April 2026 have no holiday."""
    days = range(date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal() + 1)
    return sum(date.fromordinal(each).weekday() < 5 for each in days)


def stopped(service: Service, first: str = "2026-03-16", again: str = "2026-03-30") -> None:
    service.suspend("p", day(first), reason="x")
    service.resume("p", day(again), reason="y")


@pytest.mark.parametrize("manner", ["order", "extension"])
def test_a_term_set_to_another_day_keeps_its_remaining_days_too(manner):
    """Set to 1 April, stopped on 16 March with thirteen working days left: there are thirteen from the 30th on."""
    service = plan()
    if manner == "order":
        service.reschedule("p", "first", day("2026-03-10"), due=date(2026, 4, 1), reason="x", document="12/CV")
    else:
        service.reschedule("p", "first", day("2026-03-10"), due=date(2026, 4, 1), reason="x", manner="ask")
        service.reschedule("p", "first", day("2026-03-10", OTHER), reason="y", manner="grant")
    stopped(service)

    assert "2026-04-15" == due(service)["first"] == owed(service)
    assert working_days("2026-03-16", "2026-04-01") == working_days("2026-03-30", "2026-04-15") == 13
    stopped(service, "2026-04-10", "2026-04-13")
    assert "2026-04-16" == due(service)["first"]
    assert () == service.record.verify().findings


def test_a_day_that_an_order_fixed_stays_through_a_suspension():
    """Said to be fixed, the day of the order is the day, whatever time was lost."""
    service = plan()
    service.reschedule("p", "first", day("2026-03-10"), due=date(2026, 4, 1), reason="x", document="12/CV", fixed=True)
    stopped(service)

    assert "2026-04-01" == due(service)["first"]


def test_a_day_of_the_calendar_that_an_order_set_stays_as_one():
    """A window is no term: put off by an order it stays through a suspension, as it would have as it was planned."""
    service = plan()
    service.reschedule("p", "fixed", day("2026-03-10"), due=date(2026, 5, 29), reason="x", document="12/CV")
    stopped(service)

    assert "2026-05-29" == due(service)["fixed"]


def test_a_term_in_calendar_days_that_was_extended_keeps_its_calendar_days():
    """Twenty days become 27, to Monday 13 April; fourteen days stopped are fourteen days later."""
    service = plan()
    service.reschedule("p", "b", day("2026-03-10"), due=date(2026, 4, 13), reason="x", document="12/CV")
    service.act("p", "work", "complete", {}, day("2026-03-10"))
    service.advance("p", "go", day("2026-03-11"))
    stopped(service)

    # Monday the 27th is Hùng Kings' day in 2026: the working day after it.
    assert "2026-04-28" == due(service)["b"]


def test_an_order_that_gives_what_was_asked_for_settles_the_request():
    """Nobody has to decide on a later day that is there; one that falls short of it leaves the request open."""
    service = plan()
    service.reschedule("p", "first", day("2026-03-10"), due=date(2026, 3, 25), reason="x", manner="ask")
    service.reschedule("p", "first", day("2026-03-11"), due=date(2026, 3, 20), reason="x", document="12/CV")
    assert 1 == len(state(service).asked)
    service.reschedule("p", "first", day("2026-03-12"), due=date(2026, 3, 25), reason="x", document="13/CV")

    assert () == state(service).asked
    assert () == service.record.verify().findings
