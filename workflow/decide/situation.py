"""Everything a decision may look at: definition, people, calendar, day, and who acts.

Values and pure lookups only; whatever was read from a clock or a database was read before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from workflow.deadlines import Calendar
from workflow.decide.asking import answers, evolved, guarded, state_read
from workflow.errors import InvalidInput, NotPermitted, Phrase
from workflow.language.definition import Definition, Policies, Step, Text
from workflow.machine import StageMachine, StepMachine
from workflow.people import Matter, Register
from workflow.people.rights import Rights
from workflow.plan import handovers
from workflow.plan.acting import Attachment
from workflow.plan.state import PlanState, StepRound
from workflow.steps.step_type import State, StepType, WorkItem
from workflow.steps.views import StepView
from workflow.views.handed import read_only, read_only_model, seen

_ROUNDS_KEPT = 256
"""So many rounds of steps are kept read, with what is owed on them."""

LEAD = "lead"
"""The word in `by:` that stands for the lead of the step, else of its stage, else of the definition."""


@dataclass(frozen=True)
class Process:
    """A definition version with all that is built from it once and shared by its plans.

    Attributes:
        vetoes: (plan, transition view, actor) to the reasons of every `before_transition` hook.
        guards: Guard name to its function (plan, transition view) -> reasons.
        condition: (CEL text, values) to its verdict.
        calendar: The one in force, overrides of the workspace included; `policies` how dates are read.
    """

    definition: Definition
    hash: str
    stages: StageMachine
    step_types: Mapping[str, StepType]
    step_machine: Callable[[str], StepMachine]
    calendar: Calendar
    guards: Mapping[str, Any]
    vetoes: Callable[[PlanState, Any, str | None], Sequence[Any]]
    condition: Callable[[str, Mapping[str, Any]], bool]
    options: Callable[[str], Any]
    policies: Policies = Policies()
    restless: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)
    """Steps by address, with whether they ever do something by themselves, as far as that was asked."""
    _types: dict[str, StepType] = field(default_factory=dict, compare=False, repr=False)
    _read: dict[tuple[str, str, int], tuple[Mapping[str, Any], State]] = field(
        default_factory=dict, compare=False, repr=False
    )
    _handed: dict[str, tuple[PlanState, PlanState]] = field(default_factory=dict, compare=False, repr=False)
    _owed: dict[tuple[str, str, int], tuple[PlanState, StepRound, tuple[WorkItem, ...]]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def handed(self, plan: PlanState) -> PlanState:
        """A plan as plugins are handed it; one command asks for the same a dozen times."""
        known = self._handed.get(plan.id)
        if known is None or known[0] is not plan:
            known = (plan, seen(plan))
            _keep(self._handed, plan.id, known)
        return known[1]

    def step(self, address: str) -> Step:
        """The definition's step at a full address."""
        return self.definition.steps[address]

    def type_of(self, address: str) -> StepType:
        """The step type at a full address."""
        found = self._types.get(address)
        if found is None:
            found = self._types[address] = self.step_types[self.step(address).uses]
        return found

    def stage_of(self, address: str) -> str | None:
        """The stage a full address lies in; None for a step beside the stages."""
        return address.split("/", 1)[0] if "/" in address else None

    def lead(self, address: str) -> str | None:
        """The unit or office that leads a step: its own, its stage's, the definition's."""
        stage = self.stage_of(address)
        return (
            self.step(address).lead or (self.definition.stages[stage].lead if stage else None) or self.definition.lead
        )

    def by(self, address: str) -> tuple[str, ...]:
        """Who may act on a step by the definition: its own `by:`, its stage's, the definition's."""
        stage, lead = self.stage_of(address), self.lead(address)
        stage_by = self.definition.stages[stage].by if stage else ()
        named = self.step(address).by or stage_by or self.definition.by
        return tuple(dict.fromkeys(lead if name == LEAD and lead else name for name in named))

    def step_title(self, address: str) -> Text:
        """The step's title, its type's where the definition gives none."""
        return self.step(address).title or Text(**self.type_of(address).title)

    def state_title(self, address: str, round_: StepRound) -> Text:
        """The state of a step round in words."""
        title = self.type_of(address).states.get(round_.phase)
        return Text(**title) if title else Text(vi=round_.phase)

    def view(self, plan: PlanState, address: str, round_: StepRound) -> StepView:
        """A step round as its type sees it."""
        return StepView(
            plan=self.handed(plan),
            address=address,
            round=round_.number,
            phase=round_.phase,
            options=self.options(address),
            state=self._state_seen(plan, address, round_),
            opened_on=round_.opened_on,
            due=read_only(round_.due),
            lead=round_.lead,
            title=self.step_title(address),
            normative=self.definition.normative,
            by=self.by(address),
        )

    def _state_seen(self, plan: PlanState, address: str, round_: StepRound) -> State:
        # One act asks for a view a dozen times, and of a long list each reading takes milliseconds.
        # `evolve` alone reads anew: what a plugin did to a state that it was shown is never recorded.
        place = (plan.id, address, round_.number)
        known = self._read.get(place)
        if known is not None and known[0] is round_.state:
            return known[1]
        state = read_only_model(state_read(self.type_of(address), round_.state))
        _keep(self._read, place, (round_.state, state))
        return state

    def outcome(self, plan: PlanState, address: str) -> str | None:
        """The outcome of the newest round of a step, None if it has none (yet)."""
        step = plan.step(address)
        if step is None or address not in self.definition.steps:
            return None
        return guarded(self.type_of(address), "outcome", self.view(plan, address, step.current))

    def work_items(self, plan: PlanState, address: str, round_: StepRound) -> tuple[WorkItem, ...]:
        """What is owed on a step round, and by whom since work was passed on."""
        place = (plan.id, address, round_.number)
        known = self._owed.get(place)
        if known is not None and known[0] is plan and known[1] is round_:
            return known[2]
        items = self._work_items(plan, address, round_)
        _keep(self._owed, place, (plan, round_, items))
        return items

    def _work_items(self, plan: PlanState, address: str, round_: StepRound) -> tuple[WorkItem, ...]:
        items = answers(self.type_of(address), "work_items", WorkItem, self.view(plan, address, round_))
        if not plan.handovers:
            return items
        live = not round_.ended and round_ is plan.steps[address].current
        return tuple(
            replace(item, owner=handovers.owner_of(plan.handovers, key, item.owner, open=item.open and live))
            for item in items
            for key in [(address, round_.number, item.key)]
        )

    def evolve_step(
        self,
        uses: str,
        state: Mapping[str, Any] | None,
        action: str,
        data: Mapping[str, Any],
        plugin: Mapping[str, str] | None,
    ) -> dict[str, Any]:
        """The step type's own `evolve` over JSON-like values."""
        return evolved(self.step_types, uses, state, action, data, plugin)


def _keep(kept: dict[Any, Any], key: Any, value: Any) -> None:
    if len(kept) >= _ROUNDS_KEPT and key not in kept:
        kept.pop(next(iter(kept)), None)
    kept[key] = value


def matter_of(
    process: Process, plan: PlanState | None, address: str | None = None, papers: tuple[str, ...] = ()
) -> Matter:
    """Return what an act is about: the plan as a whole, its stage with the *papers* of a transition, or a step."""
    definition = process.definition
    stage = plan.stage if plan and address is None else None
    units = {definition.lead}
    documents = set(papers)
    if address is not None:
        stage = process.stage_of(address)
        units.add(process.lead(address))
        documents |= set(texts_in(process.step(address).with_)) & set(definition.documents)
    elif stage is not None:
        units.add(definition.stages[stage].lead)
    return Matter(
        plan=plan.id if plan else None,
        # An amended plan still is one of the definition that it began with.
        definition=plan.definition_id if plan else definition.id,
        stage=stage,
        step_type=process.step(address).uses if address is not None else None,
        documents=frozenset(documents),
        units=frozenset(unit for unit in units if unit),
        passed=handovers.passed_on(plan.handovers) if plan else {},
    )


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text in JSON-like values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)


@dataclass(frozen=True)
class Situation:
    """One command's circumstances.

    Attributes:
        now: The instant of recording; aware.
        today: The local day of recording.
        on: The local day on which it happened.
        clock: `system` or `simulated`.
        salts: Fresh random salts, one for each free text.
    """

    process: Process
    register: Register
    people_version: str
    now: datetime
    today: date
    on: date
    clock: str
    salts: Iterator[bytes]
    actor: str | None = None
    login: Mapping[str, str] | None = None
    behalf: str | None = None
    request: Mapping[str, str] | None = None
    note: str | None = None
    attachments: tuple[Attachment, ...] = ()

    def require_actor(self) -> str:
        """Return the actor.

        Raises:
            InvalidInput: If there is none, or the register does not know them.
        """
        if self.actor is None:
            raise InvalidInput(
                "nobody is named as acting",
                code="no-actor",
                hint="name yourself with --as PERSON or WORKFLOW_ACTOR; `workflow people list` shows the ids",
            )
        if self.register.kind(self.actor) != "person":
            raise InvalidInput(
                "there is no person `{actor}` in the people register",
                code="unknown-actor",
                hint="`workflow people list` shows the ids",
                actor=self.actor,
            )
        return self.actor

    def authorise(
        self, references: tuple[str, ...], what: Phrase, matter: Matter, bodies: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Return in which capacity the actor may do *what*, for the event.

        Args:
            references: Units, offices, roles and persons that may; empty means every known person.
            matter: What it is about.
            bodies: Of the references those in whose name it may turn out to be done.

        Raises:
            NotPermitted: If the actor is none of them on the day, may not speak for the body in whose name it
                is done, has an interest in the matter, or the login is another person's.
        """
        require_own_login(self.register, self.require_actor(), self.login)
        held = self.rights(matter).require(references, what, self.behalf, bodies)
        authority = held.as_data() | {"people": self.people_version}
        if self.login:
            authority["login"] = dict(self.login)
        return authority

    def rights(self, matter: Matter) -> Rights:
        """Return the actor's rights in a matter on the day."""
        return Rights(self.register, self.require_actor(), self.on, matter)

    def besides(self, references: tuple[str, ...], barred: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of *references* for whom somebody can act today who stands for none of the *barred*."""

        def stands(person: str) -> bool:
            return person in barred or self.register.authority(person, barred, self.on) is not None

        return tuple(one for one in references if not all(stands(each) for each in self.register.holders(one, self.on)))

    def speaks_for(self, body: str) -> bool:
        """True if the actor belongs to the unit or office on the day, or is that person."""
        return self.actor == body or self.register.authority(self.require_actor(), (body,), self.on) is not None


def require_own_login(register: Register, actor: str, login: Mapping[str, str] | None) -> None:
    """Refuse an actor whose login in the register is another than the one that is used.

    Raises:
        NotPermitted: If it is.
    """
    expected = register.persons[actor].login
    used = login or {}
    # A server has let its user in; an account is only what this computer says.
    account = used.get("session_user") or used.get("account")
    if expected and account and expected != account:
        raise NotPermitted(
            "`{actor}` logs in as `{expected}`, but this is `{account}`",
            code="login-mismatch",
            hint="act under your own name",
            actor=actor,
            expected=expected,
            account=account,
        )
