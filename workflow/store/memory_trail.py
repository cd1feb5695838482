"""The trail over all chains in memory; `MemoryStore` has it with everything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workflow.store.interface import EventRow
from workflow.store.memory_seals import MemorySeals
from workflow.store.trails import BEGINNING, END, AboutRow, Along, Key, about_rows, subjects_of


class MemoryTrail(MemorySeals):
    """The part of `interface.Store` that concerns reading the trail: what it is about is worked out when asked."""

    def trail(
        self, along: Along = "", value: str = "", *, after: Key = BEGINNING, until: str = END, limit: int = 1000
    ) -> Sequence[EventRow]:
        """Events from the one behind the key *after* on, in the order in which they were recorded."""
        with self._lock:
            found = [row for row in self._all() if after < _key(row) and row.recorded_at <= until]
        return sorted((row for row in found if _is_along(row, along, value)), key=_key)[:limit]

    def trail_keys(
        self, along: Along = "", value: str = "", *, after: Key = BEGINNING, until: str = END, limit: int = 1000
    ) -> Sequence[Key]:
        """The keys of what `trail` would return."""
        return [_key(row) for row in self.trail(along, value, after=after, until=until, limit=limit)]

    def subjects(self, beginning: str, limit: int = 10) -> Sequence[str]:
        """The subjects that begin so, in order."""
        with self._lock:
            found = {subject for row in self._all() for subject in subjects_of(row.body)}
        return sorted(subject for subject in found if subject.startswith(beginning))[:limit]

    def about(self, after: AboutRow = ("", *BEGINNING), limit: int = 1000) -> Sequence[AboutRow]:
        """All subjects with their events, ordered, from the row behind *after* on."""
        with self._lock:
            return sorted(row for row in about_rows(self._all()) if row > after)[:limit]

    def _all(self) -> Iterator[EventRow]:
        for chain in self._seen.chains.values():
            yield from chain


def _key(row: EventRow) -> Key:
    return row.recorded_at, row.plan, row.seq


def _is_along(row: EventRow, along: Along, value: str) -> bool:
    if along == "subject":
        return value in subjects_of(row.body)
    return not along or getattr(row, along) == value
