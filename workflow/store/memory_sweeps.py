"""Walks along all chains in memory; `MemoryStore` has them with everything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

from workflow.messages import WORKSPACE_CHAIN
from workflow.store.sweeps import AT_ONCE, BESIDE, CHAIN, OF_PLANS

_of_chain = attrgetter(*CHAIN)
_whole = attrgetter(*CHAIN, *BESIDE)


class MemorySweeps:
    """The part of `interface.Store` that looks at every event, on lists."""

    @property
    def _seen(self) -> Any:
        raise TypeError("opened by MemoryStore")

    def sweep(
        self, *, columns: bool = True, after: str | None = None, until: str | None = None
    ) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Yield the rows of all chains, page by page, ordered by (plan, seq)."""
        values = _whole if columns else _of_chain
        for chain, events in sorted(self._seen.chains.items()):
            if (after is None or chain > after) and (until is None or chain <= until):
                for start in range(0, len(events), AT_ONCE):
                    yield [values(event) for event in events[start : start + AT_ONCE]]

    def spread(self, parts: int) -> tuple[int, tuple[str, ...]]:
        """How many events there are, and the chains that end so many parts of about the same size but the last."""
        chains = sorted(self._seen.chains.items())
        count = sum(len(events) for _, events in chains)
        ends: list[str] = []
        size = 0
        for chain, events in chains:
            size += len(events)
            if len(ends) < parts - 1 and size >= count // parts:
                ends.append(chain)
                size = 0
        return count, tuple(ends)

    def strays(self, limit: int = 1000) -> Sequence[tuple[str, Any]]:
        """(table, plan) of rows that belong to a plan without events, or to the workspace's own chain."""
        rows = self._seen
        plans = {
            "plan": set(rows.plans),
            "work_item": {plan for plan, items in rows.work_items.items() if items},
            "document": {plan for plan, documents in rows.documents.items() if documents},
            "effect": {effect.plan for effect in rows.effects.values()},
            "issued_number": {number.plan for number in rows.numbers.values()},
        }
        known = set(rows.chains) - {WORKSPACE_CHAIN}
        return [(table, plan) for table in OF_PLANS for plan in sorted(plans[table] - known)][:limit]
