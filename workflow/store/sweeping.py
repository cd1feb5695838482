"""Walks along all chains on a database: on the driver's own cursor, so that no page is searched for by its key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from workflow.messages import WORKSPACE_CHAIN
from workflow.store.reading import Reading
from workflow.store.sweeps import AT_ONCE, OF_PLANS


class Sweeping(Reading):
    """The part of `interface.Store` that looks at every event; `SqlStore` extends it."""

    def sweep(
        self, *, columns: bool = True, after: str | None = None, until: str | None = None
    ) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Yield the driver's own rows of all chains, page by page, ordered by (plan, seq); inside a snapshot."""
        statement = self._sql.sweep(columns, after is not None, until is not None)
        values = tuple(value for value in (after, until) if value is not None)
        with self._translated():
            pages = self._backend.stream(self._reading(), statement.text, values + statement.constants, AT_ONCE)
        while True:
            # What goes wrong in the hands of who takes the page is not the driver's.
            with self._translated():
                page = next(pages, None)
            if page is None:
                return
            yield page

    def spread(self, parts: int) -> tuple[int, tuple[str, ...]]:
        """How many events there are, and the chains that end so many parts of about the same size but the last."""
        ((count,),) = self._rows(self._sql.count_events())
        ends: list[str] = []
        while len(ends) < parts - 1:
            found = self._rows(self._sql.chain_far_behind(), ends[-1] if ends else "", max(count // parts - 1, 0))
            if not found or not isinstance(found[0][0], str) or found[0][0] in ends:
                break
            ends.append(found[0][0])
        return count, tuple(ends)

    def strays(self, limit: int = 1000) -> Sequence[tuple[str, Any]]:
        """(table, plan) of rows that belong to a plan without events, or to the workspace's own chain."""
        found: list[tuple[str, Any]] = []
        for table in OF_PLANS:
            rows = self._rows(self._sql.strays(table), WORKSPACE_CHAIN, limit)
            found += [(table, plan) for (plan,) in rows]
        return found[:limit]
