"""A row that is in the table already: what differs in the one that was given, and how the table is mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trinh_plugins.assignment.options import Row
from trinh_plugins.assignment.parameters import HandOut
from trinh_plugins.assignment.state import Task, rows_of
from workflow import Phrase, Reason, StepView

_ITSELF = {"label", "heading", "text", "undecided", "figures", "note"}
"""What does not make another task of it."""


def row_taken(view: StepView, given: Row, parameters: HandOut, dated: Mapping[str, Any]) -> Reason:
    """Return why a row is not taken in under a key that the table has, with the command that mends the table.

    Args:
        given: The row that was to be handed out.
        dated: Its date as it would count, as `date_handed_out` has it.
    """
    known = rows_of(view.options, view.state)[given.key]
    task = next(iter(view.state.of_row(given.key)), None)
    day = parameters.due.isoformat() if parameters.inherits and parameters.due else dated.get("due")
    if task is not None and day is not None and task.due != day:
        return _other_date(view, task, day)
    said = {"row": given.key}
    if _task_of(known) == _task_of(given):
        phrase = Phrase(
            "There is a row {row} already, and it says the same: nothing is left to do for it",
            said,
            vi="Đã có dòng {row} với cùng nội dung: không phải làm gì thêm",
        )
    else:
        phrase = Phrase(
            "There is a row {row} already, with other words, unit or product: give this one another number; or take"
            " the old one back with `workflow correct {plan} EVENT` (`workflow audit show {plan}` has its event)"
            " and do it again",
            {**said, "plan": view.plan.id},
            vi="Đã có dòng {row}, nhưng khác nội dung, đơn vị hoặc sản phẩm: đặt số khác cho dòng này; hoặc hủy dòng cũ"
            " bằng `workflow correct {plan} SỰ-KIỆN` (xem số sự kiện: `workflow audit show {plan}`) rồi làm lại",
        )
    return Reason("row-exists", phrase)


def _other_date(view: StepView, task: Task, day: str) -> Reason:
    """A date is mended by an action of its own; an inherited one in the row that it comes from."""
    action = "decide-date" if task.due is None else "correct-date"
    step = {"plan": view.plan.id, "step": view.address, "action": action}
    told = {**step, "row": task.row, "was": task.due or "-", "due": day, "of": task.inherited_from or task.row}
    phrase = Phrase(
        "There is a row {row} already, due on {was} and not on {due}: mend its date with"
        " `workflow act {plan} {step} {action} --row {of} --due {due} --reason …`",
        told,
        vi="Đã có dòng {row} với thời hạn {was}, khác {due}: sửa thời hạn bằng"
        " `workflow act {plan} {step} {action} --row {of} --due {due} --reason …`",
    )
    return Reason("row-exists", phrase)


def _task_of(row: Row) -> dict[str, Any]:
    """What is to be done by whom; its date is compared by itself."""
    return row.model_dump(exclude={*_ITSELF, "due", "before", "inherit"})
