"""The facts of the register: units, groups, persons, offices and roles, each with its days."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from workflow.definition import Holders, Id, Model, Text
from workflow.errors import Phrase

ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and ISO_DAY.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
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
    """Units under one name: listed, all of one kind, or all with one parent."""

    title: Text | None = None
    members: Holders | None = None
    kind: Id | None = None
    parent: Id | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Group:
        if sum(value is not None for value in (self.members, self.kind, self.parent)) != 1:
            raise ValueError(Phrase("Give exactly one of `members`, `kind`, `parent`."))
        return self


class Person(Dated):
    """Somebody who acts, for one unit; `login` is the account at the computer."""

    name: str
    unit: Id
    login: str | None = None


class Tenure(Dated):
    """A person's time in an office or role. A bare id holds without end."""

    person: Id

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"person": value} if isinstance(value, str) else value


class Office(Model):
    """A post with one holder at a time, and deputies who may act for the holder."""

    title: Text
    unit: Id
    holders: tuple[Tenure, ...] = ()
    deputies: tuple[Tenure, ...] = ()


class Role(Model):
    """A capacity that several persons can have at once."""

    title: Text
    holders: tuple[Tenure, ...] = ()
