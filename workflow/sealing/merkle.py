"""The Merkle tree of RFC 6962 over leaves in their order: roots, proofs, and whether a proof holds.

Leaves come as a stream and are looked at once; what is kept is a handful of hashes for each doubling of their
number. A proof is a list of hashes of parts of the tree, and a part is named by the leaves `(first, behind)` it is
over, so that any number of proofs are taken from one pass (`parts`).

Source: RFC 6962, 2.1; the checks after RFC 9162, 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from workflow.audit import canonical_json

EMPTY: Final = hashlib.sha256(b"").digest()
"""The root over no leaves at all."""

Part = tuple[int, int]
"""The leaves from the first position to the one before the second."""


def leaf_data(plan: str, seq: int, hash: bytes) -> bytes:
    """Return the bytes of a leaf: canonical JSON of the chain, the place of its newest event, and its hash.

    Raises:
        audit.NotCanonical: If the values are none that an event could have.
    """
    if plan.isascii() and plan.isprintable() and not {'"', "\\"} & set(plan) and 0 <= seq < 2**53:
        # The same bytes, at a fraction of the time: a log has many leaves, and nearly all ids are plain.
        return f'{{"hash":"{hash.hex()}","plan":"{plan}","seq":{seq}}}'.encode()
    return canonical_json({"hash": hash.hex(), "plan": plan, "seq": seq})


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf's bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a part that has two halves."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree to which leaves are added; it keeps its whole halves only, 20 hashes for a million leaves."""

    def __init__(self) -> None:
        self.size = 0
        # Whole parts from left to right, each of a power of two of leaves, each smaller than the one before.
        self._whole: list[tuple[Part, bytes]] = []

    def add(self, hash: bytes) -> list[tuple[Part, bytes]]:
        """Add a leaf by its hash; returns the parts that are whole with it, itself first."""
        part, made = (self.size, self.size + 1), []
        self.size += 1
        made.append((part, hash))
        while self._whole and self._whole[-1][0][1] - self._whole[-1][0][0] == part[1] - part[0]:
            (first, _), left = self._whole.pop()
            part, hash = (first, part[1]), node_hash(left, hash)
            made.append((part, hash))
        self._whole.append((part, hash))
        return made

    def edge(self) -> list[tuple[Part, bytes]]:
        """Return the parts that end with the last leaf and are not whole, the root last."""
        joined: list[tuple[Part, bytes]] = []
        for part, hash in reversed(self._whole):
            if joined:
                (_, behind), right = joined[-1]
                joined.append(((part[0], behind), node_hash(hash, right)))
            else:
                joined.append((part, hash))
        return joined

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        return self.edge()[-1][1] if self.size else EMPTY


def parts(hashes: Iterable[bytes], size: int, wanted: Iterable[Part]) -> dict[Part, bytes]:
    """Return the hashes of the *wanted* parts of the tree over the first *size* leaves, in one pass.

    Raises:
        ValueError: If there are fewer leaves, or the tree has no such part.
    """
    tree, left, found = Tree(), set(wanted), {}
    for hash in hashes:
        if tree.size == size:
            break
        for part, value in tree.add(hash):
            if part in left:
                found[part] = value
    found.update((part, value) for part, value in tree.edge() if part in left)
    if tree.size < size or left - found.keys():
        raise ValueError(f"a tree over {tree.size} leaves has no such parts of {size}")
    return found


def inclusion_parts(index: int, size: int) -> list[Part]:
    """Return the parts whose hashes prove that leaf *index* is in the tree over *size* leaves, the leaf's side first.

    Raises:
        ValueError: If there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    path, first, behind = [], 0, size
    while behind - first > 1:
        middle = first + _half(behind - first)
        if index < middle:
            path.append((middle, behind))
            behind = middle
        else:
            path.append((first, middle))
            first = middle
    return path[::-1]


def consistency_parts(old: int, new: int) -> list[Part]:
    """Return the parts whose hashes prove that the first *old* of *new* leaves are what they were.

    Raises:
        ValueError: If *old* is not from 1 to *new*.
    """
    if not 0 < old <= new:
        raise ValueError(f"{old} leaves are no beginning of {new}")
    path, first, behind, is_known = [], 0, new, True
    while old != behind:
        middle = first + _half(behind - first)
        if old <= middle:
            path.append((middle, behind))
            behind = middle
        else:
            path.append((first, middle))
            first, is_known = middle, False
    # A part that begins with the first leaf is the old tree itself, whose root is known.
    return path[::-1] if is_known else [(first, behind), *path[::-1]]


def _half(size: int) -> int:
    """The greatest power of two that is smaller than *size*."""
    return 1 << (size - 1).bit_length() - 1


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether *path* proves that the leaf with the hash *leaf* is number *index* of *size* under *root*."""
    if not 0 <= index < size:
        return False
    at, last, hash = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            hash = node_hash(step, hash)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            hash = node_hash(hash, step)
        at, last = at >> 1, last >> 1
    return last == 0 and hash == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Tell whether *path* proves that the tree of *old* leaves is the beginning of that of *new* leaves."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, step)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root
