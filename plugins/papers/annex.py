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
    tables = [table for each in rounds if (table := _table(view, each))["sections"]]
    if not tables:
        raise nothing_to_show("this unit has no task in any table", "đơn vị này không có nhiệm vụ nào trong bảng")
    return {
        **heading(view, document="assignment-annex", paper_type="Phụ lục", code="PL", subject="Phân công nhiệm vụ"),
        "belongs_to": f"(Kèm theo {reference(view)})",
        "plan_title": view.title.vi,
        "for_unit": view.name(view.unit) if view.unit else "",
        "tables": tables,
        "total": sum(len(group["rows"]) for table in tables for part in table["sections"] for group in part["groups"]),
        "several": len(tables) > 1,
    }


def _table(view: PaperView, each: PaperRound) -> dict[str, Any]:
    """One step's table: its rows under their headings, each heading once, where it comes first."""
    sections: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for position, row in enumerate(_rows(view, each)):
        # A row without a heading stands where it is; what was handed out later joins its group.
        key = (row["group"], row["heading"]) if row["heading"] else ("", f"\0{position}")
        sections.setdefault(key, []).append(row)
    return {
        "title": each.view.title.vi,
        "sections": [
            {"label": label, "heading": "" if heading.startswith("\0") else heading, "groups": _groups(rows)}
            for (label, heading), rows in _joined(sections)
        ],
    }


def _joined(
    sections: dict[tuple[str, str], list[dict[str, Any]]],
) -> Iterator[tuple[tuple[str, str], list[dict[str, Any]]]]:
    """Rows without a heading that follow one another, together: they may share a date."""
    held: list[dict[str, Any]] = []
    for key, rows in sections.items():
        if not key[1].startswith("\0"):
            if held:
                yield ("", "\0"), held
                held = []
            yield key, rows
        else:
            held = [*held, *rows]
    if held:
        yield ("", "\0"), held


def _rows(view: PaperView, each: PaperRound) -> Iterator[dict[str, Any]]:
    """The rows of a table of tasks; one led by a group stands once, with its common date."""
    tasks: dict[str, list[Any]] = {}
    for task in each.view.state.tasks:
        tasks.setdefault(task.row, []).append(task)
    # Those of the definition, then those that a leader handed out during the plan.
    for position, row in enumerate((*each.view.options.rows, *each.view.state.rows), 1):
        own = tasks.get(row.key, [])
        if view.unit is not None and view.unit not in (row.lead, *row.with_units, *(task.unit for task in own)):
            continue
        days = dict.fromkeys(task.due for task in own)
        content = row.content.vi if row.content else ""
        yield {
            "label": row.label or str(position),
            "heading": row.heading.vi if row.heading else "",
            "group": row.key.rpartition(".")[0] if row.heading else "",
            # A title that was made of the content's first line is not said twice.
            "title": content if content and row.title.vi.rstrip("…") in content else row.title.vi,
            "content": "" if content and row.title.vi.rstrip("…") in content else content,
            "lead": view.name(row.lead),
            "with_units": "; ".join(view.name(unit) for unit in row.with_units),
            "product": row.product.vi if row.product else "",
            "due": "; ".join(short_day(day) or UNDECIDED for day in days),
            "inherits": bool(own) and all(task.source == "inherited" for task in own),
            "origin": next((task.inherited_from for task in own if task.inherited_from), row.key),
            "units": len(own),
        }


def _groups(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that share the date of one cell, together."""
    return [
        {"due": due, "rows": list(members)}
        for (_, due), members in groupby(rows, key=lambda row: (row["origin"], row["due"]))
    ]
