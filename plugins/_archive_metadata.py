"""Metadata of a dossier and its papers: names and lengths of Decree 30/2020/NĐ-CP, annex VI, part II, III.

What the record does not know (how long it is to be kept, who may use it, pages) stands there empty, and so does what is
longer than its field: nothing is cut off. Both are told as gaps, which the archive's officer fills in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from xml.etree.ElementTree import Element, SubElement, tostring

from workflow import ExportedDocument, ExportedPlan

LENGTHS: Mapping[str, int] = {
    "OrganId": 13,
    "FileCatalog": 4,
    "FileNotation": 20,
    "Title": 500,
    "Maintenance": 30,
    "Rights": 30,
    "Creator": 30,
    "Language": 50,
    "StartDate": 10,
    "EndDate": 10,
    "DocTotal": 4,
    "PageTotal": 4,
    "Description": 500,
    "DocOrdinal": 3,
    "TypeName": 100,
    "CodeNumber": 11,
    "CodeNotation": 30,
    "IssuedDate": 10,
    "OrganName": 200,
    "Subject": 500,
    "PageAmount": 3,
    "Position": 100,
    "FullName": 50,
    "ToPlaces": 1000,
    "ArrivalDate": 10,
}
"""How long each field may be."""
LABELS: Mapping[str, str] = {
    "OrganId": "Mã cơ quan lưu trữ lịch sử",
    "FileNotation": "Số và ký hiệu hồ sơ",
    "Title": "Tiêu đề hồ sơ",
    "Maintenance": "Thời hạn bảo quản",
    "Rights": "Chế độ sử dụng",
    "Creator": "Người lập hồ sơ",
    "PageTotal": "Tổng số trang của hồ sơ",
    "TypeName": "Tên loại văn bản",
    "CodeNumber": "Số của văn bản",
    "CodeNotation": "Ký hiệu của văn bản",
    "OrganName": "Tên cơ quan, tổ chức ban hành văn bản",
    "Subject": "Trích yếu nội dung",
    "PageAmount": "Số trang của văn bản",
    "Position": "Chức vụ của người ký",
    "FullName": "Họ và tên người ký",
    "ToPlaces": "Nơi nhận",
}
"""What the fields that may be empty are called in the annex."""
_GROUPS = {"public": "Nhân dân (đăng tải công khai)"}
"""Groups that no register names."""
LANGUAGE = "Tiếng Việt"
LONGEST_OF_PAPERS = 30
"""`Language` of a paper may be this long, that of a dossier longer."""


@dataclass(frozen=True)
class Entry:
    """A paper of the dossier: its place in time order, and where its file is in the package (None: withdrawn)."""

    ordinal: int
    document: ExportedDocument
    path: str | None
    subject: str
    type_name: str


@dataclass
class Gaps:
    """Fields that stand empty, each with the papers of which it does (0: of the dossier), and what was too long."""

    empty: dict[str, list[int]] = field(default_factory=dict)
    too_long: list[tuple[str, int, str]] = field(default_factory=list)


class Metadata:
    """Writes the metadata of one dossier.

    Args:
        organ: The body's code, empty where workflow.toml does not say it.
        creator: Who began the dossier.
    """

    def __init__(self, plan: ExportedPlan, organ: str, creator: str) -> None:
        self._plan, self._organ, self._creator = plan, organ, creator
        self.gaps = Gaps()

    def write(self, entries: Iterable[Entry]) -> bytes:
        """Return the dossier and its papers as XML."""
        root, papers, plan = Element("Dossier"), list(entries), self._plan
        file, state = SubElement(root, "File"), plan.state
        self._code(file)
        told = f"Kế hoạch {plan.id}; quy trình {plan.definition.id}, phiên bản {plan.definition.version}"
        values = (
            ("Title", plan.title.vi),
            ("Maintenance", ""),
            ("Rights", ""),
            ("Creator", self._creator),
            ("Language", LANGUAGE),
            ("StartDate", office_day(state.created_on)),
            ("EndDate", office_day(state.latest_on)),
            ("DocTotal", str(len(papers))),
            ("PageTotal", ""),
            ("Description", told),
        )
        for name, value in values:
            self._field(file, name, value)
        for entry in papers:
            self._paper(SubElement(root, "Document"), entry)
        return tostring(root, encoding="utf-8", xml_declaration=True)

    def _paper(self, paper: Element, entry: Entry) -> None:
        document, number, ordinal = entry.document, entry.document.number, entry.ordinal
        digits, _, notation = (number.symbol if number else "").partition("/")
        self._code(paper)
        values = (
            ("DocOrdinal", str(ordinal)),
            ("TypeName", entry.type_name),
            ("CodeNumber", digits),
            ("CodeNotation", notation),
            ("IssuedDate", office_day(number.on if number else document.on)),
            ("OrganName", document.body or document.actor),
            ("Subject", entry.subject),
            ("Language", LANGUAGE[:LONGEST_OF_PAPERS]),
            ("PageAmount", ""),
            ("Description", "" if entry.path else "Văn bản đã rút; chỉ còn mã băm"),
        )
        for name, value in values:
            self._field(paper, name, value, ordinal)
        signer = SubElement(paper, "SignerInfo")
        self._field(signer, "Position", document.position_held, ordinal)
        self._field(signer, "FullName", document.signer, ordinal)
        self._field(paper, "ToPlaces", "; ".join(_GROUPS.get(each, each) for each in document.sent_to), ordinal)
        # Not the decree's: by these the file is found, and its bytes are checked.
        SubElement(paper, "FilePath").text = entry.path or ""
        SubElement(paper, "SHA256").text = document.sha256
        SubElement(paper, "Size").text = str(document.size)
        SubElement(paper, "Event").text = str(document.seq)

    def _code(self, parent: Element) -> None:
        code = SubElement(parent, "FileCode")
        self._field(code, "OrganId", self._organ)
        self._field(code, "FileCatalog", self._plan.state.created_on[:4])
        self._field(code, "FileNotation", self._plan.id)

    def _field(self, parent: Element, name: str, value: str, ordinal: int = 0) -> None:
        kept = "".join(char for char in value if char.isprintable())
        if len(kept) > LENGTHS[name]:
            if (name, ordinal, kept) not in self.gaps.too_long:
                self.gaps.too_long.append((name, ordinal, kept))
            kept = ""
        elif not kept and name in LABELS:
            places = self.gaps.empty.setdefault(name, [])
            if ordinal not in places:
                places.append(ordinal)
        SubElement(parent, name).text = kept


def office_day(day: str) -> str:
    """Return a day as offices write it: ten characters, as the annex wants."""
    return date.fromisoformat(day).strftime("%d/%m/%Y") if day else ""
