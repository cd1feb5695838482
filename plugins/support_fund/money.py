"""Sums in whole đồng: read as offices write them in figures and in words, and written back."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from trinh_plugins._number_words import in_words, read_number
from workflow import Phrase, Reason

MOST: Final = 2**53
"""Sums are smaller: larger ones would lose digits in other programs that read JSON."""

_SUM = re.compile(
    r"(?P<digits>[0-9]+|[0-9]{1,3}(?:(?P<mark>[., ])[0-9]{3})(?:(?P=mark)[0-9]{3})*)\s*(?:đồng|đ|₫|vnđ|vnd)?"
)
_BEFORE_WORDS = re.compile(r"^\W*(?:(?:số tiền\s+)?(?:viết\s+)?bằng chữ\b)?\W*")
_AFTER_WORDS = re.compile(r"\W*(?:(?:đồng|vnđ|vnd)\b(?:\s+việt nam)?)?\W*(?:(?:chẵn|tròn)\b)?\W*$")
LONGEST_WORDS: Final = 300


def parse_dong(value: Any) -> Any:
    """Read a sum as offices write it, such as "810.000.000 đồng", as whole đồng.

    Raises:
        ValueError: If the sum is not above 0, has a fraction or is no sum at all.
    """
    read: object = value
    if isinstance(value, str):
        written = unicodedata.normalize("NFC", value).replace("\u00a0", " ").strip().lower()
        found = _SUM.fullmatch(written)
        if found is None and (fault := _fault(written)) is not None:
            raise ValueError(fault)
        read = int(re.sub(r"[^0-9]", "", found["digits"])) if found is not None and len(written) <= 40 else None
    if not isinstance(read, int) or isinstance(read, bool):
        raise ValueError(
            Phrase(
                "`{value}` is not a sum in whole đồng, such as 810.000.000 đồng",
                {"value": str(value)[:60]},
                vi="`{value}` không phải là số tiền nguyên đồng, ví dụ 810.000.000 đồng",
            )
        )
    if not 0 < read < MOST:
        raise ValueError(
            Phrase(
                "a sum is more than 0 and less than {most} đồng, not {value}",
                {"value": dong(read), "most": dong(MOST)},
                vi="số tiền phải lớn hơn 0 và nhỏ hơn {most} đồng, không thể là {value}",
            )
        )
    return read


def _fault(written: str) -> Phrase | None:
    """What is wrong with a sum that is below 0 or has parts of a đồng; None where it is no sum in any way."""
    shown = {"value": written[:60]}
    if written[:1] in "-−–" and _SUM.fullmatch(written[1:].strip()):
        return Phrase(
            "`{value}` is below 0: a sum is more than 0 đồng",
            shown,
            vi="`{value}` là số âm, không phải là số tiền nguyên đồng lớn hơn 0",
        )
    whole, mark, parts = written.rpartition(",")
    if mark and re.fullmatch(r"[0-9]{1,2}\s*(?:đồng|đ|₫|vnđ|vnd)?", parts) and _SUM.fullmatch(whole):
        return Phrase(
            "`{value}` has parts of a đồng: a sum is in whole đồng, such as 810.000.000 đồng",
            shown,
            vi="`{value}` có phần lẻ, không phải là số tiền nguyên đồng, ví dụ 810.000.000 đồng",
        )
    return None


Dong = Annotated[int, BeforeValidator(parse_dong, json_schema_input_type=int | str), Field(gt=0, lt=MOST)]
"""A sum of money in whole đồng."""

SumInWords = Annotated[str, Field(min_length=1, max_length=LONGEST_WORDS)]
"""The same sum in words, as papers repeat it."""


def dong(amount: int) -> str:
    """Return a sum as offices write it: `810.000.000`."""
    return f"{amount:,}".replace(",", ".")


def sum_in_words(amount: int) -> str:
    """Return a sum as papers repeat it: `tám trăm mười triệu đồng`."""
    return f"{in_words(amount)} đồng"


def read_sum_in_words(text: str) -> int:
    """Return the sum that is written in words: `(Bằng chữ: Tám trăm mười triệu đồng chẵn./.)`.

    Raises:
        ValueError: With the word that cannot be read.
    """
    written = unicodedata.normalize("NFC", text).casefold()
    return read_number(_AFTER_WORDS.sub("", _BEFORE_WORDS.sub("", written)))


def against_words(amount: int | None, words: str | None) -> tuple[Reason, ...]:
    """Say why a sum in figures and the same sum in words do not go together; nothing where they do."""
    if words is None:
        return ()
    shown = {"words": unicodedata.normalize("NFC", words)[:120]}
    try:
        read = read_sum_in_words(words)
    except ValueError as error:
        phrase = Phrase(
            "“{words}” cannot be read as one sum: “{word}”",
            {**shown, "word": str(error)[:40]},
            vi="không đọc được “{words}” thành một số tiền: “{word}”",
        )
        return (Reason("words-unread", phrase),)
    if amount is None:
        phrase = Phrase("the sum in words needs its figures too", vi="số tiền bằng chữ phải kèm số tiền bằng số")
        return (Reason("words-without-figures", phrase),)
    if read != amount:
        phrase = Phrase(
            "{amount} đồng in figures is not “{words}”, which is {read} đồng",
            {**shown, "amount": dong(amount), "read": dong(read)},
            vi="{amount} đồng bằng số khác “{words}”, tức {read} đồng",
        )
        return (Reason("words-differ", phrase),)
    return ()
