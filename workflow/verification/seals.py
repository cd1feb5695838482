"""Check 15: the record against its seals, those that it holds and one from outside.

A seal that left the house is what the owner of the database cannot change. Against it are found, each with its own
words: a chain whose end was cut off, a plan that was removed, a chain that was written anew, and a database that was
taken back to an earlier day. The seals in the database are held to the same, so that one edited by hand is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from workflow.audit import NotCanonical
from workflow.errors import N_, InvalidInput, Phrase, Reason
from workflow.messages import WORKSPACE_CHAIN
from workflow.sealing import merkle, notes, record
from workflow.sealing.files import FOLDER, Filed
from workflow.sealing.keys import PublicKey
from workflow.sealing.notes import Checkpoint, Seal
from workflow.sealing.record import KnownKey
from workflow.store.interface import Store
from workflow.store.seals import LeafRow, SealRow
from workflow.verification.chains import shown
from workflow.views.plans import Finding

CHECK: Final = "seal"
_ALL: Final = 2**31 - 1
"""More leaves than there are: where some are missing, those behind a gap still name their chains."""


def check(
    store: Store, given: Seal | None = None, key: PublicKey | None = None, filed: Filed | None = None
) -> Iterator[Finding]:
    """Yield what the stored seals, the leaves under them and the *given* seal do not agree with.

    Args:
        given: From a file, as `notes.parse` read it.
        key: The one that must have made it; else any key that the workspace's chain knows.
        filed: The workspace's own folder of seals, where the given one is from there.

    Raises:
        InvalidInput: If there is a seal, and `cryptography` is not installed.
    """
    yield from _Checking(store, given, key, filed).findings()


class _Checking:
    def __init__(self, store: Store, given: Seal | None, key: PublicKey | None, filed: Filed | None) -> None:
        self._store = store
        self._given = given
        self._key = key
        self._filed = filed
        self._given_name = Phrase(N_("the seal given"))
        if filed is not None and filed.path is not None:
            self._given_name = Phrase(N_("the seal in the file {name}"), {"name": filed.path.name})
        self._origin = record.origin_of(store)
        self._keys = record.known_keys(store)
        self._roots: dict[int, bytes] = {}
        self._is_broken = False
        self._stored_size = self._chains = self._gone = 0
        self._is_whole = True
        # By size: the last event of the workspace's chain among so many leaves.
        self._until: dict[int, int] = {}

    def findings(self) -> Iterator[Finding]:
        """Yield everything."""
        rows = list(self._rows())
        read = {number: seal for number, seal in ((row.number, _read(row)) for row in rows) if seal is not None}
        sizes = {row.size for row in rows} | ({self._given.checkpoint.size} if self._given else set())
        self._stored_size = rows[-1].size if rows else 0
        # (a) the leaves stand one behind the other, each under a seal
        yield from self._leaves(sizes, rows)
        # (d) each chain goes on from where it was sealed, and what is older than the newest seal is under it
        ends = list(self._ends(self._newest(read.values())))
        # (b) each stored seal is the one that its row says, signed, over these leaves
        for row, before in zip(rows, (0, *(row.number for row in rows)), strict=False):
            if row.number != before + 1:
                yield _found("seal-missing", N_("seal {number} is missing"), number=before + 1)
            yield from self._stored(row, read.get(row.number))
        if not rows and self._keys and self._filed is not None and (self._filed.path or self._filed.damaged):
            message = N_("a key for seals was made known and seals lie in the folder {name}/, but no seal is stored")
            yield _found("seals-gone", message, name=FOLDER)
        # (c) so is the seal from outside
        if self._given is not None:
            yield from self._outside(self._given)
        yield from ends

    def _rows(self) -> Iterator[SealRow]:
        return record.seals(self._store)

    # (a)

    def _leaves(self, sizes: set[int], rows: Sequence[SealRow]) -> Iterator[Finding]:
        tree, until, last = merkle.Tree(), 0, rows[-1].size if rows else 0
        bounds = {row.number: row.size for row in rows}
        for leaf in record.leaves(self._store):
            if leaf.position != tree.size:
                yield _found("leaf-missing", N_("leaf {position} is missing"), position=tree.size)
                self._is_broken = True
                break
            try:
                tree.add(record.hash_of(leaf))
            except (ValueError, NotCanonical):
                yield _found("leaf-unreadable", N_("leaf {position} cannot be read"), position=tree.size)
                self._is_broken = True
                break
            until = leaf.seq if leaf.plan == WORKSPACE_CHAIN else until
            begin, end = bounds.get(leaf.seal - 1, 0) if isinstance(leaf.seal, int) else 0, bounds.get(leaf.seal, 0)
            if not begin <= leaf.position < end and leaf.position < last:
                yield _found(
                    "leaf-misplaced",
                    N_("leaf {position} stands under seal {seal}, which is not the one over it"),
                    position=leaf.position,
                    seal=leaf.seal,
                )
            if tree.size in sizes:
                self._roots[tree.size], self._until[tree.size] = tree.root(), until
        self._size = tree.size
        if tree.size > last:
            yield _found("leaf-unsealed", N_("leaf {position} stands under no seal"), position=last)

    # (d)

    def _newest(self, stored: Iterable[Seal]) -> Checkpoint | None:
        """What the newest seal says, among those that can be read and the given one, if that is one of ours."""
        good = [self._given] if self._given is not None and self._is_ours(self._given) else []
        return max((seal.checkpoint for seal in (*stored, *good)), key=lambda said: said.size, default=None)

    def _is_ours(self, seal: Seal) -> bool:
        return seal.checkpoint.origin == self._origin and self._fault_of_signature(seal, self._key) is None

    def _ends(self, newest: Checkpoint | None) -> Iterator[Finding]:
        self._is_whole = newest is None or self._roots.get(newest.size) == newest.root
        for chain, head, leaf in record.paired(self._store, self._size if self._is_whole else _ALL):
            self._chains += head is not None
            self._gone += head is None
            reason = record.disagreement(self._store, head, leaf) if leaf is not None else None
            if leaf is not None and reason is not None:
                yield Finding(CHECK, shown(chain), leaf.seq if isinstance(leaf.seq, int) else None, reason)
            elif newest is not None and head is not None and (leaf is None or head[1] != leaf.seq):
                yield from self._uncovered(chain, leaf, newest)

    def _uncovered(self, chain: str, leaf: LeafRow | None, newest: Checkpoint) -> Iterator[Finding]:
        late = record.dated_back(self._store, chain, leaf, newest) if self._is_whole else None
        if late is not None:
            yield Finding(CHECK, shown(chain), *late)
        elif not self._is_whole and (seq := record.first_before(self._store, chain, leaf, newest.at)) is not None:
            phrase = Phrase(
                N_("event {seq} is older than the seal of {at}, and none of the leaves that are left is over it"),
                {"seq": seq, "at": newest.at},
            )
            yield Finding(CHECK, shown(chain), seq, Reason("leaf-of-chain-missing", phrase))

    # (b)

    def _stored(self, row: SealRow, seal: Seal | None) -> Iterator[Finding]:
        about = {"number": row.number}
        if seal is None:
            yield _found("seal-unreadable", N_("seal {number} cannot be read"), **about)
            return
        said = seal.checkpoint
        if (row.size, row.root, row.at) != (said.size, said.root, said.at):
            yield _found("seal-differs", N_("the columns of seal {number} differ from its note"), **about)
        for code, message in self._faults(seal, None):
            what = Phrase(N_("seal {number}"), about)
            yield _found(code, message, **_words(said), what=what, key=seal.key, there=self._size)

    # (c)

    def _outside(self, seal: Seal) -> Iterator[Finding]:
        for code, message in self._faults(seal, self._key):
            what = self._given_name
            yield _found(code, message, **_words(seal.checkpoint), what=what, key=seal.key, there=self._size)
        # Chains that began since may stand in for others, so there may be more.
        missing = seal.checkpoint.chains - self._chains - self._gone
        if missing > 0 and self._is_ours(seal):
            message = N_("chains missing under {what}: at least {missing} of {chains}, which no leaf names any more")
            chains = seal.checkpoint.chains
            yield _found("sealed-chains-missing", message, what=self._given_name, chains=chains, missing=missing)

    def _faults(self, seal: Seal, key: PublicKey | None) -> Iterator[tuple[str, str]]:
        said = seal.checkpoint
        if said.origin != self._origin:
            yield "seal-of-another", N_("{what} is of another workspace: {origin}")
            return
        fault = self._fault_of_signature(seal, key)
        if fault is not None:
            yield fault
            return
        root = self._roots.get(said.size)
        if root is None and self._is_broken:
            yield "seal-not-compared", N_("{what} cannot be compared: the leaves under it are not all there")
        elif root is None and said.size <= self._stored_size:
            yield (
                "leaves-gone",
                N_("{what} of {at} is over {size} leaves, the record has {there}: the others were removed"),
            )
        elif root is None:
            yield (
                "rolled-back",
                N_(
                    "{what} of {at} is over {size} leaves, the record has {there}: it was taken back to an earlier "
                    "day, or leaves were removed together with the seals over them"
                ),
            )
        elif root != said.root:
            yield (
                "sealed-leaves-differ",
                N_("{what} of {at} is over other leaves than the record has: it was written anew or taken back"),
            )

    def _fault_of_signature(self, seal: Seal, key: PublicKey | None) -> tuple[str, str] | None:
        if key is not None and key.id != seal.key:
            return "seal-other-key", N_("{what} was signed by key {key}, not by the one given")
        known = self._known(seal)
        if key is None and known is None:
            return "seal-unknown-key", N_("{what} was signed by key {key}, which the workspace does not know")
        public = key or (known.public if known is not None else None)
        assert public is not None
        if not public.signed(seal.checkpoint.text(), seal.signature):
            return "seal-forged", N_("{what} has no good signature by key {key}: it was changed")
        until = self._until.get(seal.checkpoint.size)
        if known is not None and until is not None and not known.counts_at(until):
            return "seal-retired-key", N_("{what} was signed by key {key}, which was not in force then")
        return None

    def _known(self, seal: Seal) -> KnownKey | None:
        return next((known for known in self._keys if known.id == seal.key), None)


def _read(row: SealRow) -> Seal | None:
    try:
        return notes.parse(row.note) if isinstance(row.note, bytes) else None
    except InvalidInput:
        return None


def _words(said: Checkpoint) -> dict[str, object]:
    return {"origin": said.origin, "at": said.at, "size": said.size}


def _found(code: str, message: str, **params: object) -> Finding:
    return Finding(CHECK, WORKSPACE_CHAIN, None, Reason(code, Phrase(message, params)))
