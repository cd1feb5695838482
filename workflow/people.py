"""Who there is: units, groups, offices, roles and persons, each a dated fact.

The register is what `people.yaml` says, as one immutable value; questions to it name the day. A gate
belongs to an office or role, and who may act for it is looked up here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from workflow.definition import Holders, Id, Model, Text
from workflow.errors import N_, NotFound, Phrase

_Key = TypeVar("_Key")
Kind = Literal["unit", "group", "office", "role", "person"]
Via = Literal["holder", "deputy", "member", "self"]
Problem = tuple[tuple[str | int, ...], Phrase]
"""The keys that lead to the place, and what is wrong there."""

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


@dataclass(frozen=True)
class Authority:
    """In which capacity somebody acts: as what of which office, role, unit (never a `@group`) or person."""

    ref: str
    via: Via


class Register(Model):
    """All of people.yaml. A reference is an id, or `@group`."""

    people: Literal[1]
    units: Mapping[Id, Unit] = Field(default_factory=dict)
    groups: Mapping[Id, Group] = Field(default_factory=dict)
    persons: Mapping[Id, Person] = Field(default_factory=dict)
    offices: Mapping[Id, Office] = Field(default_factory=dict)
    roles: Mapping[Id, Role] = Field(default_factory=dict)

    def known(self, ref: str) -> bool:
        """Return True if *ref* names something in the register, on whatever day."""
        return self.kind(ref) is not None

    def kind(self, ref: str) -> Kind | None:
        """Return what *ref* names, or None."""
        return self._named[ref][0] if ref in self._named else None

    def name(self, ref: str) -> Text | None:
        """Return the name or title of what *ref* names; None if it is unknown or has none."""
        return self._named[ref][1] if ref in self._named else None

    def unit_valid(self, id: str, on: date) -> bool:
        """Return True if there is such a unit on this day."""
        return id in self.units and self.units[id].holds(on)

    def resolve_units(self, refs: Iterable[str], on: date) -> tuple[str, ...]:
        """Return the units that *refs* name and that exist on this day, in the register's order, once each.

        Raises:
            NotFound: If one of *refs* is neither a unit nor a `@group`.
        """
        named: set[str] = set()
        for ref in refs:
            kind = self.kind(ref)
            if kind not in ("unit", "group"):
                raise NotFound("There is no unit or group {ref} in the register of people.", ref=ref)
            named.update(self._units_of(ref[1:]) if kind == "group" else (ref,))
        return tuple(unit for unit in sorted(named, key=self._order.__getitem__) if self.units[unit].holds(on))

    def holders(self, ref: str, on: date) -> tuple[str, ...]:
        """Return the ids of the persons who can act for *ref* on this day; the office's holder before deputies."""
        return tuple(dict.fromkeys(person for person, _ in self._acting(ref, on)))

    def authority(self, person: str, refs: Iterable[str], on: date) -> Authority | None:
        """Return in which capacity *person* can act for one of *refs* on this day, the first that fits, or None."""
        for ref in refs:
            for acting, authority in self._acting(ref, on):
                if acting == person:
                    return authority
        return None

    def person_of_login(self, login: str, on: date | None = None) -> str | None:
        """Return the person with this account, on this day where one is given, or None."""
        found = self._logins.get(login, ())
        return next((person for person in found if on is None or self.persons[person].holds(on)), None)

    def search(self, text: str) -> tuple[str, ...]:
        """Return the units that *text* may mean, in the register's order.

        Those whose id, name or alias it is, letter by letter; where there is none those it is without
        regard to accents; where there is none those that contain it.
        """
        exact, bare = _letters(text), _bare_letters(text)
        if not bare:
            return ()
        for fits in (
            lambda words: exact in map(_letters, words),
            lambda words: bare in map(_bare_letters, words),
            lambda words: any(bare in _bare_letters(word) for word in words),
        ):
            if found := tuple(unit for unit, words in self._words.items() if fits(words)):
                return found
        return ()

    def problems(self) -> list[Problem]:
        """Return everything that does not fit together, in the order of the register."""
        return list(_problems(self))

    @cached_property
    def _named(self) -> dict[str, tuple[Kind, Text | None]]:
        """What each reference names; of an id taken twice the later line here counts."""
        return {
            **{id_: ("person", Text(vi=person.name)) for id_, person in self.persons.items()},
            **{id_: ("role", role.title) for id_, role in self.roles.items()},
            **{id_: ("office", office.title) for id_, office in self.offices.items()},
            **{id_: ("unit", unit.name) for id_, unit in self.units.items()},
            **{f"@{id_}": ("group", group.title) for id_, group in self.groups.items()},
        }

    @cached_property
    def _order(self) -> dict[str, int]:
        return {unit: position for position, unit in enumerate(self.units)}

    @cached_property
    def _of_kind(self) -> dict[str, tuple[str, ...]]:
        return _grouped((unit.kind, id_) for id_, unit in self.units.items() if unit.kind)

    @cached_property
    def _under(self) -> dict[str, tuple[str, ...]]:
        return _grouped((unit.parent, id_) for id_, unit in self.units.items() if unit.parent)

    @cached_property
    def _persons_of(self) -> dict[str, tuple[str, ...]]:
        return _grouped((person.unit, id_) for id_, person in self.persons.items())

    @cached_property
    def _logins(self) -> dict[str, tuple[str, ...]]:
        return _grouped((person.login, id_) for id_, person in self.persons.items() if person.login)

    @cached_property
    def _words(self) -> dict[str, tuple[str, ...]]:
        return {
            id_: tuple(word for word in (id_, unit.name.vi, unit.name.en, *unit.aliases) if word)
            for id_, unit in self.units.items()
        }

    def _units_of(self, group: str) -> Iterator[str]:
        """The group's units, whether they exist on a day or not; walked without recursion, each group once."""
        waiting, seen = [group], {group}
        while waiting:
            current = self.groups[waiting.pop()]
            yield from self._of_kind.get(current.kind or "", ())
            yield from self._under.get(current.parent or "", ())
            for member in current.members or ():
                inner = member[1:]
                if member in self.units:
                    yield member
                elif member.startswith("@") and inner in self.groups and inner not in seen:
                    seen.add(inner)
                    waiting.append(inner)

    def _acting(self, ref: str, on: date) -> Iterator[tuple[str, Authority]]:
        """Persons who can act for *ref* on this day, each with the capacity."""
        for person, authority in self._appointed(ref, on):
            if person in self.persons and self.persons[person].holds(on):
                yield person, authority

    def _appointed(self, ref: str, on: date) -> Iterator[tuple[str, Authority]]:
        kind = self.kind(ref)
        if kind in ("unit", "group"):
            for unit in self.resolve_units((ref,), on):
                for person in self._persons_of.get(unit, ()):
                    yield person, Authority(unit, "member")
        elif kind == "office":
            office = self.offices[ref]
            yield from ((t.person, Authority(ref, "holder")) for t in office.holders if t.holds(on))
            yield from ((t.person, Authority(ref, "deputy")) for t in office.deputies if t.holds(on))
        elif kind == "role":
            yield from ((t.person, Authority(ref, "holder")) for t in self.roles[ref].holders if t.holds(on))
        elif kind == "person":
            yield ref, Authority(ref, "self")


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}


def _letters(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _bare_letters(text: str) -> str:
    """The letters without accents; đ has no decomposition and is named."""
    apart = unicodedata.normalize("NFD", _letters(text))
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).replace("đ", "d")


# -- what does not fit together --------------------------------------------------------------------

_MISSING = {
    "unit": N_("There is no unit {ref}."),
    "group": N_("There is no group {ref}."),
    "person": N_("There is no person {ref}."),
}


def _problems(register: Register) -> Iterator[Problem]:
    yield from _doubled(register)
    for id_, unit in register.units.items():
        for key, other in (("parent", unit.parent), ("successor", unit.successor)):
            yield from _unknown_unit(register, ("units", id_, key), other)
    for id_, group in register.groups.items():
        yield from _group_problems(register, id_, group)
    for id_, person in register.persons.items():
        yield from _unknown_unit(register, ("persons", id_, "unit"), person.unit)
    yield from _shared_logins(register)
    for id_, office in register.offices.items():
        yield from _unknown_unit(register, ("offices", id_, "unit"), office.unit)
        yield from _unknown_persons(register, ("offices", id_, "holders"), office.holders)
        yield from _unknown_persons(register, ("offices", id_, "deputies"), office.deputies)
        yield from _two_holders(id_, office)
    for id_, role in register.roles.items():
        yield from _unknown_persons(register, ("roles", id_, "holders"), role.holders)
    yield from _circles("units", "parent", {id_: [u.parent] for id_, u in register.units.items() if u.parent})
    yield from _circles("units", "successor", {id_: [u.successor] for id_, u in register.units.items() if u.successor})
    inner = {id_: [ref[1:] for ref in group.members or () if ref[0] == "@"] for id_, group in register.groups.items()}
    yield from _circles("groups", "members", inner)


def _doubled(register: Register) -> Iterator[Problem]:
    taken: dict[str, str] = {}
    for kind in ("units", "groups", "persons", "offices", "roles"):
        for id_ in getattr(register, kind):
            if (first := taken.setdefault(id_, kind)) != kind:
                yield (kind, id_), Phrase("The id {id} is already taken in `{kind}`.", {"id": id_, "kind": first})


def _missing(path: tuple[str | int, ...], kind: str, ref: str) -> Problem:
    return path, Phrase(_MISSING[kind], {"ref": ref})


def _unknown_unit(register: Register, path: tuple[str, ...], ref: str | None) -> Iterator[Problem]:
    if ref is not None and ref not in register.units:
        yield _missing(path, "unit", ref)


def _unknown_persons(register: Register, path: tuple[str, ...], tenures: Iterable[Tenure]) -> Iterator[Problem]:
    for position, tenure in enumerate(tenures):
        if tenure.person not in register.persons:
            yield _missing((*path, position), "person", tenure.person)


def _group_problems(register: Register, id_: str, group: Group) -> Iterator[Problem]:
    for position, member in enumerate(group.members or ()):
        if register.kind(member) not in ("unit", "group"):
            yield _missing(("groups", id_, "members", position), "group" if member[0] == "@" else "unit", member)
    yield from _unknown_unit(register, ("groups", id_, "parent"), group.parent)
    if group.kind is not None and group.kind not in register._of_kind:
        yield ("groups", id_, "kind"), Phrase("There is no unit of the kind {kind}.", {"kind": group.kind})


def _shared_logins(register: Register) -> Iterator[Problem]:
    for login, persons in register._logins.items():
        for one, other in _overlapping((person, register.persons[person]) for person in persons):
            params = {"one": one, "other": other, "login": login}
            yield ("persons", other, "login"), Phrase("{one} and {other} have the login {login} on one day.", params)


def _two_holders(id_: str, office: Office) -> Iterator[Problem]:
    for one, other in _overlapping(enumerate(office.holders)):
        params = {"office": id_, "one": office.holders[one].person, "other": office.holders[other].person}
        phrase = Phrase("The office {office} has two holders on one day: {one} and {other}.", params)
        yield ("offices", id_, "holders", other), phrase


def _overlapping(spans: Iterable[tuple[_Key, Dated]]) -> Iterator[tuple[_Key, _Key]]:
    """Pairs that hold on one day: each span with the longest-lasting one that began before it."""
    lasting: tuple[_Key, Dated] | None = None
    for key, span in sorted(spans, key=lambda pair: pair[1].from_ or date.min):
        if lasting is not None and (span.from_ or date.min) <= (lasting[1].until or date.max):
            yield lasting[0], key
        if lasting is None or (lasting[1].until or date.max) < (span.until or date.max):
            lasting = key, span


def _circles(kind: str, key: str, following: dict[str, list[str]]) -> Iterator[Problem]:
    while True:
        try:
            return TopologicalSorter(following).prepare()
        except CycleError as error:
            circle = list(reversed(error.args[1]))
            path = " → ".join(circle)
            yield (kind, circle[0], key), Phrase("`{key}` leads round in a circle: {path}.", {"key": key, "path": path})
            following = {id_: others for id_, others in following.items() if id_ not in circle}
