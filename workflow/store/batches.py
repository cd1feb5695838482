"""A change as one statement for PostgreSQL: one round trip, and one transaction without BEGIN and COMMIT.

The statement's first part is the guard: it touches exactly one row or none. Everything behind it is
written only if it touched one, and the answer says whether it did. Texts differ by how many rows
there are of each kind; those of everyday changes are few and kept. Their places are numbered ($1),
as the server wants them: with %s the driver would read such long texts anew each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Boolean, Integer, LargeBinary, Table
from sqlalchemy.dialects.postgresql import dialect

from workflow.messages import WORKSPACE_CHAIN
from workflow.store import effects, interface, statement, statements
from workflow.store.interface import DefinitionRow, EventRow, PlanChange, TextRow
from workflow.store.statement import columns_of
from workflow.store.statements import Statements
from workflow.store.trails import about_rows

MOST_ROWS: Final = 400
"""Rows in one statement; more go into further statements of one transaction."""

NOTHING_TO_GUARD: Final = "SELECT 1"

HEAD_STANDS: Final = (
    f"SELECT 1 WHERE %s = 0 OR EXISTS (SELECT 1 FROM event WHERE plan = '{WORKSPACE_CHAIN}' AND seq = %s AND hash = %s)"
)
"""Guards `@workspace`: the event before is its newest. A newer one would refuse the key of the next."""

Rows = tuple[str, Sequence[Any]]
"""A row with the kind it is of, a key of `_PARTS`."""

_quoted = dialect().identifier_preparer.quote


@dataclass(frozen=True)
class _Part:
    """How rows of one kind are written: the text before and behind their values, and the values' types."""

    before: str
    types: tuple[str, ...]
    behind: str


def _type(table: Table, name: str) -> str:
    kind = table.c[name].type
    if isinstance(kind, LargeBinary):
        return "bytea"
    if isinstance(kind, Boolean):
        return "boolean"
    return "integer" if isinstance(kind, Integer) else "text"


def _inserting(table: Table, names: Sequence[str], behind: str = "") -> _Part:
    columns = ", ".join(map(_quoted, names))
    return _Part(
        f"INSERT INTO {_quoted(table.name)} ({columns}) SELECT * FROM",
        tuple(_type(table, name) for name in names),
        f"AS given WHERE EXISTS (SELECT 1 FROM guard) {behind}",
    )


def _work_items() -> _Part:
    table, names = statements.WORK_ITEM, columns_of(interface.WorkItemRow)
    keys = [column.name for column in table.primary_key]
    others = ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in names if name not in keys)
    return _inserting(table, names, f"ON CONFLICT ({', '.join(map(_quoted, keys))}) DO UPDATE SET {others}")


def _gone_items() -> _Part:
    names = ("plan", "step", "round", "key")
    same = " AND ".join(f"work_item.{_quoted(name)} = given.{_quoted(name)}" for name in names)
    return _Part(
        "DELETE FROM work_item USING",
        tuple(_type(statements.WORK_ITEM, name) for name in names),
        f"AS given ({', '.join(map(_quoted, names))}) WHERE {same} AND EXISTS (SELECT 1 FROM guard)",
    )


_PARTS: Final = {
    "event": _inserting(statements.EVENT, columns_of(interface.EventRow)),
    "about": _inserting(statements.ABOUT, [column.name for column in statements.ABOUT.columns]),
    "gone_item": _gone_items(),
    "work_item": _work_items(),
    "document": _inserting(statements.DOCUMENT, columns_of(interface.DocumentRow)),
    "number": _inserting(statements.NUMBER, columns_of(interface.NumberRow)),
    "effect": _inserting(statements.EFFECT, columns_of(effects.EffectRow)),
    "content": _inserting(statements.CONTENT, ("key", "kind", "part", "salt", "data"), "ON CONFLICT DO NOTHING"),
    "definition": _inserting(statements.DEFINITION, columns_of(DefinitionRow), "ON CONFLICT (hash) DO NOTHING"),
}


def of_change(sql: Statements, change: PlanChange) -> Iterator[tuple[str, list[Any]]]:
    """Yield the statements of a change with their values; the first says how many plans it touched: 1 or 0."""
    plan = change.plan
    if change.expected:
        guard = f"{sql.update_plan.text} RETURNING 1"
        values = [*statement.plan_values(plan)[1:], plan.id, change.expected]
    else:
        guard = f"{sql.insert_plan.text} ON CONFLICT DO NOTHING RETURNING 1"
        values = list(statement.plan_values(plan))
    return _statements(guard, values, list(_rows_of_change(change)))


def of_workspace(
    events: Sequence[EventRow], texts: Sequence[TextRow], definitions: Sequence[DefinitionRow]
) -> Iterator[tuple[str, list[Any]]]:
    """Yield the statements that append to `@workspace`; the first says whether the head stands: 1 or 0."""
    rows = [("event", statement.event_values(row)) for row in events]
    rows += [("about", row) for row in about_rows(events)]
    rows += [("definition", statement.definition_values(row)) for row in definitions]
    rows += [("content", statement.content_values(row)) for row in texts]
    before = events[0].seq - 1
    return _statements(HEAD_STANDS, [before, before, events[0].previous], rows)


def _rows_of_change(change: PlanChange) -> Iterator[Rows]:
    # Events come first: what refers to them may stand in a later statement.
    yield from (("event", statement.event_values(row)) for row in change.events)
    yield from (("about", row) for row in change.about)
    kept = {(row.step, row.round, row.key) for row in change.work_items}
    # One statement must not touch a row twice; a row that is put is not gone.
    yield from (("gone_item", (change.plan.id, *key)) for key in change.gone_items if key not in kept)
    yield from (("work_item", statement.work_item_values(row)) for row in change.work_items)
    yield from (("document", statement.document_values(row)) for row in change.documents)
    yield from (("number", statement.number_values(row)) for row in change.numbers)
    yield from (("effect", statement.effect_values(row)) for row in change.effects)
    yield from (("content", statement.content_values(row)) for row in change.texts)


def _statements(guard: str, values: list[Any], rows: Sequence[Rows]) -> Iterator[tuple[str, list[Any]]]:
    for start in range(0, len(rows), MOST_ROWS):
        counts: dict[str, int] = {}
        for kind, row in rows[start : start + MOST_ROWS]:
            counts[kind] = counts.get(kind, 0) + 1
            values.extend(row)
        yield _text(guard, tuple(counts.items())), values
        guard, values = NOTHING_TO_GUARD, []


@lru_cache(maxsize=500)
def _text(guard: str, counts: tuple[tuple[str, int], ...]) -> str:
    parts = [f"WITH guard AS ({guard})"]
    for kind, count in counts:
        part = _PARTS[kind]
        # The first row's casts give the others their types.
        first = ", ".join(f"%s::{type_}" for type_ in part.types)
        other = ", ".join(["%s"] * len(part.types))
        given = ", ".join([f"({first})", *[f"({other})"] * (count - 1)])
        parts.append(f"{kind}_rows AS ({part.before} (VALUES {given}) {part.behind})")
    pieces = (", ".join(parts) + " SELECT count(*) FROM guard").split("%s")
    return "".join(f"{piece}${number}" for number, piece in enumerate(pieces[:-1], 1)) + pieces[-1]
