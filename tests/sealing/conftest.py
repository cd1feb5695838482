"""A sealed record for all, and an empty ring of keys for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.kit import DAY
from engine_kit import OFFICER_AT, service_with
from sealed_kit import ANNA, DEFINITION, House

from workflow.sealing.keys import Keyring
from workflow.service.service import Service


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all; each test leaves it as it was."""
    made = House(tmp_path_factory.mktemp("sealed"))
    yield made
    made.close()


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    """An empty ring of keys."""
    return Keyring(tmp_path / "keys")


@pytest.fixture
def service(keyring: Keyring) -> Service:
    """A service in memory with a plan and a key."""
    made = service_with(DEFINITION)
    made.create("d", "p", OFFICER_AT(DAY))
    made.record.add_key(keyring, ANNA, None)
    return made
