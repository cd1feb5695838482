"""The plan of 28 February 2020 runs a whole year, day by day, on a real database and a clock handed in.

The days on which something is due are written here from the calendar of the year, not from the program.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from workflow import audit, bootstrap
from workflow.bootstrap import Workspace
from workflow.clock import SimulatedClock
from workflow.messages import Event
from workflow.plan.state import PlanState, fold
from workflow.projection import work_items
from workflow.service.service import Service
from workflow.store.interface import WorkItemRow
from workflow.views.plans import Write

DEFINITION, PLAN = "master-plan-contribution-2020", "2020-KH"
FIRST, LAST = date(2020, 2, 28), date(2021, 2, 27)
DAY = timedelta(days=1)
OFFICERS = {
    "van-phong-so": "cv-van-phong",
    "phong-khtc": "cv-khtc",
    "phong-qlkh": "cv-qlkh",
    "phong-qlcn": "cv-qlcn",
    "phong-qlkhcn-co-so": "cv-co-so",
    "phong-ql-chuyen-nganh": "cv-chuyen-nganh",
    "thanh-tra-so": "cv-thanh-tra",
    "chi-cuc-tdc": "cv-tdc",
    "tt-ung-dung-khcn": "cv-trung-tam",
}
MONTHLY = {
    # before the 13th: the 12th; a Sunday in April and July, a Saturday in September and December, Tết in February
    "2020-03": "2020-03-12",
    "2020-04": "2020-04-10",
    "2020-05": "2020-05-12",
    "2020-06": "2020-06-12",
    "2020-07": "2020-07-10",
    "2020-08": "2020-08-12",
    "2020-09": "2020-09-11",
    "2020-10": "2020-10-12",
    "2020-11": "2020-11-12",
    "2020-12": "2020-12-11",
    "2021-01": "2021-01-12",
    "2021-02": "2021-02-09",
}
THURSDAYS_OFF = {"2020-W14": "2020-04-01", "2020-W18": "2020-04-29", "2021-W06": "2021-02-09"}
"""Hùng Kings' day, 30 April, Tết: the working day before."""
FRIDAYS_OFF = {"2020-W18": "2020-04-29", "2020-W53": "2020-12-31", "2021-W06": "2021-02-09"}
"""1 May (30 April is off too), New Year, Tết."""
MISSED = {("2020-05", "thanh-tra-so"), ("2020-06", "phong-qlkhcn-co-so")}
DECIDED = "2020-03-20"


def weekly(weekday: int, moved: dict[str, str], first: date) -> dict[str, str]:
    """Each ISO week from the one of *first* to that of the last day, with this weekday or the day it moved to."""
    found = {}
    monday = first - first.weekday() * DAY
    while monday <= LAST:
        year, week, _ = monday.isocalendar()
        key = f"{year}-W{week:02}"
        found[key] = moved.get(key, (monday + weekday * DAY).isoformat())
        monday += 7 * DAY
    return found


EXPECTED = {
    "monthly-report": MONTHLY,
    # On the opening day, a Friday, the week's Thursday was over.
    "weekly-plan": weekly(3, THURSDAYS_OFF, date(2020, 3, 2)),
    "weekly-consolidated": weekly(4, FRIDAYS_OFF, FIRST),
}


def office(folder: Path) -> tuple[Workspace, SimulatedClock]:
    """A workspace with the shipped people and the plan, opened on its day."""
    root = bootstrap.init_workspace(folder / "office")
    clock = SimulatedClock(datetime(2020, 2, 28, 1, tzinfo=UTC))
    workspace = bootstrap.open_workspace(root, clock=clock)
    workspace.service.load_people((root / bootstrap.PEOPLE).read_bytes(), bootstrap.PEOPLE, Write(actor=None))
    workspace.service.create(DEFINITION, PLAN, Write(actor="cv-khtc"), start=FIRST)
    return workspace, clock


@dataclass
class Year:
    """One year of the plan's life in one workspace."""

    service: Service
    clock: SimulatedClock

    def live(self) -> None:
        """Let every day pass; each report is made on its due day."""
        day = FIRST
        while day <= LAST:
            self.clock.move_to(day)
            self.service.tick(PLAN, Write(actor=None))
            self._reports(day.isoformat())
            self._annex(day.isoformat())
            self._urgent(day.isoformat())
            day += DAY

    def _act(self, actor: str, step: str, action: str, **parameters: Any) -> None:
        self.service.act(PLAN, step, action, parameters, Write(actor=actor))

    def _reports(self, day: str) -> None:
        for step in EXPECTED:
            for item in self.items(step):
                period, unit = item.key.split("/")
                if item.due_on == day and item.open and (step != "monthly-report" or (period, unit) not in MISSED):
                    self._act(OFFICERS[unit], step, "report", period=period, unit=unit)

    def _annex(self, day: str) -> None:
        if day == "2020-03-09":
            for number, (unit, officer) in enumerate(sorted(OFFICERS.items()), 1):
                row = next(item.key for item in self.items("assignment") if item.owner == unit and item.key[:2] == "I.")
                self._act(officer, "assignment", "hand-in", row=row, note=f"Kết quả số {number}")
                # Nobody accepts what they handed in.
                self._act("nguyen-phuc-thuong" if row == "I.1" else "cv-khtc", "assignment", "accept", row=row)
        if day == "2020-03-12":
            reason = "Để kịp tổng hợp trước ngày 25/3/2020"
            self._act("nguyen-phuc-thuong", "assignment", "decide-date", row="II", due=DECIDED, reason=reason)
        for number, (unit, officer) in enumerate(sorted(OFFICERS.items())):
            if day == f"2020-03-{13 + number}":
                self._act(officer, "assignment", "hand-in", row=f"II/{unit}")
                judge = "nguyen-phuc-thuong" if unit == "phong-khtc" else "cv-khtc"
                self._act(judge, "assignment", "accept", row=f"II/{unit}")

    def _urgent(self, day: str) -> None:
        if day == "2020-10-05":
            asked = {
                "subject": "Tiến độ lập quy hoạch",
                "due": "2020-10-06",
                "due_at": "16:00",
                "units": ["phong-khtc"],
            }
            self._act("van-thu", "urgent-report", "request", **asked)
        if day == "2020-10-06":
            self._act("cv-khtc", "urgent-report", "report", request=1, unit="phong-khtc", at="17:30")

    # what is left of it

    def items(self, step: str) -> list[WorkItemRow]:
        """The step's work items."""
        return [item for item in self.service.store.work_items(PLAN) if item.step == step]

    @property
    def events(self) -> list[Event]:
        """The plan's trail."""
        return [audit.event_of(row.body) for row in self.service.store.events(PLAN)]

    @property
    def state(self) -> PlanState:
        """Where the plan stands."""
        return self.service.state_of(self.service.require_plan(PLAN))

    def appeared(self, step: str) -> list[tuple[str, dict[str, Any]]]:
        """Each period with the day on which it appeared, out of the trail."""
        return [
            (event.occurred_on.isoformat(), period)
            for event in self.events
            if event.data.get("step") == step and event.data.get("action", "tick") == "tick"
            for period in event.data["data"]["periods"]
        ]

    def acts(self, step: str, action: str) -> list[dict[str, Any]]:
        """What was recorded with each such act."""
        return [
            event.data["data"]
            for event in self.events
            if event.data.get("step") == step and event.data.get("action") == action
        ]

    def told(self) -> list[dict[str, Any]]:
        """The trail with its free texts in place of their salted hashes, which differ each time."""
        return [
            {"type": e.type, "on": e.occurred_on.isoformat(), "at": str(e.recorded_at), "actor": e.actor}
            | {"behalf": e.on_behalf, "data": self._plain(e.data)}
            for e in self.events
        ]

    def _plain(self, value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"text"}:
                return self.service.store.texts([value["text"]])[value["text"]]
            return {key: self._plain(part) for key, part in value.items()}
        return [self._plain(part) for part in value] if isinstance(value, list | tuple) else value


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """The year, lived once."""
    workspace, clock = office(tmp_path_factory.mktemp("year"))
    lived = Year(workspace.service, clock)
    lived.live()
    yield lived
    workspace.close()


@pytest.mark.parametrize("step", EXPECTED)
def test_every_duty_appears_exactly_once_with_the_right_day(year, step):
    """Each week and month of the year once, on its first day, due on the right day, days off included."""
    appeared = year.appeared(step)

    assert [period["key"] for _, period in appeared] == list(EXPECTED[step])
    assert {period["key"]: period["due"] for _, period in appeared} == EXPECTED[step]
    assert all(day == max(period["begins"], FIRST.isoformat()) for day, period in appeared)


@pytest.mark.parametrize("step", ["weekly-plan", "monthly-report"])
def test_each_period_is_owed_by_every_unit_once(year, step):
    """Nine units, one report each for each period."""
    assert sorted(item.key for item in year.items(step)) == sorted(
        f"{period}/{unit}" for period in EXPECTED[step] for unit in OFFICERS
    )


def test_two_reports_are_missed_and_stay_missed(year):
    """A year later they are still owed; every other report of the year was made on its day."""
    owed = {
        (step, item.key) for step in EXPECTED for item in year.items(step) if item.open and item.due_on <= "2021-02-26"
    }
    assert owed == {("monthly-report", f"{period}/{unit}") for period, unit in MISSED}
    assert not any(act["late"] for step in EXPECTED for act in year.acts(step, "report"))
    late = {item.key: item.days_late for item in year.service.due(late=True) if item.step == "monthly-report"}
    assert late == {"2020-05/thanh-tra-so": 291, "2020-06/phong-qlkhcn-co-so": 260}


def test_one_urgent_report_comes_in_an_hour_and_a_half_late(year):
    """It was due at 16:00 and came at 17:30 of the same day."""
    (report,) = year.acts("urgent-report", "report")

    assert (report["late"], report["late_minutes"]) == (True, 90)
    assert [item.open for item in year.items("urgent-report")] == [False]


def test_all_units_complete_one_by_one(year):
    """Row II went to nine units; each acceptance counts one more, and the table is done with the last."""
    accepted = [act for act in year.acts("assignment", "accept") if act["row"].startswith("II/")]

    assert [(act["done"], act["of"]) for act in accepted] == [(number, 9) for number in range(1, 10)]
    reached = [event.data["to"] for event in year.events if event.data.get("action") == "accept"]
    assert reached == ["open"] * 17 + ["done"]
    assert {task["due"] for task in year.state.steps["assignment"].current.state["tasks"] if task["row"] == "II"} == {
        DECIDED
    }


def test_the_weekly_consolidated_report_lacks_nobody_where_all_reported(year):
    """It comes the day after the units' papers; only that of the opening week has none to bring together."""
    assert {tuple(act["missing"]) for act in year.acts("weekly-consolidated", "report")} == {()}


def test_replaying_the_trail_gives_the_stored_state(year):
    """What the database has is what the year's events make, work items and all, and the trail verifies."""
    row = year.service.require_plan(PLAN)
    process = year.service.process_of(row.definition)
    replayed = fold(year.events, process.evolve_step)

    assert json.loads(row.state) == json.loads(audit.stored_json(replayed.as_data()))
    stored = {(item.step, item.round, item.key): item for item in year.service.store.work_items(PLAN)}
    assert stored == work_items(replayed, process)
    assert year.service.record.verify().findings == ()


def test_living_the_year_again_gives_the_same_events(year, tmp_path):
    """Another office, another database, the same days: the same trail."""
    workspace, clock = office(tmp_path)
    again = Year(workspace.service, clock)
    again.live()

    assert again.told() == year.told()
    workspace.close()


def test_after_a_year_of_nobody_looking_the_same_periods_are_there(year, tmp_path):
    """One tick on the last day: every period once, with the day and the units it would have had."""
    workspace, clock = office(tmp_path)
    asleep = Year(workspace.service, clock)
    clock.move_to(LAST)
    workspace.service.tick(PLAN, Write(actor=None))
    workspace.service.tick(PLAN, Write(actor=None))

    for step in EXPECTED:
        assert [period for _, period in asleep.appeared(step)] == [period for _, period in year.appeared(step)]
    workspace.close()


def test_a_year_of_daily_ticks_leaves_the_trail_of_one(tmp_path):
    """Nobody acts: looking every morning and looking once on the last day record the same events on the same days."""
    trails = []
    for name in ("daily", "once"):
        workspace, clock = office(tmp_path / name)
        day = FIRST
        while name == "daily" and day < LAST:
            clock.move_to(day)
            workspace.service.tick(PLAN, Write(actor=None))
            day += DAY
        clock.move_to(LAST)
        workspace.service.tick(PLAN, Write(actor=None))
        trails.append([{**told, "at": None} for told in Year(workspace.service, clock).told()])
        assert workspace.service.record.verify().findings == ()
        workspace.close()

    assert trails[0] == trails[1]
    assert len(trails[0]) > 100
