"""Where open plans stand on a day: who holds them, what is late, what lies ahead, what blocks them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from engine.kit import Point, begun, plugin, registry, to
from engine_kit import OFFICER_AT

from workflow import Act, Approved, Parameters, StepType, Text, WorkItem, action
from workflow.clock import SimulatedClock
from workflow.service.service import Service
from workflow.views.plans import Standing

TASK = {"uses": "task"}


class Approving(StepType):
    """`uses: approving`: approves the newest revision of the document `d`, owed by `dept-a` since a day of its own."""

    name = "approving"
    title = {"vi": "Duyệt", "en": "Approve"}
    states = {"open": {"vi": "chờ", "en": "open"}, "approved": {"vi": "duyệt", "en": "approved"}}
    complete_states = ("approved",)

    @action("approve", title={"vi": "Duyệt", "en": "Approve"}, source="open", to="approved")
    def approve(self, view: Any, parameters: Parameters, context: Any) -> Act:
        newest = view.plan.latest_revision("d")
        return Act(approves=(Approved("d", newest.number, newest.revision),))

    def work_items(self, view: Any) -> tuple[WorkItem, ...]:
        title = Text(vi="Duyệt", en="Approve")
        return (WorkItem("approve", title, "dept-a", view.due_on, open=view.phase == "open", since="2019-04-20"),)


PLUGINS = registry(Point("approving", plugin(step_types=lambda: (Approving(),))))


def course(**first: Any) -> dict[str, Any]:
    """Return April, May, buffer in June, July, and an end; *first*: more keys of April."""
    april = {"window": "2019-04-01/2019-04-30", "lead": "office", **first}
    return {
        "a-april": {"steps": {"work": TASK}, "transitions": {"go": to("b-may")}, **april},
        "b-may": {
            "window": "2019-05-01/2019-05-31",
            "lead": "dept-b",
            "steps": {"more": TASK},
            "transitions": {"go-on": to("c-june"), "back": to("a-april", allow_open_steps=True)},
        },
        "c-june": {
            "window": "2019-06-01/2019-06-30",
            "buffer": True,
            "lead": "office",
            "transitions": {"leave": to("d-july")},
        },
        "d-july": {"window": "2019-07-01/2019-07-31", "lead": "dept-a", "steps": {"last": TASK}, "transitions": {}},
        "e-end": {},
    }


def started(stages: dict[str, Any] | None = None, **more: Any) -> Service:
    """Return a service with the plan `p` that began on 1 April 2019."""
    stages = stages or course()
    stages["d-july"]["transitions"] = {"finish": to("e-end")} if "d-july" in stages else {}
    service = begun(stages, PLUGINS, **more)
    return service


def on(service: Service, day: str, **more: Any) -> Standing:
    """Return where the only open plan stands on *day*."""
    (standing,) = service.overview(on=date.fromisoformat(day), **more)
    return standing


def complete(service: Service, step: str, day: str, trigger: str | None = None) -> None:
    """Complete a task on *day* and move on."""
    service.act("p", step, "complete", {}, OFFICER_AT(date.fromisoformat(day)))
    if trigger:
        service.advance("p", trigger, OFFICER_AT(date.fromisoformat(day)))


def test_a_plan_waits_for_whoever_owes_open_work_in_its_stage():
    """The owner of the open work item holds the plan, since the step was opened."""
    (holder,) = on(started(), "2026-03-10").waiting_on

    assert ("office", "work", "2026-03-02") == (holder.owner, holder.why, holder.since)
    assert ("p/a-april/work@1#work",) == holder.items


def test_an_owner_may_have_the_work_since_a_day_of_its_own():
    """`WorkItem.since` outweighs the day on which the step was opened."""
    service = started(course(steps={"ok": {"uses": "approving"}}))
    (holder,) = on(service, "2026-03-10").waiting_on

    assert ("dept-a", "2019-04-20") == (holder.owner, holder.since)


def test_a_plan_whose_work_is_done_waits_for_whoever_may_move_it():
    """Once nothing is owed, those who may fire the possible move hold the plan, since the work was done."""
    service = started(course(transitions={"go": to("b-may", by=["director"])}))
    complete(service, "work", "2026-03-05")
    (holder,) = on(service, "2026-03-10").waiting_on

    assert ("director", "move", "2026-03-05") == (holder.owner, holder.why, holder.since)


def test_optional_work_holds_nobody_up():
    """An open step that is not required is no reason to wait for its owner."""
    service = started(course(steps={"extra": {**TASK, "required": False}}, by="director"))
    (holder,) = on(service, "2026-03-10").waiting_on

    assert ("director", "move") == (holder.owner, holder.why)


def test_lateness_has_an_owner_a_number_of_days_and_a_date():
    """Open work past its day is late, and it is its owner's lateness."""
    (late,) = on(started(), "2019-05-31").lateness

    assert ("work", "office", 31, "2019-04-30", False) == (
        late.kind,
        late.owner,
        late.days,
        late.due_on,
        late.in_buffer,
    )


def test_a_stage_that_nobody_moves_on_is_the_lateness_of_whoever_could():
    """With all work done, the days since then are those of who may fire the move; the days before are the lead's."""
    service = started(course(transitions={"go": to("b-may", by=["director"])}))
    complete(service, "work", "2026-03-02")
    lost = (date(2026, 3, 2) - date(2019, 4, 30)).days
    then, later = on(service, "2026-03-02"), on(service, "2026-03-09")

    assert [("stage", "office", lost)] == [(each.kind, each.owner, each.held) for each in then.lateness]
    assert [("director", 7), ("office", lost)] == [(each.owner, each.held) for each in later.lateness]
    assert {lost + 7} == {each.days for each in later.lateness}
    assert (lost, lost + 7) == (then.days_late, later.days_late)


def test_nothing_is_late_on_the_last_day():
    """The due day itself is in time."""
    assert () == on(started(), "2019-04-30").lateness


def test_time_past_a_stage_before_a_buffer_is_in_the_buffer():
    """What is behind its date in the stage before the buffer is marked as using buffer time, until that is used up."""
    service = started()
    complete(service, "work", "2026-03-02", "go")

    inside, behind = on(service, "2019-06-10"), on(service, "2019-07-01")
    assert [(0, "2019-06-30"), (1, None)] == [
        (len(found.lateness), found.in_buffer[0].buffer_until if found.in_buffer else None)
        for found in (inside, behind)
    ]
    assert [(0, "2019-06-30"), (31, None)] == [
        (found.waiting_on[0].days_late, found.waiting_on[0].buffer_until) for found in (inside, behind)
    ]


def test_a_buffer_shrinks_by_each_day_that_earlier_work_runs_on():
    """April's delay pushes May, and so uses the buffer in June day by day, until it is gone."""
    service = started()
    days = ("2019-04-30", "2019-05-01", "2019-05-10", "2019-05-30", "2019-05-31")
    seen = {day: on(service, day) for day in days}

    assert [0, 1, 10, 30, 30] == [found.buffers[0].used for found in seen.values()]
    assert [30, 29, 20, 0, 0] == [found.buffers[0].left for found in seen.values()]
    assert [0, 1, 1, 1, 0] == [len(found.in_buffer) for found in seen.values()]
    assert [0, 0, 0, 0, 1] == [len(found.lateness) for found in seen.values()]
    assert [0, 0, 0, 0, 31] == [found.days_late for found in seen.values()]


def test_list_show_and_due_agree_on_what_is_in_the_buffer():
    """What uses the buffer is late nowhere, and says until when; the day after it is late everywhere."""
    service = started()
    for day, late in (("2019-05-30", False), ("2019-05-31", True)):
        when = date.fromisoformat(day)
        (plan,), (item,) = service.plans(on=when), service.due(on=when)
        stage = service.plan("p", on=when).stages[0]
        step = service.plan("p", on=when).steps[0]

        assert [late] * 4 == [plan.late, item.late, stage.late, step.late]
        assert (None if late else "2019-05-30") == item.buffer_until
        assert late == bool(service.due(late=True, on=when))


def test_open_work_of_a_stage_that_was_left_uses_the_buffer_too():
    """Whatever stage the plan is in, work of an earlier one is late only when the buffer is gone."""
    stages = course(transitions={"go": to("b-may", allow_open_steps=True)})
    service = started(stages)
    service.advance("p", "go", OFFICER_AT(date(2026, 3, 2)))
    seen = {day: on(service, day) for day in ("2019-05-10", "2019-05-31")}
    found = [(standing.in_buffer, standing.lateness) for standing in seen.values()]
    april = [[sum("a-april" in each.where for each in part) for part in parts] for parts in found]

    assert [[1, 0], [0, 1]] == april
    assert [10, 30] == [found.buffers[0].used for found in seen.values()]


def test_a_buffer_stops_shrinking_when_the_plan_is_past_it():
    """Days of the buffer's own window are used while the plan is in it, and no more once it has left."""
    service = started()
    complete(service, "work", "2026-03-02", "go")
    complete(service, "more", "2026-03-02", "go-on")

    assert [10, 30] == [on(service, day).buffers[0].used for day in ("2019-06-10", "2019-08-01")]


def test_an_own_day_of_work_has_no_buffer():
    """Work due on another day than its stage is late on that day: the buffer is the stage's."""
    service = started(course(steps={"work": {**TASK, "due": "2019-04-16"}}))
    (late,) = (each for each in on(service, "2019-04-20").lateness)

    assert (False, 4) == (late.in_buffer, late.days)


def test_what_is_due_within_the_days_asked_for_lies_ahead():
    """Open work due within N days is announced with the days left; work due later is not."""
    service = started()

    assert [("work", 10)] == [(each.kind, each.days_left) for each in on(service, "2019-04-20").ahead]
    assert () == on(service, "2019-04-20", within=9).ahead


def test_a_late_stage_makes_the_next_late_and_buffer_takes_up_the_delay():
    """Later stages are moved on by the delay as long as planned; none is late, for the buffer takes it up."""
    ahead = on(started(), "2019-05-10").ahead

    assert [("b-may", "2019-06-10", 0)] == [(each.where, each.expected_on, each.days_late) for each in ahead]
    assert {"predecessor-late"} == {each.why.code for each in ahead}


def test_a_delay_longer_than_the_buffer_reaches_the_stage_behind_it():
    """With the buffer eaten up, the stage behind it will be late too."""
    ahead = on(started(), "2019-06-20").ahead

    assert [("b-may", "2019-07-21"), ("d-july", "2019-08-21")] == [(each.where, each.expected_on) for each in ahead]


def test_a_step_behind_a_late_step_will_be_late():
    """A step that waits for a late one is announced with the reason."""
    service = started(course(steps={"work": TASK, "next": {**TASK, "after": ["work"]}}))
    ahead = {each.where: each for each in on(service, "2019-05-04").ahead}

    assert "predecessor-late" == ahead["a-april/next"].why.code


def test_what_blocks_a_plan_is_what_next_says():
    """The reasons against the move onward are those of `next`; ways back block nothing."""
    service = started()
    complete(service, "work", "2026-03-02", "go")
    blocked = on(service, "2026-06-01").blocked
    moves = {move.trigger: move.reasons for move in service.next("p").moves}

    assert {"go-on": moves["go-on"]} == {move.trigger: move.reasons for move in blocked}
    assert blocked[0].reasons


def test_a_suspended_plan_is_open_and_says_that_it_rests():
    """A suspended plan stays in the overview, with the reason, and nobody is late on it."""
    service = started()
    service.suspend("p", OFFICER_AT(date(2026, 3, 3)), reason="chờ")
    standing = on(service, "2026-06-01")

    assert (["not-active"], (), ()) == (
        [note.code for note in standing.notes],
        standing.waiting_on,
        standing.lateness,
    )


def test_a_plan_that_is_over_is_not_in_the_overview():
    """A cancelled plan is left out."""
    service = started()
    service.cancel("p", OFFICER_AT(date(2026, 3, 3)), reason="thôi", document="1/QĐ")

    assert () == service.overview()


def test_an_approval_of_an_older_revision_is_told(tmp_path):
    """After a new revision the overview names the approval that no longer covers it."""
    stages = course(
        steps={
            "write": {"uses": "draft", "with": {"document": "d", "number": 1}},
            "ok": {"uses": "approving", "after": ["write"]},
            "again": {"uses": "draft", "with": {"document": "d", "number": 1, "revises": "write"}, "after": ["ok"]},
        }
    )
    service = started(stages, documents={"d": {"title": "Dự thảo", "numbered": True}})
    paper = tmp_path / "d.txt"
    paper.write_text("một", encoding="utf-8")
    day = date(2026, 3, 3)
    service.act("p", "write", "submit", {}, OFFICER_AT(day, attach=(paper,)))
    service.act("p", "ok", "approve", {}, OFFICER_AT(day, actor="other"))
    assert () == on(service, "2026-03-03").uncovered

    paper.write_text("hai", encoding="utf-8")
    service.act("p", "again", "submit", {}, OFFICER_AT(day, attach=(paper,)))
    (uncovered,) = on(service, "2026-03-03").uncovered

    assert ("1.1", "1.2") == (uncovered.approval.name, uncovered.newest)
    assert ["1.2"] == [draft.name for draft in on(service, "2026-03-03").drafts]


def test_overview_goes_on_behind_the_page_before():
    """Plans come by id, from the one behind `after` on, active and suspended ones together."""
    service = started()
    for plan in ("q", "r"):
        service.create("d", plan, OFFICER_AT(date(2026, 3, 2)))
    service.suspend("q", OFFICER_AT(date(2026, 3, 3)), reason="chờ")

    assert ["p", "q"] == [each.summary.id for each in service.overview(limit=2)]
    assert ["r"] == [each.summary.id for each in service.overview(limit=2, after="q")]


def test_an_hour_that_has_passed_today_is_late_as_in_due():
    """Owed at 11:00, at noon it is late by an hour, and nothing ahead; before that, and looked at yesterday, not."""
    urgent = {"uses": "urgent-report", "with": {"to": "office", "units": ["dept-b"]}}
    service = begun({"a": {"steps": {"urgent": urgent}, "transitions": {"go": to("z")}}, "z": {}}, PLUGINS)
    today = date(2026, 3, 4)
    asked = {"subject": "x", "due": str(today), "due_at": "11:00"}
    service.act("p", "urgent", "request", asked, OFFICER_AT(date(2026, 3, 3)))

    def told(hour: int) -> tuple[Any, ...]:
        service.clock = SimulatedClock(datetime(2026, 3, 4, hour - 7, tzinfo=UTC))
        (found,) = service.overview(on=today)
        (item,) = service.due()
        assert item.minutes_late == max((each.minutes for each in found.lateness), default=0)
        assert found.waiting_on[0].minutes_late == item.minutes_late
        return [(each.days, each.minutes) for each in found.lateness], [each.kind for each in found.ahead]

    assert ([], ["work"]) == told(10)
    assert ([(0, 60)], []) == told(12)
    assert () == service.overview(on=date(2026, 3, 3))[0].lateness
