"""The texts of the statements as they were compiled beforehand: everyday commands import no SQLAlchemy for them.

`statements` makes every statement from the tables; `python -m workflow.store.compiling` writes down what comes out,
in one file for each kind of database. A test holds that files and tables agree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from workflow.store.statement import Statement

if TYPE_CHECKING:
    from workflow.store.statements import Statements


def statements_for(kind: str) -> Statements:
    """Return all statements for a kind of database, `sqlite` or `postgresql`."""
    return cast("Statements", Texts(kind))


def file_of(kind: str) -> Path:
    """Return the file of what was compiled for a kind of database."""
    return Path(__file__).with_name(f"texts.{kind}.json")


def call_of(method: str, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> str:
    """Return under which key the statement stands that a method of `Statements` returns for these arguments."""
    said = [*map(repr, arguments), *(f"{name}={value!r}" for name, value in sorted(named.items()))]
    return f"{method}({', '.join(said)})"


class Texts:
    """Has every statement under its name in `Statements`; what the file lacks is compiled when it is asked for."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._kept = _kept(kind)
        self._methods = {call.partition("(")[0] for call in self._kept if call[-1] == ")"}

    def __getattr__(self, name: str) -> Any:
        # Comes here once for each name: what was found stays.
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._kept:
            found: Any = _statement(self._kept[name])
        elif name in self._methods:
            found = cache(partial(self._called, name))
        else:
            found = getattr(self._compiled, name)
        self.__dict__[name] = found
        return found

    def _called(self, method: str, *arguments: Any, **named: Any) -> Statement:
        entry = self._kept.get(call_of(method, arguments, named))
        if entry is not None:
            return _statement(entry)
        compiled: Statement = getattr(self._compiled, method)(*arguments, **named)
        return compiled

    @cached_property
    def _compiled(self) -> Statements:
        from workflow.store.statements import Statements

        return Statements(self._kind)


@cache
def _kept(kind: str) -> Mapping[str, Mapping[str, Any]]:
    kept: Mapping[str, Mapping[str, Any]] = json.loads(file_of(kind).read_bytes())
    return kept


def _statement(entry: Mapping[str, Any]) -> Statement:
    return Statement(entry["text"], tuple(entry["names"]), tuple(entry.get("constants", ())))
