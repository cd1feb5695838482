"""The chains: checks 1 to 4, on the rows as the driver gives them.

A page of rows is looked at as a whole first, which is nearly as fast as reading and hashing it. Only where that does
not succeed each row is looked at by itself, and what is wrong with it is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from workflow import audit
from workflow.errors import N_, Phrase, Reason
from workflow.messages import Event
from workflow.store.sweeps import BESIDE
from workflow.verification.columns import Columns, said
from workflow.verification.tally import Tally
from workflow.views.plans import Finding

UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError, RecursionError, KeyError)
_COLUMNS = ("plan", "seq", *BESIDE)
_plan_of = itemgetter(0)

Row = tuple[Any, ...]
"""As `SweepStore.sweep` yields it: plan, seq, previous, hash, body, and mostly the columns beside them."""


class Links:
    """Follows the chains row by row: what comes next, and what is wrong with it.

    Args:
        seq: The last event of *chain* that is known to be sound; *hash* is its hash.
    """

    def __init__(self, chain: Any = None, seq: int = 0, hash: bytes = audit.GENESIS) -> None:
        self.chain, self.seq, self.hash = chain, seq, hash

    def begin(self, chain: Any) -> None:
        """Go on to the beginning of another chain."""
        self.chain, self.seq, self.hash = chain, 0, audit.GENESIS

    def judge(self, row: Row, *, in_full: bool = True) -> tuple[list[Finding], Event | None]:
        """What is wrong with the next row of this chain, and its event if the hash vouches for it.

        Args:
            in_full: With canonical bytes and columns; else the link alone.
        """
        plan, seq, previous, hash_, body, *beside = row
        expected, before = self.seq + 1, self.hash
        # Behind a gap the counting goes on from what is there: one gap is one finding.
        self.seq, self.hash = seq if isinstance(seq, int) else expected, hash_
        chain = shown(plan)
        # (3) the sequence runs from 1 without a gap
        if seq != expected:
            phrase = Phrase(
                N_("event {position} is missing; the next one is {seq}"), {"position": expected, "seq": shown(seq)}
            )
            return [Finding("sequence", chain, expected, Reason("gap", phrase))], None
        # (1) the bytes are canonical
        event = None
        if in_full:
            try:
                event = audit.event_of(body)
                if audit.body_of(event) != body:
                    raise ValueError("the bytes are not canonical")
            except UNREADABLE as error:
                params = {"seq": seq, "error": printable(error)}
                phrase = Phrase(N_("event {seq} cannot be read: {error}"), params)
                return [Finding("canonical", chain, seq, Reason("unreadable", phrase))], None
        # (2) the links
        if previous != before or hash_ != _link(previous, body):
            phrase = Phrase(N_("event {seq} does not follow from the one before: its hash differs"), {"seq": seq})
            return [Finding("link", chain, seq, Reason("hash-differs", phrase))], event
        # (4) the columns
        if event is None:
            return [], None
        differing = [
            name for name, value, told in zip(_COLUMNS, (plan, seq, *beside), said(event), strict=True) if value != told
        ]
        return [_column(chain, seq, name) for name in differing], event


def _column(chain: str, seq: int, name: str) -> Finding:
    phrase = Phrase(N_("column `{name}` of event {seq} differs from the hashed bytes"), {"name": name, "seq": seq})
    return Finding("columns", chain, seq, Reason("column-differs", phrase))


def _link(previous: Any, body: Any) -> bytes | None:
    try:
        return audit.link(previous, body)
    except TypeError:
        # Text or a number in the place of bytes.
        return None


class QuickLook:
    """Chains and columns alone, page by page, over as many chains as there are.

    Args:
        columns: Compare the columns as well.
    """

    def __init__(self, tally: Tally, *, columns: bool = True) -> None:
        self._tally = tally
        self._links = Links()
        self._columns = Columns() if columns else None
        self._flaws = 0

    def look(self, page: Sequence[Row]) -> None:
        """Judge the next rows."""
        tally = self._tally
        plans, seqs, previous, hashes, bodies, *beside = zip(*page, strict=True)
        try:
            begun = self._linked(plans, seqs, previous, hashes, bodies)
            sound = begun is not None and (self._columns is None or self._columns.agree(plans, seqs, bodies, *beside))
        except (TypeError, ValueError, AttributeError):
            sound, begun = False, None
        if sound and begun is not None:
            self._begin(begun)
            self._links.chain, self._links.seq, self._links.hash = plans[-1], seqs[-1], hashes[-1]
        else:
            for row in page:
                if self._links.chain is None or row[0] != self._links.chain:
                    self._begin(1)
                    self._links.begin(row[0])
                self._flaws += tally.found(self._links.judge(row, in_full=self._columns is not None)[0])
        for check in ("link", "sequence", "columns")[: 2 + (self._columns is not None)]:
            tally.count(check, len(page))
        tally.events += len(page)

    def _linked(self, plans: Row, seqs: Row, previous: Row, hashes: Row, bodies: Row) -> int | None:
        """How many chains begin in a page whose links and sequences are sound; None for one that is not."""
        sha256 = hashlib.sha256
        if tuple([sha256(before + body).digest() for before, body in zip(previous, bodies, strict=True)]) != hashes:
            return None
        begun, start, end = 0, 0, len(seqs)
        goes_on = plans[0] == self._links.chain
        if goes_on and (seqs[0] != self._links.seq + 1 or previous[0] != self._links.hash):
            return None
        while start < end:
            chain, first = plans[start], seqs[start]
            if start or not goes_on:
                begun += 1
                if first != 1 or previous[start] != audit.GENESIS or (start and chain == plans[start - 1]):
                    return None
            try:
                stop = seqs.index(1, start + 1)
            except ValueError:
                stop = end
            if (
                seqs[start:stop] != tuple(range(first, first + stop - start))
                or plans[start:stop] != (chain,) * (stop - start)
                or previous[start + 1 : stop] != hashes[start : stop - 1]
            ):
                return None
            start = stop
        return begun

    def _begin(self, chains: int) -> None:
        """Note that so many chains begin, and that those before the last of them are done."""
        if chains:
            self.end()
            self._tally.chains += chains
            self._tally.sound += chains - 1

    def end(self) -> None:
        """Note that the chain looked at last is done."""
        if self._links.chain is not None:
            self._tally.sound += not self._flaws
        self._flaws = 0


def by_chain(pages: Iterable[Sequence[Row]]) -> Iterator[tuple[Any, list[Row]]]:
    """Yield the rows of each chain in the pages, piece by piece: a chain may go on in the next piece."""
    for page in pages:
        for chain, rows in groupby(page, _plan_of):
            yield chain, list(rows)


def shown(value: Any) -> Any:
    """A chain's id or a number as it can be printed, whatever stands in its place."""
    return value if type(value) is int else printable(value) if isinstance(value, str) else repr(value)


def printable(thing: Any) -> str:
    """The words of anything, without what no stream can print."""
    return str(thing).encode("utf-8", "backslashreplace").decode()
