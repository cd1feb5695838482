"""Writes the texts of the statements down, as the tables give them.

Run: `python -m workflow.store.compiling`, after every change of the tables or of a statement.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import product
from typing import Any, Final, get_args

from workflow.store.reading import TEXTS_AT_ONCE
from workflow.store.statement import Statement, Whose
from workflow.store.statements import Statements
from workflow.store.sweeps import OF_PLANS
from workflow.store.texts import call_of, file_of
from workflow.store.trails import Along

KINDS: Final = ("sqlite", "postgresql")

Call = tuple[str, tuple[Any, ...], dict[str, Any]]
"""A method of `Statements` with the arguments of one call."""


def calls() -> Iterator[Call]:
    """Yield every call by which the store asks for a statement that takes arguments."""
    for status, stage, event in product(((), ("status",)), ((), ("stage",)), (False, True)):
        yield "plans", (*status, *stage), {"event": event}
    for series, year in product(((), ("series",)), ((), ("year",))):
        yield "numbers", (*series, *year), {}
    positional: dict[str, Iterator[tuple[Any, ...]]] = {
        "texts": ((count,) for count in TEXTS_AT_ONCE),
        "awake": ((column,) for column in ("wakes_on", "reminds_on")),
        "due": product((False, True), get_args(Whose)),
        "effect_page": iter(((), ("state",))),
        "trail": product(get_args(Along), (False, True)),
        "sweep": product((False, True), repeat=3),
        "strays": ((table,) for table in OF_PLANS),
        "count_events": iter(((),)),
        "chain_far_behind": iter(((),)),
    }
    for name, variants in positional.items():
        for arguments in variants:
            yield name, arguments, {}


def names() -> Iterator[str]:
    """Yield the names of the statements that take no arguments."""
    for base in reversed(Statements.__mro__):
        yield from (name for name, value in vars(base).items() if isinstance(value, cached_property))


def compiled(kind: str) -> dict[str, Mapping[str, Any]]:
    """Return what the file for a kind of database has to say, by the name of the statement or its call."""
    statements = Statements(kind)
    found = {name: _entry(getattr(statements, name)) for name in names()}
    for name, arguments, named in calls():
        found[call_of(name, arguments, named)] = _entry(getattr(statements, name)(*arguments, **named))
    return found


def _entry(statement: Statement) -> Mapping[str, Any]:
    constants = {"constants": list(statement.constants)} if statement.constants else {}
    return {"names": list(statement.names), **constants, "text": statement.text}


def main() -> None:
    """Write the file for every kind of database."""
    for kind in KINDS:
        # A statement to a line, so that a change of one is seen as that.
        lines = (f"{json.dumps(call)}: {json.dumps(entry)}" for call, entry in sorted(compiled(kind).items()))
        file_of(kind).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
