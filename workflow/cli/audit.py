"""The trail: `audit show`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from workflow.cli.named import BODY, PERSON, optional
from workflow.cli.options import DAY, command, option
from workflow.cli.output import Screen
from workflow.cli.shapes import Shapes, listing
from workflow.cli.titles import Titles
from workflow.cli.words import detail_words, event_words
from workflow.errors import N_
from workflow.messages import EVENT_CORRECTED

if TYPE_CHECKING:
    from datetime import date

    from workflow.cli.settings import Settings
    from workflow.messages import Event
    from workflow.views import plans as views

_plan = click.argument("plan", required=False)


@command(example="workflow audit show 25-KH-KHCN-2019 --since 2019-05-01")
@_plan
@option("--since", type=DAY, metavar="DATE", help=N_("What happened on that day or later."))
@option("--until", type=DAY, metavar="DATE", help=N_("What happened on that day or before."))
@option("--by", metavar="ACTOR", help=N_("What this person recorded."))
@option("--unit", metavar="UNIT", help=N_("What was recorded for this unit."))
@option("--type", "type_", metavar="TYPE", help=N_("Events of this type, such as transition_fired."))
@option("--after", type=click.IntRange(0), default=0, metavar="SEQ", help=N_("Begin behind this event of the plan."))
@option("--limit", type=click.IntRange(1), help=N_("At most so many events."))
def show(
    settings: Settings,
    plan: str | None,
    since: date | None,
    until: date | None,
    by: str | None,
    unit: str | None,
    type_: str | None,
    after: int,
    limit: int | None,
) -> None:
    """Show who did what, when and on whose authority, of PLAN or of everything."""
    by, unit = optional(settings, by, PERSON), optional(settings, unit, BODY)
    found = settings.service.audit(
        plan, since=since, until=until, by=by, unit=unit, type=type_, after=after, limit=limit
    )
    entries = list(found)
    screen, titles = Screen(settings), Titles(settings.service)
    if settings.as_json:
        shapes = Shapes(screen.catalogue, titles)
        following = entries[-1].event.seq if limit is not None and len(entries) == limit else None
        screen.json(listing("events", [shapes.audit(entry) for entry in entries], following))
        return
    if not entries:
        screen.say(N_("There is no such event."))
        return
    headers = [N_("event"), N_("day"), N_("recorded (UTC)"), N_("by"), N_("what happened")]
    undone = {(e.event.plan, e.event.data["seq"]): e.event.seq for e in entries if e.event.type == EVENT_CORRECTED}
    rows = [_row(screen, titles, each, plan is None) for each in entries]
    screen.table(headers, rows, below=[[*_details(screen, each, undone)] for each in entries])
    if any(entry.event.clock == "simulated" for entry in entries):
        screen.say(N_("Some of these events were recorded with a simulated clock."))


def _row(screen: Screen, titles: Titles, entry: views.AuditEntry, with_plan: bool) -> tuple[object, ...]:
    event = entry.event
    return (
        f"{event.plan} {event.seq}" if with_plan else event.seq,
        screen.day(event.occurred_on.isoformat()),
        screen.day(event.recorded_at.strftime("%Y-%m-%d %H:%M")),
        _who(event),
        event_words(event, screen.catalogue, titles, screen.day),
    )


def _details(screen: Screen, entry: views.AuditEntry, undone: Mapping[tuple[str, int], int]) -> Iterator[str]:
    """What stands below an event: in whose name, what it records, and whether it was undone."""
    event = entry.event
    if event.on_behalf:
        yield screen.words(N_("on behalf of {body}"), body=event.on_behalf)
    yield from detail_words(event, entry.texts, screen.catalogue, screen.day)
    if by := undone.get((event.plan, event.seq)):
        yield screen.words(N_("undone by event {seq}"), seq=by)


def _who(event: Event) -> str:
    authority, actor = event.authority, event.actor or "-"
    office = authority.get("ref")
    if not office or office == actor:
        return actor
    # As it stands in front of a signature: KT. director.
    form = f"{authority['form'].upper()}. " if "form" in authority else ""
    basis = f", {authority['basis']['number']}" if "basis" in authority else ""
    return f"{actor} ({form}{office}{basis})"
