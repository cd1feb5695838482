"""Writes what is owed into a file: a calendar for calendar programs, a table for spreadsheets."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.cli.csvfile import write_rows
from workflow.cli.filing import STANDARD_OUTPUT, write_file
from workflow.cli.output import Screen
from workflow.errors import N_
from workflow.queries.calendarfeed import Entry, calendar

if TYPE_CHECKING:
    from workflow.catalogue import Catalogue
    from workflow.queries.worklists import WorkList
    from workflow.views.plans import Owed
    from workflow.views.worklists import Load


def write_list(screen: Screen, found: WorkList, ics: Path | None, table: Path | None, *, force: bool) -> None:
    """Write the files that were asked for, and say what they do not hold."""
    for path, content in ((ics, _calendar), (table, _table)):
        if path is None:
            continue
        data, count = content(found, screen.catalogue)
        write_file(path, data, screen.catalogue, force=force)
        screen.say(N_("written: {path} ({count} items)"), path=path, count=count)
        if path == ics and count < len(found.items):
            screen.say(N_("Without a due day, and so not in the calendar: {count}"), count=len(found.items) - count)
    if found.left_out:
        screen.say(N_("Left out because they are confidential: {count}"), count=found.left_out)
    if screen.as_json and STANDARD_OUTPUT not in (ics, table):
        written = [str(path) for path in (ics, table) if path is not None]
        screen.json({"written": written, "count": len(found.items), "left_out": found.left_out})


def write_loads(screen: Screen, loads: Sequence[Load], path: Path, *, force: bool) -> None:
    """Write how much each unit owes and waits for as a table."""
    headers = (N_("unit"), N_("name of the unit"), N_("late"), N_("due soon"), N_("owed"), N_("waiting on others"))
    rows = (
        (
            load.unit or "",
            screen.title(load.name),
            load.counts.late,
            load.counts.soon,
            load.counts.open,
            load.counts.waiting or 0,
        )
        for load in loads
    )
    write_file(path, _as_csv(screen.catalogue, headers, rows), screen.catalogue, force=force)
    screen.say(N_("written: {path} ({count} items)"), path=path, count=len(loads))


def _calendar(found: WorkList, catalogue: Catalogue) -> tuple[bytes, int]:
    entries = [_entry(found, item, catalogue) for item in found.items if item.due_on]
    return calendar(catalogue.message(N_("Trình: work owed")), entries), len(entries)


def _entry(found: WorkList, item: Owed, catalogue: Catalogue) -> Entry:
    plan = found.plans[item.plan]
    owner = catalogue.words(item.owner_name) if item.owner_name else item.owner or ""
    what = catalogue.words(item.title)
    return Entry(
        id=item.item,
        day=date.fromisoformat(item.due_on or ""),
        title=f"{what} ({owner})" if owner else what,
        details=f"{item.plan}: {catalogue.words(plan.title)}\n{item.item}",
        category=item.plan,
        stamp=plan.recorded_at,
        sequence=plan.revision,
        at=item.due_at,
    )


def _table(found: WorkList, catalogue: Catalogue) -> tuple[bytes, int]:
    headers = (
        N_("due"),
        N_("late"),
        N_("days late"),
        N_("owed by"),
        N_("unit or person"),
        N_("what"),
        N_("plan"),
        N_("title"),
        N_("step"),
        N_("round"),
        N_("hour"),
        N_("waited for by"),
        N_("item"),
    )
    rows = (
        (
            item.due_on or "",
            catalogue.message(N_("yes")) if item.late else catalogue.message(N_("no")),
            item.days_late,
            item.owner or "",
            catalogue.words(item.owner_name) if item.owner_name else "",
            catalogue.words(item.title),
            item.plan,
            catalogue.words(found.plans[item.plan].title),
            item.step,
            item.round,
            item.due_at or "",
            catalogue.words(item.asked_by_name) if item.asked_by_name else item.asked_by or "",
            item.item,
        )
        for item in found.items
    )
    return _as_csv(catalogue, headers, rows), len(found.items)


def _as_csv(catalogue: Catalogue, headers: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    stream = io.BytesIO()
    write_rows(stream, [catalogue.message(header) for header in headers], rows)
    return stream.getvalue()
