"""A writer for `test_many_processes`: a process that may be killed at any moment, and begun anew.

It keeps a log of its own, a line for each thing it knows: `asked` before a command is given, `done` once it was
acknowledged. Begun anew, it finds out first what became of the command that it had asked and heard nothing of.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.bootstrap import Workspace, open_workspace
from workflow.errors import Conflict, StorageUnusable
from workflow.views.plans import Outcome, Write

CREATED, MOVED = "create", "advance"
SHARED = tuple(f"shared-{number}" for number in range(2))
"""Plans that all writers move, so that they meet."""
RING = """\
workflow: 1
id: ring
version: 1
title: Vòng
by: clerk
stages:
  a: {title: A, steps: {work: {uses: task, required: false, title: Việc}}, transitions: {on: {to: b}}}
  b: {title: B, transitions: {on: {to: c}}}
  c: {title: C, transitions: {on: {to: a}, end: {to: d}}}
  d: {title: D, final: true}
"""


@dataclass(frozen=True)
class Command:
    """One command of a writer: what it will ask for under which request id."""

    request: str
    kind: str
    plan: str


def commands(writer: int, writers: int, plans: int, laps: int) -> Iterator[Command]:
    """All commands of a writer, the same at every start; it makes its share of the plans and moves them on."""
    chance, own = random.Random(writer), [f"plan-{number:04d}" for number in range(writer, plans, writers)]
    for number, plan in enumerate(own):
        yield Command(f"w{writer}-c{number}", CREATED, plan)
    for number in range(len(own) * laps * 3):
        shared = chance.random() < 0.1
        yield Command(f"w{writer}-m{number}", MOVED, chance.choice(SHARED) if shared else own[number % len(own)])


class Log:
    """What a writer knows, line by line; a line is whole or not there, also when its writer is killed."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
        self.known = lines(path)

    def tell(self, word: str, request: str, **more: Any) -> None:
        """Add a line."""
        os.write(self._file, (json.dumps({"word": word, "request": request, **more}) + "\n").encode())


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a log."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def carry_out(workspace: Workspace, command: Command, log: Log) -> Outcome:
    """Give one command until it is acknowledged, under one request id."""
    write = Write(actor="van-thu", request_id=command.request, note="đi tiếp")
    while True:
        try:
            if command.kind == CREATED:
                return workspace.service.create("ring", command.plan, write)
            return workspace.service.advance(command.plan, "on", write)
        except Conflict:
            # Somebody else moved the plan first, and nothing was written.
            continue
        except StorageUnusable as error:
            log.tell("lost", command.request, said=str(error))
            time.sleep(0.2)


def main(root: str, url: str, writer: str, writers: str, plans: str, laps: str) -> None:
    """Give every command that was not acknowledged before."""
    log = Log(Path(root, f"writer-{writer}.log"))
    acknowledged = {line["request"] for line in log.known if line["word"] == "done"}
    asked = {line["request"] for line in log.known if line["word"] == "asked"}
    with closing(_opened(Path(root), url)) as workspace:
        for command in commands(*map(int, (writer, writers, plans, laps))):
            if command.request in acknowledged:
                continue
            if command.request in asked:
                found = _until_answered(workspace, command.request)
                log.tell("found", command.request, seqs=found)
            log.tell("asked", command.request)
            outcome = carry_out(workspace, command, log)
            seqs = [event.seq for event in outcome.events]
            log.tell("done", command.request, plan=command.plan, seqs=seqs, repeated=outcome.repeated)
    log.tell("ended", "")


def _opened(root: Path, url: str) -> Workspace:
    while True:
        try:
            return open_workspace(root, url)
        except StorageUnusable:
            time.sleep(0.2)


def _until_answered(workspace: Workspace, request: str) -> list[int]:
    while True:
        try:
            return [row.seq for row in workspace.store.request(request)]
        except StorageUnusable:
            time.sleep(0.2)


if __name__ == "__main__":
    main(*sys.argv[1:])
