"""The calendar of working days: `calendar show` and `calendar load`."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import command, option, write_from, writing
from workflow.cli.output import Screen
from workflow.cli.pick import may_ask
from workflow.cli.words import change_words, reading_words
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
@option("--file", "as_file", is_flag=True, help=N_("Print the calendar file in force, as it can be loaded again."))
def show_calendar(settings: Settings, year: int | None, name: str | None, as_file: bool) -> None:
    """Show a YEAR of the calendar in force: weekdays off, weekend days worked, and how dates are read."""
    if as_file:
        _print_file(settings)
        return
    found = settings.service.calendar_year(year or settings.today().year, name)
    screen = Screen(settings)
    if settings.as_json:
        screen.json(_year(screen, found))
        return
    title = N_("Calendar {name}, version {version}: {days} working days in {year}")
    params = {"name": found.name, "version": found.version, "days": found.working_days, "year": found.year}
    screen.line(screen.words(title, **params), bold=True)
    rows = [
        (screen.day(str(day.day)), _kind(screen, day), _reason(screen, day), screen.day(str(day.announced_on or "")))
        for day in found.days
    ]
    screen.table([N_("day"), N_("what"), N_("why"), N_("announced")], rows)
    screen.heading(N_("How dates are read"))
    file = found.file or screen.words(N_("no calendar file is loaded"))
    words = _policies(screen, found.rules.policies, _KEYS)
    screen.line(screen.words(N_("workspace: {policies} (file: {file})"), policies=words, file=file))
    for definition, policies in found.rules.definitions.items():
        screen.line(f"{definition}: {_policies(screen, policies, policies.model_fields_set)}")


def _print_file(settings: Settings) -> None:
    """Print the file in force; its YAML is JSON, in which every text and day is quoted."""
    rules = settings.service.calendar_rules
    screen = Screen(settings)
    if not settings.service.calendar_version:
        screen.say(N_("no calendar file is loaded"))
    screen.lines(json.dumps(rules.model_dump(mode="json", exclude_unset=True), ensure_ascii=False, indent=2))


def _kind(screen: Screen, day: CalendarDay) -> str:
    return screen.words(N_("worked")) if day.works else screen.words(N_("off"))


def _reason(screen: Screen, day: CalendarDay) -> str:
    reason = screen.title(Text(**day.reason)) if day.reason else ""
    # Where an office announced it is its own words.
    return reason if day.source else screen.day(reason)


def _policies(screen: Screen, policies: Policies, keys: Collection[str]) -> str:
    return "; ".join(reading_words(key, getattr(policies, key), screen.catalogue) for key in _KEYS if key in keys)


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
@option("--yes", is_flag=True, help=N_("Do not ask before the dates are moved."))
@writing
def load_calendar(settings: Settings, file: Path, yes: bool, **options: Any) -> None:
    """Take in FILE: from then on its days and policies count, and those of the file before no more.

    It shows which due dates of which plans move, asks on a terminal, then moves them; with --dry-run it only shows.
    """
    from workflow.language.loader import read_text

    text, write = read_text(file), write_from(settings, options)
    screen = Screen(settings)
    asks = may_ask() and not (yes or write.dry_run or settings.as_json)
    if asks:
        _preview(screen, settings.service.load_calendar(text, str(file), replace(write, dry_run=True)))
        if not click.confirm(screen.words(N_("Shall {file} count from now on?"), file=file), default=False, err=True):
            screen.say(N_("Nothing was changed."))
            return
    loaded = settings.service.load_calendar(text, str(file), write)
    if settings.as_json:
        screen.json(_loaded(loaded))
        return
    if not asks:
        _preview(screen, loaded)
    if loaded.dry_run:
        screen.say(N_("This was a trial run: nothing was written."))
    else:
        message = N_("{file} counts from now on, version {version}.")
        screen.line(screen.words(message, file=file, version=loaded.version))


def _preview(screen: Screen, loaded: CalendarLoaded) -> None:
    """What the file changes of the one in force, and each due date that moves with what moves it."""
    for change in loaded.changes:
        screen.line(change_words(change.as_data(), screen.catalogue, day=screen.day))
    for name in loaded.unknown:
        warning = N_("Note: there is no definition `{name}`; what the file says of it counts once there is one.")
        screen.say(warning, name=name)
    for plan in loaded.plans:
        screen.line(plan.plan, bold=True)
        for move in plan.moves:
            why = "; ".join(change_words(change.as_data(), screen.catalogue, day=screen.day) for change in move.causes)
            told = f" ({why})" if why and len(loaded.changes) > 1 else ""
            screen.line(
                f"{move.where}: {screen.day(move.from_) or '-'} -> {screen.day(move.to) or '-'}{told}", indent=2
            )
    if not loaded.plans:
        screen.say(N_("No due date moves."))


def _loaded(loaded: CalendarLoaded) -> dict[str, Any]:
    return {
        "id": loaded.version,
        "before": loaded.before or None,
        "dry_run": loaded.dry_run,
        "changes": [change.as_data() for change in loaded.changes],
        "unknown_definitions": list(loaded.unknown),
        "plans": [
            {
                "id": plan.plan,
                "moves": [
                    {"id": m.where, "from": m.from_, "to": m.to, "causes": [cause.as_data() for cause in m.causes]}
                    for m in plan.moves
                ],
            }
            for plan in loaded.plans
        ],
    }
