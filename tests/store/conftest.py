"""Let the contract's own assertions explain themselves, although they stand in no test module."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("store.changes", "store.contents", "store.lists")
