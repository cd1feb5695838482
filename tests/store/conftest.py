"""Files for the store's tests."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

# The contract stands in no test module; its assertions shall explain themselves all the same.
pytest.register_assert_rewrite("store.changes", "store.contents", "store.lists")

from workflow.store.sql import SqlStore  # noqa: E402 - behind the line above, which must come first


@pytest.fixture
def path(tmp_path) -> Path:
    """Where the database of this test is, or will be."""
    return tmp_path / "workflow.db"


@pytest.fixture
def store(path):
    """An open store on the file."""
    with closing(SqlStore(path)) as opened:
        yield opened


@pytest.fixture
def raw(store, path):
    """The same file, past the store, as somebody with a database tool has it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection
