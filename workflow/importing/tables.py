"""Tables out of files: the sheets of a workbook, the tables of a Word file, a .csv or .tsv.

Files come from anywhere, so nothing in them is trusted: an archive that unpacks to too much is
refused before it is read, and so is XML with a document type (entities can grow without end). No
formula is computed: what its program stored counts, and a text that begins with `=` is a text.
All text is NFC.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, Final

from workflow.errors import N_, InvalidInput, Phrase

LARGEST: Final = 100 * 1024 * 1024
"""Bytes that a file may unpack to."""
LARGEST_XML: Final = 16 * 1024 * 1024
"""Bytes that its XML may unpack to: a table that people fill in is far smaller."""
MOST_PARTS: Final = 5_000
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 100

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAIN_PARTS = {".xlsx": "xl/workbook.xml", ".docx": "word/document.xml"}
_CARRIAGE_RETURN = re.compile(r"_x000D_|\r\n?")


@dataclass(frozen=True)
class Unread:
    """A cell that has something which cannot be read as a value."""

    why: Phrase


class Fraction(str):
    """The digits of a number that a workbook holds with a fraction: where a whole number is wanted, none.

    As a text it would be one: 12.345 is twelve thousand to whoever writes 810.000.000 đồng.
    """


Value = str | date | Unread | None


@dataclass(frozen=True)
class Row:
    """A row with its number as its program shows it.

    A cell merged over several rows stands in each of them, and `merged` has its column in all but the
    first; it is None for a text, which cannot show that. A cell merged over several columns stands in the
    first. `spanning` is true where one merged cell is all that the row has: a heading between rows.
    """

    number: int
    cells: tuple[Value, ...]
    spanning: bool = False
    merged: frozenset[int] | None = frozenset()

    @property
    def empty(self) -> bool:
        """True if there is nothing in it."""
        return all(cell is None for cell in self.cells)


@dataclass(frozen=True)
class Table:
    """A table of a file: its number there from 1, its name (a sheet's), its rows with empty ones left out."""

    number: int
    name: str
    rows: tuple[Row, ...]


def read_tables(name: str, content: bytes) -> tuple[Table, ...]:
    """Return every table of a file that has anything in it.

    Args:
        name: The file's name; its ending tells the kind.

    Raises:
        InvalidInput: If the file is not of the kind its name says, is damaged, locked or too large,
            or if the extra that reads it is not installed.
    """
    reader = _READERS.get(PurePath(name).suffix.lower())
    if reader is None:
        raise InvalidInput(
            "{name} is no table that can be read",
            code="no-table",
            hint="tables are read from .xlsx, .docx, .csv, .tsv and .txt files; save it as one of them",
            name=name,
        )
    return tuple(table for table in reader(name, content) if table.rows)


def text_of(value: str) -> str:
    """Return a cell's text as it is kept: NFC, lines ended by a line feed, no blanks around it."""
    return unicodedata.normalize("NFC", _CARRIAGE_RETURN.sub("\n", value)).replace("\xa0", " ").strip()


def _unreadable(name: str, kind: str, why: object) -> InvalidInput:
    return InvalidInput(
        "{name} cannot be read as {kind}: {why}",
        code="bad-file",
        hint="open and save it again with the program that made it",
        name=name,
        kind=kind,
        why=why if isinstance(why, Phrase) else " ".join(str(why).split())[:200],
    )


def _too_large(name: str) -> InvalidInput:
    return InvalidInput(
        "{name} is too large for a table: {rows} rows, {columns} columns and {size} MiB of text are read at most",
        code="too-large",
        hint="delete what lies outside the table, or divide it",
        name=name,
        rows=MOST_ROWS,
        columns=MOST_COLUMNS,
        size=LARGEST_XML // 2**20,
    )


def _rows(name: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    found = []
    for row in rows:
        if row.empty:
            continue
        if len(found) >= MOST_ROWS:
            raise _too_large(name)
        found.append(row)
    return tuple(found)


# text


def _separated(name: str, content: bytes, delimiters: str) -> Iterator[Table]:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        why = Phrase(N_("it is not Unicode; save it as UTF-8"))
        raise _unreadable(name, "UTF-8", why) from error
    try:
        # What separates is what makes the most columns: Vietnamese spreadsheets write semicolons.
        tried = [tuple(csv.reader(io.StringIO(text, newline=""), delimiter=one)) for one in delimiters]
    except csv.Error as error:
        raise _unreadable(name, "CSV", error) from error
    records = max(tried, key=lambda each: sum(map(len, each)))
    if any(len(record) > MOST_COLUMNS for record in records):
        raise _too_large(name)
    rows = (
        Row(number, tuple(text_of(cell) or None for cell in record), merged=None)
        for number, record in enumerate(records, 1)
    )
    yield Table(1, PurePath(name).name, _rows(name, rows))


# archives


def _require_sound(name: str, content: bytes, suffix: str) -> None:
    """Refuse what is no Office file of this kind, unpacks to too much, or has XML that could grow."""
    kind = f"a {suffix} file"
    if content.startswith(_OLD_OFFICE):
        why = Phrase(N_("it is locked with a password, or in the format of before 2007"))
        raise _unreadable(name, kind, why)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            texts = [part for part in parts if part.filename.lower().endswith((".xml", ".rels", ".vml"))]
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST:
                raise _too_large(name)
            if sum(part.file_size for part in texts) > LARGEST_XML:
                raise _too_large(name)
            if _MAIN_PARTS[suffix] not in archive.namelist():
                raise _unreadable(name, kind, Phrase(N_("it is a file of another kind")))
            for part in texts:
                # A part gives no more bytes than it announces: `zipfile` stops there.
                text = archive.read(part)
                if b"<!DOCTYPE" in text.replace(b"\x00", b""):
                    raise _unreadable(name, kind, Phrase(N_("it has a document type, which no Office file has")))
                # Seen here, 100,000 rows cost no reading of their cells.
                if part.filename.startswith("xl/worksheets/") and text.count(b"<row ") > MOST_ROWS:
                    raise _too_large(name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise _unreadable(name, kind, error) from error


def _extra_missing(name: str) -> InvalidInput:
    return InvalidInput(
        "reading {name} needs the extra `papers`, which is not installed",
        code="extra-missing",
        hint="in the checkout: pip install '.[papers]'",
        name=name,
    )


# workbooks


def _workbook(name: str, content: bytes) -> Iterator[Table]:
    try:
        from openpyxl import load_workbook
    except ImportError as missing:
        raise _extra_missing(name) from missing
    _require_sound(name, content, ".xlsx")
    try:
        stored = load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
        written = load_workbook(io.BytesIO(content), data_only=False, keep_links=False)
    except Exception as error:  # a damaged file makes the library raise anything
        raise _unreadable(name, "a .xlsx file", f"{type(error).__name__}: {error}") from error
    for number, sheet in enumerate(stored.worksheets, 1):
        if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
            raise _too_large(name)
        cells = (cell for row in written[sheet.title].iter_rows() for cell in row)
        formulas = {cell.coordinate for cell in cells if cell.data_type == "f"}
        yield Table(number, text_of(sheet.title), _rows(name, _sheet_rows(sheet, formulas)))


def _sheet_rows(sheet: Any, formulas: Set[str]) -> Iterator[Row]:
    held: dict[int, tuple[int, Value]] = {}
    """Column to the last row of the merged cell that stands in it, and its value."""
    merged = {(each.min_row, each.min_col): each for each in sheet.merged_cells.ranges}
    for number, cells in enumerate(sheet.iter_rows(), 1):
        values: list[Value] = []
        wide = 0
        below: set[int] = set()
        for column, cell in enumerate(cells, 1):
            value = _sheet_value(cell, formulas)
            if (area := merged.get((number, column))) is not None and value is not None:
                held[column] = (area.max_row, value)
                wide += area.max_col > area.min_col
            elif value is None and column in held and held[column][0] >= number:
                value = held[column][1]
                below.add(column - 1)
            values.append(value)
        yield Row(number, tuple(values), bool(wide) and _only_one(values), frozenset(below))


def _sheet_value(cell: Any, formulas: Set[str]) -> Value:
    value = cell.value
    if value is None:
        # A formula that its program never computed has no stored value: it is not an empty cell.
        if cell.coordinate in formulas:
            why = N_("{cell} is a formula without a stored value; open and save the file where it was made")
            return Unread(Phrase(why, {"cell": cell.coordinate}))
        return None
    if cell.data_type == "e":
        return Unread(Phrase(N_("{cell} shows the error {error}"), {"cell": cell.coordinate, "error": value}))
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, float):
        if not value.is_integer():
            return Fraction(value)
        value = int(value)
    return text_of(str(value)) or None


def _only_one(values: Iterable[Value]) -> bool:
    return sum(value is not None for value in values) == 1


# Word


def _word(name: str, content: bytes) -> Iterator[Table]:
    try:
        from docx import Document
    except ImportError as missing:
        raise _extra_missing(name) from missing
    _require_sound(name, content, ".docx")
    try:
        for number, table in enumerate(Document(io.BytesIO(content)).tables, 1):
            yield Table(number, str(number), _rows(name, _word_rows(name, table)))
    except InvalidInput:
        raise
    except Exception as error:  # a damaged file makes the library raise anything
        raise _unreadable(name, "a .docx file", f"{type(error).__name__}: {error}") from error


def _word_rows(name: str, table: Any) -> Iterator[Row]:
    above: dict[int, Any] = {}
    """Column to the cell of the row above, to tell one cell over both rows from two cells."""
    for number, row in enumerate(table.rows, 1):
        if number > MOST_ROWS:
            raise _too_large(name)
        values: list[Value] = [None] * row.grid_cols_before
        wide, before = 0, None
        here: dict[int, Any] = {}
        for cell in row.cells:
            here[len(values)] = cell._tc
            # A cell over several columns is named once for each of them.
            again = before is not None and cell._tc is before
            values.append(None if again else _word_text(cell) or None)
            wide += again
            before = cell._tc
        if len(values) > MOST_COLUMNS:
            raise _too_large(name)
        merged = frozenset(column for column, tc in here.items() if above.get(column) is tc)
        yield Row(number, tuple(values), bool(wide) and _only_one(values), merged)
        above = here


def _word_text(cell: Any) -> str:
    """The cell's text as it reads with all tracked changes accepted."""
    from docx.oxml.ns import qn

    breaks = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
    left_out = (qn("w:del"), qn("w:moveFrom"))
    paragraphs = []
    for paragraph in cell._tc.iter(qn("w:p")):
        parts = []
        for element in paragraph.iter(qn("w:t"), *breaks):
            if not any(True for _ in element.iterancestors(*left_out)):
                parts.append(breaks.get(element.tag) or element.text or "")
        paragraphs.append("".join(parts))
    return text_of("\n".join(paragraphs))


_READERS: Mapping[str, Callable[[str, bytes], Iterator[Table]]] = {
    ".xlsx": _workbook,
    ".docx": _word,
    ".csv": lambda name, content: _separated(name, content, ",;\t"),
    ".tsv": lambda name, content: _separated(name, content, "\t"),
    ".txt": lambda name, content: _separated(name, content, "\t"),
}
