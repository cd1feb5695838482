"""What is confidential in a plan, and which events tell of it: the one answer for everything that leaves the house."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from workflow.decide.dossiers import confidential_in
from workflow.decide.situation import Process
from workflow.messages import Event
from workflow.plan.state import PlanState

_STRUCTURE: Final = frozenset({"schedule", "ended", "again", "needs", "reopen"})
"""Keys under which an event names steps and documents without telling anything of them but that they exist."""


def hidden_in(process_of: Callable[[str], Process], plan: PlanState) -> frozenset[str] | None:
    """Return the confidential steps, by full address, and documents of a plan; None where all of it is confidential.

    Args:
        process_of: The process of a definition by its hash. Whatever was confidential before an amendment still is.
    """
    hidden: frozenset[str] = frozenset()
    for hash_ in (plan.definition, *plan.amendments):
        process = process_of(hash_)
        if process.definition.confidential:
            return None
        hidden |= confidential_in(process)
    return hidden


def withheld(event: Event, hidden: frozenset[str]) -> bool:
    """True if an event tells of something hidden: acts on it, sends it, moves its day, or restores its state."""
    return bool(hidden) and any(name in hidden for name in _named(event.data))


def names_hidden(reference: str, hidden: frozenset[str]) -> bool:
    """True if a step's address, a document's id, or `STEP@ROUND#KEY` is that of something hidden."""
    return reference.partition("@")[0] in hidden


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value.partition("@")[0]
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in _STRUCTURE:
                yield key.partition("@")[0]
                yield from _named(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _named(inner)
