"""Verification of a workspace's record, as a numbered checklist.

For every chain, in this order; the first thing wrong in a chain stops the checks that build on it:

1. each event's bytes are canonical and can be read;
2. each hash is SHA-256 of the hash before and the bytes;
3. the sequence runs from 1 without a gap;
4. the columns beside the bytes say what the bytes say;
5. each definition named is in the database under its own hash;
6. replaying the events gives the plan's row;
7. replaying the events gives the work items;
8. every text kept has the hash under which it is kept;
9. every file handed in is there with its own hash;
10. nothing in the tables stands without an event;
11. the register of numbers has what the events gave, and nothing else;
12. each effect is in the state, and has the payload, that the newest event about it tells;
13. the database still refuses to change or remove an event.

What cannot be replayed because a plugin is missing, and rows that another version of a plugin made, are told apart:
they are neither sound nor wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from workflow import audit, messages
from workflow.errors import N_, Phrase, PluginFailed, Reason, WorkflowError
from workflow.messages import WORKSPACE_CHAIN, Event
from workflow.plan.state import fold
from workflow.processes import Processes
from workflow.projection import number_rows, plan_row, work_items
from workflow.replaying import UNJUDGED, differing_rows, not_replayed
from workflow.store.interface import EventRow, NumberRow, Store
from workflow.views.plans import Finding, Verification

CHECKS: Final = (
    "canonical",
    "link",
    "sequence",
    "columns",
    "definition",
    "plan",
    "work-items",
    "text",
    "file",
    "orphan",
    "number",
    "effect",
    "append-only",
)
_PAGE = 1000


def verify(store: Store, processes: Processes, plan: str | None = None) -> Verification:
    """Verify one chain, or every chain and everything beside them."""
    findings: list[Finding] = []
    events = 0
    with store.snapshot():
        chains = [plan] if plan else list(chains_of(store))
        for chain in chains:
            rows = list(store.events(chain))
            events += len(rows)
            findings += _chain(store, processes, chain, rows)
            if not rows:
                findings.append(_orphan(chain))
        if plan is None:
            findings += _orphans(store, set(chains))
            findings += _stray_numbers(store, set(chains))
            findings += _effects(store)
            if not store.append_only():
                phrase = Phrase(N_("the triggers that keep events from being changed or removed are gone"))
                findings.append(Finding("append-only", WORKSPACE_CHAIN, None, Reason("triggers-gone", phrase)))
    wrong = tuple(finding for finding in findings if finding.check != UNJUDGED)
    unjudged = tuple(finding for finding in findings if finding.check == UNJUDGED)
    return Verification(len(chains), events, wrong, CHECKS, unjudged)


def chains_of(store: Store) -> Iterator[str]:
    """Yield the id of every chain, in order."""
    return _paged(lambda after: [chain for chain, _, _ in store.chains(after=after, limit=_PAGE)])


def _paged(page_after: Callable[[str], Sequence[str]]) -> Iterator[str]:
    after = ""
    while page := page_after(after):
        # An id whose bytes were damaged reads otherwise than it sorts: it must not be met for ever.
        yield from (name if isinstance(name, str) else repr(name) for name in page)
        if page[-1] == after:
            return
        after = page[-1]


def intact(store: Store, chain: str) -> bool:
    """True if a chain's events are what was recorded: checks 1 to 4, 8 and 9."""
    return not _chain(store, None, chain, list(store.events(chain)))


def _chain(store: Store, processes: Processes | None, chain: str, rows: Sequence[EventRow]) -> list[Finding]:
    findings: list[Finding] = []
    events: list[Event] = []
    previous, expected = audit.GENESIS, 1
    for row in rows:
        broken, event = _event(chain, expected, previous, row)
        # Behind a gap the counting goes on from what is there: one gap is one finding.
        expected = row.seq + 1 if isinstance(row.seq, int) else expected + 1
        findings += broken
        if event is not None and not broken:
            # Only what the hash vouches for can be trusted to have the shape of an event.
            events.append(event)
            findings += _contents(store, chain, event)
        previous = row.hash
    if findings or processes is None or chain == WORKSPACE_CHAIN:
        return findings
    return [*findings, *_replay(store, processes, chain, events, previous)]


def _event(chain: str, position: int, previous: bytes, row: EventRow) -> tuple[list[Finding], Event | None]:
    # (3) the sequence runs from 1 without a gap
    if row.seq != position:
        phrase = Phrase(
            N_("event {position} is missing; the next one is {seq}"), {"position": position, "seq": row.seq}
        )
        return [Finding("sequence", chain, position, Reason("gap", phrase))], None
    # (1) the bytes are canonical
    try:
        event = audit.event_of(row.body)
        if audit.body_of(event) != row.body:
            raise ValueError("the bytes are not canonical")
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        phrase = Phrase(N_("event {seq} cannot be read: {error}"), {"seq": row.seq, "error": error})
        return [Finding("canonical", chain, row.seq, Reason("unreadable", phrase))], None
    # (2) the links
    if row.previous != previous or row.hash != audit.link(row.previous, row.body):
        phrase = Phrase(N_("event {seq} does not follow from the one before: its hash differs"), {"seq": row.seq})
        return [Finding("link", chain, row.seq, Reason("hash-differs", phrase))], event
    # (4) the columns
    said: dict[str, Any] = {
        "plan": event.plan,
        "seq": event.seq,
        "type": event.type,
        "occurred_on": event.occurred_on.isoformat(),
        "recorded_at": audit.instant(event.recorded_at),
        "actor": event.actor,
        "request_id": event.request_id,
    }
    differing = [name for name, value in said.items() if getattr(row, name) != value]
    return [
        Finding(
            "columns",
            chain,
            row.seq,
            Reason(
                "column-differs",
                Phrase(
                    N_("column `{name}` of event {seq} differs from the hashed bytes"), {"name": name, "seq": row.seq}
                ),
            ),
        )
        for name in differing
    ], event


def _replay(store: Store, processes: Processes, chain: str, events: Sequence[Event], head: bytes) -> Iterator[Finding]:
    # (5) the definitions
    process = None
    for hash_ in dict.fromkeys(_definitions(events)):
        kept = store.definition(hash_)
        if kept is None or not kept.intact:
            phrase = Phrase(N_("the definition {hash} is missing or was changed"), {"hash": hash_[:16]})
            yield Finding("definition", chain, None, Reason("definition-differs", phrase))
            return
        try:
            process = processes.pinned(hash_)
        except PluginFailed as error:
            yield from not_replayed(processes.step_types, events, error)
            return
        except WorkflowError as error:
            yield Finding("definition", chain, None, Reason("definition-differs", error.phrase))
            return
    if process is None:
        return
    try:
        state = fold(events, process.evolve_step)
        # An amendment changes the definition on the way: what is owed is read by the one that counts at the end.
        process = processes.pinned(state.definition) if state is not None else process
        owed = work_items(state, process) if state is not None else {}
        expected = plan_row(state, process, head) if state is not None else None
    except PluginFailed as error:
        yield from not_replayed(processes.step_types, events, error)
        return
    except Exception as error:
        phrase = Phrase(N_("the events cannot be replayed: {error}"), {"error": f"{type(error).__name__}: {error}"})
        yield Finding("plan", chain, None, Reason("not-replayable", phrase))
        return
    # (6) and (7) the rows
    yield from differing_rows(store, processes.step_types, events, expected, owed)
    yield from _documents(store, chain, events)
    yield from _numbers(store, chain, events)


def _definitions(events: Sequence[Event]) -> Iterator[str]:
    for event in events:
        if event.definition:
            yield event.definition
        if event.type == messages.PLAN_AMENDED:
            yield event.data["definition"]["hash"]


def _documents(store: Store, chain: str, events: Sequence[Event]) -> Iterator[Finding]:
    expected = {
        (event.seq, position): (file["sha256"], file["size"], file["name"]["text"])
        for event in events
        for position, file in enumerate(event.data.get("attachments", ()), 1)
    }
    stored = {(row.seq, row.position): (row.sha256, row.size, row.name) for row in store.documents(chain)}
    for seq, position in sorted({*expected, *stored}, key=repr):
        if expected.get((seq, position)) != stored.get((seq, position)):
            phrase = Phrase(N_("document {position} of event {seq} differs"), {"position": position, "seq": seq})
            yield Finding("file", chain, seq, Reason("document-differs", phrase))


def _numbers(store: Store, chain: str, events: Sequence[Event]) -> Iterator[Finding]:
    # (11) the numbers given; one given in error was given all the same
    expected = {_key_of(row): row for row in number_rows(events)}
    stored = {_key_of(row): row for row in store.numbers_of(chain)}
    for key in sorted({*expected, *stored}, key=repr):
        name = {"number": key[2], "series": key[0], "year": key[1]}
        if key not in stored:
            phrase = Phrase(N_("number {number} of {series} in {year} is missing from the register"), name)
        elif key not in expected:
            phrase = Phrase(N_("number {number} of {series} in {year} is in the register, but no event gave it"), name)
        elif stored[key] != expected[key]:
            phrase = Phrase(N_("number {number} of {series} in {year} differs from what its event gave"), name)
        else:
            continue
        row = expected.get(key) or stored[key]
        seq = row.seq if isinstance(row.seq, int) else None
        yield Finding("number", chain, seq, Reason("number-differs", phrase))


def _key_of(row: NumberRow) -> tuple[str, int, int]:
    return row.series, row.year, row.number


def _contents(store: Store, chain: str, event: Event) -> Iterator[Finding]:
    # (8) the texts
    for key in text_references(event.data):
        row = store.text(key)
        if row is None:
            phrase = Phrase(N_("a text of event {seq} is missing"), {"seq": event.seq})
            yield Finding("text", chain, event.seq, Reason("text-missing", phrase))
        elif audit.text_key(row.salt, row.text) != key:
            phrase = Phrase(N_("a text of event {seq} was changed"), {"seq": event.seq})
            yield Finding("text", chain, event.seq, Reason("text-differs", phrase))
    # (9) the files
    files = [(file["sha256"], file["size"]) for file in event.data.get("attachments", ())]
    if "sha256" in event.data:
        files.append((event.data["sha256"], None))
    for sha256, size in files:
        digest, length = hashlib.sha256(), 0
        for piece in store.file(sha256) if store.has_file(sha256) else ():
            digest.update(piece)
            length += len(piece)
        if digest.hexdigest() != sha256 or size not in (None, length):
            phrase = Phrase(N_("a file of event {seq} is missing or was changed"), {"seq": event.seq})
            yield Finding("file", chain, event.seq, Reason("file-differs", phrase))


def text_references(data: Any) -> Iterator[str]:
    """Yield the key of every text that an event's data refer to."""
    if isinstance(data, dict):
        if set(data) == {"text"} and isinstance(data["text"], str):
            yield data["text"]
        else:
            for value in data.values():
                yield from text_references(value)
    elif isinstance(data, list):
        for value in data:
            yield from text_references(value)


def _orphans(store: Store, chains: set[str]) -> Iterator[Finding]:
    # (10) nothing stands without an event
    for plan in _paged(lambda after: [row.id for row in store.plans(after=after, limit=_PAGE)]):
        if plan not in chains:
            yield _orphan(plan)


def _stray_numbers(store: Store, chains: set[str]) -> Iterator[Finding]:
    after: tuple[str, int, int] | None = None
    while page := store.numbers(after=after, limit=_PAGE):
        for row in page:
            if row.plan not in chains:
                name = {"number": row.number, "series": row.series, "year": row.year}
                phrase = Phrase(
                    N_("number {number} of {series} in {year} is in the register, but no event gave it"), name
                )
                yield Finding("number", str(row.plan), None, Reason("number-differs", phrase))
        if _key_of(page[-1]) == after:
            return
        after = _key_of(page[-1])


_FATES: Final = {
    messages.EFFECT_DONE: "done",
    messages.EFFECT_PARKED: "parked",
    messages.EFFECT_RETRIED: "waiting",
    messages.EFFECT_DROPPED: "dropped",
}


def _effects(store: Store) -> Iterator[Finding]:
    # (12) effects are what the workspace's chain tells of them
    told: dict[str, tuple[str, str, int]] = {}
    for row in store.events(WORKSPACE_CHAIN):
        if row.type in _FATES:
            try:
                data = audit.event_of(row.body).data
                told[data["effect"]] = (_FATES[row.type], data["payload"], row.seq)
            except (ValueError, TypeError, KeyError):
                # Told above, as an event that cannot be read.
                continue
    after = ("", "", "")
    while page := store.effect_page(after=after, limit=_PAGE):
        for effect in page:
            state, payload, seq = told.pop(effect.id, ("waiting", None, None))
            if effect.state != state:
                phrase = Phrase(N_("effect {id} is {state}, but its events say {told}"))
                params = {"id": effect.id, "state": effect.state, "told": state}
            elif payload not in (None, hashlib.sha256(effect.payload).hexdigest()):
                phrase, params = Phrase(N_("the payload of effect {id} was changed")), {"id": effect.id}
            else:
                continue
            yield Finding("effect", WORKSPACE_CHAIN, seq, Reason("effect-differs", Phrase(phrase.text, params)))
        after = (page[-1].state, page[-1].at, page[-1].id)
    for id_, (_, _, seq) in told.items():
        phrase = Phrase(N_("effect {id} is missing, but events tell of it"), {"id": id_})
        yield Finding("effect", WORKSPACE_CHAIN, seq, Reason("effect-differs", phrase))


def _orphan(plan: str) -> Finding:
    phrase = Phrase(N_("the table names this chain, but no event can be read under its name"))
    return Finding("orphan", plan, None, Reason("no-events", phrase))
