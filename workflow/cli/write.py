"""The everyday changes: `create` and `advance`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import DAY, STARTED, command, option, plan_argument, write_from, writing
from workflow.cli.outcome import show_outcome
from workflow.cli.pick import may_ask, pick
from workflow.errors import N_, InvalidInput

if TYPE_CHECKING:
    from datetime import date

    from workflow.cli.settings import Settings

ADVANCED = f"""\
{STARTED}workflow act 1-KH-MAU found-group complete --as van-thu
workflow act 1-KH-MAU collect complete --as van-thu
workflow advance 1-KH-MAU start-drafting --as van-thu
"""


@command(example=STARTED)
@click.argument("definition")
@option("--id", "plan", required=True, metavar="ID", help=N_("Id of the new plan, such as 25-KH-KHCN-2019."))
@option("--title", metavar="TEXT", help=N_("Its title (else the definition's)."))
@option("--start", type=DAY, metavar="DATE", help=N_("The day from which relative dates count."))
@option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help=N_("A value for a parameter of the definition."))
@option("--adopt-at", metavar="STAGE", help=N_("Take over a plan already under way, in this stage."))
@writing
def create(
    settings: Settings,
    definition: str,
    plan: str,
    title: str | None,
    start: date | None,
    pairs: tuple[str, ...],
    adopt_at: str | None,
    **options: Any,
) -> None:
    """Start a plan that follows DEFINITION (`id` or `id@version`)."""
    write = write_from(settings, options)
    parameters = _parameters(pairs)
    outcome = settings.service.create(
        definition, plan, write, title=title, start=start, parameters=parameters, adopt_at=adopt_at
    )
    show_outcome(settings, outcome)


def _parameters(pairs: tuple[str, ...]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise InvalidInput(N_("`{pair}` is not NAME=VALUE."), pair=pair, hint=N_("Write --set NAME=VALUE."))
        if name in parameters:
            raise InvalidInput(N_("`{name}` is set twice."), name=name)
        parameters[name] = value
    return parameters


@command(example=ADVANCED)
@plan_argument
@click.argument("trigger", required=False)
@writing
def advance(settings: Settings, plan: str, trigger: str | None, **options: Any) -> None:
    """Fire a transition of PLAN; TRIGGER may be left out where only one is possible."""
    write = write_from(settings, options)
    if trigger is None and may_ask():
        trigger = _picked_trigger(settings, plan)
    show_outcome(settings, settings.service.advance(plan, trigger, write))


def _picked_trigger(settings: Settings, plan: str) -> str | None:
    """Ask which of several possible moves is meant; with one or none the service decides."""
    possible = [move for move in settings.service.next(plan, actor=settings.reader).moves if not move.reasons]
    if len(possible) < 2:
        return None
    words = settings.catalogue.words
    question = settings.catalogue.message(N_("Which move?"))
    return pick(settings.catalogue, question, [(move.trigger, words(move.to_title)) for move in possible])
