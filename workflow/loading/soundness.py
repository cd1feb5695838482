"""Whether what a plugin supplies is what it has to be, and how the workspace's files are imported."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from workflow.audit import canonical_json
from workflow.errors import PluginFailed
from workflow.hookspecs import Effect
from workflow.language.values import Text
from workflow.steps.kinds import choices, kind_of
from workflow.steps.step_type import Parameters, StepType

WORKSPACE_MODULES = "workflow_workspace_plugins"
"""Under this name the files in a workspace's `plugins/` are imported."""
MOST_EFFECTS = 200
"""So many effects one plugin may put into the outbox in one command; more is a flood."""
LARGEST_PAYLOAD = 256 * 1024


def is_calendar(thing: Any) -> bool:
    """True if *thing* has the shape of a calendar. A version that is worked out is not asked for: that may be slow."""
    version = inspect.getattr_static(thing, "version", None)
    return (
        not isinstance(thing, type)
        and hasattr(thing, "name")
        and callable(getattr(thing, "is_working_day", None))
        and (isinstance(version, str) or hasattr(type(version), "__get__"))
    )


def require_sound(step_type: StepType) -> None:
    """Refuse a step type whose actions or imports name what it does not have.

    Raises:
        ValueError: If it is so.
    """
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
        for name, words in imports.words.items():
            _require_values(step_type, name, words, taking.parameters)


def require_titles(name: str, thing: Any) -> None:
    """Refuse what has no words for people: a step type's titles are `{vi, en}`, those of all else a `Text`.

    Raises:
        PluginFailed: If it is so; a calendar has no title.
    """
    if isinstance(thing, StepType):
        for place, title in {"title": thing.title, **thing.states}.items():
            if not isinstance(title, Mapping) or not isinstance(title.get("vi"), str):
                raise PluginFailed("`{name}` has no title in `{language}`", name=f"{name}.{place}", language="vi")
    elif hasattr(thing, "title") and not isinstance(thing.title, Text):
        raise PluginFailed(
            "the title of `{name}` is {kind}: give Text(vi=…, en=…)", name=name, kind=type(thing.title).__name__
        )


def _require_values(step_type: StepType, name: str, words: Iterable[str], taken: type[Parameters]) -> None:
    """Refuse words for what a parameter cannot be: the import would pass over them in silence.

    Raises:
        ValueError: If the parameter is no choice, or has no such value.
    """
    field = taken.model_fields.get(name)
    known = choices(kind_of(field.annotation, field.metadata).type) if field is not None else []
    if not known:
        raise ValueError(
            f"step type {step_type.name!r} imports words for {name!r}, which is no Literal or Enum: give it one"
        )
    if unknown := [value for value in words if value not in known]:
        raise ValueError(
            f"step type {step_type.name!r} imports words for {unknown}, but {name!r} is one of {', '.join(known)}"
        )


def require_effects(given: Sequence[Any]) -> None:
    """Refuse what is no effect, cannot be kept, or is a flood.

    Raises:
        TypeError, ValueError: If it is so.
    """
    if len(given) > MOST_EFFECTS:
        raise ValueError(f"it gave more than {MOST_EFFECTS} effects for one command")
    for effect in given:
        if not isinstance(effect, Effect):
            raise TypeError(f"it gave {type(effect).__name__}, not Effect")
        if not isinstance(effect.kind, str) or not effect.kind:
            raise TypeError(f"it gave an effect whose kind is no text: {effect.kind!r}")
        if len(canonical_json(effect.payload)) > LARGEST_PAYLOAD:
            raise ValueError(f"it gave an effect of more than {LARGEST_PAYLOAD} bytes; let the payload refer to files")


def load_file(path: Path) -> ModuleType:
    """Import a file of the workspace's `plugins/`; whatever it raises comes through."""
    name = f"{WORKSPACE_MODULES}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
