"""An assignment table as offices have it: its headings, its groups of rows, and its merged date cells.

Nothing is guessed silently: whatever could be read in more than one way is told beside the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from trinh_plugins.assignment import wording
from trinh_plugins.assignment.cleaning import clean
from trinh_plugins.assignment.options import KEY
from workflow import Import, ImportRow, Phrase, Reason

_LONGEST_TITLE = 120
_BULLET = re.compile(r"^(?:[-+*•–]|[0-9]{1,2}[.)]) *")
_LABEL_END = re.compile(r"[.):\s]+$")
_TOP_LEVEL = re.compile(r"[IVXLCDM]+|[A-ZĐ]")
_HEADING = re.compile(r"(?P<label>[IVXLCDM]+|[A-ZĐ]|[0-9]{1,3})\s*[.):/-]\s*(?P<title>\S.*)", re.DOTALL)


@dataclass(frozen=True)
class _Heading:
    """A heading between rows: its number, its words, a date that stands beside it."""

    label: str | None = None
    title: str | None = None
    due: Any = None


@dataclass(frozen=True)
class _Above:
    """The row above: where its date comes from, and what that is."""

    origin: str
    values: dict[str, Any]


def title_of(content: str) -> str:
    """Return the first line of a task without its bullet, cut at a word where it is long."""
    first = _BULLET.sub("", content.strip().split("\n", 1)[0]).strip() or content.strip()
    if len(first) <= _LONGEST_TITLE:
        return first
    cut = first[:_LONGEST_TITLE].rsplit(" ", 1)[0]
    return f"{cut.rstrip(',;:- ')}…"


def prepared(rows: Sequence[ImportRow]) -> Iterator[ImportRow]:
    """Yield each row cleaned, with the key and date that its place in the table gives it."""
    heading, above = _Heading(), None
    for row in map(_cleaned, rows):
        if _is_heading(row):
            heading, above = _heading(row), None
            yield replace(row, left_out=True, doubts=(*row.doubts, _told_heading(row)))
            continue
        label = _label(row)
        if label is not None and _TOP_LEVEL.fullmatch(label):
            heading = _Heading()
            # In a text nobody sees where a merged cell ends: a new group may or may not be part of it.
            above = above if row.merged is not None and "due" in row.merged else None
        read = _row(row, label, heading, above)
        above = _above(read)
        yield read


def _cleaned(row: ImportRow) -> ImportRow:
    cells = {name: clean(cell) if isinstance(cell, str) else cell for name, cell in row.cells.items()}
    if isinstance(lead := cells.get("lead"), str):
        cells["lead"] = " ".join(lead.split())
    return replace(row, cells=cells, text=clean(row.text) or "")


def _is_heading(row: ImportRow) -> bool:
    cells = row.cells
    if row.spanning:
        return True
    label = _label(row)
    named = label is not None and _TOP_LEVEL.fullmatch(label)
    return bool(named and cells.get("content") and not cells.get("lead"))


def _heading(row: ImportRow) -> _Heading:
    label, title = _label(row), row.cells.get("content")
    if not title and (found := _HEADING.fullmatch(row.text)):
        label, title = found["label"], found["title"]
    return _Heading(label if label and re.fullmatch(KEY, label) else None, str(title or row.text), row.cells.get("due"))


def _label(row: ImportRow) -> str | None:
    cell = row.cells.get("row")
    return _LABEL_END.sub("", cell) or None if isinstance(cell, str) else None


def _row(row: ImportRow, label: str | None, heading: _Heading, above: _Above | None) -> ImportRow:
    doubts = list(row.doubts)
    if label is None and not row.cells.get("lead"):
        doubts.append(_continued(row))
    key = label.replace(" ", "") if label else ""
    if heading.label and key:
        key = f"{heading.label}.{key}"
    if not re.fullmatch(KEY, key):
        key = f"{heading.label}.r{row.number}" if heading.label else f"r{row.number}"
        doubts.append(_no_number(row, key))
    values: dict[str, Any] = {**row.cells, "row": key, "label": label}
    values["heading"] = heading.title
    dated, doubt = _date(row, heading, above)
    return replace(row, cells={**values, **dated}, doubts=(*doubts, *doubt))


def _date(row: ImportRow, heading: _Heading, above: _Above | None) -> tuple[dict[str, Any], tuple[Reason, ...]]:
    """Return the row's date as parameters of `hand-out`, and what is doubtful about it."""
    cell = row.cells.get("due")
    merged = row.merged is not None and "due" in row.merged
    blank = cell is None and row.merged is None
    if above is not None and (merged or blank):
        doubts = (_presumed_merged(above),) if blank else ()
        return {"due": None, **above.values, "inherits": above.origin}, doubts
    if heading.due is not None and (merged or blank):
        dated, doubts = _own(heading.due)
        return dated, (_from_heading(heading), *doubts)
    if cell is None:
        why = "Ô thời hạn để trống"
        return {"due": None, "undecided": why}, (_undecided(),)
    return _own(cell)


def _own(cell: Any) -> tuple[dict[str, Any], tuple[Reason, ...]]:
    if isinstance(cell, date):
        return {"due": cell}, ()
    if not isinstance(cell, str):
        return {}, ()
    words = " ".join(cell.split())
    said = wording.read(words)
    if said.impossible:
        # It is left as it stands: the row is refused for it.
        return {"due": words}, ()
    if said.clear:
        return {"due": said.due, "before": said.before, "text": words}, ()
    return {"due": None, "undecided": words, "text": words}, (_unread(words),)


def _above(row: ImportRow) -> _Above:
    cells = row.cells
    values = {name: cells[name] for name in ("due", "before", "undecided") if cells.get(name) is not None}
    return _Above(cells.get("inherits") or cells["row"], values)


def _told_heading(row: ImportRow) -> Reason:
    phrase = Phrase(
        "“{text}” is a heading, no task", {"text": row.text[:80]}, vi="“{text}” là tiêu đề, không phải nhiệm vụ"
    )
    return Reason("heading", phrase)


def _continued(row: ImportRow) -> Reason:
    phrase = Phrase(
        "the row has neither number nor unit: it may go on with the row above, cut by a page break",
        vi="hàng không có số thứ tự và đơn vị: có thể là phần tiếp của hàng trên bị ngắt trang",
    )
    return Reason("may-go-on", phrase)


def _no_number(row: ImportRow, key: str) -> Reason:
    phrase = Phrase(
        "the row has no number that can be used; it is called {key}",
        {"key": key},
        vi="hàng không có số thứ tự dùng được; lấy mã {key}",
    )
    return Reason("no-number", phrase)


def _presumed_merged(above: _Above) -> Reason:
    phrase = Phrase(
        "the date cell is empty; it is taken as merged with row {row} above",
        {"row": above.origin},
        vi="ô thời hạn để trống; coi là ô gộp với hàng {row} ở trên",
    )
    return Reason("presumed-merged", phrase)


def _from_heading(heading: _Heading) -> Reason:
    phrase = Phrase(
        "the date is that of the heading “{title}”",
        {"title": str(heading.title)[:80]},
        vi="thời hạn lấy theo tiêu đề “{title}”",
    )
    return Reason("date-of-heading", phrase)


def _undecided() -> Reason:
    phrase = Phrase(
        "the date cell is empty and belongs to no merged cell: the date is undecided until somebody decides it",
        vi="ô thời hạn để trống, không thuộc ô gộp nào: thời hạn chưa ấn định, chờ người có thẩm quyền quyết định",
    )
    return Reason("date-undecided", phrase)


def _unread(words: str) -> Reason:
    phrase = Phrase(
        "“{text}” names no day: the date is undecided until somebody decides it",
        {"text": words[:80]},
        vi="“{text}” không nêu ngày cụ thể: thời hạn chưa ấn định, chờ người có thẩm quyền quyết định",
    )
    return Reason("date-unread", phrase)


def _rows(rows: Sequence[ImportRow]) -> Iterable[ImportRow]:
    return tuple(prepared(rows))


TABLE = Import(
    action="hand-out",
    columns={
        "row": ("TT", "STT", "Số TT", "Số thứ tự", "No", "No."),
        "content": (
            "Nội dung nhiệm vụ",
            "Nội dung",
            "Nội dung công việc",
            "Nội dung, nhiệm vụ",
            "Nhiệm vụ",
            "Công việc",
            "Tên nhiệm vụ",
            "Task",
            "Content",
        ),
        "lead": (
            "Đơn vị chủ trì",
            "Cơ quan chủ trì",
            "Chủ trì",
            "Đơn vị thực hiện",
            "Đơn vị chủ trì thực hiện",
            "Đơn vị, cá nhân chủ trì",
            "Người thực hiện",
            "Lead",
            "Lead unit",
        ),
        "with_units": ("Đơn vị phối hợp", "Cơ quan phối hợp", "Phối hợp", "Taking part"),
        "product": ("Sản phẩm", "Kết quả", "Sản phẩm, kết quả", "Kết quả, sản phẩm", "Product"),
        "due": (
            "Thời gian hoàn thành",
            "Thời hạn hoàn thành",
            "Thời hạn",
            "Thời gian thực hiện",
            "Ngày hoàn thành",
            "Hoàn thành",
            "Due",
        ),
    },
    prepare=_rows,
)
