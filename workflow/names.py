"""Names and texts as people type them: normalised to NFC, and refused where they cannot be kept."""

from __future__ import annotations

import re
import unicodedata

from workflow.errors import InvalidInput

_PLAN_ID = re.compile(r"[^\W_][\w.\-]{0,99}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CURSOR = re.compile(r"(\d{4}-\d\d-\d\d)/([^/]+)/([^@#]+)@(\d{1,9})#(.*)", re.ASCII | re.DOTALL)


def require_plan_id(text: str) -> str:
    """Return a plan's id in NFC: letters, digits, `.`, `_`, `-`; at most 100 characters.

    Raises:
        InvalidInput: If it is not one.
    """
    name = unicodedata.normalize("NFC", text) if _storable(text) else ""
    if not _PLAN_ID.fullmatch(name):
        raise InvalidInput(
            "`{id}` is no plan id",
            code="bad-plan-id",
            hint="letters, digits, dots, hyphens, beginning with a letter or digit, at most 100; e.g. 25-KH-KHCN-2019",
            id=text[:60].encode("utf-8", "replace").decode(),
        )
    return name


def require_text(text: str | None, what: str) -> str | None:
    """Return a free text in NFC, without blanks at its ends; None stays None.

    Raises:
        InvalidInput: If it has control characters other than line ends and tabs, lone surrogates, or over
            100,000 characters.
    """
    if text is None:
        return None
    if not _storable(text) or _CONTROL.search(text):
        raise InvalidInput("{what} has characters that cannot be stored", code="bad-text", what=what)
    if len(text) > 100_000:
        raise InvalidInput(
            "{what} has {size} characters; at most 100000 can be kept", code="bad-text", what=what, size=len(text)
        )
    return unicodedata.normalize("NFC", text).strip()


DueKey = tuple[str, str, str, int, str]
"""A work item's place in the order of all that is owed: due day, plan, step, round, key."""

UNDATED = "9999-99-99"
"""Stands for "no due day" in that order: behind every day."""


def require_cursor(cursor: str) -> DueKey:
    """Return a work item's place in the order of all that is owed: due day, plan, step, round, key.

    Raises:
        InvalidInput: If *cursor* is not `DUE/PLAN/STEP@ROUND#KEY`.
    """
    found = _CURSOR.fullmatch(unicodedata.normalize("NFC", cursor)) if _storable(cursor) else None
    if found is None:
        raise InvalidInput(
            "`{cursor}` is no place in the list",
            code="bad-cursor",
            hint="give `next` of the page before",
            cursor=cursor[:120].encode("utf-8", "replace").decode(),
        )
    due, plan, step, round_, key = found.groups()
    return due, plan, step, int(round_), key


def _storable(text: str) -> bool:
    return "\x00" not in text and not any(0xD800 <= ord(character) <= 0xDFFF for character in text)


def letters(text: str) -> str:
    """Return a name as it is compared: NFC, without regard to case and to the number of blanks."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def bare_letters(text: str) -> str:
    """Return the letters without accents; đ has no decomposition and is named."""
    apart = unicodedata.normalize("NFD", letters(text))
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).replace("đ", "d")
