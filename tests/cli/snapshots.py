"""Saves what questions answer on the days of a simulated clock, and asks again later with `--as-of`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, cast

from click.testing import CliRunner

from workflow.bootstrap import Workspace
from workflow.cli import main
from workflow.cli.settings import Settings

Question = tuple[str, ...]
Answer = tuple[int, str]

QUESTIONS: tuple[Question, ...] = (
    ("list",),
    ("list", "--late"),
    ("due",),
    ("due", "--within", "30d", "--late"),
    ("due", "--waiting"),
    ("due", "--by-unit"),
    ("due", "--csv", "-"),
    ("overview",),
    ("people", "list"),
)


class _Open:
    """A workspace that stays open behind a command."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def __getattr__(self, name: str) -> Any:
        return getattr(self._workspace, name)

    def close(self) -> None:
        """Stay open."""


class Snapshots:
    """What was printed on which day, as tables and as JSON."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.saved: dict[tuple[date, Question], Answer] = {}

    def ask(self, *question: str) -> Answer:
        """Return the exit code and what stands on standard output."""
        opened = cast(Workspace, _Open(self._workspace))
        environment = {"WORKFLOW_LANG": "en", "COLUMNS": "100", "WORKFLOW_HOME": str(self._workspace.root)}
        environment |= dict.fromkeys(("WORKFLOW_DATABASE", "WORKFLOW_ACTOR", "LC_ALL", "LC_MESSAGES", "NO_COLOR"))
        result = CliRunner().invoke(
            main, list(question), prog_name="workflow", obj=Settings(opener=lambda *_: opened), env=environment
        )
        return result.exit_code, result.stdout

    def take(self, *more: Question) -> None:
        """Save the answers of today."""
        today = self._workspace.service.today()
        for question in self._questions(more):
            self.saved[today, question] = self.ask(*question)

    def _questions(self, more: tuple[Question, ...]) -> Iterator[Question]:
        shown = tuple(("show", plan.id, "--all") for plan in self._workspace.service.plans())
        for question in (*QUESTIONS, *shown, *more):
            yield question
            if "--csv" not in question:
                yield (*question, "--json")

    def differing(self) -> list[tuple[date, Question]]:
        """The questions that `--as-of` their day answers otherwise now than they were answered then."""
        return [
            (day, question)
            for (day, question), answer in self.saved.items()
            if answer != self.ask(*question, "--as-of", day.isoformat())
        ]
