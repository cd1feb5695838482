"""Where a plan stands on a day: who holds it, what is late and whose lateness it is, what lies ahead.

Pure: the state, its process and the moves as `next` judges them come in as arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from workflow import deadlines
from workflow.deadlines.slack import beside, course, day_of, late_after, pushed
from workflow.decide.openings import still_open
from workflow.decide.situation import Process
from workflow.errors import N_, Phrase, Reason
from workflow.language.definition import Definition, Text
from workflow.people.spelling import spelled
from workflow.plan.documents import Revision
from workflow.plan.state import ACTIVE, PlanState, StepRound
from workflow.queries.buffers import buffers
from workflow.queries.lateness import NOT_LATE, Verdict, judged, judged_item, late_by, late_since, shares
from workflow.steps.step_type import WorkItem
from workflow.views.plans import (
    Ahead,
    Lateness,
    Move,
    PlanSummary,
    Standing,
    Uncovered,
    Waiting,
)

WITHIN = 14
"""Days that are looked ahead where nobody says how many."""

Named = Callable[[str], Text | None]


@dataclass(frozen=True)
class _Item:
    """An open work item with the place it stands in."""

    address: str
    round: int
    item: WorkItem
    since: str

    def named(self, plan: str) -> str:
        return f"{plan}/{self.address}@{self.round}#{self.item.key}"


@dataclass(frozen=True)
class _Look:
    """One plan, looked at on one day."""

    state: PlanState
    process: Process
    day: date
    name: Named
    within: int
    hour: str | None

    @property
    def definition(self) -> Definition:
        return self.process.definition

    def name_of(self, owner: str | None) -> Text | None:
        return self.name(owner) if owner else None

    def lead(self, stage: str) -> str | None:
        return self.state.now(self.definition.stages[stage].lead or self.definition.lead)

    def due_of(self, address: str) -> Mapping[str, str]:
        return deadlines.effective(self.state.schedule, address, self.process.stage_of(address) or address)

    def judged(self, each: _Item) -> Verdict:
        """How open work is judged on the day."""
        round_ = self.state.steps[each.address].rounds[each.round - 1]
        return judged_item(self.definition, self.state.schedule, each.address, round_, each.item, self.day, self.hour)

    def judged_stage(self, stage: str) -> Verdict:
        """How a stage is judged on the day."""
        return judged(self.definition, self.state.schedule, stage, self.due_of(stage).get("due"), self.day)


def standing(
    summary: PlanSummary,
    state: PlanState,
    process: Process,
    day: date,
    moves: Sequence[Move],
    name: Named,
    *,
    notes: tuple[Reason, ...] = (),
    within: int = WITHIN,
    hour: str | None = None,
) -> Standing:
    """Return where a plan stands on *day*.

    Args:
        moves: Every transition out of its stage with the reasons against it; none for a plan that does not run.
        name: The name of a unit, office or person.
        notes: What holds the whole plan up.
        within: Days within which something due counts as near.
        hour: The hour of *day* up to which it is looked at: what is owed at an hour is late behind that.
    """
    look = _Look(state, process, day, name, within, hour)
    onward = _onward(look, moves)
    runs = state.status == ACTIVE
    items = tuple(_open_items(look)) if runs else ()
    past = tuple(_lateness(look, items, onward)) if runs else ()
    late = tuple(each for each in past if not each.in_buffer)
    return Standing(
        summary=summary,
        drafts=_drafts(look),
        waiting_on=tuple(_waiting(look, items, onward)) if runs else (),
        lateness=late,
        in_buffer=tuple(each for each in past if each.in_buffer),
        days_late=max((each.days for each in late), default=0),
        ahead=(*_near(look, items), *_behind_late_steps(look, items), *_behind_a_late_stage(look)) if runs else (),
        possible=tuple(move for move in onward if not move.reasons),
        blocked=tuple(move for move in onward if move.reasons),
        notes=notes,
        buffers=tuple(buffers(look.process, look.state, look.day)),
        uncovered=tuple(_uncovered(look)),
    )


def _drafts(look: _Look) -> tuple[Revision, ...]:
    """The newest revision of each document that goes through drafts; of every document where none does."""
    documents = look.definition.documents
    named = [name for name, document in documents.items() if document.numbered] or list(documents)
    return tuple(filter(None, map(look.state.latest_revision, named)))


def _onward(look: _Look, moves: Sequence[Move]) -> tuple[Move, ...]:
    """The moves to the nearest later stage: what leads back, or leaves the course, holds nothing up."""
    order = list(look.definition.stages)
    here = order.index(look.state.stage)
    nearest = min((order.index(move.to) for move in moves if order.index(move.to) > here), default=None)
    if nearest is None:
        return tuple(moves)
    return tuple(move for move in moves if order.index(move.to) == nearest)


def _open_items(look: _Look) -> Iterator[_Item]:
    for address, step in look.state.steps.items():
        round_ = step.current
        if round_.ended or address not in look.definition.steps:
            continue
        for item in look.process.work_items(look.state, address, round_):
            if item.open:
                yield _Item(address, round_.number, item, item.since or round_.opened_on)


# who holds it


def _waiting(look: _Look, items: Sequence[_Item], onward: Sequence[Move]) -> Iterator[Waiting]:
    here = [each for each in items if look.process.stage_of(each.address) == look.state.stage]
    # What need not be done holds nobody up as long as something else is owed.
    needed = [each for each in here if look.process.step(each.address).required]
    # Nobody is waited for whose turn comes later; if that is everybody, the reasons below say whom and from when.
    needed = [each for each in needed if each.since <= look.day.isoformat()]
    if needed:
        yield from _owners(look, needed)
        return
    free = [move for move in onward if not move.reasons]
    who, why = [name for move in free for name in move.by], "move"
    if not free:
        who, why = [name for move in onward for reason in move.reasons for name in reason.who], "blocked"
    if not who and (lead := look.lead(look.state.stage)):
        who = [lead]
    due_on, late = look.due_of(look.state.stage).get("due"), look.judged_stage(look.state.stage)
    for owner in dict.fromkeys(who):
        yield Waiting(
            owner, look.name_of(owner), why, _last_change(look), due_on, late.days, buffer_until=late.buffer_until
        )


def _owners(look: _Look, items: Sequence[_Item]) -> Iterator[Waiting]:
    for owner in dict.fromkeys(each.item.owner for each in items):
        own = [each for each in items if each.item.owner == owner]
        due_on = min((each.item.due_on for each in own if each.item.due_on), default=None)
        late = [look.judged(each) for each in own]
        yield Waiting(
            owner=owner,
            owner_name=look.name_of(owner),
            why="work",
            since=min(each.since for each in own),
            due_on=due_on,
            days_late=max(each.days for each in late),
            minutes_late=max(each.minutes for each in late),
            items=tuple(each.named(look.state.id) for each in own),
            titles=tuple(spelled(each.item.title, look.name) for each in own),
            buffer_until=min((each.buffer_until for each in late if each.buffer_until), default=None),
        )


def _last_change(look: _Look) -> str:
    """The day on which the stage was entered or something was done last on what is complete."""
    rounds = [step.current for address, step in look.state.steps.items() if _is_here(look, address)]
    return max([look.state.visits[-1].entered_on, *(round_.last_on or "" for round_ in rounds if round_.complete)])


def _is_here(look: _Look, address: str) -> bool:
    return look.process.stage_of(address) == look.state.stage


# what is late


def _lateness(look: _Look, items: Sequence[_Item], onward: Sequence[Move]) -> Iterator[Lateness]:
    stage_due, lost = look.due_of(look.state.stage).get("due"), 0
    holds_it = False
    late = [(each, look.judged(each)) for each in items]
    for each, verdict in sorted(late, key=lambda pair: (-pair[1].past, -pair[1].minutes)):
        if not (verdict.past or verdict.late) or each.item.due_on is None:
            continue
        of_stage = _is_here(look, each.address) and each.item.due_on == stage_due
        holds_it = holds_it or of_stage
        # What came to its owner behind its day is its owner's by the days it lies there, and no more.
        held = late_since(each.item.due_on, each.since, look.day)
        lost = max(lost, held if of_stage else 0)
        yield Lateness(
            kind="work",
            where=each.named(look.state.id),
            title=spelled(each.item.title, look.name),
            owner=each.item.owner,
            owner_name=look.name_of(each.item.owner),
            due_on=each.item.due_on,
            days=verdict.past,
            held=held,
            buffer_until=verdict.buffer_until,
            minutes=verdict.minutes,
        )
    verdict = look.judged_stage(look.state.stage)
    if stage_due is None or not verdict.past:
        return
    holders = () if holds_it else tuple(_waiting(look, items, onward))
    for owner, held in shares(
        verdict.past, lost, tuple(_done(look)), look.lead(look.state.stage), stage_due, holders, look.day
    ):
        yield Lateness(
            kind="stage",
            where=look.state.stage,
            title=look.definition.stages[look.state.stage].title,
            owner=owner,
            owner_name=look.name_of(owner),
            due_on=stage_due,
            days=verdict.past,
            held=held,
            buffer_until=verdict.buffer_until,
        )


def _done(look: _Look) -> Iterator[tuple[WorkItem, str]]:
    """What was done in this stage, with the day since which its owner had it."""
    for address, step in look.state.steps.items():
        if _is_here(look, address):
            for item in look.process.work_items(look.state, address, step.current):
                if not item.open:
                    yield item, item.since or step.current.opened_on


# what will be late


def _near(look: _Look, items: Sequence[_Item]) -> Iterator[Ahead]:
    last = (look.day + timedelta(days=look.within)).isoformat()
    for each in sorted(items, key=lambda each: each.item.due_on or ""):
        due_on = each.item.due_on
        if due_on is None or not look.day.isoformat() <= due_on <= last or look.judged(each).late:
            continue
        left = (date.fromisoformat(due_on) - look.day).days
        why = Reason("due-soon", Phrase(N_("due in {days} {days|day|days}"), {"days": left}))
        where, owner, title = each.named(look.state.id), each.item.owner, spelled(each.item.title, look.name)
        yield Ahead("work", where, title, owner, look.name_of(owner), due_on, left, why)


def _behind_late_steps(look: _Look, items: Sequence[_Item]) -> Iterator[Ahead]:
    """Steps of this stage that wait for a step that is late."""
    for step_id, step in look.definition.stages[look.state.stage].steps.items():
        address = f"{look.state.stage}/{step_id}"
        if still_open(look.state, address) or not step.waits_for:
            continue
        named = [look.definition.full_address(other, look.state.stage) or other for other in step.waits_for]
        verdicts = {other: _judged(look, other, items) for other in named}
        late = [other for other, verdict in verdicts.items() if verdict.past or verdict.late]
        if not late:
            continue
        due_on, owner = look.due_of(address).get("due"), look.state.now(look.process.lead(address))
        phrase = N_("waits for {others}, which takes buffer time")
        if any(verdict.late for verdict in verdicts.values()):
            phrase = N_("waits for {others}, which is late")
        why = Reason("predecessor-late", Phrase(phrase, {"others": ", ".join(late)}))
        left = (date.fromisoformat(due_on) - look.day).days if due_on else None
        title = look.process.step_title(address)
        yield Ahead("step", address, title, owner, look.name_of(owner), due_on, left, why)


def _judged(look: _Look, address: str, items: Sequence[_Item]) -> Verdict:
    """The worst verdict on a step that is open and on what is owed with it."""
    round_: StepRound | None = still_open(look.state, address)
    if round_ is None:
        return NOT_LATE
    own = judged(look.definition, look.state.schedule, address, round_.due.get("due"), look.day)
    owed = (look.judged(each) for each in items if each.address == address)
    return max((own, *owed), key=lambda verdict: (verdict.late, verdict.past))


def _behind_a_late_stage(look: _Look) -> Iterator[Ahead]:
    """Later stages that end after their day if they take as long as planned; buffer time takes up delay."""
    due_on = look.due_of(look.state.stage).get("due")
    if not late_by(due_on, look.day):
        return
    done, before, ahead = look.day, look.state.stage, day_of(look.state.schedule, look.state.stage)
    for stage in course(look.definition, before):
        due, planned = look.state.schedule.get(stage, {}), day_of(look.state.schedule, stage)
        ended = pushed(look.state.schedule, stage, done, beside(look.state.schedule, stage, ahead))
        if planned is None or ended is None or look.definition.stages[stage].buffer:
            continue
        done, ahead = ended, max(planned, ahead or planned)
        if done <= planned:
            return
        params = {"stage": before, "expected": done.isoformat()}
        phrase = Phrase(N_("follows `{stage}`, which is late: done on {expected} if it takes as long as planned"))
        if not look.judged_stage(look.state.stage).late:
            phrase = Phrase(
                N_("follows `{stage}`, which takes buffer time: done on {expected} if it takes as long as planned")
            )
        owner = look.lead(stage)
        yield Ahead(
            kind="stage",
            where=stage,
            title=look.definition.stages[stage].title,
            owner=owner,
            owner_name=look.name_of(owner),
            due_on=due["due"],
            days_left=(planned - look.day).days,
            why=Reason("predecessor-late", Phrase(phrase.text, params)),
            expected_on=done.isoformat(),
            days_late=0 if _in_time(look, stage, planned, done) else (done - planned).days,
        )
        before = stage


def _in_time(look: _Look, stage: str, planned: date, done: date) -> bool:
    last = late_after(look.definition, look.state.schedule, stage, planned.isoformat())
    return last is not None and done.isoformat() <= last


# buffer and approvals


def _uncovered(look: _Look) -> Iterator[Uncovered]:
    newest = {(each.document, each.by): each for each in look.state.approvals}
    for approval in newest.values():
        revision = look.state.latest_revision(approval.document)
        if revision is not None and not look.state.covers(approval):
            yield Uncovered(approval, look.name_of(approval.by), revision.name)
