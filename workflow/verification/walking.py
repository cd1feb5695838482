"""Walking along the chains: every check of one chain after the other, or a quick look at many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from workflow.errors import N_, Phrase, Reason
from workflow.messages import WORKSPACE_CHAIN, Event
from workflow.processes import Processes
from workflow.store.interface import Store
from workflow.store.sweeps import BESIDE, CHAIN
from workflow.verification.chains import UNREADABLE, Links, QuickLook, Row, by_chain, printable, shown
from workflow.verification.contents import Contents
from workflow.verification.replayed import replayed
from workflow.verification.tally import Tally
from workflow.views.plans import Finding

if TYPE_CHECKING:
    from workflow.sealing.files import Filed
    from workflow.sealing.keys import PublicKey
    from workflow.sealing.notes import Seal

_PAGE: Final = 1000
_raw = attrgetter(*CHAIN, *BESIDE)


@dataclass(frozen=True)
class Asked:
    """What somebody wants verified.

    Attributes:
        plan: One chain; everything where None.
        quick: Chains and columns alone.
        columns: False for the chains alone, where it is quick.
        since_seal: Only what came behind the newest stored seal.
        seal: A seal from a file, held against the record.
        filed: What lies in the workspace's own folder of seals, where the seal is from there.
        key: The key that must have made it.
        jobs: So many processes; as many as are worth while where None.
        watch: Told how many events of how many were looked at.
    """

    plan: str | None = None
    quick: bool = False
    columns: bool = True
    since_seal: bool = False
    seal: Seal | None = None
    filed: Filed | None = None
    key: PublicKey | None = None
    jobs: int | None = None
    watch: Callable[[int, int], None] = lambda done, total: None


EVERYTHING: Final = Asked()

Opener = Callable[[], tuple[Store, Processes]]
"""Opens the store and what is needed for replay anew, in another process."""


def walk(
    store: Store,
    processes: Processes,
    asked: Asked,
    tally: Tally,
    *,
    after: str | None = None,
    until: str | None = None,
    total: int = 0,
    pages: Iterable[Sequence[Row]] | None = None,
) -> None:
    """Verify the chains behind one and up to another, or those in *pages*; inside a snapshot."""
    columns = asked.columns or not asked.quick
    found = pages if pages is not None else store.sweep(columns=columns, after=after, until=until)
    quick = QuickLook(tally, columns=columns) if asked.quick else None
    full = None if asked.quick else _FullLook(store, processes, tally)
    for page in found:
        (quick or full).look(page)  # type: ignore[union-attr]
        asked.watch(tally.events, total)
    (quick or full).end()  # type: ignore[union-attr]


class _FullLook:
    """Every check of a chain, one chain after the other; of a plan the events are kept until its end."""

    def __init__(self, store: Store, processes: Processes, tally: Tally) -> None:
        self._store = store
        self._processes = processes
        self._tally = tally
        self._contents = Contents(store, tally)
        self._links: Links | None = None
        self._events: list[Event] = []
        self._flaws = 0

    def look(self, page: Sequence[Row]) -> None:
        """Judge the next rows."""
        for chain, rows in by_chain([page]):
            if self._links is None or chain != self._links.chain:
                self.end()
                self._links = Links(chain)
                self._tally.chains += 1
            judge(self._contents, self._links, rows, self._tally, self._take)

    def _take(self, flaws: int, event: Event | None) -> None:
        self._flaws += flaws
        if event is not None and not self._flaws and self._links is not None and self._links.chain != WORKSPACE_CHAIN:
            self._events.append(event)

    def end(self) -> None:
        """Replay the chain that was looked at last."""
        if self._links is None:
            return
        if not self._flaws and self._events:
            chain, tally = shown(self._links.chain), self._tally
            findings = replayed(self._store, self._processes, chain, self._events, self._links.hash, tally)
            self._flaws += tally.found(_guarded(chain, None, findings))
        self._tally.sound += not self._flaws
        self._links, self._events, self._flaws = None, [], 0


def judge(
    contents: Contents, links: Links, rows: Sequence[Row], tally: Tally, take: Callable[[int, Event | None], None]
) -> None:
    """Judge the next rows of a chain and what they refer to; *take* gets each event with its number of flaws."""
    for row in rows:
        findings, event = links.judge(row)
        flaws = tally.found(findings)
        if event is not None and not flaws:
            # Only what the hash vouches for can be trusted to have the shape of an event.
            chain = shown(links.chain)
            flaws += tally.found(_guarded(chain, event.seq, contents.judge(chain, event)))
        take(flaws, event)
    for check in ("canonical", "link", "sequence", "columns"):
        tally.count(check, len(rows))
    tally.events += len(rows)


def _guarded(chain: str, seq: int | None, findings: Iterator[Finding]) -> Iterator[Finding]:
    """What is found; whoever reckoned hashes anew may have given an event any shape, and that is a finding too."""
    try:
        yield from findings
    except UNREADABLE as error:
        phrase = Phrase(N_("what was recorded has not the shape of an event: {error}"), {"error": printable(error)})
        yield Finding("canonical", chain, seq, Reason("misshapen", phrase))


def pages_of(store: Store, chain: str, after: int = 0) -> Iterator[Sequence[Row]]:
    """Yield the rows of one chain behind an event, page by page."""
    page: list[Row] = []
    for row in store.events(chain, after=after):
        page.append(_raw(row))
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page


def intact(store: Store, chain: str) -> bool:
    """True if a chain's events are what was recorded: checks 1 to 4, 10 and 11."""
    tally = Tally()
    found: list[int] = []
    links, contents = Links(chain), Contents(store, tally)
    for page in pages_of(store, chain):
        judge(contents, links, page, tally, lambda flaws, event: found.append(flaws))
    return not any(found)
