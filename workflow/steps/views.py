"""What a step type sees: the plan, its own round, and what an act may look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

from workflow.language.definition import Text
from workflow.plan.acting import Attachment
from workflow.plan.documents import Approval, Revision, Sending

Otherwise = Literal["keep", "working-day-after"]
"""What counts for a fixed day where no working day is left on which it could be owed."""


class PlanView(Protocol):
    """What a plugin may see of a plan."""

    @property
    def id(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def revisions(self) -> tuple[Revision, ...]: ...
    @property
    def sendings(self) -> tuple[Sending, ...]: ...
    @property
    def approvals(self) -> tuple[Approval, ...]: ...
    def latest_revision(self, document: str) -> Revision | None: ...
    def latest_sending(self, step: str, document: str) -> Sending | None: ...
    def covers(self, approval: Approval) -> bool: ...
    def now(self, name: str | None) -> str | None: ...


@dataclass(frozen=True)
class StepView:
    """A step round as its type sees it.

    Attributes:
        options: The validated `with:`.
        state: The type's own state; None only in `open`.
        due: `{"start": ISO or None, "due": ISO or None, "precision": ...}`; empty if undated.
        lead: The unit or office that leads it.
        title: The step's title, the type's where the definition gives none.
        normative: True where the definition's product is a normative document.
        by: Who may act on it by the definition.
    """

    plan: PlanView
    address: str
    round: int
    phase: str
    options: Any
    state: Any
    opened_on: str
    due: Mapping[str, Any]
    lead: str | None
    title: Text
    normative: bool = True
    by: tuple[str, ...] = ()

    @property
    def due_on(self) -> str | None:
        """ISO day on which the step is due, None if undated."""
        return self.due.get("due")


class Context(Protocol):
    """What an act may look up. Everything looked up must go into the act's data."""

    @property
    def on(self) -> date:
        """The day on which the act happened."""
        ...

    @property
    def actor(self) -> str | None:
        """Person id of who acts."""
        ...

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """Files handed in with the act."""
        ...

    def units(self, references: tuple[str, ...], on: date | None = None) -> tuple[str, ...]:
        """Resolve units and `@groups` to the ids of the units valid on the day, or on *on*, without doubles."""
        ...

    def speaks_for(self, body: str) -> bool:
        """True if who acts belongs to the unit or office, or is that person: not a clerk who records for it."""
        ...

    def unit_exists(self, unit: str) -> bool:
        """True if the unit is in the register and valid on the day."""
        ...

    def known(self, reference: str) -> bool:
        """True if it names a unit valid on the day, a `@group`, or an office, role or person of the register."""
        ...

    def successor(self, unit: str, on: date | None = None) -> str | None:
        """The unit itself if it is valid on the day, or on *on*, else the one that succeeded it; None if none did."""
        ...

    def working_days_after(self, start: date, days: int, stops: Sequence[tuple[date, date]] = ()) -> date:
        """The day *days* working days after *start* (the first day is not counted).

        *stops*: when the clock stood still, each from a day on until the day on which it ran again.
        """
        ...

    def working_days_before(self, end: date, days: int) -> date:
        """The day *days* working days before *end* (the last day is not counted)."""
        ...

    def days_after(self, start: date, days: int, stops: Sequence[tuple[date, date]] = ()) -> date:
        """The day *days* calendar days after *start*; an end on a day off is read by the office's policy."""
        ...

    def is_working_day(self, day: date) -> bool:
        """True if offices work on *day*."""
        ...

    def working_day_before(self, day: date) -> date:
        """*day* itself if it is a working day, otherwise the last working day before it."""
        ...

    def last_day_before(self, day: date) -> date:
        """The last good day of what is owed before *day* ("trước ngày"), by the office's policies."""
        ...

    def fixed_day(
        self, day: date, *, before: bool = False, not_before: date | None = None, otherwise: Otherwise = "keep"
    ) -> date:
        """The last good day of what is owed on *day*, or *before* it, by the office's policies.

        *not_before*: the first day on which it can be owed. Where no working day lies from then on, the day is
        kept, or what counts is the working day after it.
        """
        ...

    @property
    def stops(self) -> Sequence[tuple[date, date]]:
        """When the plan was suspended, each from a day on until the day on which it went on."""
        ...

    def step(self, reference: str) -> StepView | None:
        """The newest round of another step of the plan, None if it was never opened."""
        ...
