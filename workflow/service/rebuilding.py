"""Replaying plans with the code installed now, and making their rows anew from their events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from workflow import audit, messages
from workflow.errors import N_, Phrase, WorkflowError, failure
from workflow.messages import WORKSPACE_CHAIN, Event, Fact
from workflow.plan.state import fold
from workflow.projection import plan_row, work_items
from workflow.replaying import unreadable
from workflow.service.changes import kept_form
from workflow.service.keeping import Keeping
from workflow.store.interface import PlanRow, RevisionLost, WorkItemRow
from workflow.verification.checklist import chains_of, intact
from workflow.views.plans import Write
from workflow.views.replays import Rebuilt, Replayed, Unreadable

_RETRIES = 20
"""How often a plan is tried again when somebody acted on it in between."""


class Rebuilding(Keeping):
    """What an upgrade of a plugin asks for: looking before it, and making rows anew after it."""

    def plan_ids(self) -> Iterator[str]:
        """Every plan with events, in the order of their ids."""
        return (chain for chain in chains_of(self.store) if chain != WORKSPACE_CHAIN)

    def replayed(self, plan: str) -> Replayed:
        """Replay one plan with the code installed now; reads alone."""
        events: list[Event] = []
        for row in self.store.events(plan):
            try:
                events.append(audit.event_of(row.body))
            except ValueError as error:
                why = Phrase(N_("event {seq} cannot be read: {error}"), {"seq": row.seq, "error": failure(error)})
                return Replayed(plan, len(events), (Unreadable(plan, row.seq, None, None, None, None, why),))
        found = tuple(unreadable(events, self.processes.step_types))
        if found:
            return Replayed(plan, len(events), found)
        try:
            projection = self._projection(plan, events)
        except WorkflowError as error:
            why_not = Unreadable(plan, events[-1].seq if events else 0, None, None, None, None, error.phrase)
            return Replayed(plan, len(events), (why_not,))
        return Replayed(plan, len(events), rebuild=projection is not None and self._differs(*projection))

    def _projection(self, plan: str, events: list[Event]) -> tuple[PlanRow, list[WorkItemRow]] | None:
        first = next((event.definition for event in events if event.definition), None)
        if first is None:
            return None
        state = fold(events, self.process_of(first).evolve_step)
        if state is None:
            return None
        process = self.process_of(state.definition)
        last = self.store.event(plan, events[-1].seq)
        if last is None:
            return None
        items = sorted(work_items(state, process).items(), key=repr)
        return plan_row(state, process, last.hash), [item for _, item in items]

    def _differs(self, row: PlanRow, items: list[WorkItemRow]) -> bool:
        stored = self.store.plan(row.id)
        if stored is None or any(getattr(stored, one.name) != getattr(row, one.name) for one in fields(row)):
            return True
        return set(self.store.work_items(row.id)) != set(items)

    def rebuild(self, plan: str, write: Write) -> Rebuilt:
        """Make a plan's row and work items anew from its events; each that changes is noted in `@workspace`.

        Raises:
            NotPermitted: If the register has keepers and the actor is none.
            NotFound: If there is no such plan.
        """
        write = kept_form(write)
        self._require_person(write)
        self._require_keeper(write, Phrase(N_("make the rows of plans anew")), "db rebuild")
        for _ in range(_RETRIES):
            try:
                return self._rebuilt(plan, write)
            except RevisionLost:
                continue
        return Rebuilt(plan, False, Phrase(N_("{plan} is too busy"), {"plan": plan}))

    def _rebuilt(self, plan: str, write: Write) -> Rebuilt:
        if not intact(self.store, plan):
            # What was changed by hand is not made to look right.
            phrase = Phrase(N_("its events are not what was recorded: `workflow audit verify {plan}`"), {"plan": plan})
            return Rebuilt(plan, False, phrase)
        events = [audit.event_of(row.body) for row in self.store.events(plan)]
        if faults := list(unreadable(events, self.processes.step_types)):
            params = {"seq": faults[0].seq, "why": faults[0].why}
            return Rebuilt(plan, False, Phrase(N_("event {seq} cannot be read: {why}"), params))
        try:
            projection = self._projection(plan, events)
        except WorkflowError as error:
            return Rebuilt(plan, False, error.phrase)
        if projection is None or not self._differs(*projection):
            return Rebuilt(plan, False)
        if not write.dry_run:
            row, items = projection
            self.store.rebuild(row, items)
            self._append_workspace(Fact(messages.PROJECTION_REBUILT, {"plan": plan, "revision": row.revision}), write)
        return Rebuilt(plan, True)
