"""Seals and leaves in memory; `MemoryStore` has them with everything else."""

from __future__ import annotations

from collections.abc import Sequence

from workflow.store.interface import RevisionLost
from workflow.store.memory_outbox import MemoryOutbox
from workflow.store.seals import LeafRow, SealRow, check_seal


class MemorySeals(MemoryOutbox):
    """The part of `interface.Store` that concerns seals, on lists."""

    def append_seal(self, seal: SealRow, leaves: Sequence[LeafRow]) -> None:
        """Add a seal with its new leaves, or nothing."""
        with self._lock:
            rows = self._rows
            if not check_seal(seal, leaves, rows.seals[-1] if rows.seals else None):
                raise RevisionLost("seal")
            known = {(leaf.plan, leaf.seq) for leaf in rows.leaves}
            if any((leaf.plan, leaf.seq) in known for leaf in leaves):
                raise ValueError("an event has a leaf already")
            rows.seals.append(seal)
            rows.leaves.extend(leaves)

    def seal(self, number: int) -> SealRow | None:
        """One seal."""
        return next((seal for seal in self._seen.seals if seal.number == number), None)

    def last_seal(self) -> SealRow | None:
        """The newest seal."""
        return next(reversed(self._seen.seals), None)

    def seals(self, after: int = 0, limit: int = 1000) -> Sequence[SealRow]:
        """Seals ordered by number, from the one behind *after* on."""
        with self._lock:
            return [seal for seal in self._seen.seals if seal.number > after][:limit]

    def leaves(self, after: int = -1, limit: int = 1000) -> Sequence[LeafRow]:
        """Leaves ordered by position, from the one behind *after* on."""
        with self._lock:
            return self._seen.leaves[after + 1 : after + 1 + limit]

    def leaves_of(self, plan: str, after: int = 0, limit: int = 1000) -> Sequence[LeafRow]:
        """The leaves of one chain ordered by seq, from the one behind seq *after* on."""
        with self._lock:
            return [leaf for leaf in self._seen.leaves if leaf.plan == plan and leaf.seq > after][:limit]

    def sealed_heads(self, size: int, after: str = "", limit: int = 1000) -> Sequence[LeafRow]:
        """Of the first *size* leaves the last of each chain, ordered by chain."""
        with self._lock:
            last = {leaf.plan: leaf for leaf in self._seen.leaves[:size] if leaf.plan > after}
        return [leaf for _, leaf in sorted(last.items())][:limit]
