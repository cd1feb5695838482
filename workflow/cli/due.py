"""`due`: what is owed and what is waited for; on the screen, counted by unit, or written into files."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from workflow.cli.filing import force as force_option
from workflow.cli.lists import print_later_days, print_more, print_owed
from workflow.cli.named import BODY, PERSON, optional
from workflow.cli.options import FILE, SPAN, STARTED, command, option, page_after, page_limit, two_times
from workflow.cli.output import Screen
from workflow.cli.shapes import Shapes, listing
from workflow.errors import N_, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path
    from typing import Any

    from workflow.cli.settings import Settings
    from workflow.views.plans import Owed
    from workflow.views.worklists import Counts

MOST_STOPPED = 10
"""So many suspended plans are named below what is owed."""
MOST_WAITING = 10
"""So much of what is waited for stands below what is owed; `--waiting` lists all of it."""
SOON = 14
MORE = N_("there is more than was counted: `workflow due --by-unit` counts all")
"""Days within which something is due soon, where nobody says how many."""


@command(example=STARTED + "workflow due --within 30d --unit so-khcn")
@option("--within", type=SPAN, metavar="7d", help=N_("Due within so many days (d) or weeks (w)."))
@option("--unit", metavar="UNIT", help=N_("Owed by this unit or one of its divisions; an id, name or alias."))
@option(
    "--person",
    metavar="PERSON",
    help=N_("Owed by this person, or by an office that they hold; id or full name."),
)
@option("--late", is_flag=True, help=N_("Only what is late."))
@option("--waiting", is_flag=True, help=N_("What they handed on, asked for or wait for, and others owe them."))
@option("--by-unit", is_flag=True, help=N_("Only how much each unit owes and waits for."))
@option(
    "--ics",
    metavar="FILE",
    type=FILE,
    help=N_("Write all of it as a calendar (iCalendar); - is standard output."),
)
@option(
    "--csv",
    "table",
    metavar="FILE",
    type=FILE,
    help=N_("Write all of it as a table (CSV); - is standard output."),
)
@force_option
@option("--explain", metavar="ITEM", help=N_("Tell how the date of an item, a step or a stage came about."))
@two_times
@page_after
@page_limit
def due(
    settings: Settings,
    within: int | None,
    unit: str | None,
    person: str | None,
    late: bool,
    waiting: bool,
    by_unit: bool,
    ics: Path | None,
    table: Path | None,
    force: bool,
    explain: str | None,
    on: date | None,
    after: str,
    limit: int,
) -> None:
    """Show what is owed, by whom, by when; --ics and --csv write all of it, but for what is confidential."""
    if explain is not None:
        _require_alone("--explain", {"--csv": table, "--ics": ics, "--waiting": waiting, "--by-unit": by_unit})
        # What only one date needs is read when it is asked for.
        from workflow.cli.explain import show_explanation

        show_explanation(settings, settings.service.explain(explain, on=on))
        return
    if by_unit:
        _require_alone(
            "--by-unit", {"--ics": ics, "--unit": unit, "--person": person, "--late": late, "--waiting": waiting}
        )
        _show_by_unit(settings, on, SOON if within is None else within, table, force=force)
        return
    if waiting:
        _require_alone("--waiting", {"--ics": ics, "--within": within})
    unit, person = optional(settings, unit, BODY), optional(settings, person, PERSON)
    until = None if within is None else (on or settings.today()) + timedelta(days=within)
    if ics is not None or table is not None:
        if after:
            raise InvalidInput(N_("--after and --limit do not go with a file: it holds everything"), code="whole-list")
        # What only a file needs is read when one is asked for.
        from workflow.cli.worklist import write_list

        found_all = settings.service.work_list(until=until, unit=unit, person=person, late=late, on=on, waiting=waiting)
        write_list(Screen(settings), found_all, ics, table, force=force)
        return
    whose = {"unit": unit, "person": person, "on": on}
    # One more than asked for shows whether there is a next page.
    page = {"after": after, "limit": limit + 1}
    if waiting:
        found = settings.service.waiting(late=late, **whose, **page)
        _show_waiting(settings, found, limit, lambda: settings.service.waiting_counts(late=late, **whose))
        return
    found = settings.service.due(until=until, late=late, **whose, **page)
    items, following = found[:limit], found[limit - 1].cursor if len(found) > limit else None
    counts = settings.service.due_counts(until=until, within=SOON if within is None else within, **whose)
    asked = settings.service.to_decide(**whose)
    screen = Screen(settings)
    if settings.as_json:
        shapes = Shapes(screen.catalogue)
        screen.json(
            {
                **listing("work_items", [shapes.owed(item) for item in items], following),
                "counts": shapes.counts(counts),
                "later_days_asked": [shapes.later_day(each) for each in asked],
            }
        )
        return
    _print_due(settings, screen, items, counts, SOON if within is None else within, on)
    print_later_days(screen, asked)
    if counts.waiting and not late:
        _print_some_waiting(settings, screen, counts.waiting, whose)
    if following:
        screen.say(N_("There are more: --after {id}"), id=following)
    else:
        _say_stopped(settings, screen)


def _require_alone(name: str, others: dict[str, Any]) -> None:
    given = [other for other, value in others.items() if value not in (None, False)]
    if given:
        raise InvalidInput(
            N_("{option} does not go with {other}"), code="options-clash", option=name, other=", ".join(given)
        )


def _print_due(
    settings: Settings, screen: Screen, items: Sequence[Owed], counts: Counts, within: int, on: date | None
) -> None:
    if not counts.open:
        screen.say(N_("Nothing is owed."))
    else:
        screen.line(_counted(screen, counts, within), bold=True)
    today = (on or settings.today()).isoformat()
    near = ((on or settings.today()) + timedelta(days=within)).isoformat()
    sections: dict[str, list[Owed]] = {}
    for item in items:
        sections.setdefault(_section(item, today, near), []).append(item)
    for name, heading in (
        ("late", N_("Late")),
        ("buffer", N_("Taking buffer time")),
        ("soon", N_("Due within {days} {days|day|days}")),
        ("later", N_("Due later")),
        ("undated", N_("Without a day")),
    ):
        if name in sections:
            screen.heading(heading, **({"days": within} if name == "soon" else {}))
            print_owed(screen, sections[name])


def _section(item: Owed, today: str, near: str) -> str:
    if item.late:
        return "late"
    if item.due_on is None:
        return "undated"
    if item.due_on < today:
        return "buffer"
    return "soon" if item.due_on <= near else "later"


def _counted(screen: Screen, counts: Counts, within: int) -> str:
    parts = [
        screen.words(N_("Late: {count}"), count=counts.late),
        screen.words(N_("due within {days} {days|day|days}: {count}"), days=within, count=counts.soon),
        screen.words(N_("later: {count}"), count=counts.later),
        screen.words(N_("without a day: {count}"), count=counts.undated),
    ]
    if counts.waiting is not None:
        parts.append(screen.words(N_("waiting on others: {count}"), count=counts.waiting))
    if counts.more:
        parts.append(screen.words(MORE))
    return " · ".join(parts)


def _print_some_waiting(settings: Settings, screen: Screen, count: int, whose: dict[str, Any]) -> None:
    screen.heading(N_("Waiting on others"))
    # No more than were found: to look for another one would mean to look through all there is.
    print_owed(screen, settings.service.waiting(**whose, limit=min(count, MOST_WAITING)))
    given = [f"--{name} {whose[name]}" for name in ("unit", "person") if whose[name]]
    print_more(screen, count, MOST_WAITING, " ".join(["workflow due", *given, "--waiting"]))


def _show_waiting(settings: Settings, found: Sequence[Owed], limit: int, counted: Callable[[], Counts]) -> None:
    items, following = found[:limit], found[limit - 1].cursor if len(found) > limit else None
    screen = Screen(settings)
    if settings.as_json:
        shapes = Shapes(screen.catalogue)
        screen.json(listing("waiting", [shapes.owed(item) for item in items], following))
        return
    if not items:
        screen.say(N_("Nobody is waited for."))
        return
    counts = counted()
    head = screen.words(N_("Waiting on others: {count}, late: {late}"), count=counts.waiting, late=counts.late)
    screen.line(" · ".join([head, *([screen.words(MORE)] if counts.more else ())]), bold=True)
    print_owed(screen, items)
    if following:
        screen.say(N_("There are more: --after {id}"), id=following)


def _show_by_unit(settings: Settings, on: date | None, within: int, table: Path | None, *, force: bool) -> None:
    loads = settings.service.due_by_unit(within=within, on=on)
    screen = Screen(settings)
    if table is not None:
        from workflow.cli.worklist import write_loads

        write_loads(screen, loads, table, force=force)
        return
    if settings.as_json:
        shapes = Shapes(screen.catalogue)
        screen.json(listing("units", [shapes.load(load) for load in loads]))
        return
    if not loads:
        screen.say(N_("Nothing is owed."))
        return
    rows: list[tuple[object, ...]] = []
    for load in loads:
        counts = load.counts
        name = screen.title(load.name) or load.unit or screen.words(N_("nobody"))
        rows.append((name, counts.late, counts.soon, counts.open, counts.waiting))
    total = [sum(int(str(row[at])) for row in rows) for at in range(1, 5)]
    rows.append((screen.words(N_("together")), *total))
    screen.table([N_("unit"), N_("late"), N_("due soon"), N_("owed"), N_("waiting on others")], rows)


def _say_stopped(settings: Settings, screen: Screen) -> None:
    stopped = [plan.id for plan in settings.service.plans(status="suspended", limit=MOST_STOPPED + 1)]
    if stopped:
        more = ", …" if len(stopped) > MOST_STOPPED else ""
        screen.say(
            N_("Suspended, so that nothing is owed on it: {plans} (`workflow resume` lets a plan go on)."),
            plans=", ".join(stopped[:MOST_STOPPED]) + more,
        )
