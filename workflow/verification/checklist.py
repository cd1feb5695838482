"""Verification of a workspace's record, as a numbered checklist.

For every chain, in this order; the first thing wrong in a chain stops the checks that build on it, and verification
goes on with the next chain. `CHECKS` is the list; the modules of this room say at each check which number it has.

What cannot be replayed because a plugin is missing, and rows that another version of a plugin made, are told apart:
they are neither sound nor wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflow.errors import N_, InvalidInput, Phrase
from workflow.messages import Event
from workflow.processes import Processes
from workflow.replaying import UNJUDGED
from workflow.store.interface import Store
from workflow.verification import beside, spreading
from workflow.verification.chains import Links
from workflow.verification.contents import Contents
from workflow.verification.finding_aids import finding_aids
from workflow.verification.tally import Tally
from workflow.verification.walking import EVERYTHING, Asked, Opener, intact, judge, pages_of, walk
from workflow.views.plans import Checked, Verification

__all__ = ["CHECKS", "EVERYTHING", "Asked", "Opener", "chains_of", "intact", "verify"]

CHECKS: Final = {
    "canonical": N_("each event's bytes are canonical and can be read"),
    "link": N_("each hash is SHA-256 of the hash before and the bytes"),
    "sequence": N_("each chain runs from event 1 without a gap"),
    "columns": N_("the columns beside the bytes say what the bytes say"),
    "definition": N_("each definition is there with its own hash, and an event added it"),
    "plugin": N_("the plugins that the events name are known here"),
    "plan": N_("replaying the events gives the plan's row"),
    "work-items": N_("replaying the events gives the work items"),
    "effect": N_("each effect belongs to an event, and stands as the newest event about it tells"),
    "text": N_("each text that an event names is there with its hash"),
    "file": N_("each file that was handed in is there with its hash"),
    "number": N_("the register of numbers has what the events gave"),
    "orphan": N_("nothing stands in the tables without an event"),
    "append-only": N_("the database refuses to change or remove what was recorded"),
    "seal": N_("the chains go on from where they were sealed, and every seal is good"),
    "about": N_("each event is found by what it is about, and by nothing else"),
}
"""What is checked, in order; their numbers count from 1."""

QUICK: Final = ("link", "sequence", "columns")
"""What a quick look checks; in a look at the links alone the columns are left out too."""
SINCE_SEAL: Final = ("canonical", "link", "sequence", "columns", "text", "file", "orphan", "append-only", "seal")
_PER_PLAN: Final = tuple(check for check in CHECKS if check not in ("orphan", "append-only", "seal", "about"))
_PAGE: Final = 1000


def verify(store: Store, processes: Processes, asked: Asked, opener: Opener | None = None) -> Verification:
    """Verify what was asked for, in as many processes as were asked for if there is an *opener*.

    Raises:
        InvalidInput: If nothing was sealed yet and what came behind the seal was asked for.
    """
    tally = Tally()
    with store.snapshot():
        if asked.plan is not None:
            walk(store, processes, asked, tally, pages=pages_of(store, asked.plan))
            if not tally.events:
                tally.found([beside.orphan(asked.plan, "plan")])
        elif asked.since_seal:
            _since_seal(store, asked, tally)
        else:
            _everything(store, processes, asked, tally, opener)
        walked = {chain for _, chain in tally.named}
        if asked.plan is None and not asked.quick:
            _beside(store, asked, tally)
        if asked.seal is not None or (asked.plan is None and not asked.quick):
            from workflow.verification import seals

            tally.count("seal", sum(1 for _ in _seals(store)) + (asked.seal is not None))
            tally.found(seals.check(store, asked.seal, asked.key, asked.filed))
        _discount(store, asked, tally, walked)
    return _result(tally, asked)


def _everything(store: Store, processes: Processes, asked: Asked, tally: Tally, opener: Opener | None) -> None:
    total, _ = store.spread(1)
    jobs = spreading.jobs_for(asked.jobs, total) if opener is not None else 1
    if jobs > 1 and opener is not None:
        spreading.spread_out(store, asked, tally, opener, jobs)
    else:
        walk(store, processes, asked, tally, total=total)


def _since_seal(store: Store, asked: Asked, tally: Tally) -> None:
    from workflow.sealing import record

    last = store.last_seal()
    if last is None:
        raise InvalidInput(
            "nothing was sealed yet", code="no-seal", hint="`workflow audit seal` makes a seal; verify without it now"
        )
    kept = Contents(store, tally)
    for chain, head, leaf in record.paired(store, last.size):
        # A head that is not what was sealed is told with the seals; its chain is read from the beginning.
        known = leaf is not None and record.disagreement(store, head, leaf) is None
        links = Links(chain, leaf.seq, leaf.hash) if known and leaf is not None else Links(chain)
        tally.chains += 1
        if head is None or head[1] == links.seq:
            tally.sound += 1
            continue
        flaws = 0

        def take(more: int, event: Event | None) -> None:
            nonlocal flaws
            flaws += more

        for page in pages_of(store, chain, links.seq):
            judge(kept, links, page, tally, take)
            asked.watch(tally.events, 0)
        tally.sound += not flaws


def _beside(store: Store, asked: Asked, tally: Tally) -> None:
    if not asked.since_seal:
        tally.found(beside.definitions(store, tally))
        tally.found(beside.effects(store, tally))
        tally.found(finding_aids(store, tally))
    tally.found(beside.strays(store, tally))
    tally.found(beside.guards(store, tally))


def _discount(store: Store, asked: Asked, tally: Tally, walked: set[str]) -> None:
    """Take from the sound chains those in which something was found after they were walked along; count the gone."""
    for chain in sorted({chain for _, chain in tally.named} - walked):
        if asked.plan not in (None, chain):
            continue
        if any(True for _ in store.events(chain, limit=1)):
            tally.sound -= 1
        elif not tally.named.isdisjoint({("seal", chain), ("orphan", chain)}):
            tally.gone += 1


def _result(tally: Tally, asked: Asked) -> Verification:
    made = tuple(CHECKS)
    if asked.quick:
        made = QUICK if asked.columns else QUICK[:2]
    elif asked.since_seal:
        made = SINCE_SEAL
    elif asked.plan is not None:
        made = _PER_PLAN
    lines = tuple(
        Checked(
            number=number,
            id=check,
            title=Phrase(title),
            checked=tally.checked[check],
            failed=tally.failed[check],
            unjudged=tally.failed[UNJUDGED] if check == "plugin" else 0,
            left_out=check not in made and not tally.checked[check],
        )
        for number, (check, title) in enumerate(CHECKS.items(), 1)
    )
    failed = sum(times for check, times in tally.failed.items() if check != UNJUDGED)
    return Verification(
        chains=tally.chains,
        events=tally.events,
        findings=tuple(tally.findings),
        checks=made,
        unjudged=tuple(tally.unjudged),
        lines=lines,
        sound=tally.sound,
        more=failed - len(tally.findings),
        gone=tally.gone,
    )


def _seals(store: Store) -> Iterator[object]:
    after = 0
    while page := store.seals(after=after, limit=_PAGE):
        yield from page
        if not isinstance(page[-1].number, int) or page[-1].number <= after:
            return
        after = page[-1].number


def chains_of(store: Store) -> Iterator[str]:
    """Yield the id of every chain, in order."""
    after = ""
    while page := store.chains(after=after, limit=_PAGE):
        # An id whose bytes were damaged reads otherwise than it sorts: it must not be met for ever.
        yield from (name if isinstance(name, str) else repr(name) for name, _, _ in page)
        if page[-1][0] == after:
            return
        after = page[-1][0]
