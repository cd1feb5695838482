"""What the rules look at: a loaded definition, and what is known around it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from workflow.errors import Phrase, PluginFailed
from workflow.language.definition import Step
from workflow.language.loader import Loaded
from workflow.language.problems import Path, Problem, Severity, did_you_mean
from workflow.people import Register
from workflow.steps.step_type import StepType


@dataclass(frozen=True)
class PlacedStep:
    """A step with its full address, its path in the text, and its stage (None beside the stages)."""

    address: str
    step: Step
    path: Path
    stage: str | None


class Subject:
    """A definition under examination. Rules make their problems with `error`, `warning`, `note`."""

    def __init__(
        self,
        loaded: Loaded,
        step_types: Mapping[str, StepType] | None,
        guards: Collection[str] | None,
        register: Register | None,
        calendars: Collection[str] | None,
    ) -> None:
        self.definition = loaded.definition
        self.positions = loaded.positions
        self.name = loaded.name
        self.step_types = step_types
        self.guards = guards
        self.register = register
        self.calendars = calendars

    def error(self, code: str, path: Path, phrase: Phrase, hint: Phrase | None = None, key: bool = False) -> Problem:
        """Make a problem for which the definition cannot be used."""
        return self._problem("error", code, path, phrase, hint, key)

    def warning(self, code: str, path: Path, phrase: Phrase, hint: Phrase | None = None, key: bool = False) -> Problem:
        """Make a problem that is probably a mistake."""
        return self._problem("warning", code, path, phrase, hint, key)

    def note(self, code: str, path: Path, phrase: Phrase, hint: Phrase | None = None, key: bool = False) -> Problem:
        """Make a remark on what may well be meant so."""
        return self._problem("note", code, path, phrase, hint, key)

    def _problem(
        self, severity: Severity, code: str, path: Path, phrase: Phrase, hint: Phrase | None, key: bool
    ) -> Problem:
        line, column = self.positions.key(path) if key else self.positions[path]
        return Problem(self.name, line, column, code, severity, phrase, hint)

    @cached_property
    def steps(self) -> tuple[PlacedStep, ...]:
        """Every step, in the order of the text."""
        return tuple(self._steps())

    def _steps(self) -> Iterator[PlacedStep]:
        for stage_id, stage in self.definition.stages.items():
            for step_id, step in stage.steps.items():
                yield PlacedStep(f"{stage_id}/{step_id}", step, ("stages", stage_id, "steps", step_id), stage_id)
        for step_id, step in self.definition.alongside.items():
            yield PlacedStep(step_id, step, ("alongside", step_id), None)

    def type_of(self, step: Step) -> StepType | None:
        """Return the step's type, None if plugins are not known or have none of that name."""
        try:
            return None if self.step_types is None else self.step_types.get(step.uses)
        except PluginFailed:
            return None  # Told as a problem of its own where the type is named.

    @cached_property
    def followers(self) -> Mapping[str, frozenset[str]]:
        """To each stage the stages that can be in force after it was entered, itself among them."""
        ways = {
            stage_id: [way.to for way in stage.transitions.values() if way.to in self.definition.stages]
            for stage_id, stage in self.definition.stages.items()
        }
        return {stage: _reached(stage, ways) for stage in ways}

    def can_be_open(self, address: str, stage: str) -> bool:
        """Return whether the step can have been opened when the plan is in *stage*."""
        if "/" in address:
            start = address.split("/", 1)[0]
        else:
            start = self.definition.alongside[address].from_ or self.definition.initial
        return stage in self.followers.get(start, {stage})

    @cached_property
    def _addresses(self) -> Mapping[str, list[str]]:
        """The steps' own ids, each with the addresses that have it."""
        found: dict[str, list[str]] = {}
        for placed in self.steps:
            found.setdefault(placed.address.rsplit("/", 1)[-1], []).append(placed.address)
        return found

    def unknown_step(self, path: Path, reference: str, key: bool = False) -> Problem:
        """Make the problem that a reference names no step, or more than one."""
        bare = reference.split("@", 1)[0]
        owners = self._addresses.get(bare, [])
        if len(owners) > 1:
            hint: Phrase | None = Phrase("say which: {addresses}", {"addresses": ", ".join(owners[:10])})
            phrase = Phrase("several stages have a step `{step}`", {"step": bare})
        else:
            hint = did_you_mean(bare, self.definition.steps if "/" in bare else self._addresses)
            phrase = Phrase("there is no step `{step}`", {"step": bare})
        return self.error("unknown-step", path, phrase, hint, key)

    def unknown_stage(self, path: Path, name: str) -> Problem:
        """Make the problem that there is no such stage."""
        phrase = Phrase("there is no stage `{stage}`", {"stage": name})
        return self.error("unknown-stage", path, phrase, did_you_mean(name, self.definition.stages))

    def unknown_document(self, path: Path, name: str) -> Problem:
        """Make the problem that `documents:` has no such document."""
        phrase = Phrase("`documents:` has no `{document}`", {"document": name})
        return self.error("unknown-document", path, phrase, did_you_mean(name, self.definition.documents))

    def unknown_holder(self, code: str, path: Path, name: str) -> Iterator[Problem]:
        """Make the problem that the people register does not know *name*, if it does not."""
        register = self.register
        if register is None or register.known(name):
            return
        known = {*register.units, *register.offices, *register.roles, *register.persons}
        known |= {"@" + group for group in register.groups}
        phrase = Phrase("the people register knows no `{name}`", {"name": name})
        yield self.error(code, path, phrase, did_you_mean(name, known))


def _reached(start: str, ways: Mapping[str, list[str]]) -> frozenset[str]:
    found, waiting = {start}, [start]
    while waiting:
        for target in ways[waiting.pop()]:
            if target not in found:
                found.add(target)
                waiting.append(target)
    return frozenset(found)
