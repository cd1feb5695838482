"""Takes the rows of a table in as actions on a step, each by itself, so that a run that was cut goes on.

A row that was taken in before is known by its words (`standing.py`): also in a file that was mended since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workflow.decide.acts import find_action, find_round
from workflow.decide.performers import allowed_somehow
from workflow.decide.situation import matter_of
from workflow.decide.telling import told
from workflow.errors import (
    Conflict,
    IntegrityBroken,
    InvalidInput,
    NotPermitted,
    Phrase,
    Reason,
    Refused,
    StorageUnusable,
    WorkflowError,
)
from workflow.importing.cells import Reader, Record
from workflow.importing.columns import Layout, find_layout
from workflow.importing.standing import Standing, row_ids
from workflow.importing.tables import read_tables
from workflow.messages import Event
from workflow.people.rights import Rights
from workflow.service.attachments import read_attachments
from workflow.service.service import Service
from workflow.steps.step_type import Action, Import
from workflow.views.plans import Outcome, Write

TAKEN, ALREADY, REFUSED, LEFT_OUT = "taken", "already", "refused", "left-out"
_RETRIES = 50
"""How often a row is tried again when somebody acted on the plan in between."""
_OF_THE_RUN = ("no-actor", "unknown-actor", "login-mismatch", "unknown-plan", "bad-request-id")
"""Refusals that are no row's fault: each further row would meet them too."""
_ANOTHERS = "request-reused"


@dataclass(frozen=True)
class RowOutcome:
    """What became of a row: `taken`, `already` (by an earlier run), `refused` with its reasons, or `left-out`.

    Attributes:
        doubts: What could be read in more than one way, whatever became of the row.
        warnings: What the step type tells of the act, though it was done.
        told: What was recorded, as the step type tells it; of an earlier run too.
        seq: The event of the plan by which it was taken in; None where it was not, and on trial.
    """

    number: int
    request_id: str
    outcome: str
    values: Mapping[str, Any]
    reasons: tuple[Reason, ...] = ()
    doubts: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    told: tuple[Phrase, ...] = ()
    seq: int | None = None


class TableImport:
    """One file for one round of a step.

    Args:
        step: `step`, `stage/step` or `stage/step@ROUND`.
        sheet: Name of the sheet that is meant.
        table: Number of the table that is meant.
        mapping: Heading to parameter, where the headings do not say it.

    Raises:
        NotFound: If there is no such plan, step, sheet, table or parameter.
        InvalidInput: If the step takes no tables, or the file is none that can be read.
        Refused: If the step is not open yet.
    """

    def __init__(
        self,
        service: Service,
        plan: str,
        step: str,
        path: Path,
        *,
        sheet: str | None = None,
        table: int | None = None,
        mapping: Mapping[str, str] | None = None,
    ) -> None:
        row = service.require_plan(plan)
        process = service.process_of(row.definition)
        address, round_ = find_round(process, service.state_of(row), step)
        step_type = process.type_of(address)
        if step_type.imports is None:
            raise InvalidInput(
                "steps of the type `{type}` take no tables",
                code="no-import",
                hint="do it one by one: workflow act {plan} {step}",
                type=step_type.name,
                plan=row.id,
                step=address,
            )
        self._service = service
        self._process = process
        self.plan = row.id
        self.step = f"{address}@{round_.number}"
        self.imports: Import = step_type.imports
        self.action: Action = find_action(step_type, self.imports.action)
        name, self.sha256, content = _content(path)
        tables = read_tables(name, content)
        self.layout: Layout = find_layout(tables, self.imports, self.action, sheet=sheet, number=table, mapping=mapping)
        self._rows = tuple(self.layout.records(self.imports))
        self._ids = tuple(row_ids(f"{self.plan}/{self.step}/{self.action.name}", self.layout, self._rows))
        self._standing = Standing(service, self.plan)

    def __len__(self) -> int:
        """How many rows there are to take in."""
        return len(self._rows)

    def run(self, write: Write) -> Iterator[RowOutcome]:
        """Take the rows in, one after the other, telling each as it is done.

        Raises:
            WorkflowError: Where going on makes no sense; the rows told before are taken in.
        """
        day = write.on or self._service.today()
        reader = Reader(self.layout, self.imports, self.action, self._service.register, day)
        for row, row_id in zip(self._rows, self._ids, strict=True):
            outcome = self._take(reader.read(row), row_id, write)
            if outcome.outcome == TAKEN:
                # The revision that was expected is that of the beginning.
                write = replace(write, expect=None)
            yield outcome

    def _take(self, record: Record, row_id: str, write: Write) -> RowOutcome:
        if record.left_out:
            return _became(record, row_id, LEFT_OUT)
        request, event = self._standing.request_of(row_id)
        if event is not None:
            return self._before(record, request, (event,))
        if record.reasons:
            return _became(record, request, REFUSED, record.reasons)
        try:
            done = self._act(record, replace(write, request_id=request, on=record.on or write.on))
        except (Conflict, StorageUnusable, IntegrityBroken):
            raise
        except (InvalidInput, Refused, NotPermitted) as error:
            if error.code == _ANOTHERS:
                # Somebody else takes the same row in at this moment.
                _, event = self._standing.request_of(row_id)
                if event is not None:
                    return self._before(record, request, (event,))
            if error.code in _OF_THE_RUN or self._bars_all(error, write):
                raise
            return _became(record, request, REFUSED, _why(error))
        if done.repeated:
            return self._before(record, request, done.events)
        seq = None if done.dry_run else done.events[-1].seq
        return replace(_became(record, request, TAKEN), warnings=done.warnings, told=done.told, seq=seq)

    def _before(self, record: Record, request: str, events: Sequence[Event]) -> RowOutcome:
        said, untold = told(self._process, events)
        return replace(_became(record, request, ALREADY), warnings=untold, told=said, seq=events[-1].seq)

    def _act(self, record: Record, write: Write) -> Outcome:
        attempt = 1
        while True:
            try:
                return self._service.act(self.plan, self.step, self.action.name, record.values, write)
            except Conflict:
                if write.expect is not None or attempt == _RETRIES:
                    raise
                attempt += 1

    def _bars_all(self, error: WorkflowError, write: Write) -> bool:
        """True if it is not the row that stands against the act, but who acts: no other row would fare better."""
        if not isinstance(error, NotPermitted) or write.actor is None:
            return False
        if error.code == "in-own-name":
            return write.behalf is None
        state = self._service.state_of(self._service.require_plan(self.plan))
        address, round_ = find_round(self._process, state, self.step)
        may = allowed_somehow(self._process, state, address, round_, self.action)
        matter = matter_of(self._process, state, address)
        rights = Rights(self._service.register, write.actor, write.on or self._service.today(), matter)
        return may is not None and not rights.may(may.references, may.bodies)


def _became(record: Record, request: str, outcome: str, reasons: tuple[Reason, ...] = ()) -> RowOutcome:
    return RowOutcome(record.number, request, outcome, record.values, reasons, record.doubts)


def _content(path: Path) -> tuple[str, str, bytes]:
    """Return the file's name, SHA-256 and bytes, as they are at one moment."""
    (attached,) = read_attachments((path,))
    content = b"".join(attached.pieces())
    if hashlib.sha256(content).hexdigest() != attached.attachment.sha256:
        raise InvalidInput("{path} changed while it was read", code="bad-attachment", hint="try again", path=path)
    return attached.attachment.name, attached.attachment.sha256, content


def _why(error: WorkflowError) -> tuple[Reason, ...]:
    return error.reasons or (Reason(error.code, error.phrase),)
