"""What `due` tells beside the work itself: how much of it there is, and what waits for somebody's decision."""

from __future__ import annotations

from dataclasses import dataclass

from workflow.language.definition import Text


@dataclass(frozen=True)
class Counts:
    """How much is owed: late, due soon or taking buffer time, due later, without a day; and what others owe them.

    `waiting` is None where nobody asked whose. With `more` there is more than was counted, so that each number is
    the least that it can be.
    """

    late: int = 0
    soon: int = 0
    later: int = 0
    undated: int = 0
    waiting: int | None = None
    more: bool = False

    @property
    def open(self) -> int:
        """All that is owed."""
        return self.late + self.soon + self.later + self.undated


@dataclass(frozen=True)
class Load:
    """What one unit owes and waits for; None for what nobody owes."""

    unit: str | None
    name: Text | None
    counts: Counts


@dataclass(frozen=True)
class LaterDay:
    """A request for a later day that waits for a decision.

    Attributes:
        where: The stage's id or the step's full address.
        now: The day that counts until it is granted.
        by: Who asked, and `on` which day.
        who: Who may decide; empty where anybody may.
    """

    plan: str
    where: str
    title: Text
    due: str
    now: str | None
    by: str | None
    by_name: Text | None
    on: str
    seq: int
    who: tuple[str, ...]
