"""Metadata of a dossier and its papers: names and lengths of Decree 30/2020/NĐ-CP, annex VI, part II, III.

What the record does not know (the body's code, how long it is to be kept, who may use it, pages) stands there empty,
for whoever hands the dossier to the archive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
"""How long each field may be; what is longer is cut off, and stands whole under `Description` or in the trail."""
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


def metadata(plan: ExportedPlan, entries: Iterable[Entry]) -> bytes:
    """Return the dossier and its papers as XML."""
    root, papers = Element("Dossier"), list(entries)
    file, state = SubElement(root, "File"), plan.state
    _code(file, plan)
    _field(file, "Title", plan.title.vi)
    for name in ("Maintenance", "Rights"):
        _field(file, name, "")
    _field(file, "Creator", plan.name(plan.definition.lead))
    _field(file, "Language", LANGUAGE)
    _field(file, "StartDate", office_day(state.created_on))
    _field(file, "EndDate", office_day(state.latest_on))
    _field(file, "DocTotal", str(len(papers)))
    _field(file, "PageTotal", "")
    _field(
        file, "Description", f"Kế hoạch {plan.id}; quy trình {plan.definition.id}, phiên bản {plan.definition.version}"
    )
    for entry in papers:
        _paper(SubElement(root, "Document"), plan, entry)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _paper(paper: Element, plan: ExportedPlan, entry: Entry) -> None:
    document, number = entry.document, entry.document.number
    digits, _, notation = (number.symbol if number else "").partition("/")
    _code(paper, plan)
    _field(paper, "DocOrdinal", str(entry.ordinal))
    _field(paper, "TypeName", entry.type_name)
    _field(paper, "CodeNumber", digits)
    _field(paper, "CodeNotation", notation)
    _field(paper, "IssuedDate", office_day(number.on if number else document.on))
    _field(paper, "OrganName", document.body or document.actor)
    _field(paper, "Subject", entry.subject)
    _field(paper, "Language", LANGUAGE[:LONGEST_OF_PAPERS])
    _field(paper, "PageAmount", "")
    _field(paper, "Description", "" if entry.path else "Văn bản đã rút; chỉ còn mã băm")
    signer = SubElement(paper, "SignerInfo")
    _field(signer, "Position", document.position_held)
    _field(signer, "FullName", document.signer)
    _field(paper, "ToPlaces", "; ".join(document.sent_to))
    # Not the decree's: by these the file is found, and its bytes are checked.
    SubElement(paper, "FilePath").text = entry.path or ""
    SubElement(paper, "SHA256").text = document.sha256
    SubElement(paper, "Size").text = str(document.size)
    SubElement(paper, "Event").text = str(document.seq)


def _code(parent: Element, plan: ExportedPlan) -> None:
    code = SubElement(parent, "FileCode")
    _field(code, "OrganId", "")
    _field(code, "FileCatalog", plan.state.created_on[:4])
    _field(code, "FileNotation", plan.id)


def _field(parent: Element, name: str, value: str) -> None:
    longest = LENGTHS[name]
    kept = "".join(char for char in value if char.isprintable())
    SubElement(parent, name).text = kept if len(kept) <= longest else f"{kept[: longest - 1]}…"


def office_day(day: str) -> str:
    """Return a day as offices write it: ten characters, as the annex wants."""
    return date.fromisoformat(day).strftime("%d/%m/%Y") if day else ""
