"""A plan's timetable: its stages and steps, with the dates that are in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trinh_plugins.papers.form import heading, recipients
from trinh_plugins.papers.wording import is_doing, short_day, when
from workflow import PaperView


def data(view: PaperView) -> dict[str, Any]:
    """Return the fields of the timetable."""
    return {
        **heading(view, document=None, paper_type="Biểu tiến độ", code="KH", subject=_subject(view.title.vi)),
        "plan_title": view.title.vi,
        "rows": list(_rows(view)),
        "recipients": recipients(view),
    }


def _subject(title: str) -> str:
    return title if is_doing(title) else f"Thực hiện kế hoạch: {title}"


def _rows(view: PaperView) -> Iterator[dict[str, Any]]:
    definition = view.definition
    timed = [(id_, stage) for id_, stage in definition.stages.items() if not stage.final]
    for position, (id_, stage) in enumerate(timed, 1):
        yield _row(view, id_, stage, stage.label or str(position), heading_row=True)
        for step_id, step in stage.steps.items():
            if (address := f"{id_}/{step_id}") not in view.confidential:
                yield _row(view, address, step, step.label or "", heading_row=False)
    shown = [(id_, step) for id_, step in definition.alongside.items() if id_ not in view.confidential]
    for id_, step in shown:
        yield _row(view, id_, step, step.label or "", heading_row=True)


def _row(view: PaperView, address: str, timed: Any, label: str, *, heading_row: bool) -> dict[str, Any]:
    planned: Mapping[str, Any] = view.plan.schedule.get(address, {})
    lead = view.name(timed.lead or (view.definition.lead if heading_row else None))
    others = [view.name(unit) for unit in timed.with_units]
    return {
        "label": label,
        "title": _title(view, address, timed),
        "stage": heading_row,
        "when": _when(view, address, timed, planned),
        "start": short_day(planned.get("start")),
        "due": short_day(planned.get("due")),
        "lead": lead,
        "with_units": others,
        "people": [name for name in (lead, *others) if name],
        "produces": "; ".join(text.vi for text in timed.produces),
        "buffer": bool(getattr(timed, "buffer", False)),
    }


def _title(view: PaperView, address: str, timed: Any) -> str:
    if timed.title is not None:
        return str(timed.title.vi)
    return view.step_titles[address].vi if address in view.step_titles else address.rpartition("/")[2]


def _when(view: PaperView, address: str, timed: Any, planned: Mapping[str, Any]) -> str:
    # A step without a date of its own is done within its stage.
    return when(planned) if planned and ("/" not in address or timed.dated) else ""
