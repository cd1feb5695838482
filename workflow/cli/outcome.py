"""Shows what a write did."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from workflow import messages
from workflow.cli.output import Screen
from workflow.cli.shapes import Shapes
from workflow.cli.words import event_words, state_words, told_words
from workflow.errors import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow.cli.settings import Settings
    from workflow.messages import Event
    from workflow.views.plans import Outcome


FEW = 12
"""So many events that came by themselves are told one by one; more are summed up, for what was asked for is near."""

BY_THEMSELVES = (
    (messages.REMINDED, N_("{count} {count|reminder|reminders}")),
    (messages.REMINDER_SKIPPED, N_("{count} {count|reminder|reminders} too late to be sent")),
    (messages.ESCALATED, N_("{count} told to somebody above")),
)


def _is_by_itself(event: Event) -> bool:
    kinds = (kind for kind, _ in BY_THEMSELVES)
    return event.type in kinds or (event.type == messages.STEP_ACTED and event.data["action"] == "tick")


def _sum_up(screen: Screen, plan: str, events: Sequence[Event]) -> None:
    """Say in one line what came of itself since somebody last wrote, and how each is shown."""
    kinds = Counter(event.type for event in events)
    counted = [screen.words(message, count=kinds[kind]) for kind, message in BY_THEMSELVES if kinds[kind]]
    if count := kinds[messages.STEP_ACTED]:
        counted.insert(0, screen.words(N_("{count} {count|entry|entries} on steps"), count=count))
    days = sorted(event.occurred_on.isoformat() for event in events)
    message = N_("Recorded by itself, from {first} to {last}: {counted} (`workflow audit show {plan}` shows each)")
    values = {"first": screen.day(days[0]), "last": screen.day(days[-1]), "counted": "; ".join(counted), "plan": plan}
    screen.line(screen.words(message, **values))


def show_outcome(settings: Settings, outcome: Outcome) -> None:
    """Print the plan after the write and what happened, or that nothing did."""
    # Help of `act` imports this module, and must not wait for what the titles need.
    from workflow.cli.titles import Titles

    screen, titles = Screen(settings), Titles(settings.service)
    if settings.as_json:
        screen.json(Shapes(screen.catalogue, titles).outcome(outcome))
        return
    by_itself = [event for event in outcome.events if _is_by_itself(event)]
    told = outcome.events
    if len(by_itself) > FEW:
        _sum_up(screen, outcome.plan.id, by_itself)
        told = tuple(event for event in told if not _is_by_itself(event))
    for event in told:
        words = event_words(event, screen.catalogue, titles, screen.day)
        screen.line(f"{screen.day(event.occurred_on.isoformat())}  {words}")
    for phrase in outcome.told:
        screen.line(f"- {told_words(phrase, screen.catalogue, screen.day)}", indent=2)
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
