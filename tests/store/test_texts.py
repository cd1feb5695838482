"""What was compiled beforehand is what the tables give, and all that the store ever asks for."""

from __future__ import annotations

import json
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import make_url
from store.statements_tour import tour

from workflow.store.compiling import KINDS, compiled
from workflow.store.places import backend_of
from workflow.store.sql import SqlStore
from workflow.store.statement import Statement
from workflow.store.statements import Statements
from workflow.store.texts import Texts, file_of, statements_for

WRITE = "run: python -m workflow.store.compiling"


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_say_what_the_tables_give(kind):
    """Every statement in the file is the one that is compiled now, and none is left out."""
    assert compiled(kind) == json.loads(file_of(kind).read_text("utf-8")), WRITE


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_from_the_file_is_the_statement_itself(kind):
    """Text, names and constants are equal, by name and by call."""
    kept, made = statements_for(kind), Statements(kind)

    assert made.last_event == kept.last_event
    assert made.plans("status", event=False) == kept.plans("status", event=False)
    assert made.numbers() == kept.numbers()
    assert isinstance(kept.plan, Statement)


def test_what_the_file_lacks_is_compiled():
    """A call that nobody foresaw has its statement all the same, and a name that is none is refused."""
    kept = Texts("sqlite")

    assert Statements("sqlite").texts(17) == kept.texts(17)
    with pytest.raises(AttributeError):
        _ = kept.no_statement


def _ask_everything(store: SqlStore) -> None:
    tour(store)
    store.spread(2)
    store.strays()
    for columns, after, until in product((True, False), (None, "a"), (None, "z")):
        with store.snapshot():
            list(store.sweep(columns=columns, after=after, until=until))


def test_on_a_file_the_store_asks_for_nothing_else(store):
    """All that the store can be asked or told compiles nothing."""
    _ask_everything(store)

    assert "_compiled" not in vars(store._sql)


def test_on_a_server_the_store_asks_for_nothing_else(postgres_database):
    """All that the store can be asked or told compiles nothing."""
    with closing(SqlStore(postgres_database)) as store:
        _ask_everything(store)

        assert "_compiled" not in vars(store._sql)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_an_address_names_the_file_that_sqlalchemy_reads_in_it(path):
    """Whatever stands behind `sqlite:///` is the path that any other program on SQLAlchemy finds there."""
    address = f"sqlite:///{path}"
    database = make_url(address).database
    assume(database not in ("", ":memory:"))

    assert Path(database).absolute() == backend_of(address).path
