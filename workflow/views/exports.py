"""What an export is made of: plans one after another, their events in words and as data, documents by pieces.

A plugin's `exporters()` answers with `Exporter` values; their `write` gets an `ExportView` and a binary stream.
Everything that may be long is an iterator, so that an export of a million events needs no more memory than one of ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflow.errors import Phrase
from workflow.language.definition import Definition, Text
from workflow.messages import Event
from workflow.numbers import IssuedNumber
from workflow.plan.state import PlanState
from workflow.views.plans import Lateness, Verification


@dataclass(frozen=True)
class ExportedText:
    """A text that stands beside the chain: its key is the hex SHA-256 of salt ‖ UTF-8 text."""

    salt: bytes
    text: str


@dataclass(frozen=True)
class ExportedEvent:
    """An event, as data and in words of the export's language.

    Attributes:
        event: The event as recorded, read-only; None where it is confidential and left out.
        body: Its canonical bytes as hashed; empty where it is left out.
        previous: Hash of the event before, hex; `hash` is SHA-256(previous ‖ body).
        words: What happened, in one sentence.
        details: What else it records, each as `name: value`.
        actor: Name of who recorded it; empty where only a login is known.
        office: Name of the office, role or unit acted for; empty where it is the person alone.
        behalf: Name of the body in whose name it was recorded; empty where it is the actor's own.
        texts: The texts that it refers to by their keys; None where one was withdrawn.
        days_apart: So many days lie between the day it happened and the day it was recorded.
        recorded_late: True where these are so many that the trail calls it recorded late.
    """

    plan: str
    seq: int
    event: Event | None
    body: bytes
    previous: str
    hash: str
    words: str = ""
    details: tuple[str, ...] = ()
    actor: str = ""
    office: str = ""
    behalf: str = ""
    texts: Mapping[str, ExportedText | None] = field(default_factory=dict)
    days_apart: int = 0
    recorded_late: bool = False


@dataclass(frozen=True)
class ExportedDocument:
    """A file handed in with an event.

    Attributes:
        name: As it was called when it was handed in; None where that was withdrawn.
        title: Of the plan's document that it is a revision of; None for any other file.
        step: Title of the step with which it was handed in; None where it was none.
        document: Id of that document, `revision` its name such as `4.2`.
        number: What was given to the document, None while it has none.
        pieces: Yields its bytes; None where they were withdrawn.
        sent_to: Names of those to whom it was sent.
    """

    plan: str
    seq: int
    position: int
    sha256: str
    size: int
    name: str | None
    on: str
    actor: str
    body: str
    pieces: Callable[[], Iterator[bytes]] | None
    title: Text | None = None
    document: str | None = None
    revision: str | None = None
    number: IssuedNumber | None = None
    signer: str = ""
    position_held: str = ""
    sent_to: tuple[str, ...] = ()
    step: Text | None = None


@dataclass(frozen=True)
class ExportedWork:
    """Something that was owed, with the dates against which it is late.

    Attributes:
        first_due_on: Its first day, where that was moved since.
        late: Behind its day, and behind the buffer time that follows it.
        days_late: Days behind its day where it is late: when it was done, or on the day of the export.
        days_behind: Days behind its day, late or not: what takes buffer time is behind its day and yet not late.
        buffer_until: The last day of the buffer time that it takes; None where it takes none.
    """

    step: str
    round: int
    title: Text
    owner: str
    due_on: str | None
    first_due_on: str | None
    done_on: str | None
    open: bool
    late: bool
    days_late: int
    days_behind: int = 0
    buffer_until: str | None = None


@dataclass(frozen=True)
class ExportedTable:
    """A table that a step shows of itself: answers, tasks, applications. A withdrawn text in a cell is None."""

    step: str
    step_title: Text
    uses: str
    title: Text
    columns: tuple[Text, ...]
    rows: tuple[tuple[str | int | Text | None, ...], ...]
    notes: tuple[Phrase, ...]


@dataclass(frozen=True)
class ExportedSeal:
    """A seal over the plan's chain: its number, when it was made, and up to which event it reaches.

    Attributes:
        note: The signed note.
        index: Place of the plan's leaf (the event `seq`) in the tree over `size` leaves.
        path: Returns the hashes that join the leaf to the root in the note, from one pass over the leaves.
    """

    number: int
    at: str
    seq: int
    note: bytes
    index: int = 0
    size: int = 0
    path: Callable[[], Sequence[bytes]] = tuple


@dataclass(frozen=True)
class LeftOut:
    """How much is confidential and so not in the export."""

    plans: int = 0
    events: int = 0
    documents: int = 0
    steps: int = 0

    def __bool__(self) -> bool:
        return any((self.plans, self.events, self.documents, self.steps))


@dataclass(frozen=True)
class ExportedPlan:
    """One plan. What is called is read when it is called; what is confidential is in none of it.

    Attributes:
        state: As it stands, read-only. It knows confidential steps too: `hidden` names them.
        definition: The definition that it follows now; `definition_hash` is the SHA-256 of its bytes.
        step_titles: The title of every step by its full address.
        hidden: The steps, by full address, and documents that are left out.
        events: Yields the chain in order, left-out events without their content.
        documents: Yields the files handed in, in time order.
        refused: Yields the refused attempts at it, oldest first.
        lateness: Returns what is behind its day now, what only takes buffer time with it.
        work: Yields everything that was ever owed.
        tables: Yields what steps show of themselves.
        verification: Returns what checking the plan's record found.
        seals: Yields the seals that reach into its chain, oldest first.
        keys: Returns the public keys that were ever made known for sealing, each as a line.
        definitions: Yields SHA-256 and canonical JSON of every definition that its events follow; none of them where
            something is left out of the plan, for they tell of it.
        name: Returns the name of a unit, office, role or person in the export's language; the id where it has none.
    """

    id: str
    title: Text
    state: PlanState
    definition: Definition
    definition_hash: str
    step_titles: Mapping[str, Text]
    hidden: frozenset[str]
    events: Callable[[], Iterator[ExportedEvent]]
    documents: Callable[[], Iterator[ExportedDocument]]
    refused: Callable[[], Iterator[ExportedEvent]]
    lateness: Callable[[], Sequence[Lateness]]
    work: Callable[[], Iterator[ExportedWork]]
    tables: Callable[[], Iterator[ExportedTable]]
    verification: Callable[[], Verification]
    seals: Callable[[], Iterator[ExportedSeal]]
    name: Callable[[str | None], str]
    keys: Callable[[], Sequence[str]] = tuple
    definitions: Callable[[], Iterator[tuple[str, bytes]]] = field(default=lambda: iter(()))

    @property
    def simulated(self) -> bool:
        """True if any of its events was recorded with a simulated clock."""
        return self.state.simulated


@dataclass(frozen=True)
class ExportView:
    """What an exporter writes.

    Attributes:
        language: `vi` or `en`: the language of all words in it.
        made_at: When the export is made; aware, UTC. `clock` is `system` or `simulated`.
        made_by: Id of who asked for it, None where only the login is known.
        count: How many plans there are.
        plans: Yields them by id; each is to be read before the next is asked for.
        confidential: True if confidential things are in it too.
        left_out: What is not, as far as it is known before writing: the number of whole plans.
        words: Returns a phrase in the export's language: of a reason, a finding, a note of a table.
        settings: `[plugins.FORMAT]` of workflow.toml, FORMAT being the exporter's id.
    """

    language: str
    made_at: datetime
    clock: str
    made_by: str | None
    count: int
    plans: Callable[[], Iterator[ExportedPlan]]
    confidential: bool
    left_out: LeftOut
    words: Callable[[Phrase], str]
    settings: Mapping[str, Any] = field(default_factory=dict)

    def text(self, text: Text | None) -> str:
        """Return a text of a definition or plugin in the export's language; empty for None."""
        return text.in_language(self.language) if text is not None else ""
