"""Asking a step type: whatever it raises, and whatever it answers that it should not, is a failure by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from workflow.errors import PluginFailed, WorkflowError, failure
from workflow.steps.step_type import Act, State, StepType
from workflow.views.handed import read_only

T = TypeVar("T")


def evolved(
    step_types: Mapping[str, StepType],
    uses: str,
    state: Mapping[str, Any] | None,
    action: str,
    data: Mapping[str, Any],
    plugin: Mapping[str, str] | None,
) -> dict[str, Any]:
    """Return the state that a step type's `evolve` makes, as JSON-like values.

    Args:
        plugin: Who recorded the event; what another version recorded goes through `upcast` first.

    Raises:
        PluginFailed: If no plugin supplies the type, or it fails.
    """
    step_type, data = step_types[uses], read_only(data)
    if plugin is not None and plugin.get("version", step_type.version) != step_type.version:
        data = read_only(guarded(step_type, "upcast", action, plugin["version"], data))
        if not isinstance(data, Mapping):
            raise _wrong_answer(step_type, "upcast", data)
    before = None if state is None else state_read(step_type, state)
    after = guarded(step_type, "evolve", before, action, data)
    if not isinstance(after, State):
        raise _wrong_answer(step_type, "evolve", after)
    return after.model_dump(mode="json")


def state_read(step_type: StepType, state: Mapping[str, Any]) -> State:
    """Return a stored state as its type's model.

    Raises:
        PluginFailed: If it does not fit.
    """
    try:
        return step_type.State.model_validate(state)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise PluginFailed(
            "step type `{name}` cannot read the state it made: {fault}",
            hint="report it to the plugin's author; the plan is unchanged",
            name=step_type.name,
            fault=f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}",
        ) from error


def guarded(step_type: StepType, method: str, *arguments: Any) -> Any:
    """Call a step type's method; whatever else it raises becomes a refusal that names the plugin.

    Raises:
        PluginFailed: If the method raises anything but our own errors.
    """
    try:
        return getattr(step_type, method)(*arguments)
    except WorkflowError:
        raise
    except (Exception, SystemExit) as error:
        raise PluginFailed(
            "step type `{name}` failed in `{method}`: {error}",
            hint="report it to the plugin's author; the plan is unchanged",
            name=step_type.name,
            method=method,
            error=failure(error),
        ) from error


def answers(step_type: StepType, method: str, kind: type[T], *arguments: Any) -> tuple[T, ...]:
    """Call a step type's method that answers with several values of one kind.

    Raises:
        PluginFailed: If it raises, or answers with anything else.
    """
    answer = guarded(step_type, method, *arguments)
    if not isinstance(answer, (tuple, list)):
        raise _wrong_answer(step_type, method, answer)
    for value in answer:
        if not isinstance(value, kind):
            raise _wrong_answer(step_type, method, value)
    return tuple(answer)


def _wrong_answer(step_type: StepType, method: str, answer: Any) -> PluginFailed:
    return PluginFailed(
        "step type `{name}` answered `{method}` with {kind}",
        hint="report it to the plugin's author; the plan is unchanged",
        name=step_type.name,
        method=method,
        kind=type(answer).__name__,
    )


def act_of(step_type: StepType, method: str, *arguments: Any) -> Act:
    """Call a step type's method that answers with an act.

    Raises:
        PluginFailed: If it raises, or answers with anything else.
    """
    return sound_act(step_type, method, guarded(step_type, method, *arguments))


def sound_act(step_type: StepType, method: str, answer: Any) -> Act:
    """Return *answer* if it is an act with data by name.

    Raises:
        PluginFailed: If it is not.
    """
    if not isinstance(answer, Act):
        raise _wrong_answer(step_type, method, answer)
    if not isinstance(answer.data, Mapping):
        raise _wrong_answer(step_type, method, answer.data)
    return answer
