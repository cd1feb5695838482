"""The form of a paper: who issues it, number and day, legal bases, who signs on which authority, who receives it.

Decree 30/2020/NĐ-CP, annex I. What is not known yet is left blank for the clerk: a number is printed once it was
issued, a day once there is a number, or where a day was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from trinh_plugins.papers.wording import BLANK, NBSP, capital, day_in_words, long_day
from workflow import PaperView, Phrase, Reason, Refused

NATIONAL_NAME = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
_COLLECTIVE = ("committee", "council")
_PLACE = re.compile(r"\b(?:tỉnh|thành phố)\s+(.+)$", re.IGNORECASE)
_FORMS = {"kt": "KT.", "tl": "TL.", "tuq": "TUQ."}


@dataclass(frozen=True)
class Issuer:
    """The body that issues a paper: its unit, the one above it, and the office at its head."""

    unit: str | None
    superior: str | None
    office: str | None


def issuer_of(view: PaperView) -> Issuer:
    """Return the body: the nearest at or above the plan's lead that has an office at its head."""
    units = list(_upwards(view))
    heads = {view.register.offices[office].unit: office for office in reversed(view.register.offices)}
    found = next((unit for unit in units if unit in heads), units[0] if units else None)
    above = view.register.units[found].parent if found is not None else None
    return Issuer(found, above, heads.get(found or ""))


def heading(
    view: PaperView,
    *,
    document: str | None,
    paper_type: str,
    code: str,
    subject: str,
    signed: str | None = None,
    of_a_day: bool = False,
) -> dict[str, Any]:
    """Return the fields that every paper has.

    Args:
        document: The definition's document that this paper is; None for the plan itself.
        code: The abbreviation of its type in a number: `TTr`, `BC`, `KH`.
        subject: What it is about, in one line.
        signed: The document whose approval tells who signs; *document* where None.
        of_a_day: The day asked for is that of which it tells, and not only the one that it bears.

    Raises:
        Refused: If another day was asked for than that of the number which it has.
    """
    if not of_a_day:
        _require_the_numbers_day(view, document)
    body = issuer_of(view)
    authority, signer = _signature(view, body, signed or document)
    return {
        "national_name": NATIONAL_NAME,
        "motto": MOTTO,
        "superior": _short(view.name(body.superior)).upper(),
        "body": view.name(body.unit).upper(),
        "number_line": f"Số: {_symbol(view, document, code)}",
        "place_and_date": _place_and_date(view, body, document),
        "paper_type": paper_type.upper(),
        "subject": capital(subject),
        "bases": bases(view),
        "authority": authority,
        "signer": signer,
    }


def _require_the_numbers_day(view: PaperView, document: str | None) -> None:
    symbol, day = _number_of(view, document)
    if symbol is None or view.asked_on is None or view.asked_on.isoformat() == day:
        return
    phrase = Phrase(
        "the paper bears number {symbol} of {day}: it has that day and no other (leave --on out)",
        {"symbol": symbol, "day": day},
        vi="văn bản đã có số {symbol} ngày {day}: không ghi ngày khác được (hãy bỏ --on)",
    )
    reason = Reason("numbered", phrase)
    raise Refused("no paper can be made", vi="chưa lập được văn bản", code="numbered", reasons=(reason,))


def bases(view: PaperView) -> list[str]:
    """Return the legal bases, each but the last ended by a semicolon."""
    lines = [f"Căn cứ {_cited(basis)}" for basis in view.definition.bases]
    return [line + (";" if position < len(lines) else ".") for position, line in enumerate(lines, 1)]


def recipients(view: PaperView, *own: str) -> list[str]:
    """Return the recipients' lines, the archive last: `- Lưu: VT, QLCN.`

    Args:
        own: Whom the paper itself goes to; without it the plan's own recipients.
    """
    lines, archive = [*own], "Lưu: VT"
    for recipient in view.definition.recipients:
        purpose = f" ({recipient.purpose.vi})" if recipient.purpose else ""
        line = f"{recipient.to.vi}{purpose}"
        if line.lower().startswith("lưu"):
            archive = line.rstrip(".;")
        elif not own:
            lines.append(line)
    return [f"- {line.rstrip('.;')};" for line in lines] + [f"- {archive}."]


def reference(view: PaperView) -> str:
    """Return the words that name the plan's own document: `Kế hoạch số 25/KH-KHCN ngày 25 tháng 02 năm 2019`."""
    symbol, day = _number_of(view, None)
    named = symbol or f"{NBSP * len(BLANK)}/{_tail(view, None, 'KH')}"
    return f"Kế hoạch số {named} {day_in_words(day or str(view.on.year))} của {view.name(issuer_of(view).unit)}"


def nothing_to_show(text: str, vi: str) -> Refused:
    """Return the refusal of a paper for which a plan has no data."""
    reason = Reason("nothing-to-show", Phrase(text, vi=vi))
    return Refused("no paper can be made", vi="chưa lập được văn bản", code=reason.code, reasons=(reason,))


def _upwards(view: PaperView) -> Iterator[str]:
    """The units from the plan's lead up to the highest one; each once, whatever the register says."""
    register, lead = view.register, view.definition.lead
    unit = register.offices[lead].unit if lead in register.offices else lead
    seen: set[str] = set()
    while unit is not None and unit in register.units and unit not in seen:
        seen.add(unit)
        yield unit
        unit = register.units[unit].parent


def _short(name: str) -> str:
    return re.sub(r"^Ủy ban nhân dân|^Uỷ ban nhân dân", "UBND", name)


def _place_and_date(view: PaperView, body: Issuer, document: str | None) -> str:
    names = (view.name(unit) for unit in _upwards(view))
    place = next((found[1] for name in names if (found := _PLACE.search(name))), NBSP * 10)
    _, day = _number_of(view, document)
    return f"{place}, {day_in_words(day or view.asked_on or str(view.on.year))}"


def _number_of(view: PaperView, document: str | None) -> tuple[str | None, str | None]:
    """The number that was given to this plan's paper, and its day.

    The number that the definition's source bears is that of the source, not of every plan that follows it.
    """
    given = view.number(document)
    return (given.symbol, given.on) if given is not None else (None, None)


def _symbol(view: PaperView, document: str | None, code: str) -> str:
    symbol, _ = _number_of(view, document)
    return symbol or f"{NBSP * len(BLANK)}/{_tail(view, document, code)}"


def _tail(view: PaperView, document: str | None, code: str) -> str:
    """What stands behind the blank of a number: the document's series, else the type and the body."""
    definition = view.definition
    declared = definition.documents.get(document) if document is not None else None
    if declared is not None and declared.series:
        return declared.series
    own = definition.series or (definition.number or "").rpartition("/")[2]
    if document is None and own.partition("-")[0] == code:
        return own
    body = own.partition("-")[2]
    return f"{code}-{body}" if body else code


def _cited(basis: Any) -> str:
    """A cited document as its first mention has it: number, day, body, what it is about."""
    kinds = {"QĐ": "Quyết định", "NQ": "Nghị quyết", "KH": "Kế hoạch", "CT": "Chỉ thị", "TTr": "Tờ trình"}
    code = re.split(r"[-/]", basis.number.partition("/")[2])
    kind = next((kinds[part] for part in code if part in kinds), "Văn bản")
    day = long_day(date.fromisoformat(basis.date)) if basis.date else f"ngày {basis.date_as_written or '...'}"
    body = f" của {basis.body}" if basis.body else ""
    about = f" về {basis.title.vi[:1].lower()}{basis.title.vi[1:]}" if basis.title else ""
    return f"{kind} số {basis.number} {day}{body}{about}"


# who signs


def _signature(view: PaperView, body: Issuer, document: str | None) -> tuple[list[str], str]:
    """The lines of the authority, and the name below."""
    register = view.register
    offices = [id_ for id_, office in register.offices.items() if office.unit == body.unit]
    person = view.signer or _approver(view, offices, document)
    if person is None and body.office is not None:
        person = next(iter(register.holders(body.office, view.on)), None)
    if person is None:
        return [], ""
    authority = register.authority(person, offices, view.on)
    if authority is None:
        phrase = Phrase(
            "`{person}` has no authority to sign for {body} on {on}",
            {"person": person, "body": body.unit or "-", "on": view.on.isoformat()},
            vi="`{person}` không có thẩm quyền ký của {body} vào ngày {on}",
        )
        reason = Reason("no-authority", phrase, tuple(offices))
        raise Refused("no paper can be made", vi="chưa lập được văn bản", code="no-authority", reasons=(reason,))
    head = _post(view, authority.ref)
    collective = _collective(view, body)
    mark = _FORMS.get(authority.form or "")
    if mark is None:
        lines = [*collective, head]
    else:
        own = f"PHÓ {head}" if authority.form == "kt" else _own_post(view, person, offices)
        lines = [*collective, f"{mark} {head}", *([own] if own else [])]
    return lines, register.persons[person].name


def _approver(view: PaperView, offices: list[str], document: str | None) -> str | None:
    """Who approved the document's newest revision in an office of the body: it is their signature."""
    covering = (one for one in reversed(view.plan.approvals) if one.document == document and view.plan.covers(one))
    return next((one.person for one in covering if one.by in offices), None)


def _collective(view: PaperView, body: Issuer) -> list[str]:
    unit = view.register.units[body.unit] if body.unit is not None else None
    if unit is None or unit.kind not in _COLLECTIVE:
        return []
    name = _PLACE.sub("", unit.name.vi).strip()
    return [f"TM. {name.upper()}"]


def _post(view: PaperView, office: str) -> str:
    """The post as it stands in front of a signature: without the body, which stands on top of the paper."""
    title, unit = view.name(office), view.register.units[view.register.offices[office].unit]
    for name in sorted((unit.name.vi, *unit.aliases), key=len, reverse=True):
        if title.lower().endswith(" " + name.lower()):
            return title[: -len(name)].strip().upper()
    return title.upper()


def _own_post(view: PaperView, person: str, offices: list[str]) -> str:
    """The office that somebody holds who signs by order or by authorisation."""
    for id_, office in view.register.offices.items():
        if id_ not in offices and any(t.person == person and t.holds(view.on) for t in office.holders):
            return office.title.vi.upper()
    return ""
