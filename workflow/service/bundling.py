"""Bundles: chains with all that proves them, recorded first, then written from one view of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO

from workflow import messages
from workflow.bundling.packing import Packing, Span
from workflow.errors import N_, NotFound, NotPermitted, Phrase, Reason
from workflow.messages import WORKSPACE_CHAIN, Fact
from workflow.queries.leaving_out import hidden_in
from workflow.service.keeping import Keeping
from workflow.views.plans import Write

MOST_NAMED = 50
"""Of so many chains a bundle's record has the ids, of more their number alone."""

Opened = Callable[[], AbstractContextManager[BinaryIO]]
"""Opens where the bundle goes to; at its end the whole is there, and nothing if anything was raised inside."""


@dataclass(frozen=True)
class Bundled:
    """What was bundled: chains, events, the newest seal's number, and how many events it does not cover."""

    chains: tuple[str, ...]
    events: int
    seal: int | None
    unsealed: int


class Bundling(Keeping):
    """Lets chains out of the house, with what proves them."""

    def bundle(
        self,
        plans: Sequence[str],
        write: Write,
        open_: Opened,
        *,
        documents: bool = True,
        confidential: bool = False,
    ) -> Bundled:
        """Write whole chains (`@workspace` is one) into one file for an outsider, and record first that it is done.

        A chain proves itself as a whole or not at all: no event and no step can be left out of it.

        Raises:
            NotFound: If there is no such plan.
            NotPermitted: If something in a plan is confidential and was not asked for, or there is no right to it.
            IntegrityBroken: If an event cannot be read.
            StorageUnusable: If it cannot be recorded: then nothing is written.
        """
        if confidential:
            self._require_confidant(write, Phrase(N_("take confidential things out")), "bundle")
        with self.store.snapshot():
            spans = [self._whole_chain(plan) for plan in dict.fromkeys(map(self._chain_named, plans))]
            if not confidential:
                self._require_open(spans, write)
            packing = self.packed(spans, documents=documents)
            self._record_leaving(self._bundled(packing, spans, documents, confidential), write)
            with open_() as out:
                for piece in packing.pieces():
                    out.write(piece)
        seal = packing.newest_seal
        chains = tuple(span.chain for span in spans)
        return Bundled(chains, packing.events, seal.number if seal else None, packing.unsealed)

    def packed(
        self, spans: Sequence[Span], *, seal: int | None = None, contents: bool = True, documents: bool = True
    ) -> Packing:
        """Return a bundle in the making: call it, and write its `pieces()`, inside the store's `snapshot()`.

        Args:
            seal: Number of the newest seal that goes in.
            contents: Without them texts and documents stand for themselves by their hashes alone.
        """
        return Packing(
            self.store,
            spans,
            made_at=self.clock.now(),
            clock=self.clock.name,
            seal=seal,
            contents=contents,
            documents=documents,
        )

    def _chain_named(self, plan: str) -> str:
        return plan if plan == WORKSPACE_CHAIN else self.require_plan(plan).id

    def _whole_chain(self, chain: str) -> Span:
        last = self.store.workspace_head() if chain == WORKSPACE_CHAIN else None
        row = self.store.plan(chain) if chain != WORKSPACE_CHAIN else None
        length = last.seq if last is not None else row.revision if row is not None else 0
        if length == 0:
            raise NotFound("nothing is recorded in {chain}", chain=chain)
        return Span(chain, 1, length)

    def _require_open(self, spans: Sequence[Span], write: Write) -> None:
        reasons = tuple(self._confidential_in(spans))
        if not reasons:
            return
        with self._refusals_recorded(WORKSPACE_CHAIN, "bundle", write):
            raise NotPermitted(
                "a bundle has a plan's whole chain, and something in it is confidential",
                code="confidential",
                reasons=reasons,
                hint="who has the right to it asks for it with --confidential; `workflow audit export` leaves it out",
            )

    def _confidential_in(self, spans: Sequence[Span]) -> Iterator[Reason]:
        for span in spans:
            if (row := self.store.plan(span.chain)) is None:
                continue
            hidden = hidden_in(self.process_of, self.state_of(row))
            if hidden is None:
                yield Reason("confidential", Phrase(N_("{plan} is confidential"), {"plan": row.id}))
            elif hidden:
                said = {"plan": row.id, "steps": sorted(hidden)}
                yield Reason("confidential", Phrase(N_("of {plan} these steps are confidential: {steps}"), said))

    def _bundled(self, packing: Packing, spans: Sequence[Span], documents: bool, confidential: bool) -> Fact:
        seal = packing.newest_seal
        data = {
            "count": len(spans),
            "events": packing.events,
            "documents": documents,
            "confidential": confidential,
            "seal": seal.number if seal else None,
        }
        if len(spans) <= MOST_NAMED:
            data["plans"] = sorted(span.chain for span in spans)
        return Fact(messages.BUNDLED, data)
