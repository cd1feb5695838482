"""One method per command: load, decide, link, commit. Nothing else writes.

The command line, the worker and the tests all come through here. How a change is carried out stands in
`changes.Changes`, what concerns dates in `timekeeping.Timekeeping`, what plans do by themselves in
`ticking.Ticking`, questions in `queries.Queries`; this class extends them all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from datetime import date
from typing import TYPE_CHECKING, Any

from workflow import messages
from workflow.decide.amending import Amendment, is_amended
from workflow.decide.commands import ActOn, Advance, Change, Create, decide
from workflow.decide.corrections import Reversal
from workflow.decide.issuing import IssueNumber
from workflow.decide.transfers import HandOver, belongings, require_parties
from workflow.errors import N_, Conflict, InvalidInput, Phrase
from workflow.messages import Fact
from workflow.names import require_plan_id, require_text
from workflow.numbers import require_series
from workflow.papermaking.questions import PaperQueries
from workflow.plan.state import ACTIVE, SUSPENDED
from workflow.queries.worklists import WorkLists
from workflow.service.changes import kept_form
from workflow.service.delivering import Deliveries
from workflow.service.ticking import Ticking
from workflow.store.interface import NumberTaken, PlanRow
from workflow.views.plans import Outcome, Write

if TYPE_CHECKING:
    from workflow.service.record import Record

_RETRIES = 20
"""How often a number is looked for again when somebody else was first."""


class Service(Ticking, Deliveries, PaperQueries, WorkLists):
    """The application: every command and every question about plans."""

    @property
    def record(self) -> Record:
        """What concerns the record as a whole; loaded when it is asked for."""
        from workflow.service.record import Record

        return Record.sharing(self)

    def create(
        self,
        definition: str,
        plan: str,
        write: Write,
        *,
        title: str | None = None,
        start: date | None = None,
        parameters: Mapping[str, str] | None = None,
        adopt_at: str | None = None,
    ) -> Outcome:
        """Start a plan of the newest version of *definition* (`id` or `id@version`).

        Raises:
            NotFound: If there is no such definition.
            InvalidInput: If the id is not usable or taken.
        """
        plan, write = require_plan_id(plan), kept_form(write)
        given = {name: require_text(value, name) or "" for name, value in (parameters or {}).items()}
        command = Create(plan, require_text(title, "--title"), start, given, adopt_at)
        if (repeated := self._repeated(plan, command, write)) is not None:
            return repeated
        with self._refusals_recorded(plan, "create", write):
            row = self.definition_to_start(definition)
            if is_amended(row.id):
                raise InvalidInput(
                    "definition {id} was amended for one plan, and no other can follow it",
                    code="definition-amended",
                    hint="`workflow definition list` shows the others",
                    id=row.id,
                )
            if self.store.plan(plan) is not None:
                raise InvalidInput("there is a plan `{plan}` already", code="plan-exists", plan=plan)
            process = self.process(row)
            attached = self._read_attached(write)
            ledger = decide(
                plan, None, command, self._situation(process, write, attached, self._request(command, write))
            )
            if not write.dry_run:
                self._pin(row, write)
            self._commit(ledger, None, None, attached, dry_run=write.dry_run)
        return Outcome(ledger.current, tuple(ledger.events), dry_run=write.dry_run)

    def advance(self, plan: str, trigger: str | None, write: Write) -> Outcome:
        """Fire a transition; the only possible one where *trigger* is None."""
        return self._change(plan, Advance(trigger), "advance", write)

    def act(self, plan: str, step: str, action: str, parameters: Mapping[str, Any], write: Write) -> Outcome:
        """Do *action* on *step* (`step`, `stage/step`, `stage/step@ROUND`)."""
        return self._change(plan, ActOn(step, action, dict(parameters)), "act", write)

    def suspend(self, plan: str, write: Write, *, reason: str, document: str | None = None) -> Outcome:
        """Suspend a plan: nothing can be done on it until it is resumed."""
        return self._change_status(plan, messages.PLAN_SUSPENDED, write, reason, document)

    def resume(self, plan: str, write: Write, *, reason: str, document: str | None = None) -> Outcome:
        """Resume a suspended plan."""
        return self._change_status(plan, messages.PLAN_RESUMED, write, reason, document)

    def cancel(self, plan: str, write: Write, *, reason: str, document: str | None = None) -> Outcome:
        """Cancel a plan on a cited document's authority."""
        return self._change_status(plan, messages.PLAN_CANCELLED, write, reason, document)

    def reopen(self, plan: str, write: Write, *, reason: str, document: str | None = None) -> Outcome:
        """Reopen a cancelled plan where it was, or a finished one in the stage before its last."""
        return self._change_status(plan, messages.PLAN_REOPENED, write, reason, document)

    def _change_status(self, plan: str, type_: str, write: Write, reason: str, document: str | None) -> Outcome:
        change = Change(type_, _required_reason(reason), require_text(document, "--document"))
        return self._change(plan, change, type_, write)

    def correct(self, plan: str, seq: int, write: Write, *, reason: str) -> Outcome:
        """Reverse event *seq* by a new event; the old one stays in the trail.

        Raises:
            InvalidInput: If there is no such event.
            Refused: If later events build on it; they are named.
        """
        return self._change(plan, Reversal(seq, _required_reason(reason)), "correct", write)

    def issue_number(
        self, plan: str, document: str | None, write: Write, *, series: str | None = None, number: int | None = None
    ) -> Outcome:
        """Give a document, or the plan itself, a number: the next free one of its series and year, or *number*.

        Raises:
            InvalidInput: If no series is known, or it is none.
            Refused: If it has a number, or this one is taken; also where that was undone.
        """
        asked = IssueNumber(document, require_series(series) if series is not None else None, number)
        for attempt in range(_RETRIES):
            # Who has lost once waits for a turn, which ends with the number that is given in it.
            with self.store.turn("@numbers") if attempt else nullcontext():
                try:
                    return self._change(plan, asked, "number", write)
                except NumberTaken:
                    continue
        raise Conflict("too many numbers of this series are being given at once", hint="try again")

    def amend(self, plan: str, text: bytes, name: str, write: Write, *, reason: str) -> Outcome:
        """Add a step or a leg to one running plan, which then follows an amended definition of its own.

        Args:
            text: What is added; *name* is the file's, as problems show it.

        Raises:
            DefinitionInvalid: With every problem of the text, and of the definition that it would make.
        """
        return self._change(plan, Amendment(text, name, _required_reason(reason)), "amend", write)

    def hand_over(
        self,
        from_person: str,
        to_person: str,
        write: Write,
        *,
        plan: str | None = None,
        reason: str | None = None,
    ) -> tuple[Outcome, ...]:
        """Pass a person's open work on, on one plan or on every open plan where there is any.

        All plans are judged before anything is written; each is then written as a whole.

        Raises:
            InvalidInput: If there is no such person, or what belongs to one plan is asked for many.
            NotPermitted: If the actor may not, or the other may not take it.
        """
        command = HandOver(from_person, to_person, require_text(reason, "--reason"))
        if plan is not None:
            return (self._change(plan, command, "handover", write),)
        if write.expect is not None or write.request_id is not None:
            raise InvalidInput(
                "--expect and --request-id belong to one plan", code="one-plan", hint="name it by --plan"
            )
        concerned = [row.id for row in self._open_plans() if self._has_work(row, from_person)]
        for each in concerned:
            self._change_on_trial(each, command, "handover", write)
        if not concerned:
            require_parties(self.register, from_person, to_person, write.on or self.today())
        return tuple(self._change(each, command, "handover", write) for each in concerned)

    def _open_plans(self) -> Iterator[PlanRow]:
        for status in (ACTIVE, SUSPENDED):
            after = ""
            while rows := self.store.plans(status=status, after=after):
                yield from rows
                after = rows[-1].id

    def _has_work(self, row: PlanRow, person: str) -> bool:
        return belongings(self.process_of(row.definition), self.state_of(row), person).open

    def load_people(self, text: bytes, name: str, write: Write) -> str:
        """Take in a people register; from now on it counts. Returns its version (a hash).

        Raises:
            ProblemsFound: With every problem of the file.
            NotPermitted: If the register in force has keepers and the actor is none.
        """
        write = kept_form(write)
        self._require_keeper(write, Phrase(N_("load the register of people")), "people load")
        register, canonical = self.read_register(text, name)
        version = hashlib.sha256(canonical).hexdigest()[:16]
        if write.actor is not None and register.kind(write.actor) != "person":
            raise InvalidInput("there is no person `{actor}` in {name}", actor=write.actor, name=name)
        if not write.dry_run and version != self.people_version:
            data = {"version": version, "sha256": hashlib.sha256(canonical).hexdigest()}
            self._append_workspace(Fact(messages.PEOPLE_LOADED, data), write, files=[(data["sha256"], [canonical])])
            self.forget_people()
        return version

    def renamed_units(self, text: bytes, name: str) -> tuple[str, ...]:
        """Units that a people register calls otherwise than the one in force: their closed work would be too."""
        register, _ = self.read_register(text, name)
        known = self.register.units
        return tuple(id_ for id_, unit in register.units.items() if id_ in known and known[id_].name != unit.name)


def _required_reason(reason: str) -> str:
    kept = require_text(reason, "--reason") or ""
    if not kept.strip():
        raise InvalidInput("a reason is needed", code="no-reason", hint="give --reason")
    return kept
