"""Tables are read out of files that may be damaged, hostile, or not what their name says."""

from __future__ import annotations

import io
import sys
import zipfile
from datetime import date

import docx
import openpyxl
import pytest

from workflow.errors import InvalidInput
from workflow.importing.tables import Unread, read_tables


def book(*rows, merge: tuple[str, ...] = ()) -> bytes:
    """The bytes of a workbook with these rows."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for area in merge:
        made.active.merge_cells(area)
    return saved(made)


def saved(made) -> bytes:
    """The bytes of a workbook or paper."""
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def archive(**parts: bytes) -> bytes:
    """A ZIP archive; `__` in a name stands for `/`, `_xml` at its end for `.xml`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return buffer.getvalue()


def code_of(name: str, content: bytes) -> str:
    """The code with which a file is refused."""
    with pytest.raises(InvalidInput) as refused:
        read_tables(name, content)
    return refused.value.code


def cells(content: bytes, name: str = "a.xlsx") -> list[tuple]:
    """The cells of the first table."""
    return [row.cells for row in read_tables(name, content)[0].rows]


def test_values_are_texts_and_days():
    """Numbers become texts without `.0`, days stay days, blanks around texts go."""
    assert [("1", "2.5", date(2019, 4, 15), "a")] == cells(book([1.0, 2.5, date(2019, 4, 15), "  a\xa0"]))


def test_empty_rows_are_left_out_and_numbers_stay():
    """A row keeps the number that its program shows."""
    (table,) = read_tables("a.xlsx", book(["a"], [None], ["b"]))

    assert [1, 3] == [row.number for row in table.rows]


def test_a_cell_merged_downwards_stands_in_each_row():
    """A unit merged over two rows belongs to both; a cell merged sideways is a heading between rows."""
    content = book(["x", "1"], [None, "2"], ["I. Các sở", None], merge=("A1:A2", "A3:B3"))
    (table,) = read_tables("a.xlsx", content)

    assert [("x", "1"), ("x", "2"), ("I. Các sở", None)] == [row.cells for row in table.rows]
    assert [False, False, True] == [row.spanning for row in table.rows]


def test_a_formula_without_a_stored_value_is_no_empty_cell():
    """A formula that was never computed is told as unread; nothing here computes it."""
    ((cell, _),) = cells(book(["=1+1", "x"]))

    assert isinstance(cell, Unread)
    assert "A1" in str(cell.why)


def test_a_text_that_looks_like_a_formula_stays_a_text():
    """A text cell that begins with `=` is a text."""
    made = openpyxl.Workbook()
    made.active["A1"] = "=1+1"
    made.active["A1"].data_type = "s"

    assert [("=1+1",)] == cells(saved(made))


def test_an_error_in_a_cell_is_told():
    """`#REF!` is no value."""
    made = openpyxl.Workbook()
    made.active["A1"] = "#REF!"

    assert isinstance(cells(saved(made))[0][0], Unread)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"not a zip"),
        ("a.docx", b"PK\x03\x04 cut off"),
        ("a.docx", book(["a"])),
        ("a.xlsx", saved(docx.Document())),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("a.docx", archive(word__document_xml=b"<not closed")),
        ("a.xlsx", archive(xl__workbook_xml=b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>')),
        ("a.csv", "Sở".encode("utf-16-le")[1:] + b"\xff"),
    ],
)
def test_what_is_not_what_its_name_says_is_refused(name, content):
    """Text, another kind of file, an old or locked one, damaged XML, entities, legacy encodings: a clear refusal."""
    assert "bad-file" == code_of(name, content)


def test_an_unknown_kind_of_file_is_refused():
    """A .pdf has no table that could be read."""
    assert "no-table" == code_of("a.pdf", b"%PDF")


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_read():
    """Small files that unpack to more than any table has are refused."""
    bomb = archive(xl__workbook_xml=b"<a/>", xl__worksheets__sheet1_xml=bytes(17 * 2**20))

    assert len(bomb) < 100_000
    assert "too-large" == code_of("a.xlsx", bomb)


def test_a_sheet_that_reaches_far_out_is_refused():
    """A cell in the last row of a sheet would make a million rows."""
    made = openpyxl.Workbook()
    made.active["A1048576"] = "x"

    assert "too-large" == code_of("a.xlsx", saved(made))


def test_a_row_with_too_many_columns_is_refused():
    """More columns than any table of people has are refused."""
    assert "too-large" == code_of("a.csv", b"x," * 200)


@pytest.mark.parametrize(("name", "module"), [("a.xlsx", "openpyxl"), ("a.docx", "docx")])
def test_a_missing_extra_is_named(monkeypatch, name, module):
    """Without the library the refusal says what to install."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InvalidInput) as refused:
        read_tables(name, b"")

    assert ("extra-missing", True) == (refused.value.code, ".[papers]" in str(refused.value.hint))
