"""Where in a template something stands, in words that help to find it in Word."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Final

_TAG = re.compile(r"<[^>]+>")
_LINE = re.compile(r"\r\n|\r|\n")
_PARAGRAPH = re.compile(r"<w:p([ >])")
_MARKS = re.compile(r"{[{%](.*?)[%}]}")
_LONGEST: Final = 120


def apart(xml: str) -> str:
    """Return a part's XML with each paragraph on a line of its own, so that a line is a place."""
    return _PARAGRAPH.sub(r"\n<w:p\1", xml)


def together(xml: str) -> str:
    """Undo `apart`."""
    return re.sub(r"\n<w:p([ >])", r"<w:p\1", xml)


def place(part: str, xml: str, line: int | None) -> str:
    """Name a place: the part, and what stands in that paragraph."""
    lines = _LINE.split(xml)
    found = lines[line - 1] if line is not None and 0 < line <= len(lines) else ""
    text = " ".join(_TAG.sub("", found).split())
    return f"{part}: “{text[:_LONGEST]}”" if text else part


def place_of(part: str, xml: str, error: BaseException) -> str:
    """Name the place of what went wrong while *xml* was read or filled in."""
    line = getattr(error, "lineno", None)
    return place(part, xml, line if line is not None else next(_lines(error.__traceback__), None))


def place_of_field(part: str, xml: str, field: str) -> str:
    """Name the first place where a template asks for *field*."""
    asks = re.compile(rf"\b{re.escape(field)}\b")
    texts = (" ".join(_MARKS.findall(_TAG.sub("", line))) for line in _LINE.split(xml))
    return place(part, xml, next((number for number, text in enumerate(texts, 1) if asks.search(text)), None))


def _lines(trace: TracebackType | None) -> Iterator[int]:
    """The template's own lines in a traceback, the innermost first."""
    frames = traceback.extract_tb(trace)
    return (frame.lineno for frame in reversed(frames) if frame.filename == "<template>" and frame.lineno)
