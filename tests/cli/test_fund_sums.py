"""Sums on the command line are written as offices write them, and read by the fund's own reader."""

from __future__ import annotations

import json

import pytest
from cli.test_import_fund import PLAN, plan  # noqa: F401

APPLY = ("act", PLAN, "fund", "apply", "--applicant", "HTX Lục Ngạn", "--head", "standards")


@pytest.mark.parametrize("written", ["810.000.000 đồng", "810000000", "810,000,000", "810 000 000đ"])
def test_a_sum_is_taken_as_it_is_written(done, plan, written):  # noqa: F811
    """With points, blanks or the word behind it."""
    done(*APPLY, "--asked", written)

    (step,) = json.loads(done("show", PLAN, "--json").stdout)["steps"]
    assert [each["asked"] for each in step["data"]["applications"]] == [810_000_000]


def test_a_decision_and_a_payment_read_sums_too(done, typed, plan):  # noqa: F811
    """From the application to the payment no sum has to be typed in plain digits."""
    done(*APPLY, "--asked", "50.000.000 đồng")
    for more in (
        ("check", "--complete"),
        ("appraise", "--passed"),
        ("put",),
        ("decide", "--supported", "--amount", "40.000.000 đồng"),
        ("pay", "--amount", "39.500.000 đồng"),
    ):
        actor = "cam" if more[0] == "decide" else "anna"
        result = typed("act", PLAN, "fund", more[0], "--application", "1", *more[1:], "--as", actor)
        assert 0 == result.exit_code, result.output

    (step,) = json.loads(done("show", PLAN, "--json").stdout)["steps"]
    assert step["data"]["applications"][0]["paid"] == 39_500_000


@pytest.mark.parametrize(
    ("written", "why"),
    [("-5.000.000", "below 0"), ("5.000.000,5", "parts of a đồng"), ("0", "more than 0"), ("năm triệu", "not a sum")],
)
def test_what_is_no_sum_is_refused_with_its_reason(typed, plan, written, why):  # noqa: F811
    """Below nothing, parts of a đồng, nothing, words."""
    result = typed(*APPLY, f"--asked={written}", "--as", "anna")

    assert result.exit_code == 2
    assert why in " ".join(result.stderr.split())


def test_help_says_that_a_text_is_taken(typed, plan):  # noqa: F811
    """Nobody is told to type an integer."""
    assert "INTEGER" not in typed("act", PLAN, "fund", "apply", "--help").stdout
