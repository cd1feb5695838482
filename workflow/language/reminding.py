"""The keys `remind:` and `escalate:`: who is told when, before work is due and after.

They are written on a definition, a stage or a step; the innermost that says anything counts, and an empty
list there means that nobody is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from workflow.errors import N_, Phrase
from workflow.language.values import Holders, Model

if TYPE_CHECKING:  # it is made of these keys
    from workflow.language.definition import Definition

UNIT_HEAD = "unit-head"
"""In `to:` the word for the head of the unit that owes the work."""
LEAD = "lead"
"""In `to:` the word for whoever leads the step, its stage or the definition."""

Rung = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,2})w?d$")]
"""So many days (`10d`) or working days (`3wd`)."""
LaterRung = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,2}w?d$")]


def _alone(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _alone_mapping(value: Any) -> Any:
    return [value] if isinstance(value, Mapping) else value


class Escalation(Model):
    """Who is told when work is so many days late."""

    after: LaterRung
    to: Annotated[Holders, Field(min_length=1)]


Reminders = Annotated[tuple[Rung, ...], BeforeValidator(_alone, json_schema_input_type=Rung | tuple[Rung, ...])]
Escalations = Annotated[
    tuple[Escalation, ...],
    BeforeValidator(_alone_mapping, json_schema_input_type=Escalation | tuple[Escalation, ...]),
]


class Reminding(Model):
    """Who is told when."""

    remind: Reminders | None = None
    escalate: Escalations | None = None

    @model_validator(mode="after")
    def _each_once(self) -> Reminding:
        for rungs in (self.remind or (), tuple(escalation.after for escalation in self.escalate or ())):
            twice = [rung for place, rung in enumerate(rungs) if rung in rungs[:place]]
            if twice:
                raise ValueError(Phrase(N_("`{rung}` stands there twice"), {"rung": twice[0]}))
        return self


@dataclass(frozen=True)
class Rungs:
    """What counts for the work of one step."""

    remind: tuple[str, ...] = ()
    escalate: tuple[Escalation, ...] = ()


def rungs_of(definition: Definition) -> Mapping[str, Rungs]:
    """Return, by full address, what counts for each step on whose work anybody is reminded or told."""
    found = {}
    for address, step in definition.steps.items():
        stage = definition.stages.get(address.split("/", 1)[0]) if "/" in address else None
        said: list[Reminding] = [step, *((stage,) if stage else ()), definition]
        remind = next((each.remind for each in said if each.remind is not None), ())
        escalate = next((each.escalate for each in said if each.escalate is not None), ())
        if remind or escalate:
            found[address] = Rungs(remind, escalate)
    return found
