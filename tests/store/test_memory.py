"""The store in memory keeps the contract."""

from __future__ import annotations

import pytest
from store.contract import StoreContract

from workflow.store.memory import MemoryStore


class TestMemoryStore(StoreContract):
    """Every sentence of the contract, for the store in memory."""

    @pytest.fixture
    def open_store(self):
        """Open an empty store."""
        return MemoryStore
