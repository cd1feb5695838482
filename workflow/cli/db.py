"""The database itself: `db upgrade`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.cli.options import command
from workflow.cli.output import Screen
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.cli.settings import Settings


@command(example="workflow db upgrade")
def upgrade(settings: Settings) -> None:
    """Take the database to this version's schema; make a backup first."""
    settings.opened.upgrade_database()
    screen = Screen(settings)
    if settings.as_json:
        screen.json({"id": str(settings.opened.database), "upgraded": True})
    else:
        screen.line(screen.words(N_("The database is at this version's schema.")))
