"""What several files of the engine's specification share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from isolation_kit import new_workspace

pytest.register_assert_rewrite("engine.rough_life")

from engine.rough_life import Office  # noqa: E402


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office in which the 2019 plan lives through its rough life, chapter after chapter; once on each database."""
    database = None
    if request.param == "postgresql":
        database = request.getfixturevalue("postgres_server").new_database()
    yield Office(tmp_path_factory.mktemp("rough-life"), database)


@pytest.fixture(scope="session")
def untouched_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with people, one plan, and no plugin of its own."""
    return new_workspace(tmp_path_factory.mktemp("isolation") / "office")


@pytest.fixture
def workspace(untouched_workspace: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(untouched_workspace, tmp_path / "office"))
