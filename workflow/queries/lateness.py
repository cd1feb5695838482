"""Whether something is late, by how much, and whose lateness it is: the one answer that every face gives.

Pure: days, work items and holders come in as arguments. A thing is late when its day has passed, and the buffer
time that follows its stage too. It is late in somebody's hands only from the day on which it came to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from workflow.deadlines.slack import Schedule, late_after
from workflow.language.definition import Definition
from workflow.plan.rounds import StepRound
from workflow.steps.step_type import WorkItem
from workflow.views.plans import Waiting


@dataclass(frozen=True)
class Verdict:
    """How a due day is judged on a day.

    Attributes:
        late: Its day has passed, and the buffer time behind it; or, done on its day, its hour.
        days: Days past the due day where it is late; 0 where only an hour was missed.
        past: Days past the due day, whether that is late or takes buffer time.
        buffer_until: The last day of the buffer that it uses, where it does.
        minutes: Minutes past the hour, on the due day itself.
    """

    late: bool = False
    days: int = 0
    past: int = 0
    buffer_until: str | None = None
    minutes: int = 0

    @property
    def in_buffer(self) -> bool:
        """True where its day has passed and it takes buffer time."""
        return self.buffer_until is not None


NOT_LATE = Verdict()


def judged(
    definition: Definition,
    schedule: Schedule,
    where: str | None,
    due_on: str | None,
    day: date,
    *,
    own: bool = False,
    minutes: int = 0,
) -> Verdict:
    """Judge a due day on *day*: today, or the day on which the thing was done.

    Args:
        where: The stage, or the step by its full address.
        own: The day is the thing's own and not its step's.
        minutes: So many minutes behind its hour, on its last day.
    """
    past = late_by(due_on, day)
    if not past:
        return Verdict(late=True, minutes=minutes) if minutes else NOT_LATE
    last = late_after(definition, schedule, where, due_on, own=own)
    if last is not None and last < day.isoformat():
        return Verdict(late=True, days=past, past=past)
    return Verdict(past=past, buffer_until=last)


def judged_item(
    definition: Definition,
    schedule: Schedule,
    address: str,
    round_: StepRound,
    item: WorkItem,
    day: date,
    now: str | None = None,
) -> Verdict:
    """Judge a work item on *day*; one that was done, on the day on which that was; one that is over, not at all.

    Args:
        now: The hour of *day*, where it is today: what is open is late behind its own.
    """
    if not item.open and item.done_on is None:
        return NOT_LATE
    judged_on = date.fromisoformat(item.done_on) if item.done_on else day
    return judged(
        definition,
        schedule,
        address,
        item.due_on,
        judged_on,
        own=item.origin is not None or is_counted(round_, item.due_on),
        minutes=minutes_behind(item, day, now),
    )


def minutes_behind(item: WorkItem, day: date, now: str | None = None) -> int:
    """Minutes by which it was done, or on *day* at the hour *now* is still owed, behind its hour on its last day."""
    at = now if item.open and item.due_on == day.isoformat() else None
    if item.done_on is not None:
        at = item.done_at if item.done_on == item.due_on else None
    return max(0, _minutes(at) - _minutes(item.due_at)) if at and item.due_at else 0


def _minutes(hour: str) -> int:
    hours, minutes = hour.split(":")
    return int(hours) * 60 + int(minutes)


def is_counted(round_: StepRound, due_on: str | None) -> bool:
    """True if the step type counted the day itself: it is not the step's own day that only reads the same."""
    return any(count.get("due") == due_on for count in round_.counts)


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
