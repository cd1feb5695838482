"""Tables that a step type shows of a round: a register, figures of units with their totals."""

from __future__ import annotations

from dataclasses import dataclass

from workflow.errors import Phrase
from workflow.language.definition import Text


@dataclass(frozen=True, slots=True)
class Named:
    """A cell that holds a unit, office or person: its id; shown by its name.

    Attributes:
        whose: Id of the one whose work it took over, shown behind the name.
    """

    id: str
    whose: str | None = None


@dataclass(frozen=True, slots=True)
class KeptText:
    """A cell whose words lie beside the chain, by the key that the event has; shown as long as they are there."""

    key: str


Cell = str | int | Text | Named | KeptText | None
"""A whole number is shown with its thousands apart; None as nothing."""


@dataclass(frozen=True)
class StepTable:
    """One table of a round.

    Attributes:
        id: Its name in `--json`.
        rows: As many cells each as there are columns.
        notes: What stands above it: totals, who is missing. A parameter may be a `Named`, or several of them.
        open: Places of the rows (from 0) that still wait for something: of a long table these are shown, newest first.
    """

    id: str
    title: Text
    columns: tuple[Text, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Phrase, ...] = ()
    open: tuple[int, ...] = ()
