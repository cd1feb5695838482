"""Definition versions made ready to run: machines and options built once, shared by all plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from pydantic import ValidationError

from workflow.deadlines import Calendar
from workflow.deadlines.calendars import NO_RULES, CalendarRules, HeldCalendar, calendar_in_force
from workflow.decide.amending import base_id
from workflow.decide.situation import Process
from workflow.errors import IntegrityBroken, InvalidInput, NotFound, Phrase, PluginFailed
from workflow.language.definition import Definition
from workflow.language.validation import complaints
from workflow.machine import StageMachine, StepMachine
from workflow.registry import Registry
from workflow.steps.step_type import StepType
from workflow.store.interface import DefinitionRow, Store
from workflow.views.handed import read_only_model


@dataclass(frozen=True)
class Source:
    """A definition on file: its model, canonical bytes, their SHA-256 (hex), and the file's name.

    *problem* is the first error that `check` finds in it; such a definition cannot be started. *line* tells on which
    line of the file the key at a path stands.
    """

    definition: Definition
    canonical: bytes
    hash: str
    name: str
    problem: Callable[[], Phrase | None] = lambda: None
    line: Callable[[tuple[str, ...]], int | None] = lambda path: None


class StepTypes(Mapping[str, StepType]):
    """The step types by name; a missing one is told as what it is, a missing plugin."""

    def __init__(self, registry: Callable[[], Registry]) -> None:
        self._registry = registry

    def __getitem__(self, name: str) -> StepType:
        try:
            return self._registry().step_types[name]
        except KeyError:
            raise PluginFailed(
                "no plugin here supplies step type `{name}`",
                code="step-type-missing",
                hint="`workflow plugin list` shows what is installed and what failed",
                name=name,
            ) from None

    def __iter__(self) -> Any:
        return iter(self._registry().step_types)

    def __len__(self) -> int:
        return len(self._registry().step_types)


class Processes:
    """Processes by definition hash, built when first needed and kept.

    Args:
        rules: The calendar file in force.
    """

    def __init__(
        self,
        store: Store,
        registry: Callable[[], Registry],
        condition: Callable[[str, Mapping[str, Any]], bool],
        rules: Callable[[], CalendarRules] = lambda: NO_RULES,
    ) -> None:
        self._store = store
        self._registry = registry
        self._condition = condition
        self._rules = rules
        self._built: dict[str, Process] = {}
        self._definitions: dict[str, Definition] = {}
        self._step_types = StepTypes(registry)
        self._step_machine = lru_cache(maxsize=None)(lambda name: StepMachine(self._step_types[name]))

    @property
    def step_types(self) -> StepTypes:
        """The step types by name."""
        return self._step_types

    def pinned(self, hash_: str) -> Process:
        """The process of a definition kept in the database.

        Raises:
            IntegrityBroken: If it is missing or its bytes changed.
            PluginFailed: If no plugin supplies its calendar.
        """
        return self._built.get(hash_) or self.of_row(self._row(hash_))

    def under(self, rules: CalendarRules) -> Processes:
        """The same processes as they would be with another calendar file."""
        return Processes(self._store, self._registry, self._condition, lambda: rules)

    def forget(self) -> None:
        """Build processes anew when they are next needed: another calendar file counts."""
        self._built.clear()

    def calendar(self, name: str) -> Calendar:
        """The calendar of this name with the overrides in force.

        Raises:
            PluginFailed: If no plugin supplies it.
        """
        return calendar_in_force(self.base_calendar(name), self._rules())

    def base_calendar(self, name: str) -> Calendar:
        """The calendar of this name as its plugin has it.

        Raises:
            PluginFailed: If no plugin supplies it.
        """
        calendar = self._registry().calendars.get(name)
        if calendar is None:
            raise PluginFailed(
                "no plugin here supplies calendar `{name}`",
                code="calendar-missing",
                hint="`workflow plugin list` shows what is installed and what failed",
                name=name,
            )
        return HeldCalendar(calendar)

    def definition(self, hash_: str) -> Definition:
        """A definition kept in the database, whether or not its plugins are here.

        Raises:
            IntegrityBroken: If it is missing or its bytes changed.
        """
        return self._definitions.get(hash_) or self.definition_of_row(self._row(hash_))

    def _row(self, hash_: str) -> DefinitionRow:
        row = self._store.definition(hash_)
        if row is None or not row.intact:
            raise IntegrityBroken(
                "the definition {hash} in the database is missing or changed",
                hint="`workflow audit verify` tells what differs",
                hash=hash_[:16],
            )
        return row

    def of_row(self, row: DefinitionRow) -> Process:
        """The process of a definition row."""
        if row.hash not in self._built:
            self._built[row.hash] = self._build(self.definition_of_row(row), row.hash)
        return self._built[row.hash]

    def definition_of_row(self, row: DefinitionRow) -> Definition:
        """The definition of a row."""
        if row.hash not in self._definitions:
            try:
                self._definitions[row.hash] = Definition.model_validate_json(row.body)
            except ValidationError as error:
                raise IntegrityBroken("definition {id} in the database cannot be read", id=row.id) from error
        return self._definitions[row.hash]

    def _build(self, definition: Definition, hash_: str) -> Process:
        registry = self._registry()

        @cache
        def options(address: str) -> Any:
            step = definition.steps[address]
            model, given = self._step_types[step.uses].Options, dict(step.with_)
            try:
                return read_only_model(model.model_validate(given))
            except ValidationError as error:
                raise InvalidInput(
                    "step `{step}` of {definition}: {fault}",
                    code="bad-options",
                    hint="`workflow check` tells file and line",
                    step=address,
                    definition=definition.id,
                    fault=complaints(error, given, model)[0].phrase,
                ) from error

        return Process(
            definition=definition,
            hash=hash_,
            stages=StageMachine(definition),
            step_types=self._step_types,
            step_machine=self._step_machine,
            calendar=self.calendar(definition.calendar),
            guards=registry.unmet_guards(),
            vetoes=registry.vetoes,
            condition=self._condition,
            options=options,
            policies=self._rules().policies_for(definition, base_id(definition.id)),
        )

    def to_start(self, reference: str, sources: Mapping[str, Source]) -> DefinitionRow:
        """The definition that `id` or `id@version` means: the newest on file, else the newest pinned.

        Raises:
            NotFound: If there is none.
            InvalidInput: If the file changed under a version that is in use, or has errors.
        """
        name, _, version = reference.partition("@")
        source = sources.get(name)
        if source is not None and (not version or version == str(source.definition.version)):
            return self._from_file(source)
        rows = [row for row in self._store.definitions() if row.id == name and version in ("", str(row.version))]
        if rows:
            return max(rows, key=lambda row: row.version)
        raise NotFound(
            "there is no definition `{reference}`",
            code="unknown-definition",
            hint="`workflow definition list` shows: {known}",
            reference=reference[:120],
            known=", ".join(sorted(sources)) or "-",
        )

    def _from_file(self, source: Source) -> DefinitionRow:
        definition = source.definition
        used = self._store.definition_version(definition.id, definition.version)
        if used is not None:
            if used.hash != source.hash:
                raise InvalidInput(
                    "{name} changed, but version {version} of {id} is in use",
                    code="version-used",
                    hint="a version once used never changes: raise `version:` in the file",
                    name=source.name,
                    version=definition.version,
                    id=definition.id,
                )
            return used
        problem = source.problem()
        if problem is not None:
            raise InvalidInput(
                "definition {id} has errors: {problem}",
                code="definition-invalid",
                hint="`workflow check {name}` lists them all",
                id=definition.id,
                problem=problem,
                name=source.name,
            )
        return DefinitionRow(source.hash, definition.id, definition.version, source.canonical)
