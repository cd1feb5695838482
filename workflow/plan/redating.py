"""Dates of a plan moved by an event: the schedule, the steps' own days and the days within their state.

Pure, and nothing is counted here: what the event says is put in its place. So a newer calendar never
changes a replay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workflow.messages import Event
from workflow.plan.rounds import StepRound, StepState

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class DateMove:
    """One due day that moved.

    Attributes:
        where: A stage's id, a step's full address, or a work item as `STEP@ROUND#KEY`.
        from_, to: The day before and after, ISO; None for none.
        kind: `calendar`, `resumed`, `extension`, `reschedule` or `acted` (an action of the step put it right).
        seq: The event that moved it; it tells the cause and the reason.
        on: The day on which it was moved.
    """

    where: str
    from_: str | None
    to: str | None
    kind: str
    seq: int
    on: str


@dataclass(frozen=True)
class Asked:
    """A request for a later day, on which nobody has decided yet; `by` asked for it."""

    where: str
    due: str
    by: str | None
    seq: int
    on: str


def item_name(step: str, round_: int, key: str) -> str:
    """Return how a move names a work item."""
    return f"{step}@{round_}#{key}"


def original(moves: Sequence[DateMove], where: str) -> str | None:
    """Return the first due day of something that was moved; None where it never was."""
    return next((move.from_ for move in moves if move.where == where and move.from_), None)


def moves_of(data: Mapping[str, Any], seq: int, on: str) -> tuple[DateMove, ...]:
    """Return what an event's data say was moved."""
    kind = data["cause"]["kind"]
    return tuple(DateMove(each["where"], each["from"], each["to"], kind, seq, on) for each in data["moves"])


def moves_by_act(data: Mapping[str, Any], seq: int, on: str) -> tuple[DateMove, ...]:
    """Return what an action of a step put other days in the place of."""
    return tuple(DateMove(each["where"], each["from"], each["to"], "acted", seq, on) for each in data["moves"])


def suspended(state: Any, event: Event) -> dict[str, Any]:
    """Return what a suspension changes of a plan's state: its clock stands still."""
    return {"status": "suspended", "stops": (*state.stops, (event.occurred_on.isoformat(), None))}


def resumed(state: Any, event: Event) -> dict[str, Any]:
    """Return what going on changes: the clock runs again."""
    return {"status": "active", "stops": running_again(state, event)}


def running_again(state: Any, event: Event) -> tuple[tuple[str, str | None], ...]:
    """Return the stops with the open one closed on the event's day."""
    day = event.occurred_on.isoformat()
    return tuple((first, again or day) for first, again in state.stops)


def dates_moved(state: Any, event: Event) -> dict[str, Any]:
    """Return what moved dates change; a request that was granted is open no more."""
    data = event.data
    return {
        "schedule": {**state.schedule, **data.get("schedule", {})},
        "steps": redated(state.steps, data),
        "moves": (*state.moves, *moves_of(data, event.seq, event.occurred_on.isoformat())),
        "asked": _without(_without(state.asked, data["cause"].get("asked")), data["cause"].get("settled")),
    }


def extension_asked(state: Any, event: Event) -> dict[str, Any]:
    """Return what a request for a later day changes."""
    data, day = event.data, event.occurred_on.isoformat()
    return {"asked": (*state.asked, Asked(data["where"], data["due"], event.actor, event.seq, day))}


def extension_refused(state: Any, event: Event) -> dict[str, Any]:
    """Return what the refusal of a request changes."""
    return {"asked": _without(state.asked, event.data["asked"])}


def _without(asked: tuple[Asked, ...], seq: int | None) -> tuple[Asked, ...]:
    return tuple(each for each in asked if each.seq != seq)


def redated(steps: Mapping[str, StepState], data: Mapping[str, Any]) -> dict[str, StepState]:
    """Return the steps with the days that an event's data give their rounds."""
    found = dict(steps)
    for change in data.get("rounds", ()):
        step = found[change["step"]]
        at = change["round"] - 1
        moved = _redated_round(step.rounds[at], change)
        found[change["step"]] = replace(step, rounds=(*step.rounds[:at], moved, *step.rounds[at + 1 :]))
    return found


def _redated_round(round_: StepRound, change: Mapping[str, Any]) -> StepRound:
    state = round_.state
    for path, day in change.get("values", ()):
        state = with_value(state, tuple(path), day)
    return replace(
        round_,
        state=state,
        due=change.get("due", round_.due),
        counts=tuple(change.get("counts", round_.counts)),
    )


def value_at(state: Any, path: Path) -> Any:
    """Return what stands at *path* in JSON-like values.

    Raises:
        LookupError: If there is no such place.
    """
    try:
        for key in path:
            state = state[key]
    except TypeError as error:
        raise LookupError(path) from error
    return state


def value_or_none(state: Any, path: Path) -> Any:
    """Return what stands at *path*; None where there is no such place."""
    try:
        return value_at(state, path)
    except LookupError:
        return None


def counted(counts: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Return the counts with *new* ones, each in the place of the one before at its path."""
    at = [tuple(count["at"]) for count in new]
    return (*(count for count in counts if tuple(count["at"]) not in at), *new)


def with_value(state: Any, path: Path, value: Any) -> Any:
    """Return a copy of JSON-like values with *value* at *path*."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(state, Mapping):
        return {**state, key: with_value(state[key], rest, value)}
    copy = list(state)
    copy[int(key)] = with_value(state[int(key)], rest, value)
    return copy
