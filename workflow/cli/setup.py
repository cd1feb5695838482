"""From nothing to a workspace: `demo` and `init`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow.cli.failures import coloured, say
from workflow.cli.lists import print_owed
from workflow.cli.options import command
from workflow.cli.output import Screen
from workflow.cli.shapes import Shapes, listing
from workflow.cli.verify import print_result, require_sound
from workflow.cli.words import state_words
from workflow.errors import N_, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow.cli.settings import Settings
    from workflow.demo import Demo, Progress
    from workflow.views.plans import PlanSummary


@command(example="workflow init my-plans")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def init(settings: Settings, folder: Path) -> None:
    """Make a new workspace in DIR: definitions, plugins, people and settings, and samples to try commands with."""
    from workflow import bootstrap
    from workflow.demo import leave_samples

    made = bootstrap.init_workspace(folder, settings.database)
    leave_samples(made)
    screen = Screen(settings)
    if settings.as_json:
        screen.json({"id": made.name, "workspace": str(made)})
        return
    screen.line(screen.words(N_("A workspace is ready in {folder}."), folder=made))
    screen.say(N_("Next: put your units and people into people.yaml, then `workflow people load --as YOU`."))


@command(example="workflow demo plans")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
def demo(settings: Settings, folder: Path | None) -> None:
    """Make a workspace in DIR (else in a temporary folder) and run all five shipped plans to their end."""
    from workflow import demo as play

    if folder is None:
        import tempfile

        folder = Path(tempfile.mkdtemp(prefix="workflow-demo-"))
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInput(N_("{folder} is not empty."), hint=N_("Name a new folder."), folder=folder)
    screen = Screen(settings)
    screen.say(N_("Playing the shipped plans in {folder}."), folder=folder)
    started = play.Demo(folder, settings.database)
    try:
        told = (
            _live(screen, started)
            if coloured(sys.stdout) and not settings.as_json
            else _plain(screen, settings, started)
        )
        _print_end(settings, screen, started, told)
    finally:
        started.workspace.close()


def _plain(screen: Screen, settings: Settings, started: Demo) -> int:
    """Print a line for each thing that happens; with `--json` on standard error, which is no data."""
    told = 0
    for step in started.play():
        told += 1
        line = f"{step.day.isoformat()}  {step.plan}  {step.stage}: {screen.catalogue.text(step.text)}"
        say(line) if settings.as_json else screen.lines(line)
    return told


def _live(screen: Screen, started: Demo) -> int:
    """Show a line for each plan, renewed as it goes on."""
    from rich.live import Live
    from rich.table import Table

    latest: dict[str, Progress] = {}
    told = 0

    def picture() -> Table:
        table = Table(*map(screen.words, (N_("plan"), N_("day"), N_("stage"), N_("state"))), expand=True)
        for step in latest.values():
            table.add_row(step.plan, step.day.isoformat(), step.stage, state_words(step.status, screen.catalogue))
        return table

    with Live(picture(), refresh_per_second=8) as live:
        for step in started.play():
            told += 1
            latest[step.plan] = step
            live.update(picture())
            if step.kind in ("refused", "conflict"):
                text = screen.catalogue.text(step.text)
                live.console.print(f"{step.day.isoformat()}  {step.plan}: {text}", markup=False, highlight=False)
    return told


def _print_end(settings: Settings, screen: Screen, started: Demo, told: int) -> None:
    """Print where everything stands, what was late, that the trail verifies, and what to type next."""
    service = started.workspace.service
    plans, verified = service.plans(), service.record.verify()
    late = [item for plan in plans for item in service.plan(plan.id).owed if item.late]
    if settings.as_json:
        shapes = Shapes(screen.catalogue)
        screen.json(
            {
                "workspace": str(started.workspace.root),
                "events": verified.events,
                "findings": len(verified.findings),
                "late": len(late),
                **listing("plans", [shapes.summary(plan) for plan in plans]),
            }
        )
    else:
        screen.heading(N_("Where everything stands"))
        rows = [(p.id, screen.title(p.title), p.stage, state_words(p.status, screen.catalogue)) for p in plans]
        screen.table([N_("plan"), N_("title"), N_("stage"), N_("state")], rows, whole=0)
        if late:
            screen.heading(N_("What was late"))
            print_owed(screen, late)
        screen.line()
        screen.line(screen.words(N_("{count} {count|thing|things} happened."), count=told))
        print_result(screen, verified)
    _print_next(screen, started.workspace.root, plans)
    require_sound(verified)


def _print_next(screen: Screen, root: Path, plans: Sequence[PlanSummary]) -> None:
    plan = plans[0].id if plans else "PLAN"
    screen.say(N_("Look around:"))
    for rest in ("list", f"show {plan}", f"audit show {plan}", f"graph {plan}", "audit verify", "people list"):
        say(f'  {_own_name()} --workspace "{root}" {rest}')


def _own_name() -> str:
    """The command as it can be typed here: by its name where the path finds it, else where it lies."""
    typed = Path(sys.argv[0])
    found = shutil.which("workflow")
    if typed.name.startswith("workflow") and (found is None or Path(found).resolve() != typed.resolve()):
        return str(typed)
    return "workflow"
