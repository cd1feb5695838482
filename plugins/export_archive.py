"""`--format archive`: a finished plan's dossier as one ZIP file, its papers in time order, with index and metadata.

A folder for each plan: `documents/`, `metadata.xml` (Decree 30/2020/NĐ-CP, annex VI), `index.html` to be printed,
`trail.jsonl` with every event, and `manifest-sha256.txt`. Names in it are our own; what people called their files
stands in the index.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from html import escape
from typing import BinaryIO

from trinh_plugins._archive_metadata import Entry, metadata, office_day
from trinh_plugins._report_style import STYLE
from trinh_plugins.export_jsonl import event_line, line_bytes
from workflow import ExportedDocument, ExportedPlan, Exporter, ExportView, Phrase, Reason, Text, hookimpl

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_SAFE = re.compile(r"[^a-z0-9.]+")
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_WITHDRAWN = "đã rút"


class Stream:
    """An output that a ZIP is written to from front to back: who takes it may be a pipe."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, data: bytes) -> int:
        """Write; nothing can be taken back."""
        return self._out.write(data)

    def flush(self) -> None:
        """Let it go on its way."""
        self._out.flush()


class Package:
    """The folder of one plan."""

    def __init__(self, file: zipfile.ZipFile, plan: ExportedPlan, number: int) -> None:
        self._file, self._plan = file, plan
        self._folder = f"{number:04d}-{_word(plan.id)}"
        self._sums: list[tuple[str, str]] = []
        day = plan.state.latest_on
        self._time = (int(day[:4]), int(day[5:7]), int(day[8:10]), 0, 0, 0) if day >= "1980" else _EARLIEST

    def write(self) -> None:
        """Write the papers, then what tells of them."""
        entries = list(self._papers())
        self._put("metadata.xml", [metadata(self._plan, entries)])
        self._put("index.html", [_index(self._plan, entries)])
        self._put("trail.jsonl", (line_bytes(event_line(event)) for event in self._plan.events()))
        sums = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(self._sums))
        self._put("manifest-sha256.txt", [sums.encode()])

    def _papers(self) -> Iterator[Entry]:
        paths: dict[str, str] = {}
        for ordinal, document in enumerate(self._plan.documents(), 1):
            path = paths.get(document.sha256)
            if path is None and document.pieces is not None:
                path = paths[document.sha256] = f"documents/{ordinal:04d}-{_file_name(document)}"
                self._put(path, document.pieces())
            title = document.title.vi if document.title else ""
            name = document.name or f"({_WITHDRAWN})"
            kind = title or "Văn bản kèm theo"
            subject = f"{title} lần {document.revision}: {self._plan.title.vi}" if title else name
            yield Entry(ordinal, document, path, subject, kind)

    def _put(self, name: str, pieces: Iterable[bytes]) -> None:
        info = zipfile.ZipInfo(f"{self._folder}/{name}", self._time)
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
        digest = hashlib.sha256()
        with self._file.open(info, "w", force_zip64=True) as member:
            for piece in pieces:
                digest.update(piece)
                member.write(piece)
        self._sums.append((name, digest.hexdigest()))


def _word(text: str) -> str:
    """Return *text* as letters and digits that any system can have in a name."""
    plain = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d")).encode("ascii", "ignore").decode()
    return _SAFE.sub("-", plain.lower()).strip("-.")[:60] or "x"


def _file_name(document: ExportedDocument) -> str:
    suffix = "." + (document.name or "").rpartition(".")[2].lower() if "." in (document.name or "") else ""
    stem = f"{document.document}-{document.revision}" if document.document else "attachment"
    return _word(stem) + (suffix if _SUFFIX.fullmatch(suffix) else ".bin")


def _index(plan: ExportedPlan, entries: list[Entry]) -> bytes:
    """The index of papers in the dossier, as one prints it."""
    heads = ("STT", "Số, ký hiệu", "Ngày, tháng", "Tên loại và trích yếu nội dung", "Tác giả văn bản", "Tệp", "Ghi chú")
    rows = []
    for entry in entries:
        document, number = entry.document, entry.document.number
        note = "" if entry.path else f"Văn bản {_WITHDRAWN}"
        cells = (
            str(entry.ordinal),
            number.symbol if number else "",
            office_day(number.on if number else document.on),
            f"{entry.subject} ({document.name})" if document.title and document.name else entry.subject,
            document.body or document.actor,
            entry.path or "",
            note,
        )
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    title = f"Mục lục văn bản, tài liệu: {plan.title.vi}"
    shown = "".join(f'<th scope="col">{head}</th>' for head in heads)
    page = (
        f'<!DOCTYPE html>\n<html lang="vi">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<h1>MỤC LỤC VĂN BẢN, TÀI LIỆU</h1>\n"
        f"<p>Hồ sơ: {escape(plan.title.vi)} ({escape(plan.id)}), từ {office_day(plan.state.created_on)} "
        f"đến {office_day(plan.state.latest_on)}, {len(entries)} văn bản</p>\n"
        f"<table><thead><tr>{shown}</tr></thead><tbody>\n" + "\n".join(rows) + "\n</tbody></table>\n</body>\n</html>\n"
    )
    return page.encode()


def write(view: ExportView, out: BinaryIO) -> None:
    """Write the package, a folder for each plan."""
    with zipfile.ZipFile(Stream(out), "w") as file:  # type: ignore[arg-type]
        for number, plan in enumerate(view.plans(), 1):
            Package(file, plan, number).write()


def unfit(plan) -> tuple[Reason, ...]:
    """Only what is finished goes to the archive."""
    if plan.status == "finished":
        return ()
    phrase = Phrase(
        "{plan} is not finished: only a finished plan goes to the archive",
        {"plan": plan.id},
        vi="{plan} chưa kết thúc: chỉ kế hoạch đã kết thúc mới nộp lưu",
    )
    return (Reason("not-finished", phrase),)


@hookimpl
def exporters():
    title = Text(vi="Gói hồ sơ nộp lưu", en="Archive package")
    return (Exporter("archive", title, ".zip", write, unfit=unfit),)
