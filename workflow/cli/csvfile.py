"""Tables for spreadsheets: CSV that none of them computes, row by row as they come."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would be computed by a spreadsheet."""


def write_rows(stream: BinaryIO, headers: Sequence[str], rows: Iterable[Sequence[str | int]]) -> int:
    """Write a table in UTF-8 and return how many rows it has under its headers."""
    line, count = io.StringIO(newline=""), 0
    writer = csv.writer(line)
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    line.write("\ufeff")
    writer.writerow(headers)
    for row in rows:
        stream.write(line.getvalue().encode())
        line.seek(0)
        line.truncate()
        writer.writerow([cell(value) for value in row])
        count += 1
    stream.write(line.getvalue().encode())
    return count


def cell(value: str | int) -> str:
    """Return a value as a spreadsheet shows it, and never computes it."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
