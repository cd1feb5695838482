"""What several files of the engine's specification share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("engine.rough_life")

from engine.rough_life import Office  # noqa: E402


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office in which the 2019 plan lives through its rough life, chapter after chapter; once on each database."""
    database = None
    if request.param == "postgresql":
        database = request.getfixturevalue("postgres_server").new_database()
    yield Office(tmp_path_factory.mktemp("rough-life"), database)
