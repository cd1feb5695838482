"""Whole numbers in Vietnamese words: what is written is read as the same number, in both ways of writing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trinh_plugins._number_words import LARGEST, in_words, read_number

NUMBERS = st.one_of(
    st.integers(0, 10_000),
    st.integers(0, LARGEST),
    # Round sums, whose middle groups are empty.
    st.builds(lambda head, zeros: head * 10**zeros, st.integers(0, 9_999), st.integers(0, 14)),
)


@given(number=NUMBERS, southern=st.booleans())
def test_what_is_written_is_read_as_the_same_number(number, southern):
    """Neither way of writing loses a digit."""
    assert read_number(in_words(number, southern=southern)) == number


@given(number=NUMBERS, southern=st.booleans())
def test_case_composition_and_commas_make_no_difference(number, southern):
    """A sentence begins with a capital, and files come in decomposed Unicode."""
    words = unicodedata.normalize("NFD", in_words(number, southern=southern).capitalize())

    assert read_number(words.replace("tỷ ", "tỷ, ")) == number


@given(words=st.lists(st.sampled_from("một năm lăm mốt tư mười mươi trăm lẻ linh nghìn triệu tỷ không".split())))
def test_whatever_is_read_means_one_number(words):
    """What is taken at all comes back from its own words; the rest is refused, never half read."""
    try:
        number = read_number(" ".join(words))
    except ValueError:
        return

    assert read_number(in_words(number)) == number


@pytest.mark.parametrize(
    ("number", "northern", "southern"),
    [
        (0, "không", "không"),
        (15, "mười lăm", "mười lăm"),
        (24, "hai mươi tư", "hai mươi bốn"),
        (31, "ba mươi mốt", "ba mươi mốt"),
        (105, "một trăm linh năm", "một trăm lẻ năm"),
        (1_005, "một nghìn không trăm linh năm", "một ngàn không trăm lẻ năm"),
        (810_000_000, "tám trăm mười triệu", "tám trăm mười triệu"),
        (
            25_304_021,
            "hai mươi lăm triệu ba trăm linh bốn nghìn không trăm hai mươi mốt",
            "hai mươi lăm triệu ba trăm lẻ bốn ngàn không trăm hai mươi mốt",
        ),
        (5_000_000_000_000, "năm nghìn tỷ", "năm ngàn tỷ"),
        (1_000_000_000_005, "một nghìn tỷ không trăm linh năm", "một ngàn tỷ không trăm lẻ năm"),
    ],
)
def test_numbers_are_written_as_offices_write_them(number, northern, southern):
    """Mốt, tư and lăm stand after tens; an empty hundred is named where a group stands before."""
    assert (in_words(number), in_words(number, southern=True)) == (northern, southern)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("hai mươi bốn", 24),
        ("hai mươi nhăm", 25),
        ("bẩy trăm linh tư", 704),
        ("một triệu không trăm lẻ năm ngàn", 1_005_000),
        ("một triệu lẻ năm nghìn", 1_005_000),
        ("một triệu hai nghìn", 1_002_000),
        ("một triệu không nghìn năm trăm", 1_000_500),
        ("ba tỉ, hai trăm triệu", 3_200_000_000),
    ],
)
def test_other_ways_that_mean_one_number_are_read(words, number):
    """Old spellings, and hundreds left out where the scale says what is meant."""
    assert read_number(words) == number


@pytest.mark.parametrize(
    "words",
    ["", "hai trăm năm", "một triệu hai", "một nghìn năm", "lẻ năm", "mươi lăm", "hai mười", "một mươi", "năm năm"]
    + ["triệu", "tỷ", "không triệu", "hai nghìn ba triệu", "một nghìn hai nghìn", "trăm", "hai triệu rưỡi", "x"]
    + ["mười không", "không trăm năm mươi", "một trăm lẻ", "một trăm lẻ không", "810 triệu"],
)
def test_what_could_mean_two_numbers_or_none_is_not_read(words):
    """`hai trăm năm` may be 205 or 250: nothing is guessed."""
    with pytest.raises(ValueError):
        read_number(words)


@pytest.mark.parametrize("number", [-1, LARGEST + 1])
def test_a_number_out_of_range_is_not_written(number):
    """Sums are far smaller, and none is negative."""
    with pytest.raises(ValueError):
        in_words(number)
