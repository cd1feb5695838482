"""The part of the store's contract that concerns reading the trail: in which order, and about what.

Over all chains events are read in the order in which they were recorded, by their key. What an event is about
besides its plan, its type and its actor stands in no column of it; the store keeps that beside the events, in the
same transaction, and works it out from their bytes alone, so that it can be checked against them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from workflow.audit import from_stored
from workflow.messages import (
    ATTEMPT_REFUSED,
    EVENT_CORRECTED,
    NUMBER_ISSUED,
    TRANSITION_FIRED,
    WORKSPACE_CHAIN,
)

if TYPE_CHECKING:
    from workflow.store.interface import EventRow

Key = tuple[str, str, int]
"""Of an event: (recorded_at, plan, seq)."""

Along = Literal["", "actor", "type", "subject"]
"""What all events of a walk have in common; nothing for a walk along all of them."""

BEGINNING: Final[Key] = ("", "", 0)
END: Final = "9999-12-31T23:59:59.999999Z"

UNIT, DOCUMENT, PLAN, UNDOING = "unit:", "document:", "plan:", "undoing:"
"""Subjects begin so: the unit, office or role that acted or in whose name it was, and the unit of whoever tried in
vain; a document by its id in the
definition, or a file by its SHA-256; the plan that was attempted to be changed; the plan of which an event is undone.
"""

AboutRow = tuple[str, str, str, int]
"""(subject, recorded_at, plan, seq)."""


class TrailStore(Protocol):
    """Walks along all chains, in the order of the events' keys."""

    def trail(
        self, along: Along = "", value: str = "", *, after: Key = BEGINNING, until: str = END, limit: int = 1000
    ) -> Sequence[EventRow]:
        """Events from the one behind the key *after* on, up to the instant *until*."""
        ...

    def trail_keys(
        self, along: Along = "", value: str = "", *, after: Key = BEGINNING, until: str = END, limit: int = 1000
    ) -> Sequence[Key]:
        """The keys of what `trail` would return."""
        ...

    def subjects(self, beginning: str, limit: int = 10) -> Sequence[str]:
        """The subjects that begin so, in order."""
        ...

    def about(self, after: AboutRow = ("", "", "", 0), limit: int = 1000) -> Sequence[AboutRow]:
        """All subjects with their events, ordered, from the row behind *after* on."""
        ...


def about_rows(events: Iterable[EventRow]) -> Iterator[AboutRow]:
    """Yield what the events are about; nothing for bytes that are no event."""
    for event in events:
        for subject in subjects_of(event.body):
            yield subject, event.recorded_at, event.plan, event.seq


def subjects_of(body: bytes) -> list[str]:
    """Return the subjects of an event from its bytes, in order; none for bytes that are no event."""
    try:
        raw = from_stored(body)
        return sorted(subject for subject in _subjects(raw) if subject is not None)
    except (ValueError, TypeError, KeyError, AttributeError):
        # Whoever reads the chain finds that; what is beside it must not hide it.
        return []


def _subjects(raw: Mapping[str, Any]) -> set[str | None]:
    data = raw["data"]
    found = {_named(UNIT, raw["authority"].get("ref")), _named(UNIT, raw["on_behalf"])}
    if raw["plan"] == WORKSPACE_CHAIN:
        if raw["type"] == ATTEMPT_REFUSED:
            found |= {_named(PLAN, data.get("plan")), _named(UNIT, data.get("unit"))}
        return found
    found.update(_named(DOCUMENT, file["sha256"]) for file in data.get("attachments", ()))
    for kind in ("revisions", "sent", "approved"):
        for fact in data.get(kind, ()):
            found.add(_named(DOCUMENT, fact["document"]))
            found.update(_named(DOCUMENT, sha256) for sha256 in fact.get("files", ()))
    if raw["type"] == TRANSITION_FIRED:
        found.update(_named(DOCUMENT, name) for name in data.get("needs", ()))
    elif raw["type"] == NUMBER_ISSUED:
        found.add(_named(DOCUMENT, data.get("document")))
    elif raw["type"] == EVENT_CORRECTED:
        found.add(_named(UNDOING, raw["plan"]))
    return found


def _named(kind: str, name: Any) -> str | None:
    return f"{kind}{name}" if isinstance(name, str) and name else None
