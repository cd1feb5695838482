"""What the cells of a table's row say, as the parameters of an action.

Nothing is guessed: a word or a unit is what it is letter by letter, or without accents where only one
thing fits; everything else is a reason that says what would have fitted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflow.errors import N_, Phrase, Reason
from workflow.importing.columns import ON, Layout
from workflow.importing.tables import Fraction, Unread, Value
from workflow.names import bare_letters, letters
from workflow.people import Register
from workflow.steps.kinds import Kind, choices, kind_of
from workflow.steps.step_type import Action, Import, ImportRow

_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ORDINAL = re.compile(r"\s*\d+\s*[.)]\s*")
_SEVERAL = re.compile(r"[;\n]")


@dataclass(frozen=True)
class Record:
    """What a row says: values by parameter, the day of the act, why it cannot be taken in, what is doubtful."""

    number: int
    values: Mapping[str, Any]
    on: date | None
    reasons: tuple[Reason, ...]
    doubts: tuple[Reason, ...] = ()
    left_out: bool = False


@dataclass(frozen=True)
class Reader:
    """Reads the rows of one layout.

    Attributes:
        day: The day that counts where the row has none.
    """

    layout: Layout
    imports: Import
    action: Action
    register: Register
    day: date

    def read(self, row: ImportRow) -> Record:
        """Return what the row says."""
        if row.left_out:
            return Record(row.number, {}, None, (), row.doubts, left_out=True)
        values: dict[str, Any] = {}
        reasons: list[Reason] = []
        on = self._day_of(row, reasons)
        fields = self.action.parameters.model_fields
        for name, info in fields.items():
            cell = row.cells.get(name)
            if cell is None:
                if info.is_required():
                    reasons.append(_reason("cell-empty", N_("`{parameter}` is empty"), name))
                continue
            read = self._read(name, kind_of(info.annotation, tuple(info.metadata)), cell, on or self.day)
            if isinstance(read, Reason):
                reasons.append(read)
            else:
                values[info.alias or name] = read
        return Record(row.number, values, on, tuple(reasons), row.doubts)

    def _day_of(self, row: ImportRow, reasons: list[Reason]) -> date | None:
        if ON in self.action.parameters.model_fields:
            return None
        cell = row.cells.get(ON)
        read = None if cell is None else _date(ON, cell)
        if isinstance(read, Reason):
            reasons.append(read)
            return None
        return date.fromisoformat(read) if read else None

    def _read(self, name: str, kind: Kind, cell: Value, day: date) -> Any:
        if isinstance(cell, Unread):
            return Reason("cell-unread", cell.why)
        if kind.type is date:
            return _date(name, cell)
        if isinstance(cell, date):
            # A spreadsheet makes days of numbers such as 5/6 without being asked.
            return _reason("cell-is-date", N_("`{parameter}` is a date ({value}), but a text is wanted"), name, cell)
        if isinstance(cell, Fraction) and kind.type is int:
            return _reason("cell-fraction", N_("`{parameter}` is no whole number: {value}"), name, cell)
        text = str(cell)
        if kind.several:
            parts = [part.strip() for part in _SEVERAL.split(text) if part.strip()]
            each = [self._one(name, kind, part, day) for part in parts]
            return next((one for one in each if isinstance(one, Reason)), each)
        return self._one(name, kind, text, day)

    def _one(self, name: str, kind: Kind, text: str, day: date) -> str | Reason:
        if kind.reference in ("unit", "holder"):
            return self._unit(name, text, day)
        words = {value: (value, *self.imports.words.get(name, {}).get(value, ())) for value in choices(kind.type)}
        if not words:
            return text
        for fits in (letters, bare_letters):
            found = [value for value, given in words.items() if fits(text) in map(fits, given)]
            if len(found) == 1:
                return found[0]
        told = [f"{value} ({' / '.join(given[1:])})" if given[1:] else value for value, given in words.items()]
        return _reason(
            "unknown-word", N_("`{parameter}`: “{value}” is none of {known}"), name, text, known=", ".join(told)
        )

    def _unit(self, name: str, text: str, day: date) -> str | Reason:
        if self.register.known(text):
            return text
        found = self.register.search(text)
        if not found:
            # `1. Sở Tài chính`: the number is the list's, not the unit's.
            found = self.register.search(_ORDINAL.sub("", text, count=1))
        if len(found) > 1:
            found = tuple(unit for unit in found if self.register.unit_valid(unit, day)) or found
        if len(found) == 1:
            return found[0]
        if not found and len(groups := self.register.groups_named(text)) == 1:
            return groups[0]
        if not found:
            return _reason("unknown-unit", N_("`{parameter}`: there is no unit “{value}” in the register"), name, text)
        message = N_("`{parameter}`: “{value}” may mean {candidates}")
        return _reason("ambiguous-unit", message, name, text, candidates=", ".join(found))


def _date(name: str, cell: Value) -> str | Reason:
    if isinstance(cell, Unread):
        return Reason("cell-unread", cell.why)
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell)
    try:
        if found := _DAY.fullmatch(text):
            day, month, year = map(int, found.groups())
            return date(year, month, day).isoformat()
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        return _reason("bad-date", N_("`{parameter}`: there is no day {value} in the calendar"), name, text)
    return _reason("bad-date", N_("`{parameter}`: “{value}” is no date; write it as 15/04/2019"), name, text)


def _reason(code: str, message: str, name: str, value: object = "", **more: object) -> Reason:
    shown = str(value) if len(str(value)) <= 80 else str(value)[:80] + "…"
    return Reason(code, Phrase(message, {"parameter": name, "value": shown, **more}))
