"""What plans did by themselves, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from workflow.errors import WorkflowError
from workflow.views.plans import Outcome


@dataclass(frozen=True)
class Ticked:
    """What was recorded on one plan.

    Attributes:
        outcome: The plan with what was recorded; None where nothing could be.
        opened: So many new work items: a report for a period that began is one for each unit.
        missed: So many of these were past their day when they were recorded.
        ended: So many steps that ended or were completed by themselves.
        reminded: So many reminders; `skipped`: so many that came too late to be sent.
        escalated: So many times somebody above was told.
        error: Why nothing could be recorded.
    """

    plan: str
    outcome: Outcome | None = None
    opened: int = 0
    missed: int = 0
    ended: int = 0
    reminded: int = 0
    skipped: int = 0
    escalated: int = 0
    error: WorkflowError | None = None
