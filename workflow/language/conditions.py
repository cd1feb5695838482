"""Conditions of transitions (`when:`), written in CEL.

The language is the library's; here stands what a condition may name, and what limits keep one small.
The library is imported when a condition is first met. Whatever it does wrong, panics included, is a
refusal: a condition that cannot be evaluated never lets a plan through.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from workflow.errors import Phrase, Reason, Refused
from workflow.language.definition import Definition
from workflow.language.problems import did_you_mean
from workflow.plan.state import UNOPENED

MAX_LENGTH = 1000
MAX_NESTING = 32

OFFERED: Mapping[str, str] = {
    "plan": "id, stage, status, revision (a whole number), created_on, definition (its id)",
    "today": "the day on which the transition happens, ISO text",
    "actor": "person id of who fires it",
    "param": "the plan's parameters: param.name or param['a-name'], texts",
    "steps": "the newest round of a step: steps['stage/step'].state, .complete, .round, .outcome, .opened_on, "
    ".completed_on, .due_on; for a step that was never opened: round 0, not complete, the rest empty",
    "step": "the same by a step's own id where only one step has it: step.round_one",
    "normative": "true or false, as the definition says",
    "visits": "how often a stage was entered: visits['stage']",
}
"""What a condition may name, for the guide and for editors."""

FUNCTIONS = frozenset({"size", "int", "string", "has"})
METHODS = frozenset({"size", "startsWith", "endsWith", "contains", "matches"})
COMPREHENSIONS = frozenset({"all", "exists", "exists_one", "map", "filter"})

_PLAN = ("id", "stage", "status", "revision", "created_on", "definition")
_WORDS = frozenset({"true", "false", "null", "in"})
_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<text>[bB]?[rR](?:"[^"\n]*"|'[^'\n]*')
        |[bB]?[rR]?(?:\"\"\"(?s:.*?)\"\"\"|'''(?s:.*?)'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
    |(?P<number>(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)[uU]?)
    |(?P<name>[A-Za-z_][A-Za-z_0-9]*)
    |(?P<sign>&&|\|\||[<>=!]=|.)""",
    re.VERBOSE | re.DOTALL,
)
_PLACE = re.compile(r"<input>:(\d+):(\d+): (?:Syntax error: )?(.*)")

Tree = Mapping[str, Any]
"""Names to what lies below them; None where a value is reached."""


@dataclass(frozen=True)
class Fault:
    """What is wrong in a condition, by line and column within its text, from 1."""

    line: int
    column: int
    phrase: Phrase
    hint: Phrase | None = None


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int


def names_in(definition: Definition) -> Tree:
    """Return every name that a plan of *definition* offers to a condition."""
    step: Tree = {name: None for name in UNOPENED}
    count = Counter(address.rsplit("/", 1)[-1] for address in definition.steps)
    return {
        "plan": {name: None for name in _PLAN},
        "today": None,
        "actor": None,
        "normative": None,
        "param": {name: None for name in definition.parameters},
        "visits": {stage: None for stage in definition.stages},
        "steps": {address: step for address in definition.steps},
        "step": {name: step for name, uses in count.items() if uses == 1},
    }


def problems(expression: str, names: Tree) -> list[Fault]:
    """Return what is wrong with a condition; nothing if it can be evaluated.

    Args:
        names: What a plan offers, as `names_in` returns it.
    """
    large = _too_large(expression)
    if large is not None:
        return [large]
    try:
        _compiled(expression)
    except BaseException as failure:  # the library's panics are no Exception
        _let_through(failure)
        return [_syntax(failure)]
    return list(_Names(expression, names).faults())


def is_constant(expression: str) -> bool | None:
    """Return the verdict of a condition that names nothing of the plan, None for any other."""
    if any(token.kind == "name" and token.text not in _WORDS for token in _tokens(expression)):
        return None
    try:
        return evaluate(expression, {})
    except Refused:
        return False


def evaluate(expression: str, values: Mapping[str, Any]) -> bool:
    """Return whether a condition holds.

    Args:
        values: What the plan offers (`OFFERED`); `step` is made from `steps` where it is not given.

    Raises:
        Refused: If it cannot be evaluated, or gives anything but true or false.
    """
    large = _too_large(expression)
    if large is not None:
        raise _refusal(expression, large.phrase)
    if "step" not in values and "steps" in values:
        values = {**values, "step": _by_own_id(values["steps"])}
    try:
        result = _compiled(expression).execute(dict(values))
    except Exception as failure:
        raise _refusal(expression, Phrase("{detail}", {"detail": _first_line(failure)})) from failure
    except BaseException as failure:  # the library's panics are no Exception
        _let_through(failure)
        raise _refusal(expression, Phrase("the expression library broke down")) from failure
    if result is not True and result is not False:
        raise _refusal(expression, Phrase("it gives {kind}, not true or false", {"kind": type(result).__name__}))
    return result


def _let_through(failure: BaseException) -> None:
    if isinstance(failure, KeyboardInterrupt | SystemExit | GeneratorExit | MemoryError):
        raise failure


def _by_own_id(steps: Mapping[str, Any]) -> dict[str, Any]:
    count = Counter(address.rsplit("/", 1)[-1] for address in steps)
    found = ((address.rsplit("/", 1)[-1], step) for address, step in steps.items())
    return {name: step for name, step in found if count[name] == 1}


def _refusal(expression: str, phrase: Phrase) -> Refused:
    shown = expression if len(expression) <= 200 else expression[:199] + "…"
    return Refused(
        "the condition `{condition}` cannot be evaluated: {why}",
        code="condition-failed",
        reasons=(Reason("condition-failed", phrase),),
        condition=shown,
        why=phrase,
    )


@lru_cache(maxsize=256)
def _compiled(expression: str) -> Any:
    import cel  # slow to import, and most commands meet no condition

    return cel.compile(expression)


def _first_line(failure: BaseException) -> str:
    return (str(failure).splitlines() or [type(failure).__name__])[0][:300]


def _syntax(failure: BaseException) -> Fault:
    found = _PLACE.search(str(failure))
    if not found:
        return Fault(1, 1, Phrase("this is no condition: {detail}", {"detail": _first_line(failure)}))
    detail = found[3].split(" expecting {")[0]
    return Fault(int(found[1]), int(found[2]), Phrase("this is no condition: {detail}", {"detail": detail}))


def _too_large(expression: str) -> Fault | None:
    if len(expression) > MAX_LENGTH:
        return Fault(1, 1, Phrase("a condition has at most {limit} characters", {"limit": MAX_LENGTH}))
    depth = 0
    for token in _tokens(expression):
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth > MAX_NESTING:
            line, column = _place(expression, token.start)
            return Fault(line, column, Phrase("nested more than {limit} levels deep", {"limit": MAX_NESTING}))
    return None


_OPENING = frozenset({"(", "[", "{", "?"})
_CLOSING = frozenset({")", "]", "}"})


def _tokens(expression: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(expression):
        if match.lastgroup != "space":
            yield _Token(match.lastgroup or "", match.group(), match.start())


def _place(expression: str, start: int) -> tuple[int, int]:
    return expression.count("\n", 0, start) + 1, start - expression.rfind("\n", 0, start)


class _Names:
    """Follows every name and member path of an expression that the library has parsed."""

    def __init__(self, expression: str, offered: Tree) -> None:
        self.expression = expression
        self.offered = offered
        self.tokens = list(_tokens(expression))
        self.scopes: list[tuple[int, str]] = []  # (bracket depth, variable) of comprehensions

    def faults(self) -> Iterator[Fault]:
        """Find calls and names that a condition may not use."""
        depth, index = 0, 0
        while index < len(self.tokens):
            token = self.tokens[index]
            if token.text in "([{":
                depth += 1
            elif token.text in ")]}":
                depth -= 1
                if self.scopes and depth < self.scopes[-1][0]:
                    self.scopes.pop()
            if token.kind == "name" and token.text not in _WORDS:
                if self._text(index - 1) == ".":
                    yield from self._member(index, depth)
                elif self._text(index + 1) == "(":
                    yield from self._known(token, FUNCTIONS, Phrase("there is no function `{name}`"))
                elif token.text not in {variable for _, variable in self.scopes}:
                    found, index = self._path(index)
                    yield from found
            index += 1

    def _text(self, index: int) -> str:
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def _fault(self, token: _Token, phrase: Phrase, hint: Phrase | None = None) -> Fault:
        line, column = _place(self.expression, token.start)
        return Fault(line, column, phrase, hint)

    def _known(self, token: _Token, known: frozenset[str], phrase: Phrase) -> Iterator[Fault]:
        if token.text not in known:
            hint = did_you_mean(token.text, known) or Phrase("there are: {known}", {"known": ", ".join(sorted(known))})
            yield self._fault(token, Phrase(phrase.text, {"name": token.text}), hint)

    def _member(self, index: int, depth: int) -> Iterator[Fault]:
        """Judge a name behind a dot that is no part of a path from a known name."""
        token = self.tokens[index]
        if self._text(index + 1) != "(":
            return
        if token.text in COMPREHENSIONS:
            if self.scopes:
                yield self._fault(token, Phrase("`{name}` may not stand inside another", {"name": token.text}))
            self.scopes.append((depth + 1, self._text(index + 2)))
        else:
            yield from self._known(token, METHODS | COMPREHENSIONS, Phrase("there is no function `{name}`"))

    def _path(self, index: int) -> tuple[list[Fault], int]:
        """Follow a path from its first name; return what is wrong and the last token of the path."""
        tree: Any = self.offered
        shown = ""
        token, last = self.tokens[index], index
        while True:
            name = token.text if token.kind == "name" else _unquoted(token.text)
            if name not in tree:
                phrase = Phrase("a plan offers no `{name}`", {"name": name})
                if shown:
                    phrase = Phrase("`{path}` has no `{name}`", {"path": shown, "name": name})
                return [self._fault(token, phrase, did_you_mean(name, tree))], self._end(last)
            tree = tree[name]
            if token.kind == "text":
                shown += f"[{token.text}]"
            else:
                shown += f".{name}" if shown else name
            if tree is None:
                return self._value(last, shown), last
            following, behind = self._text(last + 1), self._text(last + 3)
            if following == "." and behind != "(":
                token, last = self.tokens[last + 2], last + 2
            elif following == "[" and behind == "]" and self.tokens[last + 2].kind == "text":
                token, last = self.tokens[last + 2], last + 3
            else:
                return [self._fault(token, Phrase("say which value of `{path}`", {"path": shown}))], last

    def _value(self, index: int, shown: str) -> list[Fault]:
        """A value has no members: behind it only a method can follow."""
        following = self._text(index + 1)
        if following == "[" or (following == "." and self._text(index + 3) != "("):
            return [self._fault(self.tokens[index], Phrase("`{path}` is a single value", {"path": shown}))]
        return []

    def _end(self, index: int) -> int:
        """Skip what follows a name that is not there: one fault is enough."""
        while True:
            if self._text(index + 1) == "." and self._text(index + 3) != "(":
                index += 2
            elif self._text(index + 1) == "[" and self._text(index + 3) == "]":
                index += 3
            else:
                return index


def _unquoted(text: str) -> str:
    return text.lstrip("rRbB").strip("\"'")
