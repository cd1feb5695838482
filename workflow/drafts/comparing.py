"""What differs between two texts, paragraph by paragraph, with the words that changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from operator import itemgetter
from typing import Final

Step = tuple[str, int, int, int, int]
"""Kind, and where it begins and ends in both rows, as `SequenceMatcher.get_opcodes` gives it."""

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"

_ALIKE: Final = 0.5
"""Two paragraphs that share half of their words are one that was changed."""

_MOST_PAIRS: Final = 40_000
"""So many pairs of paragraphs are weighed against each other in one place; in larger ones, row by row."""

_MOST_WORK: Final = 50_000_000
"""Beyond this product of meetings and words, the quick way is taken that knows small changes only."""

_MOST_EDITS: Final = 1_500
"""So many words that came or went the quick way finds; beyond it a text counts as wholly rewritten."""


@dataclass(frozen=True)
class Part:
    """Words of a paragraph that are `same`, `added` or `removed`; a blank stands between two parts."""

    kind: str
    text: str


@dataclass(frozen=True)
class Difference:
    """A paragraph: `same`, `added`, `removed` or `changed`.

    Attributes:
        before: Its number in the text before, from 1; None where it was added.
        after: Its number in the text after; None where it was removed.
        parts: Its words in the order of reading, both texts' together.
    """

    kind: str
    before: int | None
    after: int | None
    parts: tuple[Part, ...]


def compare(before: Sequence[str], after: Sequence[str]) -> tuple[Difference, ...]:
    """Return every paragraph of both texts in the order of reading."""
    return tuple(_differences(before, after))


def _differences(before: Sequence[str], after: Sequence[str]) -> Iterator[Difference]:
    for kind, start, end, new_start, new_end in _steps(before, after):
        if kind == "equal":
            for offset in range(end - start):
                same = Part(SAME, before[start + offset])
                yield Difference(SAME, start + offset + 1, new_start + offset + 1, (same,))
            continue
        old, new = start, new_start
        for one, other in _pairs(before[start:end], after[new_start:new_end]):
            yield from _unpaired(before, after, old, start + one, new, new_start + other)
            old, new = start + one + 1, new_start + other + 1
            yield Difference(CHANGED, old, new, _changed_words(before[old - 1], after[new - 1]))
        yield from _unpaired(before, after, old, end, new, new_end)


def _unpaired(
    before: Sequence[str], after: Sequence[str], old: int, old_end: int, new: int, new_end: int
) -> Iterator[Difference]:
    for index in range(old, old_end):
        yield Difference(REMOVED, index + 1, None, (Part(REMOVED, before[index]),))
    for index in range(new, new_end):
        yield Difference(ADDED, None, index + 1, (Part(ADDED, after[index]),))


def _pairs(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Pair the paragraphs that are alike, so that no two pairs cross."""
    if not before or not after:
        return []
    old, new = [_counted(text) for text in before], [_counted(text) for text in after]
    if len(old) * len(new) > _MOST_PAIRS:
        rows = range(min(len(old), len(new)))
        return [(row, row) for row in rows if _likeness(old[row], new[row]) >= _ALIKE]
    # best[i][j]: the greatest likeness that the paragraphs behind i and j can be paired with.
    alike = [[_likeness(one, other) for other in new] for one in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            paired = best[i + 1][j + 1] + alike[i][j] if alike[i][j] >= _ALIKE else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    found, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if alike[i][j] >= _ALIKE and best[i][j] == best[i + 1][j + 1] + alike[i][j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _counted(text: str) -> Counter[str]:
    return Counter(text.casefold().split())


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _changed_words(before: str, after: str) -> tuple[Part, ...]:
    old, new = before.split(), after.split()
    return tuple(
        Part(kind, " ".join(words))
        for step, start, end, new_start, new_end in _steps(old, new)
        for kind, words in (
            ((SAME, old[start:end]),)
            if step == "equal"
            else ((REMOVED, old[start:end]), (ADDED, new[new_start:new_end]))
        )
        if words
    )


def _steps(old: Sequence[str], new: Sequence[str]) -> Iterator[Step]:
    """Steps from one row to the other, as `SequenceMatcher.get_opcodes`; long equal ends cost nothing."""
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    left = shorter - head
    tail = next((n for n in range(left) if old[-1 - n] != new[-1 - n]), left)
    middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    if head:
        yield "equal", 0, head, 0, head
    if _meetings(middle, new_middle) * min(len(middle), len(new_middle)) > _MOST_WORK:
        found = _few_edits(middle, new_middle)
    else:
        found = list(SequenceMatcher(None, middle, new_middle, False).get_opcodes())
    for kind, start, end, new_start, new_end in found:
        yield kind, head + start, head + end, head + new_start, head + new_end
    if tail:
        yield "equal", len(old) - tail, len(old), len(new) - tail, len(new)


def _meetings(old: Sequence[str], new: Sequence[str]) -> int:
    """How many places of one row have the same word as a place of the other: what a comparison costs."""
    counted = Counter(new)
    return sum(times * counted[word] for word, times in Counter(old).items())


def _few_edits(old: Sequence[str], new: Sequence[str]) -> list[Step]:
    """Steps by Myers' O(ND) algorithm, whose cost grows with the changes and not with the text."""
    furthest = {1: 0}
    trace: list[dict[int, int]] = []
    for edits in range(_MOST_EDITS + 1):
        trace.append(dict(furthest))
        for diagonal in range(-edits, edits + 1, 2):
            down = _goes_down(furthest, diagonal, edits)
            x = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            while x < len(old) and 0 <= x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            furthest[diagonal] = x
            if x >= len(old) and x - diagonal >= len(new):
                return _steps_along(trace, len(old), len(new))
    return [("replace", 0, len(old), 0, len(new))]


def _goes_down(furthest: Mapping[int, int], diagonal: int, edits: int) -> bool:
    """True if the edit that leads to *diagonal* takes a word of the new row, False for one of the old."""
    return diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])


def _steps_along(trace: Sequence[Mapping[int, int]], old: int, new: int) -> list[Step]:
    """Walk back from the end along the way that was found, and tell it from the start."""
    steps: list[Step] = []
    x, y = old, new
    for edits in range(len(trace) - 1, -1, -1):
        diagonal = x - y
        down = edits > 0 and _goes_down(trace[edits], diagonal, edits)
        before = trace[edits][diagonal + 1 if down else diagonal - 1] if edits else 0
        start = before if down or not edits else before + 1
        if start < x:
            steps.append(("equal", start, x, start - diagonal, y))
        if edits:
            x, y = before, before - (diagonal + 1 if down else diagonal - 1)
            steps.append(("replace", x, start, y, start - diagonal))
    return list(_joined(steps[::-1]))


def _joined(steps: Sequence[Step]) -> Iterator[Step]:
    """Make one step of neighbours of the same kind."""
    for kind, same in groupby(steps, key=itemgetter(0)):
        row = list(same)
        yield kind, row[0][1], row[-1][2], row[0][3], row[-1][4]
