"""The order of an author's own keys, which canonical JSON would lose by sorting them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

ORDER = "@order"
"""Where the stored form keeps the order of keys: a list of [path, keys]."""


def orders(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[list[Any]]:
    """Find the mappings with keys of the author's own that do not stand in sorted order."""
    if isinstance(value, BaseModel):
        for name in sorted(value.model_fields_set):
            key = type(value).model_fields[name].alias or name
            yield from orders(getattr(value, name), (*path, key))
    elif isinstance(value, Mapping):
        if list(value) != sorted(value):
            yield [list(path), list(value)]
        for key in sorted(value):
            yield from orders(value[key], (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from orders(item, (*path, index))


def reordered(data: Mapping[str, Any], orders: Any) -> dict[str, Any]:
    """Return a copy of *data* with its mappings in the order they had."""
    wanted = {tuple(path): keys for path, keys in orders}

    def copy(value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, Mapping):
            return {key: copy(value[key], (*path, key)) for key in wanted.get(path, value)}
        if isinstance(value, list):
            return [copy(item, (*path, index)) for index, item in enumerate(value)]
        return value

    return {key: copy(part, (key,)) for key, part in data.items() if key != ORDER}
