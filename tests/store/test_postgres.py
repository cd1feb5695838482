"""The store on PostgreSQL: the contract, and what only a server has."""

from __future__ import annotations

from contextlib import ExitStack, closing

import pytest
from store.contract import StoreContract

from workflow.store.sql import SqlStore


class TestPostgresStore(StoreContract):
    """Every sentence of the contract, for the store on PostgreSQL."""

    @pytest.fixture
    def open_store(self, postgres_database):
        """Open the empty store of this test."""
        with ExitStack() as opened:
            yield lambda: opened.enter_context(closing(SqlStore(postgres_database)))
