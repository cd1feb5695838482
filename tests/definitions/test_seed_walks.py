"""Each source plan runs through the service from its first stage to its last, on the source's dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from workflow import messages
from workflow.bootstrap import Workspace, init_workspace, open_workspace
from workflow.clock import SimulatedClock
from workflow.deadlines.slack import late_after
from workflow.demo import Progress, play, read_scenario
from workflow.views.plans import PlanDetail, Write

FOLDER = Path(__file__).parents[2] / "definitions"
LATE = {"support-technology-renewal-2019": {"4": "2019-06-13", "5": "2019-06-21"}}
"""Stages that the scenarios leave after their due day: a silent district, then the draft sent back."""


@dataclass(frozen=True)
class Walk:
    """A plan walked to its end: the workspace it lies in, what happened, and where it stands."""

    workspace: Workspace
    plan: str
    told: tuple[Progress, ...]
    detail: PlanDetail


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Walk]]:
    """All five scenarios, each in a workspace of its own."""
    walks = {}
    for path in sorted(FOLDER.glob("*.scenario.yaml")):
        scenario = read_scenario(path)
        clock = SimulatedClock(datetime(2019, 1, 1, 1, tzinfo=UTC))
        root = init_workspace(tmp_path_factory.mktemp("walk") / "office")
        workspace = open_workspace(root, clock=clock)
        workspace.service.load_people((root / "people.yaml").read_bytes(), "people.yaml", Write(actor=None))
        told = tuple(play(workspace, clock, [scenario]))
        detail = workspace.service.plan(scenario["plan"])
        walks[scenario["definition"]] = Walk(workspace, scenario["plan"], told, detail)
    yield walks
    for walk in walks.values():
        walk.workspace.close()


@pytest.fixture
def walk(walked, source) -> Walk:
    """The walk of the source plan at hand."""
    return walked[source.id]


def test_every_stage_is_gone_through_to_the_last(walk, source):
    """The plan is finished, each stage of the source was entered and left, and the final one is current."""
    *stages, last = walk.detail.stages

    assert walk.detail.state.status == "finished"
    assert [bool(stage.visits) and all(left for _, left in stage.visits) for stage in stages] == [True] * len(stages)
    assert len(stages) == len(source.stages)
    assert (last.final, last.current) == (True, True)


def test_the_planned_dates_of_each_stage_are_the_source_dates(walk, source):
    """What the plan's first event recorded as its schedule agrees with the source, stage by stage."""
    found = [
        tuple(stage.due.get(key) for key in ("start", "due", "precision", "text")) for stage in walk.detail.stages[:-1]
    ]

    assert found == [(row.start, row.due, row.precision, row.words) for row in source.stages]


def test_each_stage_is_worked_on_within_its_dates(walk, source):
    """Every stage is left by its due day, except those that the scenario makes late, by the day it says."""
    late = LATE.get(source.id, {})
    found = {}
    for row, stage in zip(source.stages, walk.detail.stages, strict=False):
        left = stage.visits[-1][1]
        if row.start is not None:
            assert left >= row.start
        if row.due is not None and left > row.due:
            # With buffer time behind it a stage is late only when that is gone.
            definition = walk.workspace.service.process_of(walk.detail.state.definition).definition
            last = late_after(definition, walk.detail.state.schedule, stage.id, row.due)
            assert stage.late == (last is not None and left > last)
            found[row.label] = left

    assert found == late


def test_the_stages_are_entered_in_the_order_of_the_source(walk):
    """Leaving ways back aside, the first visits follow the definition's order."""
    first = [stage.visits[0][0] for stage in walk.detail.stages]

    assert first == sorted(first)


def test_nothing_is_left_waiting(walk):
    """At the end no work item is open and no step is neither complete nor ended."""
    unfinished = [step.address for step in walk.detail.steps if not step.complete and not step.ended]

    assert [owed.item for owed in walk.detail.owed if owed.open] == []
    assert unfinished == []


def test_the_trail_verifies(walk):
    """Chains, replay and documents agree after the whole life of the plan."""
    result = walk.workspace.service.record.verify()

    assert result.findings == ()
    assert result.events > 0


def revisions(walk: Walk, document: str) -> list[str]:
    """The names of a document's revisions in the order in which they were made."""
    return [revision.name for revision in walk.detail.state.revisions if revision.document == document]


def test_the_drafts_of_2019_are_numbered_as_in_the_source(walked):
    """Lần 1 to lần 4; lần 2 once more after the appraisal, lần 4 completed in steps 7, 8 and twice in 9."""
    walk = walked["support-technology-renewal-2019"]

    assert revisions(walk, "decision") == ["1.1", "2.1", "2.2", "3.1", "4.1", "4.2", "4.3", "4.4"]


def test_the_drafts_of_the_scheme_are_numbered_as_in_the_source(walked):
    """Two numbers, each improved once without a new one."""
    assert revisions(walked["technology-market-scheme-2021"], "scheme") == ["1.1", "1.2", "2.1", "2.2"]


def test_the_appraisal_of_2019_sends_the_draft_back_once(walked):
    """Not eligible, then eligible after revision; the first round stays as it was."""
    walk = walked["support-technology-renewal-2019"]
    rounds = [step.state for step in walk.detail.steps if step.uses == "appraisal"]

    assert rounds == ["not-eligible", "eligible-after-revision"]


def test_a_district_of_2019_never_answers_and_one_letter_comes_too_late(walked):
    """Silence is not agreement, and a letter after the closing leaves the counts as they were."""
    walk = walked["support-technology-renewal-2019"]
    (meeting,) = [step for step in walk.detail.steps if step.address == "departments-opinions/meeting"]
    asked = {one["unit"] for one in meeting.data["asked"]}
    opinions = {one["unit"]: one for one in meeting.data["opinions"]}

    assert asked - set(opinions) == {"ubnd-son-dong"}
    assert [unit for unit, one in opinions.items() if one["after_close"]] == ["so-noi-vu"]


def test_the_conclusions_of_the_vice_chairman_cause_another_round(walked):
    """He asks for changes, the draft is completed again, and he is reported to again."""
    walk = walked["support-technology-renewal-2019"]
    rounds = [step.state for step in walk.detail.steps if step.address == "vice-chairman/report"]

    assert rounds == ["changes-requested", "approved"]


def test_two_people_collide_and_one_wins(walked):
    """Of two advances at once the second is told who was first."""
    told = walked["support-technology-renewal-2019"].told

    assert Counter(one.kind for one in told)["conflict"] == 1


def test_the_overlap_of_2021_leaves_the_collecting_open(walked):
    """On 1 July the outline is reported while its material is still being collected."""
    walk = walked["technology-market-scheme-2021"]
    (collect,) = [step for step in walk.detail.steps if step.address == "outline/collect"]
    outline = walk.detail.stages[0]

    assert outline.visits[-1][1] == "2021-07-01"
    assert (collect.complete, collect.completed_on) == (True, "2021-07-02")


def test_the_productivity_plan_is_reworked_on_request(walked):
    """Step 7 happens when asked for: sent back, reworked, promulgated."""
    walk = walked["productivity-plan-2021"]
    rounds = [step.state for step in walk.detail.steps if step.address == "promulgation/committee"]

    assert rounds == ["sent-back", "passed"]


def test_the_annex_of_2020_becomes_tasks_with_dates(walked):
    """Rows 1 to 9 are due on 10 March; row II gives each of nine units its own task, dated by decision alone."""
    walk = walked["master-plan-contribution-2020"]
    (table,) = [step for step in walk.detail.steps if step.address == "assignment"]
    found = [(task["row"], task["due"], task["source"]) for task in table.data["tasks"]]

    assert [row for row in found if row[0] == "I.1"] == [("I.1", "2020-03-10", "own")]
    assert {row[1:] for row in found if row[0].startswith("I.") and row[0] != "I.1"} == {("2020-03-10", "inherited")}
    assert [source for row, _, source in found if row == "II"] == ["decided"] * 9


def test_the_monthly_reports_of_2020_are_due_before_the_13th(walked):
    """The 12th, and in April, when that is a Sunday, the Friday before; one for each unit."""
    walk = walked["master-plan-contribution-2020"]
    due = Counter(owed.due_on for owed in walk.detail.owed if owed.step == "monthly-report")

    assert [due[day] for day in ("2020-03-12", "2020-04-10", "2020-05-12")] == [9, 9, 9]
    assert due["2020-04-12"] == 0


def test_the_fund_of_2024_is_never_exceeded(walked):
    """What is paid and what is reserved stay within 810 million together."""
    walk = walked["standards-support-2024"]
    (fund,) = [step for step in walk.detail.steps if step.uses == "support-fund"]

    assert 0 < fund.data["paid"] + fund.data["reserved"] <= 810_000_000


def test_every_event_of_a_walk_is_marked_as_simulated(walk):
    """A trail made on a set clock says so in each event, and its days are the scenario's."""
    entries = list(walk.workspace.service.record.audit(walk.plan))

    assert {entry.event.clock for entry in entries} == {"simulated"}
    assert entries[0].event.type == messages.PLAN_CREATED
    assert entries[-1].event.occurred_on == max(entry.event.occurred_on for entry in entries) < date(2025, 1, 1)
