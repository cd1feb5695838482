"""Takes the rows of a table in as actions on a step, each by itself, so that a run that was cut goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workflow.decide.acts import find_action, find_round
from workflow.errors import (
    Conflict,
    IntegrityBroken,
    InvalidInput,
    NotPermitted,
    Reason,
    Refused,
    StorageUnusable,
    WorkflowError,
)
from workflow.importing.cells import Reader, Record
from workflow.importing.columns import Layout, find_layout
from workflow.importing.tables import read_tables
from workflow.messages import WORKSPACE_CHAIN
from workflow.service.attachments import read_attachments
from workflow.service.service import Service
from workflow.steps.step_type import Action, Import
from workflow.views.plans import Write

TAKEN, ALREADY, REFUSED, LEFT_OUT = "taken", "already", "refused", "left-out"
_RETRIES = 5
"""How often a row is tried again when somebody acted on the plan in between."""
_OF_THE_RUN = ("no-actor", "unknown-actor", "login-mismatch", "unknown-plan", "bad-request-id")
"""Refusals that are no row's fault: each further row would meet them too."""
_LONGEST_REQUEST = 200


@dataclass(frozen=True)
class RowOutcome:
    """What became of a row: `taken`, `already` (by an earlier run), `refused` with its reasons, or `left-out`.

    Attributes:
        doubts: What could be read in more than one way, whatever became of the row.
        warnings: What the step type tells of the act, though it was done.
    """

    number: int
    request_id: str
    outcome: str
    values: Mapping[str, Any]
    reasons: tuple[Reason, ...] = ()
    doubts: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()


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
        self.plan = row.id
        self.step = f"{address}@{round_.number}"
        self.imports: Import = step_type.imports
        self.action: Action = find_action(step_type, self.imports.action)
        name, self.sha256, content = _content(path)
        tables = read_tables(name, content)
        self.layout: Layout = find_layout(tables, self.imports, self.action, sheet=sheet, number=table, mapping=mapping)
        self._rows = tuple(self.layout.records(self.imports))

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
        for row in self._rows:
            outcome = self._take(reader.read(row), write)
            if outcome.outcome == TAKEN:
                # The revision that was expected is that of the beginning.
                write = replace(write, expect=None)
            yield outcome

    def _take(self, record: Record, write: Write) -> RowOutcome:
        request_id = self.request_id(record.number)

        def became(outcome: str, reasons: tuple[Reason, ...] = ()) -> RowOutcome:
            return RowOutcome(record.number, request_id, outcome, record.values, reasons, record.doubts)

        if record.left_out:
            return became(LEFT_OUT)
        if self._is_done(request_id):
            return became(ALREADY)
        if record.reasons:
            return became(REFUSED, record.reasons)
        try:
            warnings = self._act(record, replace(write, request_id=request_id, on=record.on or write.on))
        except (Conflict, StorageUnusable, IntegrityBroken):
            raise
        except (InvalidInput, Refused, NotPermitted) as error:
            if error.code in _OF_THE_RUN:
                raise
            return became(REFUSED, _why(error))
        return replace(became(TAKEN), warnings=warnings)

    def _act(self, record: Record, write: Write) -> tuple[Reason, ...]:
        attempt = 1
        while True:
            try:
                return self._service.act(self.plan, self.step, self.action.name, record.values, write).warnings
            except Conflict:
                if write.expect is not None or attempt == _RETRIES:
                    raise
                attempt += 1

    def _is_done(self, request_id: str) -> bool:
        # A refused attempt leaves its request in the workspace's chain: it may be tried again.
        return any(event.plan != WORKSPACE_CHAIN for event in self._service.store.request(request_id))

    def request_id(self, number: int) -> str:
        """The request id of a row: the same file, step and row are taken in once."""
        place = f"{self.layout.table.number}.{number}" if self.layout.table.number > 1 else str(number)
        whole = f"import:{self.sha256}:{self.plan}/{self.step}:{place}"
        if len(whole) <= _LONGEST_REQUEST:
            return whole
        target = hashlib.sha256(f"{self.plan}/{self.step}".encode()).hexdigest()
        return f"import:{self.sha256}:{target}:{place}"


def _content(path: Path) -> tuple[str, str, bytes]:
    """Return the file's name, SHA-256 and bytes, as they are at one moment."""
    (attached,) = read_attachments((path,))
    content = b"".join(attached.pieces())
    if hashlib.sha256(content).hexdigest() != attached.attachment.sha256:
        raise InvalidInput("{path} changed while it was read", code="bad-attachment", hint="try again", path=path)
    return attached.attachment.name, attached.attachment.sha256, content


def _why(error: WorkflowError) -> tuple[Reason, ...]:
    return error.reasons or (Reason(error.code, error.phrase),)
