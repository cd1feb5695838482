"""Tables stay aligned and within the width, whatever the letters are made of."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.cli.output import Screen, clean, column_widths, padded, width, wrapped
from workflow.cli.settings import Settings

TITLE = "Xây dựng dự thảo Quyết định hỗ trợ doanh nghiệp đổi mới công nghệ, thiết bị"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_vietnamese_takes_a_column_for_each_letter(form):
    """Composed and decomposed letters have the same width."""
    assert len(unicodedata.normalize("NFC", TITLE)) == width(unicodedata.normalize(form, TITLE))


def test_wide_letters_take_two_columns():
    """East Asian letters and joiners are counted as a terminal shows them."""
    assert (4, 1) == (width("越南"), width("a\u200b"))


def test_padding_fills_to_the_column():
    """A padded cell is as wide as its column."""
    assert 10 == width(padded(unicodedata.normalize("NFD", "dự thảo"), 10))


@given(st.text(max_size=200), st.integers(4, 60))
def test_wrapped_lines_fit(text, columns):
    """No wrapped line is wider than asked for, and no letter but blanks is lost."""
    shown = clean(text)
    lines = wrapped(shown, columns)

    assert all(width(line) <= columns for line in lines)
    assert "".join(shown.split()) == "".join("".join(lines).split())


def test_control_characters_never_reach_the_terminal():
    """An escape sequence in a title is shown without its power."""
    assert "[31mđỏ x" == clean("\x1b[31mđỏ\nx")


def test_narrow_columns_break_titles_before_ids():
    """Where room is short, texts wrap at blanks and ids stay whole."""
    row = ["support-technology-renewal-2019", "1", TITLE, "active"]

    widths = column_widths([row], 80)
    assert (31, True) == (widths[0], sum(widths) + 6 <= 80)


def test_a_table_fits_into_80_columns(capsys, monkeypatch):
    """A long title is wrapped below itself and the other columns stay in place."""
    monkeypatch.setenv("COLUMNS", "80")
    settings = Settings()
    settings.lang = "en"
    Screen(settings).table(["plan", "title", "state"], [("25-KH-KHCN-2019", TITLE + " " + TITLE, "active")])

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 2 and all(width(line) <= 80 for line in lines)
    assert lines[1].startswith("25-KH-KHCN-2019  Xây") and lines[2].startswith(" " * 17)
