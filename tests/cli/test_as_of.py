"""`--as-of` and `--on`: what was known on a day, and what was true on a day, as known now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli.snapshots import Snapshots
from click.testing import CliRunner, Result

from workflow.bootstrap import PEOPLE, init_workspace, open_workspace
from workflow.cli import main
from workflow.cli.settings import Settings
from workflow.clock import SimulatedClock
from workflow.demo import Demo
from workflow.views.plans import Write

EVERY = 41
"""Of the 253 days on which something happens to the five plans each such one is saved."""
HOURLY = date(2020, 4, 1)
"""A report is due at four in the afternoon of that day: it is saved too."""
PLAN = "25-KH-KHCN-2019"
CALENDAR = b"calendar: 1\ndays:\n  - {off: 2019-04-30, source: 01/TB, announced_on: 2019-04-01}\n"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, Snapshots]]:
    """The five shipped plans, played to their end with snapshots on the way; then everything beside them changes."""
    demo = Demo(tmp_path_factory.mktemp("as-of") / "demo")
    snapshots, move, days = Snapshots(demo.workspace), demo.clock.move_to, 0

    def moving(day: date) -> None:
        nonlocal days
        if day > demo.workspace.service.today():
            days += 1
            if days % EVERY == 0 or demo.workspace.service.today() == HOURLY:
                snapshots.take(("definition", "show", "support-technology-renewal-2019"))
        move(day)

    demo.clock.move_to = moving  # type: ignore[method-assign]
    for _ in demo.play():
        pass
    demo.clock.move_to = move  # type: ignore[method-assign]
    _change_everything(demo)
    yield demo, snapshots
    demo.workspace.close()


def _change_everything(demo: Demo) -> None:
    """Another register and calendar; a finished plan is reopened, that is taken back, and it is reopened again."""
    service, clock = demo.workspace.service, demo.clock
    clock.move_to(service.today() + timedelta(days=400))
    people = (demo.workspace.root / PEOPLE).read_text(encoding="utf-8")
    service.load_people(people.replace("Văn phòng", "Phòng Hành chính").encode(), PEOPLE, Write(actor=None))
    service.load_calendar(CALENDAR, "calendar.yaml", Write(actor="van-thu"))
    for _ in range(2):
        made = service.reopen(PLAN, Write(actor="van-thu"), reason="thẩm tra lại", document="9/NQ")
        service.correct(PLAN, made.events[0].seq, Write(actor="van-thu"), reason="nhầm")


def test_what_was_saved_on_a_day_is_what_as_of_that_day_prints(lived):
    """Tables and JSON of every question, on days of seven years, byte for byte."""
    _, snapshots = lived

    assert 100 < len(snapshots.saved)
    assert {0} == {code for code, _ in snapshots.saved.values()}
    assert [] == snapshots.differing()


def test_on_a_day_is_what_had_happened_by_then_as_known_now(lived):
    """Each plan on each of those days stands where its events had led it: in the stage that `audit show` tells."""
    demo, snapshots = lived
    for day in sorted({day for day, _ in snapshots.saved}):
        code, listed = snapshots.ask("list", "--on", day.isoformat(), "--json")
        stages = {plan["id"]: plan["stage"] for plan in json.loads(listed)["plans"]}

        assert (0, _stages_on(demo, day)) == (code, stages)


def _stages_on(demo: Demo, day: date) -> dict[str, str]:
    """The stage of each plan that had begun by *day*, from the events of what happened by then."""
    found: dict[str, str] = {}
    for plan in demo.workspace.service.plans():
        for entry in demo.workspace.service.record.audit(plan.id):
            event = entry.event
            if event.occurred_on <= day and event.type in ("plan_created", "transition_fired"):
                found[plan.id] = event.data.get("to") or event.data["stage"]
    return found


# the two axes, on a small plan

SMALL = """\
workflow: 1
id: small
version: 1
title: {vi: Kế hoạch nhỏ, en: Small plan}
by: drafter
lead: phong
stages:
  writing:
    title: {vi: Soạn thảo, en: Writing}
    after: {working_days: 10}
    steps: {write: {uses: task, lead: phong}, check: {uses: task, lead: an}}
    transitions: {submit: {to: session, allow_open_steps: true}}
  session:
    title: {vi: Phiên họp, en: Session}
    after: {stage: writing, days: 20}
    steps: {vote: {uses: task, lead: binh}}
    transitions: {pass: {to: done}, back: {to: writing, reopen: [write], allow_open_steps: true}}
  done: {title: {vi: Xong, en: Done}, final: true}
"""
PEOPLE_OF_SMALL = """\
people: 1
units: {phong: {name: Phòng}}
persons: {an: {name: Nguyễn Văn An, unit: phong}, binh: {name: Trần Thị Bình, unit: phong}}
offices: {head: {title: Giám đốc, unit: phong, holders: [binh]}}
roles: {drafter: {title: Soạn thảo, holders: [an, binh]}}
"""


class Small:
    """A workspace with one small plan, on a clock that is set."""

    def __init__(self, root: Any) -> None:
        self.root = init_workspace(root / "office")
        (self.root / "definitions" / "small.yaml").write_text(SMALL, encoding="utf-8")
        self.clock = SimulatedClock(datetime(2026, 3, 2, 2, tzinfo=UTC))
        self.workspace = open_workspace(self.root, clock=self.clock)
        self.service = self.workspace.service
        self.service.load_people(PEOPLE_OF_SMALL.encode(), PEOPLE, Write(actor=None))
        self.service.create("small", "p", Write(actor="an"))
        self.snapshots = Snapshots(self.workspace)

    def asked(self, *question: str) -> Any:
        """What a question answers as JSON."""
        code, answer = self.snapshots.ask(*question, "--json")
        assert 0 == code
        return json.loads(answer)

    def typed(self, *arguments: str, without: str = "") -> Result:
        """Type a command, where a plugin may be missing."""
        opened = lambda *_: open_workspace(self.root, clock=self.clock)  # noqa: E731
        environment = {"WORKFLOW_LANG": "en", "COLUMNS": "200", "WORKFLOW_HOME": str(self.root), "LC_ALL": None}
        environment["WORKFLOW_LOAD_PLUGINS"] = f"-{without}" if without else None
        return CliRunner().invoke(
            main, list(arguments), prog_name="workflow", obj=Settings(opener=opened), env=environment
        )

    def step(self, name: str, *days: str) -> str:
        """The state of a step as `show` tells it."""
        steps = self.asked("show", "p", *days)["steps"]
        return next(str(step["state"]) for step in steps if step["step"] == name)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    """The small plan on Monday, 2 March 2026, the day on which it began."""
    made = Small(tmp_path)
    yield made
    made.workspace.close()


def test_what_was_entered_late_was_true_before_it_was_known(small):
    """Done on the 4th, entered on the 9th: on the 5th it was done, and as of the 5th nobody knew."""
    small.clock.move_to("2026-03-09")
    small.service.act("p", "write", "complete", {}, Write(actor="an", on=date(2026, 3, 4)))
    small.clock.move_to("2026-03-20")
    open_, done = small.step("writing/check"), small.step("writing/write")

    assert open_ != done
    assert done == small.step("writing/write", "--on", "2026-03-05")
    assert open_ == small.step("writing/write", "--as-of", "2026-03-05")
    assert open_ == small.step("writing/write", "--on", "2026-03-03")
    assert done == small.step("writing/write", "--as-of", "2026-03-09", "--on", "2026-03-05")
    assert open_ == small.step("writing/write", "--as-of", "2026-03-08", "--on", "2026-03-05")
    owed = {
        day: {item["step"] for item in small.asked("due", *day)["work_items"]}
        for day in (("--on", "2026-03-05"), ("--as-of", "2026-03-05"))
    }
    assert [{"writing/check"}, {"writing/check", "writing/write"}] == list(owed.values())


def test_what_was_corrected_since_was_known_and_was_never_true(small):
    """Submitted on the 3rd and taken back on the 10th: as of the 5th in session, on the 5th in writing."""
    small.clock.move_to("2026-03-03")
    seq = small.service.advance("p", "submit", Write(actor="an")).events[0].seq
    small.clock.move_to("2026-03-10")
    small.service.correct("p", seq, Write(actor="an"), reason="bấm nhầm")

    assert "session" == small.asked("list", "--as-of", "2026-03-05")["plans"][0]["stage"]
    assert "writing" == small.asked("list", "--on", "2026-03-05")["plans"][0]["stage"]
    assert "session" == small.asked("list", "--as-of", "2026-03-05", "--on", "2026-03-04")["plans"][0]["stage"]
    assert ["writing", "session"] == [
        small.asked("overview", axis, "2026-03-05")["plans"][0]["stage"] for axis in ("--on", "--as-of")
    ]


def test_the_revision_is_that_of_what_was_known(small):
    """One would have to expect it then; on a day it stays that of now."""
    before = small.asked("show", "p")["revision"]
    small.clock.move_to("2026-03-09")
    after = small.service.act("p", "write", "complete", {}, Write(actor="an")).events[-1].seq

    assert before == small.asked("show", "p", "--as-of", "2026-03-05")["revision"]
    assert after == small.asked("show", "p", "--on", "2026-03-05")["revision"]


def test_a_plan_that_was_not_there_says_since_when_it_is(small):
    """It is in no list, and `show` tells when it began and when that was recorded."""
    small.clock.move_to("2026-03-09")
    small.service.create("small", "q", Write(actor="an", on=date(2026, 3, 6)))
    known, true = small.typed("show", "q", "--as-of", "2026-03-08"), small.typed("show", "q", "--on", "2026-03-05")

    assert (2, 2) == (known.exit_code, true.exit_code)
    assert "nothing was known of plan `q` on 2026-03-08: its first event was recorded on 2026-03-09" in known.stderr
    assert "there was no plan `q` on 2026-03-05: it began on 2026-03-06" in true.stderr
    assert ["p"] == [plan["id"] for plan in small.asked("list", "--as-of", "2026-03-08")["plans"]]
    assert ["p", "q"] == [plan["id"] for plan in small.asked("list", "--on", "2026-03-08")["plans"]]
    assert ["p"] == [plan["id"] for plan in small.asked("overview", "--on", "2026-03-05")["plans"]]
    assert 2 == small.typed("show", "r", "--as-of", "2026-03-08").exit_code


def test_people_are_those_of_the_register_in_force_then(small):
    """As of a day the register that was taken in by then; on a day the one of now."""
    small.clock.move_to("2026-03-09")
    newer = PEOPLE_OF_SMALL.replace("Nguyễn Văn An", "Nguyễn Văn Ân")
    small.service.load_people(newer.encode(), PEOPLE, Write(actor=None))

    def name(*days: str) -> str:
        return str(small.asked("people", "list", *days)["people"][0]["name"])

    assert "Nguyễn Văn An" == name("--as-of", "2026-03-08")
    assert "Nguyễn Văn Ân" == name("--as-of", "2026-03-09") == name("--on", "2026-03-08") == name()
    assert [] == small.asked("people", "list", "--as-of", "2026-03-01")["people"]


def test_a_definition_is_the_newest_that_a_plan_followed_by_then(small):
    """A file that was changed since is told by nobody; a version is in use from its first plan on."""
    path = small.root / "definitions" / "small.yaml"
    path.write_text(SMALL.replace("version: 1", "version: 2"), encoding="utf-8")
    small.clock.move_to("2026-03-09")
    newer = open_workspace(small.root, clock=small.clock)
    newer.service.create("small", "q", Write(actor="an"))
    newer.close()

    def version(*question: str) -> int:
        return int(json.loads(small.typed("definition", "show", *question, "--json").stdout)["version"])

    for axis in ("--as-of", "--on"):
        assert 1 == version("small", axis, "2026-03-08")
        early = small.typed("definition", "show", "small@2", axis, "2026-03-08")
        assert (2, True) == (early.exit_code, "it is in use since 2026-03-09" in early.stderr)
        assert 2 == small.typed("definition", "show", "small", "--source", axis, "2026-03-08").exit_code
    assert 2 == version("small") == version("small", "--as-of", "2026-03-09")


QUESTIONS = (["show", "p"], ["list"], ["due"], ["overview"], ["people", "list"], ["definition", "show", "small"])


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_the_days_are_said_beside_the_answer(small, question):
    """On standard error, each axis by its name; what will be known on a day ahead is refused, with exit 2."""
    small.clock.move_to("2026-03-09")
    told = {
        ("--as-of", "2026-03-08"): "As known at the end of 2026-03-08 (--as-of), and true on that day.",
        ("--on", "2026-03-08"): "As known now, as true on 2026-03-08 (--on).",
        ("--on", "2026-04-01"): "As known now, as true on 2026-04-01 (--on).",
        ("--as-of", "2026-03-08", "--on", "2026-03-03"): "As known at the end of 2026-03-08 (--as-of), "
        "as true on 2026-03-03 (--on).",
    }
    for days, words in told.items():
        result = small.typed(*question, *days)
        assert (0, words) == (result.exit_code, result.stderr.splitlines()[0]), result.output
    ahead = small.typed(*question, "--as-of", "2026-03-10")
    assert (2, "") == (ahead.exit_code, ahead.stdout)
    assert "2026-03-10 lies ahead" in ahead.stderr


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_today_is_no_other_day(small, question):
    """As of today and on today print what is printed without either."""
    plain = small.typed(*question, "--json").stdout

    assert plain == small.typed(*question, "--json", "--as-of", "2026-03-02").stdout
    assert plain == small.typed(*question, "--json", "--on", "2026-03-02").stdout


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_help_tells_the_two_times_apart(small, question):
    """What was known then, and what was true then."""
    words = " ".join(small.typed(*question, "--help").stdout.split())

    assert "What was known then" in words
    assert "What was true then, as known now" in words


def test_a_plan_that_a_missing_plugin_hides_is_named(small):
    """The lists have the others, and say so in JSON too; `show` of it is refused."""
    small.service.act("p", "write", "complete", {}, Write(actor="an"))
    small.clock.move_to("2026-03-09")
    small.service.advance("p", "submit", Write(actor="an"))
    for question in ("list", "due", "overview"):
        result = small.typed(question, "--as-of", "2026-03-02", "--json", without="task")
        assert (0, True) == (result.exit_code, "p is left out, what it was cannot be worked out" in result.stderr)
        assert [] == (json.loads(result.stdout).get("plans") or json.loads(result.stdout).get("work_items") or [])
    shown = small.typed("show", "p", "--as-of", "2026-03-02", without="task")

    assert (3, True) == (shown.exit_code, "`task`" in shown.stderr)


@pytest.mark.parametrize("command", [["advance", "p"], ["act", "p", "write", "complete"], ["audit", "show"]])
def test_nothing_is_changed_as_of_a_day(small, command):
    """What changes something has no `--as-of`."""
    result = small.typed(*command, "--as-of", "2026-03-02", "--as", "an")

    assert (2, True) == (result.exit_code, "--as-of" in result.stderr)


def test_a_title_that_was_withdrawn_since_is_not_shown_as_it_was(small):
    """Withdrawn is withdrawn, on all days."""
    small.service.load_people(f"{PEOPLE_OF_SMALL}withdrawers: [an]\n".encode(), PEOPLE, Write(actor=None))
    small.service.create("small", "q", Write(actor="an"), title="Danh sách riêng")
    small.clock.move_to("2026-03-09")
    days = ("--as-of", "2026-03-02")
    before = small.asked("show", "q", *days)["title"]
    gone = ("audit", "withdraw", "q", "1", "--text", "title", "--reason", "riêng tư", "--as", "an")
    assert 0 == small.typed(*gone).exit_code

    assert ("Danh sách riêng", "Small plan") == (before, small.asked("show", "q", *days)["title"])
