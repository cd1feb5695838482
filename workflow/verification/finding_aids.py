"""(16) What the trail is found by: the rows that say what events are about, against the events' own bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

from workflow.errors import N_, Phrase, Reason
from workflow.messages import WORKSPACE_CHAIN
from workflow.store.interface import Store
from workflow.store.trails import BEGINNING, AboutRow, subjects_of
from workflow.verification.chains import shown
from workflow.verification.tally import Tally
from workflow.views.plans import Finding

_PAGE: Final = 1000
_MOST: Final = 20
"""So many rows are named; whoever changed one by hand may have changed all."""


def finding_aids(store: Store, tally: Tally) -> Iterator[Finding]:
    """Yield rows that are missing or should not be there; inside a snapshot.

    The rows stand in another order than the events from which they follow. Both are summed up, each row by its hash,
    so that nothing has to be sorted or kept; only where the sums differ is each row looked for.
    """
    recorded, kept = _sum(_of_events(store)), _sum(_of_table(store, tally))
    if recorded == kept:
        return
    found = 0
    for row in _of_events(store):
        if found < _MOST and row not in store.about(after=(*row[:3], row[3] - 1), limit=1):
            found += 1
            yield _finding(row, "not-findable", N_("event {seq} of {plan} is not found by {subject}: the row is gone"))
    for row in _of_table(store):
        if found < _MOST and not _follows(store, row):
            found += 1
            yield _finding(
                row, "found-wrongly", N_("event {seq} of {plan} is found by {subject}, which it does not name")
            )


def _of_events(store: Store) -> Iterator[AboutRow]:
    for page in store.sweep():
        for plan, seq, _, _, body, _, _, recorded_at, *_ in page:
            if isinstance(body, bytes) and isinstance(seq, int):
                for subject in subjects_of(body):
                    yield subject, recorded_at, plan, seq


def _of_table(store: Store, tally: Tally | None = None) -> Iterator[AboutRow]:
    after: AboutRow = ("", *BEGINNING)
    while page := store.about(after=after, limit=_PAGE):
        if tally is not None:
            tally.count("about", len(page))
        yield from page
        if page[-1] == after:
            return
        after = page[-1]


def _sum(rows: Iterable[AboutRow]) -> int:
    total = 0
    for row in rows:
        total += int.from_bytes(hashlib.sha256(repr(row).encode("utf-8", "surrogateescape")).digest(), "big")
    return total % 2**256


def _follows(store: Store, row: AboutRow) -> bool:
    subject, recorded_at, plan, seq = row
    event = store.event(plan, seq)
    if event is None and any(True for _ in store.events(plan, after=seq, limit=1)):
        # The gap in the chain is told where the chain is read; behind its end only this row knows of an event.
        return True
    return event is not None and event.recorded_at == recorded_at and subject in subjects_of(event.body)


def _finding(row: AboutRow, code: str, message: str) -> Finding:
    subject, _, plan, seq = row
    named: dict[str, Any] = {"plan": shown(plan), "seq": seq, "subject": shown(subject)}
    return Finding(
        "about", plan if isinstance(plan, str) else WORKSPACE_CHAIN, seq, Reason(code, Phrase(message, named))
    )
