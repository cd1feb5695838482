"""A plan's steps with their rounds, and its stays in stages, as plain facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class StepRound:
    """One opening of a step.

    Attributes:
        number: 1 for the first opening.
        phase: State of the step type's machine.
        complete: Phase is one of the type's complete states.
        ended: The step was closed from outside (its stage was left, its series ended).
        state: The step type's own state, as JSON-like values.
        due: When it is due, as `deadlines.Term.as_data()`; empty if undated.
        completed_on: Day on which it became complete.
        last_on: Latest day on which something happened to it.
        acts: What was done, as (action, actor, day) in order.
        counts: Terms that its type counted in days, as `deadlines.Count.as_data()`.
    """

    number: int
    phase: str
    state: Mapping[str, Any]
    opened_on: str
    due: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = False
    ended: bool = False
    completed_on: str | None = None
    last_on: str | None = None
    lead: str | None = None
    acts: tuple[tuple[str, str | None, str], ...] = ()
    counts: tuple[Mapping[str, Any], ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return the round as it is stored; without counts as it was stored before there were any."""
        values = dict(vars(self))
        if not self.counts:
            values.pop("counts", None)
        return values


@dataclass(frozen=True)
class StepState:
    """A step of the plan with all its rounds, the newest last."""

    uses: str
    rounds: tuple[StepRound, ...] = ()

    @property
    def current(self) -> StepRound:
        """The newest round."""
        return self.rounds[-1]


@dataclass(frozen=True)
class Visit:
    """One stay in a stage."""

    stage: str
    entered_on: str
    left_on: str | None = None
    trigger: str | None = None


def step_from(data: Mapping[str, Any]) -> StepState:
    """Rebuild a step from its stored values."""
    rounds = tuple(
        StepRound(
            **{
                **round_,
                "acts": tuple(tuple(act) for act in round_["acts"]),
                "counts": tuple(round_.get("counts", ())),
            }
        )
        for round_ in data["rounds"]
    )
    return StepState(uses=data["uses"], rounds=rounds)
