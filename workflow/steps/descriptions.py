"""What an option or parameter means, in both languages.

pydantic keeps one description for each field. `Help` is that description, with its Vietnamese beside it.
"""

from __future__ import annotations

from typing import Protocol

from workflow.errors import Phrase


class Help(str):
    """The English description of a field, with its Vietnamese: `Field(description=Help("...", vi="..."))`.

    A plain text does as well; then Vietnamese readers see English.
    """

    vi: str | None

    def __new__(cls, en: str, *, vi: str | None = None) -> Help:
        """Return *en* as a text that knows its Vietnamese."""
        text = super().__new__(cls, en)
        text.vi = vi
        return text


class Described(Protocol):
    """A field of a pydantic model, as far as it matters here."""

    @property
    def description(self) -> str | None: ...


def meaning(field: Described) -> Phrase | None:
    """Return what a field's author says it means; None where he says nothing."""
    said = field.description
    return Phrase(str(said), vi=said.vi if isinstance(said, Help) else None) if said else None
