"""Shows what a write did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.cli.output import Screen
from workflow.cli.shapes import Shapes
from workflow.cli.words import event_words, state_words
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.views.plans import Outcome


def show_outcome(settings: Settings, outcome: Outcome) -> None:
    """Print the plan after the write and what happened, or that nothing did."""
    # Help of `act` imports this module, and must not wait for what the titles need.
    from workflow.cli.titles import Titles

    screen, titles = Screen(settings), Titles(settings.service)
    if settings.as_json:
        screen.json(Shapes(screen.catalogue, titles).outcome(outcome))
        return
    for event in outcome.events:
        screen.line(f"{event.occurred_on.isoformat()}  {event_words(event, screen.catalogue, titles)}")
    for phrase in outcome.told:
        screen.line(f"- {screen.catalogue.text(phrase)}", indent=2)
    if not outcome.events:
        screen.say(N_("Nothing was to be done."))
    plan = outcome.plan
    screen.line(
        screen.words(
            N_("{plan}: stage {stage}, {state}, revision {revision}"),
            plan=plan.id,
            stage=plan.stage,
            state=state_words(plan.status, screen.catalogue),
            revision=plan.revision,
        )
    )
    for warning in outcome.warnings:
        screen.say(N_("Note: {warning}"), warning=warning.phrase)
    if outcome.dry_run:
        screen.say(N_("This was a trial run: nothing was written."))
    if outcome.repeated:
        screen.say(N_("This request was done before; nothing new happened."))
