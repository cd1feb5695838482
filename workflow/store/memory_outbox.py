"""The outbox in memory; `MemoryStore` has it with everything else."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from workflow.store.effects import EffectRow, WorkerRow
from workflow.store.memory_sweeps import MemorySweeps


class MemoryOutbox(MemorySweeps):
    """The part of `interface.Store` that concerns effects, on dictionaries."""

    _rows: Any
    _lock: threading.RLock

    @property
    def _seen(self) -> Any:
        raise TypeError("opened by MemoryStore")

    def effect(self, id: str) -> EffectRow | None:
        """One effect."""
        return self._seen.effects.get(id)

    def effect_page(
        self, *, state: str | None = None, after: tuple[str, str, str] = ("", "", ""), limit: int = 1000
    ) -> Sequence[EffectRow]:
        """Effects ordered by (state, at, id), from the one behind *after* on."""
        with self._lock:
            by_key = {(row.state, row.at, row.id): row for row in self._seen.effects.values()}
        return [by_key[key] for key in sorted(by_key) if key > after and state in (None, key[0])][:limit]

    def take_effects(self, worker: str, now: str, until: str, limit: int) -> Sequence[EffectRow]:
        """Put waiting effects whose time has come into a worker's hands, each into those of one."""
        with self._lock:
            due = [row for row in self.effect_page(state="waiting", limit=len(self._rows.effects)) if row.at <= now]
            taken = [replace(row, tries=row.tries + 1, worker=worker, at=until) for row in due[:limit]]
            self._rows.effects.update((row.id, row) for row in taken)
        return taken

    def change_effect(self, before: EffectRow, after: EffectRow) -> bool:
        """Replace a row by *after* if it is still as *before*."""
        with self._lock:
            if same := self._is(before):
                self._rows.effects[after.id] = after
        return same

    def _is(self, before: EffectRow) -> bool:
        row = self._rows.effects.get(before.id)
        key = (before.state, before.tries, before.spared)
        return row is not None and (row.state, row.tries, row.spared) == key

    def release_effects(self, worker: str, now: str) -> int:
        """Let everything that a worker had in hand be taken anew; how many these were."""
        with self._lock:
            held = [r for r in self._rows.effects.values() if r.worker == worker and r.state == "waiting"]
            self._rows.effects.update((row.id, replace(row, worker=None, at=now)) for row in held)
        return len(held)

    def beat(self, worker: WorkerRow) -> None:
        """Put a worker's sign of life, new or in place of its last."""
        with self._lock:
            self._rows.workers[worker.id] = worker

    def forget_worker(self, id: str) -> None:
        """Take a worker's sign of life away."""
        with self._lock:
            self._rows.workers.pop(id, None)

    def workers(self) -> Sequence[WorkerRow]:
        """All signs of life, ordered by (seen_at, id)."""
        with self._lock:
            return sorted(self._seen.workers.values(), key=lambda row: (row.seen_at, row.id))
