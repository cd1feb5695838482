"""`uses: assignment`: a table of tasks, each with a lead unit and a date, its own or inherited.

A row led by a `@group` becomes one task for each unit that is valid when the table opens. A row
that inherits takes the date of the row above it and remembers from which row; a row whose date is
undecided stays without one until somebody decides it with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Literal

from trinh_plugins._assignment_rows import Acceptance, AssignmentOptions, DateDecision, HandIn, Return, Row
from workflow import (
    Act,
    Context,
    Phrase,
    Reason,
    Refused,
    State,
    StepType,
    StepView,
    WorkItem,
    action,
    hookimpl,
    prose,
)


class Task(State):
    """One unit's task.

    Attributes:
        key: Key of the row, with `/UNIT` behind it where the row fans out.
        source: How the date came about: `own`, `before`, `inherited`, `undecided`, `decided`, `none`.
        inherited_from: Key of the row whose date it has.
    """

    key: str
    row: str
    unit: str
    due: str | None = None
    source: Literal["own", "before", "inherited", "undecided", "decided", "none"] = "none"
    inherited_from: str | None = None
    handed_in_on: str | None = None
    accepted_on: str | None = None
    returns: int = 0


class AssignmentState(State):
    """The tasks in the order of the table."""

    tasks: tuple[Task, ...] = ()


class AssignmentStep(StepType):
    """A table of tasks for units."""

    name = "assignment"
    title = {"vi": "Phân công nhiệm vụ", "en": "Assignment of tasks"}
    states = {
        "open": {"vi": "Đang thực hiện", "en": "Open"},
        "done": {"vi": "Đã hoàn thành", "en": "Done"},
    }
    complete_states = ("done",)
    Options = AssignmentOptions
    State = AssignmentState

    def open(self, view: StepView, context: Context) -> Act:
        """Give each row to its units and work out each date with where it came from."""
        tasks: list[dict[str, Any]] = []
        reasons: list[Reason] = []
        for row, dated in _dates(view.options.rows):
            fans_out = row.lead.startswith("@")
            units = context.units((row.lead,)) if fans_out else (row.lead,)
            if not units:
                reasons.append(_empty_group(row))
            for unit in units:
                key = f"{row.key}/{unit}" if fans_out else row.key
                tasks.append({"key": key, "row": row.key, "unit": unit, **dated})
        if reasons:
            raise Refused("The tasks cannot be assigned", vi="Chưa giao được nhiệm vụ", reasons=tuple(reasons))
        return Act({"tasks": tasks})

    @action(
        "hand-in",
        title={"vi": "Nộp kết quả", "en": "Hand in"},
        source="open",
        parameters=HandIn,
        late=True,
    )
    def hand_in(self, view: StepView, parameters: HandIn, context: Context) -> Act:
        """Record a unit's result; after the due day it is marked as late."""
        task = _task(view, parameters.row)
        if task.handed_in_on is not None:
            raise _refusal(_already_handed_in(task))
        late = task.due is not None and context.on.isoformat() > task.due
        files = [attachment.sha256 for attachment in context.attachments]
        data = {"row": task.key, "late": late, "note": prose(parameters.note), "files": files}
        return Act(data, on_behalf=task.unit)

    @action(
        "accept",
        title={"vi": "Chấp nhận kết quả", "en": "Accept"},
        source="open",
        to=("open", "done"),
        parameters=Acceptance,
        late=True,
    )
    def accept(self, view: StepView, parameters: Acceptance, context: Context) -> Act:
        """Accept a result; the last one completes the table."""
        task = _awaiting_acceptance(view, parameters.row)
        others = (other for other in view.state.tasks if other.key != task.key)
        done = all(other.accepted_on for other in others)
        return Act({"row": task.key}, to="done" if done else "open")

    @action(
        "return",
        title={"vi": "Trả lại", "en": "Send back"},
        source="open",
        parameters=Return,
        late=True,
    )
    def send_back(self, view: StepView, parameters: Return, context: Context) -> Act:
        """Send a result back with a reason: the unit owes it again."""
        task = _awaiting_acceptance(view, parameters.row)
        return Act({"row": task.key, "reason": prose(parameters.reason)})

    @action(
        "decide-date",
        title={"vi": "Ấn định thời hạn", "en": "Decide a date"},
        source="open",
        parameters=DateDecision,
    )
    def decide_date(self, view: StepView, parameters: DateDecision, context: Context) -> Act:
        """Give a date to tasks that have none, and to those that inherit from their row."""
        named = [task for task in view.state.tasks if parameters.row in (task.key, task.row)]
        if not named:
            raise _refusal(_unknown_row(view, parameters.row))
        undated = [task for task in named if task.due is None]
        if not undated:
            raise _refusal(_has_date(named[0]))
        if parameters.due < context.on:
            raise _refusal(_past_date(parameters.due, context.on))
        inheriting = [task for task in view.state.tasks if task.inherited_from == parameters.row and task.due is None]
        data = {
            "tasks": [task.key for task in undated],
            "inheriting": [task.key for task in inheriting if task not in undated],
            "due": parameters.due.isoformat(),
            "reason": prose(parameters.reason),
        }
        return Act(data)

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> AssignmentState:
        """Return the state after an act."""
        if action == "open":
            return AssignmentState(tasks=tuple(Task(**task) for task in data["tasks"]))
        return AssignmentState(tasks=tuple(_after(task, action, data) for task in state.tasks))

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """One reason for each task that is not handed in or not accepted."""
        if view.phase == "done":
            return ()
        return tuple(_missing(task, view.lead) for task in view.state.tasks if task.accepted_on is None)

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """One item for each task, owed by its unit until it is handed in."""
        titles = {row.key: row.title for row in view.options.rows}
        return tuple(
            WorkItem(
                task.key,
                titles[task.row],
                task.unit,
                task.due,
                done_on=task.handed_in_on,
                open=task.handed_in_on is None,
            )
            for task in view.state.tasks
        )

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """A row's unit hands it in."""
        if action != "hand-in":
            return ()
        row = getattr(parameters, "row", None)
        units = [task.unit for task in view.state.tasks if row is None or task.key == row]
        return tuple(dict.fromkeys(units))


def _dates(rows: Iterable[Row]) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Yield each row with its date and where that came from."""
    above: dict[str, Any] = {}
    for row in rows:
        if row.inherit:
            origin = above["inherited_from"] or above["row"]
            dated = {"due": above["due"], "source": "inherited", "inherited_from": origin}
        else:
            dated = {**_own_date(row), "inherited_from": None}
        yield row, dated
        above = {"row": row.key, **dated}


def _own_date(row: Row) -> dict[str, Any]:
    if row.due is not None:
        return {"due": row.due.isoformat(), "source": "own"}
    if row.before is not None:
        # "Trước ngày X" is read strictly: the last good day is the one before.
        return {"due": (row.before - timedelta(days=1)).isoformat(), "source": "before"}
    return {"due": None, "source": "undecided" if row.undecided else "none"}


def _after(task: Task, action: str, data: Mapping[str, Any]) -> Task:
    if action == "decide-date":
        if task.key in data["tasks"]:
            return task.model_copy(update={"due": data["due"], "source": "decided", "inherited_from": None})
        return task.model_copy(update={"due": data["due"]}) if task.key in data["inheriting"] else task
    if task.key != data.get("row"):
        return task
    changes = {
        "hand-in": {"handed_in_on": data["on"]},
        "accept": {"accepted_on": data["on"]},
        "return": {"handed_in_on": None, "returns": task.returns + 1},
    }
    return task.model_copy(update=changes.get(action, {}))


def _refusal(reason: Reason) -> Refused:
    return Refused("This is not possible for the task", vi="Không thực hiện được với nhiệm vụ này", reasons=(reason,))


def _task(view: StepView, key: str) -> Task:
    found = next((task for task in view.state.tasks if task.key == key), None)
    if found is None:
        raise _refusal(_unknown_row(view, key))
    return found


def _awaiting_acceptance(view: StepView, key: str) -> Task:
    task = _task(view, key)
    if task.handed_in_on is None:
        raise _refusal(_not_handed_in(task))
    if task.accepted_on is not None:
        raise _refusal(_already_accepted(task))
    return task


def _empty_group(row: Row) -> Reason:
    phrase = Phrase(
        "Row {row}: the group {group} has no unit on this day",
        {"row": row.key, "group": row.lead},
        vi="Dòng {row}: nhóm {group} không có đơn vị nào vào ngày này",
    )
    return Reason("empty-group", phrase)


def _unknown_row(view: StepView, key: str) -> Reason:
    known = ", ".join(task.key for task in view.state.tasks)
    return Reason(
        "unknown-row",
        Phrase(
            "There is no task {row}; there are {known}",
            {"row": key, "known": known},
            vi="Không có nhiệm vụ {row}; chỉ có {known}",
        ),
    )


def _already_handed_in(task: Task) -> Reason:
    params = {"row": task.key, "day": task.handed_in_on}
    return Reason(
        "already-handed-in",
        Phrase("Task {row} was handed in on {day}", params, vi="Nhiệm vụ {row} đã nộp kết quả ngày {day}"),
    )


def _not_handed_in(task: Task) -> Reason:
    phrase = Phrase("{unit} has not handed in task {row}", _names(task), vi="{unit} chưa nộp kết quả nhiệm vụ {row}")
    return Reason("not-handed-in", phrase, who=(task.unit,))


def _not_accepted(task: Task, lead: str | None) -> Reason:
    phrase = Phrase(
        "Task {row} of {unit} has not been accepted", _names(task), vi="Nhiệm vụ {row} của {unit} chưa được chấp nhận"
    )
    return Reason("not-accepted", phrase, who=(lead,) if lead else ())


def _missing(task: Task, lead: str | None) -> Reason:
    return _not_handed_in(task) if task.handed_in_on is None else _not_accepted(task, lead)


def _already_accepted(task: Task) -> Reason:
    params = {"row": task.key, "day": task.accepted_on}
    return Reason(
        "already-accepted",
        Phrase("Task {row} was accepted on {day}", params, vi="Nhiệm vụ {row} đã được chấp nhận ngày {day}"),
    )


def _has_date(task: Task) -> Reason:
    params = {"row": task.key, "due": task.due}
    return Reason(
        "date-known", Phrase("Task {row} is already due on {due}", params, vi="Nhiệm vụ {row} đã có thời hạn {due}")
    )


def _past_date(due: date, on: date) -> Reason:
    params = {"due": due.isoformat(), "on": on.isoformat()}
    return Reason("date-in-the-past", Phrase("{due} lies before {on}", params, vi="Thời hạn {due} lại trước ngày {on}"))


def _names(task: Task) -> dict[str, str]:
    return {"unit": task.unit, "row": task.key}


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `assignment`."""
    return (AssignmentStep(),)
