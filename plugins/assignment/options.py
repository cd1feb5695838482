"""What an assignment is given under `with:`: the rows of its table, and who may add to them."""

from __future__ import annotations

from datetime import date

from pydantic import Field, model_validator

from workflow import Help, HolderRef, Options, Phrase, Text, UnitRef

DATE_KEYS = ("due", "before", "undecided", "inherit")
KEY = r"^[A-Za-z0-9]+([.-][A-Za-z0-9]+)*$"


class Figure(Options):
    """A number that each unit of a row reports, to be totalled."""

    key: str = Field(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40, description=Help("Short id", vi="Mã ngắn của số liệu")
    )
    title: Text = Field(description=Help("What is counted", vi="Nội dung số liệu"))
    measure: Text | None = Field(default=None, description=Help("In what it is counted", vi="Đơn vị tính"))
    decimals: int = Field(
        default=0,
        ge=0,
        le=6,
        description=Help(
            "Digits behind the comma that a number may have; 0 for what is counted in wholes",
            vi="Số chữ số sau dấu phẩy; 0 nếu chỉ đếm số nguyên",
        ),
    )
    negative: bool = Field(
        default=False,
        description=Help("A number may be below 0, such as a change", vi="Cho phép số âm, ví dụ mức tăng giảm"),
    )


class Row(Options):
    """A row of the table as the source has it."""

    key: str = Field(pattern=KEY, max_length=40, description=Help("Short id of the row", vi="Mã ngắn của hàng"))
    label: str | None = Field(
        default=None, description=Help("The source's own number", vi="Số thứ tự trong văn bản gốc")
    )
    heading: Text | None = Field(
        default=None, description=Help("Heading under which the row stands", vi="Tiêu đề nhóm của hàng")
    )
    title: Text = Field(description=Help("What is to be done", vi="Việc phải làm"))
    content: Text | None = Field(
        default=None, description=Help("The task in full, where the title is short", vi="Nội dung đầy đủ")
    )
    product: Text | None = Field(default=None, description=Help("What comes of it", vi="Sản phẩm"))
    lead: HolderRef = Field(
        description=Help(
            "Unit, office or person that owes it; a @group gives every unit its own task",
            vi="Đơn vị, chức danh hoặc người phải làm; nếu là @nhóm thì mỗi đơn vị có việc riêng",
        )
    )
    with_units: tuple[UnitRef, ...] = Field(
        default=(), description=Help("Units that take part", vi="Các đơn vị phối hợp")
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
    figures: tuple[Figure, ...] = Field(
        default=(), description=Help("Numbers that each unit reports", vi="Số liệu mỗi đơn vị phải báo cáo")
    )
    note: Text | None = Field(default=None, description=Help("A remark on the row", vi="Ghi chú của hàng"))

    @model_validator(mode="after")
    def _sound(self) -> Row:
        given = [key for key in DATE_KEYS if getattr(self, key)]
        if len(given) > 1:
            raise ValueError(
                Phrase(
                    "row {row}: more than one date: {dates}",
                    {"row": self.key, "dates": ", ".join(given)},
                    vi="hàng {row}: nhiều hơn một thời hạn: {dates}",
                )
            )
        keys = [figure.key for figure in self.figures]
        if len(keys) > len(set(keys)):
            raise ValueError(
                Phrase("row {row}: figures share a key", {"row": self.key}, vi="hàng {row}: các số liệu trùng mã")
            )
        return self


class AssignmentOptions(Options):
    """The rows of the table, in order, and who hands out more during the plan."""

    rows: tuple[Row, ...] = Field(
        default=(), description=Help("Rows of the table, in order", vi="Các hàng của bảng, theo thứ tự")
    )
    handed_out_by: HolderRef | None = Field(
        default=None,
        description=Help(
            "Who alone hands out tasks during the plan (a group's leader); without it whoever is named in `by:`",
            vi="Người duy nhất giao việc trong quá trình thực hiện (tổ trưởng); nếu không nêu thì theo `by:`",
        ),
    )

    @model_validator(mode="after")
    def _sound(self) -> AssignmentOptions:
        if not self.rows and self.handed_out_by is None:
            raise ValueError(
                Phrase(
                    "give at least 1 row, or `handed_out_by` for a table that is filled during the plan",
                    vi="nêu ít nhất một hàng, hoặc `handed_out_by` nếu bảng được giao dần trong quá trình thực hiện",
                )
            )
        if self.rows and self.rows[0].inherit:
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
