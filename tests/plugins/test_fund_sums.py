"""Sums of a fund, in figures and in words: read as offices write them, and held against each other."""

from __future__ import annotations

import unicodedata

import pytest
from fund_kit import APPLYING, CEILING, DAY, bring, decided, fund, refused_codes
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trinh_plugins.support_fund.money import parse_dong, read_sum_in_words, sum_in_words
from trinh_plugins.support_fund.step import FundStep


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("810.000.000 đồng", 810_000_000),
        (unicodedata.normalize("NFD", "810.000.000 đồng"), 810_000_000),
        ("810.000.000\u00a0đ", 810_000_000),
        ("810 000 000 VND", 810_000_000),
        ("810,000,000 VNĐ", 810_000_000),
        ("810000000", 810_000_000),
        ("1.500", 1_500),
        (810_000_000, 810_000_000),
    ],
)
def test_a_sum_is_read_as_offices_write_it(written, amount):
    """Groups of three, any of the usual marks, with or without the currency."""
    assert parse_dong(written) == amount
    assert FundStep.Options.model_validate({"ceiling": written}).ceiling == amount


@pytest.mark.parametrize(
    "written",
    ["-5", "- 810.000.000 đồng", "1,5", "1.50", "1.500,5", "8100.000", "1.000,000", "1.5 triệu", "", "đồng", "0"]
    + [-5, 0, 1.5, 810.0, True, None, 2**53, "١٢٣"],
)
def test_a_negative_or_fractional_sum_is_refused(written):
    """Nothing is rounded or guessed."""
    with pytest.raises(ValidationError):
        FundStep.Options.model_validate({"ceiling": written})


@pytest.mark.parametrize(
    "words",
    [
        "tám trăm mười triệu đồng chẵn",
        "(Bằng chữ: Tám trăm mười triệu đồng chẵn./.)",
        unicodedata.normalize("NFD", "Tám trăm mười triệu đồng"),
        "Số tiền bằng chữ: tám trăm mười triệu đồng Việt Nam tròn.",
        "tám trăm mười triệu VNĐ",
        "tám trăm mười triệu",
    ],
)
def test_a_sum_in_words_is_read_as_papers_write_it(words):
    """With the usual words around it, or without."""
    assert read_sum_in_words(words) == CEILING
    assert FundStep.Options.model_validate({"ceiling": CEILING, "ceiling_in_words": words})


@given(amount=st.integers(1, 2**53 - 1))
def test_a_sum_written_in_words_is_read_again(amount):
    """To the đồng, for every sum that there can be."""
    assert read_sum_in_words(sum_in_words(amount).capitalize() + " chẵn") == amount


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"asked": "5.000.000 đồng", "in_words": "năm trăm nghìn đồng"}, ["words-differ"]),
        ({"asked": "250", "in_words": "hai trăm năm đồng"}, ["words-unread"]),
        ({"asked": 250, "in_words": "đồng"}, ["words-unread"]),
        ({"in_words": "năm triệu đồng"}, ["words-without-figures"]),
    ],
)
def test_a_sum_in_figures_and_words_must_be_one(run, values, codes):
    """The refusal names both, and nothing that could mean two sums is read."""
    assert refused_codes(fund(run), "apply", **APPLYING, **values) == codes


def test_decisions_and_payments_are_cross_checked_too(run):
    """All three papers that name a sum name it twice."""
    opened = fund(run)
    bring(opened)
    values = {"application": 1, "supported": True, "amount": 5_000_000}
    assert refused_codes(opened, "decide", **values, in_words="năm mươi triệu đồng") == ["words-differ"]
    decided(opened, 1, 5_000_000, in_words="năm triệu đồng chẵn")

    values = {"application": 1, "amount": 4_000_000}
    assert refused_codes(opened, "pay", **values, in_words="năm triệu đồng chẵn") == ["words-differ"]
    opened.act("pay", DAY, **values, in_words="Bốn triệu đồng")


def test_a_ceiling_that_differs_in_words_is_refused():
    """The definition is wrong, and says in which way."""
    with pytest.raises(ValidationError, match="is 81.000.000 đồng"):
        FundStep.Options.model_validate({"ceiling": CEILING, "ceiling_in_words": "tám mươi mốt triệu đồng"})
