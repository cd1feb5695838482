"""What the stored record says of its seals: whose it is, which keys count, its leaves, and proofs from these.

Everything is read page by page: a million leaves take no more memory than a thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from workflow import audit, messages
from workflow.errors import N_, InvalidInput, Phrase, Reason
from workflow.messages import WORKSPACE_CHAIN, Event
from workflow.sealing import merkle
from workflow.sealing.keys import PublicKey, parse_line
from workflow.sealing.notes import Checkpoint
from workflow.store.interface import EventRow, Store
from workflow.store.seals import LeafRow, SealRow

_PAGE: Final = 1000
_ORIGIN: Final = "trinh/"
_SETTLED: Final = timedelta(hours=1)
"""What is so much older than a seal must be under it; so far the clocks of an office may be apart."""
T = TypeVar("T")


@dataclass(frozen=True)
class KnownKey:
    """A key as the workspace's chain tells of it.

    Attributes:
        added: Seq of the event by which it was made known; `retired` of the one that ended it.
    """

    public: PublicKey
    added: int
    added_at: datetime
    added_by: str | None
    retired: int | None = None
    retired_at: datetime | None = None

    @property
    def id(self) -> str:
        return self.public.id

    @property
    def is_active(self) -> bool:
        return self.retired is None

    def counts_at(self, seq: int) -> bool:
        """True if the workspace's chain, up to its event *seq*, has it as a key that may sign."""
        return self.added <= seq and (self.retired is None or self.retired > seq)


def origin_of(store: Store) -> str | None:
    """Return the name of the workspace's log, which its first event gives it; None where nothing is recorded."""
    first = store.event(WORKSPACE_CHAIN, 1)
    return f"{_ORIGIN}{first.hash.hex()[:16]}" if first is not None and isinstance(first.hash, bytes) else None


def known_keys(store: Store) -> tuple[KnownKey, ...]:
    """Return every key that was ever made known, oldest first; an event that cannot be read tells of none."""
    retired = {}
    for event in _of_type(store, messages.KEY_RETIRED):
        retired[event.data.get("id")] = event
    found: list[KnownKey] = []
    for event in _of_type(store, messages.KEY_ADDED):
        try:
            public = parse_line(event.data["public"])
        except (InvalidInput, KeyError, TypeError):
            continue
        key = KnownKey(public, event.seq, event.recorded_at, event.actor)
        if (end := retired.get(public.id)) is not None:
            key = replace(key, retired=end.seq, retired_at=end.recorded_at)
        found.append(key)
    return tuple(reversed(found))


def _of_type(store: Store, type_: str) -> Iterator[Event]:
    """The workspace's events of a type, newest first."""
    row: EventRow | None = store.latest_workspace_event(type_)
    while row is not None:
        try:
            event = audit.event_of(row.body)
        except (ValueError, TypeError):
            event = None
        if event is not None and event.type == type_ and event.plan == WORKSPACE_CHAIN and event.seq == row.seq:
            yield event
        if not isinstance(row.seq, int):
            return
        row = store.latest_workspace_event(type_, row.seq)


def signing_key(store: Store) -> KnownKey | None:
    """Return the key that signs: the newest that was not retired."""
    return next((key for key in reversed(known_keys(store)) if key.is_active), None)


# leaves


def leaves(store: Store, size: int | None = None) -> Iterator[LeafRow]:
    """Yield the leaves in their order, the first *size* of them."""
    for leaf in _pages(lambda after: store.leaves(after, _PAGE), lambda leaf: leaf.position, -1):
        if size is not None and leaf.position >= size:
            return
        yield leaf


def hash_of(leaf: LeafRow) -> bytes:
    """Return a stored leaf's hash.

    Raises:
        ValueError: If a hand put something there that no leaf can have.
    """
    if not (isinstance(leaf.plan, str) and isinstance(leaf.hash, bytes) and type(leaf.seq) is int):
        raise ValueError(f"leaf {leaf.position} cannot be read")
    return merkle.leaf_hash(merkle.leaf_data(leaf.plan, leaf.seq, leaf.hash))


def seals(store: Store) -> Iterator[SealRow]:
    """Yield all seals, oldest first."""
    return _pages(lambda after: store.seals(after, _PAGE), lambda seal: seal.number, 0)


def _pages(page_after: Callable[[Any], Sequence[T]], key: Callable[[T], Any], start: Any) -> Iterator[T]:
    after = start
    while page := page_after(after):
        yield from page
        # A key that a hand has damaged reads otherwise than it sorts: it must not be met for ever.
        if len(page) < _PAGE or not isinstance(key(page[-1]), type(start)) or key(page[-1]) <= after:
            return
        after = key(page[-1])


# proofs


def inclusion(store: Store, indexes: Iterable[int], size: int) -> dict[int, list[bytes]]:
    """Return the path of each of these leaves in the tree over the first *size*, from one pass over them.

    Raises:
        ValueError: If there is no such leaf, or one cannot be read.
    """
    wanted = {index: merkle.inclusion_parts(index, size) for index in indexes}
    found = merkle.parts(map(hash_of, leaves(store, size)), size, {part for path in wanted.values() for part in path})
    return {index: [found[part] for part in path] for index, path in wanted.items()}


def consistency(store: Store, old: Iterable[int], new: int) -> dict[int, list[bytes]]:
    """Return for each of these sizes the proof that joins it to size *new*, from one pass over the leaves.

    Raises:
        ValueError: If there are not so many leaves, or one cannot be read.
    """
    wanted = {size: merkle.consistency_parts(size, new) for size in old}
    found = merkle.parts(map(hash_of, leaves(store, new)), new, {part for path in wanted.values() for part in path})
    return {size: [found[part] for part in path] for size, path in wanted.items()}


def leaf_over(store: Store, plan: str, seq: int, size: int) -> LeafRow | None:
    """Return the first leaf, of the first *size*, whose event is *seq* of its chain or a later one."""
    found = next(iter(store.leaves_of(plan, seq - 1, 1)), None)
    return found if found is not None and found.position < size else None


# chains beside their leaves

Head = tuple[str, int, bytes]


def paired(store: Store, size: int) -> Iterator[tuple[str, Head | None, LeafRow | None]]:
    """Yield each chain with its end now, and the last of the first *size* leaves that it has; in order."""
    heads = _pages(lambda after: store.chains(after, _PAGE), lambda head: head[0], "")
    sealed = _pages(lambda after: store.sealed_heads(size, after, _PAGE), lambda leaf: leaf.plan, "")
    head, leaf = next(heads, None), next(sealed, None)
    while head is not None or leaf is not None:
        if leaf is None or (head is not None and _name(head[0]) < _name(leaf.plan)):
            assert head is not None
            yield str(head[0]), head, None
            head = next(heads, None)
        elif head is None or _name(leaf.plan) < _name(head[0]):
            yield str(leaf.plan), None, leaf
            leaf = next(sealed, None)
        else:
            yield str(head[0]), head, leaf
            head, leaf = next(heads, None), next(sealed, None)


def _name(id: object) -> bytes:
    # As the databases order ids: by their bytes, which differs from Python's order nowhere but for damaged ones.
    return str(id).encode("utf-8", "surrogatepass")


def disagreement(store: Store, head: Head | None, leaf: LeafRow) -> Reason | None:
    """Return why a chain is not what was sealed; None where it is, however much it grew since."""
    if head is None:
        phrase = Phrase(N_("all its events are gone: event {seq} was sealed by seal {seal}"), _about(leaf))
        return Reason("sealed-chain-gone", phrase)
    if not isinstance(head[1], int) or not isinstance(leaf.seq, int) or head[1] < leaf.seq:
        phrase = Phrase(
            N_("its end was cut off: it has {now} events, but event {seq} was sealed by seal {seal}"),
            {**_about(leaf), "now": head[1]},
        )
        return Reason("sealed-tail-gone", phrase)
    there = head[2]
    if head[1] != leaf.seq:
        row = store.event(leaf.plan, leaf.seq)
        there = row.hash if row is not None else b""
    if there != leaf.hash:
        return Reason(
            "sealed-event-differs", Phrase(N_("event {seq} is not the one that seal {seal} sealed"), _about(leaf))
        )
    return None


def _about(leaf: LeafRow) -> dict[str, Any]:
    return {"seq": leaf.seq, "seal": leaf.seal}


def dated_back(store: Store, chain: str, leaf: LeafRow | None, seal: Checkpoint) -> tuple[int, Reason] | None:
    """Return the first event behind a chain's *leaf* that should have been under *seal* by its own time, and why.

    An event by a simulated clock says nothing of when it was made, nor does a seal by such a clock; `verifier.py` has
    the same rule.
    """
    settled = audit.instant(datetime.fromisoformat(seal.at) - _SETTLED)
    seq = None if seal.simulated else first_before(store, chain, leaf, settled, "system")
    if seq is None:
        return None
    phrase = Phrase(
        N_(
            "event {seq} has a time more than an hour before the newest seal of {at}, which does not cover it: "
            "it was dated back, or a clock was wrong"
        ),
        {"seq": seq, "at": seal.at},
    )
    return seq, Reason("dated-back", phrase)


def first_before(store: Store, chain: str, leaf: LeafRow | None, at: str, clock: str | None = None) -> int | None:
    """Return the first event behind a chain's *leaf* whose own bytes have a time before *at*, by this clock or any."""
    after = leaf.seq if leaf is not None else 0
    if not isinstance(after, int):
        return None
    for row in store.events(chain, after=after):
        try:
            raw = audit.from_stored(row.body)
            if raw["recorded_at"] < at and clock in (None, raw["clock"]):
                return row.seq
        except (ValueError, TypeError, KeyError):
            # Whoever reads the chain tells of bytes that are no event.
            continue
    return None
