"""Reversing an event made in error: the state that the other events make, if they can stand without it."""

from __future__ import annotations

from collections.abc import Sequence

from workflow import messages
from workflow.decide import Correct
from workflow.errors import InvalidInput, Refused
from workflow.messages import Event
from workflow.plan import PlanState, fold
from workflow.situation import Process


def correction(events: Sequence[Event], seq: int, reason: str, process: Process) -> Correct:
    """Return the command that reverses event *seq*, with the state the other events make."""
    target = next((event for event in events if event.seq == seq), None)
    if target is None:
        raise InvalidInput("the plan has no event {seq}", code="unknown-event", seq=seq)
    if target.type in (messages.PLAN_CREATED, messages.EVENT_CORRECTED):
        raise Refused("event {seq} ({type}) cannot be reversed", code="not-reversible", seq=seq, type=target.type)
    caused = {event.seq for event in events if _same_command(event, target) and event.seq >= seq}
    reversed_before = {e.data["seq"] for e in events if e.type == messages.EVENT_CORRECTED}
    if seq in reversed_before:
        raise Refused("event {seq} was reversed already", code="not-reversible", seq=seq)
    later = [event.seq for event in events if event.seq > seq and event.seq not in caused]
    try:
        restored = _refold(events, caused, process)
    except (ValueError, KeyError, IndexError) as error:
        raise Refused(
            "later events build on event {seq}",
            code="later-events",
            hint="correct these first: {later}",
            seq=seq,
            later=", ".join(map(str, later)) or "-",
        ) from error
    return Correct(seq, reason, restored, target.type)


def _same_command(event: Event, target: Event) -> bool:
    return event.recorded_at == target.recorded_at and event.actor == target.actor


def _refold(events: Sequence[Event], without: set[int], process: Process) -> PlanState:
    kept = [event for event in events if event.seq not in without]
    corrections = [i for i, event in enumerate(kept) if event.type == messages.EVENT_CORRECTED]
    if corrections and any(kept[corrections[-1]].seq > seq for seq in without):
        raise ValueError("a later correction builds on it")
    state = fold(kept, process.evolve_step)
    if state is None:
        raise ValueError("nothing is left")
    return state
