"""Problems of a text that somebody wrote: what is wrong, and exactly where.

Shared by the loader, which finds what is wrong in one text, and by the checks, which know more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Literal

from workflow.errors import N_, Phrase, ProblemsFound, Reason

MOST_COMPARED = 1000
"""From more names than this none is suggested."""

Severity = Literal["error", "warning", "note"]
Path = tuple[str | int, ...]
Place = tuple[int, int]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file. Line and column count from 1."""

    file: str
    line: int
    column: int
    code: str
    severity: Severity
    phrase: Phrase
    hint: Phrase | None = None

    def __str__(self) -> str:
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.place}: {self.code} {self.phrase}{hint}"

    @property
    def words(self) -> Phrase:
        """Place, code and sentence, for either language."""
        return Phrase("{place}: {code} {problem}", {"place": self.place, "code": self.code, "problem": self.phrase})

    @property
    def place(self) -> str:
        """`FILE:LINE:COL`, which editors understand."""
        return f"{self.file}:{self.line}:{self.column}"


class DefinitionInvalid(ProblemsFound):
    """A file cannot be taken as what it should be; `problems` lists everything found in it."""

    code = "definition-invalid"

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda found: (found.line, found.column, found.code)))
        reasons = tuple(
            Reason(found.code, Phrase("{place}: {problem}", {"place": found.place, "problem": found.phrase}))
            for found in self.problems
        )
        super().__init__(
            N_("{file} cannot be used: {count} {count|problem|problems}, the first in line {line}"),
            reasons=reasons,
            file=name,
            count=len(self.problems),
            line=self.problems[0].line if self.problems else 1,
        )


class Positions:
    """Where each key and value of a text stands, by its path from the top.

    The places are found when first asked for: a text without problems never pays for them.

    Args:
        find: Returns the places of keys and the places of values, by path.
    """

    def __init__(self, find: Callable[[], tuple[Mapping[Path, Place], Mapping[Path, Place]]]) -> None:
        self._find = find
        self._found: tuple[Mapping[Path, Place], Mapping[Path, Place]] | None = None

    def _places(self) -> tuple[Mapping[Path, Place], Mapping[Path, Place]]:
        if self._found is None:
            self._found = self._find()
        return self._found

    def key(self, path: Path) -> Place:
        """Return line and column of the key at *path*; for an item of a list, of the item."""
        keys, values = self._places()
        return keys.get(path) or values.get(path) or (self.key(path[:-1]) if path else (1, 1))

    def value(self, path: Path) -> Place:
        """Return line and column of the value at *path*, of the nearest one around it if absent."""
        _, values = self._places()
        return values.get(path) or (self.value(path[:-1]) if path else (1, 1))

    def __getitem__(self, path: Path) -> Place:
        """Return where to point for the thing at *path*: its value, or the key of a whole mapping."""
        return self.value(path)


def did_you_mean(word: str, known: Iterable[str]) -> Phrase | None:
    """Return a hint with the known word most like *word*, or None if none is like it."""
    names = {str(one) for one in islice(known, MOST_COMPARED + 1)}
    # Comparing takes long, so a text with thousands of names goes without.
    near = get_close_matches(str(word)[:100], sorted(names), n=1) if len(names) <= MOST_COMPARED else []
    return Phrase("did you mean `{suggestion}`?", {"suggestion": near[0]}) if near else None
