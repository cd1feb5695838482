"""Numbers and symbols of issued documents: 05/KH-KHCN.

A number is counted in its series through a calendar year, beginning with 1 on 1 January. Once given
it is never given again, also where it was given in error.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from workflow.errors import InvalidInput

SERIES: Final = r"^[^\W_]+([-.&/][^\W_]+)*$"
"""Letters and digits of any alphabet in pieces: `KH-KHCN`, `NQ-HĐND`, `TTr-SKHCN`."""

LONGEST_SERIES: Final = 40

LARGEST: Final = 999_999


@dataclass(frozen=True)
class IssuedNumber:
    """A number that a document has, or the plan itself where `document` is None.

    Attributes:
        symbol: As it is written on the paper: `05/KH-KHCN`, `43/2022/NQ-HĐND`.
        revision: Name of the document's revision that was newest when it was given.
        by: The office, role or unit that gave it; `person` acted for it.
    """

    document: str | None
    series: str
    year: int
    number: int
    symbol: str
    revision: str | None
    by: str
    person: str | None
    on: str
    seq: int


def symbol_of(series: str, year: int, number: int, *, with_year: bool) -> str:
    """Return number and symbol as they are written: two digits at least, the year inside where it belongs there."""
    return f"{number:02d}/{year}/{series}" if with_year else f"{number:02d}/{series}"


def require_series(series: str) -> str:
    """Return a series in the form in which it is kept.

    Raises:
        InvalidInput: If it is no symbol.
    """
    kept = unicodedata.normalize("NFC", series).strip()
    if len(kept) > LONGEST_SERIES or re.match(SERIES, kept) is None:
        raise InvalidInput(
            "`{series}` is no series of numbers",
            code="bad-series",
            hint="write the symbol behind the number, such as KH-KHCN",
            series=series[:LONGEST_SERIES],
        )
    return kept


def issued(data: Mapping[str, Any], **fact: Any) -> IssuedNumber:
    """Return the number that an event's data name; *fact*: by, person, on, seq."""
    names = ("document", "series", "year", "number", "symbol", "revision")
    known: dict[str, Any] = {name: data.get(name) for name in names}
    return IssuedNumber(**known, **fact)


def numbers_from(data: Iterable[Mapping[str, Any]]) -> tuple[IssuedNumber, ...]:
    """Rebuild numbers from stored values."""
    return tuple(IssuedNumber(**each) for each in data)
