"""What the words in a date cell of an assignment table say, as far as they say it for sure."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

_DAY = r"(?P<day>[0-9]{1,2})\s*[/.-]\s*(?P<month>[0-9]{1,2})\s*[/.-]\s*(?P<year>[0-9]{4})"
_BEFORE = re.compile(rf"(?:phải )?(?:hoàn thành )?(?:xong )?trước(?: ngày)? {_DAY}\.?")
_DUE = re.compile(rf"(?:(?:phải )?(?:hoàn thành )?(?:xong )?(?:chậm nhất |đến hết |đến )?(?:là )?)?(?:ngày )?{_DAY}\.?")
_WINDOW = re.compile(rf"từ(?: ngày)? [0-9]{{1,2}}/[0-9]{{1,2}}(?:/[0-9]{{4}})? đến(?: hết)?(?: ngày)? {_DAY}\.?")
_MONTH = re.compile(r"(?:trong )?tháng (?P<month>[0-9]{1,2})\s*[/-]\s*(?P<year>[0-9]{4})\.?")


@dataclass(frozen=True)
class Wording:
    """What a cell says: a last good day, a day before which it is owed, or neither.

    Attributes:
        impossible: It names a day that no calendar has.
    """

    due: date | None = None
    before: date | None = None
    impossible: bool = False

    @property
    def clear(self) -> bool:
        """True if it says a day."""
        return self.due is not None or self.before is not None


def read(text: str) -> Wording:
    """Return what the words say; nothing where they leave it open (a day without its year, "theo quy định")."""
    words = " ".join(text.casefold().split())
    try:
        if found := _BEFORE.fullmatch(words):
            return Wording(before=_day(found))
        if found := _DUE.fullmatch(words) or _WINDOW.fullmatch(words):
            return Wording(due=_day(found))
        if found := _MONTH.fullmatch(words):
            year, month = int(found["year"]), int(found["month"])
            return Wording(due=date(year, month, monthrange(year, month)[1]))
    except ValueError:
        return Wording(impossible=True)
    return Wording()


def _day(found: re.Match[str]) -> date:
    return date(int(found["year"]), int(found["month"]), int(found["day"]))
