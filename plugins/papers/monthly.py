"""The monthly progress report: what was done in the month, what is owed, what the next month brings.

It tells what had happened by its day, and nothing that came later; what is late is what `due` calls late.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from trinh_plugins.papers.form import heading, recipients
from trinh_plugins.papers.wording import month_of, month_words, short_day
from workflow import PaperRound, PaperView, WorkItem


def data(view: PaperView) -> dict[str, Any]:
    """Return the fields of the report on the month in which the day of the paper lies."""
    first, last = _month(view.on)
    next_first, next_last = _month(last + timedelta(days=1))
    items = sorted(_items(view), key=lambda row: (row["due_iso"] or "9999", row["step"], row["key"]))
    done = [row for row in items if row["done_iso"] and first.isoformat() <= row["done_iso"]]
    owed = [row for row in items if row["open"] and (row["due_iso"] is None or row["due_iso"] <= last.isoformat())]
    ahead = [
        row
        for row in items
        if row["open"] and row["due_iso"] and next_first.isoformat() <= row["due_iso"] <= next_last.isoformat()
    ]
    return {
        **heading(
            view,
            document="monthly-report",
            paper_type="Báo cáo",
            code="BC",
            subject=f"Tiến độ thực hiện {month_words(view.on)}: {view.title.vi}",
            of_a_day=True,
        ),
        "plan_title": view.title.vi,
        "month": f"{month_of(first.month)}/{first.year}",
        "next_month": f"{month_of(next_first.month)}/{next_first.year}",
        "stage": view.definition.stages[view.plan.stage].title.vi,
        "done": _numbered(done),
        "owed": _numbered(owed),
        "ahead": _numbered(ahead),
        "done_count": len(done),
        "done_late": sum(row["late"] for row in done),
        "owed_count": len(owed),
        "owed_late": sum(row["late"] for row in owed),
        "ahead_count": len(ahead),
        "recipients": recipients(view),
    }


def _month(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def _items(view: PaperView) -> Iterator[dict[str, Any]]:
    """Everything owed or done, as it stood on the day of the paper."""
    return (_row(view, each, item) for each in view.rounds for item in each.items)


def _row(view: PaperView, each: PaperRound, item: WorkItem) -> dict[str, Any]:
    return {
        "step": each.view.address,
        "key": item.key,
        "title": view.named(item.title),
        "detail": "" if each.view.title.vi in item.title.vi else each.view.title.vi,
        "owner": view.name(item.owner),
        "due": short_day(item.due_on),
        "due_iso": item.due_on,
        "done_on": short_day(item.done_on),
        "done_iso": item.done_on,
        "open": item.open,
        "late": item.key in each.late,
        "buffer_until": short_day(each.in_buffer.get(item.key)),
    }


def _numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"number": number, **row} for number, row in enumerate(rows, 1)]
