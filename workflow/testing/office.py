"""An office for tests: the whole engine, a few people, a clock that stands still, and plans to walk through."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from workflow.audit import canonical_json
from workflow.bootstrap import read_register
from workflow.clock import SimulatedClock
from workflow.errors import InvalidInput, NotFound, NotPermitted, Refused
from workflow.hookspecs import Effect, Guard, hookimpl
from workflow.language.conditions import evaluate
from workflow.language.loader import load, load_path
from workflow.processes import Source
from workflow.registry import Registry
from workflow.service.service import Service
from workflow.steps.step_type import ENTRY_POINT_GROUP, StepType
from workflow.store.interface import Store
from workflow.store.memory import MemoryStore
from workflow.testing.trail import Trail
from workflow.views.plans import Outcome, Write

Plugin = ModuleType | StepType | Guard
"""What an office can be given: a plugin's module, or one thing that a plugin would supply."""

MONDAY = datetime(2026, 3, 2, 2, tzinfo=UTC)
"""Monday, 2 March 2026, nine in the morning in Hà Nội."""

PEOPLE: Mapping[str, Any] = {
    "people": 1,
    "units": {
        "office": {"name": {"vi": "Văn phòng", "en": "Office"}},
        "dept-a": {"name": {"vi": "Sở A", "en": "Department A"}},
        "dept-b": {"name": {"vi": "Sở B", "en": "Department B"}},
    },
    "groups": {"departments": {"title": {"vi": "Các sở", "en": "Departments"}, "members": ["dept-a", "dept-b"]}},
    "persons": {
        "officer": {"name": "Nguyễn Văn An", "unit": "office"},
        "other": {"name": "Trần Thị Bình", "unit": "office"},
        "boss": {"name": "Lê Văn Cường", "unit": "office"},
        "stranger": {"name": "Phạm Thị Dung", "unit": "dept-a"},
    },
    "offices": {
        "director": {"title": {"vi": "Giám đốc", "en": "Director"}, "unit": "office", "holders": ["boss"]},
    },
    "roles": {
        "drafter": {"title": {"vi": "Soạn thảo", "en": "Drafter"}, "holders": ["officer", "other"]},
        "clerk": {
            "title": {"vi": "Văn thư", "en": "Clerk"},
            "holders": ["officer"],
            "records_for": ["dept-a", "dept-b", "office"],
        },
    },
}
"""Three units (`office`, `dept-a`, `dept-b`, the last two as `@departments`), four persons (`officer`, `other`,
`boss`, `stranger`), the office `director`, the roles `drafter` and `clerk`; the clerk records for everybody."""


class Office:
    """An engine over a store, with installed plugins and those given to it.

    Args:
        plugins: Besides the installed ones; a module counts as a plugin of its own name.
        people: A people register, as people.yaml has it.
        clock: Stands still unless it is moved, but for a microsecond at each event.
        store: In memory where none is given.
    """

    def __init__(
        self,
        *plugins: Plugin,
        people: Mapping[str, Any] = PEOPLE,
        clock: SimulatedClock | None = None,
        store: Store | None = None,
    ) -> None:
        self.clock = clock or SimulatedClock(MONDAY)
        self.store: Store = store or MemoryStore()
        self.registry = Registry(found=[*entry_points(group=ENTRY_POINT_GROUP), *map(_Given, plugins)])
        self._sources: dict[str, Source] = {}
        self.service = Service(
            self.store,
            lambda: self.registry,
            self.clock,
            sources=lambda: self._sources,
            read_register=read_register,
            condition=evaluate,
        )
        self.service.load_people(json.dumps(people).encode(), "people.yaml", Write(actor=None))

    @property
    def today(self) -> date:
        """The day on which the clock stands."""
        return self.service.today()

    def define(self, definition: Mapping[str, Any] | Path | str) -> str:
        """Put a definition on file and return its id.

        Args:
            definition: A file's path, YAML as text, or its keys as a mapping; `workflow: 1`, `id`, `version`
                and a title are added to a mapping where they are missing.

        Raises:
            DefinitionInvalid: With every problem of it.
        """
        if isinstance(definition, Path):
            loaded = load_path(definition)
        elif isinstance(definition, str):
            loaded = load(definition.encode(), "definition.yaml")
        else:
            named = {"workflow": 1, "id": "sample", "version": 1, "title": {"vi": "Mẫu", "en": "Sample"}, **definition}
            loaded = load(json.dumps(named, default=str).encode(), "definition.yaml")
        found = loaded.definition
        digest = hashlib.sha256(canonical_json(found.as_data())).hexdigest()
        self._sources[found.id] = Source(found, loaded.canonical, digest, loaded.name)
        return found.id

    def start(
        self,
        definition: Mapping[str, Any] | Path | str,
        plan: str = "plan-1",
        *,
        by: str = "officer",
        on: date | str | None = None,
    ) -> Walk:
        """Start a plan and return it for a walk.

        Args:
            definition: The id of one that was defined, or one to define first.
        """
        known = isinstance(definition, str) and "\n" not in definition
        id_ = cast(str, definition) if known else self.define(definition)
        walk = Walk(self, plan, by)
        self.service.create(id_, plan, walk.write(on=on))
        return walk

    @property
    def effects(self) -> Effects:
        """What stands in the outbox."""
        return Effects(self.store)

    def trail(self, plan: str) -> Trail:
        """A plan's audit trail."""
        return Trail(self.service, plan)

    def close(self) -> None:
        """Close the store."""
        self.store.close()


@dataclass(frozen=True)
class Effects(Sequence[Effect]):
    """The effects that plans asked for, oldest first, as a sequence."""

    store: Store

    def _all(self) -> list[Effect]:
        rows = sorted(self.store.effects(), key=lambda row: (row.plan, row.seq, row.id))
        return [Effect(row.kind, json.loads(row.payload)) for row in rows]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Effect]:
        return iter(self._all())

    def __getitem__(self, index: Any) -> Any:
        return self._all()[index]

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        """Return the payloads of one kind."""
        return [effect.payload for effect in self if effect.kind == kind]


@dataclass
class Walk:
    """One plan, and who acts on it unless somebody else is named."""

    office: Office
    plan: str
    by: str

    def write(self, *, by: str | None = None, on: date | str | None = None, **more: Any) -> Write:
        """Return the options of a write; a later day moves the clock there."""
        day = date.fromisoformat(on) if isinstance(on, str) else on
        if day is not None and day > self.office.today:
            self.office.clock.move_to(day)
        return Write(actor=by or self.by, on=day, **more)

    def act(
        self,
        step: str,
        action: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        by: str | None = None,
        on: date | str | None = None,
        attach: Sequence[Path] = (),
        behalf: str | None = None,
        **more: Any,
    ) -> Outcome:
        """Do *action* on *step*; its parameters by name, or as a mapping where a name is taken here."""
        write = self.write(by=by, on=on, attach=tuple(attach), behalf=behalf)
        return self.office.service.act(self.plan, step, action, {**(parameters or {}), **more}, write)

    def advance(self, trigger: str | None = None, *, by: str | None = None, on: date | str | None = None) -> Outcome:
        """Fire a transition."""
        return self.office.service.advance(self.plan, trigger, self.write(by=by, on=on))

    def tick(self, on: date | str | None = None) -> Outcome:
        """Let happen what falls due by itself."""
        return self.office.service.tick(self.plan, self.write(on=on))

    def refusal(self, do: str, *arguments: Any, **more: Any) -> list[str]:
        """Return the codes of the reasons with which `act`, `advance` or `tick` is refused, else its own code.

        What does not fit the parameters of an action counts too.

        Raises:
            AssertionError: If it is not refused, or leaves a trace on the plan.
            NotFound: If there is no such step or action.
        """
        before = len(self.trail)
        try:
            getattr(self, do)(*arguments, **more)
        except NotFound:
            # A name mistyped in the test is no refusal.
            raise
        except (InvalidInput, Refused, NotPermitted) as refused:
            assert before == len(self.trail), "a refused command left events"
            return [reason.code for reason in refused.reasons] or [refused.code]
        raise AssertionError(f"{do} {arguments} was not refused")

    @property
    def state(self) -> Any:
        """The plan's stored state."""
        return self.office.service.state_of(self.office.service.require_plan(self.plan))

    @property
    def stage(self) -> str:
        """The stage in which it is."""
        return str(self.state.stage)

    def phase(self, step: str) -> str:
        """State of the newest round of the step at this full address (`stage/step`, or `step` beside the stages)."""
        return str(self.state.steps[step].current.phase)

    @property
    def owed(self) -> list[str]:
        """What is owed and open: `STEP#KEY`, in the order of the store."""
        rows = self.office.store.work_items(self.plan)
        return [f"{row.step}#{row.key}" for row in rows if row.open]

    @property
    def trail(self) -> Trail:
        """Its audit trail."""
        return self.office.trail(self.plan)


class _Given:
    """A plugin under test, in the shape of an installed one."""

    dist = None
    group = ENTRY_POINT_GROUP

    def __init__(self, plugin: Plugin) -> None:
        self.plugin = plugin
        self.name = plugin.__name__.rpartition(".")[2] if isinstance(plugin, ModuleType) else plugin.name
        self.value = plugin.__name__ if isinstance(plugin, ModuleType) else type(plugin).__name__

    def load(self) -> Any:
        given = self.plugin
        if isinstance(given, ModuleType):
            return given
        module, hook = ModuleType(self.name), "guards" if isinstance(given, Guard) else "step_types"

        def supply() -> Sequence[Any]:
            return (given,)

        supply.__name__ = hook
        setattr(module, hook, hookimpl(supply))
        return module
