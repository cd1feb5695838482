"""What a command costs from the shell to its last line, beside bare imports in the same interpreter.

Run: python tests/benchmarks/bench_startup.py [ROUNDS]. Needs the installed `workflow` of this
interpreter. Every round runs each command and its bound one after the other, in turned order, as
whole processes; the ratio is the median of the rounds' ratios. Exits 1 if a target is missed.
"""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import NamedTuple

from workflow.bootstrap import init_workspace, open_workspace
from workflow.views.plans import Write

DEFINITION = "provincial-normative-document-template"
OFFICER = Write(actor="van-thu")
CLICK = "import click"
TABLES = "import sqlmodel, click"
ALL_FOUR = "import transitions, sqlmodel, click, pluggy"
COMPLETION = {"_WORKFLOW_COMPLETE": "bash_complete", "COMP_WORDS": "workflow s", "COMP_CWORD": "1"}
READY = "@ready"
"""Stands for a plan that can be advanced, a new one each time."""


class Case(NamedTuple):
    """A command, the imports that bound it, and how many times their time it may take."""

    name: str
    arguments: tuple[str, ...]
    bound: str
    target: float
    environment: Mapping[str, str] = {}


CASES = (
    Case("--help", ("--help",), CLICK, 1.25),
    Case("--help --lang vi", ("--lang", "vi", "--help"), CLICK, 1.25),
    Case("--version", ("--version",), CLICK, 1.25),
    Case("completion", (), CLICK, 1.25, COMPLETION),
    Case("show", ("show", "a-1"), TABLES, 1.2),
    Case("show --lang vi", ("--lang", "vi", "show", "a-1"), TABLES, 1.2),
    Case("advance", ("advance", READY), ALL_FOUR, 1.2),
    Case("advance --lang vi", ("--lang", "vi", "advance", READY), ALL_FOUR, 1.2),
)


class Spent(NamedTuple):
    """Seconds that a process took, and how many of them it computed."""

    wall: float
    cpu: float


def prepare(folder: Path, ready: int) -> None:
    """Make the workspace of the README: a plan in its second stage, and *ready* more at the end of the first."""
    init_workspace(folder)
    opened = open_workspace(folder)
    service = opened.service
    service.load_people((folder / "people.yaml").read_bytes(), "people.yaml", OFFICER)
    for plan in ("a-1", *(f"r-{number}" for number in range(ready))):
        service.create(DEFINITION, plan, OFFICER)
        for step in ("found-group", "collect"):
            service.act(plan, step, "complete", {}, OFFICER)
    service.advance("a-1", None, OFFICER)
    opened.close()


def timed(command: list[str], folder: Path, environment: Mapping[str, str]) -> Spent:
    """Run a process to its end; it has to succeed."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed: exit {process.returncode}")
    return Spent(wall, used.ru_utime + used.ru_stime)


def pair(case: Case, folder: Path, turned: bool, plans: Iterator[int]) -> tuple[Spent, Spent]:
    """Time the command and its bound one after the other."""
    arguments = [f"r-{next(plans)}" if argument == READY else argument for argument in case.arguments]
    environment = {**os.environ, "WORKFLOW_ACTOR": "van-thu", "WORKFLOW_LANG": "en"}
    ours = [str(Path(sys.executable).with_name("workflow")), *arguments], folder, {**environment, **case.environment}
    bound = [sys.executable, "-c", case.bound], folder, environment
    if turned:
        second = timed(*bound)
        return timed(*ours), second
    return timed(*ours), timed(*bound)


def main(rounds: int = 25) -> int:
    """Print each command's ratio beside its target; return 1 where one is missed."""
    for package in ("workflow", "trinh_plugins"):
        # What pip does when it installs; an editable install has nobody who does it.
        compileall.compile_dir(str(files(package)), quiet=2)
    plans = count()
    pairs: dict[str, list[tuple[Spent, Spent]]] = {case.name: [] for case in CASES}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "office"
        prepare(folder, (rounds + 1) * 2)
        for turn in range(rounds + 1):
            for case in CASES:
                spent = pair(case, folder, bool(turn % 2), plans)
                # The first round fills the caches of the disk.
                pairs[case.name] += [spent] * bool(turn)
    print(f"{'command':18} {'ratio':>6} {'target':>6} {'cpu':>6} {'ms':>6} {'bound':>6}   beside")
    verdicts = [_report(case, pairs[case.name]) for case in CASES]
    return 0 if all(verdicts) else 1


def _report(case: Case, pairs: list[tuple[Spent, Spent]]) -> bool:
    ratio = statistics.median(ours.wall / bound.wall for ours, bound in pairs)
    cpu = statistics.median(ours.cpu / bound.cpu for ours, bound in pairs)
    ours, bound = (statistics.median(spent[side].wall for spent in pairs) * 1000 for side in (0, 1))
    met = ratio <= case.target
    row = f"{case.name:18} {ratio:6.2f} {case.target:6.2f} {cpu:6.2f} {ours:6.0f} {bound:6.0f}   {case.bound}"
    print(row if met else f"{row}   MISSED")
    return met


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
