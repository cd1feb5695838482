"""Questions about a plan's documents: their revisions, who has which, and what changed between two."""

from __future__ import annotations

import difflib
import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from workflow import audit, messages
from workflow.decide.situation import Process
from workflow.drafts import filetext
from workflow.drafts.comparing import SAME, Difference, compare
from workflow.errors import IntegrityBroken, InvalidInput, NotFound
from workflow.language.definition import Text
from workflow.plan.documents import Approval, Revision, Sending
from workflow.plan.state import PlanState
from workflow.queries.lookup import Lookup
from workflow.steps.references import references_in

UNCHANGED, CHANGED, ADDED, REMOVED, NOT_TEXT = "unchanged", "changed", "added", "removed", "not-text"

_ALIKE: Final = 0.4
"""Two names this much alike, with the same ending, are one file under a new name."""


@dataclass(frozen=True)
class DraftFile:
    """A file of a revision; `name` is None where it was withdrawn."""

    name: str | None
    sha256: str
    size: int


@dataclass(frozen=True)
class RevisionDetail:
    """All that is known of one revision.

    Attributes:
        title: The document's title.
        author_name: From the people register; None where they are not in it.
        approvals: Each with whether it still covers the document as it is now.
        newest: No later revision of the document exists.
    """

    revision: Revision
    title: Text
    author_name: Text | None
    files: tuple[DraftFile, ...]
    sendings: tuple[Sending, ...]
    approvals: tuple[tuple[Approval, bool], ...]
    newest: bool
    confidential: bool = False


@dataclass(frozen=True)
class FileDifference:
    """A file in both revisions or in one of them; `paragraphs` are told where it has a text."""

    state: str
    before: DraftFile | None
    after: DraftFile | None
    paragraphs: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Basis:
    """What a comparison starts from: the revision that somebody was sent, or spoke of."""

    who: str
    how: str
    on: str
    revision: str
    seq: int


@dataclass(frozen=True)
class DraftDifference:
    """Two revisions of a document, file by file."""

    plan: str
    before: RevisionDetail
    after: RevisionDetail
    files: tuple[FileDifference, ...]
    since: Basis | None = None


class DraftQueries(Lookup):
    """Reads of the documents of one workspace's plans."""

    def drafts(self, plan: str, document: str | None = None) -> tuple[RevisionDetail, ...]:
        """Every revision of a plan's documents, or of one, in the order of their making.

        Raises:
            NotFound: If there is no such plan, or its definition has no such document.
        """
        process, state = self._documents_of(plan)
        if document is not None:
            _require_document(process, document)
        files = self._files_of(state)
        return tuple(
            self._detail(process, state, revision, files)
            for revision in state.revisions
            if document in (None, revision.document)
        )

    def draft(self, plan: str, document: str, name: str | None = None) -> RevisionDetail:
        """One revision: `4.2`, `4` (the newest of lần 4), or the document's newest where none is named.

        Raises:
            NotFound: If there is no such plan, document or revision.
        """
        process, state = self._documents_of(plan)
        _require_document(process, document)
        return self._detail(process, state, _revision(state, document, name), self._files_of(state))

    def draft_difference(
        self,
        plan: str,
        document: str,
        before: str | None = None,
        after: str | None = None,
        *,
        since: str | None = None,
    ) -> DraftDifference:
        """What changed between two revisions: the newest and the one before it where none is named.

        Args:
            since: A unit, office or step; the comparison starts from the revision last sent to it or
                spoken of by it.

        Raises:
            NotFound: If something named does not exist, or nothing was sent to *since*.
            InvalidInput: If a file cannot be read as what its name says.
        """
        process, state = self._documents_of(plan)
        _require_document(process, document)
        files = self._files_of(state)
        basis = None
        if since is not None:
            if before is not None:
                raise InvalidInput("--since and a first revision both say where the comparison starts", code="usage")
            basis = self._basis(process, state, document, since)
            before = basis.revision
        new = _revision(state, document, after)
        old = _revision(state, document, before) if before else _one_before(state, new)
        details = [self._detail(process, state, revision, files) for revision in (old, new)]
        pairs = _paired(details[0].files, details[1].files)
        compared = tuple(self._compared(one, other) for one, other in pairs)
        return DraftDifference(state.id, details[0], details[1], compared, basis)

    def draft_file(self, file: DraftFile) -> Iterator[bytes]:
        """The file's bytes in pieces, as they were handed in.

        Raises:
            NotFound: If they are gone.
            IntegrityBroken: At the end, if they are not those bytes any more.
        """
        if not self.store.has_file(file.sha256):
            raise NotFound(
                "the bytes of {name} are in the record no more: they were withdrawn, or lost",
                code="file-gone",
                hint="`workflow audit verify` tells which",
                name=file.name or file.sha256[:12],
            )
        digest = hashlib.sha256()
        for piece in self.store.file(file.sha256):
            digest.update(piece)
            yield piece
        if digest.hexdigest() != file.sha256:
            raise IntegrityBroken(
                "the stored file {sha256} is not the one that was handed in",
                hint="`workflow audit verify` tells what differs",
                sha256=file.sha256[:12],
            )

    def _documents_of(self, plan: str) -> tuple[Process, PlanState]:
        row = self.require_plan(plan)
        return self.process_of(row.definition), self.state_of(row)

    def _files_of(self, state: PlanState) -> dict[tuple[int, str], DraftFile]:
        rows = self.store.documents(state.id)
        names = self.store.texts([row.name for row in rows])
        return {(row.seq, row.sha256): DraftFile(names.get(row.name), row.sha256, row.size) for row in rows}

    def _detail(
        self, process: Process, state: PlanState, revision: Revision, files: dict[tuple[int, str], DraftFile]
    ) -> RevisionDetail:
        document = process.definition.documents[revision.document]
        key = (revision.document, revision.name)
        newest = state.latest_revision(revision.document)
        known = revision.author is not None and self.register.known(revision.author)
        return RevisionDetail(
            revision=revision,
            title=document.title,
            author_name=self.register.name(revision.author) if known and revision.author else None,
            files=tuple(
                files.get((revision.seq, sha256), DraftFile(None, sha256, 0))
                for sha256 in dict.fromkeys(revision.files)
            ),
            sendings=tuple(sending for sending in state.sendings if (sending.document, sending.name) == key),
            approvals=tuple(
                (approval, state.covers(approval))
                for approval in state.approvals
                if (approval.document, approval.name) == key
            ),
            newest=newest is not None and newest.name == revision.name,
            confidential=document.confidential,
        )

    def _basis(self, process: Process, state: PlanState, document: str, who: str) -> Basis:
        address = None if self.register.known(who) else process.definition.full_address(who, state.stage)
        if address is None and not self.register.known(who):
            raise NotFound(
                "there is no unit, office or step `{who}`",
                code="unknown-unit",
                hint="`workflow draft list {plan}` shows to whom it was sent",
                who=who[:120],
                plan=state.id,
            )
        found = [
            Basis(who, "sent", sending.on, sending.name, sending.seq)
            for sending in state.sendings
            if sending.document == document and (sending.step == address if address else who in sending.to)
        ]
        if address is None:
            found += self._spoken(process, state, document, who)
        if not found:
            raise NotFound(
                "no revision of `{document}` was sent to `{who}`, and `{who}` spoke of none",
                code="never-sent",
                hint="`workflow draft list {plan}` shows to whom it was sent",
                document=document,
                who=who,
                plan=state.id,
            )
        return max(found, key=lambda basis: basis.seq)

    def _spoken(self, process: Process, state: PlanState, document: str, who: str) -> Iterator[Basis]:
        """Acts in the name of *who* whose data name the revision that they are about."""
        known = {revision.name for revision in state.revisions if revision.document == document}
        for row in self.store.events(state.id):
            if row.type != messages.STEP_ACTED:
                continue
            event = audit.event_of(row.body)
            data = event.data["data"]
            revision = data.get("about") or data.get("revision")
            speaks = who in (event.on_behalf, event.authority.get("ref"), data.get("unit"))
            of_it = (
                document == data["document"] if "document" in data else document in _named(process, event.data["step"])
            )
            if speaks and of_it and revision in known:
                yield Basis(who, "spoken", event.occurred_on.isoformat(), str(revision), event.seq)

    def _compared(self, before: DraftFile | None, after: DraftFile | None) -> FileDifference:
        if before is not None and after is not None and before.sha256 == after.sha256:
            return FileDifference(UNCHANGED, before, after)
        if any(file is not None and not filetext.is_readable(file.name or "") for file in (before, after)):
            return FileDifference(NOT_TEXT, before, after)
        paragraphs = compare(self._text(before), self._text(after))
        if before is None or after is None:
            return FileDifference(ADDED if before is None else REMOVED, before, after, paragraphs)
        same = all(paragraph.kind == SAME for paragraph in paragraphs)
        return FileDifference(UNCHANGED if same else CHANGED, before, after, paragraphs)

    def _text(self, file: DraftFile | None) -> tuple[str, ...]:
        if file is None:
            return ()
        return filetext.paragraphs(file.name or "-", b"".join(self.draft_file(file)))


def _named(process: Process, address: str) -> set[str]:
    """The documents that a step's options name."""
    if address not in process.definition.steps:
        return set()
    return {name for _, kind, name in references_in(process.options(address)) if kind == "document"}


def _require_document(process: Process, document: str) -> None:
    if document not in process.definition.documents:
        raise NotFound(
            "definition {definition} has no document `{document}`",
            code="unknown-document",
            hint="it has: {known}",
            definition=process.definition.id,
            document=document[:120],
            known=", ".join(process.definition.documents) or "-",
        )


def _revision(state: PlanState, document: str, name: str | None) -> Revision:
    made = [revision for revision in state.revisions if revision.document == document]
    wanted = unicodedata.normalize("NFC", name).strip() if name else None
    found = [one for one in made if wanted is None or wanted in (one.name, str(one.number))]
    if not found:
        raise NotFound(
            "there is no revision {name} of `{document}`",
            code="unknown-revision",
            hint="it has: {known}",
            name=(wanted or "-")[:20],
            document=document,
            known=", ".join(one.name for one in made) or "-",
        )
    return found[-1]


def _one_before(state: PlanState, revision: Revision) -> Revision:
    made = [one for one in state.revisions if one.document == revision.document]
    index = made.index(revision)
    if index == 0:
        raise NotFound(
            "{name} is the first revision of `{document}`: there is none before it",
            code="unknown-revision",
            hint="`workflow draft show {plan} {document} {name} --out DIR` writes its files",
            name=revision.name,
            document=revision.document,
            plan=state.id,
        )
    return made[index - 1]


def _paired(before: Sequence[DraftFile], after: Sequence[DraftFile]) -> list[tuple[DraftFile | None, DraftFile | None]]:
    """Pair files by their bytes or names, then those of one kind under names that are alike."""
    left, pairs = list(before), []
    for file in after:
        same = next((one for one in left if one.sha256 == file.sha256), None)
        same = same or next((one for one in left if one.name == file.name), None)
        if same is not None:
            left.remove(same)
        pairs.append((same, file))
    for index, (found, file) in enumerate(pairs):
        if found is None and (renamed := _renamed(left, file, alone=len(before) == len(after) == 1)):
            left.remove(renamed)
            pairs[index] = (renamed, file)
    return [*pairs, *((file, None) for file in left)]


def _renamed(left: Sequence[DraftFile], file: DraftFile, *, alone: bool) -> DraftFile | None:
    if alone:
        return next(iter(left), None)
    name = file.name or ""
    alike = [
        (difflib.SequenceMatcher(None, one.name or "", name).ratio(), one)
        for one in left
        if filetext.suffix_of(one.name or "") == filetext.suffix_of(name)
    ]
    best = max(alike, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] >= _ALIKE else None
