"""`tick`: records what plans did by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import STARTED, command, write_from, writing
from workflow.cli.outcome import show_outcome
from workflow.cli.output import Screen
from workflow.cli.shapes import Shapes, listing
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.views.ticks import Ticked

_COUNTS = (
    ("opened", N_("{count} {count|piece|pieces} of work opened")),
    ("missed", N_("{count} of that past due")),
    ("ended", N_("{count} {count|step|steps} ended by {count|itself|themselves}")),
    ("reminded", N_("{count} {count|reminder|reminders}")),
    ("skipped", N_("{count} {count|reminder|reminders} too late to be sent")),
    ("escalated", N_("{count} told to somebody above")),
)


@command(example=STARTED + "workflow tick --as van-thu\nworkflow tick 1-KH-MAU --as van-thu")
@click.argument("plans", nargs=-1, metavar="[PLAN]...")
@writing
def tick(settings: Settings, plans: tuple[str, ...], **options: Any) -> None:
    """Record what fell due by itself by the day: reports of a new month, ends of series, reminders.

    Without PLAN it does so for every plan that has something to do; whatever waits is shown by `due` and
    `show` anyway. Repeating it does nothing.
    """
    write = write_from(settings, options)
    screen, found = Screen(settings), []
    for ticked in settings.service.tick_plans(write, plans):
        found.append(ticked)
        if not settings.as_json:
            _tell(settings, screen, ticked, alone=len(plans) == 1)
    failed = [ticked.error for ticked in found if ticked.error is not None]
    if len(plans) == 1 and failed:
        raise failed[0]
    if settings.as_json:
        shapes = [_shape(settings, screen, ticked) for ticked in found]
        screen.json(shapes[0] if len(plans) == 1 else listing("plans", shapes))
    elif not found:
        screen.say(N_("Nothing was to be done."))
    elif write.dry_run and len(plans) != 1:
        screen.say(N_("This was a trial run: nothing was written."))
    if failed:
        raise click.exceptions.Exit(failed[0].exit_code)


def _tell(settings: Settings, screen: Screen, ticked: Ticked, *, alone: bool) -> None:
    if ticked.error is not None:
        if not alone:
            screen.say(N_("{plan}: nothing was recorded: {why}"), plan=ticked.plan, why=ticked.error.phrase)
            if ticked.error.hint:
                screen.say(N_("What to do: {hint}"), hint=ticked.error.hint)
        return
    if alone and ticked.outcome is not None:
        show_outcome(settings, ticked.outcome)
    counted = "; ".join(_counted(screen, ticked))
    if counted:
        screen.line(screen.words(N_("{plan}: {counted}"), plan=ticked.plan, counted=counted))
    elif not alone:
        screen.line(screen.words(N_("{plan}: nothing was to be done"), plan=ticked.plan))


def _counted(screen: Screen, ticked: Ticked) -> Iterator[str]:
    for name, message in _COUNTS:
        if count := getattr(ticked, name):
            yield screen.words(message, count=count)


def _shape(settings: Settings, screen: Screen, ticked: Ticked) -> dict[str, Any]:
    counts = {name: getattr(ticked, name) for name, _ in _COUNTS}
    if ticked.outcome is None:
        error = ticked.error
        why = {"code": error.code, "message": screen.catalogue.text(error.phrase)} if error else None
        return {"id": ticked.plan, **counts, "error": why}
    from workflow.cli.titles import Titles

    outcome = Shapes(screen.catalogue, Titles(settings.service)).outcome(ticked.outcome)
    return {**outcome, **counts, "error": None}
