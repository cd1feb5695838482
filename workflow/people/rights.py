"""Who may act: in which capacity, in whose name, and every reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from workflow.errors import N_, NotPermitted, Phrase, Reason
from workflow.people.facts import Conflict, Person
from workflow.people.register import Appointment, Authority, Matter, Register

_MOST = 20
"""So many persons are named who could do it."""


@dataclass(frozen=True)
class Rights:
    """The rights of one person on one day in one matter.

    Attributes:
        matter: What it is about; None where no field of authority and no conflict of interest counts.
    """

    register: Register
    person: str
    on: date
    matter: Matter | None = None

    def require(
        self, references: tuple[str, ...], what: Phrase, body: str | None = None, bodies: tuple[str, ...] = ()
    ) -> Authority:
        """Return in which capacity the person may do *what*.

        Args:
            references: Units, offices, roles and persons that may; empty means every known person.
            body: The body in whose name it is done.
            bodies: Of the references those in whose name it may turn out to be done.

        Raises:
            NotPermitted: If the person is none of them, may not speak for the body, or has an interest in it.
        """
        references = self.current(references)
        body = self.current((body,))[0] if body else None
        self._require_no_conflict(what, body)
        held = self.register.authority(self.person, references or (self.person,), self.on, self.matter)
        if body is not None:
            named = self._in_the_name_of(body, what)
            if held is not None or self._stands_for(body, references):
                return named
        elif held is None:
            held = next(filter(None, (self.register.recorder(self.person, one, self.on) for one in bodies)), None)
        if held is None:
            raise self._forbidden(references, what)
        return held

    def may(self, references: tuple[str, ...], bodies: tuple[str, ...] = ()) -> bool:
        """Return whether the person is one of those who may, or records for one of *bodies*, and nothing bars them."""
        references = self.current(references)
        if self.matter is not None and self.register.conflicts(self.person, self.matter, self.on):
            return False
        if not references or self.register.authority(self.person, references, self.on, self.matter) is not None:
            return True
        return any(self.register.recorder(self.person, body, self.on) for body in bodies)

    def current(self, references: tuple[str, ...]) -> tuple[str, ...]:
        """Return *references* with whoever passed their work on replaced by who took it over."""
        passed = self.matter.passed if self.matter else {}
        return tuple(dict.fromkeys(passed.get(one, one) for one in references))

    def _stands_for(self, body: str, references: tuple[str, ...]) -> bool:
        kinds = self.register.kind
        return body in references or any(
            body in self.register.resolve_units((one,), self.on) for one in references if kinds(one) == "group"
        )

    def _in_the_name_of(self, body: str, what: Phrase) -> Authority:
        own = self.register.authority(self.person, (body,), self.on, self.matter)
        held = own or self.register.recorder(self.person, body, self.on)
        if held is None:
            could = (*self.register.holders(body, self.on), *self.register.recorders(body, self.on))
            raise NotPermitted(
                "`{actor}` may not {what} in the name of `{body}`",
                code="in-anothers-name",
                hint="on {on} these may: {holders}",
                reasons=tuple(self._lapsed((body,))),
                actor=self.person,
                what=what,
                body=body,
                on=self.on.isoformat(),
                holders=", ".join(dict.fromkeys(could[:_MOST])) or "-",
            )
        return held

    def _require_no_conflict(self, what: Phrase, body: str | None) -> None:
        if self.matter is None:
            return
        matter = replace(self.matter, units=self.matter.units | {body}) if body else self.matter
        found = self.register.conflicts(self.person, matter, self.on)
        if found:
            raise NotPermitted(
                "`{actor}` may not {what}: they declared a conflict of interest",
                code="conflict-of-interest",
                hint="somebody else has to do it",
                reasons=declared(found),
                actor=self.person,
                what=what,
            )

    def _forbidden(self, references: tuple[str, ...], what: Phrase) -> NotPermitted:
        holders = dict.fromkeys(person for one in references for person in self.register.holders(one, self.on))
        records = next((one for one in references if self.register.recorder(self.person, one, self.on)), None)
        hint = N_("on {on} these hold it: {holders}")
        if records is not None:
            hint = N_("record it in the name of `{body}`: --behalf {body} (on {on} these hold it: {holders})")
        return NotPermitted(
            "`{actor}` may not {what}; it belongs to {who}",
            hint=hint,
            body=records,
            reasons=tuple(self._lapsed(references)),
            actor=self.person,
            what=what,
            who=", ".join(references) or "-",
            on=self.on.isoformat(),
            holders=", ".join(list(holders)[:_MOST]) or "-",
        )

    def _lapsed(self, references: tuple[str, ...]) -> Iterator[Reason]:
        """Why what the person once had, or has elsewhere, does not count here and now."""
        fact: Person = self.register.persons[self.person]
        if not fact.holds(self.on):
            days = {"actor": self.person, "from": fact.from_ or "…", "until": fact.until or "…"}
            yield Reason("not-in-service", Phrase(N_("`{actor}` is in the register from {from} to {until}"), days))
        for made in self.register.appointments(self.person, references):
            if (reason := self._why_not(made)) is not None:
                yield reason

    def _why_not(self, made: Appointment) -> Reason | None:
        who, tenure = {"actor": self.person, "office": made.authority.ref}, made.tenure
        if tenure.until is not None and tenure.until < self.on:
            phrase = Phrase(
                N_("the authority of `{actor}` for `{office}` ended on {day}"), {**who, "day": tenure.until}
            )
            return Reason("authority-ended", phrase)
        if tenure.from_ is not None and self.on < tenure.from_:
            phrase = Phrase(
                N_("the authority of `{actor}` for `{office}` begins on {day}"), {**who, "day": tenure.from_}
            )
            return Reason("authority-ahead", phrase, (self.person,), tenure.from_)
        if not made.covers(self.matter):
            phrase = Phrase(
                N_("the authority of `{actor}` for `{office}` covers only {field}"), {**who, "field": made.remit}
            )
            return Reason("authority-elsewhere", phrase)
        return None


def declared(conflicts: Iterable[Conflict]) -> tuple[Reason, ...]:
    """Return the conflicts of interest that somebody declared, each with what it is declared for."""
    return tuple(
        Reason(
            "conflict-of-interest",
            Phrase(
                N_("declared for `{matter}`: {reason}"),
                {"matter": one.plan or one.definition or one.unit, "reason": one.reason},
            ),
        )
        for one in conflicts
    )
