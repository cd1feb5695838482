"""What differs between two texts, paragraph by paragraph."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.drafts.comparing import ADDED, CHANGED, REMOVED, SAME, compare

WORDS = st.lists(st.sampled_from(["Điều", "khoản", "mức", "30%", "chi", "phí"]), min_size=1, max_size=8)
TEXTS = st.lists(WORDS.map(" ".join), max_size=8)


def kinds(before: list[str], after: list[str]) -> list[str]:
    """The kinds of the paragraphs, in the order of reading."""
    return [one.kind for one in compare(before, after)]


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_out_of_their_differences(before, after):
    """Nothing is lost, invented or put out of order, whatever the two texts."""
    found = compare(before, after)

    for numbered, text, left_out in (("before", before, ADDED), ("after", after, REMOVED)):
        own = [one for one in found if getattr(one, numbered) is not None]
        assert [getattr(one, numbered) for one in own] == list(range(1, len(text) + 1))
        told = [" ".join(part.text for part in one.parts if part.kind != left_out) for one in own]
        assert told == text


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text):
    """Every paragraph is the same."""
    assert {SAME} >= set(kinds(text, text))


def test_a_paragraph_that_keeps_half_its_words_was_changed():
    """It stands opposite its old form, even where others came before it."""
    before = ["Điều 1. Mức hỗ trợ tối đa là 30%.", "Điều 2."]
    after = ["Căn cứ Luật.", "Điều 1. Mức hỗ trợ tối đa là 50%.", "Điều 2."]

    assert [ADDED, CHANGED, SAME] == kinds(before, after)


def test_a_paragraph_with_other_words_went_and_came():
    """Two paragraphs that share little are not one that was changed."""
    assert [REMOVED, ADDED] == kinds(["Tổ chức thực hiện"], ["Điều khoản chuyển tiếp và hiệu lực"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["x y z", "a"] * 2_000, ["x y z", "b"] * 2_000),
        (["a b " * 25_000], ["b a " * 25_000]),
        (["x" * 100_000], ["y" * 100_000]),
    ],
)
def test_texts_made_to_be_slow_are_compared_in_time(before, after):
    """Endless repetition does not hold up the comparison; a test that takes minutes fails the suite."""
    assert compare(before, after)


def test_a_few_changes_in_a_very_long_paragraph_are_found():
    """100,000 characters that repeat the same words, ten of them changed."""
    words = ["khoản", "mục", "điểm", "chương"] * 5_000
    changed = [("MỚI" if n % 2_000 == 7 else word) for n, word in enumerate(words)]
    found = compare([" ".join(words)], [" ".join(changed)])[0]

    assert 10 == sum(part.kind == ADDED for part in found.parts)
    assert {"MỚI"} == {part.text for part in found.parts if part.kind == ADDED}
