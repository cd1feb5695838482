"""What the service takes and gives: the options of a write, and the answers to questions.

Plain frozen values with ids and codes; a face renders them in its language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from workflow.errors import Phrase, Reason
from workflow.language.definition import Text
from workflow.messages import Event
from workflow.names import UNDATED
from workflow.plan.documents import Approval, Revision
from workflow.plan.state import PlanState
from workflow.steps.step_type import Action
from workflow.views.worklists import LaterDay


@dataclass(frozen=True)
class Write:
    """Who writes, and how.

    Attributes:
        actor: Person id.
        on: The day it happened; today where None.
        expect: Revision the writer has seen; the one read at the command's start where None.
        behalf: Body in whose name the actor records it.
        dry_run: Decide everything, write nothing.
    """

    actor: str | None
    on: date | None = None
    note: str | None = None
    attach: tuple[Path, ...] = ()
    expect: int | None = None
    request_id: str | None = None
    behalf: str | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a write did: the plan before and after, and the events, oldest first.

    `repeated` is true where the request id was known and nothing new happened. `warnings` do not stand
    against it, but whoever acts should know them. `told` is what the step types say of what was done.
    """

    plan: PlanState
    events: tuple[Event, ...]
    dry_run: bool = False
    repeated: bool = False
    warnings: tuple[Reason, ...] = ()
    told: tuple[Phrase, ...] = ()


@dataclass(frozen=True)
class Withdrawn:
    """What was withdrawn from the record: how many texts and files, and the other events that had the files."""

    texts: int
    files: int
    elsewhere: tuple[tuple[str, int], ...] = ()
    dry_run: bool = False


@dataclass(frozen=True)
class PlanSummary:
    """A row of `list`. `due_on` is the stage's due day, `late` is judged on the day asked for."""

    id: str
    title: Text
    definition: str
    version: int
    stage: str
    stage_title: Text
    stage_label: str | None
    status: str
    revision: int
    due_on: str | None
    late: bool
    simulated: bool


@dataclass(frozen=True)
class Owed:
    """A work item: `item` is `PLAN/STEP@ROUND#KEY`; `owner_name` from the people register.

    Its `cursor` is its place in the order of all that is owed: the page behind it begins there.
    `original_due_on` is its first day where that was moved since, and `days_late_original` how late it is
    against it; `buffer_until` is the day until which it uses buffer time, where it does. `due_at` is the hour of
    the due day, where there is one, and `minutes_late` how far it is behind that on the day itself. `asked_by` waits
    for it, where that was asked.
    """

    item: str
    plan: str
    step: str
    round: int
    key: str
    title: Text
    owner: str | None
    owner_name: Text | None
    due_on: str | None
    done_on: str | None
    open: bool
    late: bool
    days_late: int
    original_due_on: str | None = None
    days_late_original: int = 0
    buffer_until: str | None = None
    due_at: str | None = None
    minutes_late: int = 0
    asked_by: str | None = None
    asked_by_name: Text | None = None

    @property
    def cursor(self) -> str:
        """`DUE/ITEM`."""
        return f"{self.due_on or UNDATED}/{self.item}"


@dataclass(frozen=True)
class StepDetail:
    """A step round: its state in words (`state_title`), what is missing, what was done."""

    address: str
    round: int
    uses: str
    title: Text
    label: str | None
    state: str
    state_title: Text
    complete: bool
    ended: bool
    required: bool
    lead: str | None
    opened_on: str
    completed_on: str | None
    due: Mapping[str, Any]
    late: bool
    blockers: tuple[Reason, ...]
    data: Mapping[str, Any]


@dataclass(frozen=True)
class StageDetail:
    """A stage of the plan's definition with its date and visits (entered, left) so far."""

    id: str
    label: str | None
    title: Text
    due: Mapping[str, Any]
    visits: tuple[tuple[str, str | None], ...]
    current: bool
    final: bool
    buffer: bool
    late: bool


@dataclass(frozen=True)
class Move:
    """A transition out of the current stage; possible where `reasons` is empty."""

    trigger: str
    to: str
    title: Text
    to_title: Text
    by: tuple[str, ...]
    reasons: tuple[Reason, ...]
    permitted: bool | None


@dataclass(frozen=True)
class Waiting:
    """Somebody who holds a plan, since a day.

    `why`: `work` (open work in the current stage), `move` (it can go on, and this one may move it), or
    `blocked` (nothing is owed, but this one could meet what blocks it). `minutes_late`: behind an hour today.
    """

    owner: str | None
    owner_name: Text | None
    why: str
    since: str
    due_on: str | None = None
    days_late: int = 0
    items: tuple[str, ...] = ()
    titles: tuple[Text, ...] = ()
    buffer_until: str | None = None
    minutes_late: int = 0


@dataclass(frozen=True)
class Lateness:
    """Something behind its day: what, whose, against which date. `kind` is `work` or `stage`.

    `days` are those past the day, the same as everywhere; `held` those of them in this owner's hands, since it
    came to them. `buffer_until`: it is not late, for it takes the buffer time that lasts until this day. `minutes`
    are those behind its hour, on its day itself.
    """

    kind: str
    where: str
    title: Text
    owner: str | None
    owner_name: Text | None
    due_on: str
    days: int
    held: int
    buffer_until: str | None = None
    minutes: int = 0

    @property
    def in_buffer(self) -> bool:
        """True where it only takes buffer time."""
        return self.buffer_until is not None


@dataclass(frozen=True)
class Ahead:
    """Something that is due soon or will be late. `kind` is `work`, `step` or `stage`.

    `why` is the reason in words: due within the days asked for, or behind something that is late.
    `expected_on` is the day on which it would be done if it took as long as planned.
    """

    kind: str
    where: str
    title: Text
    owner: str | None
    owner_name: Text | None
    due_on: str | None
    days_left: int | None
    why: Reason
    expected_on: str | None = None
    days_late: int = 0


@dataclass(frozen=True)
class BufferTime:
    """A stage of buffer time: its days, and how many of them are used up on a day."""

    stage: str
    title: Text
    start: str
    due: str
    days: int
    used: int

    @property
    def left(self) -> int:
        """Days that are still there."""
        return self.days - self.used


@dataclass(frozen=True)
class Uncovered:
    """The newest approval of a document by somebody, and the newer revision that it does not cover."""

    approval: Approval
    by_name: Text | None
    newest: str


@dataclass(frozen=True)
class Standing:
    """What a head of office asks of one plan on a day: who holds it, what is late, what blocks it.

    `lateness` is what is late, `in_buffer` what is behind its day and takes buffer time.
    `drafts` has the newest revision of each document that goes through drafts; `blocked` the moves onward
    that are not possible.
    """

    summary: PlanSummary
    drafts: tuple[Revision, ...] = ()
    waiting_on: tuple[Waiting, ...] = ()
    lateness: tuple[Lateness, ...] = ()
    ahead: tuple[Ahead, ...] = ()
    possible: tuple[Move, ...] = ()
    days_late: int = 0
    blocked: tuple[Move, ...] = ()
    notes: tuple[Reason, ...] = ()
    buffers: tuple[BufferTime, ...] = ()
    uncovered: tuple[Uncovered, ...] = ()
    in_buffer: tuple[Lateness, ...] = ()
    later_days: tuple[LaterDay, ...] = ()


@dataclass(frozen=True)
class ShownTable:
    """A table of a step, its names and texts filled in; a text that was withdrawn is None."""

    id: str
    title: Text
    columns: tuple[Text, ...]
    rows: tuple[tuple[str | int | Text | None, ...], ...]
    notes: tuple[Phrase, ...]
    open: tuple[int, ...] = ()


@dataclass(frozen=True)
class PlanDetail:
    """All that `show` prints. `amended`: `id@version` of the definition that the plan alone follows, if it does."""

    summary: PlanSummary
    state: PlanState
    stages: tuple[StageDetail, ...]
    steps: tuple[StepDetail, ...]
    owed: tuple[Owed, ...]
    standing: Standing
    documents: tuple[Mapping[str, Any], ...] = ()
    amended: str | None = None


@dataclass(frozen=True)
class Possible:
    """An action that the step's machine allows now. `permitted` is None where no actor was named."""

    step: str
    round: int
    step_title: Text
    action: Action
    by: tuple[str, ...]
    permitted: bool | None


@dataclass(frozen=True)
class NextDetail:
    """All that `next` prints. `notes` tell what is waited for (a window that begins later)."""

    summary: PlanSummary
    moves: tuple[Move, ...]
    actions: tuple[Possible, ...]
    notes: tuple[Reason, ...] = ()
    later_days: tuple[LaterDay, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A thing that verification found wrong: which check, which chain, where, what."""

    check: str
    chain: str
    seq: int | None
    reason: Reason


@dataclass(frozen=True)
class Checked:
    """A line of the checklist: what was checked, how often, and how often it failed.

    Attributes:
        unjudged: How often it could not be told.
        left_out: True if it was not asked for.
    """

    number: int
    id: str
    title: Phrase
    checked: int
    failed: int
    unjudged: int
    left_out: bool


@dataclass(frozen=True)
class Verification:
    """The result of `audit verify`: counts, and findings, the first bad one first.

    Attributes:
        checks: The ids of the checks that were made.
        unjudged: What could not be replayed because a plugin is missing here: neither sound nor wrong.
        lines: The whole checklist.
        sound: Chains in which nothing was found.
        more: How many findings there are beside those here.
        gone: Chains of which no event is left, only what names them.
    """

    chains: int
    events: int
    findings: tuple[Finding, ...]
    checks: tuple[str, ...] = ()
    unjudged: tuple[Finding, ...] = ()
    lines: tuple[Checked, ...] = ()
    sound: int = 0
    more: int = 0
    gone: int = 0


@dataclass(frozen=True)
class DefinitionSummary:
    """A definition known here: from a file of the workspace, or pinned in the database."""

    id: str
    version: int
    title: Text
    hash: str
    source: str
    pinned: bool
