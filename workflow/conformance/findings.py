"""What a check of a plugin finds, and where: numbered checks, findings, places in the author's files."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from workflow.errors import Phrase

LOADING, HOOKS, NAMES, MACHINE, WORDS, MODELS, COMMANDS, PURE, UNTOUCHED, REPLAY = range(1, 11)
DATA, ANSWERS, REFUSALS, BLOCKERS, OLDER, GUARDS, EFFECTS, CALENDARS, HANDLERS, TIME = range(11, 21)

CHECKS: Mapping[int, tuple[str, str]] = {
    LOADING: ("loading", "it can be imported, and offers something"),
    HOOKS: ("hooks", "hooks have the names and arguments of their specifications"),
    NAMES: ("names", "what it offers has usable names that nobody else has"),
    MACHINE: ("machine", "states, actions and complete states fit together"),
    WORDS: ("words", "everything that people read is there in Vietnamese and English"),
    MODELS: ("models", "options, state and parameters are frozen models with a JSON Schema"),
    COMMANDS: ("commands", "options of the command line come of the parameters, with their help"),
    PURE: ("pure", "no clock, chance, file, network, environment or process is asked"),
    UNTOUCHED: ("untouched", "nothing that was handed in is changed"),
    REPLAY: ("replay", "the same events make the same state, also from their stored bytes"),
    DATA: ("data", "event data have a canonical form, free text is marked"),
    ANSWERS: ("answers", "methods answer with what they should, and raise refusals alone"),
    REFUSALS: ("refusals", "a refusal lists its reasons, in both languages"),
    BLOCKERS: ("blockers", "what blocks, what is owed and what is complete agree"),
    OLDER: ("older", "events of older versions are still read"),
    GUARDS: ("guards", "guards and vetoes are pure and answer with reasons"),
    EFFECTS: ("effects", "hooks after a change are pure and answer with effects"),
    CALENDARS: ("calendars", "calendars answer for every day, or say which year they lack"),
    HANDLERS: ("handlers", "handlers of effects, papers and exporters are what they should be"),
    TIME: ("time", "every call comes back within its time"),
}
"""Number to short name and what has to hold. Numbers never change their meaning."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        check: Number in `CHECKS`.
        severity: `error`, or `note` for what is no failure.
        line: 1 where no line can be named.
        shown_by: The commands that show it, empty where none are needed.
    """

    check: int
    severity: str
    file: str
    line: int
    phrase: Phrase
    shown_by: str = ""

    @property
    def name(self) -> str:
        """Short name of the check."""
        return CHECKS[self.check][0]

    @property
    def key(self) -> tuple[int, str, int, str]:
        """What tells it from others."""
        # One line that is not pure, or never the same, shows it in many ways.
        said = "" if self.check in (PURE, REPLAY, ANSWERS, MODELS) else str(self.phrase)
        return self.check, self.file, self.line, said

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        params = {name: value if isinstance(value, int) else str(value) for name, value in self.phrase.params.items()}
        return {**asdict(self), "phrase": {"text": self.phrase.text, "params": params, "vi": self.phrase.vi}}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Finding:
        """Rebuild it from `as_data()` values."""
        return cls(**{**data, "phrase": Phrase(**data["phrase"])})


Place = tuple[str, int]


@dataclass
class Findings:
    """Collects findings, each once, and hands each to *tell*.

    Attributes:
        root: Folder or file of the author's own; places are looked for in it.
    """

    root: Path
    tell: Callable[[Finding], None]
    found: list[Finding] = field(default_factory=list)
    shown_by: Callable[[], str] = lambda: ""

    def add(self, check: int, place: Place, text: str, /, *, severity: str = "error", **params: Any) -> None:
        """Add a finding; *text* is a message of the catalogue. What was told of a line is not told again."""
        finding = Finding(check, severity, place[0], place[1], Phrase(text, params), self.shown_by())
        if any(one.key == finding.key for one in self.found):
            return
        self.found.append(finding)
        self.tell(finding)

    def owns(self, file: str) -> bool:
        """True if a file is the author's."""
        path = Path(file)
        return path == self.root or self.root in path.parents

    def raised_at(self, error: BaseException, otherwise: Place) -> Place:
        """Return the innermost line of the author's that an exception came through."""
        if isinstance(error, SyntaxError) and error.filename:
            return error.filename, error.lineno or 1
        place, frame = otherwise, error.__traceback__
        while isinstance(frame, TracebackType):
            if self.owns(frame.tb_frame.f_code.co_filename):
                place = (frame.tb_frame.f_code.co_filename, frame.tb_lineno)
            frame = frame.tb_next
        return place

    def place_now(self, frame: Any, otherwise: Place) -> Place:
        """Return the author's innermost line that is being run."""
        while frame is not None:
            if self.owns(frame.f_code.co_filename):
                return frame.f_code.co_filename, frame.f_lineno
            frame = frame.f_back
        return otherwise


def place_of(thing: Any) -> Place:
    """Return where a class, function or instance is written down."""
    code = getattr(inspect.unwrap(thing), "__code__", None) if callable(thing) else None
    if code is not None:
        return code.co_filename, _line_of_def(code.co_filename, code.co_firstlineno)
    kind = thing if isinstance(thing, type) else type(thing)
    try:
        return inspect.getsourcefile(kind) or "-", inspect.getsourcelines(kind)[1]
    except (OSError, TypeError):
        return getattr(sys.modules.get(kind.__module__), "__file__", None) or "-", 1


def _line_of_def(file: str, first: int) -> int:
    """Return the line with `def`; *first* is that of the first decorator."""
    for line in range(first, first + 40):
        if linecache.getline(file, line).lstrip().startswith(("def ", "async def ")):
            return line
    return first


def place_of_name(kind: type, name: str) -> Place:
    """Return the line of a class, or of one that it is derived from, in which *name* is given its value."""
    for owner in kind.__mro__:
        if name in vars(owner) or name in getattr(owner, "__annotations__", {}):
            file, line = place_of(owner)
            try:
                body = ast.parse(textwrap.dedent("".join(inspect.getsourcelines(owner)[0]))).body[0]
            except (OSError, TypeError, SyntaxError, IndexError):
                return file, line
            return file, line - 1 + _line_in(body, name)
    return place_of(kind)


def _line_in(body: ast.AST, name: str) -> int:
    for node in getattr(body, "body", ()):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        named = [target.id for target in targets if isinstance(target, ast.Name)]
        if name in (*named, getattr(node, "name", None)):
            return int(node.lineno)
    return 1


def source_line(place: Place) -> str:
    """Return the text of a line, stripped; empty where it cannot be read."""
    return linecache.getline(*place).strip()
