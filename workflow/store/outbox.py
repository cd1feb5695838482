"""The outbox on a database: who carries an effect out next, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from operator import attrgetter
from typing import Any

from workflow.store.effects import EffectMoved, EffectRow, WorkerRow
from workflow.store.health import Health

_FATE = ("state", "at", "tries", "spared", "worker", "reason")
"""What changes in an effect's row."""

_fate = attrgetter(*_FATE)
_worker_values = attrgetter("id", "host", "pid", "version", "started_at", "seen_at", "ended_at")


class Outbox(Health):
    """The part of `interface.Store` that concerns effects; `SqlStore` extends it."""

    def _writing(self) -> AbstractContextManager[Any]:
        raise TypeError("opened by SqlStore")

    def effect(self, id: str) -> EffectRow | None:
        """One effect."""
        row = self._row(self._sql.effect, id)
        return EffectRow(*row) if row else None

    def effect_page(
        self, *, state: str | None = None, after: tuple[str, str, str] = ("", "", ""), limit: int = 1000
    ) -> Sequence[EffectRow]:
        """Effects ordered by (state, at, id), from the one behind *after* on."""
        by = {"state": state} if state is not None else {}
        return [EffectRow(*row) for row in self._rows(self._sql.effect_page(*by), *by.values(), *after, limit)]

    def take_effects(self, worker: str, now: str, until: str, limit: int) -> Sequence[EffectRow]:
        """Put waiting effects whose time has come into a worker's hands, each into those of one."""
        taken: list[EffectRow] = []
        # Asked first without a right to write: mostly there is nothing, and a writer would be waited for.
        if not self._rows(self._sql.due_effects, now, 1):
            return taken
        with self._writing() as cursor:
            statement = self._sql.due_effects
            cursor.execute(statement.text, statement.with_values(now, limit))
            for row in cursor.fetchall():
                before = EffectRow(*row)
                after = replace(before, tries=before.tries + 1, worker=worker, at=until)
                if self._changed(cursor, before, after):
                    taken.append(after)
        return taken

    def change_effect(self, before: EffectRow, after: EffectRow) -> bool:
        """Replace a row by *after* if it is still as *before*."""
        with self._writing() as cursor:
            return self._changed(cursor, before, after)

    def _change_effects(self, cursor: Any, effects: Sequence[tuple[EffectRow, EffectRow]]) -> None:
        for before, after in effects:
            if not self._changed(cursor, before, after):
                raise EffectMoved(before.id)

    def _changed(self, cursor: Any, before: EffectRow, after: EffectRow) -> bool:
        key = (before.id, before.state, before.tries, before.spared)
        cursor.execute(self._sql.change_effect.text, (*_fate(after), *key))
        return bool(cursor.rowcount == 1)

    def release_effects(self, worker: str, now: str) -> int:
        """Let everything that a worker had in hand be taken anew; how many these were."""
        with self._writing() as cursor:
            statement = self._sql.release_effects
            cursor.execute(statement.text, statement.with_values(now, worker))
            return int(cursor.rowcount)

    def beat(self, worker: WorkerRow) -> None:
        """Put a worker's sign of life, new or in place of its last."""
        with self._writing() as cursor:
            cursor.execute(self._sql.put_worker.text, _worker_values(worker))

    def forget_worker(self, id: str) -> None:
        """Take a worker's sign of life away."""
        with self._writing() as cursor:
            cursor.execute(self._sql.delete_worker.text, (id,))

    def workers(self) -> Sequence[WorkerRow]:
        """All signs of life, ordered by (seen_at, id)."""
        return [WorkerRow(*row) for row in self._rows(self._sql.workers)]
