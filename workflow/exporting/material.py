"""One plan as an exporter sees it: read piece by piece, each without what is confidential."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from typing import Any

from workflow import audit
from workflow.errors import IntegrityBroken
from workflow.exporting.gathering import documents_of, office_of
from workflow.language.definition import Text
from workflow.messages import ATTEMPT_REFUSED, PLAN_AMENDED, WORKSPACE_CHAIN, Event, text_references
from workflow.queries.lateness import late_by
from workflow.queries.leaving_out import names_hidden, withheld
from workflow.queries.queries import Queries
from workflow.queries.steptables import StepTables
from workflow.queries.verifying import Verifying
from workflow.sealing import record
from workflow.store.interface import EventRow, PlanRow, Store
from workflow.views.exports import (
    ExportedDocument,
    ExportedEvent,
    ExportedPlan,
    ExportedSeal,
    ExportedTable,
    ExportedText,
    ExportedWork,
    LeftOut,
)
from workflow.views.handed import read_only, seen
from workflow.views.plans import Lateness, Owed, PlanDetail
from workflow.views.recording import days_until_recorded, is_recorded_late

Wording = Callable[[Event, Mapping[str, str]], tuple[str, Sequence[str]]]
"""A face's words for an event and its texts: what happened, and what else it records."""


@dataclass
class Count:
    """What was left out so far."""

    left_out: LeftOut = field(default_factory=LeftOut)
    _told: set[str] = field(default_factory=set)

    def next_plan(self) -> None:
        """Begin with another plan."""
        self._told.clear()

    def add(self, kind: str, more: int) -> None:
        """Count more of a kind; of one plan once, however often an exporter looks at it."""
        if kind not in self._told:
            self._told.add(kind)
            self.left_out = replace(self.left_out, **{kind: getattr(self.left_out, kind) + more})


@dataclass(frozen=True)
class Asked:
    """What an export is asked to hold.

    Attributes:
        plans: Ids of plans in order; empty for all.
        language: `vi` or `en`.
        withdrawn: What stands in the place of a text that was withdrawn.
        confidential: Confidential things too.
        settings: The format's table of workflow.toml.
    """

    plans: tuple[str, ...]
    language: str
    wording: Wording
    withdrawn: str
    confidential: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)


class Sources(Queries, StepTables, Verifying):
    """The questions of which an export is made."""


class Refusals:
    """Where the refused attempts at each plan stand, found in one pass over the workspace's chain when first asked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, plan: str) -> Iterator[EventRow]:
        """Yield the refused attempts at a plan, oldest first."""
        for seq in self._places.get(plan, ()):
            if (row := self._store.event(WORKSPACE_CHAIN, seq)) is not None:
                yield row

    @cached_property
    def _places(self) -> Mapping[str, Sequence[int]]:
        # Of each attempt only its place is kept.
        found: dict[str, list[int]] = {}
        for row in self._store.events(WORKSPACE_CHAIN):
            if row.type == ATTEMPT_REFUSED:
                found.setdefault(str(_read(row).data.get("plan")), []).append(row.seq)
        return found


def exported(
    queries: Sources, row: PlanRow, hidden: frozenset[str], asked: Asked, count: Count, refusals: Refusals
) -> ExportedPlan:
    """Return one plan for an exporter; nothing but its state is read yet.

    Args:
        hidden: The steps and documents to be left out.
    """
    material = _Material(queries, row, hidden, asked, count, refusals)
    process, state = queries.process_of(row.definition), material.state
    title = queries.store.texts([row.title]).get(row.title) if row.title else None
    count.next_plan()
    count.add("steps", sum(1 for address in state.steps if address in hidden))
    return ExportedPlan(
        id=row.id,
        title=Text(vi=title) if title else process.definition.title,
        state=seen(state),
        definition=process.definition,
        definition_hash=row.definition,
        step_titles={address: process.step_title(address) for address in process.definition.steps},
        hidden=hidden,
        events=material.events,
        documents=material.documents,
        refused=material.refused,
        lateness=material.lateness,
        work=material.work,
        tables=material.tables,
        verification=partial(queries.verify, row.id),
        seals=material.seals,
        name=material.name,
        keys=material.keys,
        definitions=material.definitions,
    )


class _Material:
    """Reads one plan."""

    def __init__(
        self,
        queries: Sources,
        row: PlanRow,
        hidden: frozenset[str],
        asked: Asked,
        count: Count,
        refusals: Refusals,
    ) -> None:
        self._queries, self._row, self._hidden, self._asked = queries, row, hidden, asked
        self._count, self._refusals = count, refusals
        self.state = queries.state_on_or_stored(row, queries.today())

    @cached_property
    def _detail(self) -> PlanDetail:
        return self._queries.plan(self._row.id)

    def name(self, reference: str | None) -> str:
        """Return the name of a body or person in the export's language; the id where it has none."""
        named = self._queries.register.name(reference) if reference else None
        return named.in_language(self._asked.language) if named is not None else reference or ""

    def events(self) -> Iterator[ExportedEvent]:
        """Yield the chain; of what is hidden the hashes alone."""
        left_out = 0
        for row in self._queries.store.events(self._row.id):
            shown = self._event(row)
            left_out += shown.event is None
            yield shown
        self._count.add("events", left_out)

    def refused(self) -> Iterator[ExportedEvent]:
        """Yield the refused attempts but those at something hidden."""
        for row in self._refusals.of(self._row.id):
            if (shown := self._event(row)).event is not None:
                yield shown

    def _event(self, row: EventRow) -> ExportedEvent:
        event = _read(row)
        if withheld(event, self._hidden):
            return ExportedEvent(row.plan, row.seq, None, b"", row.previous.hex(), row.hash.hex())
        kept = {key: self._queries.store.text(key) for key in text_references(event.data)}
        texts = {key: ExportedText(text.salt, text.text) if text else None for key, text in kept.items()}
        said = {key: text.text if text else self._asked.withdrawn for key, text in texts.items()}
        words, details = self._asked.wording(event, said)
        return ExportedEvent(
            plan=row.plan,
            seq=row.seq,
            event=replace(event, data=read_only(event.data), authority=read_only(event.authority)),
            body=row.body,
            previous=row.previous.hex(),
            hash=row.hash.hex(),
            words=words,
            details=tuple(details),
            actor=self.name(event.actor),
            office=office_of(event, self.name),
            behalf=self.name(event.on_behalf),
            texts=texts,
            days_apart=days_until_recorded(event),
            recorded_late=is_recorded_late(event),
        )

    def documents(self) -> Iterator[ExportedDocument]:
        """Yield the files handed in, but those of something hidden."""
        store, left_out = self._queries.store, 0
        process = self._queries.process_of(self._row.definition)
        for document in documents_of(store, self._row.id, self.state, process, self.name):
            row = store.event(self._row.id, document.seq)
            if document.document in self._hidden or row is None or withheld(_read(row), self._hidden):
                left_out += 1
            else:
                yield document
        self._count.add("documents", left_out)

    def lateness(self) -> tuple[Lateness, ...]:
        """Return what is behind its day: what is late, then what takes buffer time."""
        standing = self._detail.standing
        found = (*standing.lateness, *standing.in_buffer)
        return tuple(each for each in found if not names_hidden(each.where, self._hidden))

    def work(self) -> Iterator[ExportedWork]:
        """Yield everything that was ever owed."""
        for owed in self._detail.owed:
            if owed.step not in self._hidden:
                yield ExportedWork(
                    step=owed.step,
                    round=owed.round,
                    title=owed.title,
                    owner=self.name(owed.owner),
                    due_on=owed.due_on,
                    first_due_on=owed.original_due_on,
                    done_on=owed.done_on,
                    open=owed.open,
                    late=owed.late,
                    days_late=owed.days_late,
                    days_behind=self._days_behind(owed),
                    buffer_until=owed.buffer_until,
                )

    def _days_behind(self, owed: Owed) -> int:
        closed = date.fromisoformat(owed.done_on) if owed.done_on else self._queries.today()
        return owed.days_late or (late_by(owed.due_on, closed) if owed.buffer_until else 0)

    def tables(self) -> Iterator[ExportedTable]:
        """Yield what steps show of each of their rounds."""
        process = self._queries.process_of(self.state.definition)
        for address, step in self.state.steps.items():
            for round_ in step.rounds if address not in self._hidden else ():
                for table in self._queries.tables_of(self.state, address, round_):
                    if table.rows or table.notes:
                        title = process.step_title(address)
                        shown = (table.title, table.columns, table.rows, table.notes)
                        yield ExportedTable(address, title, step.uses, *shown)

    def seals(self) -> Iterator[ExportedSeal]:
        """Yield the seals that reach into the chain, oldest first."""
        store, after = self._queries.store, 0
        while leaves := store.leaves_of(self._row.id, after=after):
            for leaf in leaves:
                if (seal := store.seal(leaf.seal)) is not None:
                    path = partial(_path, store, leaf.position, seal.size)
                    yield ExportedSeal(seal.number, seal.at, leaf.seq, seal.note, leaf.position, seal.size, path)
            after = leaves[-1].seq

    def keys(self) -> tuple[str, ...]:
        """Return the lines of all public keys, oldest first."""
        return tuple(key.public.line() for key in record.known_keys(self._queries.store))

    def definitions(self) -> Iterator[tuple[str, bytes]]:
        """Yield the definitions that the events follow, each once; none where something is hidden."""
        told: set[str] = set()
        for row in self._queries.store.events(self._row.id) if not self._hidden else ():
            event = _read(row)
            amended = event.data["definition"]["hash"] if event.type == PLAN_AMENDED else None
            for sha256 in (event.definition, amended):
                kept = self._queries.store.definition(sha256) if sha256 and sha256 not in told else None
                if kept is not None:
                    told.add(kept.hash)
                    yield kept.hash, kept.body


def _path(store: Store, index: int, size: int) -> tuple[bytes, ...]:
    return tuple(record.inclusion(store, (index,), size)[index])


def _read(row: EventRow) -> Event:
    try:
        return audit.event_of(row.body)
    except ValueError as error:
        raise IntegrityBroken(
            "event {seq} of {plan} cannot be read",
            hint="`workflow audit verify {plan}` tells what differs",
            seq=row.seq,
            plan=row.plan,
        ) from error
