"""Numbers of units: read as Vietnamese offices write them, and totalled with who is missing.

A number is kept as text, so that no sum is ever off by a binary fraction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from trinh_plugins.assignment.options import Figure
from workflow import Phrase, Reason

MOST = 10**15
"""No number of an office is larger: more digits are a slip of the hand."""

_PLAIN = re.compile(r"-?[0-9]{1,30}")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{3}){2,9}")
_FRACTION = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]{3}){0,9}|-?[0-9]{1,30}),([0-9]{1,10})")


def number(text: str) -> str | Reason:
    """Return what *text* says, as plain digits with a point before a fraction; or why it says nothing sure.

    `1.250` may be a thousand or one and a quarter: it is not guessed.
    """
    text = " ".join(text.split())
    if _PLAIN.fullmatch(text) or _GROUPED.fullmatch(text):
        return plain(Decimal(text.replace(".", "")))
    if found := _FRACTION.fullmatch(text):
        return plain(Decimal(f"{found[1].replace('.', '')}.{found[2]}"))
    phrase = Phrase(
        "“{value}” is no number that can be read one way only; write 1250000, 1.250.000 or 12,5",
        {"value": text},
        vi="“{value}” không phải là số đọc được theo một cách duy nhất; hãy ghi 1250000, 1.250.000 hoặc 12,5",
    )
    return Reason("unclear-number", phrase)


def fault(value: str, figure: Figure) -> Reason | None:
    """Return why a number that was read cannot be this figure; None where it can."""
    read, names = Decimal(value), {"value": shown(value), "figure": figure.key}
    if read < 0 and not figure.negative:
        phrase = Phrase("{figure} cannot be below 0: {value}", names, vi="{figure} không thể là số âm: {value}")
        return Reason("negative-number", phrase)
    if abs(read) > MOST:
        phrase = Phrase(
            "{figure} is at most {most}, not {value}",
            {**names, "most": shown(str(MOST))},
            vi="{figure} lớn nhất là {most}, không thể là {value}",
        )
        return Reason("number-too-large", phrase)
    if len(value.partition(".")[2]) <= figure.decimals:
        return None
    phrase = Phrase("{figure} is a whole number, not {value}", names, vi="{figure} là số nguyên, không thể là {value}")
    if figure.decimals:
        phrase = Phrase(
            "{figure} has at most {decimals} digits behind the comma, not {value}",
            {**names, "decimals": figure.decimals},
            vi="{figure} có tối đa {decimals} chữ số sau dấu phẩy, không thể là {value}",
        )
    return Reason("too-many-decimals", phrase)


def plain(value: Decimal) -> str:
    """Return *value* without exponent and without noughts behind a fraction."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def total(values: Iterable[str]) -> str:
    """Return the sum of numbers kept as text."""
    return plain(sum(map(Decimal, values), Decimal(0)))


def shown(value: str) -> str:
    """Return a kept number as it is written: `1.250.000`, `12,5`."""
    whole, _, fraction = value.partition(".")
    grouped = f"{int(whole):,}".replace(",", ".")
    grouped = f"-{grouped}" if whole.startswith("-") and not grouped.startswith("-") else grouped
    return f"{grouped},{fraction}" if fraction else grouped
