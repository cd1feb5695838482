"""Sealing: keys made known and retired, and the next seal over everything.

A seal is no event: its signed note proves itself. Which keys may sign, the workspace's chain tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflow import audit, messages
from workflow.errors import Conflict, IntegrityBroken, InvalidInput, NotFound, Phrase, Reason
from workflow.messages import WORKSPACE_CHAIN, Fact
from workflow.sealing import merkle, notes, record
from workflow.sealing.keys import Keyring, PublicKey
from workflow.sealing.notes import Checkpoint, Seal
from workflow.sealing.record import KnownKey
from workflow.service.changes import kept_form
from workflow.service.keeping import Keeping
from workflow.store.interface import RevisionLost
from workflow.store.seals import LeafRow, SealRow
from workflow.views.plans import Write

_RETRIES = 5
"""How often it is sealed anew when somebody else sealed in between."""

Passphrase = Callable[[str], bytes | None]
"""Given the id of a key that is locked, its passphrase."""


@dataclass(frozen=True)
class _Next:
    """What is to be sealed."""

    checkpoint: Checkpoint
    number: int
    leaves: list[LeafRow]


class Sealing(Keeping):
    """Seals and the keys that sign them."""

    # keys

    def known_keys(self) -> tuple[KnownKey, ...]:
        """Return every key that was ever made known, oldest first."""
        return record.known_keys(self.store)

    def add_key(self, keyring: Keyring, write: Write, passphrase: bytes | None) -> PublicKey:
        """Make a key that signs from now on, and make it known.

        Raises:
            InvalidInput: If nothing is recorded yet, or its files cannot be written.
            NotPermitted: If the register has keepers and the actor is none.
        """
        write = self._keeper_of_keys(write, "audit key new")
        key = keyring.make(self._name_of_log(), passphrase)
        try:
            self._append_workspace(Fact(messages.KEY_ADDED, {"id": key.id, "public": key.line()}), write)
        except BaseException:
            keyring.forget(key.id)
            raise
        return key

    def retire_key(self, id: str, write: Write) -> None:
        """Let a key sign no more; what it signed stays good.

        Raises:
            NotFound: If no such key was made known.
            InvalidInput: If it is retired already.
            NotPermitted: If the register has keepers and the actor is none.
        """
        known = next((key for key in self.known_keys() if key.id == id), None)
        if known is None:
            raise NotFound("there is no key {id}", hint="`workflow audit key list` shows the keys", id=id[:80])
        write = self._keeper_of_keys(write, "audit key retire")
        if not known.is_active:
            raise InvalidInput("key {id} is retired already", code="key-retired", id=id)
        self._append_workspace(Fact(messages.KEY_RETIRED, {"id": id}), write)

    def _keeper_of_keys(self, write: Write, command: str) -> Write:
        write = kept_form(write)
        self._require_person(write)
        self._require_keeper(write, Phrase("make and retire the keys of seals"), command)
        return write

    def _name_of_log(self) -> str:
        origin = record.origin_of(self.store)
        if origin is None:
            raise InvalidInput(
                "nothing is recorded yet, so there is nothing to seal",
                code="nothing-recorded",
                hint="begin with `workflow people load`",
            )
        return origin

    # seals

    def seal(self, keyring: Keyring, passphrase: Passphrase, write: Write | None = None) -> SealRow | None:
        """Seal everything that was recorded; None where nothing was since the last seal.

        Raises:
            InvalidInput: If there is no key, or it cannot be used.
            IntegrityBroken: If the record is not what was sealed before: that is never signed anew.
        """
        if write is not None:
            self._require_person(write)
        known = record.signing_key(self.store)
        if known is None:
            self._name_of_log()
            raise InvalidInput(
                "there is no key to sign with", code="no-key", hint="`workflow audit key new --as YOU` makes one"
            )
        signer = keyring.open(known.public, passphrase(known.id) if keyring.is_locked(known.id) else None)
        for _ in range(_RETRIES):
            with self.store.snapshot():
                following = self._next_seal()
            if following is None:
                return None
            said = following.checkpoint
            seal = Seal(said, known.id, signer.sign(said.text()))
            row = SealRow(following.number, said.size, said.root, seal.note(), said.at)
            try:
                self.store.append_seal(row, following.leaves)
            except RevisionLost:
                continue
            return row
        raise Conflict("others are sealing at the same time", hint="try again")

    def seal_is_due(self, every: timedelta) -> bool:
        """True if the last seal is older than that, or there is none."""
        last = self.store.last_seal()
        return last is None or datetime.fromisoformat(last.at) + every <= self.clock.now()

    def _next_seal(self) -> _Next | None:
        last = self.store.last_seal()
        size, number = (last.size, last.number + 1) if last is not None else (0, 1)
        sealed = _said(last) if last is not None else None
        new: list[LeafRow] = []
        chains = events = 0
        for chain, head, leaf in record.paired(self.store, size):
            reason = record.disagreement(self.store, head, leaf) if leaf is not None else None
            if reason is not None:
                raise broken(chain, reason)
            assert head is not None
            chains, events = chains + 1, events + head[1]
            if leaf is None or leaf.seq < head[1]:
                if sealed is not None and (late := record.dated_back(self.store, chain, leaf, sealed)) is not None:
                    raise broken(chain, late[1])
                new.append(LeafRow(size + len(new), chain, head[1], head[2], number))
        if not new:
            return None
        root = self._sealed_root(last, new)
        at, simulated = audit.instant(self.clock.now()), self.clock.name == "simulated"
        return _Next(Checkpoint(self._name_of_log(), size + len(new), root, at, chains, events, simulated), number, new)

    def _sealed_root(self, last: SealRow | None, new: list[LeafRow]) -> bytes:
        """The root over the stored leaves, which must be those of the last seal, and the new ones."""
        tree = merkle.Tree()
        try:
            for leaf in record.leaves(self.store):
                tree.add(record.hash_of(leaf))
            if (tree.size, tree.root()) != ((last.size, last.root) if last else (0, merkle.EMPTY)):
                raise broken(WORKSPACE_CHAIN, Reason("sealed-leaves-differ", Phrase("the leaves under it differ")))
            for leaf in new:
                tree.add(record.hash_of(leaf))
        except ValueError as error:
            raise broken(WORKSPACE_CHAIN, Reason("leaf-unreadable", Phrase("a leaf cannot be read"))) from error
        return tree.root()


def _said(seal: SealRow) -> Checkpoint:
    try:
        return notes.parse(seal.note).checkpoint
    except (InvalidInput, TypeError, AttributeError) as error:
        raise broken(WORKSPACE_CHAIN, Reason("seal-unreadable", Phrase("the newest seal cannot be read"))) from error


def broken(chain: str, reason: Reason) -> IntegrityBroken:
    """Say that a chain is not what was sealed."""
    return IntegrityBroken(
        "{chain} is not what was sealed: {why}. Nothing was sealed or written.",
        code="seal-broken",
        reasons=(reason,),
        hint="`workflow audit verify` tells all that differs. Keep a copy of the database as it is.",
        chain=chain,
        why=reason.phrase,
    )
