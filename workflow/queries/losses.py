"""What was withdrawn from a chain's events since, and by which event."""

from __future__ import annotations

from dataclasses import dataclass, field

from workflow import audit, messages
from workflow.decide.withdrawing import contents_of
from workflow.messages import Event
from workflow.store.interface import EventRow, Store
from workflow.store.trails import BEGINNING
from workflow.views.recording import Gone

_PAGE = 500


@dataclass(frozen=True)
class Losses:
    """Of one chain: the seq of the event that withdrew each text, by its key, and each file, by its SHA-256."""

    texts: dict[str, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)

    def of(self, event: Event) -> tuple[Gone, ...]:
        """Return what an event has lost, one for each event that took something, in their order."""
        if not self.texts and not self.files:
            return ()
        contents = contents_of(event)
        texts = {place: self.texts[key] for place, key in contents.texts.items() if key in self.texts}
        files = {number: self.files[each] for number, each in enumerate(contents.files, 1) if each in self.files}
        return tuple(
            Gone(
                seq,
                tuple(place for place, by in texts.items() if by == seq),
                tuple(number for number, by in files.items() if by == seq),
            )
            for seq in sorted({*texts.values(), *files.values()})
        )


def losses(store: Store, plan: str) -> Losses:
    """Return what the withdrawals in a chain took; one that cannot be read takes nothing."""
    found, after = Losses(), BEGINNING
    while page := store.trail("type", messages.CONTENT_WITHDRAWN, after=after, limit=_PAGE):
        for row in page:
            if row.plan == plan:
                _take(found, row)
        after = (page[-1].recorded_at, page[-1].plan, page[-1].seq)
    return found


def _take(found: Losses, row: EventRow) -> None:
    try:
        data = audit.event_of(row.body).data
        for key in data["texts"]:
            found.texts.setdefault(key, row.seq)
        for sha256 in data["documents"]:
            found.files.setdefault(sha256, row.seq)
    except (ValueError, TypeError, KeyError):
        # Whoever verifies the chain is told of it.
        return
