"""No statement of the store looks through everything: each one uses an index, or is named here with its reason."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from contextlib import closing
from functools import cached_property
from typing import Any

import pytest
from store.statements_tour import tour

from workflow.store.interface import Store
from workflow.store.sql import SqlStore
from workflow.store.statements import Statements

WHOLE = {
    "FROM effect ORDER BY effect.plan": "`workflow.testing` alone asks for all effects at once",
    "FROM definition ORDER BY": "as many as there are versions of definitions, not plans",
    "FROM worker": "as many as there are workers",
    "WHERE issued_number.year = ": "the register of one year in every series: sorted series by series",
    "AS ends ON": "one page of chains, sorted once it is there",
    "alembic_version": "one row",
    "FROM pg_trigger": "the server's own tables",
    "FROM sqlite_master": "the file's own table",
    "FROM seal ORDER BY seal.number DESC LIMIT 1": "the end of the table in the order of its own key",
}
"""Statements that may look through a whole table, or sort what they found: a part of their text, and why."""

APART = ("close", "sweep", "spread", "strays", "record_leaving")
"""Whoever verifies looks at everything there is; what leaves the house is recorded by one statement of its own."""

OURS = ("plan", "event", "work_item", "document", "content", "definition", "effect", "issued_number", "event_about")


def may_be_whole(text: str) -> bool:
    """True if a statement is named above."""
    return any(part in " ".join(text.split()) for part in WHOLE)


@pytest.fixture
def touring(store) -> SqlStore:
    """A store on SQLite."""
    return store


def test_the_tour_leaves_nothing_out(touring):
    """It calls every method of the contract and compiles every statement there is."""
    called: set[str] = set()

    class Seen:
        def __getattr__(self, name: str) -> Any:
            called.add(name)
            return getattr(touring, name)

    tour(Seen())
    methods = {name for name, _ in inspect.getmembers(Store, inspect.isfunction) if name[0] != "_"}
    statements = {
        name for base in Statements.__mro__ for name, value in vars(base).items() if isinstance(value, cached_property)
    }

    assert methods - {*APART} == called
    assert statements <= set(vars(touring._sql))


@pytest.fixture
def ran(touring) -> set[str]:
    """What SQLite was asked on the tour, with its values."""
    said: set[str] = set()
    touring._pooled().dbapi_connection.set_trace_callback(said.add)
    tour(touring)
    touring._pooled().dbapi_connection.set_trace_callback(None)
    return {text for text in said if re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)\b", text, re.IGNORECASE)}


def test_every_statement_on_sqlite_goes_along_an_index(ran, raw):
    """SQLite's own plan of each statement that ran has no walk through a table and no page sorted first."""
    assert len(ran) > 40
    assert {} == _walking(ran, raw)


def test_every_index_is_gone_along_by_some_statement(ran, raw):
    """Each of our indexes stands in the plan of some statement: none is there for nothing."""
    made = raw.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    assert len(made) >= 9
    used = {step for text in ran for step in _steps(text, raw)}
    for (name,) in made:
        assert any(f" {name} " in f"{step} " for step in used), name


def _walking(ran: set[str], raw: Any) -> dict[str, list[str]]:
    plans = {text: _steps(text, raw) for text in ran if not may_be_whole(text)}
    return {text: steps for text, steps in plans.items() if _walks(text, steps)}


def _steps(text: str, raw: Any) -> list[str]:
    return [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {text}")]


def _walks(text: str, steps: list[str]) -> list[str]:
    """The steps that look at more than is answered: walks without an index, and pages that are sorted first."""
    # A walk along an index in the order of the page ends with the page.
    kept_small = r"SEARCH |(CO-ROUTINE|MATERIALIZE|LIST|CORRELATED) |SCAN \w+ USING (COVERING )?INDEX "
    if "LIMIT" not in text:
        kept_small += "|USE TEMP B-TREE FOR"
    return [step for step in steps if not re.match(kept_small, step)]


def test_no_statement_leaves_rows_out_or_counts_them(touring):
    """There is no OFFSET, and no count of more than the one row that a guard touches."""
    said: list[str] = []
    touring._pooled().dbapi_connection.set_trace_callback(said.append)
    tour(touring)

    # SQLAlchemy writes `OFFSET 0` behind each LIMIT for SQLite.
    assert not [text for text in said if re.search(r"\bOFFSET\b(?! 0\b)", text, re.IGNORECASE)]
    assert not [text for text in said if re.search(r"\bcount\s*\(", text, re.IGNORECASE)]


def test_every_statement_on_postgresql_has_an_index_to_go_along(postgres_database, monkeypatch):
    """With sequential scans and sorting forbidden, the server finds a plan for each statement without them."""
    with closing(SqlStore(postgres_database)) as store:
        plans = list(_explained(store, postgres_database, monkeypatch))
    assert len(plans) > 40
    for text, plan in plans:
        assert "OFFSET" not in text.upper()
        walked = [node for node in _nodes(plan) if node["Node Type"] == "Seq Scan" and node["Relation Name"] in OURS]
        assert may_be_whole(text) or not walked, f"{text}\n{walked}"


def _explained(store: SqlStore, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each statement that the tour lets the server do, with the server's plan of it."""
    import psycopg

    ran: list[tuple[type, str, Any]] = []
    for cursor in (psycopg.Cursor, psycopg.RawCursor):
        monkeypatch.setattr(cursor, "execute", _noting(cursor, cursor.execute, ran))
    tour(store)
    monkeypatch.undo()
    with closing(psycopg.connect(url)) as connection:
        connection.execute("SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off")
        for cursor, text, values in ran:
            if isinstance(text, str) and re.match(r"\s*(SELECT|UPDATE|DELETE|WITH|INSERT)\b", text, re.IGNORECASE):
                told = cursor(connection).execute(f"EXPLAIN (FORMAT JSON) {text}", values).fetchone()[0]
                yield text, (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]


def _noting(cursor: type, execute: Any, ran: list[tuple[type, str, Any]]) -> Any:
    def noted(self: Any, query: Any, params: Any = None, **more: Any) -> Any:
        if type(self) is cursor:
            ran.append((cursor, query, params))
        return execute(self, query, params, **more)

    return noted


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
