"""A statement as text, and the values of rows in the order in which statements take them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Literal

from workflow.store import effects, interface, seals

Whose = Literal["", "owner", "asked_by", "anybody"]
"""Of which open items there is a page: all, those that one owes or waits for, those that anybody waits for."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A text with `names` parameters, given by position, and constants that follow them."""

    text: str
    names: tuple[str, ...]
    constants: tuple[Any, ...] = ()

    def with_values(self, *values: Any) -> tuple[Any, ...]:
        """Return all positional parameters."""
        return values + self.constants


def columns_of(row: type) -> tuple[str, ...]:
    """Return the columns that a kind of rows has."""
    return tuple(field.name for field in fields(row))


plan_values = attrgetter(*columns_of(interface.PlanRow))
event_values = attrgetter(*columns_of(interface.EventRow))
work_item_values = attrgetter(*columns_of(interface.WorkItemRow))
document_values = attrgetter(*columns_of(interface.DocumentRow))
definition_values = attrgetter(*columns_of(interface.DefinitionRow))
effect_values = attrgetter(*columns_of(effects.EffectRow))
number_values = attrgetter(*columns_of(interface.NumberRow))
seal_values = attrgetter(*columns_of(seals.SealRow))
leaf_values = attrgetter(*columns_of(seals.LeafRow))


def content_values(text: interface.TextRow) -> tuple[Any, ...]:
    """Return a text's row of `content`."""
    return text.key, "text", 0, text.salt, text.text.encode()
