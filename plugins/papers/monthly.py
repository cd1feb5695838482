"""The monthly progress report: what was done in the month, what is owed, what the next month brings.

It tells what had happened by its day, and nothing that came later; what is late is what `due` calls late.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from trinh_plugins.papers.form import heading, recipients
from trinh_plugins.papers.wording import month_of, month_words, short_day
from workflow import PaperRound, PaperView, WorkItem


def data(view: PaperView) -> dict[str, Any]:
    """Return the fields of the report on the month in which the day of the paper lies."""
    first, last = _month(view.on)
    next_first, next_last = _month(last + timedelta(days=1))
    items = sorted(_items(view.rounds, view), key=_by_day)
    done = [row for row in items if row["done_iso"] and first.isoformat() <= row["done_iso"]]
    owed = [row for row in items if row["open"] and (row["due_iso"] is None or row["due_iso"] <= last.isoformat())]
    ahead = _ahead(view, next_first.isoformat(), next_last.isoformat())
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


def _by_day(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["due_iso"] or "9999", row["step"], row["key"]


def _items(rounds: tuple[PaperRound, ...], view: PaperView) -> Iterator[dict[str, Any]]:
    """Everything owed or done, as it stood on the day of the paper."""
    return (_row(view, each, item) for each in rounds for item in each.items)


def _ahead(view: PaperView, first: str, last: str) -> list[dict[str, Any]]:
    """What the month brings: work due in it, periods that begin by then, stages and steps that lie in it.

    A stage or step that nobody entered yet counts where its window or its due day touches the month.
    """
    owed = [row for row in _items(view.coming, view) if row["open"] and first <= (row["due_iso"] or "") <= last]
    return sorted([*owed, *_planned(view, first, last)], key=_by_day)


def _planned(view: PaperView, first: str, last: str) -> Iterator[dict[str, Any]]:
    """Stages and steps not entered yet, and the stage that ends in the month."""
    stages, here = view.definition.stages, view.plan.stage
    behind = set(list(stages)[: list(stages).index(here)])
    for id_, stage in stages.items():
        if stage.final or id_ in behind:
            continue
        planned = view.plan.schedule.get(id_, {})
        # Of the stage in which the plan is only its end is to come.
        if _touches(planned, first, last, begun=id_ == here):
            yield _planned_row(view, id_, stage, planned)
        for step_id, step in stage.steps.items():
            address = f"{id_}/{step_id}"
            if address in view.confidential or address in view.plan.steps or not step.dated:
                continue
            planned = view.plan.schedule.get(address, {})
            if _touches(planned, first, last, begun=False):
                yield _planned_row(view, address, step, planned)


def _touches(planned: Mapping[str, Any], first: str, last: str, *, begun: bool) -> bool:
    due = planned.get("due")
    start = planned.get("start") or due
    return bool(due) and due >= first and (due if begun else start) <= last


def _planned_row(view: PaperView, address: str, timed: Any, planned: Mapping[str, Any]) -> dict[str, Any]:
    title = timed.title or view.step_titles.get(address)
    start = planned.get("start")
    return {
        "step": address,
        "key": "",
        "title": title.vi if title is not None else address,
        "detail": f"Bắt đầu ngày {short_day(start)}" if start and start > view.on.isoformat() else "",
        "owner": view.name(timed.lead or view.definition.lead),
        "due": short_day(planned.get("due")),
        "due_iso": planned.get("due"),
        "done_on": "",
        "done_iso": None,
        "open": True,
        "late": False,
        "buffer_until": "",
    }


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
