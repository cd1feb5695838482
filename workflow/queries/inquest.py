"""`audit explain`: one event with all that the record says about it. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from workflow import audit, messages
from workflow.decide.performers import allowed_somehow
from workflow.decide.withdrawing import contents_of
from workflow.errors import NotFound, WorkflowError
from workflow.language.definition import Definition
from workflow.messages import WORKSPACE_CHAIN, Event
from workflow.people import Register
from workflow.plan.state import PlanState, fold
from workflow.queries.losses import losses
from workflow.queries.measuring import dues_of_items, dues_of_stage
from workflow.queries.queries import Queries
from workflow.queries.rulings import cause_among, rule_of, would_allow
from workflow.queries.trail import Trail
from workflow.store.interface import EventRow
from workflow.views.explained import About, Due, Explained, Held, PutOut, Rule, Wording
from workflow.views.recording import Gone


class Inquest(Queries, Trail):
    """The question about one event."""

    def explain_event(self, plan: str, seq: int) -> Explained:
        """Who did it, by which right and rule, under which text, on which bytes, how late, and what came of it.

        All of it follows from the events, and from the register and the definition that they name.

        Raises:
            NotFound: If there is no such plan or event.
        """
        if plan != WORKSPACE_CHAIN:
            plan = self.require_plan(plan).id
        row = self.store.event(plan, seq)
        if row is None:
            raise NotFound(
                "{plan} has no event {seq}",
                code="unknown-event",
                hint="`workflow audit show {plan}` shows those that it has",
                plan=plan,
                seq=seq,
            )
        entry = self.entry(row)
        event = entry.event
        entry = replace(entry, undone_by=self.undone(plan).get(seq), gone=losses(self.store, plan).of(event))
        register = self._register_of(event)
        person = register.persons.get(event.actor) if register is not None and event.actor else None
        caused_by = cause_among(event, self._backwards(plan, seq))
        rule, wording = self._ruled(caused_by or event)
        dues, unplayed = self._dues(row, event)
        return Explained(
            entry=entry,
            person=person.name if person is not None else None,
            unit=person.unit if person is not None else None,
            unit_name=register.name(person.unit) if register is not None and person is not None else None,
            held=_held(event, register),
            rule=rule,
            wording=wording,
            dues=dues,
            effects=tuple(PutOut(one.id, one.kind, one.state) for one in self.store.effects(plan) if one.seq == seq),
            unplayed=unplayed,
            caused_by=caused_by,
            concerns=_concerned(event),
            withdrew=self._withdrew(event),
            about=tuple(self._about(event)),
        )

    def _backwards(self, plan: str, seq: int) -> Iterator[Event]:
        for earlier in range(seq - 1, 0, -1):
            if (row := self.store.event(plan, earlier)) is not None:
                yield _event(row)

    def _ruled(self, event: Event) -> tuple[Rule | None, Wording | None]:
        """What allowed an event, or would have allowed an attempt, and the text that says so."""
        if event.type == messages.ATTEMPT_REFUSED:
            return self._that_would_allow(event)
        definition, wording = self._wording(event)
        # What binds everybody was judged by the register before it, also where it is a register itself.
        rule = rule_of(event, definition, self._register_of(event))
        if wording is not None and rule is not None and rule.register_key is None:
            wording = self._placed(wording, rule)
        return rule, wording

    def _that_would_allow(self, event: Event) -> tuple[Rule | None, Wording | None]:
        """By the definition and the stage that the plan had when it was tried."""
        register, concerned = self._register_of(event), event.data["plan"]
        state = None
        if concerned != WORKSPACE_CHAIN and self.store.plan(concerned) is not None:
            before = (_event(row) for row in self.store.events(concerned))
            before = (each for each in before if each.recorded_at <= event.recorded_at)
            try:
                row = self.require_plan(concerned)
                state = fold(before, self.process_of(row.definition).evolve_step)
            except (WorkflowError, ValueError, LookupError):
                # Then only what the register alone says can be told.
                state = None
        wording, definition = None, None
        if state is not None:
            stored = self.store.definition(state.definition)
            if stored is not None and stored.intact:
                definition = self.processes.definition_of_row(stored)
                wording = Wording(stored.id, stored.version, stored.hash, definition.title)
        rule = would_allow(event, definition, state.stage if state is not None else None, register)
        if rule is not None and state is not None:
            rule = self._by_step_type(rule, event, state)
        if wording is not None and rule is not None and rule.register_key is None:
            return rule, self._placed(wording, rule)
        return rule, None

    def _by_step_type(self, rule: Rule, event: Event, state: PlanState) -> Rule:
        """Return the rule with whom the step type would have let, where it lets others than the definition names."""
        address = "/".join(part for part in rule.where if part not in ("stages", "steps", "alongside"))
        process, action = self.process_of(state.definition), str(event.data.get("action", ""))
        step = state.step(address) if action else None
        declared = process.type_of(address).actions().get(action) if step is not None and step.rounds else None
        if step is None or declared is None:
            return rule
        may = allowed_somehow(process, state, address, step.rounds[-1], declared)
        if may is None or set(may.references) == set(rule.by):
            return rule
        return replace(rule, by=may.references, said_by=(), of_type=True)

    def _withdrew(self, event: Event) -> Gone | None:
        if event.type != messages.CONTENT_WITHDRAWN:
            return None
        row = self.store.event(event.plan, event.data["seq"])
        if row is None:
            return None
        contents, data = contents_of(_event(row)), event.data
        return Gone(
            data["seq"],
            tuple(place for place, key in contents.texts.items() if key in data["texts"]),
            tuple(number for number, each in enumerate(contents.files, 1) if each in data["documents"]),
        )

    def _about(self, event: Event) -> Iterator[About]:
        """The revision that the event says it was about: made before it, with the hashes of its files."""
        data = event.data.get("data")
        name = data.get("about") if event.type == messages.STEP_ACTED and isinstance(data, dict) else None
        document = None
        if event.type == messages.NUMBER_ISSUED:
            name, document = event.data.get("revision"), event.data.get("document")
        if not isinstance(name, str):
            return
        definition, _ = self._wording(event)
        step = definition.steps.get(event.data.get("step", "")) if definition is not None else None
        made: dict[str, About] = {}
        for earlier in map(_event, islice(self.store.events(event.plan), event.seq - 1)):
            for fact in earlier.data.get("revisions", ()):
                if f"{fact['number']}.{fact['revision']}" == name and document in (None, fact["document"]):
                    made[fact["document"]] = About(fact["document"], name, tuple(fact.get("files", ())))
        # A step says in its options which document it is about; where it does not, all that have this name are told.
        options = set(map(str, step.with_.values())) if step is not None else set()
        yield from [each for id_, each in made.items() if id_ in options] or made.values()

    def _register_of(self, event: Event) -> Register | None:
        """The register that the event names, or was in force then in the workspace's chain; None if it is gone."""
        version = event.authority.get("people")
        if version is None and event.plan == WORKSPACE_CHAIN:
            row = self.store.latest_workspace_event(messages.PEOPLE_LOADED, event.seq)
            # Before the first register there was nobody to keep anything from.
            return self._register_in(row) if row is not None else Register(people=1)
        if version is None or version == self.people_version:
            return self.register
        after = ("", "", 0)
        while page := self.store.trail("type", messages.PEOPLE_LOADED, after=after, limit=100):
            for row in page:
                if _event(row).data.get("version") == version and (found := self._register_in(row)) is not None:
                    return found
            after = (page[-1].recorded_at, page[-1].plan, page[-1].seq)
        return None

    def _register_in(self, row: EventRow) -> Register | None:
        """The register that an event took in; None if its bytes are gone or others."""
        sha256 = _event(row).data["sha256"]
        if self.store.has_file(sha256):
            content = b"".join(self.store.file(sha256))
            if hashlib.sha256(content).hexdigest() == sha256:
                return Register.model_validate_json(content)
        return None

    def _wording(self, event: Event) -> tuple[Definition | None, Wording | None]:
        if event.definition is None:
            return None, None
        row = self.store.definition(event.definition)
        if row is None or not row.intact:
            return None, Wording("-", 0, event.definition, None, intact=False)
        definition = self.processes.definition_of_row(row)
        return definition, Wording(row.id, row.version, row.hash, definition.title)

    def _placed(self, wording: Wording, rule: Rule) -> Wording:
        sources = self.sources()
        try:
            source = sources.get(wording.id)
        except WorkflowError:
            # A file that cannot be read is not the text that was in force.
            return wording
        if source is None or source.hash != wording.hash:
            return wording
        return replace(wording, file=source.name, line=source.line(rule.where))

    def _dues(self, row: EventRow, event: Event) -> tuple[tuple[Due, ...], str | None]:
        """The days that the event met, as they were in force before it: the plan is played up to there."""
        if event.type not in (messages.TRANSITION_FIRED, messages.STEP_ACTED) or event.definition is None:
            return (), None
        try:
            process = self.process_of(event.definition)
            before = fold(map(_event, islice(self.store.events(row.plan), row.seq - 1)), process.evolve_step)
            if before is None:
                return (), None
            if event.type == messages.TRANSITION_FIRED:
                return tuple(dues_of_stage(process, before, event)), None
            after = fold(map(_event, islice(self.store.events(row.plan), row.seq)), process.evolve_step)
            return tuple(dues_of_items(process, before, after or before, event)), None
        except (WorkflowError, ValueError, LookupError) as error:
            return (), str(error)


def _event(row: EventRow) -> Event:
    return audit.event_of(row.body)


def _concerned(event: Event) -> str | None:
    return event.data["plan"] if event.type == messages.ATTEMPT_REFUSED else None


def _held(event: Event, register: Register | None) -> Held | None:
    authority = event.authority
    ref = authority.get("ref")
    if ref is None and "via" not in authority:
        return None
    held = Held(ref, via=authority.get("via"), form=authority.get("form"), basis=authority.get("basis"))
    if register is None:
        return replace(held, known=False)
    if ref is None or event.actor is None:
        return held
    tenures = [
        made.tenure for made in register.appointments(event.actor, (ref,)) if made.tenure.holds(event.occurred_on)
    ]
    if not tenures and ref in register.units and event.actor in register.persons:
        tenures = [register.persons[event.actor]]
    since, until = (tenures[0].from_, tenures[0].until) if tenures else (None, None)
    return replace(
        held,
        name=register.name(ref),
        since=since.isoformat() if since else None,
        until=until.isoformat() if until else None,
    )
