"""The migrations, run from the program: there is no `alembic.ini` and no Alembic command line.

A new one is a file in `versions/` with the next number, and that number at the end of
`schema.VERSIONS`, with what it brings in `schema.CHANGES`. It repeats what it changes in its own words, because
the tables go on changing.
"""

from __future__ import annotations

import os
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

VERSION_FOLDERS = (Path(__file__).parent / "versions",)


def run(connection: Connection, to: str = "head") -> None:
    """Run the missing migrations up to version *to* on *connection*, in its transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def versions() -> tuple[str, ...]:
    """Return the versions that the files here make, in order."""
    script = ScriptDirectory.from_config(_config())
    return tuple(reversed([revision.revision for revision in script.walk_revisions()]))


def _config() -> Config:
    config = Config()
    # Alembic reads its options as templates: a percent sign in a path must be doubled.
    folders = os.pathsep.join(str(folder) for folder in VERSION_FOLDERS)
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("version_locations", folders.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
