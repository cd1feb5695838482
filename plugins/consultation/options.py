"""What a consultation is given under `with:`, and what its actions take."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from trinh_plugins._opinions import Article, GivenAnswer, LetterNumber, Position
from workflow import DocumentRef, Help, HolderRef, Options, Parameters, Phrase, Prose, UnitRef


class GroupMinimum(Options):
    """So many units of a group must agree."""

    group: UnitRef = Field(description=Help("The @group", vi="Nhóm @"))
    agree: int = Field(
        ge=1, description=Help("How many of its units must agree", vi="Số đơn vị của nhóm phải thống nhất")
    )


class Quorum(Options):
    """What it takes for a round to pass; see `quorum.py`."""

    agree: int = Field(
        ge=1, description=Help("How many of the units asked must agree", vi="Số đơn vị được hỏi phải thống nhất")
    )
    veto: tuple[UnitRef, ...] = Field(
        (),
        description=Help(
            "Units whose disagreement decides against", vi="Các đơn vị mà chỉ cần không thống nhất là không đạt"
        ),
    )
    turnout: int = Field(
        0,
        ge=0,
        description=Help(
            "How many must answer at all, abstentions included", vi="Số đơn vị phải trả lời, kể cả không có ý kiến"
        ),
    )
    groups: tuple[GroupMinimum, ...] = Field(
        (), description=Help("How many units of a group must agree", vi="Số đơn vị của từng nhóm phải thống nhất")
    )


class ConsultationOptions(Options):
    """What `with:` takes."""

    invite: tuple[UnitRef, ...] = Field(
        min_length=1, description=Help("Units and @groups that are asked", vi="Các đơn vị và @nhóm được lấy ý kiến")
    )
    mandatory: tuple[UnitRef, ...] = Field(
        (),
        description=Help(
            "Those whose silence keeps the round open", vi="Các đơn vị bắt buộc phải có ý kiến mới được kết thúc"
        ),
    )
    document: DocumentRef | None = Field(
        None, description=Help("The document that they are asked about", vi="Văn bản được lấy ý kiến")
    )
    close: Literal["all-answered-or-deadline", "all-answered", "deadline", "quorum", "manual"] = Field(
        "all-answered-or-deadline", description=Help("When the round closes", vi="Khi nào kết thúc lấy ý kiến")
    )
    close_by: HolderRef | None = Field(
        None,
        description=Help(
            "The office that alone may close a round over silence, with a reason",
            vi="Chức vụ duy nhất được kết thúc khi chưa đủ ý kiến, có nêu lý do",
        ),
    )
    quorum: Quorum | None = Field(
        None,
        description=Help("What it takes to pass; for `close: quorum`", vi="Điều kiện để đạt; dùng với `close: quorum`"),
    )
    answer_days: int | None = Field(
        None,
        ge=1,
        description=Help(
            "Working days for an answer, from receipt; the step's due day where left out",
            vi="Số ngày làm việc để trả lời, tính từ khi nhận; nếu không nêu thì theo thời hạn của bước",
        ),
    )
    answer_by: date | None = Field(
        None,
        description=Help(
            "The last day for an answer, in place of answer_days", vi="Ngày cuối cùng trả lời, thay cho answer_days"
        ),
    )
    form: Literal["written", "meeting"] = Field(
        "written", description=Help("By letter or in a meeting", vi="Bằng văn bản hoặc qua cuộc họp")
    )

    @model_validator(mode="after")
    def _fits(self) -> ConsultationOptions:
        if (self.close == "quorum") != (self.quorum is not None):
            raise ValueError(
                Phrase("`close: quorum` and `quorum:` belong together", vi="`close: quorum` phải đi cùng `quorum:`")
            )
        if self.answer_days is not None and self.answer_by is not None:
            raise ValueError(
                Phrase(
                    "give `answer_days` or `answer_by`, not both",
                    vi="chỉ nêu một trong hai: `answer_days` hoặc `answer_by`",
                )
            )
        return self


class Respond(Parameters):
    """Parameters of `respond`."""

    unit: UnitRef = Field(description=Help("The unit whose opinion it is", vi="Đơn vị có ý kiến"))
    position: Position = Field(
        description=Help("What the unit says to the draft", vi="Đơn vị có ý kiến thế nào về dự thảo")
    )
    article: Article | None = Field(
        None, description=Help("Article or part that it speaks of", vi="Điều khoản hoặc phần được góp ý")
    )
    text: Prose | None = Field(None, description=Help("The opinion", vi="Nội dung ý kiến"))
    letter: LetterNumber | None = Field(
        None, description=Help("Number of the unit's letter", vi="Số, ký hiệu công văn của đơn vị")
    )
    letter_date: date | None = Field(
        None, description=Help("The date that the letter carries", vi="Ngày ghi trên công văn")
    )
    about: str | None = Field(
        None,
        max_length=20,
        description=Help(
            "The revision it was written about, as 2.1; the last one sent if left out",
            vi="Bản dự thảo được góp ý, ví dụ 2.1; nếu không nêu thì là bản gửi gần nhất",
        ),
    )


class Supersede(Respond):
    """Parameters of `supersede`: the new opinion, and what it takes the place of."""

    opinion: int | None = Field(
        None,
        ge=1,
        description=Help(
            "Number of the opinion that it takes the place of; all of the unit's if left out",
            vi="Số của ý kiến được thay thế; nếu không nêu thì là mọi ý kiến của đơn vị",
        ),
    )


class Received(Parameters):
    """Parameters of `received`."""

    units: tuple[UnitRef, ...] = Field(
        min_length=1,
        description=Help("Units that received the papers on this day", vi="Các đơn vị nhận tài liệu trong ngày này"),
    )


class Remind(Parameters):
    """Parameters of `remind`."""

    units: tuple[UnitRef, ...] = Field(
        (),
        description=Help(
            "Who is reminded; every silent unit if left out",
            vi="Đơn vị được đôn đốc; nếu không nêu thì mọi đơn vị chưa có ý kiến",
        ),
    )
    text: Prose | None = Field(None, description=Help("What they were told", vi="Nội dung đôn đốc"))


class Send(Parameters):
    """Parameters of `send`."""

    units: tuple[UnitRef, ...] = Field(
        (),
        description=Help(
            "Who gets it; every unit asked if left out",
            vi="Đơn vị được gửi; nếu không nêu thì mọi đơn vị được lấy ý kiến",
        ),
    )


class Replace(Parameters):
    """Parameters of `replace`."""

    unit: UnitRef = Field(
        description=Help("The invited unit that exists no longer", vi="Đơn vị được lấy ý kiến nay không còn tồn tại")
    )
    successor: UnitRef = Field(
        description=Help("The unit that is asked in its place", vi="Đơn vị được lấy ý kiến thay")
    )


class Minutes(Parameters):
    """Parameters of `minutes`; the minutes themselves are attached."""

    held_on: date | None = Field(
        None,
        description=Help(
            "The day of the meeting; the act's day if left out", vi="Ngày họp; nếu không nêu thì là ngày ghi nhận"
        ),
    )
    attended: tuple[UnitRef, ...] = Field(
        min_length=1, description=Help("Units that took part", vi="Các đơn vị dự họp")
    )
    text: Prose | None = Field(None, description=Help("The meeting in a sentence", vi="Tóm tắt cuộc họp trong một câu"))


class Close(Parameters):
    """Parameters of `close`."""

    reason: Prose | None = Field(
        None,
        description=Help(
            "Why it is closed although somebody is silent", vi="Lý do kết thúc khi còn đơn vị chưa có ý kiến"
        ),
    )


class Decide(Parameters):
    """Parameters of `close-by-decision`."""

    reason: Prose = Field(
        min_length=1, description=Help("Why the round ends here", vi="Lý do kết thúc lấy ý kiến tại đây")
    )


class Answer(GivenAnswer):
    """Parameters of `answer`."""

    opinion: int | None = Field(
        None, ge=1, description=Help("Number of the opinion that is answered", vi="Số của ý kiến được trả lời")
    )
    unit: UnitRef | None = Field(
        None,
        description=Help(
            "The unit whose opinion is answered, where it gave only one",
            vi="Đơn vị có ý kiến được trả lời, nếu chỉ có một ý kiến",
        ),
    )


class Synthesise(Parameters):
    """Parameters of `synthesise`."""

    summary: Prose | None = Field(
        None, description=Help("The synthesis in a sentence", vi="Tóm tắt tổng hợp trong một câu")
    )
