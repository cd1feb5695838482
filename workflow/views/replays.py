"""What replaying plans with the code installed now gives, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from workflow.errors import Phrase


@dataclass(frozen=True)
class Unreadable:
    """An event that the code installed now cannot read.

    Attributes:
        step: Full address; None for an event of the plan as a whole.
        plugin: The step type that recorded it; None for the engine's own events.
        recorded: The version of the step type that recorded it.
        installed: The version here; None where no plugin supplies the type.
        why: What stands against reading it.
    """

    plan: str
    seq: int
    step: str | None
    plugin: str | None
    recorded: str | None
    installed: str | None
    why: Phrase


@dataclass(frozen=True)
class Replayed:
    """One plan, replayed.

    Attributes:
        rebuild: Its rows differ from what its events give now: `db rebuild` makes them anew.
    """

    plan: str
    events: int
    unreadable: tuple[Unreadable, ...] = ()
    rebuild: bool = False


@dataclass(frozen=True)
class Rebuilt:
    """What `db rebuild` did with one plan.

    Attributes:
        changed: Its rows were made anew; False where they were right already.
        why_not: Why it was left as it is, None where it was not.
    """

    plan: str
    changed: bool
    why_not: Phrase | None = None
