"""Whose lateness it is: a thing is late in somebody's hands only from the day on which it came to them.

Pure: days, work items and holders come in as arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from workflow.steps.step_type import WorkItem
from workflow.views.plans import Waiting


def late_by(due_on: str | None, day: date) -> int:
    """Days past *due_on*, 0 where it has not passed or there is none."""
    return max(0, (day - date.fromisoformat(due_on)).days) if due_on else 0


def late_since(due_on: str | None, since: str, day: date) -> int:
    """Days past *due_on* in the hands of somebody to whom it came on *since*."""
    # On a day before it came (a posting that may not end yet, or a look back) all that is lost is the owner's.
    return late_by(due_on, day) if since > day.isoformat() else min(late_by(due_on, day), late_by(since, day))


def shares(
    total: int,
    told: int,
    done: Sequence[tuple[WorkItem, str]],
    lead: str | None,
    due_on: str,
    holders: Sequence[Waiting],
    day: date,
) -> Iterator[tuple[str | None, int]]:
    """Yield in whose hands a stage that is *total* days late lost how many of them.

    Args:
        told: Days that are told already, with the work that is open.
        done: What was done in the stage, with the day since which its owner had it.
        lead: Whose stage it is: what nobody else lost is theirs.
        due_on: The stage's last day.
        holders: With all work done, those who could move it on, and so let it wait.
    """
    owners = [holder.owner for holder in holders]
    if holders and lead not in owners:
        told = min(total, late_by(min(holder.since for holder in holders), day))
        for owner in owners if told else ():
            yield owner, told
    owner, own = _last_late_hand(done, due_on)
    own = min(own, total - told)
    if own and owner != lead:
        yield owner, own
        told += own
    if total > told:
        yield lead, total - told


def _last_late_hand(done: Sequence[tuple[WorkItem, str]], due_on: str) -> tuple[str | None, int]:
    """Who was done last behind the stage's day, and how many days past it the work lay there."""
    late = [(item.done_on, item.owner, since) for item, since in done if item.done_on and item.done_on > due_on]
    if not late:
        return None, 0
    done_on, owner, since = max(late, key=lambda each: each[0])
    return owner, late_since(due_on, since, date.fromisoformat(done_on))
