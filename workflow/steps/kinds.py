"""What the parameters of an action take, read from their annotations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from workflow.steps.step_type import Reference


@dataclass(frozen=True)
class Kind:
    """What a parameter takes: one value's type, what it refers to, several of them or one."""

    type: Any
    reference: str | None = None
    several: bool = False


def kind_of(annotation: Any, metadata: Sequence[Any] = ()) -> Kind:
    """Return what an annotation asks for, seen through `Annotated`, `| None` and `tuple[X, ...]`."""
    reference = next((mark.kind for mark in metadata if isinstance(mark, Reference)), None)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inner = kind_of(arguments[0], arguments[1:])
    elif origin in (Union, UnionType):
        kinds = [argument for argument in arguments if argument is not NoneType]
        inner = kind_of(kinds[0]) if len(kinds) == 1 else Kind(str)
    elif origin in (tuple, list):
        one = kind_of(arguments[0])
        inner = Kind(one.type, one.reference, several=True)
    else:
        inner = Kind(annotation)
    return Kind(inner.type, reference or inner.reference, inner.several)


def choices(type_: Any) -> list[str]:
    """Return the words of a Literal or Enum; none where a type takes more than certain words."""
    if get_origin(type_) is Literal:
        return [str(value) for value in get_args(type_)]
    if isinstance(type_, type) and issubclass(type_, Enum):
        return [str(member.value) for member in type_]
    return []
