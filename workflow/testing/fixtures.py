"""The fixtures that pytest knows as soon as the package is installed.

This module is loaded in every pytest run of an environment. It imports nothing but pytest; what a fixture
needs is imported when a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from workflow.clock import SimulatedClock
    from workflow.testing.office import Effects, Office


@pytest.fixture
def workflow_plugins() -> Sequence[Any]:
    """Plugins besides the installed ones: modules, step types, guards. Yours of this name replaces it."""
    return ()


@pytest.fixture
def workflow_people() -> Mapping[str, Any]:
    """The people register; a test's own fixture of this name replaces it."""
    from workflow.testing.office import PEOPLE

    return PEOPLE


@pytest.fixture
def workflow_clock() -> SimulatedClock:
    """A clock that stands on Monday, 2 March 2026, until a test moves it."""
    from workflow.clock import SimulatedClock
    from workflow.testing.office import MONDAY

    return SimulatedClock(MONDAY)


@pytest.fixture
def workflow_office(
    workflow_plugins: Sequence[Any], workflow_people: Mapping[str, Any], workflow_clock: SimulatedClock
) -> Office:
    """An engine in memory."""
    from workflow.testing.office import Office

    return Office(*workflow_plugins, people=workflow_people, clock=workflow_clock)


@pytest.fixture
def workflow_sqlite_office(
    tmp_path: Path,
    workflow_plugins: Sequence[Any],
    workflow_people: Mapping[str, Any],
    workflow_clock: SimulatedClock,
) -> Iterator[Office]:
    """An engine on a SQLite file of its own."""
    from workflow.store.sql import SqlStore
    from workflow.testing.office import Office

    store = SqlStore(f"sqlite:///{tmp_path / 'workflow.db'}")
    office = Office(*workflow_plugins, people=workflow_people, clock=workflow_clock, store=store)
    yield office
    office.close()


@pytest.fixture
def workflow_effects(workflow_office: Office) -> Effects:
    """The effects that plans of `workflow_office` put into the outbox."""
    return workflow_office.effects
