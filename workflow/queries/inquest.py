"""`audit explain`: one event with all that the record says about it. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from workflow import audit, messages
from workflow.decide.situation import LEAD, Process
from workflow.errors import NotFound, WorkflowError
from workflow.language.definition import Definition
from workflow.messages import WORKSPACE_CHAIN, Event
from workflow.people import Register
from workflow.plan.state import PlanState, fold
from workflow.queries.lateness import judged
from workflow.queries.queries import Queries
from workflow.store.interface import EventRow
from workflow.views.explained import Due, Explained, Held, PutOut, Rule, Wording

_GUARDS = ("requires", "outcome", "needs", "when")


class Inquest(Queries):
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
        entry = replace(self.entry(row), undone_by=self.undone(plan).get(seq))
        event = entry.event
        register = self._register_of(event)
        person = register.persons.get(event.actor) if register is not None and event.actor else None
        definition, wording = self._wording(event)
        rule = _rule(event, definition) if definition is not None else None
        if wording is not None and rule is not None:
            wording = self._placed(wording, rule)
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
        )

    def _register_of(self, event: Event) -> Register | None:
        """The register that the event names, not the one in force now; None if it is gone."""
        version = event.authority.get("people")
        if version is None or version == self.people_version:
            return self.register
        after = ("", "", 0)
        while page := self.store.trail("type", messages.PEOPLE_LOADED, after=after, limit=100):
            for row in page:
                data = audit.event_of(row.body).data
                if data.get("version") == version and self.store.has_file(data["sha256"]):
                    content = b"".join(self.store.file(data["sha256"]))
                    if hashlib.sha256(content).hexdigest() == data["sha256"]:
                        return Register.model_validate_json(content)
            after = (page[-1].recorded_at, page[-1].plan, page[-1].seq)
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
                return tuple(_due_of_stage(process, before, event)), None
            after = fold(map(_event, islice(self.store.events(row.plan), row.seq)), process.evolve_step)
            return tuple(_dues_of_items(process, before, after or before, event)), None
        except (WorkflowError, ValueError, LookupError) as error:
            return (), str(error)


def _event(row: EventRow) -> Event:
    return audit.event_of(row.body)


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


def _rule(event: Event, definition: Definition) -> Rule:
    data, guards = event.data, {name: event.data[name] for name in _GUARDS if name in event.data}
    if event.type == messages.TRANSITION_FIRED and data["from"] in definition.stages:
        stage = definition.stages[data["from"]]
        move = stage.transitions.get(data["trigger"])
        where = ("stages", data["from"], "transitions", data["trigger"])
        if move is not None:
            said = (where, move.by), (("stages", data["from"]), stage.by), ((), definition.by)
            return _first(where, said, stage.lead or definition.lead, guards)
    if isinstance(step := data.get("step"), str) and step in definition.steps:
        stage_id, _, own = step.rpartition("/")
        declared = definition.steps[step]
        where = ("stages", stage_id, "steps", own) if stage_id else ("alongside", step)
        stage_by = definition.stages[stage_id].by if stage_id in definition.stages else ()
        lead = declared.lead or (definition.stages[stage_id].lead if stage_id in definition.stages else None)
        said = (where, declared.by), (("stages", stage_id), stage_by), ((), definition.by)
        rule = _first(where, said, lead or definition.lead, guards)
        acted = {event.authority.get("ref"), event.on_behalf, event.actor}
        by_type = event.type == messages.STEP_ACTED and event.actor is not None and acted.isdisjoint(rule.by)
        return replace(rule, by_type=by_type)
    return _first((), (((), definition.by),), definition.lead, guards)


def _first(
    where: tuple[str, ...],
    said: Sequence[tuple[tuple[str, ...], tuple[str, ...]]],
    lead: str | None,
    guards: Mapping[str, Any],
) -> Rule:
    """Return the rule with the first `by:` that says anybody, from the thing outwards."""
    place, by = next(((place, by) for place, by in said if by), (where, ()))
    named = tuple(dict.fromkeys(lead if name == LEAD and lead else name for name in by))
    return Rule(where, named, place, guards)


def _due_of_stage(process: Process, before: PlanState, event: Event) -> Iterator[Due]:
    stage = event.data["from"]
    due = before.schedule.get(stage, {}).get("due")
    if due is not None and stage in process.definition.stages:
        found = judged(process.definition, before.schedule, stage, due, event.occurred_on)
        yield Due(process.definition.stages[stage].title, stage, due, found.past, found.late, found.buffer_until)


def _dues_of_items(process: Process, before: PlanState, after: PlanState, event: Event) -> Iterator[Due]:
    address, number = event.data["step"], event.data["round"]
    if before.step(address) is None or number > len(before.steps[address].rounds):
        return
    open_now = {
        item.key for item in process.work_items(after, address, after.steps[address].rounds[number - 1]) if item.open
    }
    for item in process.work_items(before, address, before.steps[address].rounds[number - 1]):
        if item.open and item.key not in open_now and item.due_on is not None:
            found = judged(
                process.definition,
                before.schedule,
                address,
                item.due_on,
                event.occurred_on,
                own=item.origin is not None,
            )
            where = f"{address}@{number}#{item.key}"
            yield Due(item.title, where, item.due_on, found.past, found.late, found.buffer_until)
