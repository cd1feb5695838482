"""What every store does. A test module fills the hole `open_store` and inherits the sentences."""

from __future__ import annotations

import pytest
from store.changes import Changes
from store.contents import Contents
from store.lists import Lists
from store.numbering import Numbers
from store.outbox import Outbox
from store.sealed import Seals
from store.sweeps import Sweeps
from store.trails import Trails

from workflow.store.interface import Store


class StoreContract(Changes, Lists, Contents, Numbers, Outbox, Seals, Trails, Sweeps):
    """The contract of `workflow.store.interface.Store`."""

    @pytest.fixture
    def store(self, open_store) -> Store:
        """An empty store."""
        return open_store()
