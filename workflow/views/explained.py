"""All that the record says about one event: who, by which right, under which rule, on which bytes, how late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.language.definition import Text
from workflow.views.recording import AuditEntry


@dataclass(frozen=True)
class Held:
    """The capacity in which somebody acted, from the register of people that the event names.

    Attributes:
        ref: Unit, office, role or person; *name* is its name there.
        via: `holder`, `deputy`, `member`, `recorder` …, as the event has it; *form* `kt`, `tl` or `tuq`.
        since: ISO day since which they had it, *until* the last one; None where the register gives none.
        basis: The document on whose strength they acted for somebody, as the event has it.
        known: False where that register is not in the database any longer.
    """

    ref: str | None
    name: Text | None = None
    via: str | None = None
    form: str | None = None
    since: str | None = None
    until: str | None = None
    basis: Mapping[str, Any] | None = None
    known: bool = True


@dataclass(frozen=True)
class Rule:
    """What in the definition allowed it.

    Attributes:
        where: Path of the place in the definition: of the transition or the step.
        by: Who may, by the definition; empty where the step type decides, or everybody may.
        said_by: Path of the place that says so.
        by_type: True where it is the step type that names who acted, besides those.
        guards: What had to hold, as the event has it: `requires`, `outcome`, `needs`, `when`.
    """

    where: tuple[str, ...]
    by: tuple[str, ...]
    said_by: tuple[str, ...]
    guards: Mapping[str, Any]
    by_type: bool = False


@dataclass(frozen=True)
class Wording:
    """Where the definition's text stands: in a file with a line if one still has its hash, else in the database."""

    id: str
    version: int
    hash: str
    title: Text | None
    file: str | None = None
    line: int | None = None
    intact: bool = True


@dataclass(frozen=True)
class Due:
    """A day in force before the event that the event met: of a stage left, or of a work item done.

    `days` are those past it, `buffer_until` the last day of the buffer time that it used.
    """

    what: Text
    where: str
    due_on: str
    days: int
    late: bool
    buffer_until: str | None = None


@dataclass(frozen=True)
class PutOut:
    """An effect that the event put out, and its state now: `waiting`, `done`, `parked` or `dropped`."""

    id: str
    kind: str
    state: str


@dataclass(frozen=True)
class Explained:
    """Everything about an event. `unplayed` tells why lateness could not be worked out, where it could not."""

    entry: AuditEntry
    person: str | None
    unit: str | None
    unit_name: Text | None
    held: Held | None
    rule: Rule | None
    wording: Wording | None
    dues: tuple[Due, ...]
    effects: tuple[PutOut, ...]
    unplayed: str | None = None
