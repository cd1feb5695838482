"""What events refer to beside the chain: checks 10 and 11, the texts and the bytes of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from workflow import audit
from workflow.errors import N_, Phrase, Reason
from workflow.messages import CALENDAR_LOADED, PEOPLE_LOADED, Event, text_references
from workflow.store.interface import Store
from workflow.verification.tally import Tally
from workflow.verification.withdrawn import Withdrawals, withdrawals
from workflow.views.plans import Finding

_KEPT_WHOLE: Final = (PEOPLE_LOADED, CALENDAR_LOADED)


class Contents:
    """What is kept of the events' texts and files, held against what the events name and what others withdraw."""

    def __init__(self, store: Store, tally: Tally) -> None:
        self._store = store
        self._tally = tally

    @cached_property
    def _gone(self) -> Withdrawals:
        return withdrawals(self._store)

    def judge(self, chain: str, event: Event) -> Iterator[Finding]:
        """Yield what is wrong with the texts and files of one event."""
        # (10) the texts
        for key in text_references(event.data):
            self._tally.count("text")
            row, withdrawn = self._store.text(key), key in self._gone.texts
            if row is None and not withdrawn:
                phrase = Phrase(N_("a text of event {seq} is missing"), {"seq": event.seq})
                yield Finding("text", chain, event.seq, Reason("text-missing", phrase))
            elif row is not None and withdrawn:
                phrase = Phrase(N_("a text of event {seq} was withdrawn, and is there again"), {"seq": event.seq})
                yield Finding("text", chain, event.seq, Reason("text-there-again", phrase))
            elif row is not None and audit.text_key(row.salt, row.text) != key:
                phrase = Phrase(N_("a text of event {seq} was changed"), {"seq": event.seq})
                yield Finding("text", chain, event.seq, Reason("text-differs", phrase))
        # (11) the files
        for sha256, size in _files(event):
            self._tally.count("file")
            yield from self._file(chain, event, sha256, size)

    def _file(self, chain: str, event: Event, sha256: str, size: int | None) -> Iterator[Finding]:
        there = self._store.has_file(sha256)
        if sha256 in self._gone.files:
            if there:
                phrase = Phrase(N_("a file of event {seq} was withdrawn, and is there again"), {"seq": event.seq})
                yield Finding("file", chain, event.seq, Reason("file-there-again", phrase))
            return
        digest, length = hashlib.sha256(), 0
        for piece in self._store.file(sha256) if there else ():
            digest.update(piece)
            length += len(piece)
        if digest.hexdigest() != sha256 or size not in (None, length):
            phrase = Phrase(N_("a file of event {seq} is missing or was changed"), {"seq": event.seq})
            yield Finding("file", chain, event.seq, Reason("file-differs", phrase))


def _files(event: Event) -> Iterator[tuple[str, int | None]]:
    for file in event.data.get("attachments", ()):
        yield file["sha256"], file["size"]
    # Of what was exported or bundled the event has the hash alone.
    if event.type in _KEPT_WHOLE:
        yield event.data["sha256"], None
