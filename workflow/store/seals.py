"""The part of the store's contract that concerns seals: rows, and what is asked about them.

A seal is over the leaves at the positions 0 to `size` - 1, in which each chain that had grown stands with its
newest event of that time. Neither table knows of the other chains: that a leaf is true is for verification to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SealRow:
    """One signed checkpoint over all leaves so far.

    Attributes:
        number: From 1.
        size: How many leaves it is over.
        root: The RFC 6962 root over these, 32 bytes.
        note: The signed note as it was written out.
        at: ISO instant, as the note has it.
    """

    number: int
    size: int
    root: bytes
    note: bytes
    at: str


@dataclass(frozen=True, slots=True)
class LeafRow:
    """Event `seq` of a chain, its newest when seal number `seal` was made; `position` counts from 0."""

    position: int
    plan: str
    seq: int
    hash: bytes
    seal: int


class SealStore(Protocol):
    """Seals and leaves; nothing changes or removes one."""

    def append_seal(self, seal: SealRow, leaves: Sequence[LeafRow]) -> None:
        """Add a seal with its new leaves. Raises `RevisionLost` if another seal was made in between."""
        ...

    def seal(self, number: int) -> SealRow | None: ...
    def last_seal(self) -> SealRow | None: ...
    def seals(self, after: int = 0, limit: int = 1000) -> Sequence[SealRow]:
        """Seals ordered by number, from the one behind *after* on."""
        ...

    def leaves(self, after: int = -1, limit: int = 1000) -> Sequence[LeafRow]:
        """Leaves ordered by position, from the one behind *after* on."""
        ...

    def leaves_of(self, plan: str, after: int = 0, limit: int = 1000) -> Sequence[LeafRow]:
        """The leaves of one chain ordered by seq, from the one behind seq *after* on."""
        ...

    def sealed_heads(self, size: int, after: str = "", limit: int = 1000) -> Sequence[LeafRow]:
        """Of the first *size* leaves the last of each chain, ordered by chain, from the one behind *after* on."""
        ...


def check_seal(seal: SealRow, leaves: Sequence[LeafRow], last: SealRow | None) -> bool:
    """Check that a seal and its leaves go on where the *last* seal ended; False if another seal came in between.

    Raises:
        ValueError: If they are no such piece.
    """
    if (seal.number - 1, seal.size - len(leaves)) != ((last.number, last.size) if last else (0, 0)):
        return False
    expected = [(position, seal.number) for position in range(seal.size - len(leaves), seal.size)]
    if not leaves or expected != [(leaf.position, leaf.seal) for leaf in leaves]:
        raise ValueError(f"the leaves of seal {seal.number} do not continue those before it")
    return True
