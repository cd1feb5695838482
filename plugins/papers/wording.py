"""Days, numbers and names as the decree writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

BLANK = "     "
"""Room for what the clerk writes in when the paper is issued."""
NBSP = "\xa0"


def two(number: int) -> str:
    """Return a number with a leading zero below ten."""
    return f"{number:02d}"


def month_of(month: int) -> str:
    """Return a month: January and February get a leading zero, no other does."""
    return two(month) if month <= 2 else str(month)


def long_day(day: date) -> str:
    """Return `ngày 05 tháng 01 năm 2020`."""
    return f"ngày {two(day.day)} tháng {month_of(day.month)} năm {day.year}"


def day_in_words(day: str | date) -> str:
    """Return a day as it stands on a paper; what is not known of `2024-03` or `2024` is left blank."""
    known = day.isoformat() if isinstance(day, date) else day
    room = NBSP * len(BLANK)
    year, month, number = (*known.split("-"), "", "")[:3]
    if number:
        return long_day(date.fromisoformat(known))
    return f"ngày{room} tháng {month_of(int(month))} năm {year}" if month else f"ngày{room} tháng{room} năm {year}"


def short_day(day: str | date | None) -> str:
    """Return `05/01/2020`; empty where there is none."""
    if not day:
        return ""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{two(day.day)}/{two(day.month)}/{day.year}"


def month_words(day: date) -> str:
    """Return `tháng 3/2020`."""
    return f"tháng {month_of(day.month)}/{day.year}"


def when(due: Mapping[str, Any]) -> str:
    """Return a planned date in words; the source's own wording where that is still what counts."""
    start, end = due.get("start"), due.get("due")
    if due.get("text"):
        return capital(str(due["text"]))
    if due.get("kind") == "continuous":
        return "Thường xuyên"
    if due.get("kind") == "on_request":
        return "Khi có yêu cầu"
    if not end:
        return "Chưa xác định" if due.get("kind") == "undecided" else ""
    if due.get("precision") == "month":
        return month_words(date.fromisoformat(end)).capitalize()
    if start and start != end:
        return f"Từ ngày {short_day(start)} đến ngày {short_day(end)}"
    return f"Chậm nhất ngày {short_day(end)}"


def letter(number: int) -> str:
    """Return the letter of the Vietnamese alphabet that numbers an item: a, b, c, d, đ, e, g …"""
    letters = "abcdđeghiklmnopqrstuvxy"
    return letters[number] if number < len(letters) else str(number + 1)


def capital(text: str) -> str:
    """Return *text* with a capital letter in front, the rest as it is."""
    return text[:1].upper() + text[1:]


def is_doing(title: str) -> bool:
    """Return True if a title itself says what is done: `Thực hiện Kế hoạch số 48`."""
    return title.casefold().startswith("thực hiện ")


def led(word: str, title: str) -> str:
    """Return *word* and the title behind it; the title alone where it begins with that word."""
    begins = title.casefold().startswith(f"{word.casefold()} ")
    return title if begins else f"{word} {title[:1].lower()}{title[1:]}"
