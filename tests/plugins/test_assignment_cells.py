"""The cells of an assignment table: cleaned, and read only as far as they say something for sure."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trinh_plugins.assignment import figures, wording
from trinh_plugins.assignment.cleaning import clean
from trinh_plugins.assignment.table import title_of


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("<b><u>10/3/2020</u></b>", "10/3/2020"),
        ("KH&amp;CN &#38; ĐMST", "KH&CN & ĐMST"),
        ("<ul style='x'><li>- Một</li><li>- Hai</li></ul>", "- Một\n- Hai"),
        ("một\r\n\u00a0\u00a0hai\f\u200bba", "một\nhai ba"),
        (unicodedata.normalize("NFD", "Tổ chức bộ máy"), "Tổ chức bộ máy"),
        ("tỷ lệ < 5% và > 3%", "tỷ lệ < 5% và > 3%"),
        ("&nbsp;&nbsp;", None),
        ("<p></p>", None),
    ],
)
def test_a_cell_is_cleaned_to_its_words(raw, words):
    """Tags, entities, page breaks and unseen marks go; a `<` that is no tag stays."""
    assert clean(raw) == words


@given(st.text())
def test_cleaning_twice_is_cleaning_once_but_for_entities_in_entities(text):
    """What comes out is NFC, without carriage returns or blank lines."""
    cleaned = clean(text)
    if cleaned is not None:
        assert unicodedata.is_normalized("NFC", cleaned)
        assert all(line.strip() == line and line for line in cleaned.split("\n"))


@pytest.mark.parametrize(
    ("words", "due", "before"),
    [
        ("10/3/2020", date(2020, 3, 10), None),
        ("Ngày 10/03/2020", date(2020, 3, 10), None),
        ("10.3.2020", date(2020, 3, 10), None),
        ("Chậm nhất ngày 10/3/2020", date(2020, 3, 10), None),
        ("Trước ngày 25/3/2020", None, date(2020, 3, 25)),
        ("phải hoàn thành trước ngày 25/3/2020", None, date(2020, 3, 25)),
        ("Từ ngày 01/3 đến ngày 31/3/2019", date(2019, 3, 31), None),
        ("Tháng 2/2020", date(2020, 2, 29), None),
        ("theo quy định", None, None),
        ("10/3", None, None),
        ("Quý I/2020", None, None),
        ("10/3/2020 hoặc 12/3/2020", None, None),
    ],
)
def test_a_date_cell_says_a_day_or_nothing(words, due, before):
    """A day without its year, a quarter, and two days say nothing for sure."""
    said = wording.read(words)

    assert (said.due, said.before, said.impossible) == (due, before, False)


def test_a_day_that_no_calendar_has_is_told_apart():
    """31 February is no undecided date, it is a mistake."""
    assert wording.read("31/2/2020").impossible


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("1250000", "1250000"),
        ("1.250.000", "1250000"),
        ("12,50", "12.5"),
        ("1.250,5", "1250.5"),
        ("-3", "-3"),
        ("007", "7"),
        ("0,00", "0"),
    ],
)
def test_a_number_is_read_as_offices_write_it(written, kept):
    """Points group thousands, a comma begins the fraction."""
    assert figures.number(written) == kept


@given(st.lists(st.decimals(-(10**9), 10**9, places=2), max_size=30))
def test_a_total_is_exact(values):
    """No sum is off by a binary fraction."""
    assert Decimal(figures.total(figures.plain(value) for value in values)) == sum(values, Decimal(0))


@pytest.mark.parametrize(
    ("kept", "shown"), [("1250000", "1.250.000"), ("-0.5", "-0,5"), ("-1250.25", "-1.250,25"), ("0", "0")]
)
def test_a_number_is_shown_as_offices_write_it(kept, shown):
    """As it would be read again."""
    assert figures.shown(kept) == shown


def test_a_title_is_the_first_line_cut_at_a_word():
    """Bullets are left out, and what is long ends with an ellipsis."""
    assert title_of("- Nguồn nhân lực\n- Thống kê") == "Nguồn nhân lực"
    long = title_of("Đánh giá " * 40)
    assert len(long) <= 121 and long.endswith("Đánh…") or long.endswith("giá…")
