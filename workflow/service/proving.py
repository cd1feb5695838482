"""The proof of one event under a seal: its chain up to the next sealed event, and the path from there to the root."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflow.bundling.packing import Span
from workflow.errors import N_, IntegrityBroken, InvalidInput, NotFound, Phrase, Reason
from workflow.messages import WORKSPACE_CHAIN
from workflow.sealing import merkle, record
from workflow.sealing.notes import Seal
from workflow.service.bundling import Bundled, Bundling, Opened
from workflow.service.sealing import Sealing, broken
from workflow.store.interface import EventRow
from workflow.store.seals import LeafRow
from workflow.views.plans import Write


@dataclass(frozen=True)
class Proof:
    """What proves that an event was in the record when a seal was made.

    Attributes:
        events: The chain from the event to the sealed one, as stored.
        leaf: The leaf of the last of these, `path` from it to the root of `seal`.
    """

    events: tuple[EventRow, ...]
    leaf: LeafRow
    path: tuple[bytes, ...]
    seal: Seal


class Proving(Sealing, Bundling):
    """Proves single events to somebody outside."""

    def write_proof(
        self, plan: str, seq: int, seal: Seal, write: Write, open_: Opened, *, confidential: bool = False
    ) -> Bundled:
        """Write the proof of an event as a bundle of one piece of a chain, and record first that it leaves.

        Texts and documents stay here: the events tell of their hashes.

        Raises:
            NotPermitted: If something in the plan is confidential and was not asked for, or there is no right to it.
            WorkflowError: Whatever `prove` raises.
        """
        if confidential:
            self._require_confidant(write, Phrase(N_("take confidential things out")), "prove")
        with self.store.snapshot():
            plan = self._chain_named(plan)
            proof = self.prove(plan, seq, seal)
            number = next(row.number for row in record.seals(self.store) if row.size == seal.checkpoint.size)
            spans = [Span(plan, seq, proof.leaf.seq)]
            if not confidential:
                self._require_open(spans, write)
            packing = self.packed(spans, seal=number, contents=False)
            self._record_leaving(self._bundled(packing, spans, False, confidential), write)
            with open_() as out:
                for piece in packing.pieces():
                    out.write(piece)
        return Bundled((plan,), packing.events, number, packing.unsealed)

    def prove(self, plan: str, seq: int, seal: Seal) -> Proof:
        """Return what proves an event under a seal.

        Raises:
            NotFound: If there is no such event.
            InvalidInput: If it was recorded after the seal was made.
            IntegrityBroken: If the seal is not one of this record.
        """
        said = seal.checkpoint
        with self.store.snapshot():
            if self.store.event(plan, seq) is None:
                raise NotFound("{plan} has no event {seq}", code="unknown-event", plan=plan, seq=seq)
            self._require_own_seal(seal)
            leaf = record.leaf_over(self.store, plan, seq, said.size)
            if leaf is None:
                raise InvalidInput(
                    "event {seq} of {plan} is younger than this seal, which was made at {at}",
                    code="not-sealed",
                    hint="`workflow audit seal` makes a seal that it is under",
                    plan=plan,
                    seq=seq,
                    at=said.at,
                )
            events = tuple(self._events_until(plan, seq, leaf.seq))
            path = record.inclusion(self.store, [leaf.position], said.size)[leaf.position]
        if not events or events[-1].hash != leaf.hash:
            raise broken(plan, Reason("sealed-event-differs", Phrase("its events are not those that were sealed")))
        return Proof(events, leaf, tuple(path), seal)

    def _events_until(self, plan: str, seq: int, last: int) -> Iterator[EventRow]:
        return self.store.events(plan, after=seq - 1, limit=last - seq + 1)

    def _require_own_seal(self, seal: Seal) -> None:
        said, tree = seal.checkpoint, merkle.Tree()
        known = next((key for key in self.known_keys() if key.id == seal.key), None)
        if known is None or said.origin != self._name_of_log() or not known.public.signed(said.text(), seal.signature):
            raise IntegrityBroken(
                "this seal was not made by a key of this workspace",
                code="seal-not-ours",
                hint="`workflow audit verify --seal FILE` says more",
            )
        try:
            for leaf in record.leaves(self.store, said.size):
                tree.add(record.hash_of(leaf))
        except ValueError as error:
            raise broken(WORKSPACE_CHAIN, Reason("leaf-unreadable", Phrase("a leaf cannot be read"))) from error
        known_here = any(row.note == seal.note() for row in record.seals(self.store))
        if (tree.size, tree.root()) != (said.size, said.root) or not known_here:
            raise broken(WORKSPACE_CHAIN, Reason("sealed-leaves-differ", Phrase("the leaves under it differ")))
