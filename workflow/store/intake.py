"""What every store checks of what is handed in, before it becomes rows.

A change whose parts do not fit together is a defect of the caller and a `ValueError`; a file whose
bytes are not what was announced is bad input, since it may have changed while it was read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from workflow.audit import GENESIS
from workflow.errors import InvalidInput
from workflow.messages import WORKSPACE_CHAIN
from workflow.store.interface import DefinitionRow, EventRow, PlanChange, RevisionLost

PIECE: Final = 2**20
"""Size in bytes of a stored piece of a file; the last may be shorter."""

LARGEST_FILE: Final = 100 * 2**20
"""Largest file in bytes."""


def in_pieces(sha256: str, source: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes of *source* in pieces of `PIECE`, at least one.

    Raises:
        InvalidInput: At the end, if the bytes' SHA-256 is not *sha256*; earlier, if they are too many.
    """
    digest, size, rest = hashlib.sha256(), 0, bytearray()
    empty = True
    for part in source:
        size += len(part)
        if size > LARGEST_FILE:
            raise InvalidInput(
                "The file {sha256} is larger than {megabytes} MiB.",
                code="file-too-large",
                sha256=sha256,
                megabytes=LARGEST_FILE // 2**20,
            )
        digest.update(part)
        rest += part
        while len(rest) >= PIECE:
            yield bytes(rest[:PIECE])
            del rest[:PIECE]
            empty = False
    if digest.hexdigest() != sha256:
        raise InvalidInput(
            "The file changed while it was read: its SHA-256 is {found}, not {sha256}.",
            code="file-changed",
            hint="Try again when nobody is writing to the file.",
            sha256=sha256,
            found=digest.hexdigest(),
        )
    if rest or empty:
        yield bytes(rest)


def check_change(change: PlanChange) -> None:
    """Check that a change's rows belong together.

    Raises:
        ValueError: If the events do not continue the chain from `expected`, or a row is another plan's.
    """
    plan = change.plan
    if plan.id == WORKSPACE_CHAIN:
        raise ValueError(f"{WORKSPACE_CHAIN} is no plan")
    check_chain(plan.id, change.events, after=change.expected)
    last = change.events[-1]
    if (plan.revision, plan.head) != (last.seq, last.hash):
        raise ValueError(f"{plan.id} is at {plan.revision}, but its last event is {last.seq}")
    if change.expected == 0 and change.events[0].previous != GENESIS:
        raise ValueError(f"the chain of {plan.id} does not start with zeros")
    made = range(change.expected + 1, plan.revision + 1)
    strangers = [
        row
        for rows in (change.documents, change.effects, change.numbers)
        for row in rows
        if row.plan != plan.id or row.seq not in made
    ]
    strangers += [item for item in change.work_items if item.plan != plan.id]
    if strangers:
        raise ValueError(f"not of this change of {plan.id}: {strangers[0]}")


def rows_of(change: PlanChange) -> int:
    """Return how many rows a change writes, without the pieces of its files."""
    parts = (change.events, change.about, change.work_items, change.gone_items, change.texts)
    return 1 + sum(map(len, (*parts, change.documents, change.effects, change.numbers)))


def check_chain(chain: str, events: Sequence[EventRow], after: int) -> None:
    """Check that *events* are a piece of one chain, directly behind seq *after*.

    Raises:
        ValueError: If they are not, or there are none.
    """
    if not events:
        raise ValueError(f"a change of {chain} without an event")
    previous = events[0].previous
    for seq, event in enumerate(events, start=after + 1):
        if event.plan != chain or event.seq != seq or event.previous != previous:
            raise ValueError(f"event {event.plan}:{event.seq} does not continue {chain} at {seq}")
        previous = event.hash


def check_workspace(events: Sequence[EventRow], head: EventRow | None) -> None:
    """Check that *events* continue the `@workspace` chain behind its *head*.

    Raises:
        RevisionLost: If the chain has moved on since the events were linked.
        ValueError: If they are no piece of that chain.
    """
    check_chain(WORKSPACE_CHAIN, events, after=events[0].seq - 1 if events else 0)
    seq, last = (head.seq, head.hash) if head else (0, GENESIS)
    if (events[0].seq - 1, events[0].previous) != (seq, last):
        raise RevisionLost(WORKSPACE_CHAIN)


def check_definition(row: DefinitionRow, stored: DefinitionRow | None) -> None:
    """Check that a definition's version is new or the same as the one stored under it.

    Raises:
        InvalidInput: If another content is stored under this id and version.
    """
    if stored is not None and stored.hash != row.hash:
        raise InvalidInput(
            "Definition {id} version {version} is already in use with other content.",
            code="definition-changed",
            hint="Give the changed definition a new version.",
            id=row.id,
            version=row.version,
        )
