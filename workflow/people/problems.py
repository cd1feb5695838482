"""What in a register of people does not fit together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from workflow.errors import N_, Phrase
from workflow.people.facts import Dated, Deputy, Group, Office, Tenure
from workflow.people.register import Register

_Key = TypeVar("_Key")
Problem = tuple[tuple[str | int, ...], Phrase]
"""The keys that lead to the place, and what is wrong there."""

_MISSING = {
    "unit": N_("There is no unit {ref}."),
    "group": N_("There is no group {ref}."),
    "body": N_("There is no unit or office {ref}."),
    "person": N_("There is no person {ref}."),
}


def problems_of(register: Register) -> Iterator[Problem]:
    """Find everything that does not fit together, in the order of the register."""
    yield from _doubled(register)
    for key in ("keepers", "confidential", "withdrawers"):
        refs: tuple[str, ...] = getattr(register, key)
        for position, ref in enumerate(refs):
            if not register.known(ref):
                yield (key, position), Phrase(N_("There is nobody {ref} in the register."), {"ref": ref})
    for id_, unit in register.units.items():
        for key, other in (("parent", unit.parent), ("successor", unit.successor)):
            yield from _unknown_unit(register, ("units", id_, key), other)
    for id_, group in register.groups.items():
        yield from _group_problems(register, id_, group)
    for id_, person in register.persons.items():
        yield from _unknown_unit(register, ("persons", id_, "unit"), person.unit)
        for position, conflict in enumerate(person.conflicts):
            yield from _unknown_unit(register, ("persons", id_, "conflicts", position, "unit"), conflict.unit)
    yield from _shared_logins(register)
    for id_, office in register.offices.items():
        yield from _unknown_unit(register, ("offices", id_, "unit"), office.unit)
        yield from _unknown_persons(register, ("offices", id_, "holders"), office.holders)
        named: tuple[tuple[str, tuple[Deputy, ...]], ...]
        named = (("deputies", office.deputies), ("substitutes", office.substitutes))
        for key, others in named:
            yield from _unknown_persons(register, ("offices", id_, key), others)
            for position, deputy in enumerate(others):
                yield from _unfounded(("offices", id_, key, position), deputy)
        yield from _two_holders(id_, office)
    for id_, role in register.roles.items():
        yield from _unknown_persons(register, ("roles", id_, "holders"), role.holders)
        for position, ref in enumerate(role.records_for):
            if register.kind(ref) not in ("unit", "group", "office"):
                yield _missing(("roles", id_, "records_for", position), "group" if ref[0] == "@" else "body", ref)
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


def _unknown_unit(register: Register, path: tuple[str | int, ...], ref: str | None) -> Iterator[Problem]:
    if ref is not None and ref not in register.units:
        yield _missing(path, "unit", ref)


def _unknown_persons(register: Register, path: tuple[str, ...], tenures: Iterable[Tenure]) -> Iterator[Problem]:
    for position, tenure in enumerate(tenures):
        if tenure.person not in register.persons:
            yield _missing((*path, position), "person", tenure.person)


def _unfounded(path: tuple[str | int, ...], other: Deputy) -> Iterator[Problem]:
    """What Decree 30/2020/NĐ-CP, article 13, asks of a form of signing and the entry does not say."""
    needed = {"kt": (), "tl": ("basis",), "tuq": ("until", "field", "basis")}[other.form]
    lacking = [key for key in needed if getattr(other, key) is None]
    if lacking:
        params = {"person": other.person, "form": other.form, "keys": ", ".join(lacking)}
        yield path, Phrase("The authority of {person} (`form: {form}`) needs: {keys}.", params)


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
