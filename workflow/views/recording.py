"""Events as a reader of the trail gets them; and from when on a recording is told as late: one rule for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from workflow.clock import local_day
from workflow.messages import PLAN_CREATED, PLAN_FINISHED, STEP_ENDED, STEP_OPENED, Event

PROMPT_DAYS: Final = 3
"""What is recorded within so many calendar days was recorded in time: a Friday's act on the Monday behind it.

Source: Decree 30/2020/NĐ-CP, article 22: a document that comes in is registered on the day, or on the next working day.
"""

_FOLLOWING: Final = frozenset({STEP_OPENED, STEP_ENDED, PLAN_FINISHED})
"""Nobody enters these: they follow from what somebody entered, and are as late as that."""


def days_until_recorded(event: Event) -> int:
    """Calendar days between the day on which something happened and the day of its recording."""
    return (local_day(event.recorded_at) - event.occurred_on).days


def is_recorded_late(event: Event) -> bool:
    """True if somebody entered it long after it had happened.

    What became due by itself is found when somebody looks, and a plan that is taken over is one that began elsewhere:
    neither was entered late.
    """
    if event.actor is None or event.type in _FOLLOWING:
        return False
    if event.type == PLAN_CREATED and event.data.get("adopted"):
        return False
    return days_until_recorded(event) > PROMPT_DAYS


@dataclass(frozen=True)
class Gone:
    """What was withdrawn from an event: the places of its texts and the numbers of its files, as `audit withdraw` has
    them. `seq` is the withdrawing event's, seen from the event that lost them, and that event's, seen from the other.
    """

    seq: int
    texts: tuple[str, ...]
    files: tuple[int, ...]


@dataclass(frozen=True)
class AuditEntry:
    """An event for people: `summary` in words by catalogue, texts resolved, hash in hex.

    `undone_by` is the seq of the event of the same plan that undid it since, `gone` what was
    withdrawn from it.
    """

    event: Event
    hash: str
    previous: str
    texts: Mapping[str, str] = field(default_factory=dict)
    undone_by: int | None = None
    gone: tuple[Gone, ...] = ()

    @property
    def id(self) -> str:
        """`PLAN#SEQ`, where the next page of the trail begins."""
        return f"{self.event.plan}#{self.event.seq}"
