"""Printing: data on standard output, as JSON or as text that stays aligned with Vietnamese."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.boundary import terminal_width
from workflow.cli.failures import coloured, say

if TYPE_CHECKING:
    from workflow.catalogue import Catalogue
    from workflow.cli.settings import Settings

GAP = "  "
INSET = 4
"""What belongs to a row of a table stands so far to the right under it."""
NO_BREAK = "\N{NO-BREAK SPACE}"
"""Between words that stay on one line; printed as a blank."""
JOINTS = "/-@#_"
LEAST = 8
"""A column is not made narrower than this to fit the others in."""
WHOLE = 32
"""Words up to this length are kept whole as long as there is room."""

_ISO_DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_BLANKS = re.compile(rf"[^\S{NO_BREAK}]+")


class Screen:
    """Where a command prints, in the reader's language."""

    def __init__(self, settings: Settings) -> None:
        self.as_json = settings.as_json
        self.catalogue: Catalogue = settings.catalogue

    def words(self, message: str, **params: Any) -> str:
        """Return a message of the catalogue."""
        return self.catalogue.message(message, **params)

    def title(self, text: Any) -> str:
        """Return a text of a definition or plugin; empty for None."""
        return self.catalogue.words(text) if text is not None else ""

    def day(self, text: str | None) -> str:
        """Return days as the reader writes them: 05/01/2020 in Vietnamese, as they are in English and in JSON."""
        if text is None or self.as_json or self.catalogue.language != "vi":
            return text or ""
        return _ISO_DAY.sub(r"\3/\2/\1", text)

    def json(self, data: Mapping[str, Any]) -> None:
        """Print one object."""
        # Where the stream cannot hold Vietnamese, escapes keep it readable JSON.
        plain = "utf" not in (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
        click.echo(json.dumps(data, ensure_ascii=plain, indent=2))

    def line(self, text: str = "", *, bold: bool = False, indent: int = 0) -> None:
        """Print a line of data, wrapped to the width of the terminal; what begins with a dash hangs below itself."""
        first, *rest = wrapped(text, terminal_width() - indent)
        self._print(" " * indent + first, bold)
        hang = indent + 2 if text.startswith("- ") else indent
        for part in wrapped(" ".join(rest), terminal_width() - hang) if rest else ():
            self._print(" " * hang + part, bold)

    def lines(self, text: str) -> None:
        """Print lines as they are."""
        click.echo(text, nl=not text.endswith("\n"))

    def say(self, message: str, **params: Any) -> None:
        """Tell the person something that is no data; a program that reads JSON is told nothing but errors."""
        if not self.as_json:
            say(self.words(message, **params))

    def heading(self, message: str, **params: Any) -> None:
        """Print a heading with an empty line above."""
        click.echo()
        self._print(self.words(message, **params), bold=True)

    def table(
        self,
        headers: Sequence[str],
        rows: Iterable[Sequence[Any]],
        *,
        whole: int | None = None,
        apart: bool = False,
        below: Sequence[Sequence[str]] = (),
    ) -> None:
        """Print rows under translated headers, at most as wide as the terminal (80 where there is none).

        Args:
            whole: The column with what is copied: where it would be broken it stands on a line of its own,
                the first column above its row (once for rows in sequence), another one below.
            apart: It stands there in any case.
            below: Lines of each row that stand under it, over the whole width.
        """
        shown = [[clean(cell) for cell in row] for row in rows]
        heads = [self.words(header) for header in headers]
        widths = column_widths([heads, *shown], terminal_width())
        aside = [""] * len(shown)
        if whole is not None and (apart or any(width(row[whole]) > widths[whole] for row in shown)):
            aside = [row.pop(whole) for row in shown]
            heads.pop(whole)
            widths = column_widths([heads, *shown], terminal_width() - INSET * (whole == 0))
        inset = INSET if whole == 0 and any(aside) else 0
        self._row(heads, widths, bold=True, inset=inset)
        for number, row in enumerate(shown):
            if inset and aside[number] != (aside[number - 1] if number else None):
                self._print(aside[number])
            self._row(row, widths, inset=inset)
            if not inset and aside[number]:
                # Never broken: what is copied runs over the edge rather than be torn.
                self._print(" " * INSET * (width(aside[number]) + INSET <= terminal_width()) + aside[number])
            for line in below[number] if below else ():
                self.line(clean(line), indent=INSET)

    def _row(self, row: Sequence[str], widths: Sequence[int], bold: bool = False, inset: int = 0) -> None:
        cells = [wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        for number in range(max(map(len, cells))):
            parts = [
                padded(cell[number] if number < len(cell) else "", width)
                for cell, width in zip(cells, widths, strict=True)
            ]
            self._print(" " * inset + GAP.join(parts).rstrip(), bold)

    @staticmethod
    def _print(text: str, bold: bool = False) -> None:
        colour = coloured(sys.stdout)
        text = text.replace(NO_BREAK, " ")
        click.echo(click.style(text, bold=True) if bold and colour else text, color=colour)


def clean(value: Any) -> str:
    """Return *value* on one line, without control characters that could steer a terminal."""
    text = unicodedata.normalize("NFC", "" if value is None else str(value))
    return " ".join(_words("".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)))


def _words(text: str) -> list[str]:
    return [word for word in _BLANKS.split(text) if word]


def width(text: str) -> int:
    """Return how many columns *text* takes on a terminal.

    Combining marks take none (Vietnamese in decomposed form), wide characters two.
    """
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def padded(text: str, columns: int) -> str:
    """Return *text* filled up with blanks to *columns*."""
    return text + " " * (columns - width(text))


def wrapped(text: str, columns: int) -> list[str]:
    """Return *text* in lines of at most *columns*, broken at blanks where there are any."""
    if width(text) <= columns:
        return [text]
    lines, line = [], ""
    for word in _words(text):
        joined = f"{line} {word}" if line else word
        if width(joined) <= columns:
            line = joined
            continue
        if line:
            lines.append(line)
        pieces = _pieces(word, columns)
        lines += pieces[:-1]
        line = pieces[-1]
    return [*lines, line]


def _pieces(word: str, columns: int) -> list[str]:
    pieces = [""]
    for char in word:
        # A combining mark stays with its letter, so the width counts only what is already there.
        if width(pieces[-1]) + _char_width(char) > columns:
            # Ids are easier to read broken between their parts.
            cut = max(pieces[-1].rfind(mark) for mark in JOINTS) + 1
            rest = pieces[-1][cut:] if cut > columns // 2 else ""
            pieces[-1] = pieces[-1][: len(pieces[-1]) - len(rest)]
            pieces.append(rest)
        pieces[-1] += char
    return pieces


def column_widths(rows: Sequence[Sequence[str]], columns: int) -> list[int]:
    """Return the width of each column, the widest ones made narrower until all fit in *columns*.

    Ids are copied by people: only where wrapping at blanks is not enough are words broken.
    """
    cells = [[row[at] for row in rows] for at in range(len(rows[0]))]
    widths = [max(map(width, column)) for column in cells]
    words = [[width(word) for cell in column for word in _words(cell)] for column in cells]
    unbroken = [min(WHOLE, max(lengths, default=0)) for lengths in words]
    room = columns - len(GAP) * (len(widths) - 1)
    for least in (unbroken, [LEAST] * len(widths)):
        while sum(widths) > room:
            spare = [at for at in range(len(widths)) if widths[at] > least[at]]
            if not spare:
                break
            widths[max(spare, key=widths.__getitem__)] -= 1
    return widths
