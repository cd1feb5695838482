"""A plan's state, and how one event changes it.

`evolve` is pure and computes nothing from calendar, people, clock or definition: everything looked
up stands in the event. Folding a plan's events gives exactly the stored state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from workflow import messages, numbers
from workflow.errors import N_, Phrase
from workflow.messages import Event
from workflow.numbers import IssuedNumber
from workflow.plan import documents, handovers, redating, timers
from workflow.plan.documents import Approval, Revision, Sending
from workflow.plan.handovers import Handover
from workflow.plan.redating import Asked, DateMove
from workflow.plan.rounds import StepRound, StepState, Visit, step_from

ACTIVE, SUSPENDED, CANCELLED, FINISHED = "active", "suspended", "cancelled", "finished"

STATUSES: Mapping[str, Phrase] = {
    ACTIVE: Phrase(N_("active")),
    SUSPENDED: Phrase(N_("suspended")),
    CANCELLED: Phrase(N_("cancelled")),
    FINISHED: Phrase(N_("finished")),
}
"""Each status in words."""

EvolveStep = Callable[[str, Mapping[str, Any] | None, str, Mapping[str, Any], Mapping[str, str] | None], dict[str, Any]]
"""(step type, state, action, data, plugin) -> state; the step type's own pure `evolve`."""


UNOPENED: Mapping[str, Any] = {
    "state": "",
    "complete": False,
    "round": 0,
    "outcome": "",
    "opened_on": "",
    "completed_on": "",
    "due_on": "",
}
"""What a condition reads of a step that was never opened."""


@dataclass(frozen=True)
class PlanState:
    """Everything the engine knows of one plan, determined by its events.

    Attributes:
        revision: What a writer has to have seen; the seq of the newest event.
        latest_on: Day of the latest fact.
        title: Reference to the plan's own title in `content`, or None for the definition's.
        schedule: Stage id or step address to its date, as `deadlines.Term.as_data()`.
        revisions: Every revision of every document, in the order of their making.
        sendings: Every revision that was sent to somebody, frozen.
        approvals: Every approval, each of one exact revision.
        numbers: Numbers given to the plan and its documents.
        again: Addresses of steps that open a new round when their stage is next entered.
        handovers: Who passed their work on to whom, in order.
        amendments: The definitions it had before it was amended, as hashes.
        stops: When it was suspended: since when, and from which day on it went on.
        moves: Every due day that was moved, in order.
        asked: Requests for later days on which nobody has decided.
        fired: Who was reminded or told of what work, by the due day that it had.
    """

    id: str
    definition: str
    definition_id: str
    definition_version: int
    status: str
    stage: str
    revision: int
    seq: int
    created_on: str
    latest_on: str
    title: Mapping[str, str] | None = None
    start: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    adopted: bool = False
    simulated: bool = False
    schedule: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    visits: tuple[Visit, ...] = ()
    steps: Mapping[str, StepState] = field(default_factory=dict)
    revisions: tuple[Revision, ...] = ()
    sendings: tuple[Sending, ...] = ()
    approvals: tuple[Approval, ...] = ()
    numbers: tuple[IssuedNumber, ...] = ()
    again: tuple[str, ...] = ()
    handovers: tuple[Handover, ...] = ()
    amendments: tuple[str, ...] = ()
    stops: tuple[tuple[str, str | None], ...] = ()
    moves: tuple[DateMove, ...] = ()
    asked: tuple[Asked, ...] = ()
    fired: timers.Fired = field(default_factory=dict)

    def step(self, address: str) -> StepState | None:
        """Return the step at this full address if it was ever opened."""
        return self.steps.get(address)

    def latest_revision(self, document: str) -> Revision | None:
        """Return the newest revision of *document*, or None."""
        return next((r for r in reversed(self.revisions) if r.document == document), None)

    def latest_sending(self, step: str, document: str) -> Sending | None:
        """Return what was last sent of *document* with the step at this full address, or None."""
        return next((s for s in reversed(self.sendings) if (s.step, s.document) == (step, document)), None)

    def covers(self, approval: Approval) -> bool:
        """True while the approved revision is still the document's newest."""
        newest = self.latest_revision(approval.document)
        return newest is not None and newest.name == approval.name

    def now(self, name: str | None) -> str | None:
        """Return who stands where *name* stood, if that person passed their work on."""
        return name if name is None else handovers.current(self.handovers, name)

    def now_all(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return who stands where *names* stood, once each."""
        return tuple(dict.fromkeys(handovers.current(self.handovers, name) for name in names))

    def as_data(self) -> dict[str, Any]:
        """Return the state as JSON-like values, as it is stored."""
        values = dict(vars(self))
        values["visits"] = [vars(visit) for visit in self.visits]
        for name in ("revisions", "sendings", "approvals", "numbers", "handovers", "moves", "asked"):
            values[name] = [vars(fact) for fact in values[name]]
        for name in ("numbers", "handovers", "amendments", "stops", "moves", "asked", "fired"):
            if not values[name]:
                # As it was stored before there were any.
                del values[name]
        values["steps"] = {
            address: {"uses": step.uses, "rounds": [round_.as_data() for round_ in step.rounds]}
            for address, step in self.steps.items()
        }
        return values

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> PlanState:
        """Rebuild a state from `as_data()` values."""
        values = dict(data)
        values["again"] = tuple(data["again"])
        values["handovers"] = handovers.handovers_from(data.get("handovers", ()))
        values["amendments"] = tuple(data.get("amendments", ()))
        values["stops"] = tuple((first, again) for first, again in data.get("stops", ()))
        values["moves"] = tuple(DateMove(**move) for move in data.get("moves", ()))
        values["asked"] = tuple(Asked(**asked) for asked in data.get("asked", ()))
        values["fired"] = timers.fired_from(data.get("fired", {}))
        values["visits"] = tuple(Visit(**visit) for visit in data["visits"])
        values["revisions"] = documents.revisions_from(data["revisions"])
        values["sendings"] = documents.sendings_from(data["sendings"])
        values["approvals"] = documents.approvals_from(data["approvals"])
        values["numbers"] = numbers.numbers_from(data.get("numbers", ()))
        values["steps"] = {address: step_from(step) for address, step in data["steps"].items()}
        return cls(**values)


T = TypeVar("T", "PlanState", StepState, StepRound, Visit)


def replace(value: T, **changes: Any) -> T:
    """Return a copy of a state with *changes*.

    Like `dataclasses.replace`, but without calling the constructor: an advance makes eight copies,
    and this is five times as fast.
    """
    copy = object.__new__(type(value))
    copy.__dict__.update(value.__dict__, **changes)
    return copy


def evolve(state: PlanState | None, event: Event, evolve_step: EvolveStep) -> PlanState:
    """Return the state after *event*.

    Args:
        state: The state before; None before the first event.
        event: The next event of the plan's chain.
        evolve_step: The step types' own `evolve`, by name.

    Raises:
        ValueError: If the event does not fit the state (a damaged trail).
    """
    if event.type == messages.PLAN_CREATED:
        if state is not None:
            raise ValueError(f"plan {event.plan} is created twice")
        return _created(event)
    if state is None:
        raise ValueError(f"event {event.seq} of {event.plan} comes before the plan's creation")
    if event.type == messages.EVENT_CORRECTED:
        state = PlanState.from_data(event.data["restored"])
    elif event.type in _CHANGES:
        state = _CHANGES[event.type](state, event, evolve_step)
    elif event.type != messages.CONTENT_WITHDRAWN:
        raise ValueError(f"unknown event type {event.type!r}")
    # What leaves the record is no fact of the plan's own: what comes later need not follow it.
    day = state.latest_on if event.type == messages.CONTENT_WITHDRAWN else event.occurred_on.isoformat()
    return replace(
        state,
        seq=event.seq,
        revision=event.seq,
        latest_on=max(state.latest_on, day),
        simulated=state.simulated or event.clock == "simulated",
    )


def fold(events: Iterable[Event], evolve_step: EvolveStep) -> PlanState | None:
    """Return the state that *events* make, None for no events."""
    state: PlanState | None = None
    for event in events:
        state = evolve(state, event, evolve_step)
    return state


def _created(event: Event) -> PlanState:
    data, day = event.data, event.occurred_on.isoformat()
    return PlanState(
        id=event.plan,
        definition=event.definition or "",
        definition_id=data["definition"]["id"],
        definition_version=data["definition"]["version"],
        status=ACTIVE,
        stage=data["stage"],
        revision=event.seq,
        seq=event.seq,
        created_on=day,
        latest_on=day,
        title=data.get("title"),
        start=data.get("start"),
        parameters=data.get("parameters", {}),
        adopted=data.get("adopted", False),
        simulated=event.clock == "simulated",
        schedule=data.get("schedule", {}),
        visits=(Visit(stage=data["stage"], entered_on=day),),
    )


def _transition(state: PlanState, event: Event, _: EvolveStep) -> PlanState:
    data, day = event.data, event.occurred_on.isoformat()
    if data["from"] != state.stage:
        raise ValueError(f"event {event.seq} leaves {data['from']!r}, but the plan is in {state.stage!r}")
    left = replace(state.visits[-1], left_on=day, trigger=data["trigger"])
    steps = dict(state.steps)
    for address in data.get("ended", ()):
        step = steps[address]
        steps[address] = _with_round(step, replace(step.current, ended=True))
    return replace(
        state,
        stage=data["to"],
        visits=(*state.visits[:-1], left, Visit(stage=data["to"], entered_on=day)),
        steps=steps,
        again=tuple(data.get("again", ())),
    )


def _step_opened(state: PlanState, event: Event, evolve_step: EvolveStep) -> PlanState:
    data = event.data
    step = state.steps.get(data["step"], StepState(uses=data["uses"]))
    if data["round"] != len(step.rounds) + 1:
        raise ValueError(f"event {event.seq} opens round {data['round']} of {data['step']}, out of order")
    day = event.occurred_on.isoformat()
    opened = StepRound(
        number=data["round"],
        phase=data["phase"],
        complete=data.get("complete", False),
        completed_on=day if data.get("complete") else None,
        state=evolve_step(data["uses"], None, "open", _told(data, day), event.plugin),
        opened_on=day,
        last_on=day,
        due=data.get("due", {}),
        lead=data.get("lead"),
        counts=tuple(data.get("counts", ())),
    )
    opened_step = replace(
        state,
        steps={**state.steps, data["step"]: replace(step, rounds=(*step.rounds, opened))},
        again=tuple(address for address in state.again if address != data["step"]),
    )
    return _with_documents(opened_step, event)


def _step_acted(state: PlanState, event: Event, evolve_step: EvolveStep) -> PlanState:
    data, day = event.data, event.occurred_on.isoformat()
    step = state.steps[data["step"]]
    number = data["round"]
    round_ = step.rounds[number - 1]
    if round_.phase != data["from"]:
        raise ValueError(f"event {event.seq} acts on {data['step']} in {data['from']!r}, but it is {round_.phase!r}")
    complete = data.get("complete", False)
    acted = replace(
        round_,
        phase=data["to"],
        state=evolve_step(step.uses, round_.state, data["action"], _told(data, day), event.plugin),
        complete=complete,
        completed_on=(round_.completed_on or day) if complete else None,
        last_on=max(round_.last_on or day, day),
        acts=(*round_.acts, (data["action"], event.actor, day)),
        counts=redating.counted(round_.counts, data.get("counts", ())),
    )
    rounds = (*step.rounds[: number - 1], acted, *step.rounds[number:])
    acted_step = replace(state, steps={**state.steps, data["step"]: replace(step, rounds=rounds)})
    if "moves" in data:
        acted_step = replace(acted_step, moves=(*state.moves, *redating.moves_by_act(data, event.seq, day)))
    return _with_documents(acted_step, event)


def _told(data: Mapping[str, Any], day: str) -> dict[str, Any]:
    """What a step type's `evolve` is told: its own data, the day, and what was sent with the act."""
    told = {**data["data"], "on": day}
    if "sent" in data:
        told["sent"] = data["sent"]
    return told


def _with_documents(state: PlanState, event: Event) -> PlanState:
    """Add what an event made, sent and approved."""
    data, day = event.data, event.occurred_on.isoformat()
    changes: dict[str, Any] = {}
    if "revisions" in data:
        new = documents.made(data, made_on=day, step=data["step"], seq=event.seq, author=event.actor)
        changes["revisions"] = (*state.revisions, *new)
    fact = {"on": day, "step": data["step"], "round": data["round"], "seq": event.seq}
    if "sent" in data:
        changes["sendings"] = (*state.sendings, *documents.sent(data, **fact))
    if "approved" in data:
        by = event.on_behalf or event.authority.get("ref", "")
        approvals = documents.approved(data, by=by, person=event.actor, **fact)
        changes["approvals"] = (*state.approvals, *approvals)
    return replace(state, **changes) if changes else state


def _step_ended(state: PlanState, event: Event, _: EvolveStep) -> PlanState:
    step = state.steps[event.data["step"]]
    day = event.occurred_on.isoformat()
    ended = replace(step.current, ended=True, last_on=max(step.current.last_on or day, day))
    return replace(state, steps={**state.steps, event.data["step"]: _with_round(step, ended)})


def _with_round(step: StepState, round_: StepRound) -> StepState:
    return replace(step, rounds=(*step.rounds[:-1], round_))


def _number_issued(state: PlanState, event: Event, _: EvolveStep) -> PlanState:
    by, day = event.on_behalf or event.authority.get("ref", ""), event.occurred_on.isoformat()
    number = numbers.issued(event.data, by=by, person=event.actor, on=day, seq=event.seq)
    return replace(state, numbers=(*state.numbers, number))


def _changing(
    changes: Callable[[PlanState, Event], dict[str, Any]],
) -> Callable[[PlanState, Event, EvolveStep], PlanState]:
    return lambda state, event, _: replace(state, **changes(state, event))


def _status(status: str) -> Callable[[PlanState, Event, EvolveStep], PlanState]:
    def change(state: PlanState, event: Event, _: EvolveStep) -> PlanState:
        return replace(state, status=status)

    return change


def _reopened(state: PlanState, event: Event, _: EvolveStep) -> PlanState:
    stage, day = event.data.get("stage", state.stage), event.occurred_on.isoformat()
    visits = state.visits
    if stage != state.stage:
        visits = (*visits[:-1], replace(visits[-1], left_on=day), Visit(stage=stage, entered_on=day))
    return replace(state, status=ACTIVE, stage=stage, visits=visits, stops=redating.running_again(state, event))


def _amended(state: PlanState, event: Event, _: EvolveStep) -> PlanState:
    data = event.data
    return replace(
        state,
        definition=data["definition"]["hash"],
        schedule={**state.schedule, **data["schedule"]},
        amendments=(*state.amendments, data["before"]),
    )


_CHANGES: Mapping[str, Callable[[PlanState, Event, EvolveStep], PlanState]] = {
    messages.TRANSITION_FIRED: _transition,
    messages.STEP_OPENED: _step_opened,
    messages.STEP_ACTED: _step_acted,
    messages.STEP_ENDED: _step_ended,
    messages.PLAN_FINISHED: _status(FINISHED),
    messages.PLAN_SUSPENDED: _changing(redating.suspended),
    messages.PLAN_RESUMED: _changing(redating.resumed),
    messages.PLAN_CANCELLED: _status(CANCELLED),
    messages.PLAN_REOPENED: _reopened,
    messages.NUMBER_ISSUED: _number_issued,
    messages.PLAN_HANDED_OVER: _changing(handovers.handed_over),
    messages.PLAN_AMENDED: _amended,
    messages.DATES_MOVED: _changing(redating.dates_moved),
    messages.EXTENSION_ASKED: _changing(redating.extension_asked),
    messages.EXTENSION_REFUSED: _changing(redating.extension_refused),
    messages.REMINDED: _changing(timers.fire),
    messages.REMINDER_SKIPPED: _changing(timers.fire),
    messages.ESCALATED: _changing(timers.fire),
}
