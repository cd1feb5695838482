"""The register as one value, and the questions to it, which name the day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from workflow.errors import NotFound
from workflow.language.definition import Id, Model, Text
from workflow.names import bare_letters, letters
from workflow.people.facts import Conflict, Deputy, Form, Group, Office, Person, Remit, Role, Tenure, Unit

Kind = Literal["unit", "group", "office", "role", "person"]
Via = Literal["holder", "deputy", "substitute", "member", "self", "recorder"]


@dataclass(frozen=True)
class Authority:
    """In which capacity somebody acts: as what of which office, role, unit (never a `@group`) or person.

    Attributes:
        form: How a deputy or substitute signs.
        basis: The document on which that rests.
    """

    ref: str
    via: Via
    form: Form | None = None
    basis: Mapping[str, Any] | None = None

    def as_data(self) -> dict[str, Any]:
        """Return it as an event holds it."""
        data: dict[str, Any] = {"ref": self.ref, "via": self.via}
        if self.form is not None:
            data["form"] = self.form
        if self.basis is not None:
            data["basis"] = dict(self.basis)
        return data


@dataclass(frozen=True)
class Matter:
    """What an act is about; fields of authority and conflicts of interest are held against it.

    Attributes:
        step_type: None where a transition or the plan itself is at stake.
        units: Units that lead it or in whose name it is done.
        passed: Person to the person who took over their work on this plan.
    """

    plan: str | None = None
    definition: str | None = None
    stage: str | None = None
    step_type: str | None = None
    documents: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    passed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Appointment:
    """A tenure by which somebody may act for an office or role, whether it holds on a day or not."""

    tenure: Tenure
    authority: Authority
    remit: Remit | None = None

    def covers(self, matter: Matter | None) -> bool:
        """True if the matter lies in the field of the authority; no matter lies in every field."""
        remit = self.remit
        if remit is None or matter is None:
            return True
        return (
            (not remit.definitions or matter.definition in remit.definitions)
            and (not remit.documents or not matter.documents.isdisjoint(remit.documents))
            and (not remit.stages or matter.stage in remit.stages)
            and (not remit.steps or matter.step_type in remit.steps)
        )


class Register(Model):
    """All of people.yaml. A reference is an id, or `@group`.

    Attributes:
        keepers: Who alone may change what binds every plan: this register and the calendar. Empty means everybody.
        confidential: Who alone may take confidential things out of the house. Empty means nobody.
        withdrawers: Who alone may withdraw texts and files from the record. Empty means nobody.
    """

    people: Literal[1]
    keepers: tuple[str, ...] = ()
    confidential: tuple[str, ...] = ()
    withdrawers: tuple[str, ...] = ()
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

    def successor(self, id: str, on: date) -> str | None:
        """Return the unit itself if it exists on this day, else the one that succeeded it and does; or None."""
        seen: set[str] = set()
        while id in self.units and id not in seen:
            if self.units[id].holds(on):
                return id
            seen.add(id)
            id = self.units[id].successor or ""
        return None

    @cached_property
    def succeeded(self) -> tuple[str, ...]:
        """The units that have, or will have, an end and a successor."""
        return tuple(id_ for id_, unit in self.units.items() if unit.until and unit.successor)

    def groups_named(self, text: str) -> tuple[str, ...]:
        """Return the `@groups` whose title or alias *text* is, letter by letter, else without regard to accents."""
        for fits in (letters, bare_letters):
            found = [
                f"@{id_}"
                for id_, group in self.groups.items()
                for word in (group.title.vi if group.title else None, group.title and group.title.en, *group.aliases)
                if word and fits(word) == fits(text)
            ]
            if found:
                return tuple(dict.fromkeys(found))
        return ()

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

    def authority(self, person: str, refs: Iterable[str], on: date, matter: Matter | None = None) -> Authority | None:
        """Return in which capacity *person* can act for one of *refs* on this day, the first that fits, or None.

        Args:
            matter: What it is about; without it every field of authority fits.
        """
        for ref in refs:
            for acting, authority in self._acting(ref, on, matter):
                if acting == person:
                    return authority
        return None

    def recorder(self, person: str, body: str, on: date) -> Authority | None:
        """Return the role by which *person* may enter acts in the name of *body* on this day, or None."""
        for id_, role in self.roles.items():
            if any(t.person == person and t.holds(on) for t in role.holders) and self._records(role, body):
                return Authority(id_, "recorder") if self.persons[person].holds(on) else None
        return None

    def recorders(self, body: str, on: date) -> tuple[str, ...]:
        """Return who may enter acts in the name of *body* on this day."""
        return tuple(person for person in self.persons if self.recorder(person, body, on))

    def recording_roles(self, bodies: Iterable[str], on: date) -> tuple[str, ...]:
        """Return the roles, held by somebody on this day, that may enter acts in the name of one of *bodies*."""
        named = set(bodies)
        return tuple(
            id_
            for id_, role in self.roles.items()
            if any(self._records(role, body) for body in named) and any(tenure.holds(on) for tenure in role.holders)
        )

    def conflicts(self, person: str, matter: Matter, on: date) -> tuple[Conflict, ...]:
        """Return the declared conflicts of interest that bar *person* from the matter on this day."""
        return tuple(
            conflict
            for conflict in self.persons[person].conflicts
            if conflict.holds(on)
            and (
                (conflict.plan is not None and conflict.plan == matter.plan)
                or (conflict.definition is not None and conflict.definition == matter.definition)
                or conflict.unit in matter.units
            )
        )

    def appointments(self, person: str, refs: Iterable[str]) -> Iterator[Appointment]:
        """Yield every tenure of *person* in one of these offices and roles, on whatever days."""
        for ref in refs:
            yield from (made for made in self._appointments(ref) if made.tenure.person == person)

    def person_of_login(self, login: str, on: date | None = None) -> str | None:
        """Return the person with this account, on this day where one is given, or None."""
        found = self._logins.get(login, ())
        return next((person for person in found if on is None or self.persons[person].holds(on)), None)

    def holds(self, ref: str, on: date) -> bool:
        """Return True if *ref* names something that is in the register on this day."""
        dated = self.units.get(ref) or self.persons.get(ref)
        return dated.holds(on) if dated is not None else self.known(ref)

    def divisions(self, unit: str, on: date) -> tuple[str, ...]:
        """Return the units right below *unit* on this day."""
        return tuple(id_ for id_ in self._under.get(unit, ()) if self.units[id_].holds(on))

    def search(self, text: str, kinds: Iterable[Kind] = ("unit",), *, whole: bool = False) -> tuple[str, ...]:
        """Return the units, or what is of *kinds*, that *text* may mean, in the register's order.

        Those whose id, name or alias it is, letter by letter; where there is none those it is without
        regard to accents; where there is none those that contain it, unless *whole*.
        """
        exact, bare = letters(text), bare_letters(text)
        if not bare:
            return ()
        among = [named for kind in kinds for named in self._words.get(kind, {}).items()]
        for fits in (
            lambda words: exact in map(letters, words),
            lambda words: bare in map(bare_letters, words),
            lambda words: not whole and any(bare in bare_letters(word) for word in words),
        ):
            if found := tuple(id_ for id_, words in among if fits(words)):
                return found
        return ()

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
    def _words(self) -> dict[Kind, dict[str, tuple[str, ...]]]:
        """What each unit, office, role and person is called, by kind."""
        units = {id_: (id_, unit.name.vi, unit.name.en, *unit.aliases) for id_, unit in self.units.items()}
        offices = {id_: (id_, office.title.vi, office.title.en) for id_, office in self.offices.items()}
        roles = {id_: (id_, role.title.vi, role.title.en) for id_, role in self.roles.items()}
        persons = {id_: (id_, person.name) for id_, person in self.persons.items()}
        named: dict[Kind, Mapping[str, tuple[str | None, ...]]]
        named = {"unit": units, "office": offices, "role": roles, "person": persons}
        return {
            kind: {id_: tuple(filter(None, words)) for id_, words in called.items()} for kind, called in named.items()
        }

    def _units_of(self, group: str) -> Iterator[str]:
        """The group's units, whether they exist on a day or not; walked without recursion, each group once."""
        waiting, seen = [group], {group}
        while waiting:
            current = self.groups[waiting.pop()]
            yield from self._of_kind.get(current.kind or "", ())
            yield from self._under.get(current.parent or "", ())
            if current.logs_in is not None:
                yield from (id_ for id_, unit in self.units.items() if unit.logs_in == current.logs_in)
            for member in current.members or ():
                inner = member[1:]
                if member in self.units:
                    yield member
                elif member.startswith("@") and inner in self.groups and inner not in seen:
                    seen.add(inner)
                    waiting.append(inner)

    def _records(self, role: Role, body: str) -> bool:
        if body in role.records_for:
            return True
        return any(ref[0] == "@" and body in self._units_of(ref[1:]) for ref in role.records_for)

    def _acting(self, ref: str, on: date, matter: Matter | None = None) -> Iterator[tuple[str, Authority]]:
        """Persons who can act for *ref* on this day, each with the capacity."""
        for person, authority in self._appointed(ref, on, matter):
            if person in self.persons and self.persons[person].holds(on):
                yield person, authority

    def _appointed(self, ref: str, on: date, matter: Matter | None) -> Iterator[tuple[str, Authority]]:
        kind = self.kind(ref)
        if kind in ("unit", "group"):
            for unit in self.resolve_units((ref,), on):
                for person in self._persons_of.get(unit, ()):
                    yield person, Authority(unit, "member")
        elif kind == "person":
            yield ref, Authority(ref, "self")
        else:
            for made in self._appointments(ref):
                if made.tenure.holds(on) and made.covers(matter):
                    yield made.tenure.person, made.authority

    def _appointments(self, ref: str) -> Iterator[Appointment]:
        """The tenures in an office or role: the holder's before the deputies' and substitutes'."""
        kind = self.kind(ref)
        if kind == "role":
            yield from (Appointment(tenure, Authority(ref, "holder")) for tenure in self.roles[ref].holders)
        elif kind == "office":
            office = self.offices[ref]
            yield from (Appointment(tenure, Authority(ref, "holder")) for tenure in office.holders)
            others: tuple[tuple[Via, Iterable[Deputy]], ...] = (
                ("deputy", office.deputies),
                ("substitute", office.substitutes),
            )
            for via, tenures in others:
                for tenure in tenures:
                    basis = tenure.basis.model_dump(mode="json", exclude_unset=True) if tenure.basis else None
                    yield Appointment(tenure, Authority(ref, via, tenure.form, basis), tenure.field)


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}
