"""`audit show --csv`: the trail as a table for spreadsheets, written as it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.cli.csvfile import write_rows
from workflow.cli.filing import STANDARD_OUTPUT, open_file, require_free
from workflow.cli.output import Screen
from workflow.errors import N_
from workflow.messages import ATTEMPT_REFUSED
from workflow.views.recording import days_until_recorded, is_recorded_late

if TYPE_CHECKING:
    from workflow.cli.telling import Telling
    from workflow.views.recording import AuditEntry

HEADERS = (
    N_("event"),
    N_("plan"),
    N_("number"),
    N_("type"),
    N_("day"),
    N_("recorded (UTC)"),
    N_("days until recorded"),
    N_("recorded late"),
    N_("what happened"),
    N_("details"),
    N_("refused"),
    N_("person"),
    N_("office or unit"),
    N_("by"),
    N_("in the name of"),
    N_("clock"),
    N_("request"),
    N_("undone by"),
    N_("hash"),
    N_("plan concerned"),
)


def write_trail(screen: Screen, telling: Telling, found: Iterable[AuditEntry], path: Path, *, force: bool) -> None:
    """Write all events into a file, and say how many they are."""
    require_free(path, screen.catalogue, force=force)
    headers = [screen.words(header) for header in HEADERS]
    # Days in a table are what a spreadsheet sorts by: as they are stored, whatever the reader's language.
    with open_file(path) as stream:
        count = write_rows(stream, headers, _rows(screen, telling, found))
    screen.say(N_("written: {path} ({count} events)"), path=path, count=count)
    if screen.as_json and path != STANDARD_OUTPUT:
        screen.json({"written": [str(path)], "count": count})


def _rows(screen: Screen, telling: Telling, found: Iterable[AuditEntry]) -> Iterator[tuple[str | int, ...]]:
    answer = {True: screen.words(N_("yes")), False: screen.words(N_("no"))}
    for entry in found:
        event = entry.event
        yield (
            entry.id,
            event.plan,
            event.seq,
            event.type,
            event.occurred_on.isoformat(),
            event.recorded_at.strftime("%Y-%m-%d %H:%M:%S"),
            days_until_recorded(event),
            answer[is_recorded_late(event)],
            telling.what(event),
            "; ".join(telling.details(entry)),
            answer[event.type == ATTEMPT_REFUSED],
            event.actor or "",
            event.authority.get("ref") or "",
            "" if (who := telling.who(event)) == "-" else who,
            event.on_behalf or "",
            event.clock,
            event.request_id or "",
            entry.undone_by or "",
            entry.hash,
            event.data["plan"] if event.type == ATTEMPT_REFUSED else event.plan,
        )
