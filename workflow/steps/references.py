"""What a step type's options refer to: units, documents, steps, wherever they stand in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from workflow.steps.step_type import Reference

Path = tuple[str | int, ...]


def references_in(model: BaseModel, path: Path = ()) -> Iterator[tuple[Path, str, str]]:
    """Yield (path, kind, name) of everything that *model* names by a `Reference`, as far as it was given."""
    for name, field in type(model).model_fields.items():
        if name in model.model_fields_set:
            marks = (*field.metadata, field.annotation)
            yield from _in_value((*path, field.alias or name), marks, getattr(model, name))


def _in_value(path: Path, marks: tuple[Any, ...], value: Any) -> Iterator[tuple[Path, str, str]]:
    """Find references in a value; *marks* are an annotation's parts, with all that lies in them."""
    if isinstance(value, BaseModel):
        yield from references_in(value, path)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _in_value((*path, key), marks, item)
    elif isinstance(value, list | tuple | set | frozenset):
        for index, item in enumerate(value):
            yield from _in_value((*path, index), marks, item)
    elif isinstance(value, str):
        for mark in marks:
            if isinstance(mark, Reference):
                yield path, mark.kind, value
            elif not isinstance(mark, str) and (inner := (*get_args(mark), *getattr(mark, "__metadata__", ()))):
                yield from set(_in_value(path, inner, value))
