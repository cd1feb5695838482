"""What stands beside the chains: checks 5, 9, 13 and 14, for the workspace as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from workflow import audit, messages
from workflow.errors import N_, Phrase, Reason
from workflow.messages import WORKSPACE_CHAIN
from workflow.store.effects import EffectRow
from workflow.store.interface import DefinitionRow, Store
from workflow.verification.chains import UNREADABLE, shown
from workflow.verification.tally import Tally
from workflow.views.plans import Finding

_PAGE: Final = 1000
_AT_ONCE: Final = 100_000
"""So many effects' fates are kept in memory; where there are more, they are looked at in several passes."""
_FATES: Final = {
    messages.EFFECT_DONE: "done",
    messages.EFFECT_PARKED: "parked",
    messages.EFFECT_RETRIED: "waiting",
    messages.EFFECT_DROPPED: "dropped",
}


def definitions(store: Store, tally: Tally) -> Iterator[Finding]:
    """(5) Yield definitions that are not what their hash says, or that no event of the workspace added."""
    added = {data.get("hash") for data in _told(store, {messages.DEFINITION_ADDED})}
    for row in store.definitions():
        tally.count("definition")
        name = {"id": shown(row.id), "version": shown(row.version), "hash": shown(row.hash)[:16]}
        if not row.intact or _names_of(row) != (row.id, row.version):
            phrase = Phrase(N_("the definition {hash} is missing or was changed"), name)
            yield Finding("definition", WORKSPACE_CHAIN, None, Reason("definition-differs", phrase))
        elif row.hash not in added:
            phrase = Phrase(N_("version {version} of definition {id} stands in the table, but no event added it"), name)
            yield Finding("definition", WORKSPACE_CHAIN, None, Reason("definition-without-event", phrase))


def _names_of(row: DefinitionRow) -> Any:
    try:
        read = audit.from_stored(row.body)
        return read["id"], read["version"]
    except UNREADABLE:
        return None


def effects(store: Store, tally: Tally) -> Iterator[Finding]:
    """(9) Yield effects that are not what the workspace's chain tells of them."""
    head = store.workspace_head()
    passes = 1 + (head.seq // _AT_ONCE if head is not None and isinstance(head.seq, int) else 0)
    for part in range(passes):
        yield from _effects(store, tally, part, passes)


def _effects(store: Store, tally: Tally, part: int, passes: int) -> Iterator[Finding]:
    told: dict[Any, tuple[str, Any, int]] = {}
    for data in _told(store, _FATES):
        if _part_of(data.get("effect"), passes) == part:
            told[data["effect"]] = (_FATES[data["@type"]], data.get("payload"), data["@seq"])
    after = ("", "", "")
    while page := store.effect_page(after=after, limit=_PAGE):
        for effect in page:
            if _part_of(effect.id, passes) == part:
                tally.count("effect")
                yield from _differing(effect, *told.pop(effect.id, ("waiting", None, None)))
        last = (page[-1].state, page[-1].at, page[-1].id)
        if last == after:
            # What was damaged sorts otherwise than it reads: it must not be met for ever.
            return
        after = last
    for id_, (_, _, seq) in told.items():
        phrase = Phrase(N_("effect {id} is missing, but events tell of it"), {"id": shown(id_)})
        yield Finding("effect", WORKSPACE_CHAIN, seq, Reason("effect-differs", phrase))


def _part_of(id_: Any, passes: int) -> int:
    return 0 if passes == 1 else hashlib.sha256(repr(id_).encode()).digest()[0] % passes


def _differing(effect: EffectRow, state: str, payload: Any, seq: int | None) -> Iterator[Finding]:
    params = {"id": shown(effect.id)}
    if effect.state != state:
        phrase = Phrase(N_("effect {id} is {state}, but its events say {told}"))
        params |= {"state": shown(effect.state), "told": state}
    elif payload not in (None, _digest(effect.payload)):
        phrase = Phrase(N_("the payload of effect {id} was changed"))
    elif not _is_canonical(effect.payload):
        phrase = Phrase(N_("the payload of effect {id} is nothing that an event gave"))
    else:
        return
    yield Finding("effect", WORKSPACE_CHAIN, seq, Reason("effect-differs", Phrase(phrase.text, params)))


def _digest(payload: Any) -> str | None:
    return hashlib.sha256(payload).hexdigest() if isinstance(payload, bytes) else None


def _is_canonical(payload: Any) -> bool:
    try:
        return audit.canonical_json(audit.from_stored(payload)) == payload
    except UNREADABLE:
        return False


def _told(store: Store, types: Any) -> Iterator[dict[str, Any]]:
    """The data of the workspace's events of these types, with `@type` and `@seq`."""
    for row in store.events(WORKSPACE_CHAIN):
        if row.type in types:
            try:
                data = audit.event_of(row.body).data
            except UNREADABLE:
                # Told before, as an event that cannot be read.
                continue
            if isinstance(data, dict):
                yield {**data, "@type": row.type, "@seq": row.seq}


def strays(store: Store, tally: Tally) -> Iterator[Finding]:
    """(13) Yield what stands in the tables without an event."""
    tally.count("orphan")
    for table, plan in store.strays(_PAGE):
        yield orphan(shown(plan), table)


def orphan(plan: str, table: str) -> Finding:
    """A table has rows of a plan that has no events."""
    phrase = Phrase(N_("table `{table}` has rows of it, but no event can be read under its name"), {"table": table})
    return Finding("orphan", plan, None, Reason("no-events", phrase))


def guards(store: Store, tally: Tally) -> Iterator[Finding]:
    """(14) Yield that the database no longer refuses to change what was recorded."""
    tally.count("append-only")
    if not store.append_only():
        phrase = Phrase(N_("the triggers that keep events from being changed or removed are gone"))
        yield Finding("append-only", WORKSPACE_CHAIN, None, Reason("triggers-gone", phrase))
