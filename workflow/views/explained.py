"""All that the record says about one event: who, by which right, under which rule, on which bytes, how late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.language.definition import Text
from workflow.messages import Event
from workflow.views.recording import AuditEntry, Gone


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
        of_type: True where `by` is whom the step type would have let, where that differs from the definition.
        guards: What had to hold, as the event has it: `requires`, `outcome`, `needs`, `when`.
        by_itself: True where it became due by itself, so that nobody needed a right.
        register_key: The key of the register of people that says who may, where not the definition does: `keepers`,
            `withdrawers` or `confidential`.
        register_known: False where that register is not in the database any longer.
    """

    where: tuple[str, ...]
    by: tuple[str, ...]
    said_by: tuple[str, ...]
    guards: Mapping[str, Any]
    by_type: bool = False
    of_type: bool = False
    by_itself: bool = False
    register_key: str | None = None
    register_known: bool = True


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

    `days` are those past it, `buffer_until` the last day of the buffer time that it used, `owner` who owed it.
    """

    what: Text
    where: str
    due_on: str
    days: int
    late: bool
    buffer_until: str | None = None
    owner: str | None = None


@dataclass(frozen=True)
class PutOut:
    """An effect that the event put out, and its state now: `waiting`, `done`, `parked` or `dropped`."""

    id: str
    kind: str
    state: str


@dataclass(frozen=True)
class About:
    """The revision that an event names without its bytes: the document's id, the revision's name, its files' hashes."""

    document: str
    name: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Explained:
    """Everything about an event.

    Attributes:
        rule: What allowed it; of an event that another one caused, what allowed that one; of a refused attempt, what
            would have allowed it.
        unplayed: Why lateness could not be worked out, where it could not.
        caused_by: The event of the same change that it came with.
        concerns: The plan that a refused attempt was about.
        withdrew: Of a withdrawal, what it took out of which event.
        about: The revision of a document that it names.
    """

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
    caused_by: Event | None = None
    concerns: str | None = None
    withdrew: Gone | None = None
    about: tuple[About, ...] = ()
