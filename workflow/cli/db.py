"""The database itself: `db upgrade`, `db rebuild`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import command, write_from, writing
from workflow.cli.output import Screen
from workflow.cli.progress import Progress
from workflow.cli.shapes import listing
from workflow.errors import N_, Refused

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.views.replays import Rebuilt


@command(example="workflow db upgrade")
def upgrade(settings: Settings) -> None:
    """Take the database to this version's schema; make a backup first."""
    settings.opened.upgrade_database()
    screen = Screen(settings)
    if settings.as_json:
        screen.json({"id": str(settings.opened.database), "upgraded": True})
    else:
        screen.line(screen.words(N_("The database is at this version's schema.")))


@command(example="workflow db rebuild --as van-thu")
@click.argument("plan", required=False, metavar="[PLAN]")
@writing
def rebuild(settings: Settings, plan: str | None, **options: Any) -> None:
    """Make the rows of PLAN, or of every plan, anew from its events, as the plugins installed now read them.

    It is needed after an upgrade of a plugin, where `audit verify` or `doctor --replay` say so. Events stay as
    they are. A plan whose events were changed, or cannot be read, is told and left as it is; exit code 3 then.
    """
    write, service, screen = write_from(settings, options), settings.service, Screen(settings)
    plans = [service.require_plan(plan).id] if plan else list(service.plan_ids())
    progress, told = Progress(len(plans)), []
    for id_ in plans:
        done = service.rebuild(id_, write)
        progress.step()
        if done.changed or done.why_not is not None:
            told.append(done)
            progress.aside()
            if not settings.as_json:
                _tell(screen, done)
    if settings.as_json:
        why = {one.plan: screen.catalogue.text(one.why_not) if one.why_not else None for one in told}
        shapes = [{"id": one.plan, "rebuilt": one.changed, "why_not": why[one.plan]} for one in told]
        screen.json({"looked_at": len(plans), **listing("plans", shapes)})
    elif not told:
        screen.say(N_("All rows are what the events give ({count} {count|plan|plans})."), count=len(plans))
    elif write.dry_run:
        screen.say(N_("This was a trial run: nothing was written."))
    left = [one for one in told if one.why_not is not None]
    if left:
        raise Refused(N_("{count} {count|plan was|plans were} left as they are."), code="not-rebuilt", count=len(left))


def _tell(screen: Screen, done: Rebuilt) -> None:
    if done.why_not is not None:
        screen.line(screen.words(N_("{plan}: left as it is: {why}"), plan=done.plan, why=done.why_not))
    else:
        screen.line(screen.words(N_("{plan}: made anew"), plan=done.plan))
