"""The part of the store's contract for who looks at every event there is: rows as they are, chain after chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol

CHAIN: Final = ("plan", "seq", "previous", "hash", "body")
"""The columns of which the chain is made, in the order of `sweep`."""
BESIDE: Final = ("type", "occurred_on", "recorded_at", "actor", "request_id")
"""The columns that repeat what the bytes say, in the order of `sweep`."""
OF_PLANS: Final = ("plan", "work_item", "document", "effect", "issued_number")
"""The tables whose rows belong to plans."""
AT_ONCE: Final = 128
"""So many rows to a page: few enough to stay near the processor while they are looked at."""


class SweepStore(Protocol):
    """Walks along all chains."""

    def sweep(
        self, *, columns: bool = True, after: str | None = None, until: str | None = None
    ) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Yield the driver's own rows of all chains, page by page, ordered by (plan, seq); inside a snapshot.

        No more than one page is held. Values have the types that they have in the database, whatever a hand has put
        there; text that is no UTF-8 has lone surrogates.

        Args:
            columns: With the columns `BESIDE` behind those of the `CHAIN`.
            after: Chains behind this one; all from the first on where None.
            until: Chains up to this one and with it.
        """
        ...

    def spread(self, parts: int) -> tuple[int, tuple[str, ...]]:
        """How many events there are, and the chains that end so many parts of about the same size but the last."""
        ...

    def strays(self, limit: int = 1000) -> Sequence[tuple[str, Any]]:
        """(table, plan) of rows that belong to a plan without events, or to the workspace's own chain."""
        ...
