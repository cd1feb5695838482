"""Why an act on an assignment is not possible, or the table not complete, in both languages."""

from __future__ import annotations

from datetime import date

from trinh_plugins.assignment.state import AssignmentState, Task, Total
from workflow import Phrase, Reason, Refused, StepView


def refusal(*reasons: Reason) -> Refused:
    """Return the refusal with these reasons."""
    return Refused("This is not possible for the task", vi="Không thực hiện được với nhiệm vụ này", reasons=reasons)


def empty_group(row: str, group: str) -> Reason:
    """A row was given to a group in which there is no unit."""
    phrase = Phrase(
        "Row {row}: the group {group} has no unit on this day",
        {"row": row, "group": group},
        vi="Dòng {row}: nhóm {group} không có đơn vị nào vào ngày này",
    )
    return Reason("empty-group", phrase)


def unknown_lead(row: str, lead: str) -> Reason:
    """A row was given to somebody who is not in the register."""
    phrase = Phrase(
        "Row {row}: the register has no {lead} on this day",
        {"row": row, "lead": lead},
        vi="Dòng {row}: danh bạ không có {lead} vào ngày này",
    )
    return Reason("unknown-lead", phrase)


def several_dates(row: str, dates: str) -> Reason:
    """A row can have one date."""
    phrase = Phrase(
        "Row {row}: more than one date: {dates}",
        {"row": row, "dates": dates},
        vi="Dòng {row}: nhiều hơn một thời hạn: {dates}",
    )
    return Reason("several-dates", phrase)


def row_above_missing(row: str, above: str) -> Reason:
    """The row whose date is inherited is not in the table."""
    phrase = Phrase(
        "Row {row} takes the date of row {above}, which is not in the table",
        {"row": row, "above": above},
        vi="Dòng {row} lấy thời hạn của dòng {above}, nhưng bảng không có dòng này",
    )
    return Reason("row-above-missing", phrase)


def unknown_row(state: AssignmentState, key: str) -> Reason:
    """No task has this key; those that there are."""
    known = ", ".join(task.key for task in state.tasks) or "-"
    return Reason(
        "unknown-row",
        Phrase(
            "There is no task {row}; there are {known}",
            {"row": key, "known": known},
            vi="Không có nhiệm vụ {row}; chỉ có {known}",
        ),
    )


def nothing_handed_out(who: tuple[str, ...]) -> Reason:
    """The table is still empty."""
    phrase = Phrase("No task has been handed out yet", vi="Chưa giao nhiệm vụ nào")
    return Reason("nothing-handed-out", phrase, who)


def already_handed_in(task: Task) -> Reason:
    """It is with whoever accepts."""
    params = {"row": task.key, "day": task.handed_in_on}
    return Reason(
        "already-handed-in",
        Phrase("Task {row} was handed in on {day}", params, vi="Nhiệm vụ {row} đã nộp kết quả ngày {day}"),
    )


def not_handed_in(task: Task, unit: str | None = None) -> Reason:
    """It is with its unit."""
    names = {"unit": unit or task.unit, "row": task.key}
    phrase = Phrase("{unit} has not handed in task {row}", names, vi="{unit} chưa nộp kết quả nhiệm vụ {row}")
    return Reason("not-handed-in", phrase, who=(names["unit"],))


def not_accepted(task: Task, who: tuple[str, ...], unit: str | None = None) -> Reason:
    """It is handed in, and nobody has accepted it."""
    phrase = Phrase(
        "Task {row} of {unit} has not been accepted",
        {"unit": unit or task.unit, "row": task.key},
        vi="Nhiệm vụ {row} của {unit} chưa được chấp nhận",
    )
    return Reason("not-accepted", phrase, who)


def progress(row: str, accepted: int, total: int, missing: tuple[str, ...]) -> Reason:
    """How far all units are with one row."""
    phrase = Phrase(
        "Row {row}: {accepted} of {total} units are done; missing: {missing}",
        {"row": row, "accepted": accepted, "total": total, "missing": ", ".join(missing)},
        vi="Dòng {row}: {accepted}/{total} đơn vị đã hoàn thành; còn thiếu: {missing}",
    )
    return Reason("row-progress", phrase, missing)


def already_accepted(task: Task) -> Reason:
    """It is closed."""
    params = {"row": task.key, "day": task.accepted_on}
    return Reason(
        "already-accepted",
        Phrase("Task {row} was accepted on {day}", params, vi="Nhiệm vụ {row} đã được chấp nhận ngày {day}"),
    )


def has_date(task: Task) -> Reason:
    """Its date is decided already."""
    phrase = Phrase(
        "Task {row} is already due on {due}; `correct-date` corrects it",
        {"row": task.key, "due": task.due},
        vi="Nhiệm vụ {row} đã có thời hạn {due}; sửa bằng `correct-date`",
    )
    return Reason("date-known", phrase)


def undecided(task: Task) -> Reason:
    """There is no date to correct."""
    phrase = Phrase(
        "Task {row} has no date yet; `decide-date` decides it",
        {"row": task.key},
        vi="Nhiệm vụ {row} chưa có thời hạn; ấn định bằng `decide-date`",
    )
    return Reason("date-undecided", phrase)


def same_date(task: Task, due: str) -> Reason:
    """Nothing would change."""
    params = {"row": task.key, "due": due}
    return Reason("same-date", Phrase("Task {row} is due on {due}", params, vi="Thời hạn của {row} vốn là {due}"))


def past_date(due: date, on: date) -> Reason:
    """A date is decided for the future."""
    params = {"due": due.isoformat(), "on": on.isoformat()}
    return Reason("date-in-the-past", Phrase("{due} lies before {on}", params, vi="Thời hạn {due} lại trước ngày {on}"))


def far_away(due: date, view: StepView, task: Task) -> Reason:
    """What is told of a day that lies outside all that the plan knows."""
    params = {"due": due.isoformat(), "row": task.key, "opened": view.opened_on, "was": task.due or "-"}
    phrase = Phrase(
        "{due} lies far from the plan's own days (task {row} was due on {was}, given on {opened}): is the year right?",
        params,
        vi="{due} cách xa các mốc của kế hoạch (nhiệm vụ {row} hạn cũ {was}, giao ngày {opened}): có đúng năm không?",
    )
    return Reason("far-away", phrase)


def unknown_figure(row: str, known: str) -> Reason:
    """The row has no such figure, or several."""
    phrase = Phrase(
        "Row {row} has these figures: {known}", {"row": row, "known": known}, vi="Dòng {row} có các số liệu: {known}"
    )
    return Reason("unknown-figure", phrase)


def figures_missing(task: Task, figures: str) -> Reason:
    """The unit has not reported all its numbers."""
    phrase = Phrase(
        "{unit} has not reported for task {row}: {figures}",
        {"unit": task.unit, "row": task.key, "figures": figures},
        vi="{unit} chưa báo cáo số liệu của nhiệm vụ {row}: {figures}",
    )
    return Reason("figures-missing", phrase, who=(task.unit,))


def total_so_far(total: Total, shown: str, missing: tuple[str, ...]) -> Reason:
    """The units' sum as far as it is known, with those that are missing."""
    phrase = Phrase(
        "Row {row}, {figure}: {total} without {missing}",
        {"row": total.row, "figure": total.figure, "total": shown, "missing": ", ".join(missing)},
        vi="Dòng {row}, {figure}: {total}, chưa có {missing}",
    )
    return Reason("total-incomplete", phrase, missing)
