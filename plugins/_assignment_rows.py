"""What an assignment is given: the rows of its table, and what its actions take."""

from __future__ import annotations

from datetime import date

from pydantic import Field, model_validator

from workflow import Help, Options, Parameters, Phrase, Prose, Text, UnitRef

DATE_KEYS = ("due", "before", "undecided", "inherit")


class Row(Options):
    """A row of the table as the source has it."""

    key: str = Field(
        pattern=r"^[A-Za-z0-9]+([.-][A-Za-z0-9]+)*$",
        max_length=40,
        description=Help("Short id of the row", vi="Mã ngắn của hàng"),
    )
    label: str | None = Field(
        default=None, description=Help("The source's own number", vi="Số thứ tự trong văn bản gốc")
    )
    title: Text = Field(description=Help("What is to be done", vi="Việc phải làm"))
    lead: UnitRef = Field(
        description=Help(
            "Unit that owes it; a @group gives every unit its own task",
            vi="Đơn vị phải làm; nếu là @nhóm thì mỗi đơn vị có việc riêng",
        )
    )
    due: date | None = Field(default=None, description=Help("Last good day", vi="Ngày cuối cùng còn đúng hạn"))
    before: date | None = Field(
        default=None, description=Help("Day before which it is owed (trước ngày)", vi="Phải xong trước ngày này")
    )
    undecided: str | None = Field(
        default=None, description=Help("Why the date is not decided", vi="Lý do chưa ấn định thời hạn")
    )
    inherit: bool = Field(
        default=False,
        description=Help("The date is that of the row above (merged cell)", vi="Thời hạn lấy theo hàng trên (ô gộp)"),
    )
    text: str | None = Field(
        default=None, description=Help("Date as written in the source", vi="Thời hạn như ghi trong văn bản gốc")
    )
    note: Text | None = Field(default=None, description=Help("A remark on the row", vi="Ghi chú của hàng"))

    @model_validator(mode="after")
    def _one_date(self) -> Row:
        given = [key for key in DATE_KEYS if getattr(self, key)]
        if len(given) > 1:
            raise ValueError(
                Phrase(
                    "row {row}: more than one date: {dates}",
                    {"row": self.key, "dates": ", ".join(given)},
                    vi="hàng {row}: nhiều hơn một thời hạn: {dates}",
                )
            )
        return self


class AssignmentOptions(Options):
    """The rows of the table, in order."""

    rows: tuple[Row, ...] = Field(
        min_length=1, description=Help("Rows of the table, in order", vi="Các hàng của bảng, theo thứ tự")
    )

    @model_validator(mode="after")
    def _sound(self) -> AssignmentOptions:
        if self.rows[0].inherit:
            raise ValueError(
                Phrase(
                    "row {row} inherits its date, but there is no row above it",
                    {"row": self.rows[0].key},
                    vi="hàng {row} lấy thời hạn của hàng trên, nhưng không có hàng nào ở trên",
                )
            )
        keys = [row.key for row in self.rows]
        doubled = sorted({key for key in keys if keys.count(key) > 1})
        if doubled:
            raise ValueError(
                Phrase("rows share a key: {keys}", {"keys": ", ".join(doubled)}, vi="các hàng trùng mã: {keys}")
            )
        return self


class HandIn(Parameters):
    """Which task is handed in."""

    row: str = Field(
        description=Help("Row, with /UNIT where it was given to a group", vi="Hàng, kèm /ĐƠN-VỊ nếu giao cho một nhóm")
    )
    note: Prose | None = Field(default=None, description=Help("What is handed in", vi="Kết quả được nộp"))


class Acceptance(Parameters):
    """Which task is accepted."""

    row: str = Field(
        description=Help("Row, with /UNIT where it was given to a group", vi="Hàng, kèm /ĐƠN-VỊ nếu giao cho một nhóm")
    )


class Return(Parameters):
    """Which task is sent back, and why."""

    row: str = Field(
        description=Help("Row, with /UNIT where it was given to a group", vi="Hàng, kèm /ĐƠN-VỊ nếu giao cho một nhóm")
    )
    reason: Prose = Field(min_length=1, description=Help("Why it is sent back", vi="Lý do trả lại"))


class DateDecision(Parameters):
    """Which date is decided, and why so."""

    row: str = Field(
        description=Help(
            "Row, or row/UNIT for one unit of a group", vi="Hàng, hoặc hàng/ĐƠN-VỊ cho một đơn vị của nhóm"
        )
    )
    due: date = Field(description=Help("Last good day", vi="Ngày cuối cùng còn đúng hạn"))
    reason: Prose = Field(min_length=1, description=Help("Why this day", vi="Lý do chọn ngày này"))
