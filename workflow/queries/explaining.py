"""How a due date came about: its wording, rule and policies, the days off it met, and every move since. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflow import audit, deadlines, messages
from workflow.deadlines.calendars import reason_of
from workflow.deadlines.slack import late_after
from workflow.decide.acts import find_round
from workflow.decide.situation import Process
from workflow.errors import NotFound
from workflow.language.definition import Text
from workflow.messages import Event, text_references
from workflow.plan.redating import item_name
from workflow.plan.rounds import StepRound
from workflow.plan.state import PlanState, evolve
from workflow.queries.queries import Queries
from workflow.steps.step_type import Origin, WorkItem
from workflow.store.interface import PlanRow, WorkItemRow
from workflow.views.times import CalendarDay, ExplainedMove, Explanation


@dataclass(frozen=True)
class _Thing:
    """What is asked about: a stage, a step or a work item, with its day and what that was worked out from."""

    where: str
    title: Text
    owner: str | None
    due_on: str | None
    done_on: str | None
    stage: str | None
    term: Mapping[str, Any]
    counted: bool = False
    own: bool = False
    origin: Origin = Origin()
    item: WorkItemRow | None = None


class Explanations(Queries):
    """Questions about single dates."""

    def explain(self, reference: str, *, on: date | None = None) -> Explanation:
        """How the date of an item (`PLAN/STEP@ROUND#KEY`), a step or a stage (`PLAN/STAGE`) came about.

        Raises:
            NotFound: If there is no such thing.
        """
        row, rest = self._plan_in(reference)
        process, day = self.process_of(row.definition), on or self.today()
        state = self.state_on(row, day)
        thing = self._thing(row, state, process, rest, day)
        judged = date.fromisoformat(thing.done_on) if thing.done_on else day
        moves = tuple(self._moves_of(row, state, process, thing))
        first = next((move.from_ for move in moves if move.from_), None) or thing.term.get("original")
        return Explanation(
            id=f"{row.id}/{thing.where}",
            title=thing.title,
            owner=thing.owner,
            due_on=thing.due_on,
            wording=thing.origin.wording or thing.term.get("text") or _words_of_step(process, thing.where),
            rule=thing.origin.rule,
            inherited_from=thing.origin.inherited_from,
            term=thing.term,
            counted=thing.counted,
            own=thing.own,
            met=tuple(_met(process, thing.term)),
            calendar=thing.term.get("calendar"),
            in_force=process.calendar.version,
            policies=process.policies,
            original=first,
            late=_days(thing.due_on, judged),
            late_original=_days(first or thing.due_on, judged),
            late_after=late_after(
                process.definition,
                state.schedule,
                thing.where.split("@", 1)[0],
                thing.due_on,
                own=thing.counted or thing.own,
            ),
            moves=moves,
            asked=tuple((asked.due, asked.by) for asked in state.asked if asked.where in _around(thing)),
        )

    def _plan_in(self, reference: str) -> tuple[PlanRow, str]:
        """The plan that a reference begins with, whose id may have slashes, and the rest."""
        parts = reference.split("/")
        for cut in range(len(parts) - 1, 0, -1):
            row = self.store.plan("/".join(parts[:cut]))
            if row is not None:
                return row, "/".join(parts[cut:])
        return self.require_plan(parts[0]), ""

    def _thing(self, row: PlanRow, state: PlanState, process: Process, rest: str, day: date) -> _Thing:
        step, mark, key = rest.partition("#")
        if mark:
            # Any form of the step's address, as where its day is moved.
            address, round_ = find_round(process, state, step)
            rest = item_name(address, round_.number, key)
        for item in self.items_on(row, day):
            if rest == item_name(item.step, item.round, item.key):
                return _of_item(state, process, item)
        stage = process.definition.stage_named(rest)
        if stage is not None:
            term = state.schedule.get(stage, {})
            lead = process.definition.stages[stage].lead or process.definition.lead
            return _Thing(stage, process.definition.stages[stage].title, lead, term.get("due"), None, stage, term)
        address = process.definition.full_address(rest, state.stage) if rest and "#" not in rest else None
        if not rest:
            raise NotFound(
                "{plan} is a plan: name an item, a step or a stage of it",
                code="unknown-item",
                hint="`workflow due` and `workflow show {plan}` show what there is",
                plan=row.id,
            )
        if address is None:
            raise NotFound(
                "there is no item, step or stage `{rest}` in {plan}",
                code="unknown-item",
                hint="`workflow due` and `workflow show {plan}` show what there is",
                rest=rest[:200],
                plan=row.id,
            )
        return _of_step(state, process, address)

    def _moves_of(self, row: PlanRow, state: PlanState, process: Process, thing: _Thing) -> Iterator[ExplainedMove]:
        if thing.item is not None:
            yield from self._moves_of_item(row, thing.item)
            return
        # A step without a date of its own has its stage's, and moves with it.
        stage = thing.stage
        where = thing.where if thing.where in state.schedule or stage is None else stage
        for move in state.moves:
            if move.where == where:
                stored = self.store.event(row.id, move.seq)
                if stored is not None:
                    yield self._explained_move(audit.event_of(stored.body), where, move.from_, move.to, process)

    def _moves_of_item(self, row: PlanRow, item: WorkItemRow) -> Iterator[ExplainedMove]:
        """Every event after which the item had another day: found by playing the plan again."""
        state: PlanState | None = None
        known, due = False, None
        for stored in self.store.events(row.id, limit=row.revision):
            event = audit.event_of(stored.body)
            process = self.process_of(event.definition or row.definition)
            state = evolve(state, event, process.evolve_step)
            if event.data.get("step", item.step) != item.step:
                continue
            now = _item_in(self.process_of(state.definition), state, item)
            if now is not None:
                if known and now.due_on != due:
                    where = item_name(item.step, item.round, item.key)
                    yield self._explained_move(event, where, due, now.due_on, process)
                known, due = True, now.due_on

    def _explained_move(
        self, event: Event, where: str, from_: str | None, to: str | None, process: Process
    ) -> ExplainedMove:
        texts = self.store.texts(list(text_references(event.data)))
        data = _with_texts(event.data, texts)
        cause: Mapping[str, Any] = data.get("cause", {})
        said: Mapping[str, Any] = data.get("data", {})
        places = next((move.get("causes", ()) for move in data.get("moves", ()) if move["where"] == where), ())
        changes = cause.get("changes", ())
        action = None
        if event.type == messages.STEP_ACTED:
            found = process.type_of(data["step"]).actions().get(data["action"])
            action = found.title if found else None
        source = cause.get("source") or cause.get("document")
        if places:
            sources = (changes[place].get("source") for place in places if changes[place]["change"] == "added")
            source = "; ".join(dict.fromkeys(filter(None, sources))) or None
        return ExplainedMove(
            from_=from_,
            to=to,
            on=event.occurred_on.isoformat(),
            seq=event.seq,
            kind=cause.get("kind") or _KINDS.get(event.type, "acted"),
            cause={name: value for name, value in cause.items() if name not in ("source", "document", "changes")},
            actor=event.actor,
            reason=data.get("reason") or said.get("reason"),
            source=source,
            changes=tuple(changes[place] for place in places),
            action=action,
        )


_KINDS: Mapping[str, str] = {messages.EVENT_CORRECTED: "corrected"}


def _with_texts(value: Any, texts: Mapping[str, str]) -> Any:
    """An event's data with the free texts in their places; what was withdrawn is None."""
    if isinstance(value, Mapping):
        if _is_text(value):
            return texts.get(value["text"])
        return {name: _with_texts(inner, texts) for name, inner in value.items()}
    return [_with_texts(inner, texts) for inner in value] if isinstance(value, list) else value


def _is_text(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"text"}


def _of_item(state: PlanState, process: Process, item: WorkItemRow) -> _Thing:
    round_ = state.steps[item.step].rounds[item.round - 1]
    found = _item_in(process, state, item)
    origin = (found.origin if found else None) or Origin()
    term, counted = _source(round_, item.due_on, origin)
    return _Thing(
        where=item_name(item.step, item.round, item.key),
        title=Text(vi=item.title_vi, en=item.title_en),
        owner=item.owner,
        due_on=item.due_on,
        done_on=item.done_on,
        stage=process.stage_of(item.step),
        term=term,
        counted=counted,
        own=item.due_on is not None and not term,
        origin=origin,
        item=item,
    )


def _item_in(process: Process, state: PlanState, item: WorkItemRow) -> WorkItem | None:
    step = state.step(item.step)
    if step is None or len(step.rounds) < item.round or item.step not in process.definition.steps:
        return None
    items = process.work_items(state, item.step, step.rounds[item.round - 1])
    return next((each for each in items if each.key == item.key), None)


def _source(round_: StepRound, due_on: str | None, origin: Origin) -> tuple[Mapping[str, Any], bool]:
    """What a work item's day was worked out from: its count, the step's own date, or the newest count that ends so."""
    if origin.at:
        placed = next((count for count in round_.counts if tuple(count["at"]) == origin.at), None)
        fits = placed is not None and placed["due"] == due_on
        return (placed, True) if placed is not None and fits else ({}, False)
    if due_on is None or due_on == round_.due.get("due"):
        return round_.due, False
    count = next((count for count in reversed(round_.counts) if count["due"] == due_on), None)
    return (count, True) if count else ({}, False)


def _words_of_step(process: Process, where: str) -> str | None:
    """The source's words for the dates of a step: those of a series stand there, and nowhere else."""
    address = where.split("@", 1)[0]
    step = process.definition.steps.get(address)
    return step.text if step is not None else None


def _of_step(state: PlanState, process: Process, address: str) -> _Thing:
    step, stage = state.step(address), process.stage_of(address)
    if step is not None:
        term, done = step.current.due, step.current.completed_on
    else:
        term, done = deadlines.effective(state.schedule, address, stage), None
    lead = step.current.lead if step is not None else process.lead(address)
    return _Thing(address, process.step_title(address), lead, term.get("due"), done, stage, term)


def _around(thing: _Thing) -> tuple[str, ...]:
    """The thing itself, its step and its stage: a later day of any of them is a later day of it."""
    step = thing.where.split("@", 1)[0]
    return tuple(filter(None, (thing.where, step, thing.stage)))


def _met(process: Process, term: Mapping[str, Any]) -> Iterator[CalendarDay]:
    days = [(day, False) for day in term.get("off", ())] + [(day, True) for day in term.get("worked", ())]
    for text, works in sorted(days):
        day = date.fromisoformat(text)
        yield CalendarDay(day, works, reason_of(process.calendar, day))


def _days(due_on: str | None, day: date) -> int:
    return max(0, (day - date.fromisoformat(due_on)).days) if due_on else 0
