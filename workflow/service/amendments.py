"""An amendment's text: what it adds to one plan's definition, and every reason why it cannot.

It names stages, steps and transitions as a definition does. What is there stays: of the plan's own
definition only a transition that was never fired may be written anew, so that a leg can be put in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from workflow.check import check
from workflow.decide.amending import id_for
from workflow.errors import Phrase
from workflow.language.definition import Definition
from workflow.language.loader import Loaded, of_definition, parse
from workflow.language.problems import DefinitionInvalid, Path, Positions, Problem, did_you_mean
from workflow.language.validation import complaints
from workflow.people import Register
from workflow.plan.state import PlanState
from workflow.steps.step_type import StepType

_KEYS = ("amend", "stages", "alongside", "documents", "note")


@dataclass(frozen=True)
class Known:
    """What a definition may name here; see `check.check`."""

    step_types: Mapping[str, StepType]
    guards: Collection[str]
    register: Register | None
    calendars: Collection[str]


@dataclass(frozen=True)
class Amended:
    """An amended definition.

    Attributes:
        added: Paths of what was added or redirected, as `stages/session/steps/hearing`.
        gates: Stages that get a new or another way out.
    """

    loaded: Loaded
    added: tuple[str, ...]
    gates: tuple[str, ...]


def amended(text: bytes, name: str, plan: PlanState, base: Definition, version: int, known: Known) -> Amended:
    """Return the plan's definition with what *text* adds.

    Args:
        version: Of the amended definition, among those of this plan.

    Raises:
        DefinitionInvalid: With every problem, at its place in *text*.
    """
    data, positions = parse(text, name)
    reading = _Reading(name, positions, plan, base)
    merged = reading.merge(data)
    if reading.found:
        raise DefinitionInvalid(name, reading.found)
    merged |= {"id": id_for(plan), "version": version}
    try:
        definition = Definition.model_validate(merged, by_alias=True, by_name=False)
    except ValidationError as error:
        raise DefinitionInvalid(
            name,
            [
                Problem(
                    name,
                    *(positions.key(each.path) if each.at_key else positions[each.path]),
                    each.code,
                    "error",
                    each.phrase,
                    each.hint,
                )
                for each in complaints(error, merged, Definition)
            ],
        ) from error
    loaded = of_definition(definition, positions, name)
    _require_sound(loaded, of_definition(base, positions, name), known)
    return Amended(loaded, tuple(reading.added), tuple(dict.fromkeys(reading.gates)))


def _require_sound(loaded: Loaded, before: Loaded, known: Known) -> None:
    """Refuse what `check` finds wrong with the amended definition and not with the one before it."""

    def errors(one: Loaded) -> list[Problem]:
        found = check(one, known.step_types, known.guards, known.register, known.calendars)
        return [problem for problem in found if problem.severity == "error"]

    old = {(problem.code, str(problem.phrase)) for problem in errors(before)}
    new = [problem for problem in errors(loaded) if (problem.code, str(problem.phrase)) not in old]
    if new:
        raise DefinitionInvalid(loaded.name, new)


class _Reading:
    """Merges an amendment into a definition and notes what it may not do."""

    def __init__(self, name: str, positions: Positions, plan: PlanState, base: Definition) -> None:
        self.name, self.positions, self.plan, self.base = name, positions, plan, base
        self.found: list[Problem] = []
        self.added: list[str] = []
        self.gates: list[str] = []

    def merge(self, data: Any) -> dict[str, Any]:
        """Return the definition's data with the amendment in it; of little use once something was found."""
        merged: dict[str, Any] = self.base.model_dump(mode="json", by_alias=True, exclude_unset=True)
        if not isinstance(data, dict):
            self._problem((), "wrong-type", Phrase("a mapping of keys to values is wanted here"))
            return merged
        for key in data:
            if key not in _KEYS:
                phrase = Phrase("there is no key `{key}` in an amendment", {"key": key[:60]})
                self._problem((key,), "unknown-key", phrase, did_you_mean(key, _KEYS))
        if data.get("amend") != 1:
            self._problem(("amend",), "missing-key", Phrase("an amendment begins with `amend: 1`"))
        for key in ("documents", "alongside"):
            self._add((key,), merged.setdefault(key, {}), data)
            if not merged[key]:
                del merged[key]
        stages = merged["stages"]
        for stage, value in self._mappings(("stages",), data):
            if stage in stages:
                self._into_stage(stage, stages[stage], value)
            else:
                self._new_stage(stages, stage, dict(value))
        if not self.added and not self.found:
            self._problem((), "nothing-added", Phrase("this adds nothing to the plan's definition"))
        return merged

    def _into_stage(self, stage: str, declared: dict[str, Any], value: dict[str, Any]) -> None:
        for key in value:
            if key not in ("steps", "transitions"):
                phrase = Phrase("stage `{stage}` is there already: `{key}` stays", {"stage": stage, "key": key})
                self._problem(("stages", stage, key), "already-there", phrase)
        self._add(("stages", stage, "steps"), declared.setdefault("steps", {}), value)
        transitions = declared.setdefault("transitions", {})
        for trigger, way in self._mappings(("stages", stage, "transitions"), value):
            path: Path = ("stages", stage, "transitions", trigger)
            if trigger in transitions and (stage, trigger) in self._fired:
                phrase = Phrase("`{trigger}` was fired: what was done stays", {"trigger": trigger})
                self._problem(path, "already-done", phrase)
                continue
            transitions[trigger] = {**transitions.get(trigger, {}), **way}
            self.added.append("/".join(map(str, path)))
            self.gates.append(stage)
        for key in ("steps", "transitions"):
            if not declared[key]:
                del declared[key]

    def _new_stage(self, stages: dict[str, Any], stage: str, value: dict[str, Any]) -> None:
        follows = value.pop("follows", None)
        if follows is None:
            finals = [name for name, each in stages.items() if each.get("final")]
            order = list(stages)
            at = order.index(finals[0]) if finals else len(order)
        elif follows in stages:
            at = list(stages).index(follows) + 1
        else:
            phrase = Phrase("there is no stage `{stage}`", {"stage": follows})
            path: Path = ("stages", stage, "follows")
            line, column = self.positions[path]
            hint = did_you_mean(str(follows), stages)
            self.found.append(Problem(self.name, line, column, "unknown-stage", "error", phrase, hint))
            return
        items = list(stages.items())
        items.insert(at, (stage, value))
        stages.clear()
        stages.update(items)
        self.added.append(f"stages/{stage}")

    def _add(self, path: Path, into: dict[str, Any], data: Any) -> None:
        for name, value in self._mappings(path, data):
            if name in into:
                phrase = Phrase("`{name}` is there already: an amendment only adds", {"name": name})
                self._problem((*path, name), "already-there", phrase)
            else:
                into[name] = value
                self.added.append("/".join(map(str, (*path, name))))

    def _mappings(self, path: Path, data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        """The entries under the last key of *path* in *data*, each of which has to be a mapping."""
        held = data.get(path[-1])
        if held is None:
            return
        for name, value in held.items() if isinstance(held, dict) else [("", None)]:
            if isinstance(value, dict):
                yield name, value
            else:
                place = (*path, name) if name else path
                self._problem(place, "wrong-type", Phrase("a mapping of keys to values is wanted here"))

    @property
    def _fired(self) -> set[tuple[str, str | None]]:
        return {(visit.stage, visit.trigger) for visit in self.plan.visits if visit.left_on is not None}

    def _problem(self, path: Path, code: str, phrase: Phrase, hint: Phrase | None = None) -> None:
        self.found.append(Problem(self.name, *self.positions.key(path), code, "error", phrase, hint))
