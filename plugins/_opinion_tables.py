"""Opinions as a table that people read: who, when, what, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflow import KeptText, Named, StepTable, Text

COLUMNS = (
    Text(vi="STT", en="No."),
    Text(vi="Cơ quan, người góp ý", en="Who"),
    Text(vi="Ngày nhận", en="Received"),
    Text(vi="Văn bản", en="Letter"),
    Text(vi="Bản dự thảo", en="Revision"),
    Text(vi="Điều, khoản", en="Article"),
    Text(vi="Quan điểm", en="Position"),
    Text(vi="Nội dung", en="Text"),
    Text(vi="Kết quả xử lý", en="Answer"),
    Text(vi="Tiếp thu", en="Taken in"),
    Text(vi="Giải trình", en="Reason"),
)
_POSITIONS = {
    "agree": Text(vi="Nhất trí", en="Agrees"),
    "agree-with-comments": Text(vi="Nhất trí, có ý kiến", en="Agrees, with comments"),
    "disagree": Text(vi="Không nhất trí", en="Disagrees"),
    "comments": Text(vi="Có ý kiến", en="Comments"),
    "abstain": Text(vi="Không có ý kiến", en="Abstains"),
    "silent": Text(vi="Chưa trả lời", en="Silent"),
}
_VERDICTS = {
    "accepted": Text(vi="Tiếp thu", en="Accepted"),
    "partly": Text(vi="Tiếp thu một phần", en="Partly"),
    "explained": Text(vi="Giải trình", en="Explained"),
}
_LATE = Text(vi=" (muộn)", en=" (late)")


def opinion_table(title: Text, opinions: Iterator[tuple[Any, Any]], silent: tuple[str, ...] = ()) -> StepTable:
    """Return the table of *opinions*, each with who gave it as a cell, and of the units that are silent."""
    rows = [_row(opinion, who) for opinion, who in opinions]
    quiet = [(None, Named(unit), None, None, None, None, _POSITIONS["silent"], *[None] * 4) for unit in silent]
    open_ = tuple(range(len(rows), len(rows) + len(quiet)))
    return StepTable("opinions", title, COLUMNS, (*rows, *quiet), open=open_)


def kept(reference: Mapping[str, str] | None) -> KeptText | None:
    """Return a text that stands beside the chain as a cell."""
    return KeptText(reference["text"]) if reference else None


def _row(opinion: Any, who: Any) -> tuple[Any, ...]:
    position = _POSITIONS[opinion.position]
    if opinion.late:
        position = Text(vi=position.vi + _LATE.vi, en=position.in_language("en") + _LATE.in_language("en"))
    letter = " ".join(filter(None, (getattr(opinion, "letter", None), getattr(opinion, "letter_date", None))))
    return (
        str(opinion.id),
        who,
        opinion.on,
        letter or None,
        opinion.about,
        opinion.article,
        position,
        kept(opinion.text),
        _VERDICTS.get(opinion.verdict or ""),
        kept(opinion.taken_in),
        kept(opinion.reason),
    )
