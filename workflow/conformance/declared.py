"""What can be judged of a step type without playing it: names, machine, words, models, old events."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticUndefined, to_jsonable_python

from workflow import audit
from workflow.conformance import findings as f
from workflow.conformance.findings import Finding, Findings, place_of, place_of_name
from workflow.conformance.observed import Broken
from workflow.conformance.wording import fields_in, judge_words
from workflow.errors import N_, Phrase, WorkflowError
from workflow.loading.soundness import require_sound
from workflow.steps.step_type import Action, Recorded, State, StepType

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Face = Callable[[Action], Iterator[Phrase]]
"""Says what is wrong with the options that a face makes of an action's parameters."""


def judge_declared(findings: Findings, step_type: StepType, face: Face) -> bool:
    """Judge what a step type declares; False if it cannot be played."""
    before = len(findings.found)
    judge_name(findings, step_type.name, place_of_name(type(step_type), "name"))
    _judge_machine(findings, step_type)
    judge_words(findings, step_type)
    _judge_models(findings, step_type)
    for action in step_type.actions().values():
        place = place_of_name(type(step_type), action.method)
        judge_name(findings, action.name, place)
        for phrase in face(action):
            findings.add(f.COMMANDS, place, phrase.text, **phrase.params)
    _judge_loadable(findings, step_type, findings.found[before:])
    unplayable = {f.MACHINE, f.MODELS}
    return not any(one.check in unplayable for one in findings.found[before:])


def judge_name(findings: Findings, name: Any, place: f.Place) -> None:
    """Judge a word that stands in definitions or on the command line."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        findings.add(f.NAMES, place, N_("`{name}` is no name in kebab-case"), name=name)


def _judge_machine(findings: Findings, step_type: StepType) -> None:
    kind, states = type(step_type), tuple(step_type.states)
    place = place_of_name(kind, "states")
    actions = step_type.actions()
    if not states:
        findings.add(f.MACHINE, place, N_("it has no states"))
        return
    for state in step_type.complete_states:
        if state not in states:
            where = place_of_name(kind, "complete_states")
            findings.add(f.MACHINE, where, N_("`{state}` is among the complete states and no state"), state=state)
    for action in actions.values():
        for state in (*action.source, *action.to):
            if state not in states:
                where = place_of_name(kind, action.method)
                findings.add(
                    f.MACHINE, where, N_("action `{action}` names `{state}`, which is no state"),
                    action=action.name, state=state,
                )  # fmt: skip
    # What `open` and `tick` reach is their own affair: any state may follow.
    if kind.tick is StepType.tick and kind.open is StepType.open:
        for state in states:
            if state not in _reachable(step_type):
                findings.add(f.MACHINE, place, N_("no action leads to the state `{state}`"), state=state)
    if not step_type.complete_states and not step_type.lasting:
        findings.add(f.MACHINE, place, N_("no state is complete, and it does not say that it is lasting"))


def _judge_loadable(findings: Findings, step_type: StepType, found: Sequence[Finding]) -> None:
    """Ask what the engine asks before it uses a step type; *found* is what was told of this one already."""
    if any(one.check == f.MACHINE for one in found):
        return
    try:
        require_sound(step_type)
    except Exception as error:  # noqa: BLE001 - whatever it is, the engine would not load the plugin
        place = place_of_name(type(step_type), "imports")
        findings.add(f.MACHINE, place, N_("the engine does not load it: {error}"), error=error)


def _reachable(step_type: StepType) -> set[str]:
    found, waiting = set(), [next(iter(step_type.states))]
    while waiting:
        state = waiting.pop()
        if state not in found:
            found.add(state)
            waiting += [
                to for act in step_type.actions().values() if not act.source or state in act.source for to in act.to
            ]
    return found


def _judge_models(findings: Findings, step_type: StepType) -> None:
    kind = type(step_type)
    models = [step_type.Options, step_type.State, *(action.parameters for action in step_type.actions().values())]
    for model in dict.fromkeys(models):
        place = place_of(model)
        if not issubclass(model, BaseModel) or not model.model_config.get("frozen"):
            findings.add(f.MODELS, place, N_("`{model}` is not frozen"), model=model.__name__)
        elif model.model_config.get("extra") != "forbid":
            findings.add(f.MODELS, place, N_("`{model}` does not refuse unknown keys"), model=model.__name__)
        else:
            _judge_schema(findings, model, place)
    if not issubclass(step_type.State, State):
        findings.add(f.MODELS, place_of_name(kind, "State"), N_("`{model}` is not derived from State"), model="State")
        return
    try:
        step_type.State.model_validate({})
    except ValidationError:
        if kind.evolve is StepType.evolve:
            findings.add(
                f.MODELS, place_of(step_type.State), N_("the state has no beginning: give its fields defaults")
            )


def _judge_schema(findings: Findings, model: type[BaseModel], place: f.Place) -> None:
    try:
        model.model_json_schema()
    except Exception as error:  # noqa: BLE001 - whatever pydantic and the author's own types raise, it is told
        findings.add(f.MODELS, place, N_("`{model}` has no JSON Schema: {error}"), model=model.__name__, error=error)
        return
    for owner, name, declared in fields_in([model]):
        where = place_of_name(owner, name)
        if float in _kinds(declared.annotation):
            findings.add(f.MODELS, where, N_("`{name}` is a float, which no event can hold"), name=name)
        default = declared.get_default(call_default_factory=True, validated_data={})
        if default in (PydanticUndefined, None):
            continue
        try:
            audit.canonical_json(to_jsonable_python(default))
        except (TypeError, ValueError) as error:
            findings.add(
                f.MODELS, where, N_("the default of `{name}` cannot be stored: {error}"), name=name, error=error
            )


def _kinds(annotation: Any) -> set[Any]:
    return {annotation, *(kind for part in get_args(annotation) for kind in _kinds(part))}


def judge_old_events(findings: Findings, watched: StepType, place: f.Place) -> None:
    """Read the rounds that older versions recorded, and say where none are kept."""
    older = watched.recorded
    findings.shown_by = lambda: ""
    if watched.version != "1" and not older:
        findings.add(
            f.OLDER,
            place,
            N_("its version is {version}, and it keeps no events of older ones in `recorded`: nothing was tried"),
            severity="note",
            version=watched.version,
        )
    for number, recorded in enumerate(older, 1):
        findings.shown_by = lambda number=number: f"recorded {number}"
        if recorded.version == watched.version:
            findings.add(
                f.OLDER, place, N_("events of its own version {version} stand in `recorded`"), version=recorded.version
            )
            continue
        try:
            state = _read_again(watched, recorded)
        except Broken:
            continue
        except (WorkflowError, ValidationError, KeyError, TypeError, ValueError) as error:
            findings.add(
                f.OLDER, place, N_("events of version {version} cannot be read: {error}"),
                version=recorded.version, error=error,
            )  # fmt: skip
            continue
        if state != dict(recorded.state):
            findings.add(
                f.OLDER, place, N_("events of version {version} make {state}, and should make {wanted}"),
                version=recorded.version, state=state, wanted=dict(recorded.state),
            )  # fmt: skip


def _read_again(watched: StepType, recorded: Recorded) -> dict[str, Any]:
    state = None
    for action, data in recorded.acts:
        read = watched.upcast(action, recorded.version, audit.from_stored(audit.stored_json(data)))
        state = watched.evolve(state, action, read)
    return {} if state is None else state.model_dump(mode="json")
