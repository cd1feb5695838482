"""The annex of a plan that hands out tasks; a date that several rows share is one merged cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from trinh_plugins.papers.form import heading, nothing_to_show, reference
from trinh_plugins.papers.wording import short_day
from workflow import PaperRound, PaperView

ASSIGNMENT = "assignment"
UNDECIDED = "Chưa ấn định"


def data(view: PaperView) -> dict[str, Any]:
    """Return the fields of the annex.

    Raises:
        Refused: If no tasks were handed out yet.
    """
    rounds = view.rounds_of(ASSIGNMENT)
    if not rounds:
        raise nothing_to_show("no table of tasks was handed out yet", "chưa giao bảng nhiệm vụ nào")
    rows = [row for each in rounds for row in _rows(view, each)]
    return {
        **heading(view, document="assignment-annex", paper_type="Phụ lục", code="PL", subject="Phân công nhiệm vụ"),
        "belongs_to": f"(Kèm theo {reference(view)})",
        "plan_title": view.title.vi,
        "groups": _groups(rows),
        "total": len(rows),
    }


def _rows(view: PaperView, each: PaperRound) -> Iterator[dict[str, Any]]:
    """The rows of a table of tasks; one led by a group stands once, with its common date."""
    tasks: dict[str, list[Any]] = {}
    for task in each.view.state.tasks:
        tasks.setdefault(task.row, []).append(task)
    # Those of the definition, then those that a leader handed out during the plan.
    above = ""
    for position, row in enumerate((*each.view.options.rows, *each.view.state.rows), 1):
        own = tasks.get(row.key, [])
        group = row.heading.vi if row.heading else ""
        days = dict.fromkeys(task.due for task in own)
        yield {
            "label": row.label or str(position),
            "heading": group if group != above else "",
            "title": row.title.vi,
            "content": row.content.vi if row.content else "",
            "lead": view.name(row.lead),
            "with_units": "; ".join(view.name(unit) for unit in row.with_units),
            "product": row.product.vi if row.product else "",
            "due": "; ".join(short_day(day) or UNDECIDED for day in days),
            "inherits": bool(own) and all(task.source == "inherited" for task in own),
            "origin": next((task.inherited_from for task in own if task.inherited_from), row.key),
            "units": len(own),
        }
        above = group


def _groups(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that share the date of one cell, together."""
    return [
        {"due": due, "rows": list(members)}
        for (_, due), members in groupby(rows, key=lambda row: (row["origin"], row["due"]))
    ]
