"""What events refer to beside the chain: checks 10 and 11, the texts and the bytes of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from workflow import audit
from workflow.errors import N_, Phrase, Reason
from workflow.messages import CALENDAR_LOADED, PEOPLE_LOADED, Event
from workflow.store.interface import Store
from workflow.verification.tally import Tally
from workflow.views.plans import Finding

_KEPT_WHOLE: Final = (PEOPLE_LOADED, CALENDAR_LOADED)


def contents(store: Store, chain: str, event: Event, tally: Tally) -> Iterator[Finding]:
    """Yield what is wrong with the texts and files of one event."""
    # (10) the texts
    for key in text_references(event.data):
        tally.count("text")
        row = store.text(key)
        if row is None:
            phrase = Phrase(N_("a text of event {seq} is missing"), {"seq": event.seq})
            yield Finding("text", chain, event.seq, Reason("text-missing", phrase))
        elif audit.text_key(row.salt, row.text) != key:
            phrase = Phrase(N_("a text of event {seq} was changed"), {"seq": event.seq})
            yield Finding("text", chain, event.seq, Reason("text-differs", phrase))
    # (11) the files
    for sha256, size in _files(event):
        tally.count("file")
        digest, length = hashlib.sha256(), 0
        for piece in store.file(sha256) if store.has_file(sha256) else ():
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
