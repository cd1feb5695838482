"""Where a task's date comes from, and what moves with it when it is decided or corrected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from trinh_plugins.assignment import refusals
from trinh_plugins.assignment.options import Row
from trinh_plugins.assignment.parameters import DateDecision, HandOut
from trinh_plugins.assignment.state import AssignmentState, Task
from workflow import Act, Context, Reason, StepView, prose

_FAR = timedelta(days=366)


def dates_of(rows: Iterable[Row], context: Context) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Yield each row with its date and where that came from."""
    above: dict[str, Any] = {}
    for row in rows:
        if row.inherit:
            origin = above["inherited_from"] or above["row"]
            dated = {name: above[name] for name in ("due", "written", "owed_before") if name in above}
            dated |= {"source": "inherited", "inherited_from": origin}
        else:
            dated = {**_own(row.due, row.before, bool(row.undecided), context), "inherited_from": None}
        yield row, dated
        above = {"row": row.key, **dated}


def _own(
    due: date | None, before: date | None, undecided: bool, context: Context, not_before: date | None = None
) -> dict[str, Any]:
    """A row's own date, read as the office reads fixed days; the day as written stands beside it."""
    written = due or before
    if written is None:
        return {"due": None, "source": "undecided" if undecided else "none"}
    read = context.fixed_day(written, before=due is None, not_before=not_before)
    dated = {"due": read.isoformat(), "source": "before" if due is None else "own", "written": written.isoformat()}
    return dated if due is not None else {**dated, "owed_before": True}


def date_handed_out(state: AssignmentState, parameters: HandOut, context: Context) -> dict[str, Any] | Reason:
    """Return the date of a row that is handed out, or why it has none.

    A row that inherits has the date that its row above has now; where that row is not in the table, the
    date given beside it.
    """
    given = (parameters.due, parameters.before, bool(parameters.undecided), context, context.on)
    if parameters.inherits is None:
        return {**_own(*given), "inherited_from": None}
    above = state.of_row(parameters.inherits)
    if above:
        origin = above[0].inherited_from or above[0].row
        dated = {"due": above[0].due, "source": "inherited", "inherited_from": origin}
        if above[0].written is None:
            return dated
        # Read again, so that this row's day moves with the row above when it is read otherwise.
        context.fixed_day(date.fromisoformat(above[0].written), before=above[0].owed_before)
        return {**dated, "written": above[0].written, "owed_before": above[0].owed_before}
    own = _own(*given)
    if own["source"] == "none":
        return refusals.row_above_missing(parameters.row, parameters.inherits)
    return {**own, "source": "inherited", "inherited_from": parameters.inherits}


def decided(state: AssignmentState, parameters: DateDecision, on: date) -> Act:
    """Give a date to tasks that have none, and to those that inherit from their row."""
    named = named_by(state, parameters.row)
    undated = [task for task in named if task.due is None]
    if not undated:
        raise refusals.refusal(refusals.has_date(named[0]))
    if parameters.due < on:
        raise refusals.refusal(refusals.past_date(parameters.due, on))
    inheriting = [task for task in _inheriting(state, parameters.row) if task.due is None]
    return _moved(parameters, undated, inheriting)


def corrected(view: StepView, parameters: DateDecision) -> Act:
    """Put another date in the place of one that was wrong; the rows that inherit it move, and no others.

    A task that was accepted is closed: it keeps the date by which it was judged.
    """
    state = view.state
    named = named_by(state, parameters.row)
    if all(task.due is None for task in named):
        raise refusals.refusal(refusals.undecided(named[0]))
    concerned = [task for task in (*named, *_inheriting(state, parameters.row)) if task.due is not None]
    wrong = [task for task in concerned if task.accepted_on is None]
    if not wrong:
        raise refusals.refusal(refusals.already_accepted(named[0]))
    due = parameters.due.isoformat()
    if all(task.due == due for task in wrong):
        raise refusals.refusal(refusals.same_date(named[0], due))
    named_keys = {task.key for task in named}
    act = _moved(
        parameters,
        [task for task in wrong if task.key in named_keys],
        [task for task in wrong if task.key not in named_keys],
    )
    was = sorted({task.due for task in wrong if task.due})
    kept = [task.key for task in concerned if task.accepted_on is not None]
    moved = [[task.key, task.due] for task in wrong]
    warnings = (
        () if _plausible(view, named[0], parameters.due) else (refusals.far_away(parameters.due, view, named[0]),)
    )
    return Act({**act.data, "was": was, "kept": kept, "moved": moved}, warnings=warnings)


def _plausible(view: StepView, task: Task, due: date) -> bool:
    """True if a day lies between the step's beginning and a year behind its end and the day that it replaces."""
    known = [view.opened_on, *filter(None, (view.due_on, task.due, task.planned))]
    latest = max(map(date.fromisoformat, known))
    return date.fromisoformat(view.opened_on) <= due <= latest + _FAR


def named_by(state: AssignmentState, row: str) -> list[Task]:
    """Return the tasks that a row's key means, all of a group or one unit's.

    Raises:
        Refused: If there is none.
    """
    named = [task for task in state.tasks if row in (task.key, task.row)]
    if not named:
        raise refusals.refusal(refusals.unknown_row(state, row))
    return named


def _inheriting(state: AssignmentState, row: str) -> list[Task]:
    return [task for task in state.tasks if task.inherited_from == row]


def _moved(parameters: DateDecision, named: list[Task], inheriting: list[Task]) -> Act:
    keys = [task.key for task in named]
    return Act(
        {
            "tasks": keys,
            "inheriting": [task.key for task in inheriting if task.key not in keys],
            "due": parameters.due.isoformat(),
            "reason": prose(parameters.reason),
        }
    )
