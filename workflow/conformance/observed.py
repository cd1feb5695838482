"""A step type under observation: each of its own methods is watched, and what it answers is judged."""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from workflow import audit
from workflow.conformance import findings as f
from workflow.conformance.findings import Findings, place_of
from workflow.conformance.watching import Watch
from workflow.conformance.wording import fault_of, judge_reason, judge_refusal
from workflow.errors import N_, Phrase, Reason, WorkflowError, failure
from workflow.plan.acting import Act
from workflow.steps.step_type import Action, FreeTextMark, State, StepType, WorkItem
from workflow.testing.rounds import sealed
from workflow.views.handed import ReadOnly

TWICE = ("evolve", "upcast", "blockers", "work_items", "outcome", "running")
"""Methods that are asked a second time at once: the answer has to be the same."""


class Broken(Exception):
    """What was found makes it useless to go on with this sequence."""


@dataclass
class Observer:
    """Watches the calls of a step type's methods and judges their answers."""

    findings: Findings
    watch: Watch

    def wrapped(self, step_type: StepType) -> StepType:
        """Return *step_type* with every method that its class defines under observation."""
        kind = type(step_type)
        acts = {action.method: action for action in step_type.actions().values()}
        methods = [name for name in _METHODS if getattr(kind, name) is not getattr(StepType, name)]
        around = {name: self._around(getattr(kind, name), name, acts.get(name)) for name in (*methods, *acts)}
        watched = copy.copy(step_type)
        watched.__class__ = type(kind.__name__, (kind,), {**around, "__module__": kind.__module__})
        return watched

    def _around(self, method: Callable[..., Any], name: str, action: Action | None) -> Callable[..., Any]:
        place = place_of(method)

        @functools.wraps(method)
        def call(step_type: StepType, *arguments: Any) -> Any:
            before = repr((arguments, vars(step_type)))
            answer = self._asked(method, name, place, step_type, *arguments)
            if repr((arguments, vars(step_type))) != before:
                self.findings.add(f.UNTOUCHED, place, N_("`{method}` changes what it was handed"), method=name)
                raise Broken
            if name in TWICE and self._asked(method, name, place, step_type, *arguments) != answer:
                self.findings.add(
                    f.REPLAY, place, N_("`{method}` answers differently when it is asked again"), method=name
                )
            self._judge(name, action, answer, place, arguments, step_type)
            return answer

        return call

    def _asked(self, method: Callable[..., Any], name: str, place: f.Place, *arguments: Any) -> Any:
        try:
            with self.watch():
                answer = method(*arguments)
                return tuple(answer) if _is_lazy(answer) else answer
        except WorkflowError as refused:
            judge_refusal(self.findings, refused, self.findings.raised_at(refused, place))
            raise
        except ReadOnly as error:
            where = self.findings.raised_at(error, place)
            self.findings.add(f.UNTOUCHED, where, N_("`{method}` changes what it was handed"), method=name)
            raise Broken from error
        except (Exception, SystemExit) as error:
            self.findings.add(
                f.ANSWERS,
                self.findings.raised_at(error, place),
                N_("`{method}` raises {error}; a refusal is `Refused`, with reasons"),
                method=name,
                error=failure(error),
            )
            raise Broken from error

    def _judge(
        self,
        name: str,
        action: Action | None,
        answer: Any,
        place: f.Place,
        arguments: tuple[Any, ...],
        step_type: StepType,
    ) -> None:
        if action is not None or name in ("open", "tick"):
            if name == "tick" and answer is None:
                return
            self._require(isinstance(answer, Act) and isinstance(answer.data, Mapping), name, "Act", answer, place)
            self._judge_data(answer, arguments[1] if action else None, place)
            self._judge_target(step_type, name, action, answer, place)
        elif name == "evolve":
            self._require(isinstance(answer, State), name, "State", answer, place)
            self._judge_state(answer, place)
        elif name in _SEVERAL:
            kind = _SEVERAL[name]
            sound = isinstance(answer, (tuple, list)) and all(isinstance(one, kind) for one in answer)
            self._require(sound, name, f"tuple[{kind.__name__}, ...]", answer, place)
            for one in answer:
                if isinstance(one, Reason):
                    judge_reason(self.findings, one, place)
                elif isinstance(one, Phrase) and (fault := fault_of(one)):
                    self.findings.add(f.WORDS, place, fault, text=one.text)
        elif name == "outcome":
            self._require(answer is None or isinstance(answer, str), name, "str | None", answer, place)

    def _require(self, sound: bool, name: str, wanted: str, answer: Any, place: f.Place) -> None:
        if not sound:
            shown = type(answer).__name__
            if isinstance(answer, (tuple, list)) and answer:
                shown += f" of {type(answer[-1]).__name__}"
            self.findings.add(
                f.ANSWERS,
                place,
                N_("`{method}` answers with {kind}, and should with {wanted}"),
                method=name,
                kind=shown,
                wanted=wanted,
            )
            raise Broken

    def _judge_data(self, act: Act, parameters: Any, place: f.Place) -> None:
        try:
            stored = audit.canonical_json(sealed(act.data)).decode()
        except (TypeError, ValueError) as error:
            self.findings.add(f.DATA, place, N_("the act's data cannot be stored: {error}"), error=error)
            raise Broken from error
        for name, text in _free_texts(parameters):
            if text.strip() and audit.canonical_json(text).decode() in stored:
                self.findings.add(
                    f.DATA, place, N_("`{name}` is free text; wrap it in prose() in the act's data"), name=name
                )

    def _judge_target(self, step_type: StepType, name: str, action: Action | None, act: Act, place: f.Place) -> None:
        allowed = tuple(step_type.states) if action is None else action.to
        if act.to is not None and act.to not in allowed and not (action is not None and not allowed):
            self.findings.add(
                f.MACHINE,
                place,
                N_("`{method}` reaches `{state}`, which it does not declare"),
                method=name,
                state=act.to,
            )
            raise Broken
        if action is not None and len(action.to) > 1 and act.to is None:
            self.findings.add(
                f.MACHINE,
                place,
                N_("`{method}` declares several states and does not say which it reaches"),
                method=name,
            )
            raise Broken

    def _judge_state(self, state: State, place: f.Place) -> None:
        try:
            stored = state.model_dump(mode="json")
            audit.canonical_json(stored)
            again = type(state).model_validate(audit.from_stored(audit.stored_json(stored)))
        except (TypeError, ValueError) as error:
            self.findings.add(f.REPLAY, place, N_("the state cannot be stored and read back: {error}"), error=error)
            raise Broken from error
        if again != state:
            self.findings.add(f.REPLAY, place, N_("the state is another one after it was stored and read back"))
            raise Broken


_SEVERAL: Mapping[str, type] = {
    "blockers": Reason,
    "work_items": WorkItem,
    "performers": str,
    "reserved": str,
    "running": tuple,
    "why_not": Reason,
    "told": Phrase,
}
_METHODS = tuple(
    name for name, member in vars(StepType).items() if inspect.isfunction(member) and not name.startswith("_")
)


def _is_lazy(answer: Any) -> bool:
    return hasattr(answer, "__next__")


def _free_texts(parameters: Any) -> list[tuple[str, str]]:
    """Return (name, text) of each free text among an action's parameters."""
    if not isinstance(parameters, BaseModel):
        return []
    found = []
    for name, declared in type(parameters).model_fields.items():
        value = getattr(parameters, name)
        if any(isinstance(mark, FreeTextMark) for mark in declared.metadata) or _is_prose(declared.annotation):
            found += [(name, text) for text in (value if isinstance(value, (list, tuple)) else (value,)) if text]
    return found


def _is_prose(annotation: Any) -> bool:
    return any(isinstance(part, FreeTextMark) or _is_prose(part) for part in get_args(annotation))
