"""Whole numbers in Vietnamese words, written and read: `tám trăm mười triệu`.

Both ways of writing are read, the northern (nghìn, linh, tư) and the southern (ngàn, lẻ, bốn). What is said
loosely and could mean two numbers is not read: `hai trăm năm` may be 205 or 250. No library on the package
index read all of this; one took `năm nghìn tỷ` for 50.000.001.000.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

LARGEST: Final = 10**18 - 1

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_BILLION = 10**9
_SCALES = (("triệu", 10**6), ("nghìn", 10**3))
_SAME = {"tỉ": "tỷ", "ngàn": "nghìn", "linh": "lẻ", "bẩy": "bảy", "nhăm": "lăm"}
_UNITS = {word: digit for digit, word in enumerate(_DIGITS)}
_AFTER_ODD = {**_UNITS, "tư": 4}
"""The units after `lẻ`."""
_AFTER_TEN = {**_UNITS, "lăm": 5}
_AFTER_TENS = {**_UNITS, "mốt": 1, "tư": 4, "lăm": 5}
_ASIDE = re.compile(r"[().,;:/]")


def in_words(number: int, *, southern: bool = False) -> str:
    """Return *number* in words: `tám trăm mười triệu`.

    Args:
        number: From 0 to `LARGEST`.
        southern: Write ngàn, lẻ and bốn in place of nghìn, linh and tư.

    Raises:
        ValueError: If it is out of this range.
    """
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{number} is not from 0 to {LARGEST}")
    if number == 0:
        return _DIGITS[0]
    words = " ".join(_words(number, first=True))
    if southern:
        return words.replace("nghìn", "ngàn").replace("mươi tư", "mươi bốn")
    return words.replace("lẻ", "linh")


def _words(number: int, *, first: bool) -> list[str]:
    """The words of a number above 0; *first* where none stand before, so that it needs no `không trăm`."""
    billions, rest = divmod(number, _BILLION)
    words = [*_words(billions, first=first), "tỷ"] if billions else []
    for scale, worth in (*_SCALES, ("", 1)):
        group, rest = divmod(rest, worth)
        if group:
            words += [*_group(group, first=first and not words), *([scale] if scale else [])]
    return words


def _group(group: int, *, first: bool) -> list[str]:
    hundreds, rest = divmod(group, 100)
    tens, units = divmod(rest, 10)
    words = [_DIGITS[hundreds], "trăm"] if hundreds or not first else []
    if tens == 0:
        return [*words, *(["lẻ"] if words and units else []), *([_DIGITS[units]] if units else [])]
    words += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    special = {5: "lăm"} if tens == 1 else {1: "mốt", 4: "tư", 5: "lăm"}
    return [*words, special.get(units, _DIGITS[units])] if units else words


def read_number(text: str) -> int:
    """Return the number that *text* says in words.

    Raises:
        ValueError: If it says none, or could mean two; the message is the word at which reading ended.
    """
    written = unicodedata.normalize("NFC", text).casefold()
    words = [_SAME.get(word, word) for word in _ASIDE.sub(" ", written).split()]
    if not words:
        raise ValueError("-")
    number = 0 if words == ["không"] else _read(words, first=True)
    if number > LARGEST:
        raise ValueError(words[0])
    return number


def _read(words: Sequence[str], *, first: bool) -> int:
    number = 0
    if "tỷ" in words:
        at = len(words) - 1 - list(words[::-1]).index("tỷ")
        number, words, first = _read(words[:at], first=first) * _BILLION, words[at + 1 :], False
        if number == 0:
            raise ValueError("tỷ")
    for scale, worth in _SCALES:
        if scale in words:
            at = words.index(scale)
            number += _read_group(words[:at], first=first, scale=scale) * worth
            words, first = words[at + 1 :], False
    if words or first:
        number += _read_group(words, first=first, scale=None)
    return number


def _read_group(words: Sequence[str], *, first: bool, scale: str | None) -> int:
    """Return what up to three digits say; a group after others names its hundreds, or its scale."""
    left = list(words)
    if not left:
        raise ValueError(scale or "-")
    hundreds = None
    if len(left) > 1 and left[1] == "trăm":
        hundreds = _unit(_UNITS, left[0])
        del left[:2]
        if hundreds == 0 and first:
            raise ValueError("không")
    said = hundreds is not None
    if not left:
        return (hundreds or 0) * 100
    rest, used = _below_hundred(left, odd=said or not first, alone=not said and (first or scale is not None))
    if used < len(left):
        raise ValueError(left[used])
    if rest == 0 and first and not said:
        raise ValueError(left[0])
    return (hundreds or 0) * 100 + rest


def _below_hundred(words: Sequence[str], *, odd: bool, alone: bool) -> tuple[int, int]:
    """Return tens and units with how many words say them.

    Args:
        odd: `lẻ` and a unit may stand here.
        alone: A unit may stand here by itself.
    """
    one, more = words[0], words[1:]
    if one == "lẻ" and odd and more:
        return _above_zero(_AFTER_ODD, more[0]), 2
    if one == "mười":
        return (10 + _above_zero(_AFTER_TEN, more[0]), 2) if more else (10, 1)
    if more and more[0] == "mươi":
        tens = _unit(_UNITS, one)
        if tens < 2:
            raise ValueError(one)
        return (tens * 10 + _above_zero(_AFTER_TENS, more[1]), 3) if len(more) > 1 else (tens * 10, 2)
    if not alone:
        raise ValueError(one)
    return _unit(_UNITS, one), 1


def _unit(known: dict[str, int], word: str) -> int:
    if word not in known:
        raise ValueError(word)
    return known[word]


def _above_zero(known: dict[str, int], word: str) -> int:
    if not (unit := _unit(known, word)):
        raise ValueError(word)
    return unit
