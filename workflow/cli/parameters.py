"""Command line options made from an action's pydantic parameter model.

A plugin declares its parameters once; their options, help and pick lists come from that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

import click
from pydantic import BeforeValidator
from pydantic.fields import FieldInfo

from workflow.cli.options import DAY
from workflow.cli.pick import Choice
from workflow.cli.translated import TranslatedOption
from workflow.errors import N_, Phrase
from workflow.steps.descriptions import meaning
from workflow.steps.step_type import Action, Reference

if TYPE_CHECKING:
    from workflow.catalogue import Catalogue

MARK = "with_"
"""In front of the names under which click keeps the values, apart from the general options."""


@dataclass(frozen=True)
class Shape:
    """What an annotation asks for: one value's type, several of them or one, what it refers to."""

    type: Any
    several: bool = False
    mapping: bool = False
    reference: str | None = None


@dataclass(frozen=True)
class Given:
    """One parameter of an action: its field, and the option that gives it."""

    name: str
    field: FieldInfo
    shape: Shape
    option: str

    @property
    def key(self) -> str:
        """The name under which click keeps its value."""
        return MARK + self.name

    @property
    def question(self) -> Phrase:
        """What to ask for."""
        return meaning(self.field) or Phrase(self.name)

    def choices(self) -> list[Choice]:
        """Return the values there are, none where any value may do."""
        if self.shape.type is bool:
            return [("yes", ""), ("no", "")]
        return [(value, "") for value in _values(self.shape.type)]

    def from_answer(self, answer: str) -> Any:
        """Return the value that was typed at a question."""
        if self.shape.type is bool:
            return answer == "yes"
        return [answer] if self.shape.several else answer


def given_by(action: Action, taken: Sequence[str]) -> list[Given]:
    """Return the action's parameters, in the order of its model.

    Args:
        taken: Names of the general options; a parameter of such a name gets the action's in front.
    """
    return [_given(action, name, field, taken) for name, field in action.parameters.model_fields.items()]


def _given(action: Action, name: str, field: FieldInfo, taken: Sequence[str]) -> Given:
    word = (field.alias or name).replace("_", "-").lower()
    option = f"--{action.name}-{word}" if word in taken else f"--{word}"
    return Given(name, field, shape_of(field.annotation, tuple(field.metadata)), option)


def shape_of(annotation: Any, metadata: Sequence[Any] = ()) -> Shape:
    """Return what one annotation asks for, seen through `Annotated`, `| None` and `tuple[X, ...]`."""
    reference = next((mark.kind for mark in metadata if isinstance(mark, Reference)), None)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inner = shape_of(arguments[0], arguments[1:])
    elif origin in (Union, UnionType):
        kinds = [argument for argument in arguments if argument is not NoneType]
        # Several kinds are taken as text; the model tells them apart.
        inner = shape_of(kinds[0]) if len(kinds) == 1 else Shape(str)
    elif origin in (tuple, list, set, frozenset, Sequence):
        one = shape_of(arguments[0]) if arguments else Shape(str)
        inner = Shape(one.type, several=True, reference=one.reference)
    elif origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        inner = Shape(shape_of(arguments[1]).type, several=True, mapping=True)
    else:
        inner = Shape(annotation)
    # A type that reads texts itself (sums: "810.000.000 đồng") gets what was typed.
    type_ = str if any(map(_reads_text, metadata)) else inner.type
    return Shape(type_, inner.several, inner.mapping, reference or inner.reference)


def _reads_text(mark: Any) -> bool:
    if not isinstance(mark, BeforeValidator):
        return False
    taken = mark.json_schema_input_type
    return taken is str or str in get_args(taken)


def options_of(given: Sequence[Given], catalogue: Catalogue) -> Iterator[click.Option]:
    """Return an option for each parameter, with its help in the reader's language.

    None is required as click sees it: a missing one may be asked for, and several missing ones are
    named together.
    """
    for one in given:
        help_ = catalogue.text(one.question)
        if one.field.is_required():
            help_ += f"  [{catalogue.message(N_('required'))}]"
        if one.shape.type is bool and not one.shape.several:
            names = [f"{one.option}/--no-{one.option[2:]}", one.key]
            yield TranslatedOption(names, default=None, help=help_)
            continue
        yield TranslatedOption(
            [one.option, one.key],
            type=_click_type(one.shape),
            multiple=one.shape.several,
            help=help_,
            metavar=_metavar(one.shape),
        )


def _click_type(shape: Shape) -> Any:
    if shape.mapping:
        return click.STRING
    if shape.type is int:
        return click.INT
    if shape.type is date:
        return DAY
    values = _values(shape.type)
    return click.Choice(values) if values else click.STRING


def _values(type_: Any) -> list[str]:
    if get_origin(type_) is Literal:
        return [str(value) for value in get_args(type_)]
    if isinstance(type_, type) and issubclass(type_, Enum):
        return [str(member.value) for member in type_]
    return []


def _metavar(shape: Shape) -> str | None:
    if shape.mapping:
        return "NAME=VALUE"
    if shape.type is date:
        return "DATE"
    if _is_model(shape.type):
        return "JSON"
    return shape.reference.upper() if shape.reference else None


def _is_model(type_: Any) -> bool:
    return isinstance(type_, type) and hasattr(type_, "model_fields")


def values_from(given: Sequence[Given], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given, by field name; what was left out stays out, so that defaults count."""
    values = {}
    for one in given:
        value = options.get(one.key)
        if value is None or value == ():
            continue
        values[one.field.alias or one.name] = _value(one, value)
    return values


def _value(one: Given, value: Any) -> Any:
    if one.shape.mapping:
        return dict(_pair(one, item) for item in value)
    read: Callable[[Any], Any] = _plain
    if _is_model(one.shape.type):
        read = _json_reader(one)
    return [read(item) for item in value] if one.shape.several else read(value)


def _plain(value: Any) -> Any:
    # What goes to the service is what JSON can hold: a repeated request is compared by it.
    return value.isoformat() if isinstance(value, date) else value


def _pair(one: Given, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE.", param_hint=one.option)
    return name, value


def _json_reader(one: Given) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError as exc:
            raise click.BadParameter(f"this is not JSON: {exc}", param_hint=one.option) from exc

    return read
