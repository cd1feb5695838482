"""Reversing an event made in error: the state that the other events make, if they can stand without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow import messages
from workflow.decide.asking import guarded
from workflow.decide.commands import Correct
from workflow.decide.judging import judged_by
from workflow.decide.situation import Process
from workflow.errors import N_, InvalidInput, Phrase, PluginFailed, Reason, Refused
from workflow.messages import Event
from workflow.plan.redating import value_or_none
from workflow.plan.state import PlanState, StepRound, evolve


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
    restored, resting = _without(counting, target, caused, process)
    if resting or restored is None:
        raise Refused(
            "later events build on event {seq}",
            code="later-events",
            reasons=tuple(_rests(event, target) for event in resting),
            hint="correct these first, the last one first: {later}",
            seq=target.seq,
            later=", ".join(str(event.seq) for event in reversed(resting)) or "-",
        )
    return Correct(target.seq, asked.reason, restored, target.type, target.occurred_on)


def _rests(event: Event, target: Event) -> Reason:
    what = event.data.get("action") or event.data.get("trigger") or event.type
    told = {"seq": event.seq, "what": what, "actor": event.actor or "-", "on": event.occurred_on.isoformat()}
    phrase = Phrase(N_("event {seq} rests on it: {what} of {on}, by {actor}"), told)
    return Reason("later-event", phrase, (event.actor,) if event.actor else ())


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


def _without(
    events: Sequence[Event], target: Event, caused: Sequence[Event], process: Process
) -> tuple[PlanState | None, list[Event]]:
    """Return the state that the others make, and those of them that cannot stand without *caused*, in order."""
    whole: PlanState | None = None
    rest: PlanState | None = None
    fallen: list[Event] = []
    redating = any(_sets_days(event) for event in caused)
    for event in events:
        before, whole = whole, evolve(whole, event, process.evolve_step)
        if event in caused:
            continue
        after = _after(rest, event, process)
        gone = [target, *fallen]
        if event.seq > target.seq and (
            after is None
            or _loses_effect(event, before, whole, rest, after)
            or any(_builds_on(event, one, process) for one in gone)
            or (redating and before is not None and rest is not None and judged_by(event, before, whole, rest, process))
        ):
            fallen.append(event)
            continue
        rest = after
    return rest, fallen


def _sets_days(event: Event) -> bool:
    return event.type == messages.DATES_MOVED or (event.type == messages.STEP_ACTED and "moves" in event.data)


def _after(state: PlanState | None, event: Event, process: Process) -> PlanState | None:
    try:
        return evolve(state, event, process.evolve_step)
    except (ValueError, KeyError, IndexError, PluginFailed):
        return None


def _loses_effect(
    event: Event, before: PlanState | None, whole: PlanState, rest: PlanState | None, after: PlanState
) -> bool:
    """True if an act changes nothing once the other is gone, or a moved day would hit something else."""
    if before is None or rest is None:
        return False
    if event.type == messages.STEP_ACTED:
        did = _round(before, event.data).state != _round(whole, event.data).state
        return did and _round(rest, event.data).state == _round(after, event.data).state
    if event.type == messages.DATES_MOVED:
        return any(
            _lengths(_round(before, change).state, path) != _lengths(_round(rest, change).state, path)
            for change in event.data.get("rounds", ())
            for path, _ in change.get("values", ())
        )
    return False


def _round(state: PlanState, named: Mapping[str, Any]) -> StepRound:
    return state.steps[named["step"]].rounds[named["round"] - 1]


def _lengths(state: Any, path: Sequence[str | int]) -> list[int]:
    """How long each list along a path is: a place in a list of another length is another thing's."""
    found = []
    for key in path:
        if isinstance(state, list | tuple):
            found.append(len(state))
        state = value_or_none(state, (key,))
    return found


def _builds_on(event: Event, target: Event, process: Process) -> bool:
    if target.type == messages.PLAN_AMENDED:
        return event.definition == target.data["definition"]["hash"]
    return _depends_on(event, target, process)


def _depends_on(event: Event, target: Event, process: Process) -> bool:
    """True if *event* is a transition that may have been possible only because of *target*, a step's act."""
    if target.type == messages.EXTENSION_ASKED:
        return _answered(event) == target.seq
    if target.type != messages.STEP_ACTED:
        return False
    if event.type == messages.STEP_ACTED:
        return _rests_on_act(event, target, process)
    if event.type != messages.TRANSITION_FIRED:
        return False
    return target.data["from"] != target.data["to"] or target.data["step"] in _read(event, process)


def _answered(event: Event) -> int | None:
    """The request for a later day that an event grants or refuses; an order that settles one stands without it."""
    if event.type == messages.DATES_MOVED:
        seq = event.data["cause"].get("asked")
    else:
        seq = event.data.get("asked") if event.type == messages.EXTENSION_REFUSED else None
    return seq if isinstance(seq, int) else None


def _rests_on_act(event: Event, target: Event, process: Process) -> bool:
    later, earlier = event.data, target.data
    here = (later["step"], later["round"]) == (earlier["step"], earlier["round"])
    if not here or later["step"] not in process.definition.steps:
        return False
    step_type = process.type_of(later["step"])
    acts = [(each["action"], {**each["data"]}) for each in (later, earlier)]
    return bool(guarded(step_type, "rests_on", *acts))


def _read(event: Event, process: Process) -> Iterator[str]:
    for reference in event.data.get("outcome", ()):
        yield process.definition.full_address(reference, event.data["from"]) or reference
