"""The index of papers of a dossier, as one prints it: what is in the package, and what is still to be filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from trinh_plugins._archive_metadata import LABELS, LENGTHS, Entry, Gaps, office_day
from trinh_plugins._report_style import STYLE
from trinh_plugins._report_tables import table
from workflow import ExportedPlan

WITHDRAWN = "đã rút"
_PAPERS = ("STT", "Số, ký hiệu", "Ngày, tháng", "Tên loại và trích yếu nội dung", "Tác giả văn bản", "Tệp", "Ghi chú")


def index(plan: ExportedPlan, entries: Sequence[Entry], gaps: Gaps, proofs: Iterable[tuple[str, str]]) -> bytes:
    """Return the page: the papers, what the archive's officer is to fill in, and what proves the dossier."""
    title = escape(f"Mục lục văn bản, tài liệu: {plan.title.vi}")
    lines = [
        f'<!DOCTYPE html>\n<html lang="vi">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{STYLE}</style>\n</head>\n<body>\n<h1>MỤC LỤC VĂN BẢN, TÀI LIỆU</h1>",
        f"<p>Hồ sơ: {escape(plan.title.vi)} ({escape(plan.id)}), từ {office_day(plan.state.created_on)} "
        f"đến {office_day(plan.state.latest_on)}, {len(entries)} văn bản</p>",
        *table(_PAPERS, map(_paper, entries)),
        "<h3>Nội dung cán bộ lưu trữ bổ sung</h3>",
        "<p>Nhật ký không có các thông tin sau; trong metadata.xml để trống.</p>",
        *table(("Trường", "Nội dung", "Thuộc", "Ghi chú"), _to_fill_in(gaps, len(entries))),
        "<h3>Tệp chứng minh kèm theo</h3>",
        *table(("Tệp", "Nội dung"), proofs),
    ]
    if plan.hidden:
        lines.append("<p class=note>Nội dung mật không có trong gói này; vì vậy cũng không kèm quy trình.</p>")
    return "\n".join([*lines, "</body>\n</html>\n"]).encode()


def _paper(entry: Entry) -> tuple[str, ...]:
    document, number = entry.document, entry.document.number
    return (
        str(entry.ordinal),
        number.symbol if number else "",
        office_day(number.on if number else document.on),
        f"{entry.subject} ({document.name})" if document.title and document.name else entry.subject,
        document.body or document.actor,
        entry.path or "",
        "" if entry.path else f"Văn bản {WITHDRAWN}",
    )


def _to_fill_in(gaps: Gaps, count: int) -> Iterable[tuple[str, ...]]:
    for name, ordinals in gaps.empty.items():
        yield name, LABELS[name], _whose(ordinals, count), ""
    for name, ordinal, value in gaps.too_long:
        yield name, LABELS.get(name, name), _whose([ordinal], 0), f"dài quá {LENGTHS[name]} ký tự: {value}"


def _whose(ordinals: Sequence[int], count: int) -> str:
    papers = [ordinal for ordinal in ordinals if ordinal]
    if not papers or len(papers) == count and 0 in ordinals:
        return "hồ sơ" if not papers else "hồ sơ và mọi văn bản"
    if len(papers) == count:
        return "mọi văn bản"
    return "văn bản số " + ", ".join(map(str, papers))
