"""Terms that step types count in days: they move with the calendar and with a suspension, done ones stay."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from engine.kit import begun, events, state, to
from engine_kit import OFFICER_AT

from workflow.service.service import Service
from workflow.views.plans import Write

DECISION = {"decision": {"title": "Dự thảo", "numbered": True}}


def day(text: str, **more: Any) -> Write:
    return OFFICER_AT(date.fromisoformat(text), **more)


def plan(uses: str, options: dict[str, Any], paper: Any) -> Service:
    """A plan whose draft is made on 2 March 2026 and whose second step takes it."""
    step = {"uses": uses, "with": {"document": "decision", **options}, "after": ["write"]}
    stages = {
        "a": {
            "window": "2026-03-02/2026-04-30",
            "lead": "office",
            "steps": {"write": {"uses": "draft", "with": {"document": "decision", "number": 1}}, "it": step},
            "transitions": {"go": to("z", allow_open_steps=True)},
        },
        "z": {},
    }
    service = begun(stages, documents=DECISION, normative=True)
    service.act("p", "write", "submit", {}, day("2026-03-02", attach=(paper,)))
    return service


def due(service: Service) -> dict[str, str | None]:
    return {item.key: item.due_on for item in service.due()}


@pytest.fixture
def paper(tmp_path: Any) -> Any:
    path = tmp_path / "du-thao.txt"
    path.write_text("dự thảo", encoding="utf-8")
    return path


def test_the_body_that_has_a_dossier_gets_the_days_back_that_a_suspension_took(paper):
    """Ten working days from the 3rd; stopped for a week, they end a week later, and what was frozen stays."""
    service = plan("appraisal", {"body": "dept-a", "answer_days": 10}, paper)
    service.act("p", "it", "send", {}, day("2026-03-03"))
    assert "2026-03-17" == due(service)["report"]
    service.suspend("p", day("2026-03-09"), reason="x")
    service.resume("p", day("2026-03-16"), reason="y")

    assert "2026-03-24" == due(service)["report"]
    assert "2026-04-30" == state(service).schedule["a"]["due"]
    (move,) = [move for move in state(service).moves if move.where.endswith("#report")]
    assert ("2026-03-17", "2026-03-24", "resumed") == (move.from_, move.to, move.kind)
    assert () == service.record.verify().findings


def test_an_override_moves_the_last_days_of_the_silent_and_of_nobody_else(paper):
    """Who answered keeps the day that was valid; who is silent gets the one that counts now."""
    service = plan("consultation", {"invite": ["dept-a", "dept-b"], "answer_days": 7}, paper)
    assert {"dept-a": "2026-03-11", "dept-b": "2026-03-11"}.items() <= due(service).items()
    answer = {"unit": "dept-a", "position": "agree", "text": "nhất trí"}
    service.act("p", "it", "respond", answer, day("2026-03-05"))
    told = service.load_calendar(b"calendar: 1\ndays:\n- {off: 2026-03-10, source: x}\n", "c.yaml", Write("officer"))

    assert [("a/it@1#dept-b", "2026-03-12")] == [(m.where, m.to) for m in told.plans[0].moves]
    (silent,) = [item for item in service.due() if item.key == "dept-b"]
    assert ("2026-03-12", "2026-03-11") == (silent.due_on, silent.original_due_on)
    done = {item.key: item.due_on for item in service.plan("p").owed if not item.open}
    assert "2026-03-11" == done["dept-a"]


def test_a_day_taken_from_the_stage_follows_the_stage(paper):
    """Without days of its own the body's report is due with the stage, also after the stage was put off."""
    service = plan("appraisal", {"body": "dept-a"}, paper)
    service.act("p", "it", "send", {}, day("2026-03-03"))
    service.reschedule("p", "a", day("2026-03-04"), due=date(2026, 5, 15), reason="x", document="12/CV")

    assert "2026-05-15" == due(service)["report"]


def test_replay_needs_no_calendar(paper):
    """The event of the act holds what was counted, so a plan replays the same whatever calendar is in force."""
    service = plan("appraisal", {"body": "dept-a", "answer_days": 10}, paper)
    service.act("p", "it", "send", {}, day("2026-03-03"))
    (counted,) = events(service)[-1].data["counts"]
    assert {"from": "2026-03-03", "working_days": 10, "due": "2026-03-17"}.items() <= counted.items()
    service.load_calendar(b"calendar: 1\ndays:\n- {off: 2026-05-20, source: x}\n", "c.yaml", Write("officer"))

    assert () == service.record.verify().findings


def test_an_explanation_of_a_counted_day_names_what_it_was_counted_from(paper):
    """The count's base, length and the holidays it met, with the version of the calendar."""
    service = plan("appraisal", {"body": "dept-a", "answer_days": 40}, paper)
    service.act("p", "it", "send", {}, day("2026-03-03"))
    found = service.explain("p/a/it@1#report")

    assert (True, "2026-03-03", 40) == (found.counted, found.term["from"], found.term["working_days"])
    assert [("2026-04-27", False)] == [(str(day.day), day.works) for day in found.met]
    assert found.calendar == found.in_force


def test_two_terms_of_one_step_that_end_on_one_day_move_each_for_itself():
    """An application of the 2nd with ten days, one of the 6th with six: a stop in between is the first one's alone."""
    options = {"ceiling": 1000, "heads": {"iso": "ISO"}, "answer_days": 5}
    service = begun(
        {
            "a": {
                "steps": {"fund": {"uses": "support-fund", "with": options}},
                "transitions": {"go": to("z", allow_open_steps=True)},
            },
            "z": {},
        }
    )
    first = {"applicant": "Công ty A", "head": "iso"}
    service.act("p", "fund", "apply", first, day("2026-03-02"))
    service.act("p", "fund", "apply", {**first, "applicant": "Công ty B"}, day("2026-03-06"))
    before = [each["answer_due"] for each in state(service).steps["a/fund"].current.state["applications"]]
    service.suspend("p", day("2026-03-06"), reason="x")
    service.resume("p", day("2026-03-09"), reason="y")
    after = [each["answer_due"] for each in state(service).steps["a/fund"].current.state["applications"]]

    assert (["2026-03-09", "2026-03-13"], ["2026-03-10", "2026-03-13"]) == (before, after)


def test_the_due_day_of_a_period_moves_with_a_late_announced_swap():
    """The 12th is given off after the period began: the report is owed on the 11th; a missed one stays missed."""
    series = {
        "uses": "periodic-report",
        "with": {"units": ["dept-a"], "to": "office", "every": "month", "day_before": 13},
    }
    service = begun(
        {"a": {"transitions": {"go": to("z")}}, "z": {}}, alongside={"monthly": {**series, "until": {"stage": "z"}}}
    )
    service.clock.move_to(date(2026, 6, 2))
    service.tick("p", day("2026-06-02"))
    owed = {item.key: item.due_on for item in service.due()}
    assert "2026-06-12" == owed["2026-06/dept-a"]
    service.load_calendar(b"calendar: 1\ndays:\n- {off: 2026-06-12, source: x}\n", "c.yaml", Write("officer"))

    owed = {item.key: item.due_on for item in service.due()}
    assert "2026-06-11" == owed["2026-06/dept-a"]


def test_before_a_day_follows_the_office_in_tables_of_tasks():
    """A table's "trước ngày" is read by the workspace's policy, and moves when that changes."""
    rows = [{"key": "1", "lead": "dept-a", "title": "x", "before": "2026-04-15"}]
    service = begun(
        {
            "a": {"steps": {"table": {"uses": "assignment", "with": {"rows": rows}}}, "transitions": {"go": to("z")}},
            "z": {},
        }
    )
    assert ["2026-04-14"] == [item.due_on for item in service.due() if item.due_on]
    service.load_calendar(b"calendar: 1\npolicies: {before: inclusive}\n", "c.yaml", Write("officer"))

    assert ["2026-04-15"] == [item.due_on for item in service.due() if item.due_on]
