"""Finds plugins, keeps the bad ones apart, and looks up what they supply by name."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from itertools import count, islice
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pluggy

from workflow import hookspecs
from workflow.audit import canonical_json
from workflow.deadlines import Calendar
from workflow.errors import N_, Phrase, PluginFailed, Reason, failure
from workflow.hookspecs import Effect, EffectHandler, Guard, TransitionView
from workflow.messages import Fact
from workflow.plan.state import PlanState
from workflow.steps.step_type import ENTRY_POINT_GROUP, StepType
from workflow.views.papers import Paper

T = TypeVar("T")
STEP_TYPE_GROUP = "workflow.step_types"
INTEGRATION_GROUP = "workflow.integrations"
"""Plugins that do nothing before they are set up: loaded where workflow.toml has their `[plugins.NAME]`."""
MOST_EFFECTS = 200
"""So many effects one plugin may put into the outbox in one command; more is a flood."""
LARGEST_PAYLOAD = 256 * 1024
_SUPPLIERS = ("step_types", "guards", "calendars", "papers", "effect_handlers")
"""Hooks whose things are listed by their own names."""


@dataclass(frozen=True)
class PluginInfo:
    """What `plugin list` shows.

    Attributes:
        error: Why it does not work, None if it does.
        off: It waits to be set up: workflow.toml has no `[plugins.NAME]` for it.
    """

    name: str
    version: str
    source: str
    offers: tuple[str, ...] = ()
    error: str | None = None
    off: bool = False


class Named(Mapping[str, T]):
    """Things by name, with the names that two plugins claim kept apart.

    Looking up a claimed name raises `PluginFailed` that names both plugins.
    """

    def __init__(self) -> None:
        self._things: dict[str, T] = {}
        self._owners: dict[str, str] = {}
        self._claimed: dict[str, tuple[str, str]] = {}
        self._waiting: dict[str, Callable[[], None]] = {}

    def defer(self, name: str, load: Callable[[], None]) -> None:
        """Let *load* add the thing of this name when it is first asked for."""
        self._waiting[name] = load

    def load_all(self) -> None:
        """Load whatever still waits."""
        while self._waiting:
            self._waiting.pop(next(iter(self._waiting)))()

    def add(self, name: str, thing: T, owner: str) -> None:
        """Add *thing*; a second one of the same name makes the name unusable."""
        if name in self._things or name in self._waiting:
            self._claimed[name] = (self._owners.get(name, name), owner)
        else:
            self._things[name], self._owners[name] = thing, owner

    @property
    def claimed(self) -> Mapping[str, tuple[str, str]]:
        """Names that two plugins supply, with both plugins' names."""
        return self._claimed

    def owner(self, name: str) -> str:
        """Name of the plugin that supplies *name* (the first one, where two do)."""
        return self._owners[name]

    def __getitem__(self, name: str) -> T:
        if name in self._claimed:
            first, second = self._claimed[name]
            raise PluginFailed(
                "two plugins supply `{name}`: {first} and {second}",
                hint="remove one of them",
                name=name,
                first=first,
                second=second,
            )
        if name in self._waiting:
            self._waiting.pop(name)()
        return self._things[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*self._things, *self._waiting))

    def __len__(self) -> int:
        return len(self._things) + len(self._waiting)


class Registry:
    """The plugins of one workspace, loaded when this is made.

    Args:
        folder: The workspace's own `plugins/`, None outside a workspace.
        found: Entry points to load instead of those installed (tests).
        set_up: Names of plugins that workflow.toml has a table for; of the integrations only these are loaded.
    """

    def __init__(
        self,
        folder: Path | None = None,
        found: Sequence[EntryPoint] | None = None,
        set_up: Collection[str] = (),
    ) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self.step_types: Named[StepType] = Named()
        self.guards: Named[Guard] = Named()
        self.calendars: Named[Calendar] = Named()
        self.papers: Named[Paper] = Named()
        self.effect_handlers: Named[EffectHandler] = Named()
        self._told: list[tuple[int, PluginInfo]] = []
        self._sources: dict[str, str] = {}
        self._places = count()
        promised: dict[str, str] = {}
        integrations: tuple[EntryPoint, ...] = ()
        if found is None:
            # All groups from one scan, which opens every distribution there is. Those of the second
            # promise to supply the step type of their own name and nothing else.
            every = entry_points()
            found = tuple(every.select(group=ENTRY_POINT_GROUP))
            promised = {point.name: point.value for point in every.select(group=STEP_TYPE_GROUP)}
            integrations = tuple(every.select(group=INTEGRATION_GROUP))
        # Asking for a version parses a distribution's metadata, and ours has a dozen entry points.
        version_of = cache(lambda dist: dist.version if dist else "-")
        for point in sorted((*found, *integrations), key=lambda point: point.name):
            if point.group == INTEGRATION_GROUP and point.name not in set_up:
                self._told.append((next(self._places), _off(point)))
            elif promised.get(point.name) == point.value and point.name not in self._sources:
                self._defer(point, version_of)
            else:
                self._add(point.name, version_of(point.dist), point.value, point.load)
        if folder is not None and folder.is_dir():
            for path in sorted(folder.glob("[!_]*.py")):
                self._add(path.stem, "-", path.name, lambda path=path: _load_file(path))

    @property
    def plugins(self) -> list[PluginInfo]:
        """Every plugin, in the order of their names, the workspace's own last; all are loaded for it."""
        self.step_types.load_all()
        for named in (self.step_types, self.guards, self.calendars, self.papers, self.effect_handlers):
            self._tell_claims(named)
        return [info for _, info in sorted(self._told, key=lambda told: told[0])]

    def _defer(self, point: EntryPoint, version_of: Callable[[Any], str]) -> None:
        """Load a plugin that promised its one step type when that is first used."""
        position = next(self._places)
        self._sources[point.name] = point.value

        def load() -> None:
            self._try(position, point.name, version_of(point.dist), point.value, point.load, only=point.name)

        self.step_types.defer(point.name, load)

    def _tell_claims(self, named: Named[Any]) -> None:
        """Mark plugins that claim one name: neither can be used under it."""
        for name, owners in named.claimed.items():
            for index, (position, plugin) in enumerate(self._told):
                if plugin.name in owners and plugin.error is None:
                    other = next((owner for owner in owners if owner != plugin.name), plugin.name)
                    error = f"`{name}` is also supplied by {other}: remove one of them"
                    self._told[index] = (position, replace(plugin, error=error))

    def _add(self, name: str, version: str, source: str, load: Callable[[], Any]) -> None:
        position, first = next(self._places), self._sources.get(name)
        if first is not None:
            error = failure(ValueError(f"the name {name!r} is taken by the plugin from {first}"))
            self._told.append((position, PluginInfo(name, version, source, (), error)))
        elif self._try(position, name, version, source, load):
            self._sources[name] = source

    def _try(
        self, position: int, name: str, version: str, source: str, load: Callable[[], Any], only: str | None = None
    ) -> bool:
        """Load a plugin and tell how that went; *only*: the one step type that it promised."""
        offers: tuple[str, ...] = ()
        error: str | None = None
        try:
            plugin = load()
            self._manager.register(plugin, name)
            try:
                self._manager.check_pending()
                offers = self._collect(name, plugin, only)
            except BaseException:
                self._manager.unregister(name=name)
                raise
        except (Exception, SystemExit) as problem:
            # Whatever a plugin does wrong is told by `plugin list`; the others go on.
            error = failure(problem)
        self._told.append((position, PluginInfo(name, version, source, offers, error)))
        return error is None

    def _collect(self, name: str, plugin: Any, only: str | None) -> tuple[str, ...]:
        supplies: list[tuple[Named[Any], str, Any]] = []
        own = self._manager.subset_hook_caller
        others = [other for other in self._manager.get_plugins() if other is not plugin]
        for kind, hook, target in (
            (StepType, "step_types", self.step_types),
            (Guard, "guards", self.guards),
            (Calendar, "calendars", self.calendars),
            (Paper, "papers", self.papers),
            (EffectHandler, "effect_handlers", self.effect_handlers),
        ):
            for supplied in own(hook, others)():
                for thing in supplied:
                    fits = _is_calendar(thing) if kind is Calendar else isinstance(thing, kind)
                    if not fits:
                        raise TypeError(f"{hook}() gave {type(thing).__name__}, not {kind.__name__}")
                    word = thing.kind if isinstance(thing, EffectHandler) else thing.name
                    if not isinstance(word, str):
                        raise TypeError(f"{hook}() gave something whose name is no text: {word!r}")
                    if isinstance(thing, StepType):
                        _require_sound(thing)
                    supplies.append((target, word, thing))
        hooks = (caller.name for caller in self._manager.get_hookcallers(plugin) or ())
        offers = (*(word for _, word, _ in supplies), *sorted(hook for hook in hooks if hook not in _SUPPLIERS))
        if not offers:
            raise ValueError("it has no function marked with @hookimpl, or supplies nothing")
        if only is not None and offers != (only,):
            raise ValueError(f"it promised the step type {only!r} alone, and offers {', '.join(offers)}")
        # Added at the end: of a plugin that fails half-way nothing is used.
        for target, word, thing in supplies:
            target.add(word, thing, name)
        return offers

    def unmet_guards(self) -> Mapping[str, Callable[[PlanState, TransitionView], Sequence[Reason]]]:
        """Return the guards as functions that turn a plugin's failure into a reason naming it."""
        return {name: self._guard(name) for name in self.guards}

    def _guard(self, name: str) -> Callable[[PlanState, TransitionView], Sequence[Reason]]:
        if name in self.guards.claimed:
            first, second = self.guards.claimed[name]
            phrase = Phrase(
                N_("guard `{name}` cannot be used: the plugins {first} and {second} both supply it"),
                {"name": name, "first": first, "second": second},
            )
            return lambda plan, seen: (Reason("guard-claimed", phrase),)
        return _contained(self.guards.owner(name), self.guards[name].unmet)

    def vetoes(self, plan: PlanState, transition: TransitionView, actor: str | None) -> list[Reason]:
        """Ask every `before_transition` hook; one that raises is a reason that names its plugin."""
        reasons: list[Reason] = []
        for implementation in self._manager.hook.before_transition.get_hookimpls():
            arguments = {"plan": plan, "transition": transition, "actor": actor}
            ask = _contained(implementation.plugin_name, implementation.function)
            reasons += ask(*(arguments[name] for name in implementation.argnames))
        return reasons

    def effects(self, plan: PlanState, transition: TransitionView | None, facts: Sequence[Fact]) -> list[Effect]:
        """Ask `after_transition` (or `events_recorded` where there was none) for effects.

        Raises:
            PluginFailed: If a plugin raises or gives anything else; it is named.
        """
        hook = self._manager.hook.events_recorded if transition is None else self._manager.hook.after_transition
        found: list[Effect] = []
        for implementation in hook.get_hookimpls():
            arguments = {"plan": plan, "transition": transition, "events": facts}
            try:
                given = implementation.function(*(arguments[name] for name in implementation.argnames)) or ()
                # One more than may be: what never ends is not waited for.
                given = list(islice(given, MOST_EFFECTS + 1))
                _require_effects(given)
            except (Exception, SystemExit) as error:
                raise _failed(implementation.plugin_name, error) from error
            found += given
        return found


def _require_effects(given: Sequence[Any]) -> None:
    if len(given) > MOST_EFFECTS:
        raise ValueError(f"it gave more than {MOST_EFFECTS} effects for one command")
    for effect in given:
        if not isinstance(effect, Effect):
            raise TypeError(f"it gave {type(effect).__name__}, not Effect")
        if not isinstance(effect.kind, str) or not effect.kind:
            raise TypeError(f"it gave an effect whose kind is no text: {effect.kind!r}")
        if len(canonical_json(effect.payload)) > LARGEST_PAYLOAD:
            raise ValueError(f"it gave an effect of more than {LARGEST_PAYLOAD} bytes; let the payload refer to files")


def _off(point: EntryPoint) -> PluginInfo:
    return PluginInfo(point.name, point.dist.version if point.dist else "-", point.value, off=True)


def _failed(plugin: str, error: BaseException) -> PluginFailed:
    return PluginFailed(
        "plugin `{plugin}` failed: {error}",
        hint="`workflow plugin list` shows where it comes from; the plan is unchanged",
        plugin=plugin,
        error=failure(error),
    )


def _contained(plugin: str, function: Callable[..., Any]) -> Callable[..., list[Reason]]:
    def ask(*arguments: Any) -> list[Reason]:
        try:
            reasons = list(function(*arguments) or ())
            for reason in reasons:
                if not isinstance(reason, Reason):
                    raise TypeError(f"it gave {type(reason).__name__}, not Reason")
        except (Exception, SystemExit) as error:
            phrase = Phrase(
                N_("plugin `{plugin}` failed: {error}"),
                {"plugin": plugin, "error": failure(error)},
            )
            return [Reason("plugin-failed", phrase)]
        return reasons

    return ask


def _is_calendar(thing: Any) -> bool:
    """True if *thing* has the shape of a calendar. A version that is worked out is not asked for: that may be slow."""
    version = inspect.getattr_static(thing, "version", None)
    return (
        not isinstance(thing, type)
        and hasattr(thing, "name")
        and callable(getattr(thing, "is_working_day", None))
        and (isinstance(version, str) or hasattr(type(version), "__get__"))
    )


def _require_sound(step_type: StepType) -> None:
    states = tuple(step_type.states)
    unknown = [state for state in step_type.complete_states if state not in states]
    for act in step_type.actions().values():
        unknown += [state for state in (*act.source, *act.to) if state not in states]
    if not states or unknown:
        raise ValueError(f"step type {step_type.name!r} names states it does not declare: {unknown}")
    imports = step_type.imports
    if imports is not None:
        taking = step_type.actions().get(imports.action)
        known = {"on", *taking.parameters.model_fields} if taking else set()
        unknown = [name for name in (*imports.columns, *imports.words) if name not in known]
        if taking is None or unknown:
            raise ValueError(f"step type {step_type.name!r} imports what it does not take: {unknown or imports.action}")


def _load_file(path: Path) -> ModuleType:
    name = f"workflow_workspace_plugins.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
