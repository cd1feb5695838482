"""The step type: tasks are given out, handed in, accepted or sent back, one by one.

A row led by a `@group` becomes one task for each unit that is valid when it is given out. A row that
inherits takes the date of the row above it and remembers from which row; a row whose date is undecided
stays without one until somebody decides it with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from trinh_plugins.assignment import dates, figures, refusals, totals
from trinh_plugins.assignment.options import AssignmentOptions, Row
from trinh_plugins.assignment.parameters import (
    Acceptance,
    DateDecision,
    FigureReport,
    HandIn,
    HandOut,
    Return,
)
from trinh_plugins.assignment.resting import rests_on
from trinh_plugins.assignment.state import AssignmentState, Task, evolved, rows_of, total_of
from trinh_plugins.assignment.table import TABLE, title_of
from trinh_plugins.assignment.taken import row_taken
from trinh_plugins.assignment.telling import told
from workflow import (
    Act,
    Context,
    Origin,
    Phrase,
    Reason,
    Refused,
    StepTable,
    StepType,
    StepView,
    Text,
    WorkItem,
    action,
    prose,
)

_LEADERS_OWN = ("accept", "return", "decide-date", "correct-date")


class AssignmentStep(StepType):
    """A table of tasks for units."""

    name = "assignment"
    title = {"vi": "Phân công nhiệm vụ", "en": "Assignment of tasks"}
    states = {
        "open": {"vi": "Đang thực hiện", "en": "Open"},
        "done": {"vi": "Đã hoàn thành", "en": "Done"},
    }
    complete_states = ("done",)
    imports = TABLE
    Options = AssignmentOptions
    State = AssignmentState

    def open(self, view: StepView, context: Context) -> Act:
        """Give each row to its units and work out each date with where it came from."""
        tasks: list[dict[str, Any]] = []
        reasons: list[Reason] = []
        for row, dated in dates.dates_of(view.options.rows, context):
            given = _given_out(row, dated, context)
            tasks += given if isinstance(given, list) else []
            reasons += [given] if isinstance(given, Reason) else []
        if reasons:
            raise Refused("The tasks cannot be assigned", vi="Chưa giao được nhiệm vụ", reasons=tuple(reasons))
        return Act({"tasks": tasks})

    @action(
        "hand-out",
        title={"vi": "Giao nhiệm vụ", "en": "Hand out a task"},
        source=("open", "done"),
        to="open",
        parameters=HandOut,
    )
    def hand_out(self, view: StepView, parameters: HandOut, context: Context) -> Act:
        """Add a row to the table and give it to its units; a table that was done goes on."""
        known = rows_of(view.options, view.state)
        reasons = []
        given = [name for name in ("due", "before") if getattr(parameters, name)]
        if len(given) > 1:
            reasons.append(refusals.several_dates(parameters.row, ", ".join(given)))
        dated = dates.date_handed_out(view.state, parameters, context)
        if isinstance(dated, Reason):
            reasons.append(dated)
            dated = {}
        row = _row(parameters, context.units(parameters.with_units))
        if parameters.row in known:
            reasons.insert(0, row_taken(view, row, parameters, dated))
        tasks = _unknown_lead(row, context) or _given_out(row, dated, context)
        if isinstance(tasks, Reason):
            reasons.append(tasks)
        if reasons:
            raise refusals.refusal(*reasons)
        return Act({"row": row.model_dump(mode="json", exclude_none=True), "tasks": tasks})

    @action(
        "hand-in",
        title={"vi": "Nộp kết quả", "en": "Hand in"},
        source="open",
        parameters=HandIn,
        late=True,
        own=True,
    )
    def hand_in(self, view: StepView, parameters: HandIn, context: Context) -> Act:
        """Record a unit's result; after the due day it is marked as late."""
        task = _task(view, parameters.row)
        if task.handed_in_on is not None:
            raise refusals.refusal(refusals.already_handed_in(task))
        days_late = max(0, (context.on - date.fromisoformat(task.due)).days) if task.due is not None else 0
        files = [attachment.sha256 for attachment in context.attachments]
        data: dict[str, Any] = {"row": task.key, "late": days_late > 0, "note": prose(parameters.note), "files": files}
        if task.due is not None:
            data["days_late"] = days_late
        if context.actor is not None and context.speaks_for(task.unit):
            data["by"] = context.actor
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
        if lacking := _lacking(view, task):
            raise refusals.refusal(refusals.figures_missing(task, ", ".join(lacking)))
        others = [other for other in view.state.tasks if other.key != task.key]
        of_row = [other for other in others if other.row == task.row]
        done = sum(other.accepted_on is not None for other in of_row) + 1
        data = {"row": task.key, "done": done, "of": len(of_row) + 1}
        return Act(data, to="done" if all(other.accepted_on for other in others) else "open")

    @action("return", title={"vi": "Trả lại", "en": "Send back"}, source="open", parameters=Return, late=True)
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
        return dates.decided(view.state, parameters, context.on)

    @action(
        "correct-date",
        title={"vi": "Sửa thời hạn", "en": "Correct a date"},
        source="open",
        parameters=DateDecision,
        redates=True,
    )
    def correct_date(self, view: StepView, parameters: DateDecision, context: Context) -> Act:
        """Correct a date; the rows that inherit it move with it, and no others."""
        return dates.corrected(view, parameters)

    @action(
        "report-figure",
        title={"vi": "Báo cáo số liệu", "en": "Report a figure"},
        source="open",
        parameters=FigureReport,
        late=True,
        own=True,
    )
    def report_figure(self, view: StepView, parameters: FigureReport, context: Context) -> Act:
        """Record a unit's number; the sum so far and the missing units stand beside it."""
        task = _task(view, parameters.row)
        if task.accepted_on is not None:
            raise refusals.refusal(refusals.already_accepted(task))
        asked = {figure.key: figure for figure in rows_of(view.options, view.state)[task.row].figures}
        figure = parameters.figure or (next(iter(asked)) if len(asked) == 1 else None)
        if figure is None or figure not in asked:
            raise refusals.refusal(refusals.unknown_figure(task.row, ", ".join(asked) or "-"))
        value = figures.number(parameters.value)
        if isinstance(value, Reason):
            raise refusals.refusal(value)
        if (fault := figures.fault(value, asked[figure])) is not None:
            raise refusals.refusal(fault)
        reported = task.model_copy(update={"figures": {**task.figures, figure: value}})
        tasks = tuple(reported if one.key == task.key else one for one in view.state.tasks)
        total = total_of(tasks, task.row, figure)
        data: dict[str, Any] = {"row": task.key, "figure": figure, "value": value, "total": total.total}
        data["missing"] = [str(view.plan.now(unit)) for unit in total.missing]
        if figure in task.figures:
            data["was"] = task.figures[figure]
        return Act(data, on_behalf=task.unit)

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> AssignmentState:
        """Return the state after an act."""
        return evolved(state, action, data)

    def tables(self, view: StepView) -> tuple[StepTable, ...]:
        """The figures that units reported, with their sums and the units that are missing."""
        return totals.tables(view)

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """One reason for each task that is not handed in or not accepted; the progress where all units owe."""
        if view.phase == "done":
            return ()
        leader = view.options.handed_out_by or view.lead
        who = (leader,) if leader else ()
        now = {task.unit: str(view.plan.now(task.unit)) for task in view.state.tasks}
        tasks = view.state.tasks
        if not tasks:
            return (refusals.nothing_handed_out(who),)
        owed = [task for task in tasks if task.accepted_on is None]
        missing = [
            refusals.not_handed_in(task, now[task.unit])
            if task.handed_in_on is None
            else refusals.not_accepted(task, who, now[task.unit])
            for task in owed
        ]
        return (*missing, *_progress(tasks, now), *_incomplete_totals(view, now))

    def running(self, view: StepView) -> tuple[tuple[str | int, ...], ...]:
        """The days of tasks that were read from a written day, their own or an inherited one."""
        return tuple(
            ("tasks", place, "due")
            for place, task in enumerate(view.state.tasks)
            if task.accepted_on is None and task.written is not None
        )

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """One item for each task, owed by its unit; while it is handed in, one for whoever accepts it."""
        rows = rows_of(view.options, view.state)
        tasks = tuple(
            WorkItem(
                task.key,
                rows[task.row].title,
                task.unit,
                task.due,
                done_on=task.handed_in_on,
                open=task.handed_in_on is None,
                origin=_origin(rows, task, place),
            )
            for place, task in enumerate(view.state.tasks)
        )
        return (*tasks, *_to_accept(view, rows))

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """A row's unit hands it in and reports its figures; who hands out tasks also judges them."""
        if action in _LEADERS_OWN and view.options.handed_out_by:
            return (view.options.handed_out_by,)
        if action not in ("hand-in", "report-figure"):
            return ()
        tasks = view.state.tasks
        if parameters is not None:
            units = [task.unit for task in tasks if task.key == parameters.row]
        elif action == "hand-in":
            units = [task.unit for task in tasks if task.handed_in_on is None]
        else:
            units = [task.unit for task in tasks if task.accepted_on is None and _lacking(view, task)]
        return tuple(dict.fromkeys(units))

    def own_matter(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """Nobody judges what they handed in; no unit corrects the date by which it alone owes something."""
        named = [task for task in view.state.tasks if parameters.row in (task.key, task.row)]
        if action in ("accept", "return"):
            return tuple(task.handed_in_by for task in named if task.handed_in_by is not None)
        units = {task.unit for task in named}
        return tuple(units) if action == "correct-date" and len(units) == 1 else ()

    def grants(self, view: StepView, key: str) -> tuple[str, ...]:
        """Who hands out tasks decides on later days for them."""
        return (view.options.handed_out_by,) if view.options.handed_out_by else ()

    def rests_on(self, later: tuple[str, Mapping[str, Any]], earlier: tuple[str, Mapping[str, Any]]) -> bool:
        """An act on a task rests on the one that gave it out, and on the last one that changed where it lies."""
        return rests_on(later, earlier)

    def told(self, action: str, data: Mapping[str, Any]) -> tuple[Phrase, ...]:
        """Which days moved, whose task it is, how late, what the sum is."""
        return tuple(told(action, data))

    def reserved(self, view: StepView, action: str) -> tuple[str, ...]:
        """Where somebody is named for it, nobody else hands out tasks."""
        return (view.options.handed_out_by,) if action == "hand-out" and view.options.handed_out_by else ()


def _to_accept(view: StepView, rows: Mapping[str, Row]) -> Iterator[WorkItem]:
    """What was handed in lies with whoever hands out, else with the first who may act and does not owe it."""
    for task in view.state.tasks:
        if task.handed_in_on is None or task.accepted_on is not None:
            continue
        title = rows[task.row].title
        may = [name for name in view.by if name not in (task.unit, view.plan.now(task.unit))]
        yield WorkItem(
            f"accept:{task.key}",
            Text(vi=f"Xem xét kết quả: {title.vi}", en=f"Accept or send back: {title.in_language('en')}"),
            view.options.handed_out_by or next(iter(may), view.lead),
            since=task.handed_in_on,
            asked_by=task.unit,
        )


def _origin(rows: Mapping[str, Row], task: Task, place: int) -> Origin:
    """Where a task's day comes from; an inherited one has the words of the row that holds it."""
    holder = rows.get(task.inherited_from or task.row)
    return Origin(
        wording=holder.text if holder else None,
        written=task.written,
        before=task.owed_before,
        inherited_from=task.inherited_from,
        at=("tasks", place, "due"),
    )


def _row(parameters: HandOut, with_units: tuple[str, ...]) -> Row:
    content = parameters.content.strip()
    title = title_of(content)
    return Row(
        key=parameters.row,
        label=parameters.label,
        heading=Text(vi=parameters.heading) if parameters.heading else None,
        title=Text(vi=title),
        content=None if title == content else Text(vi=content),
        product=Text(vi=parameters.product) if parameters.product else None,
        lead=parameters.lead,
        with_units=with_units,
        text=parameters.text,
        undecided=parameters.undecided,
    )


def _given_out(row: Row, dated: Mapping[str, Any], context: Context) -> list[dict[str, Any]] | Reason:
    """Return a row's tasks, one for each unit; a reason where its group has none."""
    if not row.lead.startswith("@"):
        return [{"key": row.key, "row": row.key, "unit": row.lead, **dated}]
    units = context.units((row.lead,))
    if not units:
        return refusals.empty_group(row.key, row.lead)
    return [{"key": f"{row.key}/{unit}", "row": row.key, "unit": unit, **dated} for unit in units]


def _unknown_lead(row: Row, context: Context) -> Reason | None:
    return None if context.known(row.lead) else refusals.unknown_lead(row.key, row.lead)


def _task(view: StepView, key: str) -> Task:
    found = next((task for task in view.state.tasks if task.key == key), None)
    if found is None:
        raise refusals.refusal(refusals.unknown_row(view.state, key))
    return found


def _awaiting_acceptance(view: StepView, key: str) -> Task:
    task = _task(view, key)
    if task.handed_in_on is None:
        raise refusals.refusal(refusals.not_handed_in(task))
    if task.accepted_on is not None:
        raise refusals.refusal(refusals.already_accepted(task))
    return task


def _lacking(view: StepView, task: Task) -> list[str]:
    row = rows_of(view.options, view.state)[task.row]
    return [figure.key for figure in row.figures if figure.key not in task.figures]


def _progress(tasks: tuple[Task, ...], now: Mapping[str, str]) -> tuple[Reason, ...]:
    """How far each row is that went to several units and is not done."""
    found = []
    for row in dict.fromkeys(task.row for task in tasks):
        of_row = [task for task in tasks if task.row == row]
        missing = tuple(dict.fromkeys(now[task.unit] for task in of_row if task.accepted_on is None))
        if len(of_row) > 1 and missing:
            done = sum(task.accepted_on is not None for task in of_row)
            found.append(refusals.progress(row, done, len(of_row), missing))
    return tuple(found)


def _incomplete_totals(view: StepView, now: Mapping[str, str]) -> tuple[Reason, ...]:
    return tuple(
        refusals.total_so_far(one, figures.shown(one.total), tuple(dict.fromkeys(now[unit] for unit in one.missing)))
        for one in view.state.totals
        if one.missing
    )
