"""What a plan's events give: checks 5 to 9 and 12, the definition, the plan's rows, effects and numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from workflow import messages
from workflow.errors import N_, Phrase, PluginFailed, Reason, WorkflowError, failure
from workflow.messages import Event
from workflow.plan.state import fold
from workflow.processes import Processes
from workflow.projection import document_rows, number_rows, plan_row, work_items
from workflow.replaying import differing_rows, not_replayed
from workflow.store.interface import NumberRow, Store
from workflow.verification.tally import Tally
from workflow.views.plans import Finding


def replayed(
    store: Store, processes: Processes, chain: str, events: Sequence[Event], head: bytes, tally: Tally
) -> Iterator[Finding]:
    """Yield what is wrong with the rows of a plan whose chain is sound; *head* is the hash of its last event."""
    # (5) the definitions
    process = None
    for hash_ in dict.fromkeys(_definitions(events)):
        tally.count("definition")
        kept = store.definition(hash_)
        if kept is None or not kept.intact:
            phrase = Phrase(N_("the definition {hash} is missing or was changed"), {"hash": str(hash_)[:16]})
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
    # (6) the plugins
    tally.count("plugin", len({str(event.plugin) for event in events if event.plugin is not None}))
    if process is not None:
        try:
            state = fold(events, process.evolve_step)
            # An amendment changes the definition on the way: what is owed is read by the one that counts at the end.
            process = processes.pinned(state.definition) if state is not None else process
            owed = work_items(state, process) if state is not None else {}
            expected = plan_row(state, process, head) if state is not None else None
        except PluginFailed as error:
            yield from not_replayed(processes.step_types, events, error)
            return
        except Exception as error:  # noqa: BLE001 - what no code of ours wrote fails in any way
            phrase = Phrase(N_("the events cannot be replayed: {error}"), {"error": failure(error)})
            yield Finding("plan", chain, None, Reason("not-replayable", phrase))
            return
        # (7) and (8) the rows
        tally.count("plan")
        tally.count("work-items", len(owed))
        yield from differing_rows(store, processes.step_types, events, expected, owed)
    yield from _effects(store, chain, events, tally)
    yield from _documents(store, chain, events)
    yield from _numbers(store, chain, events, tally)


def _definitions(events: Sequence[Event]) -> Iterator[str]:
    for event in events:
        if event.definition:
            yield event.definition
        if event.type == messages.PLAN_AMENDED:
            yield event.data["definition"]["hash"]


def _effects(store: Store, chain: str, events: Sequence[Event], tally: Tally) -> Iterator[Finding]:
    # (9) each belongs to an event, and those of one event are numbered from 1
    seqs = {event.seq for event in events}
    by_event: dict[object, list[str]] = defaultdict(list)
    for effect in store.effects(chain):
        tally.count("effect")
        by_event[effect.seq].append(effect.id)
    for seq, ids in by_event.items():
        if seq not in seqs:
            phrase = Phrase(N_("effect {id} stands in the outbox, but no event caused it"), {"id": ids[0]})
            yield Finding("effect", chain, None, Reason("effect-without-event", phrase))
        elif sorted(ids) != sorted(f"{chain}:{seq}:{number}" for number in range(1, len(ids) + 1)):
            phrase = Phrase(N_("the effects of event {seq} are not numbered from 1 without a gap"), {"seq": seq})
            yield Finding("effect", chain, seq if isinstance(seq, int) else None, Reason("effect-gap", phrase))


def _documents(store: Store, chain: str, events: Sequence[Event]) -> Iterator[Finding]:
    # (11) the files handed in
    expected = {(row.seq, row.position): row for row in document_rows(events)}
    stored = {(row.seq, row.position): row for row in store.documents(chain)}
    for seq, position in sorted({*expected, *stored}, key=repr):
        if expected.get((seq, position)) != stored.get((seq, position)):
            phrase = Phrase(N_("document {position} of event {seq} differs"), {"position": position, "seq": seq})
            yield Finding("file", chain, seq, Reason("document-differs", phrase))


def _numbers(store: Store, chain: str, events: Sequence[Event], tally: Tally) -> Iterator[Finding]:
    # (12) the numbers given; one given in error was given all the same
    expected = {_key_of(row): row for row in number_rows(events)}
    stored = {_key_of(row): row for row in store.numbers_of(chain)}
    tally.count("number", len(expected))
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
