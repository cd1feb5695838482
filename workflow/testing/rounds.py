"""One round of a step type, opened and acted on as the engine would, without definition, people or database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any

from workflow import audit, messages
from workflow.decide.asking import sound_act
from workflow.errors import Refused
from workflow.language.definition import Text
from workflow.machine import NotPossible, StepMachine
from workflow.messages import Event, FreeText
from workflow.plan import revisions
from workflow.plan.acting import Act
from workflow.plan.documents import Revision
from workflow.plan.state import PlanState, evolve
from workflow.steps.step_type import StepType
from workflow.steps.views import StepView
from workflow.testing.desk import Desk, attachment
from workflow.views.handed import read_only, read_only_model, seen

ADDRESS = "stage/step"
MONDAY = date(2026, 3, 2)
_SALT = bytes(16)


@dataclass
class Round:
    """One round with everything that happened on it; made by `begin`.

    Attributes:
        options: The validated `with:`.
        plan: The plan's state, as the engine would have it.
        events: Its events, the opening first.
        on: The day of the latest act.
        desk: What an act may look up; each act gets it with its own day and files.
    """

    step_type: StepType
    options: Any
    plan: PlanState
    desk: Desk
    lead: str | None
    due: Mapping[str, Any]
    normative: bool
    on: date
    machine: StepMachine
    events: list[Event] = field(default_factory=list)

    @property
    def view(self) -> StepView:
        """The round as its type sees it now."""
        known = self.plan.step(ADDRESS)
        round_ = known.current if known else None
        return StepView(
            plan=seen(self.plan),
            address=ADDRESS,
            round=1,
            phase=round_.phase if round_ else self.machine.initial,
            options=self.options,
            state=read_only_model(self.step_type.State.model_validate(round_.state)) if round_ else None,
            opened_on=round_.opened_on if round_ else self.on.isoformat(),
            due=read_only(self.due),
            lead=self.lead,
            title=Text(**self.step_type.title),
            normative=self.normative,
        )

    @property
    def phase(self) -> str:
        """The state of the type's machine."""
        return self.view.phase

    @property
    def state(self) -> Any:
        """The type's own state."""
        return self.view.state

    @property
    def complete(self) -> bool:
        """True in one of the complete states."""
        return self.phase in self.step_type.complete_states

    @property
    def possible(self) -> tuple[str, ...]:
        """The actions that the type's machine has in this state, and `tick` where the type has one."""
        ticks = ("tick",) if type(self.step_type).tick is not StepType.tick else ()
        return (*self.machine.actions(self.phase), *ticks)

    @property
    def blockers(self) -> list[str]:
        """Codes of the reasons why it is not complete."""
        return [reason.code for reason in self.step_type.blockers(self.view)]

    @property
    def owed(self) -> list[str]:
        """Keys of the open work items."""
        return [item.key for item in self.step_type.work_items(self.view) if item.open]

    def act(
        self,
        action: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        on: date | str | None = None,
        files: Sequence[str] = (),
        **more: Any,
    ) -> Act:
        """Do *action*; its parameters are given by name, or as a mapping where a name is taken here.

        Raises:
            NotPossible: If the type's machine has no such action in this state.
            ValidationError: If the parameters do not fit the action's model.
            Refused: If the type refuses.
        """
        declared = self.step_type.actions()[action]
        if action not in self.machine.actions(self.phase):
            raise NotPossible(f"{action} is not possible in {self.phase}")
        given = declared.parameters.model_validate({**(parameters or {}), **more})
        self._go_to(on)
        desk = replace(self.desk, on=self.on, attachments=tuple(map(attachment, files)))
        act = sound_act(self.step_type, action, getattr(self.step_type, declared.method)(self.view, given, desk))
        target = act.to or (declared.to[0] if len(declared.to) == 1 else self.phase)
        self._record(messages.STEP_ACTED, action, act, self.machine.fire(self.phase, action, target))
        return act

    def refusal(self, action: str, parameters: Mapping[str, Any] | None = None, **more: Any) -> list[str]:
        """Return the codes of the reasons with which *action* is refused.

        Raises:
            AssertionError: If it is not refused.
        """
        try:
            self.act(action, parameters, **more)
        except Refused as refused:
            return [reason.code for reason in refused.reasons]
        raise AssertionError(f"{action} was not refused")

    def tick(self, on: date | str | None = None) -> Act | None:
        """Let the type record what became due by itself until *on*."""
        self._go_to(on)
        answer = self.step_type.tick(self.view, replace(self.desk, on=self.on))
        if answer is None:
            return None
        act = sound_act(self.step_type, "tick", answer)
        self._record(messages.STEP_ACTED, "tick", act, act.to or self.phase)
        return act

    def replayed(self) -> PlanState:
        """Return the state that its events make when they are read from their stored bytes."""
        state: PlanState | None = _plan(self.events[0].occurred_on, self.plan.revisions[: self._papers])
        for event in self.events:
            state = evolve(state, audit.event_of(audit.body_of(event)), self._evolve_step)
        assert state is not None
        return state

    def _open(self) -> None:
        self._papers = len(self.plan.revisions)
        act = sound_act(self.step_type, "open", self.step_type.open(self.view, replace(self.desk, on=self.on)))
        self._record(messages.STEP_OPENED, "open", act, act.to or self.machine.initial)

    def _go_to(self, on: date | str | None) -> None:
        day = date.fromisoformat(on) if isinstance(on, str) else on or self.on
        if day < self.on:
            raise ValueError(f"{day} is before {self.on}, the day of the latest act")
        self.on = day

    def _record(self, type_: str, action: str, act: Act, to: str) -> None:
        data: dict[str, Any] = {"step": ADDRESS, "round": 1, "data": act.data}
        if type_ == messages.STEP_OPENED:
            data |= {"uses": self.step_type.name, "phase": to, "due": self.due}
        else:
            data |= {"action": action, "from": self.phase, "to": to}
        if to in self.step_type.complete_states:
            data["complete"] = True
        data |= revisions.of_act(self.plan, act, self.lead)
        event = Event(
            plan=self.plan.id,
            seq=self.plan.seq + 1,
            type=type_,
            occurred_on=self.on,
            recorded_at=datetime.combine(self.on, time(2), UTC),
            clock="simulated",
            request_id=None,
            actor=self.desk.actor,
            authority={"ref": self.lead or "office", "via": "member"},
            definition=self.plan.definition,
            plugin={"name": self.step_type.name, "version": self.step_type.version},
            on_behalf=act.on_behalf,
            data=sealed(data),
        )
        # What is kept are the stored bytes, so what they cannot hold is found here.
        stored = audit.event_of(audit.body_of(event))
        self.plan = evolve(self.plan, stored, self._evolve_step)
        self.events.append(stored)

    def _evolve_step(
        self, uses: str, state: Mapping[str, Any] | None, action: str, data: Mapping[str, Any], plugin: Any
    ) -> dict[str, Any]:
        before = None if state is None else self.step_type.State.model_validate(state)
        after: dict[str, Any] = self.step_type.evolve(before, action, read_only(data)).model_dump(mode="json")
        return after


def begin(
    step_type: StepType,
    options: Mapping[str, Any] | None = None,
    *,
    on: date | str = MONDAY,
    due: date | str | None = None,
    lead: str | None = "office",
    normative: bool = True,
    documents: Sequence[str] = (),
    desk: Desk | None = None,
) -> Round:
    """Open a round of *step_type* with these options under `with:`.

    Args:
        due: The step's due day.
        documents: Documents of which the plan has a revision 1.1 already.
        desk: What acts may look up; by default a register that knows every name.

    Raises:
        ValidationError: If the options do not fit.
        Refused: If the type refuses to open.
    """
    day = date.fromisoformat(on) if isinstance(on, str) else on
    made = tuple(Revision(name, 1, 1, (), day.isoformat(), "earlier/write", 1, "officer") for name in documents)
    round_ = Round(
        step_type=step_type,
        options=step_type.Options.model_validate(dict(options or {})),
        plan=_plan(day, made),
        desk=desk or Desk(day),
        lead=lead,
        due={"start": None, "due": str(due), "precision": "day"} if due else {},
        normative=normative,
        on=day,
        machine=StepMachine(step_type),
    )
    round_._open()
    return round_


def _plan(day: date, made: tuple[Revision, ...]) -> PlanState:
    on = day.isoformat()
    return PlanState("plan", "-", "definition", 1, "active", "stage", 1, 1, on, on, revisions=made)


def sealed(value: Any) -> Any:
    """Return event data as they are stored: free texts are replaced by their digests."""
    if isinstance(value, FreeText):
        return {"text": audit.text_key(_SALT, value)}
    if isinstance(value, Mapping):
        return {key: sealed(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [sealed(inner) for inner in value]
    return value
