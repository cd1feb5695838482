"""Plays the shipped scenarios: five plans through their whole life, on a clock set to their days.

A scenario (`definitions/*.scenario.yaml`) is data: what who does on which day. All of them are
played on one timeline, as an office would have lived it.
"""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from workflow.bootstrap import (
    PEOPLE,
    Workspace,
    init_workspace,
    open_workspace,
    require_unused,
    shipped_definitions,
)
from workflow.clock import SimulatedClock
from workflow.errors import N_, Conflict, InvalidInput, NotPermitted, Phrase, Refused
from workflow.language.loader import parse, read_text
from workflow.views.plans import Outcome, Write

SAMPLES = "samples"
"""The folder of a demonstration with files to try commands on."""
_BEGINNING = datetime(2019, 1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Progress:
    """One thing that happened: on which plan and day, in which stage it left it, and what it was.

    *kind* is `created`, `acted`, `advanced`, `refused`, `conflict` or `due`.
    """

    plan: str
    day: date
    stage: str
    kind: str
    text: Phrase
    status: str


class Demo:
    """A workspace made for the demonstration, and the scenarios to be played in it.

    Args:
        directory: A new folder.
        database: URL of an empty database; a file in the folder where not given.
    """

    def __init__(self, directory: Path, database: str | None = None) -> None:
        if database is not None:
            require_unused(directory, database)
        root = init_workspace(directory, database)
        self.clock = SimulatedClock(_BEGINNING)
        self.workspace: Workspace = open_workspace(root, database, clock=self.clock)
        self.scenarios = [read_scenario(path) for path in sorted(shipped_definitions().glob("*.scenario.yaml"))]

    def play(self) -> Iterator[Progress]:
        """Play all scenarios on one timeline, telling each thing as it happens."""
        register = (self.workspace.root / PEOPLE).read_bytes()
        self.workspace.service.load_people(register, PEOPLE, Write(actor=None))
        leave_samples(self.workspace.root)
        yield from play(self.workspace, self.clock, self.scenarios)


def leave_samples(root: Path) -> None:
    """Write the files with which the examples of the help pages can be tried; what is there stays as it is."""
    folder = root / SAMPLES
    folder.mkdir(exist_ok=True)
    for name, text in read_scenario(shipped_definitions() / "data" / "samples.yaml")["files"].items():
        if not (folder / str(name)).exists():
            (folder / str(name)).write_text(str(text), encoding="utf-8")


def read_scenario(path: Path) -> dict[str, Any]:
    """Read a scenario file."""
    data, _ = parse(read_text(path), path.name)
    if not isinstance(data, dict) or data.get("scenario") != 1:
        raise InvalidInput("{path} is no scenario", path=path)
    return data


def play(workspace: Workspace, clock: SimulatedClock, scenarios: list[dict[str, Any]]) -> Iterator[Progress]:
    """Play *scenarios* in a workspace, in the order of their days."""
    timeline: list[tuple[str, int, int, Mapping[str, Any]]] = []
    for number, scenario in enumerate(scenarios):
        items = [{"create": scenario["definition"], **scenario["create"]}, *scenario["acts"]]
        day = ""
        for position, item in enumerate(items):
            day = max(day, str(item.get("recorded") or item.get("on") or item.get("tick")))
            timeline.append((day, number, position, item))
    heapq.heapify(timeline)
    with tempfile.TemporaryDirectory() as papers:
        while timeline:
            day, number, _, item = heapq.heappop(timeline)
            clock.move_to(date.fromisoformat(day))
            yield from _Player(workspace, scenarios[number], Path(papers)).play(item)


class _Player:
    """Plays single items of one scenario."""

    def __init__(self, workspace: Workspace, scenario: Mapping[str, Any], papers: Path) -> None:
        self._service = workspace.service
        self._scenario = scenario
        self._plan = str(scenario["plan"])
        self._papers = papers

    def play(self, item: Mapping[str, Any]) -> Iterator[Progress]:
        try:
            outcome = self._do(item, self._write(item))
        except (Refused, NotPermitted) as error:
            if not item.get("refused"):
                raise
            why = [error.phrase, *(reason.phrase for reason in error.reasons)]
            yield self._told("refused", Phrase(N_("{what}: {why}"), {"what": self._what(item), "why": why}))
            return
        if item.get("refused"):
            raise InvalidInput("the scenario expects `{what}` to be refused, but it was not", what=self._what(item))
        if outcome.events:
            yield self._told(self._kind(item), Phrase(self._what(item), vi=self._what(item)))
        if "collides" in item:
            yield self._collision(item, outcome)

    def _collision(self, item: Mapping[str, Any], outcome: Outcome) -> Progress:
        before = outcome.events[0].seq - 1
        write = Write(actor=str(item["collides"]), on=self._day(item), expect=before)
        try:
            self._do(item, write)
        except Conflict as error:
            return self._told("conflict", error.phrase)
        raise InvalidInput("two people fired `{what}` and both succeeded", what=self._what(item))

    def _do(self, item: Mapping[str, Any], write: Write) -> Outcome:
        if "create" in item:
            return self._service.create(
                str(item["create"]), self._plan, write, title=self._scenario.get("title"), start=_day(item.get("start"))
            )
        if "advance" in item:
            return self._service.advance(self._plan, item["advance"], write)
        if "tick" in item:
            return self._service.tick(self._plan, write)
        step, action = item["act"]
        return self._service.act(self._plan, step, action, item.get("with") or {}, write)

    def _write(self, item: Mapping[str, Any]) -> Write:
        return Write(
            actor=str(item["as"]) if "as" in item else None,
            on=self._day(item),
            note=item.get("note"),
            behalf=item.get("behalf"),
            attach=tuple(self._paper(paper) for paper in item.get("attach") or ()),
        )

    def _day(self, item: Mapping[str, Any]) -> date | None:
        return _day(item.get("on") or item.get("tick"))

    def _paper(self, paper: Mapping[str, str]) -> Path:
        ((name, text),) = paper.items()
        path = self._papers / str(name)
        path.write_text(str(text), encoding="utf-8")
        return path

    def _kind(self, item: Mapping[str, Any]) -> str:
        return next(kind for key, kind in _KINDS.items() if key in item)

    def _what(self, item: Mapping[str, Any]) -> str:
        if "act" in item:
            return " ".join(map(str, item["act"]))
        return str(item.get("create") or item.get("advance") or "tick")

    def _told(self, kind: str, text: Phrase) -> Progress:
        row = self._service.store.plan(self._plan)
        stage, status = (row.stage, row.status) if row else ("-", "-")
        return Progress(self._plan, self._service.today(), stage, kind, text, status)


_KINDS = {"create": "created", "act": "acted", "advance": "advanced", "tick": "due"}


def _day(text: Any) -> date | None:
    return date.fromisoformat(str(text)) if text else None
