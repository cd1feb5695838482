"""Later days, and dates set anew: `reschedule`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import DAY, STARTED, command, option, plan_argument, write_from, writing
from workflow.cli.outcome import show_outcome
from workflow.errors import N_, InvalidInput

if TYPE_CHECKING:
    from datetime import date

    from workflow.cli.settings import Settings


@command(
    example=STARTED
    + """\
workflow reschedule 1-KH-MAU setting-up --due 2031-06-10 --ask --reason "two letters are late" --as cv-qlcn
workflow reschedule 1-KH-MAU setting-up --grant --reason "agreed" --as van-thu
"""
)
@plan_argument
@click.argument("where", metavar="STAGE-STEP-or-ITEM")
@option("--due", "--to", "due", type=DAY, metavar="DATE", help=N_("The new last day."))
@option("--start", type=DAY, metavar="DATE", help=N_("A new first day."))
@option("--ask", is_flag=True, help=N_("Ask for it; somebody else grants it."))
@option("--grant", is_flag=True, help=N_("Grant what was asked for (with --due another day)."))
@option("--refuse", is_flag=True, help=N_("Refuse what was asked for."))
@option("--reason", required=True, metavar="TEXT", help=N_("Why; it stands in the trail."))
@option("--document", metavar="TEXT", help=N_("The document that orders it: number and day."))
@option("--fixed", is_flag=True, help=N_("The new day stays, also where the plan is suspended meanwhile."))
@writing
def reschedule(
    settings: Settings,
    plan: str,
    where: str,
    due: date | None,
    start: date | None,
    ask: bool,
    grant: bool,
    refuse: bool,
    reason: str,
    document: str | None,
    fixed: bool,
    **options: Any,
) -> None:
    """Move the due day of a stage, step or item of PLAN; the first one stays beside it.

    A later day is asked for by one person (--ask) and granted by another (--grant), or ordered by a document.
    An item is a row, a period: STEP#KEY or STEP@ROUND#KEY as `workflow due` shows it. Whoever owes it asks.
    """
    if ask + grant + refuse > 1:
        raise InvalidInput(N_("Give one of --ask, --grant and --refuse."))
    manner: Any = "ask" if ask else "grant" if grant else "refuse" if refuse else "set"
    write = write_from(settings, options)
    outcome = settings.service.reschedule(
        plan, where, write, reason=reason, due=due, start=start, manner=manner, document=document, fixed=fixed
    )
    show_outcome(settings, outcome)
