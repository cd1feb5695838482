"""The facts of the register: units, groups, persons, offices and roles, each with its days."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from workflow.errors import Phrase
from workflow.language.definition import Basis, Flag, Holders, Id, Ids, Model, Text

Form = Literal["kt", "tl", "tuq"]
"""How somebody signs who is not the head (Decree 30/2020/NĐ-CP, article 13).

`kt`: a deputy for the head; `tl`: by order, as the working regulations lay down; `tuq`: by authorisation,
in writing, for a limited time and content.
"""

ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and ISO_DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(Phrase("There is no day {value} in the calendar.", {"value": value})) from None
    raise ValueError(Phrase("Give a day as YYYY-MM-DD, not {value}.", {"value": value}))


Day = Annotated[date, BeforeValidator(_iso_day)]


class Dated(Model):
    """Something that holds from a day to a day, both included; open where no day is given."""

    from_: Day | None = Field(default=None, alias="from")
    until: Day | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Dated:
        if self.from_ and self.until and self.until < self.from_:
            raise ValueError(Phrase("`until` lies before `from`."))
        return self

    def holds(self, on: date) -> bool:
        """Return True if it holds on this day."""
        return (self.from_ is None or self.from_ <= on) and (self.until is None or on <= self.until)


class Unit(Dated):
    """A body or part of one. `logs_in` is false for one whose letters somebody else enters."""

    name: Text
    aliases: tuple[str, ...] = ()
    kind: Id | None = None
    parent: Id | None = None
    successor: Id | None = None
    logs_in: bool = True


class Group(Model):
    """Units under one name: listed, all of one kind, all with one parent, or all that (do not) log in."""

    title: Text | None = None
    aliases: tuple[str, ...] = ()
    members: Holders | None = None
    kind: Id | None = None
    parent: Id | None = None
    logs_in: Flag | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Group:
        if sum(value is not None for value in (self.members, self.kind, self.parent, self.logs_in)) != 1:
            raise ValueError(Phrase("Give exactly one of `members`, `kind`, `parent`, `logs_in`."))
        return self


class Conflict(Dated):
    """A declared conflict of interest: it bars the person from one plan, definition, or unit's affairs."""

    plan: str | None = None
    definition: Id | None = None
    unit: Id | None = None
    reason: str

    @model_validator(mode="after")
    def _one_matter(self) -> Conflict:
        if sum(value is not None for value in (self.plan, self.definition, self.unit)) != 1:
            raise ValueError(Phrase("Give exactly one of `plan`, `definition`, `unit`."))
        return self


class Person(Dated):
    """Somebody who acts, for one unit; `login` is the account at the computer."""

    name: str
    unit: Id
    login: str | None = None
    conflicts: tuple[Conflict, ...] = ()


class Tenure(Dated):
    """A person's time in an office or role. A bare id holds without end."""

    person: Id

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"person": value} if isinstance(value, str) else value


class Remit(Model):
    """What an authority is limited to. Each key that is given must fit; of its values one is enough."""

    definitions: Ids = ()
    documents: Ids = ()
    stages: Ids = ()
    steps: Ids = ()

    @model_validator(mode="after")
    def _says_something(self) -> Remit:
        if not (self.definitions or self.documents or self.stages or self.steps):
            raise ValueError(Phrase("Give at least one of `definitions`, `documents`, `stages`, `steps`."))
        return self

    def __str__(self) -> str:
        said = ((name, getattr(self, name)) for name in ("definitions", "documents", "stages", "steps"))
        return "; ".join(f"{name}: {', '.join(values)}" for name, values in said if values)


class Deputy(Tenure):
    """Somebody who acts for the head: in which form, in which field, on the strength of which document."""

    form: Form = "kt"
    field: Remit | None = None
    basis: Basis | None = None


class Substitute(Deputy):
    """Somebody below the deputies who acts for the head by authorisation or by order."""

    form: Form = "tuq"


class Office(Model):
    """A post with one holder at a time, and others who may act for the holder."""

    title: Text
    unit: Id
    holders: tuple[Tenure, ...] = ()
    deputies: tuple[Deputy, ...] = ()
    substitutes: tuple[Substitute, ...] = ()


class Role(Model):
    """A capacity that several persons can have at once.

    `records_for`: bodies in whose name its holders may enter acts; `needs_letter`: only with the body's letter.
    """

    title: Text
    holders: tuple[Tenure, ...] = ()
    records_for: Holders = ()
    needs_letter: Flag = False
