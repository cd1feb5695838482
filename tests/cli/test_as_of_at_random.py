"""Whatever people do, and enter late, and take back: what was saved on a day is what `--as-of` that day prints."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cli.snapshots import Snapshots
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.bootstrap import PEOPLE, Workspace, init_workspace, open_workspace
from workflow.clock import SimulatedClock
from workflow.errors import WorkflowError
from workflow.views.plans import Write

FIRST = date(2026, 3, 2)
DEFINITION = """\
workflow: 1
id: small
version: {version}
title: {{vi: Kế hoạch nhỏ, en: Small plan}}
by: drafter
lead: phong
remind: [3d, 0d]
escalate: [{{after: 1wd, to: unit-head}}]
stages:
  writing:
    title: {{vi: Soạn thảo, en: Writing}}
    after: {{working_days: 4}}
    steps:
      write: {{uses: task, lead: phong}}
      check: {{uses: task, lead: binh, due: 2026-03-05}}
    transitions: {{go: {{to: session, allow_open_steps: true}}}}
  session:
    title: {{vi: Phiên họp, en: Session}}
    after: {{stage: writing, days: 5}}
    steps: {{vote: {{uses: task, lead: an}}}}
    transitions:
      back: {{to: writing, reopen: [write], allow_open_steps: true}}
      go: {{to: done, allow_open_steps: true}}
  done: {{title: {{vi: Xong, en: Done}}, final: true}}
alongside:
  weekly:
    uses: periodic-report
    with: {{every: week, weekday: 4, units: [phong, ban], to: phong}}
    until: {{date: 2026-04-30}}
"""
REGISTER = """\
people: 1
units: {{phong: {{name: {unit}}}, ban: {{name: Ban}}}}
persons:
  an: {{name: Nguyễn Văn An, unit: phong}}
  binh: {{name: Trần Thị Bình, unit: {of}}}
  chi: {{name: Lê Chi, unit: phong}}
offices: {{head: {{title: Giám đốc, unit: phong, holders: [{head}]}}}}
roles: {{drafter: {{title: Soạn thảo, holders: [an, binh, chi], records_for: [phong, ban]}}}}
"""
CALENDAR = "calendar: 1\ndays:\n  - {{off: 2026-03-{day:02}, source: 01/TB, announced_on: 2026-03-01}}\n"
AMENDMENT = """\
amend: 1
stages:
  writing:
    steps:
      hearing: {uses: task, lead: chi, title: {vi: Họp, en: Hearing}}
"""
STEPS = ("writing/write", "writing/check", "session/vote", "writing/hearing")


@cache
def _begun() -> Path:
    """A workspace with people and two plans, to be copied: making its tables takes longer than a story."""
    folder = Path(tempfile.mkdtemp(prefix="as-of-"))
    root = init_workspace(folder / "office")
    (root / "definitions" / "small.yaml").write_text(DEFINITION.format(version=1), encoding="utf-8")
    workspace = open_workspace(root, clock=SimulatedClock(datetime(2026, 3, 2, 1, tzinfo=UTC)))
    text = REGISTER.format(unit="Phòng", of="phong", head="binh").encode()
    workspace.service.load_people(text, PEOPLE, Write(actor=None))
    for plan in ("p", "q"):
        workspace.service.create("small", plan, Write(actor="an"))
    workspace.close()
    return root


class Story:
    """A copy of that workspace, in which one thing after the other is done; what is refused is refused."""

    def __init__(self, folder: Path) -> None:
        self.root = Path(shutil.copytree(_begun(), folder / "office"))
        self.clock = SimulatedClock(datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(hours=2))
        self.workspace: Workspace = open_workspace(self.root, clock=self.clock)
        self.snapshots = Snapshots(self.workspace)
        self.made = 0

    def do(self, what: str, plan: str, number: int, late: int) -> None:
        """Do one thing, which happened so many days ago."""
        service, write = self.workspace.service, Write(actor="an")
        write = Write(actor="an", on=service.today() - timedelta(days=late)) if late else write
        with suppress(WorkflowError):
            getattr(self, f"_{what}")(plan, number, write)

    def _day(self, plan: str, number: int, write: Write) -> None:
        self.snapshots.take(("show", "p", "--on", (FIRST + timedelta(days=number)).isoformat()))
        self.clock.move_to(self.workspace.service.today() + timedelta(days=number % 4 + 1))

    def _act(self, plan: str, number: int, write: Write) -> None:
        self.workspace.service.act(plan, STEPS[number % len(STEPS)], "complete", {}, write)

    def _advance(self, plan: str, number: int, write: Write) -> None:
        self.workspace.service.advance(plan, ("go", "back")[number % 2], write)

    def _status(self, plan: str, number: int, write: Write) -> None:
        more: Any = {"reason": "lý do", "document": "1/QĐ"}
        getattr(self.workspace.service, ("suspend", "resume", "cancel", "reopen")[number % 4])(plan, write, **more)

    def _correct(self, plan: str, number: int, write: Write) -> None:
        service = self.workspace.service
        newest = service.require_plan(plan).revision
        for seq in range(newest, max(newest - 8, 0), -1):
            with suppress(WorkflowError):
                service.correct(plan, seq, write, reason="nhầm")
                return

    def _reschedule(self, plan: str, number: int, write: Write) -> None:
        where, due = ("writing", "session")[number % 2], FIRST + timedelta(days=number * 2)
        more: Any = {"due": due, "reason": "chậm", "document": "2/QĐ", "manner": ("set", "ask")[number % 3 == 0]}
        self.workspace.service.reschedule(plan, where, write, **more)

    def _handover(self, plan: str, number: int, write: Write) -> None:
        people = ("an", "binh", "chi")
        self.workspace.service.hand_over(people[number % 3], people[(number + 1) % 3], write)

    def _amend(self, plan: str, number: int, write: Write) -> None:
        self.workspace.service.amend(plan, AMENDMENT.encode(), "more.yaml", write, reason="thêm")

    def _tick(self, plan: str, number: int, write: Write) -> None:
        list(self.workspace.service.tick_plans(Write(actor=None)))

    def _people(self, plan: str, number: int, write: Write) -> None:
        of, head = ("phong", "ban")[number % 2], ("an", "binh", "chi")[number % 3]
        text = REGISTER.format(unit=f"Phòng {number}", of=of, head=head)
        self.workspace.service.load_people(text.encode(), PEOPLE, Write(actor="an"))

    def _calendar(self, plan: str, number: int, write: Write) -> None:
        self.workspace.service.load_calendar(CALENDAR.format(day=number + 3).encode(), "calendar.yaml", write)

    def _version(self, plan: str, number: int, write: Write) -> None:
        self.made += 1
        text = DEFINITION.format(version=self.made + 1)
        (self.root / "definitions" / "small.yaml").write_text(text, encoding="utf-8")
        self.workspace.__dict__.pop("filed", None)
        self.workspace.service.create("small", f"n-{self.made}", write)


KINDS = sorted(name[1:] for name in vars(Story) if name.startswith("_") and not name.startswith("__"))
things = st.tuples(
    st.sampled_from([*KINDS, "day", "day", "act", "advance"]),
    st.sampled_from(["p", "p", "q", "n-1"]),
    st.integers(0, 11),
    st.sampled_from([0, 0, 0, 1, 3]),
)


@settings(max_examples=6, deadline=None)
@given(st.lists(things, min_size=10, max_size=22))
def test_a_snapshot_of_a_day_is_what_as_of_that_day_prints(story):
    """On a real file, over advances, late entries, corrections, handovers, amendments, reminders, people, calendars."""
    with tempfile.TemporaryDirectory() as folder:
        told = Story(Path(folder))
        for thing in (*story, ("day", "p", 3, 0)):
            told.do(*thing)
        try:
            assert [] == told.snapshots.differing()
        finally:
            told.workspace.close()
