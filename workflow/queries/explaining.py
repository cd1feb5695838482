"""How a due date came about: its wording, rule and policies, the days off it met, and every move since. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflow import audit, deadlines
from workflow.deadlines.calendars import reason_of
from workflow.deadlines.slack import late_after
from workflow.decide.situation import Process
from workflow.errors import NotFound
from workflow.language.definition import Text
from workflow.plan.redating import DateMove, item_name, original
from workflow.plan.rounds import StepRound
from workflow.plan.state import PlanState
from workflow.queries.queries import Queries
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
        first = original(state.moves, thing.where) or thing.term.get("original")
        return Explanation(
            id=f"{row.id}/{thing.where}",
            title=thing.title,
            owner=thing.owner,
            due_on=thing.due_on,
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
            moves=tuple(self._moves_of(row, state, thing.where)),
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
        for item in self.items_on(row, day):
            if rest == item_name(item.step, item.round, item.key):
                return _of_item(state, process, item)
        stage = process.definition.stage_named(rest)
        if stage is not None:
            term = state.schedule.get(stage, {})
            lead = process.definition.stages[stage].lead or process.definition.lead
            return _Thing(stage, process.definition.stages[stage].title, lead, term.get("due"), None, stage, term)
        address = process.definition.full_address(rest, state.stage) if rest and "#" not in rest else None
        if address is None:
            raise NotFound(
                "there is no item, step or stage `{rest}` in {plan}",
                code="unknown-item",
                hint="`workflow due` and `workflow show {plan}` show what there is",
                rest=rest[:200],
                plan=row.id,
            )
        return _of_step(state, process, address)

    def _moves_of(self, row: PlanRow, state: PlanState, where: str) -> Iterator[ExplainedMove]:
        for move in state.moves:
            if move.where == where:
                yield self._explained_move(row, move)

    def _explained_move(self, row: PlanRow, move: DateMove) -> ExplainedMove:
        stored = self.store.event(row.id, move.seq)
        event = audit.event_of(stored.body) if stored else None
        data: Mapping[str, Any] = event.data if event else {}
        cause = data.get("cause", {})
        keys = {
            name: value["text"] for name, value in {**cause, "reason": data.get("reason")}.items() if _is_text(value)
        }
        texts = self.store.texts(list(keys.values()))
        said = {name: texts.get(key) for name, key in keys.items()}
        plain = {name: value for name, value in cause.items() if not _is_text(value)}
        return ExplainedMove(
            from_=move.from_,
            to=move.to,
            on=move.on,
            seq=move.seq,
            kind=move.kind,
            cause=plain,
            actor=event.actor if event else None,
            reason=said.get("reason"),
            source=said.get("source") or said.get("document"),
        )


def _is_text(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"text"}


def _of_item(state: PlanState, process: Process, item: WorkItemRow) -> _Thing:
    round_ = state.steps[item.step].rounds[item.round - 1]
    term, counted = _source(round_, item.due_on)
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
    )


def _source(round_: StepRound, due_on: str | None) -> tuple[Mapping[str, Any], bool]:
    """What a work item's day was worked out from: the step's own date, or the newest count that ends on it."""
    if due_on is None or due_on == round_.due.get("due"):
        return round_.due, False
    count = next((count for count in reversed(round_.counts) if count["due"] == due_on), None)
    return (count, True) if count else ({}, False)


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
