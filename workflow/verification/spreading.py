"""Verification in several processes: each opens its own store and takes one range of chains after the other."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from workflow.errors import Phrase, Reason
from workflow.verification.tally import Tally
from workflow.verification.walking import Asked, Opener, walk
from workflow.views.plans import Finding

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

    from workflow.store.interface import Store

WORTH_WHILE: Final = 50_000
"""Fewer events are looked at sooner than another process begins."""
MOST: Final = 8
"""So many processes begin by themselves: behind them the disk is what is waited for."""
_RANGES_EACH: Final = 6
"""So many ranges for each process: who is done with a light one takes another."""

_opened: list[Any] = []
"""In a process of ours: the store, what replays, and what was asked."""


def jobs_for(asked: int | None, events: int) -> int:
    """In how many processes so many events are verified."""
    if asked is not None:
        return asked
    return 1 if events < WORTH_WHILE else min(_processors(), MOST)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread_out(store: Store, asked: Asked, tally: Tally, opener: Opener, jobs: int) -> None:
    """Verify all chains in processes of our own; what they find is put together in the order of the chains."""
    total, ends = store.spread(jobs * _RANGES_EACH)
    bounds = [None, *ends, None]
    # What cannot or need not go to another process stays here.
    there = replace(asked, watch=_nobody, seal=None, filed=None, key=None)
    with _context().Pool(min(jobs, len(bounds) - 1), _open, (opener, there)) as pool:
        for part in pool.imap(_verify_range, zip(bounds, bounds[1:], strict=False)):
            tally.add(part)
            asked.watch(tally.events, total)
        pool.close()
        pool.join()


def _context() -> BaseContext:
    # Who reads the trail imports this module too, and begins no process.
    import multiprocessing

    # A copy of this process begins at once, but only one without other threads can safely be copied.
    copied = "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"
    return multiprocessing.get_context("fork" if copied and threading.active_count() == 1 else "spawn")


def _open(opener: Opener, asked: Asked) -> None:
    _opened[:] = (*opener(), asked)


def _verify_range(bounds: tuple[str | None, str | None]) -> Tally:
    store, processes, asked = _opened
    tally = Tally()
    with store.snapshot():
        walk(store, processes, asked, tally, after=bounds[0], until=bounds[1])
    tally.findings = list(map(_plain, tally.findings))
    tally.unjudged = list(map(_plain, tally.unjudged))
    return tally


def _plain(finding: Finding) -> Finding:
    # What a finding tells of may be of a plugin's own type, which another process need not be able to read.
    reason = finding.reason
    return replace(finding, reason=Reason(reason.code, _plain_phrase(reason.phrase), reason.who, reason.since))


def _plain_phrase(phrase: Phrase) -> Phrase:
    return Phrase(phrase.text, dict(_plain_values(phrase)), phrase.vi)


def _plain_values(phrase: Phrase) -> Iterator[tuple[str, Any]]:
    for name, value in phrase.params.items():
        if isinstance(value, Phrase):
            yield name, _plain_phrase(value)
        else:
            yield name, value if type(value) in (int, str, bool, type(None)) else str(value)


def _nobody(done: int, total: int) -> None:
    """Nobody watches a part."""
