"""A running plan whose calendar, policies and clock change at random, held against a slow and obvious reading.

After every change each open due day of its stages, steps, table and series is what a list of all days of 2018 to
2027 says, whatever came before.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from engine.kit import registry, stages_of, state, to
from engine_kit import OFFICER_AT, service_with
from hypothesis import given, settings
from hypothesis import strategies as st

from trinh_plugins.vn_calendar import VietnamCalendar
from workflow.clock import SimulatedClock
from workflow.service.service import Service
from workflow.views.plans import Write

ONE = timedelta(days=1)
EVERY_DAY = [date(2017, 12, 1) + n * ONE for n in range((date(2028, 3, 1) - date(2017, 12, 1)).days)]
VN = VietnamCalendar()
BASE = frozenset(day for day in EVERY_DAY if VN.is_working_day(day))
PLUGINS = registry()


@dataclass
class Office:
    """What counts at the moment: the days on which offices work, how dates are read, when the plan stood still."""

    works: set[date] = field(default_factory=lambda: set(BASE))
    before: str = "strict"
    fixed: str = "working-day-before"
    term: str = "working-day-after"
    stops: list[tuple[date, date]] = field(default_factory=list)

    def after(self, base: date, length: int, *, working: bool) -> date:
        """Write down every day that counts behind *base*, and point at the last of the term."""
        still = {day for day in EVERY_DAY for first, again in self.stops if first <= day < again}
        counting = [day for day in EVERY_DAY if day > base and day not in still and (not working or day in self.works)]
        end = counting[length - 1]
        if not working and self.term == "working-day-after":
            return min(day for day in EVERY_DAY if day >= end and day in self.works and day not in still)
        return end

    def on(self, day: date, *, before: bool = False, not_before: date | None = None) -> date:
        """Read a fixed day, or what is owed before it."""
        last = day - ONE if before and self.before == "strict" else day
        possible = [each for each in EVERY_DAY if each <= last and each in self.works]
        if self.fixed == "keep" or (not_before is not None and possible[-1] < not_before):
            return last
        return possible[-1]


@dataclass(frozen=True)
class Plan:
    """The numbers of one plan."""

    start: date
    length: int
    days: int
    offset: int
    day_before: int

    @property
    def fixed(self) -> date:
        return self.start + self.offset * ONE

    def definition(self) -> Any:
        """Two stages by terms, steps with days of their own, a table, and a monthly series."""
        written = self.fixed.isoformat()
        steps = {
            "due": {"uses": "task", "due": written},
            "before": {"uses": "task", "before": written},
            "term": {"uses": "task", "after": {"days": self.days}},
            "table": {
                "uses": "assignment",
                "with": {
                    "rows": [
                        {"key": "1", "lead": "dept-a", "title": "x", "due": written},
                        {"key": "2", "lead": "dept-a", "title": "y", "inherit": True},
                        {"key": "3", "lead": "dept-b", "title": "z", "before": written},
                    ]
                },
            },
        }
        series = {"units": ["dept-a"], "to": "office", "every": "month", "day_before": self.day_before}
        alongside = {
            name: {"uses": "periodic-report", "with": {**series, "suspended": name}, "until": {"stage": "z"}}
            for name in ("owe", "skip")
        }
        stages = {
            "a": {"after": {"working_days": self.length}, "steps": steps, "transitions": {"go": to("b")}},
            "b": {"after": {"stage": "a", "days": self.days}, "transitions": {"go": to("z")}},
            "z": {},
        }
        return stages_of(stages, alongside=alongside)

    def expected(self, office: Office, today: date) -> dict[str, str]:
        """Every open due day, by stage, step or item."""
        first = office.after(self.start, self.length, working=True)
        found = {
            "a": first,
            "b": office.after(first, self.days, working=False),
            "a/due": office.on(self.fixed),
            "a/before": office.on(self.fixed, before=True),
            "a/term": office.after(self.start, self.days, working=False),
            "1": office.on(self.fixed),
            "2": office.on(self.fixed),
            "3": office.on(self.fixed, before=True),
        }
        for begins in (day for day in EVERY_DAY if day.day == 1 and day <= today):
            written = begins + (self.day_before - 1) * ONE
            if written - ONE >= self.start:
                day = office.on(written, before=True, not_before=max(begins, self.start))
                found[f"owe {begins:%Y-%m}"] = day
        return {name: day.isoformat() for name, day in found.items()}


def told(service: Service) -> dict[str, str | None]:
    """Every open due day as the plan has it, by stage, step or item."""
    now = state(service)
    found = {name: now.schedule[name]["due"] for name in ("a", "b", "a/due", "a/before", "a/term")}
    steps = {name: now.steps[name].current.due.get("due") for name in ("a/due", "a/before", "a/term")}
    assert steps.items() <= found.items()
    for item in service.plan("p").owed:
        if item.step == "a/table":
            found[item.key] = item.due_on
        if item.step == "owe":
            found[f"owe {item.key.split('/')[0]}"] = item.due_on
    return found


plans = st.builds(
    Plan,
    start=st.dates(date(2018, 1, 2), date(2026, 12, 31)),
    length=st.integers(1, 40),
    days=st.integers(1, 60),
    offset=st.integers(0, 60),
    day_before=st.integers(2, 28),
)
near = st.sets(st.integers(-10, 90), max_size=12)
files = st.tuples(
    near,
    near,
    st.sampled_from(["strict", "inclusive"]),
    st.sampled_from(["keep", "working-day-before"]),
    st.sampled_from(["keep", "working-day-after"]),
)
changes = st.lists(
    st.tuples(st.integers(0, 15), st.one_of(st.integers(0, 20), files)),
    min_size=1,
    max_size=5,
)


def load(service: Service, office: Office, plan: Plan, file: Any) -> None:
    """Load a calendar file with weekdays off and weekend days worked around the plan, and policies."""
    off, worked, office.before, office.fixed, office.term = file
    days = {
        "off": [day for day in (plan.start + n * ONE for n in sorted(off)) if day.weekday() < 5],
        "worked": [day for day in (plan.start + n * ONE for n in sorted(worked)) if day.weekday() >= 5],
    }
    office.works = (set(BASE) | set(days["worked"])) - set(days["off"])
    rules: dict[str, Any] = {
        "calendar": 1,
        "policies": {"before": office.before, "fixed_day_off": office.fixed, "term_day_off": office.term},
    }
    if any(days.values()):
        rules["days"] = [{"source": "x", **{key: list(map(str, each)) for key, each in days.items() if each}}]
    service.load_calendar(json.dumps(rules).encode(), "c.yaml", Write("officer"))


@settings(deadline=None, max_examples=60)
@given(plans, changes)
def test_whatever_changes_every_open_day_is_what_the_lists_say(plan, made):
    """Calendar files and suspensions in any order on a running plan; the trail replays to the same days."""
    office, today = Office(), plan.start
    service = service_with(plan.definition(), registry=PLUGINS)
    service.clock = SimulatedClock(datetime.combine(today, datetime.min.time(), UTC) + timedelta(hours=2))
    service.create("d", "p", OFFICER_AT(today))
    for wait, change in made:
        today += wait * ONE
        service.clock.move_to(today)
        if isinstance(change, int):
            service.suspend("p", OFFICER_AT(today), reason="x")
            first, today = today, today + change * ONE
            service.clock.move_to(today)
            service.resume("p", OFFICER_AT(today), reason="y")
            office.stops.append((first, today))
            in_it = [item.due_on for item in service.due() if item.step == "skip"]
            assert not [day for day in in_it if str(first) <= str(day) < str(today)]
        else:
            load(service, office, plan, change)
        service.tick("p", OFFICER_AT(today))
        assert plan.expected(office, today) == told(service)
    assert () == service.record.verify().findings
