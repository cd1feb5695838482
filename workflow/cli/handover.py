"""Passing open work on when somebody leaves: `handover`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from workflow.cli.named import id_of
from workflow.cli.options import command, option, write_from, writing
from workflow.cli.output import Screen
from workflow.errors import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflow.cli.settings import Settings
    from workflow.views.plans import Outcome

HANDING_OVER = ("person", "unit")


@command(example='workflow handover do-van-tinh cv-qlcn --reason "moved to another office" --as do-van-tinh')
@click.argument("from_person", metavar="FROM")
@click.argument("to_person", metavar="TO")
@option("--plan", metavar="PLAN", help=N_("Only this plan (else every open plan)."))
@option("--reason", metavar="TEXT", help=N_("Why; it stands in the trail."))
@writing
def handover(
    settings: Settings, from_person: str, to_person: str, plan: str | None, reason: str | None, **options: Any
) -> None:
    """Pass the open work of FROM on to TO: work owed, steps led, and what FROM is named for.

    Two persons, or two units: a unit whose end and successor stand in the register needs no handover, its
    work passes on by itself. Closed work keeps the old name. A person may pass on their own, and whoever may
    suspend and correct the plan everybody's.
    """
    write = write_from(settings, options)
    from_person, to_person = (id_of(settings, who, HANDING_OVER) for who in (from_person, to_person))
    outcomes = settings.service.hand_over(from_person, to_person, write, plan=plan, reason=reason)
    screen = Screen(settings)
    if settings.as_json:
        screen.json({"from": from_person, "to": to_person, "dry_run": write.dry_run, "plans": [*map(_shape, outcomes)]})
        return
    for outcome in outcomes:
        _print(screen, outcome)
    if not outcomes:
        screen.say(N_("{person} has no open work: nothing was passed on."), person=from_person)
    elif write.dry_run:
        screen.say(N_("This was a trial run: nothing was written."))


def _shape(outcome: Outcome) -> dict[str, Any]:
    """The handover that was asked for, and beside it what passed on by itself with the same command."""
    passed = _passed(outcome)
    return {
        "id": outcome.plan.id,
        "revision": outcome.plan.revision,
        **_contents(outcome, passed[-1]),
        "by_itself": [{"from": data["from"], "to": data["to"], **_contents(outcome, data)} for data in passed[:-1]],
    }


def _contents(outcome: Outcome, data: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        "items": [f"{outcome.plan.id}/{step}@{number}#{key}" for step, number, key in data["items"]],
        "leads": [f"{step}@{number}" for step, number in data["leads"]],
    }


def _passed(outcome: Outcome) -> list[Mapping[str, Any]]:
    """What was passed on, in order: the last is the one that was asked for."""
    return [event.data for event in outcome.events if event.type == "plan_handed_over"]


def _print(screen: Screen, outcome: Outcome) -> None:
    for data in _passed(outcome):
        _print_one(screen, outcome, data)


def _print_one(screen: Screen, outcome: Outcome, data: Mapping[str, Any]) -> None:
    shape = _contents(outcome, data)
    screen.line(
        screen.words(
            N_("{plan}: the open work of {from} is passed on to {to}"),
            **{"plan": outcome.plan.id, "from": data["from"], "to": data["to"]},
        )
    )
    for item in shape["items"]:
        screen.line(item, indent=2)
    for lead in shape["leads"]:
        screen.line(screen.words(N_("lead of {step}"), step=lead), indent=2)
    if not shape["items"] and not shape["leads"]:
        screen.line(screen.words(N_("what the definition names them for")), indent=2)
