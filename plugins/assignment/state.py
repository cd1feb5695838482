"""What has become of the tasks, and what each act makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from trinh_plugins.assignment import figures
from trinh_plugins.assignment.options import AssignmentOptions, Row
from workflow import State

Source = Literal["own", "before", "inherited", "undecided", "decided", "corrected", "none"]


class Task(State):
    """One unit's task.

    Attributes:
        key: Key of the row, with `/UNIT` behind it where the row fans out.
        due: Last good day now.
        planned: Last good day when the task was first given one, whatever was decided since.
        source: How the date came about: `own`, `before`, `inherited`, `undecided`, `decided`, `corrected`, `none`.
        inherited_from: Key of the row whose date it has.
        written: The day as written, from which `due` was read; None where somebody decided or corrected it.
        owed_before: It is owed before that day.
        handed_in_by: The person of the unit who handed it in; None where a clerk recorded that.
        figures: Figure to the number that the unit reported.
    """

    key: str
    row: str
    unit: str
    due: str | None = None
    planned: str | None = None
    source: Source = "none"
    inherited_from: str | None = None
    written: str | None = None
    owed_before: bool = False
    handed_in_on: str | None = None
    handed_in_by: str | None = None
    accepted_on: str | None = None
    returns: int = 0
    figures: Mapping[str, str] = Field(default_factory=dict)


class Total(State):
    """The units' numbers taken together, and whose are missing."""

    row: str
    figure: str
    total: str
    reported: tuple[str, ...]
    missing: tuple[str, ...]


class AssignmentState(State):
    """The tasks in the order of the table.

    Attributes:
        rows: Rows handed out during the plan; those of the definition stand in the options.
        totals: For each figure that somebody reported.
    """

    tasks: tuple[Task, ...] = ()
    rows: tuple[Row, ...] = ()
    totals: tuple[Total, ...] = ()

    def of_row(self, row: str) -> tuple[Task, ...]:
        """The tasks of one row."""
        return tuple(task for task in self.tasks if task.row == row)


def rows_of(options: AssignmentOptions, state: AssignmentState) -> dict[str, Row]:
    """Return every row by its key: the definition's, then those handed out."""
    return {row.key: row for row in (*options.rows, *state.rows)}


def total_of(tasks: tuple[Task, ...], row: str, figure: str) -> Total:
    """Return a row's figure over all units, with the units that have not reported it."""
    concerned = [task for task in tasks if task.row == row]
    given = {task.unit: task.figures[figure] for task in concerned if figure in task.figures}
    values = [task.figures[figure] for task in concerned if figure in task.figures]
    missing = tuple(task.unit for task in concerned if figure not in task.figures)
    return Total(row=row, figure=figure, total=figures.total(values), reported=tuple(given), missing=missing)


def evolved(state: AssignmentState | None, action: str, data: Mapping[str, Any]) -> AssignmentState:
    """Return the state after an act."""
    if state is None:
        return AssignmentState(tasks=_new(data["tasks"]))
    if action == "hand-out":
        rows = (*state.rows, Row.model_validate(data["row"]))
        tasks = (*state.tasks, *_new(data["tasks"]))
        return state.model_copy(update={"rows": rows, "tasks": tasks, "totals": _totals(state.totals, tasks)})
    tasks = tuple(_after(task, action, data) for task in state.tasks)
    if action != "report-figure":
        return state.model_copy(update={"tasks": tasks})
    row = next(task.row for task in tasks if task.key == data["row"])
    others = tuple(one for one in state.totals if (one.row, one.figure) != (row, data["figure"]))
    totals = (*others, total_of(tasks, row, data["figure"]))
    return state.model_copy(update={"tasks": tasks, "totals": tuple(sorted(totals, key=lambda t: (t.row, t.figure)))})


def _new(tasks: Any) -> tuple[Task, ...]:
    return tuple(Task(**{"planned": task.get("due"), **task}) for task in tasks)


def _totals(totals: tuple[Total, ...], tasks: tuple[Task, ...]) -> tuple[Total, ...]:
    return tuple(total_of(tasks, one.row, one.figure) for one in totals)


def _after(task: Task, action: str, data: Mapping[str, Any]) -> Task:
    if action in ("decide-date", "correct-date"):
        return _dated(task, action, data)
    if task.key != data.get("row"):
        return task
    changes: dict[str, dict[str, Any]] = {
        "hand-in": {"handed_in_on": data["on"], "handed_in_by": data.get("by")},
        "accept": {"accepted_on": data["on"]},
        "return": {"handed_in_on": None, "handed_in_by": None, "returns": task.returns + 1},
    }
    if action == "report-figure":
        return task.model_copy(update={"figures": {**task.figures, data["figure"]: data["value"]}})
    return task.model_copy(update=changes.get(action, {}))


def _dated(task: Task, action: str, data: Mapping[str, Any]) -> Task:
    dated = {"due": data["due"], "planned": task.planned or data["due"], "written": None}
    if task.key in data["tasks"]:
        source = "decided" if action == "decide-date" else "corrected"
        return task.model_copy(update={**dated, "source": source, "inherited_from": None})
    if task.key in data["inheriting"]:
        return task.model_copy(update=dated)
    return task
