"""Reminders before work is due and rungs of escalation after it: each of each due day once, whoever ticks.

The days are worked out here by hand: in March 2026 every Monday to Friday is a working day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from engine.kit import Point, events, plugin, registry, stages_of, to
from engine_kit import PEOPLE, service_with
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow import Effect
from workflow.audit import canonical_json
from workflow.check import check
from workflow.clock import SimulatedClock
from workflow.language.definition import Definition
from workflow.language.loader import load
from workflow.messages import ESCALATED, REMINDED, REMINDER_SKIPPED
from workflow.people import Register
from workflow.service.service import Service
from workflow.store.memory import MemoryStore
from workflow.views.plans import Write

OFFICER, NOBODY = Write(actor="officer"), Write(actor=None)
FIRST = date(2026, 3, 2)
DUE = "2026-03-27"
"""A Friday; 10 days before is Tuesday the 17th, 3 working days before Tuesday the 24th."""
RUNGS: dict[str, Any] = {
    "remind": ["10d", "3wd", "0d"],
    "escalate": [{"after": "1wd", "to": "unit-head"}, {"after": "5wd", "to": ["director", "clerk"]}],
}
TASK = {"uses": "task", "lead": "dept-a", "due": DUE}


def started(task: Any = TASK, *, plugins: Any = None, **more: Any) -> Service:
    """The plan `p`, begun on the first Monday of March, with one task."""
    stages = {"a": {"steps": {"work": task, "rest": {"uses": "task"}}, "transitions": {"go": to("b")}}, "b": {}}
    definition = stages_of(stages, **{**RUNGS, **more})
    service = service_with(definition, store=MemoryStore(), registry=plugins or registry())
    at(service, FIRST)
    service.create("d", "p", OFFICER)
    return service


def at(service: Service, day: date | str) -> Service:
    """Set the clock, to an earlier day too."""
    moment = date.fromisoformat(day) if isinstance(day, str) else day
    service.clock = SimulatedClock(datetime(moment.year, moment.month, moment.day, 2, tzinfo=UTC))
    return service


def fired(service: Service) -> list[tuple[str, str, str]]:
    """What fired: how, which rung, and on which day."""
    short = {REMINDED: "remind", REMINDER_SKIPPED: "skip", ESCALATED: "escalate"}
    return [(short[e.type], e.data["rung"], e.occurred_on.isoformat()) for e in events(service) if e.type in short]


def lived(service: Service, last: str, first: date = FIRST) -> list[tuple[str, str, str]]:
    """Tick every day up to the last one and return what fired."""
    day = first
    while day.isoformat() <= last:
        list(at(service, day).tick_plans(NOBODY))
        day += timedelta(days=1)
    return fired(service)


ALL = [
    ("remind", "10d", "2026-03-17"),
    ("remind", "3wd", "2026-03-24"),
    ("remind", "0d", "2026-03-27"),
    ("escalate", "1wd", "2026-03-30"),
    ("escalate", "5wd", "2026-04-03"),
]


def test_each_rung_fires_on_its_day_and_once():
    """Day by day, to the end of April: five rungs, five events of nobody's."""
    service = started()

    assert ALL == lived(service, "2026-04-30")
    told = [e for e in events(service) if e.type in (REMINDED, ESCALATED)]
    assert {(None, "engine")} == {(e.actor, e.authority["via"]) for e in told}
    assert service.store.plan("p").reminds_on is None
    assert () == service.record.verify().findings


def test_an_event_says_of_what_whom_and_since_when():
    """The work, the rung, its day, the due day, the owner, and the persons behind the names that day."""
    service = started()
    lived(service, "2026-04-30")
    reminded, *_, first, second = (e.data for e in events(service) if e.type in (REMINDED, ESCALATED))

    assert ("a/work", 1, "work", "10d", "2026-03-17", DUE) == tuple(
        reminded[name] for name in ("step", "round", "key", "rung", "day", "due")
    )
    assert (["dept-a"], ["stranger"]) == (reminded["to"], reminded["persons"])
    # dept-a has no office of its own, and nothing above it either.
    assert ([], [], "dept-a") == (first["to"], first["persons"], first["owner"])
    assert (["director", "clerk"], ["boss", "deputy", "officer"]) == (second["to"], second["persons"])


@pytest.mark.parametrize(("owner", "head"), [("office", ["director"]), ("other", ["director"]), ("director", [])])
def test_the_head_of_a_unit_is_the_first_office_of_it(owner, head):
    """Of the unit itself or of a person's; nobody is told of their own lateness as their own head."""
    service = started({**TASK, "lead": owner})
    lived(service, "2026-03-30")

    assert [head] == [e.data["to"] for e in events(service) if e.type == ESCALATED]


def test_work_done_in_time_is_never_reminded_of():
    """Recorded before the rung, or on its day before anybody ticked, or later with the day on which it was done."""
    early, same, late = started(), started(), started()
    at(early, "2026-03-16").act("p", "work", "complete", {}, OFFICER)
    at(same, "2026-03-17").act("p", "work", "complete", {}, OFFICER)
    at(late, "2026-04-20").act("p", "work", "complete", {}, Write(actor="officer", on=date(2026, 3, 26)))

    assert [] == lived(early, "2026-04-30", date(2026, 3, 16))
    assert [] == lived(same, "2026-04-30", date(2026, 3, 17))
    assert [] == lived(late, "2026-04-30", date(2026, 4, 20))


def test_a_command_reminds_nobody():
    """What somebody records may be what is owed: only ticks fire."""
    service = at(started(), "2026-04-20")

    service.act("p", "rest", "complete", {}, OFFICER)

    assert [] == fired(service)


def test_late_reminders_are_not_sent_and_those_above_are_told_all_the_same():
    """After weeks of nobody ticking: the trail says that nobody was reminded; both rungs above fire, once."""
    service = at(started(), "2026-04-20")
    (ticked,) = service.tick_plans(NOBODY)

    assert (0, 3, 2) == (ticked.reminded, ticked.skipped, ticked.escalated)
    assert {(rung, "2026-04-20") for _, rung, _ in ALL} == {(rung, day) for _, rung, day in fired(service)}
    assert {"overdue"} == {e.data["why"] for e in events(service) if e.type == REMINDER_SKIPPED}
    assert [] == list(service.tick_plans(NOBODY))


def test_of_several_reminders_that_have_come_the_nearest_is_sent():
    """Ticked again two days before the due day: one letter and not two."""
    service = at(started(), "2026-03-25")
    list(service.tick_plans(NOBODY))

    assert [("skip", "10d", "2026-03-25"), ("remind", "3wd", "2026-03-25")] == fired(service)
    assert ALL[2:] == lived(service, "2026-04-30", date(2026, 3, 25))[2:]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 50), max_size=10), st.integers(0, 50))
def test_on_whatever_days_somebody_ticks_every_rung_is_settled_once(ticks, repeated):
    """Any days, some twice, then the end of April: every rung once, none before its day, those above always told."""
    service = started()
    for offset in sorted([*ticks, repeated, repeated]):
        list(at(service, FIRST + timedelta(days=offset)).tick_plans(NOBODY))
    list(at(service, "2026-04-30").tick_plans(NOBODY))
    found = {rung: (how, day) for how, rung, day in fired(service)}

    assert len(fired(service)) == len(found) == 5
    for how, rung, day in ALL:
        assert found[rung][1] >= day
        assert how == found[rung][0] or (how, found[rung][0]) == ("remind", "skip")
    ticked = {(FIRST + timedelta(days=offset)).isoformat() for offset in [*ticks, repeated]}
    for how, rung, day in ALL:
        if how == "remind" and day in ticked:
            assert ("remind", day) == found[rung]
    assert () == service.record.verify().findings


def test_an_extension_arms_the_rungs_anew():
    """Granted after two reminders: those of the new day fire on their days, none of the old twice."""
    service = started()
    lived(service, "2026-03-25")
    at(service, "2026-03-26").reschedule(
        "p", "a/work", OFFICER, due=date(2026, 4, 10), reason="gia hạn", document="12/CV", manner="set"
    )

    assert lived(service, "2026-05-31", date(2026, 3, 26)) == [
        *ALL[:2],
        ("remind", "10d", "2026-03-31"),
        ("remind", "3wd", "2026-04-07"),
        ("remind", "0d", "2026-04-10"),
        ("escalate", "1wd", "2026-04-13"),
        ("escalate", "5wd", "2026-04-17"),
    ]
    assert () == service.record.verify().findings


def calendar(*off: str) -> bytes:
    """A calendar file with days off."""
    days = ", ".join(off)
    return f"calendar: 1\ndays: [{{off: [{days}], source: Thông báo 1, announced_on: 2026-03-01}}]\n".encode()


def test_a_calendar_announced_late_moves_the_rungs_that_have_not_fired():
    """The Monday before becomes a day off: three working days before Friday is now the Monday's Friday before."""
    service = started()
    lived(service, "2026-03-18")
    at(service, "2026-03-19").load_calendar(calendar("2026-03-24", "2026-03-25"), "lich.yaml", OFFICER)

    assert lived(service, "2026-04-10", date(2026, 3, 19)) == [
        ALL[0],
        ("remind", "3wd", "2026-03-20"),
        *ALL[2:],
    ]
    assert () == service.record.verify().findings


def test_a_due_day_moved_by_the_calendar_is_reminded_of_anew_where_that_lies_ahead():
    """A term in working days ends later: its rungs go with it."""
    task = {"uses": "task", "lead": "dept-a", "after": {"working_days": 10}}
    service = started(task, remind=["2wd"], escalate=[])
    lived(service, "2026-03-12")
    assert [("remind", "2wd", "2026-03-12")] == fired(service)
    at(service, "2026-03-13").load_calendar(calendar("2026-03-16"), "lich.yaml", OFFICER)

    # Due on the 17th now: two working days before is the 12th still, and that was said.
    assert [("remind", "2wd", "2026-03-12")] == lived(service, "2026-03-14", date(2026, 3, 13))[:1]
    later = calendar("2026-03-16", "2026-03-17", "2026-03-18", "2026-03-19")
    at(service, "2026-03-14").load_calendar(later, "lich.yaml", OFFICER)

    # Due on the 20th, with four days off before it: the 12th once more.
    service.reschedule("p", "a/work", OFFICER, due=date(2026, 3, 25), reason="gia hạn", document="12/CV")
    assert [each for each in lived(service, "2026-04-10", date(2026, 3, 14)) if each[0] == "remind"] == [
        ("remind", "2wd", "2026-03-12"),
        ("remind", "2wd", "2026-03-23"),
    ]
    assert {"came-later"} == {e.data["why"] for e in events(service) if e.type == REMINDER_SKIPPED}


def test_nobody_is_reminded_while_the_plan_stands_still():
    """A suspended plan has no rungs; resumed, it goes on with what lies ahead."""
    service = started()
    at(service, "2026-03-16").suspend("p", OFFICER, reason="chờ")
    assert [] == lived(service, "2026-03-19", date(2026, 3, 17))
    at(service, "2026-03-20").resume("p", OFFICER, reason="xong")

    assert "remind" == lived(service, "2026-03-24", date(2026, 3, 20))[-1][0]


def test_work_that_came_late_has_the_time_of_the_rung_from_then_on():
    """A step opened behind its day is not told of as if somebody had sat on it, and reminds nobody."""
    service = started({**TASK, "after": ["rest"], "due": "2026-03-10"})
    at(service, "2026-03-20").act("p", "rest", "complete", {}, OFFICER)

    assert [("escalate", "1wd", "2026-03-23"), ("escalate", "5wd", "2026-03-27")] == lived(
        service, "2026-04-30", date(2026, 3, 20)
    )


def test_rungs_before_the_work_came_are_none():
    """Opened six days before its day: the reminder of ten days before is not made up for."""
    service = started({**TASK, "after": ["rest"]})
    at(service, "2026-03-21").act("p", "rest", "complete", {}, OFFICER)

    assert ALL[1:] == lived(service, "2026-04-30", date(2026, 3, 21))


def test_buffer_time_is_no_lateness():
    """Nobody above is told while the work uses the buffer that follows its stage."""
    stages = {
        "a": {"window": "2026-03-02/2026-03-06", "steps": {"work": {"uses": "task"}}, "transitions": {"go": to("buf")}},
        "buf": {"buffer": True, "window": "2026-03-07/2026-03-13", "transitions": {"on": to("b")}},
        "b": {},
    }
    service = service_with(
        stages_of(stages, escalate={"after": "1wd", "to": "lead"}, lead="office"),
        store=MemoryStore(),
        registry=registry(),
    )
    at(service, FIRST).create("d", "p", OFFICER)

    assert [("escalate", "1wd", "2026-03-16")] == lived(service, "2026-04-30")
    assert [["office"]] == [e.data["to"] for e in events(service) if e.type == ESCALATED]


@pytest.mark.parametrize(
    ("where", "expected"),
    [("step", ["1d"]), ("stage", ["2d"]), ("definition", ["3d"]), ("silent", [])],
)
def test_the_innermost_that_says_anything_counts(where, expected):
    """The step's, else the stage's, else the file's; an empty list silences."""
    step = {**TASK, **{"step": {"remind": "1d"}, "silent": {"remind": []}}.get(where, {})}
    stage = {} if where == "definition" else {"remind": ["2d"]}
    stages = {"a": {"steps": {"work": step}, "transitions": {"go": to("b")}, **stage}, "b": {}}
    service = service_with(stages_of(stages, remind=["3d"]), store=MemoryStore(), registry=registry())
    at(service, FIRST).create("d", "p", OFFICER)

    assert expected == [rung for _, rung, _ in lived(service, "2026-03-30")]


def test_each_unit_that_owes_a_report_is_reminded_of_its_own():
    """A series: for each period and unit one reminder, but for the one that has reported."""
    weekly = {
        "uses": "periodic-report",
        "with": {"every": "week", "weekday": 4, "units": ["dept-a", "dept-b"], "to": "office"},
    }
    stages = {"a": {"transitions": {"go": to("b")}}, "b": {}}
    definition = stages_of(stages, alongside={"weekly": {**weekly, "remind": "1d"}})
    service = service_with(definition, store=MemoryStore(), registry=registry())
    at(service, FIRST).create("d", "p", OFFICER)
    service.act("p", "weekly", "report", {"period": "2026-W10", "unit": "dept-b"}, OFFICER)

    lived(service, "2026-03-13")

    assert [
        ("2026-W10/dept-a", "2026-03-05"),
        ("2026-W11/dept-a", "2026-03-12"),
        ("2026-W11/dept-b", "2026-03-12"),
    ] == [(e.data["key"], e.occurred_on.isoformat()) for e in events(service) if e.type == REMINDED]


def test_plugins_make_effects_of_what_fired():
    """`events_recorded` gets the event, and the effect stands in the outbox with it."""

    def events_recorded(plan: Any, events: Any) -> Any:
        return [Effect("letter", {"to": list(e.data["persons"])}) for e in events if e.type == REMINDED]

    service = started(plugins=registry(Point("letters", plugin(events_recorded=events_recorded))))
    lived(service, "2026-03-17")

    assert [b'{"to":["stranger"]}'] == [effect.payload for effect in service.store.effects("p")]


def test_ticking_to_a_day_reminds_of_nothing_later():
    """`--on` in the past: what was to be sent by then and is overdue today is not sent any more."""
    service = at(started(), "2026-04-20")
    list(service.tick_plans(Write(actor=None, on=date(2026, 3, 17))))

    assert [("skip", "10d", "2026-03-17")] == fired(service)


@pytest.mark.parametrize(
    "wrong",
    [
        {"remind": ["3x"]},
        {"remind": ["1d", "1d"]},
        {"remind": ["-1d"]},
        {"escalate": [{"after": "0d", "to": "director"}]},
        {"escalate": [{"after": "1d", "to": []}]},
        {"escalate": [{"after": "1d", "to": "x"}, {"after": "1d", "to": "y"}]},
    ],
)
def test_rungs_that_mean_nothing_are_refused(wrong):
    """Another unit, a rung twice, none at all, nobody to tell."""
    base = {"workflow": 1, "id": "d", "version": 1, "title": "x", "stages": {"a": {"title": "A"}}}
    with pytest.raises(ValueError):
        Definition.model_validate({**base, **wrong})


def test_who_is_told_must_be_in_the_register():
    """`check` finds a name that nobody has, at its place; the two words for heads and leads are no names."""
    text = (
        "workflow: 1\nid: d\nversion: 1\ntitle: x\nstages:\n  a:\n    title: A\n    final: true\n"
        "    escalate: [{after: 1wd, to: [unit-head, lead, director, nobody-known]}]\n"
    )
    register = Register.model_validate_json(canonical_json(PEOPLE))

    found = check(load(text.encode(), "d.yaml"), None, None, register)

    assert [("unknown-role", 9)] == [(problem.code, problem.line) for problem in found if problem.severity == "error"]
