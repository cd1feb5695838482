"""The numbers that units reported, one table for each row that asks for some, with the sum and who is missing."""

from __future__ import annotations

from trinh_plugins.assignment import figures
from trinh_plugins.assignment.state import AssignmentState, Total, rows_of
from workflow import Named, Phrase, StepTable, StepView, Text


def tables(view: StepView) -> tuple[StepTable, ...]:
    """Return a table of units by figures for each row with figures that was handed out."""
    state: AssignmentState = view.state
    found = []
    for key, row in rows_of(view.options, state).items():
        tasks = [task for task in state.tasks if task.row == key]
        if not row.figures or not tasks:
            continue
        rows = tuple(
            (
                Named(str(view.plan.now(task.unit)), task.unit),
                *(figures.shown(task.figures[each.key]) if each.key in task.figures else "-" for each in row.figures),
            )
            for task in tasks
        )
        columns = (Text(vi="Đơn vị", en="Unit"), *(each.title for each in row.figures))
        title = Text(vi=f"Số liệu dòng {key}", en=f"Figures of row {key}")
        titles = {each.key: each.title for each in row.figures}
        notes = tuple(_note(view, total, titles[total.figure]) for total in state.totals if total.row == key)
        found.append(StepTable(f"figures-{key}", title, columns, rows, notes))
    return tuple(found)


def _note(view: StepView, total: Total, figure: Text) -> Phrase:
    missing = [Named(str(view.plan.now(unit)), unit) for unit in dict.fromkeys(total.missing)]
    said = {"figure": figure, "total": figures.shown(total.total), "missing": missing}
    if not missing:
        return Phrase("{figure}: total {total}", said, vi="{figure}: tổng {total}")
    return Phrase(
        "{figure}: {total} so far, without {missing}", said, vi="{figure}: đến nay {total}, còn thiếu {missing}"
    )
