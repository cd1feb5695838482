"""Tables of the report: read across on paper and a wide screen, one cell below the other on a narrow one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from typing import Any

from workflow import ExportedEvent

_KINDS = (
    ("hash", re.compile("[0-9a-f]{64}")),
    ("day", re.compile(r"\d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d")),
)
"""What is never broken like words, by the look of a cell."""
_FOLLOWS = frozenset({"step_opened", "step_ended", "plan_finished"})
"""Types of events that follow from another one at once."""
_MANY = 6
"""A table with more columns has its long ones below each row, across the whole breadth."""
_LONG = 40


class Line(str):
    """A line of a cell that stands below the first one, smaller."""


class When(tuple[str, ...]):
    """A cell with a day, and below it what else is to be said of the time."""


class Hashes(tuple[str, ...]):
    """A cell with the heads of hashes, one in each line."""


def in_acts(events: Iterable[ExportedEvent]) -> Iterator[list[ExportedEvent]]:
    """Yield events in order, each with those that followed from it: the steps that a transition opened or ended."""
    acts: list[ExportedEvent] = []
    for shown in events:
        if acts and not _follows(acts[0], shown):
            yield acts
            acts = []
        acts.append(shown)
    if acts:
        yield acts


def _follows(first: ExportedEvent, shown: ExportedEvent) -> bool:
    before, event = first.event, shown.event
    if before is None or event is None or event.type not in _FOLLOWS:
        return False
    # What follows is recorded in one go with its cause: in the same instant, by the same person.
    return (before.recorded_at, before.actor) == (event.recorded_at, event.actor)


def wide_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a table without its empty columns; of many columns the long ones stand below each row."""
    kept = [number for number in range(len(heads)) if any(row[number] for row in rows)]
    # The first columns say which row it is: they stay.
    able = kept[2:] if len(kept) > _MANY else []
    long = [number for number in able if max(len(row[number]) for row in rows) > _LONG]
    short = [number for number in kept if number not in long]
    yield from _opened([heads[number] for number in short])
    for row in rows:
        below = [(heads[number], row[number]) for number in long if row[number]]
        class_ = ' class="joined"' if below else ""
        yield f"<tr{class_}>" + "".join(cells([heads[number] for number in short], [row[n] for n in short])) + "</tr>"
        if below:
            lines = "<br>".join(f"<b>{escape(head)}:</b> {escape(text)}" for head, text in below)
            yield f'<tr class="below"><td colspan="{len(short)}">{lines}</td></tr>'
    yield "</tbody></table>"


def table(
    heads: Sequence[str], rows: Iterable[Sequence[Any]], marked: Callable[[Any], bool] | None = None
) -> Iterator[str]:
    """Yield a table row by row; *marked* rows stand out."""
    yield from _opened(heads)
    for row in rows:
        class_ = ' class="late"' if marked and marked(row) else ""
        yield f"<tr{class_}>" + "".join(cells(heads, row)) + "</tr>"
    yield "</tbody></table>"


def _opened(heads: Iterable[str]) -> Iterator[str]:
    shown = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    yield f"<table><thead><tr>{shown}</tr></thead><tbody>"


def cells(heads: Sequence[str], row: Sequence[Any]) -> Iterator[str]:
    """Yield the cells of a row, each with its head for where they stand one below the other."""
    for head, cell in zip(heads, row, strict=True):
        lines = [cell] if isinstance(cell, str) else [line for line in cell if line]
        words = "".join(_line(line, number) for number, line in enumerate(lines))
        kind = _kind(cell)
        class_ = f' class="{kind}"' if kind else ""
        yield f'<td{class_} data-head="{escape(head)}">{words}</td>' if words else "<td></td>"


def _kind(cell: Any) -> str | None:
    if isinstance(cell, str):
        return next((name for name, form in _KINDS if form.fullmatch(cell)), None)
    return {When: "when", Hashes: "heads"}.get(type(cell), "words")


def _line(line: str, number: int) -> str:
    if isinstance(line, Line):
        return f'<div class="small">{escape(line)}</div>'
    return f"<br>{escape(line)}" if number else escape(line)
