"""The calendar of working days: `calendar show` and `calendar load`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import command, option, write_from, writing
from workflow.cli.output import Screen
from workflow.errors import N_
from workflow.language.definition import Text

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.language.definition import Policies
    from workflow.views.times import CalendarDay, CalendarLoaded, CalendarYear

_KEYS = ("before", "fixed_day_off", "term_day_off")


@command(example="workflow calendar show 2026")
@click.argument("year", required=False, type=click.IntRange(1, 9999))
@option("--calendar", "name", metavar="NAME", help=N_("Another calendar than the calendar file's (else vn)."))
def show_calendar(settings: Settings, year: int | None, name: str | None) -> None:
    """Show a YEAR of the calendar in force: weekdays off, weekend days worked, and how dates are read."""
    found = settings.service.calendar_year(year or settings.today().year, name)
    screen = Screen(settings)
    if settings.as_json:
        screen.json(_year(screen, found))
        return
    title = N_("Calendar {name}, version {version}: {days} working days in {year}")
    params = {"name": found.name, "version": found.version, "days": found.working_days, "year": found.year}
    screen.line(screen.words(title, **params), bold=True)
    rows = [(day.day, _kind(screen, day), _reason(screen, day), day.announced_on or "") for day in found.days]
    screen.table([N_("day"), N_("what"), N_("why"), N_("announced")], rows)
    screen.heading(N_("How dates are read"))
    file = found.file or screen.words(N_("no calendar file is loaded"))
    screen.line(
        screen.words(N_("workspace: {policies} (file: {file})"), policies=_policies(found.rules.policies), file=file)
    )
    for definition, policies in found.rules.definitions.items():
        said = {key: getattr(policies, key) for key in _KEYS if key in policies.model_fields_set}
        screen.line(f"{definition}: " + ", ".join(f"{key}: {value}" for key, value in said.items()))


def _kind(screen: Screen, day: CalendarDay) -> str:
    return screen.words(N_("worked")) if day.works else screen.words(N_("off"))


def _reason(screen: Screen, day: CalendarDay) -> str:
    return screen.title(Text(**day.reason)) if day.reason else ""


def _policies(policies: Policies) -> str:
    return ", ".join(f"{key}: {getattr(policies, key)}" for key in _KEYS)


def _year(screen: Screen, found: CalendarYear) -> dict[str, Any]:
    return {
        "id": found.name,
        "version": found.version,
        "file": found.file or None,
        "year": found.year,
        "working_days": found.working_days,
        "policies": {key: getattr(found.rules.policies, key) for key in _KEYS},
        "definitions": {
            name: policies.model_dump(mode="json", exclude_unset=True)
            for name, policies in found.rules.definitions.items()
        },
        "days": [
            {
                "id": day.day.isoformat(),
                "works": day.works,
                "reason": _reason(screen, day) or None,
                "source": day.source,
                "announced_on": day.announced_on.isoformat() if day.announced_on else None,
            }
            for day in found.days
        ],
    }


@command(example="workflow calendar load samples/lich.yaml --dry-run --as van-thu")
@click.argument("file", type=click.Path(path_type=Path))
@writing
def load_calendar(settings: Settings, file: Path, **options: Any) -> None:
    """Take in FILE: from then on its days and policies count.

    It shows which due dates of which plans move, then moves them; with --dry-run it only shows.
    """
    from workflow.language.loader import read_text

    write = write_from(settings, options)
    loaded = settings.service.load_calendar(read_text(file), str(file), write)
    screen = Screen(settings)
    if settings.as_json:
        screen.json(_loaded(loaded))
        return
    for plan in loaded.plans:
        screen.line(plan.plan, bold=True)
        for move in plan.moves:
            screen.line(f"{move.where}: {move.from_ or '-'} -> {move.to or '-'}", indent=2)
    if not loaded.plans:
        screen.say(N_("No due date moves."))
    if loaded.dry_run:
        screen.say(N_("This was a trial run: nothing was written."))
    else:
        message = N_("{file} counts from now on, version {version}.")
        screen.line(screen.words(message, file=file, version=loaded.version))


def _loaded(loaded: CalendarLoaded) -> dict[str, Any]:
    return {
        "id": loaded.version,
        "before": loaded.before or None,
        "dry_run": loaded.dry_run,
        "plans": [
            {"id": plan.plan, "moves": [{"id": m.where, "from": m.from_, "to": m.to} for m in plan.moves]}
            for plan in loaded.plans
        ],
    }
