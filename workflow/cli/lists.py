"""Lists that several commands print: what is owed, later days asked for, and how many more there are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

from workflow.cli.output import NO_BREAK, Screen
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.views import plans as views
    from workflow.views.worklists import LaterDay

T = TypeVar("T")

MOST = 10
"""So many of each list `show` prints; `--all` prints all of them."""


def day_and_late(screen: Screen, day: str | None, late: bool, first: str | None = None) -> str:
    """Return the day, with the word for late where it is, and the day that it was at first."""
    words = NO_BREAK.join(filter(None, (screen.day(day), *(screen.words(N_("LATE")).split() if late else ()))))
    if first and first != day:
        words += " " + screen.words(N_("(first {day})"), day=screen.day(first)).replace(" ", NO_BREAK)
    return words.strip()


def print_some(screen: Screen, lines: Sequence[str], most: int | None, command: str, *, indent: int) -> None:
    """Print the first lines, and with which command the others are shown."""
    for text in lines[:most]:
        screen.line(text, indent=indent)
    print_more(screen, len(lines), most, command, indent=indent)


def print_more(screen: Screen, count: int, most: int | None, command: str, *, indent: int = 0) -> None:
    """Say how many more there are than were shown, and which command shows them."""
    if most is not None and count > most:
        screen.line(_more(screen, count - most, command), indent=indent)


def some_of_each(things: Sequence[tuple[str, T]], most: int | None, screen: Screen) -> tuple[list[T], list[list[str]]]:
    """Return the first things of each plan, and what stands below each: how the others are shown, below the last.

    Args:
        things: Plan and thing, those of one plan in sequence.
    """
    shown: list[T] = []
    below: list[list[str]] = []
    for plan, group in groupby(things, key=itemgetter(0)):
        found = [thing for _, thing in group]
        shown += found[:most]
        below += [[] for _ in found[:most]]
        if most is not None and len(found) > most:
            below[-1].append(_more(screen, len(found) - most, f"workflow show {plan}"))
    return shown, below


def _more(screen: Screen, count: int, command: str) -> str:
    return screen.words(N_("… and {count} more: {command}"), count=count, command=command)


def by_day(items: Sequence[views.Owed]) -> list[views.Owed]:
    """Return items in the order of their due days, those without one last."""
    return sorted(items, key=lambda item: (item.due_on is None, item.due_on))


def print_owed(screen: Screen, items: Sequence[views.Owed]) -> None:
    """Print work items, open ones with their day, done ones with the day on which they were done."""
    headers = [N_("due"), N_("done"), N_("owed by"), N_("what"), N_("item")]
    rows = [
        (
            _owed_day(screen, item),
            screen.day(item.done_on),
            screen.title(item.owner_name) or item.owner,
            screen.title(item.title),
            item.item,
        )
        for item in by_day(items)
    ]
    if not any(item.done_on for item in items):
        headers, rows = [headers[0], *headers[2:]], [(row[0], *row[2:]) for row in rows]
    screen.table(headers, rows, whole=len(headers) - 1)


def _owed_day(screen: Screen, item: views.Owed) -> str:
    due = f"{item.due_on} {item.due_at}" if item.due_at else item.due_on
    day = day_and_late(screen, due, item.late, item.original_due_on)
    if item.minutes_late:
        hours, minutes = divmod(item.minutes_late, 60)
        day += " " + screen.words(N_("(by {hours} h {minutes} min)"), hours=hours, minutes=minutes)
    if item.buffer_until:
        day += " " + screen.words(N_("(in buffer until {day})"), day=screen.day(item.buffer_until))
    return day


def print_later_days(screen: Screen, asked: Sequence[LaterDay], most: int | None = None) -> None:
    """Print the requests for later days that wait for a decision, each with the command that answers it.

    Args:
        most: So many of each plan.
    """
    shown, more = some_of_each([(each.plan, each) for each in asked], most, screen)
    if not asked:
        return
    screen.heading(N_("Later days asked for, to be decided"))
    headers = [N_("plan"), N_("what"), N_("due"), N_("asked for"), N_("by"), N_("day")]
    rows = [
        (
            each.plan,
            screen.title(each.title),
            screen.day(each.now),
            screen.day(each.due),
            screen.title(each.by_name) or each.by,
            screen.day(each.on),
        )
        for each in shown
    ]
    answers = [
        [f"workflow reschedule {each.plan} {each.where} --grant | --refuse --reason …", *below]
        for each, below in zip(shown, more, strict=True)
    ]
    screen.table(headers, rows, whole=0, below=answers)
