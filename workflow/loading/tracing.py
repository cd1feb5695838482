"""A line for every call of a plugin, as `WORKFLOW_TRACE_PLUGINS=1` asks for it: who, what, with what, how long.

Lines hold ids, kinds and keys, never the words of a text: what a trace shows may be sent to a plugin's author.
"""

from __future__ import annotations

import copy
import functools
import inspect
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from workflow.errors import Reason
from workflow.hookspecs import Effect, EffectHandler, Exporter, Guard, TransitionView
from workflow.plan.acting import Act
from workflow.plan.state import PlanState
from workflow.steps.step_type import StepType, WorkItem
from workflow.steps.views import StepView
from workflow.views.exports import ExportView
from workflow.views.papers import Paper

_ID = re.compile(r"[a-z0-9@][A-Za-z0-9@/_.:-]{0,59}")
_SHOWN = 8
T = TypeVar("T")
Write = Callable[[str], None]


def traced_call(write: Write, plugin: str, name: str, function: Callable[..., T]) -> Callable[..., T]:
    """Return *function* so that each call of it writes a line."""

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> T:
        told = ", ".join([*map(summary, arguments), *(f"{key}={summary(value)}" for key, value in named.items())])
        began = time.perf_counter()
        try:
            answer = function(*arguments, **named)
        except BaseException as error:
            # The words of an error may quote a text.
            write(f"{plugin}: {name}({told}) raised {type(error).__name__} {_since(began)}")
            raise
        write(f"{plugin}: {name}({told}) -> {summary(answer)} {_since(began)}")
        return answer

    return call


def _since(began: float) -> str:
    return f"[{(time.perf_counter() - began) * 1000:.2f} ms]"


def traced(write: Write, plugin: str, thing: T) -> T:
    """Return a step type, guard, calendar, paper, exporter or handler so that each call of it writes a line."""

    def follow(name: str, function: Any) -> Any:
        return traced_call(write, plugin, name, function)

    if isinstance(thing, Guard):
        return replace(thing, unmet=follow(f"guard {thing.name}", thing.unmet))
    if isinstance(thing, EffectHandler):
        unready = follow(f"handler {thing.kind}.unready", thing.unready) if thing.unready else None
        return replace(thing, carry_out=follow(f"handler {thing.kind}.carry_out", thing.carry_out), unready=unready)
    if isinstance(thing, Paper):
        template = follow(f"paper {thing.name}.template", thing.template)
        return replace(thing, data=follow(f"paper {thing.name}.data", thing.data), template=template)
    if isinstance(thing, Exporter):
        unfit = follow(f"exporter {thing.id}.unfit", thing.unfit) if thing.unfit else None
        return replace(thing, write=follow(f"exporter {thing.id}.write", thing.write), unfit=unfit)
    # A class of its own for a copy: whoever looks for the type's methods and actions finds them.
    kind = type(thing)
    named: Any = thing
    methods = {
        name: _method(write, plugin, f"{named.name}.{name}", getattr(kind, name))
        for name in _methods(kind)
        if isinstance(thing, StepType) or name in ("is_working_day", "reason")
    }
    followed = copy.copy(thing)
    try:
        followed.__class__ = type(kind.__name__, (kind,), {**methods, "__module__": kind.__module__})
    except TypeError:
        # A class with slots: its calls are not followed.
        return thing
    return followed


def _methods(kind: type) -> list[str]:
    return [
        name
        for name, member in inspect.getmembers(kind, inspect.isfunction)
        # What a type leaves as it is stays the very same: the engine looks for what it overrides.
        if not name.startswith("_") and member is not getattr(StepType, name, None)
    ]


def _method(write: Write, plugin: str, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def method(self: Any, *arguments: Any, **named: Any) -> Any:
        return traced_call(write, plugin, name, functools.partial(function, self))(*arguments, **named)

    return method


def summary(value: Any) -> str:
    """Say what a value is by ids, kinds and keys."""
    if value is None or isinstance(value, bool | int):
        return repr(value)
    if isinstance(value, str):
        # A word of the engine or an id is shown, any other text only by its length.
        return value if type(value) is str and _ID.fullmatch(value) else f"text of {len(value)}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(_first(sorted(map(str, value)))) + "}"
    if isinstance(value, Sequence):
        return "(" + ", ".join(_first([summary(inner) for inner in value])) + ")"
    said = _SUMMARIES.get(type(value)) or next(
        (say for kind, say in _SUMMARIES.items() if isinstance(value, kind)), None
    )
    return said(value) if said else type(value).__name__


def _first(words: Sequence[str]) -> list[str]:
    return [*words[:_SHOWN], *([f"… {len(words)} in all"] if len(words) > _SHOWN else [])]


_SUMMARIES: dict[type, Callable[[Any], str]] = {
    PlanState: lambda plan: f"plan {plan.id}",
    TransitionView: lambda seen: f"{seen.trigger}: {seen.source} to {seen.to} on {seen.on}",
    StepView: lambda view: f"{view.address}@{view.round} {view.phase}",
    Act: lambda act: f"Act({summary(act.data)}{f', to {act.to}' if act.to else ''})",
    Reason: lambda reason: f"Reason {reason.code}",
    Effect: lambda effect: f"Effect {effect.kind} {summary(effect.payload)}",
    ExportView: lambda view: f"{view.count} plans in {view.language}",
    WorkItem: lambda item: f"WorkItem {summary(item.key)}",
}
