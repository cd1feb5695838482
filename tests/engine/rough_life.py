"""Drives the 2019 plan through its rough life: types commands on the days of a simulated clock, and reads the answers.

A chapter (`@chapter`) is a test. All chapters live in one office, in the order in which they are written down; one that
is run by itself first lives through those before it. `Office.stands` is what makes a chapter true: it asks `show`,
`overview` and `next`, in JSON and in words, and they must agree with each other and with what the chapter says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from workflow.bootstrap import Workspace, init_workspace, open_workspace
from workflow.cli import main
from workflow.cli.output import width
from workflow.cli.settings import Settings
from workflow.clock import SimulatedClock

PLAN = "25-KH-KHCN-2019"
NEW_YEAR = datetime(2019, 1, 1, 1, tzinfo=UTC)
Told = Callable[["Office"], None]
_CHAPTERS: dict[str, Told] = {}


def chapter(tell: Told) -> Told:
    """Make a chapter of the story a test; the chapters before it are lived through first, once."""
    _CHAPTERS[tell.__name__] = tell

    @wraps(tell)
    def test(office: Office) -> None:
        for earlier in _CHAPTERS:
            if earlier == tell.__name__:
                break
            if earlier not in office.told:
                office.live(earlier)
        office.live(tell.__name__)

    return test


class Office:
    """The people of the 2019 plan at their keyboards.

    Args:
        directory: An empty folder.
        database: URL of an empty database; a file in the folder where not given.
    """

    def __init__(self, directory: Path, database: str | None = None) -> None:
        self.root = init_workspace(directory / "office", database)
        self.papers = directory / "papers"
        self.papers.mkdir()
        self.clock = SimulatedClock(NEW_YEAR)
        self.told: dict[str, bool] = {}

    def live(self, name: str) -> None:
        """Live through a chapter; where an earlier one went wrong there is no story to go on with."""
        if False in self.told.values():
            pytest.fail("an earlier chapter did not end as it is told")
        self.told[name] = False
        _CHAPTERS[name](self)
        self.told[name] = True

    # typing

    def day(self, day: str) -> None:
        """Let the days go by until *day*."""
        self.clock.move_to(date.fromisoformat(day))

    def type(self, *arguments: str, lang: str = "en") -> Result:
        """Type a command, as a person would."""

        def opened(directory: Path | None, database: str | None) -> Workspace:
            return open_workspace(directory or self.root, database, clock=self.clock, create_db=False)

        environment = {"WORKFLOW_LANG": lang, "COLUMNS": "80", "WORKFLOW_HOME": str(self.root)}
        environment |= dict.fromkeys(("WORKFLOW_DATABASE", "WORKFLOW_ACTOR", "LC_ALL", "LC_MESSAGES"))
        return CliRunner().invoke(
            main, list(arguments), prog_name="workflow", obj=Settings(opener=opened), env=environment
        )

    def does(self, who: str, *arguments: str) -> dict[str, Any]:
        """Type a command that changes something and has to succeed; return what it printed."""
        result = self.type(*arguments, "--as", who, "--json")
        assert 0 == result.exit_code, result.output
        return json.loads(result.stdout)

    def act(self, who: str, step: str, action: str, *options: str) -> dict[str, Any]:
        """Do something on a step."""
        return self.does(who, "act", PLAN, step, action, *options)

    def hands_in(self, who: str, step: str, text: str, *options: str) -> str:
        """Hand a text in as the next revision of a draft; return its name, such as 4.1."""
        done = self.act(who, step, "submit", "--attach", self.paper(f"{step.replace('/', '-')}.txt", text), *options)
        (made,) = done["events"][0]["data"]["revisions"]
        return f"{made['number']}.{made['revision']}"

    def moves(self, who: str, trigger: str, *options: str) -> None:
        """Move the plan on."""
        self.does(who, "advance", PLAN, trigger, *options)

    def refused(self, who: str, *arguments: str, exit_code: int = 3) -> dict[str, Any]:
        """Type a command that has to be refused: nothing changes, the trail keeps the attempt. Return the error."""
        before = self.asked("show", PLAN)["revision"]
        result = self.type(*arguments, "--as", who, "--json")
        assert exit_code == result.exit_code, result.output
        error: dict[str, Any] = json.loads(result.stderr)["error"]
        assert before == self.asked("show", PLAN)["revision"]
        attempt = self.asked("audit", "show", "@workspace")["events"][-1]
        assert ("attempt_refused", who, error["code"]) == (attempt["type"], attempt["actor"], attempt["data"]["code"])
        return error

    def paper(self, name: str, text: str) -> str:
        """Write a paper to attach."""
        path = self.papers / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    # asking

    def asked(self, *arguments: str) -> dict[str, Any]:
        """Ask a question and return its JSON."""
        result = self.type(*arguments, "--json")
        assert 0 == result.exit_code, result.output
        return json.loads(result.stdout)

    def read(self, *arguments: str, lang: str = "en") -> str:
        """Ask a question and return the words, on one line; no line of them is wider than the terminal."""
        result = self.type(*arguments, lang=lang)
        assert 0 == result.exit_code, result.output
        assert [] == [line for line in result.stdout.splitlines() if width(line) > 80]
        return " ".join(result.stdout.split())

    def step(self, address: str, round_: int | None = None) -> dict[str, Any]:
        """What `show --json` tells of a step: its newest round, or the one asked for."""
        found = [each for each in self.asked("show", PLAN)["steps"] if each["step"] == address]
        return found[-1] if round_ is None else next(each for each in found if each["round"] == round_)

    def reasons(self, trigger: str) -> dict[str, dict[str, Any]]:
        """Why a move is blocked, by code; the last of each code."""
        (move,) = (each for each in self.asked("next", PLAN)["moves"] if each["id"] == trigger)
        return {reason["code"]: reason for reason in move["reasons"]}

    def newest(self, count: int = 1) -> list[dict[str, Any]]:
        """The newest events of the plan's trail, oldest first."""
        return self.asked("audit", "show", PLAN)["events"][-count:]

    def draft(self, name: str) -> dict[str, Any]:
        """What `draft list --json` tells of one revision of the Decision."""
        listed = self.asked("draft", "list", PLAN)["revisions"]
        return next(each for each in listed if each["id"] == f"decision:{name}")

    def sent_to(self, name: str) -> set[str]:
        """Whom this revision of the Decision was sent to."""
        return {to for sending in self.draft(name)["sent"] for to in sending["to"]}

    def stands(
        self,
        *,
        stage: str,
        waiting: Mapping[str, str],
        late: Mapping[str, int] | None = None,
        moves: tuple[str, ...] = (),
        blocked: tuple[str, ...] = (),
        draft: str | None = None,
        uncovered: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """Assert that every view tells the same, true thing of the plan; return what `show` says.

        Args:
            stage: The stage it is in.
            waiting: Who holds it, and since when.
            late: Who holds something that is behind its day, and for how many of the days past it, the worst of each.
            moves: The moves onward that are possible.
            blocked: The codes of the reasons against the other moves onward.
            draft: The newest revision of the Decision.
            uncovered: The approvals that do not cover the newest text.
        """
        shown, (row,) = self.asked("show", PLAN), self.asked("overview")["plans"]
        assert row == {key: shown[key] for key in row if key in shown} | {"drafts": row["drafts"]}
        assert stage == shown["stage"]
        assert dict(waiting) == {each["id"]: each["since"] for each in shown["waiting_on"]}
        worst: dict[str, int] = {}
        for each in (*shown["lateness"], *shown["in_buffer"]):
            worst[each["owner"]] = max(each["days_held"], worst.get(each["owner"], 0))
        worst = {owner: days for owner, days in worst.items() if days}
        # What still uses the buffer month is told, and counts as no lateness of the plan.
        assert shown["days_late"] == max((each["days_late"] for each in shown["lateness"]), default=0)
        assert dict(late or {}) == worst
        assert sorted(moves) == sorted(shown["possible"])
        assert set(blocked) == {reason["code"] for move in shown["blocked"] for reason in move["reasons"]}
        if draft is not None:
            assert [f"decision:{draft}"] == [each["id"] for each in row["drafts"]]
        assert list(uncovered) == [f"{each['approved']} by {each['by']}" for each in shown["uncovered_approvals"]]
        self._next_agrees(shown)
        self._words_agree(shown)
        return shown

    def _next_agrees(self, shown: dict[str, Any]) -> None:
        """`next` gives the same reasons for the same moves."""
        moves = {each["id"]: each for each in self.asked("next", PLAN)["moves"]}
        for move in shown["blocked"]:
            assert move == moves[move["id"]]
        assert all(moves[trigger]["possible"] for trigger in shown["possible"])

    def _words_agree(self, shown: dict[str, Any]) -> None:
        """What is printed for people says it too: each holder, each late owner, each reason."""
        words = {
            command[0]: self.read(*command) for command in (("show", PLAN, "--all"), ("overview",), ("next", PLAN))
        }
        close = {command: text.replace(" ", "") for command, text in words.items()}
        for each in shown["waiting_on"]:
            assert each["since"] in words["show"]
            assert set((each["name"] or each["id"]).split()) <= set(words["show"].replace(";", " ").split())
        for each in (*shown["lateness"], *shown["in_buffer"]):
            for where in ("show", "overview"):
                assert each["due_on"] in words[where]
                assert each["buffer_until"] or f"{each['days_late']} days" in words[where]
        for move in shown["blocked"]:
            for reason in move["reasons"]:
                assert reason["message"].replace(" ", "") in close["show"], reason["message"]
                assert reason["message"].replace(" ", "") in close["next"], reason["message"]
        for command in (("show", PLAN), ("overview",), ("next", PLAN)):
            self.read(*command, lang="vi")
