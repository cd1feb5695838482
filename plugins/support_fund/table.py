"""The list of applications that offices keep: its headings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from workflow import Import, ImportRow, Phrase, Reason

_TOTALS = ("cộng", "tổng", "tổng cộng", "tổng số", "cộng dồn", "total", "sum")


def _rows(rows: Sequence[ImportRow]) -> Iterable[ImportRow]:
    """The rows that are applications; a total is told and left out, and so is that a sum stands for several."""
    for row in rows:
        if not row.spanning:
            yield replace(row, doubts=tuple(_doubts(row)), left_out=_is_total(row))


def _is_total(row: ImportRow) -> bool:
    applicant = row.cells.get("applicant")
    named = applicant if isinstance(applicant, str) else row.text if applicant is None else ""
    return _bare(named).startswith(_TOTALS) if applicant is None else _bare(named) in _TOTALS


def _bare(text: str) -> str:
    return " ".join(text.casefold().strip(" :.").split())


def _doubts(row: ImportRow) -> Iterator[Reason]:
    if _is_total(row):
        phrase = Phrase("this row is a total, not an application", vi="hàng này là dòng tổng cộng, không phải hồ sơ")
        yield Reason("total-row", phrase)
    if row.merged and "asked" in row.merged:
        phrase = Phrase(
            "its sum is one cell with the row above: does it stand for both together?",
            vi="ô số tiền gộp với hàng trên: có phải là số tiền chung của cả hai?",
        )
        yield Reason("merged-sum", phrase)


APPLICATIONS = Import(
    action="apply",
    columns={
        "applicant": (
            "Tổ chức, cá nhân",
            "Tên tổ chức, cá nhân",
            "Tổ chức, cá nhân đề nghị",
            "Tổ chức, cá nhân đề nghị hỗ trợ",
            "Tên tổ chức, cá nhân đề nghị hỗ trợ",
            "Đơn vị đề nghị",
            "Đơn vị đề nghị hỗ trợ",
            "Tên đơn vị",
            "Tên doanh nghiệp",
            "Doanh nghiệp",
            "Doanh nghiệp, HTX",
            "Applicant",
        ),
        "head": ("Nội dung hỗ trợ", "Loại hỗ trợ", "Mục hỗ trợ", "Nhóm nội dung hỗ trợ", "Head"),
        "purpose": (
            "Nội dung đề nghị",
            "Nội dung đề nghị hỗ trợ",
            "Diễn giải",
            "Diễn giải nội dung",
            "Mục đích",
            "Purpose",
        ),
        "asked": (
            "Số tiền",
            "Số tiền đề nghị",
            "Số tiền đề nghị hỗ trợ",
            "Kinh phí đề nghị",
            "Kinh phí đề nghị hỗ trợ",
            "Mức đề nghị hỗ trợ",
            "Amount",
            "Amount asked for",
            "Sum",
        ),
        "in_words": ("Bằng chữ", "Số tiền bằng chữ", "Viết bằng chữ", "In words"),
        "on": ("Ngày nhận", "Ngày nhận hồ sơ", "Ngày tiếp nhận", "Ngày nộp", "Ngày đến", "Received on", "Received"),
    },
    prepare=_rows,
)
