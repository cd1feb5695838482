"""Every question about plans, work owed and definitions. Reads only."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from datetime import date

from workflow.decide.asking import answers
from workflow.decide.performers import who_could
from workflow.decide.situation import Process
from workflow.errors import NotFound, Reason
from workflow.language.definition import Definition, Text
from workflow.names import require_cursor
from workflow.people.spelling import spelled
from workflow.plan.redating import item_name, original
from workflow.plan.rounds import StepRound
from workflow.plan.state import FINISHED, PlanState
from workflow.queries.lateness import NOT_LATE, Verdict, judged, judged_item, late_by
from workflow.queries.outlook import Outlook
from workflow.steps.step_type import WorkItem
from workflow.store.interface import WorkItemRow, due_key
from workflow.views.plans import (
    Owed,
    PlanDetail,
    PlanSummary,
    StageDetail,
    StepDetail,
)

_PAGE = 1000


@dataclass
class Known:
    """What one question met already: of plans by id, and work items by round of a step and key."""

    states: dict[str, PlanState] = field(default_factory=dict)
    items: dict[tuple[str, str, int], dict[str, WorkItem]] = field(default_factory=dict)
    buffers: dict[str, bool] = field(default_factory=dict)


class Queries(Outlook):
    """Reads of one workspace."""

    def plans(
        self,
        *,
        status: str | None = None,
        stage: str | None = None,
        late: bool = False,
        on: date | None = None,
        after: str = "",
        limit: int = _PAGE,
    ) -> tuple[PlanSummary, ...]:
        """Plans by id, from the one behind *after* on; `late` is judged on *on* (today)."""
        day = on or self.today()
        if stage is not None and not any(row.stage == stage for row in self.store.plans(stage=stage, limit=1)):
            self._require_stage(stage)
        found: list[PlanSummary] = []
        while len(found) < limit:
            rows = self.store.plans(status=status, stage=stage, after=after, limit=limit)
            titles = self.store.texts([row.title for row in rows if row.title])
            summaries = (self._summary(row, self.state_on_or_stored(row, day), day, titles) for row in rows)
            found += [
                summary for summary in summaries if (summary.late or not late) and status in (None, summary.status)
            ]
            if len(rows) < limit:
                break
            after = rows[-1].id
        return tuple(found[:limit])

    def _require_stage(self, stage: str) -> None:
        known = {name for row in self.store.definitions() for name in self.processes.definition(row.hash).stages}
        if stage not in known:
            near = difflib.get_close_matches(stage[:200], sorted(known), n=3)
            raise NotFound(
                "no definition in use has a stage `{stage}`",
                code="unknown-stage",
                hint="did you mean {near}?" if near else None,
                stage=stage[:200],
                near=" / ".join(near),
            )

    def plan(self, plan: str, *, on: date | None = None) -> PlanDetail:
        """Where a plan stands: its stages, steps, work owed and documents."""
        row = self.require_plan(plan)
        plan = row.id
        process, day = self.process_of(row.definition), on or self.today()
        state = self.state_on(row, day)
        steps = tuple(
            self._step(state, process, address, number, day)
            for address, step in state.steps.items()
            for number in range(len(step.rounds))
        )
        names = self.store.texts([document.name for document in self.store.documents(plan)])
        documents = tuple(
            {"seq": d.seq, "sha256": d.sha256, "size": d.size, "name": names.get(d.name, "-")}
            for d in self.store.documents(plan)
        )
        known = Known(states={plan: state})
        owed = tuple(self._owed(item, day, known) for item in self.items_on(row, day))
        stages, stands = _stages(state, process.definition, day), self._standing(row, day)
        own = process.definition
        amended = f"{own.id}@{own.version}" if state.amendments else None
        return PlanDetail(stands.summary, state, stages, steps, owed, stands, documents, amended)

    def _step(self, state: PlanState, process: Process, address: str, index: int, day: date) -> StepDetail:
        step, declared, step_type = state.steps[address], process.step(address), process.type_of(address)
        round_ = step.rounds[index]
        closed, own = date.fromisoformat(round_.completed_on) if round_.completed_on else day, process.definition
        blockers: tuple[Reason, ...] = ()
        if round_ is step.current and not round_.ended:
            blockers = answers(step_type, "blockers", Reason, process.view(state, address, round_))
            blockers = who_could(blockers, process, state, self.register, day)
        return StepDetail(
            address=address,
            round=round_.number,
            uses=step.uses,
            title=process.step_title(address),
            label=declared.label,
            state=round_.phase,
            state_title=Text(**step_type.states[round_.phase]),
            complete=round_.complete,
            ended=round_.ended,
            required=declared.required,
            lead=round_.lead,
            opened_on=round_.opened_on,
            completed_on=round_.completed_on,
            due=round_.due,
            late=not round_.ended and judged(own, state.schedule, address, round_.due.get("due"), closed).late,
            blockers=blockers,
            data=round_.state,
        )

    # work owed

    def due(
        self,
        *,
        until: date | None = None,
        unit: str | None = None,
        person: str | None = None,
        late: bool = False,
        on: date | None = None,
        after: str = "",
        limit: int = _PAGE,
    ) -> tuple[Owed, ...]:
        """What is owed, by due day, from behind the item with the cursor *after* on.

        Args:
            unit: What it and the units right below it owe.
            person: What their unit and offices owe.

        Raises:
            InvalidInput: If *after* is no cursor.
            NotFound: If the register does not know the unit or person.
        """
        day = on or self.today()
        behind = require_cursor(after) if after else None
        owners = self._owners(unit, person, day)
        if late:
            until = min(until, day) if until else day
        last, known = until.isoformat() if until else None, Known()
        found: list[Owed] = []
        # What takes buffer time is left out of what is late: a page is filled up from behind it.
        while len(found) < limit:
            rows = self.due_on(day, until=last, owners=owners, after=behind, limit=limit)
            owed = (self._owed(row, day, known) for row in rows)
            found += [item for item in owed if item.late or not late]
            if len(rows) < limit:
                break
            behind = due_key(rows[-1])
        return tuple(found[:limit])

    def _owners(self, unit: str | None, person: str | None, day: date) -> list[str] | None:
        """The ids under which a unit or person owes something; None where none is named."""
        owners: list[str] | None = None
        for reference in (unit, person):
            if reference is None:
                continue
            if not self.register.known(reference):
                raise NotFound("there is no `{who}` in the people register", code="unknown-unit", who=reference)
            owners = [*(owners or ()), *self._owns_for(reference, day)]
        return owners

    def _owns_for(self, reference: str, day: date) -> list[str]:
        if self.register.kind(reference) != "person":
            return [reference, *self.register.divisions(reference, day)]
        held = [
            name
            for name in (*self.register.offices, *self.register.roles, *self.register.units)
            if reference in self.register.holders(name, day)
        ]
        return [reference, *held]

    def _owed(self, row: WorkItemRow, day: date, known: Known) -> Owed:
        state = self._state_of(row, day, known)
        first = original(state.moves, item_name(row.step, row.round, row.key))
        item = self._item(row, day, known) if self._is_timed(row, state) else None
        verdict = self._judged(row, day, known)
        closed = date.fromisoformat(row.done_on) if row.done_on else day
        return Owed(
            item=f"{row.plan}/{row.step}@{row.round}#{row.key}",
            plan=row.plan,
            step=row.step,
            round=row.round,
            key=row.key,
            title=spelled(Text(vi=row.title_vi, en=row.title_en), self.register.name),
            owner=row.owner,
            owner_name=self.register.name(row.owner) if row.owner else None,
            due_on=row.due_on,
            done_on=row.done_on,
            open=row.open,
            late=verdict.late,
            days_late=verdict.days,
            original_due_on=first,
            days_late_original=late_by(first or row.due_on, closed) if row.open or row.done_on else 0,
            buffer_until=verdict.buffer_until,
            due_at=item.due_at if item else None,
            minutes_late=verdict.minutes,
        )

    def _is_timed(self, row: WorkItemRow, state: PlanState) -> bool:
        """True if its type has items that are due at an hour."""
        step = self.processes.definition(state.definition).steps.get(row.step)
        step_type = self.registry.step_types.get(step.uses) if step is not None else None
        return step_type is not None and step_type.hours

    def _judged(self, row: WorkItemRow, day: date, known: Known) -> Verdict:
        """How a work item is judged, as `judged_item` does."""
        if not row.open and row.done_on is None:
            return NOT_LATE
        # Only behind the day, or done on it, does more than the day count: most items need not be looked up.
        if row.due_on is None or (row.done_on or day.isoformat()) < row.due_on:
            return NOT_LATE
        if row.open and row.due_on < day.isoformat() and not self._has_buffer(row.plan, known):
            past = late_by(row.due_on, day)
            return Verdict(late=True, days=past, past=past)
        state = self._state_of(row, day, known)
        if row.open and row.due_on == day.isoformat() and not self._is_timed(row, state):
            return NOT_LATE
        item = self._item(row, day, known)
        if item is None:
            return NOT_LATE
        hour = self._hour_of(day)
        definition = self.processes.definition(state.definition)
        return judged_item(definition, state.schedule, row.step, self._round(row, day, known), item, day, hour)

    def _has_buffer(self, plan: str, known: Known) -> bool:
        """True if any stage of the plan takes buffer time; told without reading the plan's state."""
        if plan not in known.buffers:
            stages = self.processes.definition(self.require_plan(plan).definition).stages
            known.buffers[plan] = any(stage.buffer for stage in stages.values())
        return known.buffers[plan]

    def _item(self, row: WorkItemRow, day: date, known: Known) -> WorkItem | None:
        """The work item that a row keeps."""
        place = (row.plan, row.step, row.round)
        if place not in known.items:
            state = self._state_of(row, day, known)
            items = self.process_of(state.definition).work_items(state, row.step, self._round(row, day, known))
            known.items[place] = {item.key: item for item in items}
        return known.items[place].get(row.key)

    def _round(self, row: WorkItemRow, day: date, known: Known) -> StepRound:
        return self._state_of(row, day, known).steps[row.step].rounds[row.round - 1]

    def _state_of(self, row: WorkItemRow, day: date, known: Known) -> PlanState:
        if row.plan not in known.states:
            known.states[row.plan] = self.state_on_or_stored(self.require_plan(row.plan), day)
        return known.states[row.plan]


def _stages(state: PlanState, definition: Definition, day: date) -> tuple[StageDetail, ...]:
    found = []
    for stage_id, stage in definition.stages.items():
        visits = tuple((visit.entered_on, visit.left_on) for visit in state.visits if visit.stage == stage_id)
        due = state.schedule.get(stage_id, {})
        current = state.stage == stage_id and state.status != FINISHED
        left = date.fromisoformat(visits[-1][1]) if visits and visits[-1][1] else None
        closed = day if current else left
        found.append(
            StageDetail(
                id=stage_id,
                label=stage.label,
                title=stage.title,
                due=due,
                visits=visits,
                current=state.stage == stage_id,
                final=stage.final,
                buffer=stage.buffer,
                late=closed is not None and judged(definition, state.schedule, stage_id, due.get("due"), closed).late,
            )
        )
    return tuple(found)
