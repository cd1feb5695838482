"""A store in memory: for tests, dry runs and trying things out. It ends with the process."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from workflow.errors import NotFound
from workflow.messages import WORKSPACE_CHAIN
from workflow.names import UNDATED, DueKey
from workflow.plan.state import ACTIVE
from workflow.store import intake
from workflow.store.effects import EffectMoved, EffectRow, WorkerRow
from workflow.store.interface import (
    DefinitionRow,
    DocumentRow,
    EventRow,
    NumberRow,
    NumberTaken,
    PlanChange,
    PlanRow,
    RevisionLost,
    TextRow,
    WorkItemRow,
    due_key,
)
from workflow.store.memory_trail import MemoryTrail
from workflow.store.seals import LeafRow, SealRow


@dataclass
class _Rows:
    """All rows; no row is ever changed in place."""

    plans: dict[str, PlanRow] = field(default_factory=dict)
    chains: dict[str, list[EventRow]] = field(default_factory=dict)
    work_items: dict[str, dict[tuple[str, int, str], WorkItemRow]] = field(default_factory=dict)
    documents: dict[str, list[DocumentRow]] = field(default_factory=dict)
    texts: dict[str, TextRow] = field(default_factory=dict)
    files: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    definitions: dict[str, DefinitionRow] = field(default_factory=dict)
    effects: dict[str, EffectRow] = field(default_factory=dict)
    workers: dict[str, WorkerRow] = field(default_factory=dict)
    numbers: dict[tuple[str, int, int], NumberRow] = field(default_factory=dict)
    seals: list[SealRow] = field(default_factory=list)
    leaves: list[LeafRow] = field(default_factory=list)

    def copy(self) -> _Rows:
        return _Rows(
            plans=dict(self.plans),
            chains={chain: list(events) for chain, events in self.chains.items()},
            work_items={plan: dict(items) for plan, items in self.work_items.items()},
            documents={plan: list(rows) for plan, rows in self.documents.items()},
            texts=dict(self.texts),
            files=dict(self.files),
            definitions=dict(self.definitions),
            effects=dict(self.effects),
            workers=dict(self.workers),
            numbers=dict(self.numbers),
            seals=list(self.seals),
            leaves=list(self.leaves),
        )


class MemoryStore(MemoryTrail):
    """The contract of `interface.Store` on dictionaries, safe for several threads."""

    def __init__(self) -> None:
        self._rows = _Rows()
        self._lock = threading.RLock()
        self._pinned = threading.local()

    def close(self) -> None:
        """Nothing to give back: the rows live as long as the store."""

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let this thread's reads see the rows as they are now."""
        if getattr(self._pinned, "rows", None) is not None:
            yield
            return
        with self._lock:
            self._pinned.rows = self._rows.copy()
        try:
            yield
        finally:
            self._pinned.rows = None

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """Be the only one who writes."""
        with self._lock:
            yield

    def session_user(self) -> str | None:
        """Return None: nobody logs in to a store in memory."""
        return None

    @property
    def _seen(self) -> _Rows:
        return getattr(self._pinned, "rows", None) or self._rows

    # one plan

    def plan(self, plan: str) -> PlanRow | None:
        """The plan's row."""
        return self._seen.plans.get(plan)

    def write(self, change: PlanChange) -> None:
        """Write all of *change* or nothing."""
        intake.check_change(change)
        with self._lock:
            rows, plan = self._rows, change.plan.id
            stored = rows.plans.get(plan)
            if (stored.revision if stored else 0) != change.expected:
                raise RevisionLost(plan)
            chain = rows.chains.get(plan, [])
            if (chain[-1].seq if chain else 0) > change.expected:
                raise RevisionLost(plan)
            files = _read(change.files)
            if any(effect.id in rows.effects for effect in change.effects):
                raise ValueError("an effect with this id is already stored")
            numbers = {(row.series, row.year, row.number): row for row in change.numbers}
            if numbers.keys() & rows.numbers.keys() or len(numbers) < len(change.numbers):
                raise NumberTaken(plan)

            rows.plans[plan] = change.plan
            rows.chains.setdefault(plan, []).extend(change.events)
            items = rows.work_items.setdefault(plan, {})
            for key in change.gone_items:
                items.pop(key, None)
            items.update(((item.step, item.round, item.key), item) for item in change.work_items)
            rows.documents.setdefault(plan, []).extend(change.documents)
            rows.numbers.update(numbers)
            rows.effects.update((effect.id, effect) for effect in change.effects)
            self._add_content(change.texts, files)
            self._withdraw(change.withdrawn)

    def events(self, plan: str, after: int = 0, limit: int | None = None) -> Iterator[EventRow]:
        """The plan's chain in order, from the event behind seq *after* on."""
        with self._lock:
            behind = [event for event in self._seen.chains.get(plan, ()) if event.seq > after]
        return iter(behind[:limit])

    def event(self, plan: str, seq: int) -> EventRow | None:
        """One event."""
        return next((event for event in self._seen.chains.get(plan, ()) if event.seq == seq), None)

    def request(self, request_id: str) -> Sequence[EventRow]:
        """The events that a command with this request id made, in order."""
        with self._lock:
            made = [e for events in self._seen.chains.values() for e in events if e.request_id == request_id]
        return sorted(made, key=lambda event: (event.plan, event.seq))

    def work_items(self, plan: str) -> Sequence[WorkItemRow]:
        """All rows of one plan, ordered by (step, round, key)."""
        with self._lock:
            return [item for _, item in sorted(self._seen.work_items.get(plan, {}).items())]

    def documents(self, plan: str) -> Sequence[DocumentRow]:
        """The plan's documents, ordered by (seq, position)."""
        with self._lock:
            return sorted(self._seen.documents.get(plan, ()), key=lambda row: (row.seq, row.position))

    def text(self, key: str) -> TextRow | None:
        """A text with its salt; None if it was withdrawn or never stored."""
        return self._seen.texts.get(key)

    def texts(self, keys: Sequence[str]) -> dict[str, str]:
        """The texts by key; keys without a text are left out."""
        texts = self._seen.texts
        return {key: texts[key].text for key in keys if key in texts}

    def file(self, sha256: str) -> Iterator[bytes]:
        """The file's bytes in pieces."""
        if not self.has_file(sha256):
            raise NotFound("There is no stored file {sha256}.", sha256=sha256)
        return iter(self._seen.files[sha256])

    def has_file(self, sha256: str) -> bool:
        """True if the file's bytes are stored."""
        return sha256 in self._seen.files

    def effects(self, plan: str | None = None) -> Sequence[EffectRow]:
        """The effects of one plan or of all, in the order of their making within each plan."""
        with self._lock:
            found = [effect for effect in self._seen.effects.values() if plan in (None, effect.plan)]
        return sorted(found, key=lambda effect: (effect.plan, effect.seq, len(effect.id), effect.id))

    # numbers

    def number(self, series: str, year: int, number: int) -> NumberRow | None:
        """Whose number it is."""
        return self._seen.numbers.get((series, year, number))

    def last_number(self, series: str, year: int) -> int:
        """The greatest number given in a series and year, 0 where there is none."""
        with self._lock:
            return max((key[2] for key in self._seen.numbers if key[:2] == (series, year)), default=0)

    def numbers_of(self, plan: str) -> Sequence[NumberRow]:
        """The numbers that a plan gave."""
        with self._lock:
            return [row for _, row in sorted(self._seen.numbers.items()) if row.plan == plan]

    def numbers(
        self,
        *,
        series: str | None = None,
        year: int | None = None,
        after: tuple[str, int, int] | None = None,
        limit: int = 1000,
    ) -> Sequence[NumberRow]:
        """Numbers ordered by key, from the one behind *after* on."""
        with self._lock:
            found = [
                row
                for key, row in sorted(self._seen.numbers.items())
                if (after is None or key > after) and series in (None, row.series) and year in (None, row.year)
            ]
        return found[:limit]

    # lists

    def plans(
        self, *, status: str | None = None, stage: str | None = None, type: str = "", after: str = "", limit: int = 1000
    ) -> Sequence[PlanRow]:
        """Plans ordered by id, from the one behind id *after* on; with *type* those that have such an event."""
        with self._lock:
            found = [
                row
                for id, row in sorted(self._seen.plans.items())
                if id > after and status in (None, row.status) and stage in (None, row.stage)
                if not type or any(each.type == type for each in self._seen.chains.get(id, ()))
            ]
        return found[:limit]

    def awake(
        self, until: str, *, reminds: bool = False, after: tuple[str, str] = ("", ""), limit: int = 1000
    ) -> Sequence[PlanRow]:
        """Plans that wake, or may remind, on the day *until* or before, by (day, id)."""
        with self._lock:
            days = {id: row.reminds_on if reminds else row.wakes_on for id, row in self._seen.plans.items()}
            found = sorted((day, id) for id, day in days.items() if day is not None and day <= until)
            return [self._seen.plans[id] for day, id in found if (day, id) > after][:limit]

    def due(
        self,
        *,
        until: str | None = None,
        owners: Sequence[str] | None = None,
        askers: Sequence[str] | None = None,
        after: DueKey | None = None,
        limit: int = 1000,
    ) -> Sequence[WorkItemRow]:
        """Open items of active plans by due day, undated ones last."""
        with self._lock:
            rows = self._seen
            found = {
                due_key(item): item
                for plan, items in rows.work_items.items()
                if rows.plans[plan].status == ACTIVE
                for item in items.values()
                if item.open and item.concerns(owners, askers)
            }
        last = until or UNDATED
        return [found[key] for key in sorted(found) if key[0] <= last and (after is None or key > after)][:limit]

    # the workspace

    def definitions(self) -> Sequence[DefinitionRow]:
        """All definitions, ordered by (id, version)."""
        with self._lock:
            return sorted(self._seen.definitions.values(), key=lambda row: (row.id, row.version))

    def definition(self, hash: str) -> DefinitionRow | None:
        """The definition with this hash."""
        return self._seen.definitions.get(hash)

    def definition_version(self, id: str, version: int) -> DefinitionRow | None:
        """The definition with this id and version."""
        return next((row for row in self.definitions() if (row.id, row.version) == (id, version)), None)

    def workspace_head(self) -> EventRow | None:
        """The newest event of the `@workspace` chain."""
        return next(reversed(self._seen.chains.get(WORKSPACE_CHAIN, ())), None)

    def latest_workspace_event(self, type: str, before: int | None = None) -> EventRow | None:
        """The newest `@workspace` event of this type, of those before seq *before*."""
        events = reversed(self._seen.chains.get(WORKSPACE_CHAIN, ()))
        return next((event for event in events if event.type == type and (before is None or event.seq < before)), None)

    def record_leaving(self, event: EventRow) -> None:
        """Append one event to the `@workspace` chain that something leaves the house."""
        self.append_workspace([event])

    def append_workspace(
        self,
        events: Sequence[EventRow],
        *,
        texts: Sequence[TextRow] = (),
        definitions: Sequence[DefinitionRow] = (),
        files: Sequence[tuple[str, Iterable[bytes]]] = (),
        effects: Sequence[tuple[EffectRow, EffectRow]] = (),
        withdrawn: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Append to the `@workspace` chain with what belongs to the events, or write nothing."""
        with self._lock:
            chain = self._rows.chains.get(WORKSPACE_CHAIN, [])
            intake.check_workspace(events, chain[-1] if chain else None)
            for row in definitions:
                intake.check_definition(row, self._stored_version(row))
            read = _read(files)
            if moved := [before.id for before, _ in effects if not self._is(before)]:
                raise EffectMoved(moved[0])
            self._rows.effects.update((after.id, after) for _, after in effects)
            self._rows.chains.setdefault(WORKSPACE_CHAIN, []).extend(events)
            for row in definitions:
                self._rows.definitions.setdefault(row.hash, row)
            self._add_content(texts, read)
            self._withdraw(withdrawn)

    def chains(self, after: str = "", limit: int = 1000) -> Sequence[tuple[str, int, bytes]]:
        """(chain, last seq, last hash) of every chain ordered by id."""
        with self._lock:
            ends = [(chain, e[-1].seq, e[-1].hash) for chain, e in sorted(self._seen.chains.items()) if chain > after]
        return ends[:limit]

    def append_only(self) -> bool:
        """Events are frozen values, and no method changes or removes one."""
        return True

    def storage_settings(self) -> dict[str, str]:
        """Nothing is kept beyond the process, and nobody expects it."""
        return {}

    def server_time(self) -> str | None:
        """There is no other clock than this machine's."""
        return None

    def latest_recorded(self) -> str | None:
        """The latest instant at which any event was recorded."""
        with self._lock:
            return max((e.recorded_at for events in self._seen.chains.values() for e in events), default=None)

    def rebuild(self, plan: PlanRow, work_items: Sequence[WorkItemRow]) -> None:
        """Replace one plan's projection with the rows that replay gives."""
        with self._lock:
            chain = self._rows.chains.get(plan.id)
            if not chain or (chain[-1].seq, chain[-1].hash) != (plan.revision, plan.head):
                raise RevisionLost(plan.id)
            self._rows.plans[plan.id] = plan
            self._rows.work_items[plan.id] = {(item.step, item.round, item.key): item for item in work_items}

    def _stored_version(self, row: DefinitionRow) -> DefinitionRow | None:
        stored = self._rows.definitions.values()
        return next((other for other in stored if (other.id, other.version) == (row.id, row.version)), None)

    def _withdraw(self, contents: Sequence[tuple[str, str]]) -> None:
        for key, kind in contents:
            if kind == "text":
                self._rows.texts.pop(key, None)
            else:
                self._rows.files.pop(key, None)

    def _add_content(self, texts: Sequence[TextRow], files: dict[str, tuple[bytes, ...]]) -> None:
        for text in texts:
            self._rows.texts.setdefault(text.key, text)
        for sha256, pieces in files.items():
            self._rows.files.setdefault(sha256, pieces)


def _read(files: Sequence[tuple[str, Iterable[bytes]]]) -> dict[str, tuple[bytes, ...]]:
    """Read all files to the end before anything is written."""
    return {sha256: tuple(intake.in_pieces(sha256, pieces)) for sha256, pieces in files}
