"""`audit show`: the trail of a plan or of everything, as a table, as JSON, or in a file."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.filing import force as force_option
from workflow.cli.named import BODY, PERSON, optional
from workflow.cli.options import DAY, FILE, command, option
from workflow.cli.output import Screen
from workflow.cli.shapes import Shapes, listing
from workflow.cli.telling import Telling, entry_shape
from workflow.cli.titles import Titles
from workflow.errors import N_, InvalidInput

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from workflow.cli.settings import Settings
    from workflow.views.recording import AuditEntry

PAGE = 50
"""So many events stand on a terminal's page."""
JSON_PAGE = 1000


@command(example="workflow audit show 25-KH-KHCN-2019 --since 2019-05-01")
@click.argument("plan", required=False)
@option("--since", type=DAY, metavar="DATE", help=N_("What was recorded on that day or later."))
@option("--until", type=DAY, metavar="DATE", help=N_("What was recorded on that day or before."))
@option("--by", metavar="PERSON", help=N_("What this person recorded; id or full name."))
@option("--unit", metavar="UNIT", help=N_("What was recorded for this unit, its divisions and their offices."))
@option(
    "--document",
    metavar="DOCUMENT",
    help=N_("What was done with this document: its id, or the beginning of a file's SHA-256."),
)
@option("--type", "type_", metavar="TYPE", help=N_("Events of this type, such as transition_fired."))
@option("--after", metavar="ID", default="", help=N_("Begin behind this event: PLAN#SEQ, or SEQ of the plan."))
@option("--limit", type=click.IntRange(1), help=N_("At most so many events (50 on a terminal, 1000 as JSON)."))
@option(
    "--csv",
    "table",
    metavar="FILE",
    type=FILE,
    help=N_("Write all of it as a table (CSV); - is standard output. Due dates: `audit export --format csv`."),
)
@force_option
def show(
    settings: Settings,
    plan: str | None,
    since: date | None,
    until: date | None,
    by: str | None,
    unit: str | None,
    document: str | None,
    type_: str | None,
    after: str,
    limit: int | None,
    table: Path | None,
    force: bool,
) -> None:
    """Show who did what, when and on whose authority, of PLAN or of everything; attempts that were refused too."""
    by, unit = optional(settings, by, PERSON), optional(settings, unit, BODY)
    wanted: dict[str, Any] = {"since": since, "until": until, "by": by, "unit": unit, "document": document}
    found = settings.service.record.audit(plan, **wanted, type=type_, after=after)
    screen, titles = Screen(settings), Titles(settings.service, everything=True)
    telling = Telling(screen, titles, plan)
    if table is not None:
        if after or limit is not None:
            raise InvalidInput(N_("--after and --limit do not go with a file: it holds everything"), code="whole-list")
        # What only a file needs is read when one is asked for.
        from workflow.cli.trailfile import write_trail

        write_trail(screen, telling, found, table, force=force)
        return
    size = limit or (JSON_PAGE if settings.as_json else PAGE)
    # One more than asked for shows whether there is a next page.
    entries = list(islice(found, size + 1))
    following = entries[size - 1].id if len(entries) > size else None
    del entries[size:]
    if settings.as_json:
        shapes = Shapes(screen.catalogue, titles)
        screen.json(listing("events", [entry_shape(shapes, entry) for entry in entries], following))
        return
    if not entries:
        screen.say(N_("There is no such event."))
        return
    _print(screen, telling, entries, plan)
    if following:
        screen.say(N_("There are more: --after {id}"), id=following)
    if any(entry.event.clock == "simulated" for entry in entries):
        screen.say(N_("Some of these events were recorded with a simulated clock."))


def _print(screen: Screen, telling: Telling, entries: list[AuditEntry], plan: str | None) -> None:
    headers = [N_("event"), N_("day"), N_("by"), N_("what happened")]
    rows = []
    for entry in entries:
        event = entry.event
        own, what = str(event.seq), telling.what(event)
        if plan is not None and event.plan != plan:
            # A refused attempt has its number in another chain: so `audit explain` takes it.
            own, what = "–", f"{entry.id} {what}"
        rows.append((own, screen.day(event.occurred_on.isoformat()), telling.who(event), what))
    below = [list(telling.details(each)) for each in entries]
    if plan is not None:
        screen.table(headers, rows, below=below)
        return
    # The plan stands above its events: its long id takes no room beside them.
    chains = [(each.event.plan, *row) for each, row in zip(entries, rows, strict=True)]
    screen.table([N_("plan"), *headers], chains, whole=0, apart=True, below=below)
