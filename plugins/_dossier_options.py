"""What a dossier that lies with a body is given, and what its actions take."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from workflow import DocumentRef, Help, Options, Parameters, Prose, UnitRef


class DossierOptions(Options):
    """What `with:` takes for both."""

    body: UnitRef = Field(description=Help("The body that examines the dossier", vi="Cơ quan xem xét hồ sơ"))
    papers: tuple[DocumentRef, ...] = Field(
        (),
        description=Help(
            "What goes with it; each must have a revision", vi="Văn bản kèm theo hồ sơ; mỗi văn bản phải có dự thảo"
        ),
    )
    answer_days: int | None = Field(
        None,
        ge=1,
        description=Help(
            "Working days for the report, from the full dossier",
            vi="Số ngày làm việc để có báo cáo, tính từ khi đủ hồ sơ",
        ),
    )
    supplement_days: int | None = Field(
        None,
        ge=1,
        description=Help(
            "Working days for the lead to add what is missing", vi="Số ngày làm việc để đơn vị chủ trì bổ sung hồ sơ"
        ),
    )
    clock: Literal["restarts", "stops"] = Field(
        "restarts",
        description=Help(
            "After missing papers the term begins anew with the full dossier, or goes on with what was left",
            vi="Sau khi bổ sung hồ sơ, thời hạn tính lại từ khi đủ hồ sơ, hoặc chỉ tạm dừng và tính tiếp phần còn lại",
        ),
    )
    basis: str | None = Field(
        None,
        description=Help(
            "The rule that sets the days; say `unverified` where it is",
            vi="Căn cứ quy định số ngày; ghi `unverified` nếu chưa kiểm chứng",
        ),
    )
    reopens_on_change: bool = Field(
        False,
        description=Help(
            "True: a text changed after it was sent is sent again", vi="Đúng: văn bản sửa sau khi gửi thì phải gửi lại"
        ),
    )


class AskSupplement(Parameters):
    """Parameters of `ask-supplement`."""

    missing: Prose = Field(min_length=1, description=Help("Which papers are missing", vi="Hồ sơ còn thiếu những gì"))


class AnswerGround(Parameters):
    """Parameters of `answer-ground`."""

    ground: str = Field(max_length=20, description=Help("Id of the ground, e.g. 1-2", vi="Mã của nội dung, ví dụ 1-2"))
    verdict: Literal["accepted", "partly", "explained"] = Field(
        description=Help("What comes of it", vi="Kết quả xử lý nội dung này")
    )
    text: Prose = Field(min_length=1, description=Help("The answer in writing", vi="Nội dung trả lời bằng văn bản"))
