"""What a support fund is given under `with:`, and what its actions take."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from trinh_plugins.support_fund.money import Dong, SumInWords, against_words
from workflow import Help, HolderRef, Options, Parameters, Phrase, Prose, Text

HeadId = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)]


class FundOptions(Options):
    """How much there is, for what, for which year, who decides, and the days that each stretch may take."""

    ceiling: Dong = Field(
        description=Help(
            "Sum that reserved and paid together never exceed",
            vi="Tổng mức mà số đã giữ chỗ và đã chi không được vượt quá",
        )
    )
    ceiling_in_words: SumInWords | None = Field(
        None,
        description=Help("The ceiling in words; must be the same sum", vi="Tổng mức bằng chữ; phải đúng bằng số"),
    )
    currency: Literal["VND"] = Field("VND", description=Help("Currency: đồng", vi="Loại tiền: đồng"))
    heads: Mapping[HeadId, Text] = Field(
        {},
        description=Help(
            "What is supported: an id and a title for each head", vi="Các nội dung hỗ trợ: mỗi nội dung một mã, một tên"
        ),
    )
    year: int | None = Field(
        None,
        ge=2000,
        le=2200,
        description=Help("The budget year; its end closes the fund", vi="Năm ngân sách; hết năm thì tự khóa sổ"),
    )
    recorded_until: date | None = Field(
        None,
        description=Help(
            "Last day on which acts of the year may still be entered; without it the year's last day",
            vi="Ngày cuối cùng được ghi sổ việc trong năm; không nêu thì là ngày cuối năm",
        ),
    )
    decided_by: HolderRef | None = Field(
        None, description=Help("Who alone decides", vi="Người duy nhất có quyền quyết định hỗ trợ")
    )
    appraised_by: HolderRef | None = Field(
        None, description=Help("Who alone appraises", vi="Nơi duy nhất thẩm định hồ sơ")
    )
    answer_days: int | None = Field(
        None,
        ge=1,
        description=Help(
            "Working days from receipt to decision; they stop while the dossier is with the applicant",
            vi="Số ngày làm việc từ khi nhận đến khi quyết định; tạm dừng khi hồ sơ trả lại bổ sung",
        ),
    )
    check_days: int | None = Field(
        None, ge=1, description=Help("Working days for the check", vi="Số ngày làm việc để kiểm tra hồ sơ")
    )
    supplement_days: int | None = Field(
        None,
        ge=1,
        description=Help(
            "Working days for the applicant to supplement", vi="Số ngày làm việc để bên đề nghị bổ sung hồ sơ"
        ),
    )
    appraise_days: int | None = Field(
        None,
        ge=1,
        description=Help(
            "Working days to appraise, from the complete dossier", vi="Số ngày làm việc để thẩm định, từ khi hồ sơ đủ"
        ),
    )
    decide_days: int | None = Field(
        None,
        ge=1,
        description=Help(
            "Working days to decide, from when it was put", vi="Số ngày làm việc để quyết định, từ khi trình"
        ),
    )
    pay_days: int | None = Field(
        None,
        ge=1,
        description=Help("Working days to pay, from the decision", vi="Số ngày làm việc để chi, từ khi có quyết định"),
    )
    basis: str | None = Field(
        None,
        description=Help(
            "The rule that sets the days; say `unverified` where it is",
            vi="Căn cứ của các thời hạn; ghi `unverified` khi chưa kiểm chứng",
        ),
    )

    @model_validator(mode="after")
    def _agree(self) -> FundOptions:
        for reason in against_words(self.ceiling, self.ceiling_in_words):
            raise ValueError(reason.phrase)
        if self.recorded_until is not None and (self.year is None or self.recorded_until < date(self.year, 12, 31)):
            raise ValueError(
                Phrase(
                    "`recorded_until` is a day after the end of `year`", vi="`recorded_until` phải sau khi hết `year`"
                )
            )
        return self

    @property
    def last_day(self) -> str | None:
        """The budget year's last day; None for a fund without a year."""
        return f"{self.year}-12-31" if self.year else None

    @property
    def closes_after(self) -> str | None:
        """The last day on which the fund is open by itself; None where nothing closes it."""
        return self.recorded_until.isoformat() if self.recorded_until else self.last_day


_NUMBER = Help("Number of the application", vi="Số của hồ sơ đề nghị")
_IN_WORDS = Help("The same sum in words; refused if it differs", vi="Số tiền bằng chữ; không khớp thì từ chối")


class Applying(Parameters):
    """Who applies, for what, and for how much."""

    applicant: Prose = Field(
        min_length=1,
        max_length=500,
        description=Help("Organisation or person that applies", vi="Tổ chức, cá nhân đề nghị hỗ trợ"),
    )
    head: str | None = Field(
        None,
        max_length=500,
        description=Help("Head of support: its id or its title", vi="Nội dung hỗ trợ: mã hoặc tên"),
    )
    purpose: Prose | None = Field(
        None, min_length=1, description=Help("What support is asked for", vi="Diễn giải nội dung đề nghị")
    )
    asked: Dong | None = Field(None, description=Help("Sum asked for, in đồng", vi="Số tiền đề nghị, tính bằng đồng"))
    in_words: SumInWords | None = Field(None, description=_IN_WORDS)


class OnApplication(Parameters):
    """Which application."""

    application: int = Field(ge=1, description=_NUMBER)


class Check(OnApplication):
    """Whether the dossier is complete."""

    complete: bool = Field(description=Help("The dossier is complete", vi="Hồ sơ đã đầy đủ"))
    missing: Prose | None = Field(
        None,
        min_length=1,
        description=Help("What is missing; needed where it is not complete", vi="Còn thiếu gì; cần nêu khi chưa đủ"),
    )


class Appraisal(OnApplication):
    """How the appraisal came out."""

    passed: bool = Field(
        description=Help("The application fulfils the conditions", vi="Hồ sơ đề nghị đáp ứng các điều kiện")
    )
    remark: Prose | None = Field(
        default=None,
        description=Help("What was found; needed where it did not pass", vi="Kết quả thẩm định; cần nêu khi không đạt"),
    )


class Decision(OnApplication):
    """Whether it is supported, with how much."""

    supported: bool = Field(description=Help("Support is granted", vi="Đồng ý hỗ trợ"))
    amount: Dong | None = Field(
        default=None, description=Help("Sum granted, in đồng", vi="Số tiền hỗ trợ, tính bằng đồng")
    )
    in_words: SumInWords | None = Field(None, description=_IN_WORDS)
    reason: Prose | None = Field(default=None, description=Help("Why it is refused", vi="Lý do từ chối"))


class Withdrawal(OnApplication):
    """Why the applicant takes it back."""

    reason: Prose | None = Field(None, min_length=1, description=Help("Why it is withdrawn", vi="Lý do rút hồ sơ"))


class Payment(OnApplication):
    """What was paid."""

    amount: Dong = Field(
        description=Help(
            "Sum paid, in đồng; what it is less than decided becomes free",
            vi="Số tiền đã chi, tính bằng đồng; phần chưa chi hết được hoàn lại",
        )
    )
    in_words: SumInWords | None = Field(None, description=_IN_WORDS)
