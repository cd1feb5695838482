"""What goes into a bundle: chains, and all that one needs to check them without the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from workflow import audit, messages
from workflow.bundling.parts import FORMAT, KINDS, Part, json_part, part, written
from workflow.errors import IntegrityBroken, NotFound
from workflow.messages import Event
from workflow.sealing import notes, record
from workflow.store.interface import EventRow, Store
from workflow.store.seals import LeafRow, SealRow

_PAGE: Final = 1000


@dataclass(frozen=True)
class Span:
    """The events of one chain that a bundle has, `first` to `last`."""

    chain: str
    first: int
    last: int


@dataclass
class _Chain:
    """What was found out about a span before anything is written: heads, and what its events refer to first."""

    span: Span
    previous: bytes
    hash: bytes
    texts: list[str] = field(default_factory=list)
    documents: dict[str, int] = field(default_factory=dict)
    leaves: list[LeafRow] = field(default_factory=list)


class Packing:
    """A bundle in the making, over one view of the database: use it inside the store's `snapshot()`.

    Args:
        spans: At most one of each chain.
        seal: Number of the newest seal that goes in; the newest of all where not given, 0 for none.
        contents: Texts and documents too; without them the bundle tells of their hashes alone.
        documents: False leaves the documents' bytes out, and keeps the texts.

    Raises:
        NotFound: If a chain has no such events.
        IntegrityBroken: If an event cannot be read: nothing could be proved by it.
    """

    def __init__(
        self,
        store: Store,
        spans: Iterable[Span],
        *,
        made_at: datetime,
        clock: str,
        seal: int | None = None,
        contents: bool = True,
        documents: bool = True,
    ) -> None:
        self._store = store
        self._made_at, self._clock = made_at, clock
        self._contents, self._documents = contents, contents and documents
        self._seals = [each for each in record.seals(store) if seal is None or each.number <= seal]
        self._size = self._seals[-1].size if self._seals else 0
        self._definitions: set[str] = set()
        self._seen: set[str] = set()
        self._chains = [self._survey(span) for span in sorted(spans, key=lambda span: span.chain.encode())]
        self._keys = self._signing_keys()

    @property
    def events(self) -> int:
        """How many events the bundle has."""
        return sum(chain.span.last - chain.span.first + 1 for chain in self._chains)

    @property
    def newest_seal(self) -> SealRow | None:
        """The newest seal in the bundle."""
        return self._seals[-1] if self._seals else None

    @property
    def unsealed(self) -> int:
        """How many events of the bundle its newest seal does not cover."""
        return sum(
            chain.span.last - (chain.leaves[-1].seq if chain.leaves else chain.span.first - 1) for chain in self._chains
        )

    def pieces(self) -> Iterator[bytes]:
        """Yield the bundle's bytes, reading as it goes."""
        return written(self._parts())

    # before anything is written: what `about` tells

    def _survey(self, span: Span) -> _Chain:
        rows = iter(self._store.events(span.chain, after=span.first - 1, limit=span.last - span.first + 1))
        chain: _Chain | None = None
        seq = span.first - 1
        for row in rows:
            chain = chain or _Chain(span, row.previous, row.hash)
            chain.hash, seq = row.hash, row.seq
            self._note(chain, _event(row))
        if chain is None or seq != span.last:
            raise NotFound("{plan} has no events {first} to {last}", plan=span.chain, first=span.first, last=span.last)
        chain.texts.sort()
        chain.leaves = [
            leaf for leaf in self._leaves_of(span) if leaf.position < self._size and span.first <= leaf.seq <= span.last
        ]
        return chain

    def _note(self, chain: _Chain, event: Event) -> None:
        self._definitions.update(_definitions(event))
        for key in _texts(event.data):
            if key not in self._seen:
                self._seen.add(key)
                if self._contents and self._store.text(key) is not None:
                    chain.texts.append(key)
        for sha256, size in _documents(event):
            if sha256 not in self._seen:
                self._seen.add(sha256)
                if self._documents and self._store.has_file(sha256):
                    chain.documents[sha256] = self._length(sha256) if size is None else size

    def _length(self, sha256: str) -> int:
        return sum(len(piece) for piece in self._store.file(sha256))

    def _leaves_of(self, span: Span) -> Iterator[LeafRow]:
        after = span.first - 1
        while page := self._store.leaves_of(span.chain, after, _PAGE):
            yield from page
            after = page[-1].seq

    def _signing_keys(self) -> list[Any]:
        """The keys by which the bundle's seals are signed, by id: no other one has anything to say here."""
        used = {notes.parse(seal.note).key for seal in self._seals}
        return sorted((key.public for key in record.known_keys(self._store) if key.id in used), key=lambda key: key.id)

    def _about(self, counts: Mapping[str, int]) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "made_at": audit.instant(self._made_at),
            "clock": self._clock,
            "origin": record.origin_of(self._store),
            "documents": "included" if self._documents else "hashes",
            "chains": [
                {
                    "plan": chain.span.chain,
                    "first": chain.span.first,
                    "last": chain.span.last,
                    "previous": chain.previous.hex(),
                    "hash": chain.hash.hex(),
                }
                for chain in self._chains
            ],
            "counts": dict(counts),
        }

    # writing

    def _parts(self) -> Iterator[Part]:
        definitions = [row for hash_ in sorted(self._definitions) if (row := self._store.definition(hash_)) is not None]
        counts = dict.fromkeys(KINDS, 0) | {
            "about": 1,
            "key": len(self._keys),
            "seal": len(self._seals),
            "consistency": max(len(self._seals) - 1, 0),
            "definition": len(definitions),
            "event": self.events,
            "leaf": sum(len(chain.leaves) for chain in self._chains),
            "text": sum(len(chain.texts) for chain in self._chains),
            "document": sum(len(chain.documents) for chain in self._chains),
        }
        yield json_part("about", "about", self._about(counts))
        for key in self._keys:
            yield part("key", key.id, f"{key.line()}\n".encode())
        for seal in self._seals:
            yield part("seal", str(seal.number), seal.note)
        yield from self._consistency()
        for row in definitions:
            yield part("definition", row.hash, row.body)
        paths = record.inclusion(
            self._store, (leaf.position for each in self._chains for leaf in each.leaves), self._size
        )
        for chain in self._chains:
            yield from self._chain(chain, paths)

    def _consistency(self) -> Iterator[Part]:
        if len(self._seals) < 2:
            return
        *older, newest = self._seals
        proofs = record.consistency(self._store, [seal.size for seal in older], newest.size)
        for seal in older:
            proof = {"from": seal.number, "to": newest.number, "path": _hexes(proofs[seal.size])}
            yield json_part("consistency", f"{seal.number}-{newest.number}", proof)

    def _chain(self, chain: _Chain, paths: Mapping[int, Sequence[bytes]]) -> Iterator[Part]:
        span = chain.span
        for row in self._store.events(span.chain, after=span.first - 1, limit=span.last - span.first + 1):
            yield part("event", f"{span.chain}/{row.seq}", row.body)
        for leaf in chain.leaves:
            yield json_part(
                "leaf",
                f"{span.chain}/{leaf.seq}",
                {
                    "plan": leaf.plan,
                    "seq": leaf.seq,
                    "hash": leaf.hash.hex(),
                    "index": leaf.position,
                    "size": self._size,
                    "path": _hexes(paths[leaf.position]),
                },
            )
        for key in chain.texts:
            if (text := self._store.text(key)) is not None:
                yield json_part("text", key, {"salt": text.salt.hex(), "text": text.text})
        for sha256, size in sorted(chain.documents.items()):
            yield Part("document", sha256, size, self._store.file(sha256))


def _event(row: EventRow) -> Event:
    try:
        return audit.event_of(row.body)
    except (ValueError, TypeError) as error:
        raise IntegrityBroken(
            "event {seq} of {plan} cannot be read",
            hint="`workflow audit verify {plan}` tells what differs",
            seq=row.seq,
            plan=row.plan,
        ) from error


def _definitions(event: Event) -> Iterator[str]:
    if event.definition is not None:
        yield event.definition
    if event.type == messages.PLAN_AMENDED:
        yield event.data["definition"]["hash"]
    if event.type == messages.DEFINITION_ADDED:
        yield event.data["hash"]


def _documents(event: Event) -> Iterator[tuple[str, int | None]]:
    for file in event.data.get("attachments", ()):
        yield file["sha256"], file["size"]
    if event.type in (messages.PEOPLE_LOADED, messages.CALENDAR_LOADED):
        yield event.data["sha256"], None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value.keys() == {"text"} and isinstance(value["text"], str):
        yield value["text"]
        return
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


def _hexes(hashes: Iterable[bytes]) -> list[str]:
    return [each.hex() for each in hashes]
