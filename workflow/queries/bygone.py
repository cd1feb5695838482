"""What a plan was on a day gone by: worked out anew from the events of what had happened by then.

Pure: the events and the situation of the day come in as arguments. What was entered in error and corrected since
never happened; what the plan did by itself up to the day has happened, whether somebody had looked by then or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from workflow.decide.corrections import standing
from workflow.decide.ledger import Ledger
from workflow.decide.situation import Situation
from workflow.decide.transfers import pass_to_successors
from workflow.decide.waking import catch_up
from workflow.errors import IntegrityBroken
from workflow.messages import Event
from workflow.plan.state import ACTIVE, EvolveStep, PlanState, fold


def state_on(
    plan: str, events: Sequence[Event], situation: Situation, *, known: date | None = None
) -> PlanState | None:
    """Return the plan's state at the end of `situation.on`; None if it did not exist yet.

    Args:
        known: Only what had happened by that day; what the plan does by itself follows from it up to `situation.on`.

    Raises:
        IntegrityBroken: If the events do not fit together.
    """
    state = facts_by(plan, events, known or situation.on, situation.process.evolve_step)
    if state is None or state.status != ACTIVE:
        return state
    ledger = Ledger(plan, state, situation)
    catch_up(ledger, situation, alone=True)
    if ledger.current.status == ACTIVE:
        pass_to_successors(ledger, situation, by=situation.on)
    return ledger.current


def facts_by(plan: str, events: Sequence[Event], day: date, evolve: EvolveStep) -> PlanState | None:
    """Return the state that what had happened by *day* makes; None if the plan did not exist yet.

    Raises:
        IntegrityBroken: If the events do not fit together.
    """
    counting = standing(events)
    try:
        return fold(_by(counting, day), evolve)
    except (ValueError, LookupError):
        # Something of that day was recorded behind something later on the same step, and builds on it.
        try:
            return fold(_by(_settled(counting), day), evolve)
        except (ValueError, LookupError) as error:
            raise IntegrityBroken(
                "what {plan} was on {day} cannot be worked out from its events",
                hint="`workflow audit verify {plan}` tells what differs",
                plan=plan,
                day=day,
            ) from error


def _by(events: Sequence[Event] | Iterator[tuple[date, Event]], day: date) -> list[Event]:
    pairs = (each if isinstance(each, tuple) else (each.occurred_on, each) for each in events)
    return [event for occurred_on, event in pairs if occurred_on <= day]


def _settled(events: Sequence[Event]) -> Iterator[tuple[date, Event]]:
    """Each event with the day by which all that was recorded on its step before it had happened too."""
    days: dict[str, date] = {}
    for event in events:
        step = event.data.get("step", "")
        days[step] = max(days.get(step, event.occurred_on), event.occurred_on)
        yield days[step], event
