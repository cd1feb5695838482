"""Seals and leaves on a database; `SqlStore` has them with everything else."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from workflow.store.interface import RevisionLost
from workflow.store.outbox import Outbox
from workflow.store.seals import LeafRow, SealRow, check_seal
from workflow.store.statement import leaf_values, seal_values


class Sealed(Outbox):
    """The part of `interface.Store` that concerns seals."""

    def _writing(self) -> AbstractContextManager[Any]:
        raise TypeError("opened by SqlStore")

    def append_seal(self, seal: SealRow, leaves: Sequence[LeafRow]) -> None:
        """Add a seal with its new leaves, or nothing."""
        sql = self._sql
        with self._writing() as cursor:
            cursor.execute(sql.last_seal.text, sql.last_seal.with_values())
            last = cursor.fetchone()
            if not check_seal(seal, leaves, SealRow(*last) if last else None):
                raise RevisionLost("seal")
            try:
                cursor.execute(sql.insert_seal.text, seal_values(seal))
            except self._backend.IntegrityError as error:
                # Somebody was quicker between the question and this.
                raise RevisionLost("seal") from error
            cursor.executemany(sql.insert_leaf.text, list(map(leaf_values, leaves)))

    def seal(self, number: int) -> SealRow | None:
        """One seal."""
        row = self._row(self._sql.seal, number)
        return SealRow(*row) if row else None

    def last_seal(self) -> SealRow | None:
        """The newest seal."""
        row = self._row(self._sql.last_seal)
        return SealRow(*row) if row else None

    def seals(self, after: int = 0, limit: int = 1000) -> Sequence[SealRow]:
        """Seals ordered by number, from the one behind *after* on."""
        return [SealRow(*row) for row in self._rows(self._sql.seals, after, limit)]

    def leaves(self, after: int = -1, limit: int = 1000) -> Sequence[LeafRow]:
        """Leaves ordered by position, from the one behind *after* on."""
        return [LeafRow(*row) for row in self._rows(self._sql.leaves, after, limit)]

    def leaves_of(self, plan: str, after: int = 0, limit: int = 1000) -> Sequence[LeafRow]:
        """The leaves of one chain ordered by seq, from the one behind seq *after* on."""
        return [LeafRow(*row) for row in self._rows(self._sql.leaves_of, plan, after, limit)]

    def sealed_heads(self, size: int, after: str = "", limit: int = 1000) -> Sequence[LeafRow]:
        """Of the first *size* leaves the last of each chain, ordered by chain."""
        return [LeafRow(*row) for row in self._rows(self._sql.sealed_heads, after, size, limit)]
