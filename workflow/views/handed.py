"""What plugins are handed: the engine's own values, made read-only.

A plugin that writes into what it was handed gets a `TypeError`, which the engine turns into a refusal that
names it; what is stored, and what other plugins see, is never touched. Dictionaries and lists stay such for
everybody who only reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NoReturn, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel

from workflow.plan.rounds import StepRound, StepState
from workflow.plan.state import PlanState, replace

M = TypeVar("M")
_PLAIN = (str, int, bool, float, NoneType)


class ReadOnly(TypeError):
    """Somebody writes into what was handed out."""


def _refused(self: Any, *_: Any, **__: Any) -> NoReturn:
    raise ReadOnly("what a plugin is handed is read-only; make a copy")


class ReadOnlyDict(dict[Any, Any]):
    """A dictionary that refuses to be changed; a copy of it may be."""

    __slots__ = ()
    __setitem__ = __delitem__ = __ior__ = _refused  # type: ignore[assignment]
    clear = pop = popitem = setdefault = update = _refused  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


class ReadOnlyList(list[Any]):
    """A list that refuses to be changed; a copy of it may be."""

    __slots__ = ()
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refused  # type: ignore[assignment]
    append = clear = extend = insert = pop = remove = reverse = sort = _refused  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)


def read_only(value: Any) -> Any:
    """Return *value* so that nothing in it can be changed: copies of its dictionaries, lists and sets."""
    kind = type(value)
    if kind in _PLAIN or kind in (ReadOnlyDict, ReadOnlyList):
        return value
    if isinstance(value, Mapping):
        if all(type(inner) in _PLAIN for inner in value.values()):
            return ReadOnlyDict(value)
        return ReadOnlyDict({key: read_only(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return ReadOnlyList([read_only(inner) for inner in value])
    if kind is tuple:
        return tuple([read_only(inner) for inner in value])
    if isinstance(value, set):
        return frozenset(value)
    if isinstance(value, BaseModel):
        return read_only_model(value)
    return value


def read_only_model(model: M) -> M:
    """Make the fields of a frozen model read-only in place, and return it."""
    for name in _changeable(type(model)):
        model.__dict__[name] = read_only(model.__dict__[name])
    return model


@cache
def _changeable(kind: type[BaseModel]) -> tuple[str, ...]:
    """The fields of a model that could hold something changeable: of a long list the others need not be walked."""
    return tuple(name for name, field in kind.model_fields.items() if not _is_fixed(field.annotation, (kind,)))


def _is_fixed(annotation: Any, within: tuple[type[BaseModel], ...]) -> bool:
    """True if no value of this type can be changed; *within*: the models in which it stands."""
    origin = get_origin(annotation)
    if origin is Literal:
        return True
    if origin is Annotated:
        return _is_fixed(get_args(annotation)[0], within)
    if origin in (Union, UnionType, tuple):
        return all(each is Ellipsis or _is_fixed(each, within) for each in get_args(annotation))
    if not isinstance(annotation, type) or origin is not None:
        return False
    if issubclass(annotation, BaseModel):
        # A model that contains itself is as fixed as its other fields are.
        fields = annotation.model_fields.values() if annotation not in within else ()
        return all(_is_fixed(field.annotation, (*within, annotation)) for field in fields)
    return annotation in _PLAIN or annotation.__module__ in ("datetime", "decimal", "fractions")


class PlanSeen(PlanState):
    """A plan as plugins are handed it; what few of them read is made read-only when it is read."""

    def __getattr__(self, name: str) -> Any:
        # Only what `seen` has left out comes here.
        plan: PlanState = self.__dict__["_plan"]
        if name == "steps":
            made: Any = _Steps(plan.steps)
        elif name in _LATER:
            made = read_only(getattr(plan, name))
        else:
            raise AttributeError(name)
        self.__dict__[name] = made
        return made

    def as_data(self) -> dict[str, Any]:
        """Return the state as JSON-like values, a copy."""
        data: dict[str, Any] = read_only(self.__dict__["_plan"].as_data())
        return data


_LATER = ("steps", "schedule", "parameters")


def seen(plan: PlanState) -> PlanState:
    """Return *plan* as plugins are handed it."""
    if isinstance(plan, PlanSeen):
        return plan
    handed = object.__new__(PlanSeen)
    values = handed.__dict__
    values.update(plan.__dict__)
    for name in _LATER:
        del values[name]
    values["title"] = read_only(plan.title)
    values["_plan"] = plan
    return handed


class _Steps(Mapping[str, StepState]):
    """The steps of a plan, each made read-only when it is looked at."""

    __setitem__ = __delitem__ = _refused
    clear = pop = popitem = setdefault = update = _refused

    def __init__(self, steps: Mapping[str, StepState]) -> None:
        self._steps = steps
        self._made: dict[str, StepState] = {}

    def __getitem__(self, address: str) -> StepState:
        made = self._made.get(address)
        if made is None:
            step = self._steps[address]
            made = self._made[address] = replace(step, rounds=tuple(_round(each) for each in step.rounds))
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)


def _round(round_: StepRound) -> StepRound:
    return replace(
        round_, state=read_only(round_.state), due=read_only(round_.due), counts=read_only(tuple(round_.counts))
    )
