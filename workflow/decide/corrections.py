"""Reversing an event made in error: the state that the other events make, if they can stand without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow import messages
from workflow.decide.commands import Correct
from workflow.decide.situation import Process
from workflow.errors import InvalidInput, PluginFailed, Refused
from workflow.messages import Event
from workflow.plan.state import PlanState, fold


@dataclass(frozen=True)
class Reversal:
    """What somebody asks for: that event *seq* and what came with it count no longer."""

    seq: int
    reason: str


def correction(events: Sequence[Event], asked: Reversal, process: Process) -> Correct:
    """Return the command that reverses an event, with the state the other events make.

    Raises:
        InvalidInput: If there is no such event.
        Refused: If it cannot be reversed, was reversed before, or later events build on it.
    """
    target = next((event for event in events if event.seq == asked.seq), None)
    if target is None:
        raise InvalidInput("the plan has no event {seq}", code="unknown-event", seq=asked.seq)
    if target.type == messages.EVENT_CORRECTED:
        raise Refused(
            "event {seq} is itself a correction, of event {first}: a correction stands",
            code="not-reversible",
            hint="if event {first} was right after all, do again what it recorded, with its day (--on)",
            seq=asked.seq,
            first=target.data["seq"],
        )
    if target.type == messages.PLAN_CREATED:
        raise Refused(
            "event {seq} started the plan: everything else builds on it",
            code="not-reversible",
            hint="`workflow cancel` ends a plan that should not have been started",
            seq=asked.seq,
        )
    counting = standing(events)
    if target not in counting:
        raise Refused("event {seq} was reversed already", code="not-reversible", seq=target.seq)
    caused = [event for event in counting if _same_command(event, target)]
    if caused[0] is not target:
        raise Refused(
            "event {seq} came with event {first}",
            code="not-reversible",
            hint=(
                "`workflow cancel` ends a plan that was created in error"
                if caused[0].type == messages.PLAN_CREATED
                else "`workflow correct` on event {first} reverses both"
            ),
            seq=target.seq,
            first=caused[0].seq,
        )
    later = [event for event in counting if event.seq > target.seq and event not in caused]
    restored = _without(counting, caused, process)
    if restored is None or any(_builds_on(event, target, process) for event in later):
        raise Refused(
            "later events build on event {seq}",
            code="later-events",
            hint="correct these first: {later}",
            seq=target.seq,
            later=", ".join(str(event.seq) for event in later) or "-",
        )
    return Correct(target.seq, asked.reason, restored, target.type, target.occurred_on)


def standing(events: Sequence[Event]) -> list[Event]:
    """Return the events of a plan that still count: no corrections, and nothing that a correction reversed."""
    by_seq = {event.seq: event for event in events}
    reversed_ = [by_seq[event.data["seq"]] for event in events if event.type == messages.EVENT_CORRECTED]
    return [
        event
        for event in events
        if event.type != messages.EVENT_CORRECTED and not any(_same_command(event, other) for other in reversed_)
    ]


def _same_command(event: Event, target: Event) -> bool:
    return event.recorded_at == target.recorded_at and event.actor == target.actor


def _without(events: Sequence[Event], caused: Sequence[Event], process: Process) -> PlanState | None:
    try:
        return fold([event for event in events if event not in caused], process.evolve_step)
    except (ValueError, KeyError, IndexError, PluginFailed):
        return None


def _builds_on(event: Event, target: Event, process: Process) -> bool:
    if target.type == messages.PLAN_AMENDED:
        return event.definition == target.data["definition"]["hash"]
    return _depends_on(event, target, process)


def _depends_on(event: Event, target: Event, process: Process) -> bool:
    """True if *event* is a transition that may have been possible only because of *target*, a step's act."""
    if event.type != messages.TRANSITION_FIRED or target.type != messages.STEP_ACTED:
        return False
    return target.data["from"] != target.data["to"] or target.data["step"] in _read(event, process)


def _read(event: Event, process: Process) -> Iterator[str]:
    for reference in event.data.get("outcome", ()):
        yield process.definition.full_address(reference, event.data["from"]) or reference
