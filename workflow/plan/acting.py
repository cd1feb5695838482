"""What an action of a step type is given and answers: files, documents made, sent and approved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow.errors import Reason


@dataclass(frozen=True)
class Attachment:
    """A file handed in with an act: name, SHA-256 (hex), size in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class MadeRevision:
    """A new revision of a document that an act makes.

    Attributes:
        number: Its lần; its revision number is counted by the engine.
        based_on: Name of the revision that its author went on from; the newest where None. If that is
            no longer the newest, the engine refuses the act as a conflict.
    """

    document: str
    number: int
    files: tuple[str, ...] = ()
    based_on: str | None = None


@dataclass(frozen=True)
class Sent:
    """A document that goes to somebody with an act: the engine freezes its newest revision.

    Attributes:
        to: Units, offices or other bodies that receive it.
        required: Without a revision of it the act is refused; else the document is left out.
    """

    document: str
    to: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True)
class Approved:
    """One exact revision of a document that an act approves."""

    document: str
    number: int
    revision: int


@dataclass(frozen=True)
class Act:
    """What an action method answers.

    Attributes:
        data: JSON-like values for the event; `prose()` around free texts. `evolve` gets the same,
            plus `on`, the ISO day on which it happened, and `sent`, what was frozen: a list of
            `{document, number, revision, files, to}`.
        to: The state reached; may be left out where the action declares one target.
        revisions: Document revisions made by this act.
        sends: Documents that go out with it.
        approves: Revisions that it approves.
        on_behalf: The body in whose name it is recorded.
        warnings: What the person who acts should know, though it does not stand against the act.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    to: str | None = None
    revisions: tuple[MadeRevision, ...] = ()
    sends: tuple[Sent, ...] = ()
    approves: tuple[Approved, ...] = ()
    on_behalf: str | None = None
    warnings: tuple[Reason, ...] = ()
