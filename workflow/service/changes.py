"""The path of every change: load, decide, link, commit; what was refused is recorded too.

Nothing else writes. `service.Service` has the commands that take this path.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date, datetime

from workflow import audit, deadlines, messages
from workflow.clock import local_day
from workflow.decide.amending import Amend, Amendment, id_for
from workflow.decide.commands import ActOn, Advance, Command, decide
from workflow.decide.corrections import Reversal, correction
from workflow.decide.issuing import IssueNumber
from workflow.decide.ledger import Ledger
from workflow.decide.performers import who_could
from workflow.decide.situation import Process, Situation
from workflow.decide.telling import told
from workflow.decide.waking import BY_ITSELF
from workflow.decide.withdrawing import Withdrawal, withdrawal, withdrawn_in
from workflow.drafts.drafts import DraftQueries
from workflow.errors import Conflict, InvalidInput, NotPermitted, Refused
from workflow.hookspecs import TransitionView
from workflow.messages import WORKSPACE_CHAIN, Event, Fact, FreeText
from workflow.names import require_text
from workflow.plan.state import PlanState
from workflow.projection import changed_items, document_rows, event_rows, number_rows, plan_row
from workflow.queries.queries import Queries
from workflow.service.attachments import Attached, read_attachments
from workflow.service.numbering import NumberQueries
from workflow.store.effects import EffectRow
from workflow.store.interface import DefinitionRow, PlanChange, PlanRow, RevisionLost, TextRow, WorkItemRow
from workflow.store.trails import BEGINNING, DOCUMENT
from workflow.views.plans import Outcome, Write

Asked = Command | Reversal | Amendment | Withdrawal
"""What a change of one plan can be asked as."""

_RETRIES = 20
"""How often an append to `@workspace` is tried again when somebody else was first."""


class _Overtaken(Exception):
    """The plan did something by itself between reading and writing; nothing was written."""


class Changes(Queries, DraftQueries, NumberQueries):
    """Carries out commands on one workspace."""

    def _change(self, plan: str, asked: Asked, name: str, write: Write) -> Outcome:
        for _ in range(_RETRIES):
            try:
                return self._changed(plan, asked, name, write)
            except _Overtaken:
                # Nobody acted: the plan did something by itself, and what is asked is judged after that.
                continue
        raise Conflict("{plan} is too busy", hint="try again", plan=plan)

    def _changed(self, plan: str, asked: Asked, name: str, write: Write) -> Outcome:
        write = kept_form(write)
        row = self.require_plan(plan)
        plan = row.id
        if (repeated := self._repeated(plan, asked, write)) is not None:
            return repeated
        if write.expect not in (None, row.revision) and not self._by_itself_since(plan, write.expect):
            raise self._conflict(plan, write.expect)
        with self._refusals_recorded(plan, name, write, asked):
            process = self.process_of(row.definition)
            before = self.state_of(row)
            attached = self._read_attached(write)
            situation = self._situation(process, write, attached, self._request(asked, write))
            command: Command
            pinned: DefinitionRow | None = None
            if isinstance(asked, Reversal):
                situation.require_actor()
                command = correction(self._events(row), asked, process)
            elif isinstance(asked, Amendment):
                command, pinned = self._amendment(asked, before, process)
            elif isinstance(asked, Withdrawal):
                command = withdrawal(self._events(row), asked)
            elif isinstance(asked, IssueNumber):
                command = self.numbered(asked, process, situation.on)
            else:
                command = asked
            ledger = decide(plan, before, command, situation)
            if pinned is not None and not write.dry_run:
                self._pin(pinned, write)
            if ledger.events:
                self._commit(ledger, row, before, attached, dry_run=write.dry_run)
        events = tuple(ledger.events)
        said, untold = told(situation.process, events)
        warnings = (*ledger.warnings, *untold)
        return Outcome(ledger.current, events, dry_run=write.dry_run, warnings=warnings, told=said)

    def _read_attached(self, write: Write) -> tuple[Attached, ...]:
        attached = read_attachments(write.attach)
        for file in attached:
            sha256 = file.attachment.sha256
            before = None if self.store.has_file(sha256) else next(self._handed_in(sha256), None)
            if before is not None:
                # What was withdrawn must not come back by another door.
                raise Refused(
                    "{path} was withdrawn from the record: event {seq} of {plan} had it",
                    code="file-withdrawn",
                    hint="`workflow audit show {plan}` says who withdrew it and why",
                    path=file.path,
                    seq=before.seq,
                    plan=before.plan,
                )
        return attached

    def _handed_in(self, sha256: str) -> Iterator[Event]:
        """The events with which a file of these bytes was handed in, to whatever plan."""
        after = BEGINNING
        while page := self.store.trail("subject", f"{DOCUMENT}{sha256}", after=after):
            for row in page:
                event = audit.event_of(row.body)
                if any(file["sha256"] == sha256 for file in event.data.get("attachments", ())):
                    yield event
            after = (page[-1].recorded_at, page[-1].plan, page[-1].seq)

    def _amendment(self, asked: Amendment, plan: PlanState, process: Process) -> tuple[Amend, DefinitionRow]:
        # Reading YAML and checking are needed here alone, and slow to import.
        from workflow.service.amendments import Known, amended

        known = Known(
            self.registry.step_types,
            set(self.registry.guards),
            self.register if self.people_version else None,
            set(self.registry.calendars),
        )
        id_ = id_for(plan)
        version = 1 + max((row.version for row in self.store.definitions() if row.id == id_), default=0)
        found = amended(asked.text, asked.name, plan, process.definition, version, known)
        definition = found.loaded.definition
        row = DefinitionRow(found.loaded.hash, id_, version, found.loaded.canonical)
        onward = self.process(row)
        start = date.fromisoformat(plan.start or plan.created_on)
        terms = deadlines.schedule(definition, start, onward.calendar, policies=onward.policies)
        fresh = {name: term for name, term in terms.items() if name not in plan.schedule}
        return Amend(onward, fresh, found.added, found.gates, asked.reason), row

    def _change_on_trial(self, plan: str, asked: Asked, name: str, write: Write) -> None:
        """Decide a change without writing it; what is refused is recorded as if it had been meant."""
        try:
            self._change(plan, asked, name, replace(write, dry_run=True))
        except (Refused, NotPermitted):
            if not write.dry_run:
                self._change(plan, asked, name, write)
            raise

    def _events(self, row: PlanRow) -> list[Event]:
        stored = self.store.events(row.id, limit=row.revision)
        return [audit.event_of(event.body) for event in stored]

    def _situation(
        self, process: Process, write: Write, attached: Sequence[Attached], request: Mapping[str, str] | None
    ) -> Situation:
        now = self.clock.now()
        return Situation(
            process=process,
            register=self.register,
            people_version=self.people_version,
            now=now,
            today=local_day(now),
            on=write.on or local_day(now),
            clock=self.clock.name,
            salts=_salts(),
            actor=write.actor,
            login=self.login,
            behalf=self._known_body(write.behalf),
            request=request,
            note=write.note,
            attachments=tuple(file.attachment for file in attached),
        )

    def _known_body(self, behalf: str | None) -> str | None:
        if behalf is not None and not self.register.known(behalf):
            raise InvalidInput("there is no unit or office `{behalf}`", code="unknown-unit", behalf=behalf)
        return behalf

    def _commit(
        self,
        ledger: Ledger,
        row: PlanRow | None,
        before: PlanState | None,
        attached: Sequence[Attached],
        *,
        dry_run: bool,
    ) -> None:
        rows = event_rows(ledger.events, row.head if row else audit.GENESIS)
        items, gone = self._changed_items(before, ledger.current)
        first = ledger.events[0]
        change = PlanChange(
            plan=plan_row(ledger.current, self.process_of(ledger.current.definition), rows[-1].hash),
            expected=row.revision if row else 0,
            events=rows,
            work_items=items,
            gone_items=gone,
            texts=tuple(TextRow(*text) for text in ledger.texts),
            documents=document_rows(ledger.events),
            files=tuple((file.attachment.sha256, file.pieces()) for file in attached),
            effects=self._effects(ledger, first),
            numbers=number_rows(ledger.events),
            withdrawn=_withdrawn(ledger.events),
        )
        if dry_run:
            return
        try:
            self.store.write(change)
        except RevisionLost as lost:
            if row is not None and self._by_itself_since(ledger.plan, change.expected):
                raise _Overtaken from lost
            raise self._conflict(ledger.plan, change.expected) from lost
        self.keep_state(change.plan, ledger.current)

    def _changed_items(
        self, before: PlanState | None, after: PlanState
    ) -> tuple[tuple[WorkItemRow, ...], tuple[tuple[str, int, str], ...]]:
        # An amendment that was reversed takes its steps with it: each state is read by its own definition.
        earlier = self.process_of(before.definition) if before else None
        return changed_items(before, after, self.process_of(after.definition), earlier)

    def _effects(self, ledger: Ledger, first: Event) -> tuple[EffectRow, ...]:
        facts = [Fact(event.type, event.data, event.plugin, event.on_behalf) for event in ledger.events]
        fired = next((event for event in ledger.events if event.type == messages.TRANSITION_FIRED), None)
        seen = None
        if fired is not None:
            data = fired.data
            needs = tuple(data.get("needs", ()))
            seen = TransitionView(data["trigger"], data["from"], data["to"], fired.occurred_on.isoformat(), needs)
        effects = self.registry.effects(ledger.current, seen, facts)
        return tuple(
            EffectRow(
                id=f"{ledger.plan}:{first.seq}:{number}",
                plan=ledger.plan,
                seq=first.seq,
                kind=effect.kind,
                payload=audit.canonical_json(effect.payload),
                at=audit.instant(first.recorded_at),
            )
            for number, effect in enumerate(effects, 1)
        )

    def _by_itself_since(self, plan: str, revision: int | None) -> bool:
        """True if there are events behind *revision*, and nobody made them."""
        since = [audit.event_of(row.body) for row in self.store.events(plan, after=revision or 0)]
        return bool(since) and all(event.actor is None and event.authority == BY_ITSELF for event in since)

    def _conflict(self, plan: str, expected: int) -> Conflict:
        since = [audit.event_of(row.body) for row in self.store.events(plan, after=expected)]
        done = "; ".join(
            f"#{event.seq} {event.data.get('trigger') or event.data.get('action') or event.type} "
            f"({event.actor or '-'}, {audit.instant(event.recorded_at)})"
            for event in since[:5]
        )
        return Conflict(
            "somebody acted on {plan} in between: {done}",
            hint="look at it with `workflow show {plan}` and try again",
            plan=plan,
            done=done or "-",
            expected=expected,
        )

    # repeated requests

    def _request(self, command: Asked, write: Write) -> dict[str, str] | None:
        if write.request_id is None:
            return None
        return {"id": write.request_id, "digest": _digest(command, write)}

    def _repeated(self, plan: str, command: Asked, write: Write) -> Outcome | None:
        if write.request_id is None:
            return None
        if not 1 <= len(write.request_id) <= 200:
            raise InvalidInput("a request id has 1 to 200 characters", code="bad-request-id")
        # What a refused attempt left in the workspace's chain changed no plan: it may be tried again.
        rows = [row for row in self.store.request(write.request_id) if row.plan != WORKSPACE_CHAIN]
        if not rows:
            return None
        events = tuple(audit.event_of(row.body) for row in rows)
        digests = {event.data.get("request") for event in events}
        if any(event.plan != plan for event in events) or _digest(command, write) not in digests:
            raise InvalidInput(
                "request `{id}` was used before for something else",
                code="request-reused",
                hint="choose a new --request-id",
                id=write.request_id,
            )
        return Outcome(self.state_of(self.require_plan(plan)), events, repeated=True)

    # the workspace's chain

    @contextmanager
    def _refusals_recorded(self, plan: str, command: str, write: Write, asked: Asked | None = None) -> Iterator[None]:
        """Record a refused or forbidden attempt in the `@workspace` chain, and let it through."""
        try:
            yield
        except (Refused, NotPermitted) as error:
            if (row := self.store.plan(plan)) is not None:
                process, state = self.process_of(row.definition), self.state_of(row)
                error.reasons = who_could(error.reasons, process, state, self.register, write.on or self.today())
            if not write.dry_run and write.actor is not None:
                data = {
                    "plan": plan,
                    "command": command,
                    **_attempted(asked),
                    # By that it is found among what the officers of a unit did.
                    **({"unit": one.unit} if (one := self.register.persons.get(write.actor)) and one.unit else {}),
                    "code": error.code,
                    "reasons": [reason.code for reason in error.reasons],
                    "exit": error.exit_code,
                }
                self._append_workspace(Fact(messages.ATTEMPT_REFUSED, data), write)
            raise

    def _pin(self, row: DefinitionRow, write: Write) -> None:
        if self.store.definition(row.hash) is None:
            data = {"id": row.id, "version": row.version, "hash": row.hash}
            self._append_workspace(Fact(messages.DEFINITION_ADDED, data), write, definitions=[row])

    def _append_workspace(
        self,
        fact: Fact,
        write: Write,
        *,
        definitions: Sequence[DefinitionRow] = (),
        files: Sequence[tuple[str, Iterable[bytes]]] = (),
        withdrawn: Sequence[tuple[str, str]] = (),
        leaving: bool = False,
    ) -> None:
        for attempt in range(_RETRIES):
            # Who has lost once waits for a turn: with many writers the next attempt would be lost as well.
            with self.store.turn(WORKSPACE_CHAIN) if attempt else nullcontext():
                head = self.store.workspace_head()
                event, texts = self._workspace_event(fact, write, head.seq + 1 if head else 1)
                rows = event_rows([event], head.hash if head else audit.GENESIS)
                try:
                    if leaving:
                        self.store.record_leaving(rows[0])
                        return
                    self.store.append_workspace(
                        rows, texts=texts, definitions=definitions, files=files, withdrawn=withdrawn
                    )
                    return
                except RevisionLost:
                    continue
        raise Conflict("the workspace's own chain is too busy", hint="try again")

    def _workspace_event(self, fact: Fact, write: Write, seq: int) -> tuple[Event, list[TextRow]]:
        now: datetime = self.clock.now()
        texts: list[TextRow] = []
        data = {**fact.data} if write.note is None else {**fact.data, "note": FreeText(write.note)}
        for name, value in data.items():
            if isinstance(value, FreeText):
                salt = secrets.token_bytes(16)
                texts.append(TextRow(audit.text_key(salt, value), salt, str(value)))
                data[name] = {"text": texts[-1].key}
        event = Event(
            plan=WORKSPACE_CHAIN,
            seq=seq,
            type=fact.type,
            occurred_on=local_day(now),
            recorded_at=now,
            clock=self.clock.name,
            request_id=write.request_id,
            actor=write.actor,
            authority={"login": dict(self.login)} if self.login else {},
            definition=None,
            plugin=None,
            on_behalf=None,
            data=data,
        )
        return event, texts


def kept_form(write: Write) -> Write:
    """Return *write* with its texts in the form in which they are kept."""
    return replace(
        write, note=require_text(write.note, "--note"), request_id=require_text(write.request_id, "--request-id")
    )


def _withdrawn(events: Sequence[Event]) -> tuple[tuple[str, str], ...]:
    texts, files = withdrawn_in(events)
    return (*((key, "text") for key in sorted(texts)), *((sha256, "file") for sha256 in sorted(files)))


def _salts() -> Iterator[bytes]:
    while True:
        yield secrets.token_bytes(16)


def _digest(command: Asked, write: Write) -> str:
    files = [str(path) for path in write.attach]
    content = f"{command!r}|{write.actor}|{write.on}|{write.note}|{write.behalf}|{files}"
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _attempted(asked: Asked | None) -> dict[str, str]:
    """What was tried, for the record of a refusal: the words that the command line takes, no values."""
    if isinstance(asked, ActOn):
        return {"step": asked.step, "action": asked.action}
    if isinstance(asked, Advance) and asked.trigger is not None:
        return {"trigger": asked.trigger}
    return {}
