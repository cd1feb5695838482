"""What the trail says was withdrawn from the record: the only texts and files that may be missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflow import audit, messages
from workflow.decide.withdrawing import withdrawn_in
from workflow.messages import Event
from workflow.store.interface import Store
from workflow.store.trails import BEGINNING

_PAGE = 1000


@dataclass(frozen=True)
class Withdrawals:
    """Keys of texts and hashes of files that events withdraw."""

    texts: frozenset[str]
    files: frozenset[str]


def withdrawals(store: Store) -> Withdrawals:
    """Return what all chains together withdraw. An event that cannot be read withdraws nothing."""
    texts, files = withdrawn_in(list(_acts(store)))
    return Withdrawals(texts, files)


def _acts(store: Store) -> Iterator[Event]:
    after = BEGINNING
    while page := store.trail("type", messages.CONTENT_WITHDRAWN, after=after, limit=_PAGE):
        for row in page:
            try:
                event = audit.event_of(row.body)
                withdrawn_in([event])
            except (ValueError, TypeError, KeyError, AttributeError):
                continue
            yield event
        last = (page[-1].recorded_at, page[-1].plan, page[-1].seq)
        if last == after:
            return
        after = last
