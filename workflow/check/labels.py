"""Remarks on the source's own numbers: they are kept as they are, and often jump or repeat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from workflow.check.subject import Subject
from workflow.errors import Phrase
from workflow.language.definition import Section
from workflow.language.problems import Path, Problem

_LETTERS = "abcdđeghiklmnopqrstuvxy"
"""The Vietnamese alphabet as lists use it."""

_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}

Labelled = tuple[str, Path]


def ordinal(label: str) -> tuple[str, int] | None:
    """Return what a number is counted under, and its place there; None if it is no number.

    `7` is the 7th of its kind, `II.3` the 3rd under `II`, `d` the 4th letter.
    """
    above, _, last = label.strip().rstrip(".)").rpartition(".")
    if last.isdecimal():
        return f"{above}.1", int(last)
    if len(last) == 1 and last in _LETTERS:
        return f"{above}.a", _LETTERS.index(last) + 1
    if re.fullmatch(r"(?=.)(X[CL]|L?X{0,3})(I[XV]|V?I{0,3})", last):
        digits = [_ROMAN[digit] for digit in last]
        return f"{above}.I", sum(-one if one < two else one for one, two in pairwise([*digits, 0]))
    return None


def jumps(subject: Subject) -> Iterator[Problem]:
    """Where a number is not the one after the number before."""
    for row in _rows(subject):
        for (one, _), (two, path) in pairwise(row):
            first, second = ordinal(one), ordinal(two)
            if one != two and first and second and first[0] == second[0] and second[1] != first[1] + 1:
                yield subject.note(
                    "label-jump", path, Phrase("the numbers go from {one} to {two}", {"one": one, "two": two})
                )


def repeats(subject: Subject) -> Iterator[Problem]:
    """Where a number comes again. Neighbours may share one, if they share its date too."""
    stages = subject.definition.stages
    for row in _rows(subject):
        seen: dict[str, Path] = {}
        previous: Labelled | None = None
        for label, path in row:
            shared = previous is not None and previous[0] == label and path[0] != "outline"
            if shared and previous is not None and len(path) == 3 and path[0] == "stages":
                shared = _same_date(stages[str(previous[1][1])], stages[str(path[1])])
            if label in seen and not shared:
                yield subject.note("label-repeat", path, Phrase("the number {label} comes again", {"label": label}))
            seen[label] = path
            previous = (label, path)


def _same_date(one: object, two: object) -> bool:
    keys = ("window", "month", "due", "before")
    return bool(getattr(two, "inherit", False)) or all(getattr(one, key) == getattr(two, key) for key in keys)


def _rows(subject: Subject) -> Iterator[list[Labelled]]:
    """Each row of things that the source numbers through."""
    definition = subject.definition
    yield [(stage.label, ("stages", id_, "label")) for id_, stage in definition.stages.items() if stage.label]
    for place in (*definition.stages, None):
        steps = [placed for placed in subject.steps if placed.stage == place]
        yield [(placed.step.label, (*placed.path, "label")) for placed in steps if placed.step.label]
    yield from _sections(("outline",), definition.outline)


def _sections(path: Path, sections: Iterable[Section]) -> Iterator[list[Labelled]]:
    listed = list(sections)
    yield [(section.label, (*path, index, "label")) for index, section in enumerate(listed)]
    for index, section in enumerate(listed):
        yield from _sections((*path, index, "sections"), section.sections)


RULES = (jumps, repeats)
