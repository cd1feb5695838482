"""Finds plugins, keeps the bad ones apart, and looks up what they supply by name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from itertools import count, islice
from pathlib import Path
from typing import Any, TypeVar

import pluggy

from workflow import hookspecs
from workflow.deadlines import Calendar
from workflow.errors import N_, Phrase, PluginFailed, Reason, failure
from workflow.hookspecs import Effect, EffectHandler, Exporter, Guard, TransitionView
from workflow.loading.choice import EVERY, INTEGRATION_GROUP, LOAD_PLUGINS, Choice
from workflow.loading.hooking import listed, require_hooks, wrong_answer
from workflow.loading.limit import SECONDS as LOADING_SECONDS
from workflow.loading.limit import LoadingHangs, limited
from workflow.loading.soundness import (
    MOST_EFFECTS,
    is_calendar,
    load_file,
    require_effects,
    require_sound,
    require_titles,
)  # fmt: skip
from workflow.messages import Fact
from workflow.plan.state import PlanState
from workflow.steps.step_type import ENTRY_POINT_GROUP, StepType
from workflow.views.handed import read_only, seen
from workflow.views.papers import Paper

T = TypeVar("T")
STEP_TYPE_GROUP = "workflow.step_types"
EXPORTER_GROUP = "workflow.exporters"
_OURS = "trinh"
"""The distribution whose plugins come with the program."""
_SUPPLIERS = ("step_types", "guards", "calendars", "papers", "exporters", "effect_handlers")
"""Hooks whose things are listed by their own names."""


@dataclass(frozen=True)
class PluginInfo:
    """What `plugin list` shows.

    Attributes:
        error: Why it does not work, None if it does.
        off: It waits to be set up: workflow.toml has no `[plugins.NAME]` for it.
        left_out: WORKFLOW_LOAD_PLUGINS does not choose it.
    """

    name: str
    version: str
    source: str
    offers: tuple[str, ...] = ()
    error: Phrase | None = None
    off: bool = False
    left_out: bool = False


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
        choice: Which plugins somebody wants.
        trace: Gets a line for each call of a plugin; None traces nothing.
    """

    def __init__(
        self,
        folder: Path | None = None,
        found: Sequence[EntryPoint] | None = None,
        set_up: Collection[str] = (),
        choice: Choice = EVERY,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self.step_types: Named[StepType] = Named()
        self.guards: Named[Guard] = Named()
        self.calendars: Named[Calendar] = Named()
        self.papers: Named[Paper] = Named()
        self.exporters: Named[Exporter] = Named()
        self.effect_handlers: Named[EffectHandler] = Named()
        self._told: list[tuple[int, PluginInfo]] = []
        self._sources: dict[str, str] = {}
        self._places = count()
        self._trace = trace
        promised: dict[str, tuple[str, Named[Any]]] = {}
        integrations: tuple[EntryPoint, ...] = ()
        if found is None:
            # All groups from one scan, which opens every distribution there is. Those of the second and
            # third promise to supply the step type or exporter of their own name and nothing else.
            every = entry_points()
            found = tuple(every.select(group=ENTRY_POINT_GROUP))
            for group, named in ((STEP_TYPE_GROUP, self.step_types), (EXPORTER_GROUP, self.exporters)):
                promised |= {point.name: (point.value, named) for point in every.select(group=group)}
            integrations = tuple(every.select(group=INTEGRATION_GROUP))
        # Asking for a version parses a distribution's metadata, and ours has a dozen entry points.
        version_of = cache(lambda dist: dist.version if dist else "-")
        for point in sorted((*found, *integrations), key=lambda point: point.name):
            if not choice.wants(point.name, lambda point=point: point.dist is not None and point.dist.name == _OURS):
                self._told.append((next(self._places), _unused(point, left_out=True)))
            elif point.group == INTEGRATION_GROUP and point.name not in set_up:
                self._told.append((next(self._places), _unused(point, off=True)))
            elif promised.get(point.name, ("",))[0] == point.value and point.name not in self._sources:
                self._defer(point, version_of, promised[point.name][1])
            else:
                self._add(point.name, version_of(point.dist), point.value, point.load)
        if folder is not None and folder.is_dir():
            for path in sorted(folder.glob("[!_]*.py")):
                if choice.wants(path.stem, lambda: False):
                    self._add(path.stem, "-", path.name, lambda path=path: load_file(path))
                else:
                    self._told.append((next(self._places), PluginInfo(path.stem, "-", path.name, left_out=True)))
        for name in sorted(choice.named - {info.name for _, info in self._told} - set(self._sources)):
            error = Phrase(N_("{variable} names it, and there is no such plugin"), {"variable": LOAD_PLUGINS})
            self._told.append((next(self._places), PluginInfo(name, "-", LOAD_PLUGINS, (), error)))

    @property
    def plugins(self) -> list[PluginInfo]:
        """Every plugin, in the order of their names, the workspace's own last; all are loaded for it."""
        self.step_types.load_all()
        self.exporters.load_all()
        for named in (
            self.step_types, self.guards, self.calendars, self.papers, self.exporters, self.effect_handlers
        ):  # fmt: skip
            self._tell_claims(named)
        return [info for _, info in sorted(self._told, key=lambda told: told[0])]

    def _defer(self, point: EntryPoint, version_of: Callable[[Any], str], named: Named[Any]) -> None:
        """Load a plugin that promised its one step type or exporter when that is first used."""
        position = next(self._places)
        self._sources[point.name] = point.value

        def load() -> None:
            self._try(position, point.name, version_of(point.dist), point.value, point.load, only=point.name)

        named.defer(point.name, load)

    def _tell_claims(self, named: Named[Any]) -> None:
        """Mark plugins that claim one name: neither can be used under it."""
        for name, owners in named.claimed.items():
            for index, (position, plugin) in enumerate(self._told):
                if plugin.name in owners and plugin.error is None:
                    other = next((owner for owner in owners if owner != plugin.name), plugin.name)
                    error = Phrase(
                        N_("`{name}` is also supplied by {other}: remove one"), {"name": name, "other": other}
                    )
                    self._told[index] = (position, replace(plugin, error=error))

    def _add(self, name: str, version: str, source: str, load: Callable[[], Any]) -> None:
        position, first = next(self._places), self._sources.get(name)
        if first is not None:
            error = Phrase(N_("the name `{name}` is taken by the plugin from {place}"), {"name": name, "place": first})
            self._told.append((position, PluginInfo(name, version, source, (), error)))
        elif self._try(position, name, version, source, load):
            self._sources[name] = source

    def _try(
        self, position: int, name: str, version: str, source: str, load: Callable[[], Any], only: str | None = None
    ) -> bool:
        """Load a plugin and tell how that went; *only*: the one thing that it promised."""
        offers: tuple[str, ...] = ()
        error: Phrase | None = None
        try:
            with limited():
                offers = self._loaded(name, load, only)
        except PluginFailed as problem:
            error = problem.phrase
        except LoadingHangs:
            text = N_("it could not be loaded within {seconds} seconds")
            error = Phrase(text, {"seconds": f"{LOADING_SECONDS:g}"})
        except (Exception, SystemExit) as problem:
            # Whatever a plugin does wrong is told by `plugin list`; the others go on.
            error = Phrase("{error}", {"error": failure(problem)}, vi="{error}")
        self._told.append((position, PluginInfo(name, version, source, offers, error)))
        return error is None

    def _loaded(self, name: str, load: Callable[[], Any], only: str | None) -> tuple[str, ...]:
        plugin = load()
        require_hooks(plugin)
        self._manager.register(plugin, name)
        try:
            self._manager.check_pending()
            return self._collect(name, plugin, only)
        except BaseException:
            self._manager.unregister(name=name)
            raise

    def _collect(self, name: str, plugin: Any, only: str | None) -> tuple[str, ...]:
        supplies: list[tuple[Named[Any], str, Any]] = []
        own = self._manager.subset_hook_caller
        others = [other for other in self._manager.get_plugins() if other is not plugin]
        for kind, hook, target in (
            (StepType, "step_types", self.step_types),
            (Guard, "guards", self.guards),
            (Calendar, "calendars", self.calendars),
            (Paper, "papers", self.papers),
            (Exporter, "exporters", self.exporters),
            (EffectHandler, "effect_handlers", self.effect_handlers),
        ):
            for supplied in own(hook, others)():
                for thing in listed(hook, supplied, kind):
                    if not (is_calendar(thing) if kind is Calendar else isinstance(thing, kind)):
                        raise wrong_answer(hook, thing, kind)
                    word = thing.kind if isinstance(thing, EffectHandler) else thing.name
                    if not isinstance(word, str):
                        raise TypeError(f"{hook}() gave something whose name is no text: {word!r}")
                    if isinstance(thing, StepType):
                        require_sound(thing)
                    require_titles(word, thing)
                    supplies.append((target, word, self._followed(name, thing)))
        hooks = (caller.name for caller in self._manager.get_hookcallers(plugin) or ())
        offers = (*(word for _, word, _ in supplies), *sorted(hook for hook in hooks if hook not in _SUPPLIERS))
        if not offers:
            raise PluginFailed("it has no function marked with @hookimpl, or supplies nothing")
        if only is not None and offers != (only,):
            raise ValueError(f"it promised {only!r} alone, and offers {', '.join(offers)}")
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
        ask = _contained(self.guards.owner(name), self.guards[name].unmet)
        return lambda plan, transition: ask(seen(plan), transition)

    def vetoes(self, plan: PlanState, transition: TransitionView, actor: str | None) -> list[Reason]:
        """Ask every `before_transition` hook; one that raises is a reason that names its plugin."""
        reasons: list[Reason] = []
        arguments = {"plan": seen(plan), "transition": transition, "actor": actor}
        for implementation in self._manager.hook.before_transition.get_hookimpls():
            ask = _contained(implementation.plugin_name, self._function(implementation, "before_transition"))
            reasons += ask(*(arguments[name] for name in implementation.argnames))
        return reasons

    def effects(self, plan: PlanState, transition: TransitionView | None, facts: Sequence[Fact]) -> list[Effect]:
        """Ask `after_transition` (or `events_recorded` where there was none) for effects.

        Raises:
            PluginFailed: If a plugin raises or gives anything else; it is named.
        """
        hook = self._manager.hook.events_recorded if transition is None else self._manager.hook.after_transition
        found: list[Effect] = []
        if not (implementations := hook.get_hookimpls()):
            return found
        handed = tuple(replace(fact, data=read_only(fact.data), plugin=read_only(fact.plugin)) for fact in facts)
        arguments = {"plan": seen(plan), "transition": transition, "events": handed}
        for implementation in implementations:
            function = self._function(implementation, hook.name)
            try:
                given = function(*(arguments[name] for name in implementation.argnames)) or ()
                # One more than may be: what never ends is not waited for.
                given = list(islice(given, MOST_EFFECTS + 1))
                require_effects(given)
            except (Exception, SystemExit) as error:
                raise _failed(implementation.plugin_name, error) from error
            found += given
        return found

    def adds_commands(self, name: str) -> Callable[[Any], Any] | None:
        """The `commands` hook of the plugin *name*, None where there is none."""
        found = (one for one in self._manager.hook.commands.get_hookimpls() if one.plugin_name == name)
        implementation = next(found, None)
        return None if implementation is None else self._function(implementation, "commands")

    def _function(self, implementation: Any, hook: str) -> Callable[..., Any]:
        function: Callable[..., Any] = implementation.function
        if self._trace is None:
            return function
        from workflow.loading.tracing import traced_call

        return traced_call(self._trace, implementation.plugin_name, hook, function)

    def _followed(self, name: str, thing: T) -> T:
        if self._trace is None:
            return thing
        from workflow.loading.tracing import traced

        return traced(self._trace, name, thing)


def _unused(point: EntryPoint, **why: bool) -> PluginInfo:
    return PluginInfo(point.name, point.dist.version if point.dist else "-", point.value, **why)


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
