"""`--format archive`: a finished plan's dossier as one ZIP file, its papers in time order, with index and metadata.

A folder for each plan: `documents/`, `metadata.xml` (Decree 30/2020/NĐ-CP, annex VI), `index.html` to be printed,
what proves it (`trail.jsonl` with every event, `definitions/`, the newest seal with the leaf's path and the keys), and
`manifest-sha256.txt`. Names in it are our own; what people called their files stands in the index. It is a Vietnamese
state format: all names and titles are Vietnamese, whatever the reader's language.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from trinh_plugins._archive_index import WITHDRAWN, index
from trinh_plugins._archive_metadata import Entry, Metadata
from trinh_plugins.export_jsonl import event_line, line_bytes
from workflow import ExportedDocument, ExportedPlan, Exporter, ExportView, Phrase, Reason, Text, hookimpl

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_SAFE = re.compile(r"[^a-z0-9.]+")
_EARLIEST = (1980, 1, 1, 0, 0, 0)


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

    def write(self, organ: str) -> None:
        """Write the papers, then what tells of them, then what proves it."""
        entries = list(self._papers())
        first = next(iter(self._plan.events()), None)
        told = Metadata(self._plan, organ, first.actor if first else "")
        self._put("metadata.xml", [told.write(entries)])
        proofs = list(self._proofs())
        self._put("index.html", [index(self._plan, entries, told.gaps, proofs)])
        sums = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(self._sums))
        self._put("manifest-sha256.txt", [sums.encode()])

    def _proofs(self) -> Iterator[tuple[str, str]]:
        """Write what the package proves itself by; yield each name with what it is."""
        plan = self._plan
        self._put("trail.jsonl", (line_bytes(event_line(event)) for event in plan.events()))
        yield "trail.jsonl", "Toàn bộ sự kiện của kế hoạch, mỗi dòng một sự kiện, kèm chuỗi mã băm SHA-256"
        for sha256, body in plan.definitions():
            name = f"definitions/{sha256}.json"
            self._put(name, [body])
            yield name, "Quy trình mà kế hoạch thực hiện (JSON); tên tệp là mã băm SHA-256 của tệp"
        seal = next(reversed(list(plan.seals())), None)
        if seal is None:
            return
        path = [part.hex() for part in seal.path()]
        leaf = {"plan": plan.id, "seq": seal.seq, "index": seal.index, "size": seal.size, "path": path}
        self._put("seal.txt", [seal.note])
        self._put("seal-path.json", [json.dumps(leaf, ensure_ascii=False, sort_keys=True).encode() + b"\n"])
        self._put("keys.txt", [f"{key}\n".encode() for key in plan.keys()])
        yield "seal.txt", f"Niêm phong số {seal.number}, đến sự kiện {seal.seq}"
        yield "seal-path.json", f"Đường nối từ sự kiện {seal.seq} đến gốc ghi trong niêm phong (RFC 6962)"
        yield "keys.txt", "Khóa công khai để kiểm tra chữ ký trên niêm phong"

    def _papers(self) -> Iterator[Entry]:
        paths: dict[str, str] = {}
        for ordinal, document in enumerate(self._plan.documents(), 1):
            path = paths.get(document.sha256)
            if path is None and document.pieces is not None:
                path = paths[document.sha256] = f"documents/{ordinal:04d}-{_file_name(document)}"
                self._put(path, document.pieces())
            title = document.title.vi if document.title else ""
            name = document.name or f"({WITHDRAWN})"
            step = document.step.vi if document.step else ""
            kind = title or step or "Văn bản kèm theo"
            subject = f"{title} lần {document.revision}: {self._plan.title.vi}" if title else f"{kind}: {name}"
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


def write(view: ExportView, out: BinaryIO) -> None:
    """Write the package, a folder for each plan."""
    with zipfile.ZipFile(Stream(out), "w") as file:  # type: ignore[arg-type]
        for number, plan in enumerate(view.plans(), 1):
            Package(file, plan, number).write(str(view.settings.get("organ_id", "")))


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
    return (Exporter("archive", title, ".zip", write, unfit=unfit, language="vi"),)
