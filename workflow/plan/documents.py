"""A plan's documents as facts: revisions made, exact revisions sent, exact revisions approved.

Every one of them names a revision by document, lần and revision number, and stands for its bytes by
SHA-256. What was sent or approved stays what it was, whatever is drafted afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


def revision_name(number: int, revision: int) -> str:
    """Return the name people use: `4.2` is the second revision of lần 4."""
    return f"{number}.{revision}"


@dataclass(frozen=True)
class Revision:
    """A revision of a document: lần `number`, revision `revision`, its files by SHA-256.

    Attributes:
        author: Person who handed it in.
        based_on: Name of the revision that it goes on from; None for the document's first.
    """

    document: str
    number: int
    revision: int
    files: tuple[str, ...]
    made_on: str
    step: str
    seq: int
    author: str | None = None
    based_on: str | None = None

    @property
    def name(self) -> str:
        """The name people use, as `4.2`."""
        return revision_name(self.number, self.revision)


@dataclass(frozen=True)
class Sending:
    """One revision that went to somebody with a step: frozen as it was on that day."""

    document: str
    number: int
    revision: int
    files: tuple[str, ...]
    to: tuple[str, ...]
    on: str
    step: str
    round: int
    seq: int

    @property
    def name(self) -> str:
        """The name of the revision that was sent."""
        return revision_name(self.number, self.revision)


@dataclass(frozen=True)
class Approval:
    """One revision that somebody approved: `by` is the office or unit, `person` who acted for it."""

    document: str
    number: int
    revision: int
    by: str
    person: str | None
    on: str
    step: str
    round: int
    seq: int

    @property
    def name(self) -> str:
        """The name of the revision that was approved."""
        return revision_name(self.number, self.revision)


def made(data: Mapping[str, Any], **fact: Any) -> tuple[Revision, ...]:
    """Return the revisions that an event's data name; *fact*: made_on, step, seq, author."""
    return tuple(Revision(**{**each, "files": tuple(each["files"])}, **fact) for each in data.get("revisions", ()))


def sent(data: Mapping[str, Any], **fact: Any) -> tuple[Sending, ...]:
    """Return the sendings that an event's data name; *fact*: on, step, round, seq."""
    return tuple(
        Sending(**{**each, "files": tuple(each["files"]), "to": tuple(each["to"])}, **fact)
        for each in data.get("sent", ())
    )


def approved(data: Mapping[str, Any], **fact: Any) -> tuple[Approval, ...]:
    """Return the approvals that an event's data name; *fact*: by, person, on, step, round, seq."""
    return tuple(Approval(**each, **fact) for each in data.get("approved", ()))


def revisions_from(data: Iterable[Mapping[str, Any]]) -> tuple[Revision, ...]:
    """Rebuild revisions from stored values."""
    return tuple(Revision(**{**each, "files": tuple(each["files"])}) for each in data)


def sendings_from(data: Iterable[Mapping[str, Any]]) -> tuple[Sending, ...]:
    """Rebuild sendings from stored values."""
    return tuple(Sending(**{**each, "files": tuple(each["files"]), "to": tuple(each["to"])}) for each in data)


def approvals_from(data: Iterable[Mapping[str, Any]]) -> tuple[Approval, ...]:
    """Rebuild approvals from stored values."""
    return tuple(Approval(**each) for each in data)
