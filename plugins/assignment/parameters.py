"""What the actions on an assignment take."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from trinh_plugins.assignment.options import KEY
from workflow import Help, HolderRef, Parameters, Prose, UnitRef

_TASK = Help("Row, with /UNIT where it was given to a group", vi="Hàng, kèm /ĐƠN-VỊ nếu giao cho một nhóm")
_ROW = Help("Row, or row/UNIT for one unit of a group", vi="Hàng, hoặc hàng/ĐƠN-VỊ cho một đơn vị của nhóm")
_DUE = Help("Last good day", vi="Ngày cuối cùng còn đúng hạn")


class HandOut(Parameters):
    """A new row of the table."""

    row: str = Field(pattern=KEY, max_length=40, description=Help("Short id of the new row", vi="Mã ngắn của hàng mới"))
    content: str = Field(
        min_length=1, max_length=20_000, description=Help("What is to be done", vi="Nội dung nhiệm vụ")
    )
    lead: HolderRef = Field(
        description=Help(
            "Unit, office or person that owes it; a @group gives every unit its own task",
            vi="Đơn vị, chức danh hoặc người chủ trì; nếu là @nhóm thì mỗi đơn vị có việc riêng",
        )
    )
    with_units: tuple[UnitRef, ...] = Field(
        default=(), description=Help("Units that take part", vi="Các đơn vị phối hợp")
    )
    product: str | None = Field(default=None, max_length=2_000, description=Help("What comes of it", vi="Sản phẩm"))
    due: date | None = Field(default=None, description=_DUE)
    before: date | None = Field(
        default=None, description=Help("Day before which it is owed (trước ngày)", vi="Phải xong trước ngày này")
    )
    inherits: str | None = Field(
        default=None,
        description=Help("Row above that has its date (merged cell)", vi="Hàng trên có thời hạn chung (ô gộp)"),
    )
    undecided: str | None = Field(
        default=None, description=Help("Why the date is not decided", vi="Lý do chưa ấn định thời hạn")
    )
    label: str | None = Field(
        default=None, description=Help("The source's own number", vi="Số thứ tự trong văn bản gốc")
    )
    heading: str | None = Field(
        default=None, description=Help("Heading under which the row stands", vi="Tiêu đề nhóm của hàng")
    )
    text: str | None = Field(
        default=None, description=Help("Date as written in the source", vi="Thời hạn như ghi trong văn bản gốc")
    )


class HandIn(Parameters):
    """Which task is handed in."""

    row: str = Field(description=_TASK)
    note: Prose | None = Field(default=None, description=Help("What is handed in", vi="Kết quả được nộp"))


class Acceptance(Parameters):
    """Which task is accepted."""

    row: str = Field(description=_TASK)


class Return(Parameters):
    """Which task is sent back, and why."""

    row: str = Field(description=_TASK)
    reason: Prose = Field(min_length=1, description=Help("Why it is sent back", vi="Lý do trả lại"))


class DateDecision(Parameters):
    """Which date is decided, and why so."""

    row: str = Field(description=_ROW)
    due: date = Field(description=_DUE)
    reason: Prose = Field(min_length=1, description=Help("Why this day", vi="Lý do chọn ngày này"))


class FigureReport(Parameters):
    """A unit's number."""

    row: str = Field(description=_TASK)
    figure: str | None = Field(
        default=None,
        description=Help("Which figure, where the row has several", vi="Số liệu nào, nếu hàng có nhiều số liệu"),
    )
    value: str = Field(
        max_length=40,
        description=Help("The number: 1250000, 1.250.000 or 12,5", vi="Giá trị: 1250000, 1.250.000 hoặc 12,5"),
    )
