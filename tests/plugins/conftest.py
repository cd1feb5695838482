"""A small engine for step types: it opens a round, acts and evolves, and holds the type to its contract.

`fake_context` makes what an act may look up; `run` opens a round and plays acts on it. Each act is
checked as the real engine would: source and target states, JSON-like data, free texts marked, a pure
`evolve`, Vietnamese beside every English sentence.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, get_args

import pytest

from workflow import Act, Attachment, Reason, Refused, StepType, StepView, Text
from workflow.messages import FreeText
from workflow.plan import documents, revisions
from workflow.plan.documents import Approval, Revision, Sending
from workflow.steps.step_type import FreeTextMark


@dataclass(frozen=True)
class FakeContext:
    """What an act may look up; offices rest on Saturdays, Sundays and *days_off*."""

    on: date
    actor: str | None = "drafter"
    attachments: tuple[Attachment, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    valid_units: tuple[str, ...] | None = None
    days_off: tuple[date, ...] = ()
    steps: Mapping[str, StepView] = field(default_factory=dict)
    stops: tuple[tuple[date, date], ...] = ()
    successors: Mapping[str, str] = field(default_factory=dict)

    def units(self, references: tuple[str, ...], on: date | None = None) -> tuple[str, ...]:
        named = [unit for ref in references for unit in (self.groups[ref] if ref.startswith("@") else (ref,))]
        return tuple(unit for unit in dict.fromkeys(named) if self.unit_exists(unit))

    def speaks_for(self, body: str) -> bool:
        return body == self.actor

    def unit_exists(self, unit: str) -> bool:
        return self.valid_units is None or unit in self.valid_units

    def known(self, reference: str) -> bool:
        return reference in self.groups if reference.startswith("@") else self.unit_exists(reference)

    def successor(self, unit: str, on: date | None = None) -> str | None:
        return unit if self.unit_exists(unit) else self.successors.get(unit)

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.days_off

    def working_days_after(self, start: date, days: int, stops: Sequence[tuple[date, date]] = ()) -> date:
        day = start
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_working_day(day) and not any(first <= day < again for first, again in stops)
        return day

    def working_days_before(self, end: date, days: int) -> date:
        day = end
        while days > 0:
            day -= timedelta(days=1)
            days -= self.is_working_day(day)
        return day

    def last_day_before(self, day: date) -> date:
        return self.fixed_day(day, before=True)

    def working_day_before(self, day: date) -> date:
        while not self.is_working_day(day):
            day -= timedelta(days=1)
        return day

    def fixed_day(
        self, day: date, *, before: bool = False, not_before: date | None = None, otherwise: str = "keep"
    ) -> date:
        last = day - timedelta(days=1) if before else day
        moved = self.working_day_before(last)
        if not_before is None or moved >= not_before:
            return moved
        return self.working_days_after(last, 1) if otherwise == "working-day-after" else last

    def step(self, reference: str) -> StepView | None:
        return self.steps.get(reference)


@dataclass
class FakePlan:
    """The plan as a plugin sees it, with the revisions made so far."""

    id: str = "plan-1"
    stage: str = "stage-1"
    status: str = "active"
    revisions: list[Revision] = field(default_factory=list)
    sendings: list[Sending] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)

    def latest_revision(self, document: str) -> Revision | None:
        return next((r for r in reversed(self.revisions) if r.document == document), None)

    def latest_sending(self, step: str, document: str) -> Sending | None:
        return next((s for s in reversed(self.sendings) if (s.step, s.document) == (step, document)), None)

    def covers(self, approval: Approval) -> bool:
        newest = self.latest_revision(approval.document)
        return newest is not None and newest.name == approval.name

    def now(self, name: str | None) -> str | None:
        return name

    def add_revision(self, document: str, number: int, files: tuple[str, ...] = (), on: str = "2019-01-02") -> None:
        """Add a revision as an earlier step would have made it."""
        earlier = [r for r in self.revisions if (r.document, r.number) == (document, number)]
        self.revisions.append(
            Revision(document, number, len(earlier) + 1, files, made_on=on, step="stage-1/write", seq=1)
        )


class NotPossible(AssertionError):
    """The type declares no such action from this state; the engine would not let it through."""


@dataclass
class Round:
    """One opened round of a step, with everything that happened on it.

    Attributes:
        view: The round as the type sees it now.
        acts: The act each call answered, the opening first.
        defaults: Arguments for `fake_context` where an act gives none.
    """

    step_type: StepType
    plan: FakePlan
    view: StepView
    defaults: Mapping[str, Any]
    acts: list[Act] = field(default_factory=list)

    @property
    def phase(self) -> str:
        return self.view.phase

    @property
    def state(self) -> Any:
        return self.view.state

    @property
    def complete(self) -> bool:
        return self.phase in self.step_type.complete_states

    def act(self, name: str, on: str, *, context: Mapping[str, Any] | None = None, **parameters: Any) -> Act:
        """Do *name* on the day *on*; *context* replaces arguments of `fake_context`."""
        declared = self.step_type.actions()[name]
        if declared.source and self.phase not in declared.source:
            raise NotPossible(f"{name} is not possible from {self.phase}")
        given = declared.parameters.model_validate(parameters)
        looked_up = make_context(on, **{**self.defaults, **(context or {})})
        try:
            act = getattr(self.step_type, declared.method)(self.view, given, looked_up)
        except Refused as refused:
            check_refusal(refused)
            raise
        targets = declared.to or (self.phase,)
        to = act.to or (targets[0] if len(targets) == 1 else None)
        assert to in targets, f"{name} reached {to!r}, it declares {targets}"
        check_marked(given, act)
        return self._recorded(name, act, to, on)

    def _with_documents(self, act: Act, on: str) -> dict[str, Any]:
        """Do to the plan's documents what the engine does with an act; return what `evolve` is told of it."""
        plan, view = self.plan, self.view
        found = revisions.of_act(plan, act, view.lead)
        for made in act.revisions:
            plan.add_revision(made.document, made.number, made.files, on)
        fact = {"on": on, "step": view.address, "round": view.round, "seq": 1}
        plan.sendings += documents.sent(found, **fact)
        plan.approvals += documents.approved(found, by=act.on_behalf or "drafter", person="drafter", **fact)
        return {"sent": found["sent"]} if "sent" in found else {}

    def tick(self, on: str, *, context: Mapping[str, Any] | None = None) -> Act | None:
        """Let the type record what became due by *on*."""
        act = self.step_type.tick(self.view, make_context(on, **{**self.defaults, **(context or {})}))
        return None if act is None else self._recorded("tick", act, act.to or self.phase, on)

    def opened(self, on: str) -> None:
        """Open the round on the day *on*."""
        act = self.step_type.open(self.view, make_context(on, **self.defaults))
        self._recorded("open", act, act.to or self.phase, on)

    def blockers(self) -> dict[str, Reason]:
        """The reasons why the step is not complete, by code (the last where a code repeats)."""
        return {reason.code: reason for reason in self.step_type.blockers(self.view)}

    def work(self) -> dict[str, Any]:
        """The work items by key."""
        return {item.key: item for item in self.step_type.work_items(self.view)}

    def owed(self) -> list[str]:
        """Keys of the open work items."""
        return [key for key, item in self.work().items() if item.open]

    def _recorded(self, name: str, act: Act, to: str, on: str) -> Act:
        data = stored({**act.data, "on": on, **self._with_documents(act, on)})
        before = self.view.state
        state = self.step_type.evolve(before, name, json.loads(json.dumps(data)))
        assert state == self.step_type.evolve(before, name, data), "evolve is not pure"
        assert type(state).model_validate(json.loads(state.model_dump_json())) == state
        self.view = replace(self.view, state=state, phase=to)
        self.acts.append(act)
        check_owed(self)
        return act


def stored(value: Any) -> Any:
    """Return *value* as an event holds it; fails for what canonical JSON does not know."""
    if isinstance(value, FreeText):
        return {"text": sha256(value.encode()).hexdigest()}
    if isinstance(value, Mapping):
        assert all(isinstance(key, str) and key.isascii() for key in value), value
        return {key: stored(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [stored(part) for part in value]
    assert value is None or isinstance(value, str | int), f"{value!r} is no JSON-like value without floats"
    return value


def is_free_text(annotation: Any) -> bool:
    """True if *annotation* is `Prose` or holds it (`Prose | None`, `tuple[Prose, ...]`)."""
    parts = get_args(annotation)
    return any(isinstance(part, FreeTextMark) or is_free_text(part) for part in parts)


def check_marked(parameters: Any, act: Act) -> None:
    """Fail where a parameter's free text stands in the act's data without `prose()`."""
    plain = json.dumps(stored(act.data), ensure_ascii=False)
    for name, declared in type(parameters).model_fields.items():
        if not (is_free_text(declared.annotation) or any(isinstance(m, FreeTextMark) for m in declared.metadata)):
            continue
        value = getattr(parameters, name)
        for text in value if isinstance(value, list | tuple) else (value,):
            assert not text or text not in plain, f"{name} is free text and not marked"


def check_reason(reason: Reason) -> None:
    """Fail where a reason lacks its Vietnamese or leaves a place unfilled."""
    phrase = reason.phrase
    assert phrase.vi, f"{reason.code} has no Vietnamese"
    assert unicodedata.is_normalized("NFC", phrase.vi)
    assert "{" not in str(phrase), str(phrase)
    for name in phrase.params:
        assert "{" + name + "}" in phrase.text and "{" + name + "}" in phrase.vi, (reason.code, name)
    assert None not in reason.who


def check_refusal(refused: Refused) -> None:
    """Fail where a refusal gives no reason."""
    assert refused.reasons, "a refusal lists its reasons"
    for reason in refused.reasons:
        check_reason(reason)


def check_owed(round_: Round) -> None:
    """Fail where blockers, work items and the complete states disagree."""
    step_type, view = round_.step_type, round_.view
    assert view.phase in step_type.states
    reasons, items = step_type.blockers(view), step_type.work_items(view)
    for reason in reasons:
        check_reason(reason)
    assert len({item.key for item in items}) == len(items), "two work items share a key"
    if not step_type.lasting and not (step_type.outcomes and round_.complete):
        assert bool(reasons) != round_.complete, f"{view.phase}: {[str(reason) for reason in reasons]}"
    # A type with outcomes of its own may hold a gate, and owe something, after it is complete.
    if round_.complete and not step_type.outcomes:
        assert not [item.key for item in items if item.open], "something is owed on a complete step"


def make_context(
    on: str,
    *,
    actor: str | None = "drafter",
    attachments: Sequence[str] = (),
    groups: Mapping[str, Sequence[str]] | None = None,
    units: Sequence[str] | None = None,
    days_off: Sequence[str] = (),
    steps: Mapping[str, StepView] | None = None,
    successors: Mapping[str, str] | None = None,
) -> FakeContext:
    """Return a context; attachments are names, their SHA-256 is that of the name."""
    return FakeContext(
        on=date.fromisoformat(on),
        actor=actor,
        attachments=tuple(Attachment(name, sha256(name.encode()).hexdigest(), len(name)) for name in attachments),
        groups={name: tuple(members) for name, members in (groups or {}).items()},
        valid_units=None if units is None else tuple(units),
        days_off=tuple(date.fromisoformat(day) for day in days_off),
        steps=steps or {},
        successors=successors or {},
    )


def start_round(
    step_type: StepType,
    options: Mapping[str, Any] | None = None,
    acts: Sequence[tuple[str, str, Mapping[str, Any]]] = (),
    *,
    on: str = "2019-05-02",
    due: str | None = None,
    lead: str | None = "office-a",
    plan: FakePlan | None = None,
    number: int = 1,
    normative: bool = True,
    **context: Any,
) -> Round:
    """Open round *number* and play *acts*, each (action, day, parameters); further words go to `fake_context`."""
    plan = plan or FakePlan()
    view = StepView(
        plan=plan,
        address="stage-1/step-1",
        round=number,
        phase=next(iter(step_type.states)),
        options=step_type.Options.model_validate(dict(options or {})),
        state=None,
        opened_on=on,
        due={"start": None, "due": due, "precision": "day"} if due else {},
        lead=lead,
        title=Text(**step_type.title),
        normative=normative,
    )
    round_ = Round(step_type, plan, view, context)
    round_.opened(on)
    for name, day, parameters in acts:
        round_.act(name, day, **parameters)
    return round_


@pytest.fixture
def fake_context() -> Callable[..., FakeContext]:
    """`fake_context(on, units=…, groups=…, attachments=…)`: what an act may look up."""
    return make_context


@pytest.fixture
def run() -> Callable[..., Round]:
    """`run(step_type, options, acts, on=…, due=…, lead=…)`: an opened round, the acts played."""
    return start_round


@pytest.fixture
def plan() -> FakePlan:
    """A plan without revisions; give it to `run` to add some first."""
    return FakePlan()


@pytest.fixture
def not_possible() -> type[NotPossible]:
    """What `act` raises where the type declares no such action from the state."""
    return NotPossible
