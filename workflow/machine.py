"""The two kinds of state machine, both on `transitions`, built once and shared by all plans.

A machine is fired on a throw-away carrier that has nothing but `state`: no model is added, no
callback is ever given as text (`transitions` would import a dotted name). All guards are evaluated
before; an edge's only condition reads the verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from transitions import EventData, Machine, MachineError
from transitions.core import State as MachineState

from workflow.language.definition import Definition
from workflow.steps.step_type import StepType


class Carrier:
    """The object a machine is fired on: it has a state and is thrown away."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


class NotPossible(Exception):
    """The machine has no such edge from this state, or the verdict was no."""


def _verdict(data: EventData) -> bool:
    return bool(data.kwargs["allowed"])


def _goes_to(target: str) -> Callable[[EventData], bool]:
    def chosen(data: EventData) -> bool:
        return bool(data.kwargs["to"] == target)

    return chosen


def _bare(states: Any) -> Machine:
    # Names of states and triggers never become attributes of the carrier: no model is added.
    return Machine(
        model=None,
        states=[MachineState(name) for name in states],
        initial=None,
        auto_transitions=False,
        send_event=True,
        queued=False,
    )


class StageMachine:
    """The stages of one definition version as a machine; a trigger fires from one stage or several."""

    def __init__(self, definition: Definition) -> None:
        self._machine = _bare(definition.stages)
        for stage_id, stage in definition.stages.items():
            for trigger, transition in stage.transitions.items():
                self._machine.add_transition(trigger, stage_id, transition.to, conditions=[_verdict])

    def triggers(self, stage: str) -> tuple[str, ...]:
        """Return the triggers that leave *stage*, in the definition's order."""
        return tuple(self._machine.get_triggers(stage))

    def has_trigger(self, trigger: str) -> bool:
        """True if any stage can be left by *trigger*."""
        return trigger in self._machine.events

    def fire(self, stage: str, trigger: str, *, allowed: bool) -> str:
        """Fire *trigger* in *stage* and return the stage reached.

        Raises:
            NotPossible: If this stage has no such trigger, or *allowed* is False.
        """
        return _fire(self._machine, stage, trigger, allowed=allowed)


class StepMachine:
    """A step type's states and actions as a machine."""

    def __init__(self, step_type: StepType) -> None:
        self._machine = _bare(step_type.states)
        self.initial = next(iter(step_type.states))
        for act in step_type.actions().values():
            for source in act.source or tuple(step_type.states):
                for target in act.to or (source,):
                    self._machine.add_transition(act.name, source, target, conditions=[_goes_to(target)])

    def actions(self, state: str) -> tuple[str, ...]:
        """Return the actions possible in *state*."""
        return tuple(self._machine.get_triggers(state))

    def fire(self, state: str, action: str, to: str) -> str:
        """Fire *action* in *state* towards *to* and return the state reached.

        Raises:
            NotPossible: If the machine has no such edge.
        """
        return _fire(self._machine, state, action, to=to)


def _fire(machine: Machine, state: str, trigger: str, **verdict: Any) -> str:
    event = machine.events.get(trigger)
    if event is None:
        raise NotPossible(trigger)
    carrier = Carrier(state)
    try:
        fired = event.trigger(carrier, **verdict)
    except MachineError as error:
        raise NotPossible(trigger) from error
    if not fired:
        raise NotPossible(trigger)
    return carrier.state


def edges(definition: Definition) -> Mapping[tuple[str, str], str]:
    """Return (stage, trigger) to stage for pictures and proofs, from the definition itself."""
    return {
        (stage_id, trigger): transition.to
        for stage_id, stage in definition.stages.items()
        for trigger, transition in stage.transitions.items()
    }
