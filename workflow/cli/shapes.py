"""What `--json` prints of each answer: plain values with ids and codes, texts in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workflow.cli.words import event_words

if TYPE_CHECKING:
    from workflow.catalogue import Catalogue
    from workflow.cli.titles import Titles
    from workflow.errors import Reason
    from workflow.language.definition import Definition, Step
    from workflow.plan.state import PlanState
    from workflow.views import plans as views
    from workflow.views.worklists import Counts, LaterDay, Load


def listing(name: str, elements: Sequence[Mapping[str, Any]], following: Any = None) -> dict[str, Any]:
    """Return a list's object: one array named after the thing, and where the next page begins."""
    return {name: list(elements), "next": following}


class Shapes:
    """Turns answers into JSON-like values in one language."""

    def __init__(self, catalogue: Catalogue, titles: Titles | None = None) -> None:
        self._catalogue = catalogue
        self._titles = titles

    def text(self, text: Any) -> str | None:
        """Return a definition's text in the reader's language."""
        return None if text is None else self._catalogue.words(text)

    def reason(self, reason: Reason) -> dict[str, Any]:
        """Return one unmet condition."""
        return {
            "code": reason.code,
            "message": self._catalogue.text(reason.phrase),
            "who": list(reason.who),
            "from": reason.since.isoformat() if reason.since else None,
        }

    def summary(self, plan: views.PlanSummary) -> dict[str, Any]:
        """Return a row of `list`."""
        return {
            "id": plan.id,
            "title": self.text(plan.title),
            "definition": plan.definition,
            "version": plan.version,
            "stage": plan.stage,
            "stage_title": self.text(plan.stage_title),
            "stage_label": plan.stage_label,
            "revision": plan.revision,
            "state": plan.status,
            "due_on": plan.due_on,
            "late": plan.late,
            "simulated": plan.simulated,
        }

    def owed(self, item: views.Owed) -> dict[str, Any]:
        """Return a work item."""
        return {
            "id": item.item,
            "plan": item.plan,
            "step": item.step,
            "round": item.round,
            "key": item.key,
            "title": self.text(item.title),
            "owner": item.owner,
            "owner_name": self.text(item.owner_name),
            "due_on": item.due_on,
            "done_on": item.done_on,
            "open": item.open,
            "late": item.late,
            "days_late": item.days_late,
            "original_due_on": item.original_due_on,
            "days_late_original": item.days_late_original,
            "buffer_until": item.buffer_until,
            "due_at": item.due_at,
            "minutes_late": item.minutes_late,
            "asked_by": item.asked_by,
            "asked_by_name": self.text(item.asked_by_name),
        }

    @staticmethod
    def counts(counts: Counts) -> dict[str, int | bool | None]:
        """Return how much is owed."""
        return {
            "late": counts.late,
            "due_soon": counts.soon,
            "later": counts.later,
            "undated": counts.undated,
            "open": counts.open,
            "waiting": counts.waiting,
            "more": counts.more,
        }

    def load(self, load: Load) -> dict[str, Any]:
        """Return what one unit owes and waits for."""
        return {"id": load.unit, "name": self.text(load.name), **self.counts(load.counts)}

    def later_day(self, asked: LaterDay) -> dict[str, Any]:
        """Return a request for a later day."""
        return {
            "id": f"{asked.plan}#{asked.seq}",
            "plan": asked.plan,
            "where": asked.where,
            "title": self.text(asked.title),
            "due_on": asked.due,
            "now_due_on": asked.now,
            "by": asked.by,
            "by_name": self.text(asked.by_name),
            "on": asked.on,
            "who": list(asked.who),
        }

    def plan(self, detail: views.PlanDetail) -> dict[str, Any]:
        """Return all that `show` prints."""
        return {
            **self.summary(detail.summary),
            "definition_hash": detail.state.definition,
            "amended": detail.amended,
            "created_on": detail.state.created_on,
            "adopted": detail.state.adopted,
            "parameters": dict(detail.state.parameters),
            "stages": [self._stage(stage) for stage in detail.stages],
            "steps": [self._step(step) for step in detail.steps],
            "work_items": [self.owed(item) for item in detail.owed],
            "numbers": [{"id": f"{detail.summary.id}#{number.seq}", **vars(number)} for number in detail.state.numbers],
            "revisions": [self._revision(revision) for revision in detail.state.revisions],
            "extensions_asked": [
                {"id": asked.seq, "where": asked.where, "due_on": asked.due, "by": asked.by, "on": asked.on}
                for asked in detail.state.asked
            ],
            "documents": [dict(document) for document in detail.documents],
            **self._standing(detail.standing),
        }

    def table(self, table: views.ShownTable) -> dict[str, Any]:
        """Return a table of a step; texts in the reader's language, sums as numbers."""
        words = self._catalogue.words
        return {
            "id": table.id,
            "title": words(table.title),
            "columns": [words(column) for column in table.columns],
            "rows": [
                [cell if isinstance(cell, str | int | None) else words(cell) for cell in row] for row in table.rows
            ],
            "notes": [self._catalogue.text(note) for note in table.notes],
        }

    def standing(self, standing: views.Standing) -> dict[str, Any]:
        """Return a plan of `overview`."""
        drafts = [self._revision(revision) for revision in standing.drafts]
        return {**self.summary(standing.summary), "drafts": drafts, **self._standing(standing)}

    def _standing(self, standing: views.Standing) -> dict[str, Any]:
        return {
            "waiting_on": [self._waiting(waiting) for waiting in standing.waiting_on],
            "lateness": [self._late(late) for late in standing.lateness],
            "in_buffer": [self._late(late) for late in standing.in_buffer],
            "days_late": standing.days_late,
            "ahead": [
                {
                    **self._place(ahead),
                    "days_left": ahead.days_left,
                    "expected_on": ahead.expected_on,
                    "days_late": ahead.days_late,
                    "why": self.reason(ahead.why),
                }
                for ahead in standing.ahead
            ],
            "possible": [move.trigger for move in standing.possible],
            "blocked": [self._move(move) for move in standing.blocked],
            "notes": [self.reason(note) for note in standing.notes],
            "buffers": [
                {
                    "id": buffer.stage,
                    "title": self.text(buffer.title),
                    "start": buffer.start,
                    "due_on": buffer.due,
                    "days": buffer.days,
                    "used": buffer.used,
                    "left": buffer.left,
                }
                for buffer in standing.buffers
            ],
            "later_days_asked": [self.later_day(each) for each in standing.later_days],
            "uncovered_approvals": [
                {
                    "id": f"{each.approval.document}:{each.approval.name}:{each.approval.by}",
                    "document": each.approval.document,
                    "approved": each.approval.name,
                    "newest": each.newest,
                    "by": each.approval.by,
                    "by_name": self.text(each.by_name),
                    "on": each.approval.on,
                }
                for each in standing.uncovered
            ],
        }

    def _waiting(self, waiting: views.Waiting) -> dict[str, Any]:
        return {
            "id": waiting.owner,
            "name": self.text(waiting.owner_name),
            "why": waiting.why,
            "since": waiting.since,
            "due_on": waiting.due_on,
            "days_late": waiting.days_late,
            "minutes_late": waiting.minutes_late,
            "buffer_until": waiting.buffer_until,
            "work_items": list(waiting.items),
        }

    def _late(self, late: views.Lateness) -> dict[str, Any]:
        return {
            **self._place(late),
            "days_late": 0 if late.in_buffer else late.days,
            "days_held": late.held,
            "minutes_late": late.minutes,
            "buffer_until": late.buffer_until,
        }

    def _place(self, thing: views.Lateness | views.Ahead) -> dict[str, Any]:
        return {
            "id": thing.where,
            "kind": thing.kind,
            "title": self.text(thing.title),
            "owner": thing.owner,
            "owner_name": self.text(thing.owner_name),
            "due_on": thing.due_on,
        }

    def _stage(self, stage: views.StageDetail) -> dict[str, Any]:
        return {
            "id": stage.id,
            "label": stage.label,
            "title": self.text(stage.title),
            "due": dict(stage.due),
            "visits": [{"entered_on": entered, "left_on": left} for entered, left in stage.visits],
            "current": stage.current,
            "final": stage.final,
            "buffer": stage.buffer,
            "late": stage.late,
        }

    def _step(self, step: views.StepDetail) -> dict[str, Any]:
        return {
            "id": f"{step.address}@{step.round}",
            "step": step.address,
            "round": step.round,
            "uses": step.uses,
            "title": self.text(step.title),
            "label": step.label,
            "state": step.state,
            "state_title": self.text(step.state_title),
            "complete": step.complete,
            "ended": step.ended,
            "required": step.required,
            "lead": step.lead,
            "opened_on": step.opened_on,
            "completed_on": step.completed_on,
            "due": dict(step.due),
            "late": step.late,
            "blockers": [self.reason(reason) for reason in step.blockers],
            "data": dict(step.data),
        }

    @staticmethod
    def _revision(revision: Any) -> dict[str, Any]:
        return {
            "id": f"{revision.document}:{revision.name}",
            "document": revision.document,
            "number": revision.number,
            "revision": revision.revision,
            "files": list(revision.files),
            "made_on": revision.made_on,
            "step": revision.step,
            "seq": revision.seq,
        }

    def next(self, detail: views.NextDetail) -> dict[str, Any]:
        """Return all that `next` prints."""
        return {
            **self.summary(detail.summary),
            "moves": [self._move(move) for move in detail.moves],
            "actions": [
                {
                    "id": f"{possible.step}@{possible.round}:{possible.action.name}",
                    "step": possible.step,
                    "round": possible.round,
                    "action": possible.action.name,
                    "title": self.text(possible.action.title),
                    "by": list(possible.by),
                    "permitted": possible.permitted,
                }
                for possible in detail.actions
            ],
            "notes": [self.reason(note) for note in detail.notes],
            "later_days_asked": [self.later_day(each) for each in detail.later_days],
        }

    def _move(self, move: views.Move) -> dict[str, Any]:
        return {
            "id": move.trigger,
            "to": move.to,
            "title": self.text(move.title),
            "to_title": self.text(move.to_title),
            "by": list(move.by),
            "possible": not move.reasons,
            "permitted": move.permitted,
            "reasons": [self.reason(reason) for reason in move.reasons],
        }

    def outcome(self, outcome: views.Outcome) -> dict[str, Any]:
        """Return what a write did."""
        return {
            **self.state(outcome.plan),
            "dry_run": outcome.dry_run,
            "repeated": outcome.repeated,
            "warnings": [self.reason(warning) for warning in outcome.warnings],
            "told": [self._catalogue.text(phrase) for phrase in outcome.told],
            "events": [self.event(event) for event in outcome.events],
        }

    @staticmethod
    def state(plan: PlanState) -> dict[str, Any]:
        """Return where a plan stands after a write; a title of its own is not at hand there."""
        return {
            "id": plan.id,
            "definition": plan.definition_id,
            "version": plan.definition_version,
            "stage": plan.stage,
            "revision": plan.revision,
            "state": plan.status,
        }

    def event(self, event: Any, texts: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return an event, with the texts it refers to in their places."""
        return {
            "id": f"{event.plan}#{event.seq}",
            "plan": event.plan,
            "seq": event.seq,
            "type": event.type,
            "summary": event_words(event, self._catalogue, self._titles),
            "occurred_on": event.occurred_on.isoformat(),
            "recorded_at": event.recorded_at.isoformat(timespec="microseconds"),
            "clock": event.clock,
            "request_id": event.request_id,
            "actor": event.actor,
            "authority": dict(event.authority),
            "on_behalf": event.on_behalf,
            "definition": event.definition,
            "plugin": dict(event.plugin) if event.plugin else None,
            "data": resolved(event.data, texts or {}),
        }

    def finding(self, finding: views.Finding) -> dict[str, Any]:
        """Return a thing that verification found wrong."""
        return {
            "id": f"{finding.chain}#{finding.seq}" if finding.seq is not None else finding.chain,
            "check": finding.check,
            "chain": finding.chain,
            "seq": finding.seq,
            **self.reason(finding.reason),
        }

    def definition(self, definition: Definition, hash_: str) -> dict[str, Any]:
        """Return a definition's outline."""
        return {
            "id": definition.id,
            "version": definition.version,
            "title": self.text(definition.title),
            "hash": hash_,
            "normative": definition.normative,
            "number": definition.number,
            "stages": [
                {
                    "id": stage_id,
                    "label": stage.label,
                    "title": self.text(stage.title),
                    "final": stage.final,
                    "steps": [self._defined_step(step_id, step) for step_id, step in stage.steps.items()],
                    "transitions": [
                        {"id": trigger, "to": move.to, "by": list(move.by), "title": self.text(move.title)}
                        for trigger, move in stage.transitions.items()
                    ],
                }
                for stage_id, stage in definition.stages.items()
            ],
            "alongside": [self._defined_step(step_id, step) for step_id, step in definition.alongside.items()],
        }

    def _defined_step(self, step_id: str, step: Step) -> dict[str, Any]:
        return {"id": step_id, "uses": step.uses, "title": self.text(step.title), "lead": step.lead}


def resolved(value: Any, texts: Mapping[str, str]) -> Any:
    """Return an event's data with each `{"text": key}` replaced by the text where it is still there."""
    if isinstance(value, Mapping):
        if set(value) == {"text"} and isinstance(value["text"], str):
            return texts.get(value["text"], dict(value))
        return {name: resolved(item, texts) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [resolved(item, texts) for item in value]
    return value if isinstance(value, str | int | bool) or value is None else str(value)
