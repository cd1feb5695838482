"""The trail over all chains on a database; `SqlStore` has it with everything else."""

from __future__ import annotations

from collections.abc import Sequence

from workflow.store.interface import EventRow
from workflow.store.sealed import Sealed
from workflow.store.trails import BEGINNING, END, AboutRow, Along, Key


class TrailReading(Sealed):
    """The part of `interface.Store` that concerns reading the trail."""

    def trail(
        self, along: Along = "", value: str = "", *, after: Key = BEGINNING, until: str = END, limit: int = 1000
    ) -> Sequence[EventRow]:
        """Events from the one behind the key *after* on, in the order in which they were recorded."""
        given = (value,) if along else ()
        return [EventRow(*row) for row in self._rows(self._sql.trail(along, True), *given, *after, until, limit)]

    def trail_keys(
        self, along: Along = "", value: str = "", *, after: Key = BEGINNING, until: str = END, limit: int = 1000
    ) -> Sequence[Key]:
        """The keys of what `trail` would return."""
        given = (value,) if along else ()
        return [tuple(row) for row in self._rows(self._sql.trail(along, False), *given, *after, until, limit)]

    def subjects(self, beginning: str, limit: int = 10) -> Sequence[str]:
        """The subjects that begin so, one step along the index for each."""
        found: list[str] = []
        row = self._row(self._sql.about, beginning, *BEGINNING, 1)
        while row is not None and row[0].startswith(beginning) and len(found) < limit:
            found.append(row[0])
            row = self._row(self._sql.next_subject, row[0])
        return found

    def about(self, after: AboutRow = ("", *BEGINNING), limit: int = 1000) -> Sequence[AboutRow]:
        """All subjects with their events, ordered, from the row behind *after* on."""
        return [tuple(row) for row in self._rows(self._sql.about, *after, limit)]
