"""What plans do by themselves: each on its day, whoever looks and however long nobody did.

A series of weekly reports, a year's fund and a duty with a last day stand for all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from engine.kit import DAY, Point, begun, events, plugin, registry, stages_of, state, to
from engine_kit import OFFICER_AT, service_with
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.clock import SimulatedClock
from workflow.errors import Conflict, InvalidInput, PluginFailed
from workflow.plan.state import fold
from workflow.projection import plan_row, work_items
from workflow.service.service import Service
from workflow.steps.step_type import Act, StepType
from workflow.store.memory import MemoryStore
from workflow.store.sql import SqlStore
from workflow.views.plans import Write

NOBODY, OFFICER = Write(actor=None), Write(actor="officer")
LATER = DAY + timedelta(days=70)
STAGES: dict[str, Any] = {"a": {"steps": {"work": {"uses": "task"}}, "transitions": {"go": to("b")}}, "b": {}}
WEEKLY = {
    "uses": "periodic-report",
    "lead": "office",
    "with": {"every": "week", "units": ["dept-a", "dept-b"], "to": "office"},
    "until": {"date": (DAY + timedelta(days=200)).isoformat()},
}
DUTY = {"uses": "duty", "lead": "office", "with": {"closes_after": (DAY + timedelta(days=30)).isoformat()}}
SHORT = {"uses": "verdict", "until": {"date": (DAY + timedelta(days=40)).isoformat()}}
EVERYTHING = {"weekly": WEEKLY, "duty": DUTY, "short": SHORT}


def stands_at(service: Service, day: date) -> None:
    """Set the service's clock to a day, also to an earlier one."""
    service.clock = SimulatedClock(datetime(day.year, day.month, day.day, 2, tzinfo=UTC))


def started(store: Any = None, stages: Any = STAGES, **more: Any) -> Service:
    """A service with the plan `p`, whose series begin on `DAY`; its clock stands weeks later."""
    definition = stages_of(stages, **{"alongside": EVERYTHING, **more})
    service = service_with(definition, store=store or MemoryStore(), registry=registry())
    stands_at(service, DAY)
    service.create("d", "p", OFFICER_AT(DAY))
    stands_at(service, LATER)
    return service


def on(day: date, **more: Any) -> Write:
    """Nobody's command for a day."""
    return Write(actor=None, on=day, **more)


def told(service: Service, plan: str = "p") -> list[tuple[Any, ...]]:
    """The trail but for when it was recorded."""
    return [(e.seq, e.type, e.occurred_on, e.actor, e.authority, e.data) for e in events(service, plan)]


def days(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    while first <= last:
        yield first
        first += timedelta(days=1)


def test_weeks_of_nobody_looking_leave_the_trail_of_looking_every_day():
    """One tick after ten weeks records what seventy daily ones do: the same events on the same days."""
    daily, asleep = started(), started()
    for day in days(DAY, LATER):
        daily.tick("p", on(day))
    asleep.tick("p", on(LATER))

    assert told(daily) == told(asleep)
    assert {"duty", "short", "weekly"} == {e.data["step"] for e in events(asleep) if e.actor is None and e.seq > 5}
    assert daily.record.verify().findings == asleep.record.verify().findings == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 70), max_size=8))
def test_on_whatever_days_somebody_ticks_the_trail_is_the_same(ticks):
    """Any days, in order, some twice, and the last day: always the trail of a single tick."""
    often, once = started(), started()
    for offset in sorted(ticks):
        often.tick("p", on(DAY + timedelta(days=offset)))
    often.tick("p", on(LATER))
    once.tick("p", on(LATER))

    assert told(often) == told(once)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 70), max_size=6), st.integers(0, 70))
def test_what_is_owed_does_not_depend_on_ticks(ticks, asked):
    """`due`, `plan`, `plans` and `overview` of a day say the same whether or not anybody ticked until then."""
    day = DAY + timedelta(days=asked)
    ticked, asleep = started(), started()
    for offset in sorted({offset for offset in ticks if offset <= asked}):
        ticked.tick("p", on(DAY + timedelta(days=offset)))

    assert ticked.due(on=day) == asleep.due(on=day)
    assert ticked.plan("p", on=day).owed == asleep.plan("p", on=day).owed
    assert ticked.work_list(on=day).items == asleep.work_list(on=day).items
    assert [each.lateness for each in ticked.overview(on=day)] == [each.lateness for each in asleep.overview(on=day)]


def test_a_read_writes_nothing():
    """After every question the database is as it was."""
    service = started()
    before = service.store.plan("p"), list(service.store.events("p")), service.store.work_items("p")

    shown = service.due(on=LATER)
    service.plan("p", on=LATER), service.plans(on=LATER), service.overview(on=LATER), service.next("p")
    service.work_list(on=LATER), service.explain(shown[0].item, on=LATER), service.forecast("p", {}, on=LATER)

    assert before == (service.store.plan("p"), list(service.store.events("p")), service.store.work_items("p"))
    assert 2 * 11 == sum(1 for item in shown if item.step == "weekly")


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_of_what_is_owed_hold_recorded_and_unrecorded_alike(limit):
    """Paged by the cursor, with another plan's items between: nothing twice, nothing left out, in order."""
    service = started()
    service.create("d", "q", OFFICER_AT(DAY + timedelta(days=20)))
    service.tick("q", on(LATER))
    everything = service.due(on=LATER)

    pages, after = [], ""
    while page := service.due(on=LATER, after=after, limit=limit):
        pages += page
        after = page[-1].cursor

    assert list(everything) == pages
    assert {"p", "q"} == {item.plan for item in everything}
    service.tick("p", on(LATER))
    assert everything == service.due(on=LATER)


def test_owners_and_days_choose_among_the_unrecorded_too():
    """A unit's list up to a day has its own periods up to that day."""
    service = started()
    until = DAY + timedelta(days=30)

    found = service.due(on=LATER, unit="dept-a", until=until)

    assert {"dept-a"} == {item.owner for item in found}
    assert found and all(item.due_on <= until.isoformat() for item in found)


def test_a_tick_goes_to_its_day_and_not_beyond():
    """`--on` a day records what there was by then; the rest waits."""
    service = started()
    day = DAY + timedelta(days=17)

    service.tick("p", on(day))

    assert ["2026-03-02", "2026-03-09", "2026-03-16"] == [
        period["begins"] for period in state(service).steps["weekly"].current.state["periods"]
    ]
    assert max(event.occurred_on for event in events(service)) <= day
    assert "2026-03-23" == service.store.plan("p").wakes_on


def test_the_row_says_when_the_plan_wakes_and_replay_agrees():
    """The next period, the day after a duty's last, the end of a series; nothing for a plan that sleeps."""
    service = started()
    found = []
    stands_at(service, DAY)
    while (row := service.store.plan("p")).wakes_on:
        found.append(row.wakes_on)
        stands_at(service, date.fromisoformat(row.wakes_on))
        service.tick("p", NOBODY)
        process = service.process_of(row.definition)
        replayed = fold(events(service), process.evolve_step)
        assert service.store.plan("p") == plan_row(replayed, process, service.store.plan("p").head)

    assert found == sorted(set(found))
    assert {"2026-03-09", "2026-04-02", "2026-04-12", "2026-09-19"} <= set(found)
    assert () == service.record.verify().findings


def test_ticking_all_finds_only_those_that_have_something_to_do():
    """Each that does is told with what was recorded; the second time there is nothing."""
    service = started()
    stands_at(service, DAY)
    service.create("d", "q", OFFICER_AT(DAY))
    service.suspend("q", OFFICER_AT(DAY), reason="chờ")
    stands_at(service, LATER)
    (found,) = service.tick_plans(on(LATER))

    assert ("p", None) == (found.plan, found.error)
    assert (20, 18, 2) == (found.opened, found.missed, found.ended)
    assert [] == list(service.tick_plans(on(LATER)))


def test_a_trial_tick_writes_nothing():
    """`--dry-run` tells the same and leaves the plan alone."""
    service = started()
    (tried,) = service.tick_plans(on(LATER, dry_run=True))
    (done,) = service.tick_plans(on(LATER))

    assert (tried.opened, tried.missed, tried.ended) == (done.opened, done.missed, done.ended)


def test_what_belongs_to_one_plan_is_refused_for_many():
    """A revision asked for names one plan; a plan that does not exist stops all before any is touched."""
    service = started()
    with pytest.raises(InvalidInput):
        list(service.tick_plans(on(LATER, expect=3)))


class Restless(StepType):
    """`uses: restless`: it wakes every day, and its tick fails."""

    name, title, states, complete_states = "restless", {"vi": "x", "en": "x"}, {"open": {"vi": "x"}}, ()

    def wakes(self, view: Any) -> date:
        return date.fromisoformat(view.opened_on)

    def tick(self, view: Any, context: Any) -> Act | None:
        raise RuntimeError("no")


def test_a_broken_plan_is_named_and_the_others_go_on():
    """Its type fails by day: it is told with the error, shown as it was recorded, and holds nobody up."""
    definition = stages_of(STAGES, alongside={"weekly": WEEKLY})
    broken = stages_of(STAGES, alongside={"bad": {"uses": "restless"}, "weekly": WEEKLY}, id="e")
    own = registry(Point("restless", plugin(step_types=lambda: (Restless(),))))
    service = service_with(definition, broken, store=MemoryStore(), registry=own)
    service.create("e", "bad", OFFICER_AT(DAY))
    service.create("d", "good", OFFICER_AT(DAY))

    shown = service.due(on=LATER)
    first, second = service.tick_plans(on(LATER))

    assert (1, 11) == tuple(
        len({i.key for i in shown if i.plan == plan and i.owner == "dept-a"}) for plan in ("bad", "good")
    )
    assert ("bad", PluginFailed) == (first.plan, type(first.error))
    assert ("good", None, 20) == (second.plan, second.error, second.opened)
    assert "bad" in {summary.id for summary in service.plans(on=LATER)}


class Unforeseen(StepType):
    """`uses: unforeseen`: something happens on the tenth of March, and it does not say so before."""

    name, title, states, complete_states = (
        "unforeseen",
        {"vi": "x", "en": "x"},
        {"open": {"vi": "x"}, "done": {"vi": "x"}},
        ("done",),
    )

    def tick(self, view: Any, context: Any) -> Act | None:
        return Act(to="done") if context.on >= date(2026, 3, 10) else None


def test_a_type_that_does_not_say_when_is_asked_each_time():
    """An older plugin's `tick` still counts: in reads and in ticks of all plans."""
    own = registry(Point("unforeseen", plugin(step_types=lambda: (Unforeseen(),))))
    service = begun({"a": {"transitions": {"go": to("b")}, "steps": {"u": {"uses": "unforeseen"}}}, "b": {}}, own)

    before = [(step.state, step.complete) for step in service.plan("p", on=date(2026, 3, 9)).steps]
    after = [(step.state, step.complete) for step in service.plan("p", on=date(2026, 3, 10)).steps]
    (found,) = service.tick_plans(NOBODY)

    assert ([("open", False)], [("done", True)], 1) == (before, after, found.ended)
    assert [] == list(service.tick_plans(NOBODY))


def test_a_plan_that_stood_still_takes_up_its_periods_when_it_goes_on():
    """Nothing happens by itself in a suspended plan; what began meanwhile appears on the day it goes on."""
    service = started(alongside={"weekly": WEEKLY})
    stands_at(service, DAY + timedelta(days=3))
    service.suspend("p", OFFICER, reason="chờ")
    assert service.store.plan("p").wakes_on is None
    again = DAY + timedelta(days=24)
    stands_at(service, again)
    service.resume("p", OFFICER, reason="xong")
    stands_at(service, LATER)

    service.tick("p", on(LATER))

    acted = [(e.occurred_on, len(e.data["data"]["periods"])) for e in events(service) if e.data.get("action") == "tick"]
    assert (again, 3) == acted[0]
    assert sorted(day for day, _ in acted) == [day for day, _ in acted]


def test_what_a_plan_does_by_itself_is_nobodys_conflict(tmp_path: Path):
    """Who saw a revision may act on it though the worker recorded something since; another person's act counts."""
    service = started(SqlStore(tmp_path / "workflow.db"))
    seen = service.store.plan("p").revision
    service.tick("p", on(LATER))
    assert seen < service.store.plan("p").revision

    service.act("p", "work", "complete", {}, OFFICER_AT(LATER, expect=seen))
    with pytest.raises(Conflict):
        service.advance("p", "go", OFFICER_AT(LATER, expect=seen))
    with pytest.raises(Conflict):
        service.advance("p", "go", OFFICER_AT(LATER, expect=10_000))
    service.store.close()


def test_a_command_overtaken_by_a_tick_is_judged_anew(monkeypatch):
    """Between reading and writing the worker was quicker: the act goes through on what is there then."""
    service = started()
    write, ticking = service.store.write, []

    def overtaken(change: Any) -> None:
        if not ticking:
            ticking.append(True)
            Service.tick(service, "p", on(LATER))
        write(change)

    monkeypatch.setattr(service.store, "write", overtaken)
    outcome = service.act("p", "work", "complete", {}, OFFICER_AT(DAY))

    assert "officer" == outcome.events[-1].actor
    assert () == service.record.verify().findings
    assert {i: r for i, r in work_items(state(service), service.process_of(state(service).definition)).items()} == {
        (row.step, row.round, row.key): row for row in service.store.work_items("p")
    }


def test_a_plan_whose_last_series_ended_is_shown_as_finished():
    """In its final stage the plan ends with it, in lists too, though nobody recorded it."""
    service = started(
        stages={"a": {"title": "A", "transitions": {"go": to("b")}}, "b": {"title": "B", "final": True}},
        alongside={"short": {**SHORT, "from": "b"}},
    )
    stands_at(service, DAY)
    service.advance("p", "go", OFFICER)
    stands_at(service, LATER)
    end = DAY + timedelta(days=41)

    assert ["active"] == [plan.status for plan in service.plans(on=end - timedelta(days=1))]
    assert ["finished"] == [plan.status for plan in service.plans(on=end)]
    assert [] == [plan.id for plan in service.plans(status="active", on=end)]
    assert () == service.overview(on=end)
    service.tick("p", on(LATER))
    assert [(None, end)] == [(e.actor, e.occurred_on) for e in events(service) if e.type == "plan_finished"]


def test_after_a_migration_plans_know_again_when_they_wake(tmp_path: Path):
    """A database from before has no such days; they are filled in, and nothing else of the row changes."""
    service = started(SqlStore(tmp_path / "workflow.db"))
    row, items = service.store.plan("p"), service.store.work_items("p")
    service.store.rebuild(type(row)(**{f: getattr(row, f) for f in row.__slots__} | {"wakes_on": None}), items)
    assert [] == list(service.tick_plans(on(LATER)))

    service.fill_in()

    assert (row, items) == (service.store.plan("p"), service.store.work_items("p"))
    service.store.close()
