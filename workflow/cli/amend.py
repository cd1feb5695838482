"""A step or a leg for one running plan: `amend`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import STARTED, command, option, plan_argument, write_from, writing
from workflow.cli.outcome import show_outcome
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.cli.settings import Settings


@command(example=STARTED + 'workflow amend 1-KH-MAU samples/them-buoc.yaml --reason "a hearing is held" --as van-thu')
@plan_argument
@click.argument("file", type=click.Path(path_type=Path))
@option("--reason", required=True, metavar="TEXT", help=N_("Why; it stands in the trail."))
@writing
def amend(settings: Settings, plan: str, file: Path, reason: str, **options: Any) -> None:
    """Add the steps, stages and transitions of FILE to PLAN alone.

    The plan then follows an amended definition of its own. What was done stays: nothing that is there changes.
    """
    from workflow.language.loader import read_text

    write = write_from(settings, options)
    show_outcome(settings, settings.service.amend(plan, read_text(file), str(file), write, reason=reason))
