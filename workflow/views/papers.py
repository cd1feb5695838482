"""What a paper is drawn from: one plan as it stands, read only, with the names of its people.

A plugin's `papers()` answers with `Paper` values; their `data` gets a `PaperView` and returns the
values for the template. It opens nothing and asks no clock, so the same facts give the same paper.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflow.language.definition import Definition, Text
from workflow.numbers import IssuedNumber
from workflow.people import Register
from workflow.people.spelling import spelled
from workflow.plan.state import PlanState
from workflow.steps.step_type import WorkItem
from workflow.steps.views import StepView


@dataclass(frozen=True)
class PaperRound:
    """A round of a step that was opened, with what is owed on it.

    Attributes:
        uses: Name of its step type, the word after `uses:`.
        label: The source's own number of the step.
        items: What is owed on it; open is only what is owed still.
        late: Keys of the items that are late on the day of the paper, or were done late.
        in_buffer: Keys of the items that take buffer time, each with the day up to which that lasts.
    """

    uses: str
    view: StepView
    label: str | None
    complete: bool
    ended: bool
    completed_on: str | None
    items: tuple[WorkItem, ...]
    late: frozenset[str] = frozenset()
    in_buffer: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PaperView:
    """A plan as a paper's data see it. What is confidential is not in it.

    Attributes:
        title: The plan's own title, the definition's where it has none.
        on: The day as on which the paper speaks; the day of the plan's latest fact where none was asked for.
        asked_on: The day that was asked for, None where none was.
        rounds: Every opened round of every step, in the order of the definition; of one step where one was asked for.
        coming: Of a paper that tells what had happened by its day: the rounds as they will stand at the end of the
            month after that day, if nobody does anything; a series has opened its periods by then.
        confidential: The steps and documents that are left out, by full address and id.
        signer: The person who is to sign, None where nobody was named.
        unit: The unit for which alone it is made, None for all.
        step_titles: The title of every step by its full address, its type's where the definition gives none.
    """

    plan: PlanState
    definition: Definition
    title: Text
    on: date
    asked_on: date | None
    rounds: tuple[PaperRound, ...]
    register: Register
    confidential: frozenset[str] = frozenset()
    signer: str | None = None
    unit: str | None = None
    coming: tuple[PaperRound, ...] = ()
    step_titles: Mapping[str, Text] = field(default_factory=dict)

    def rounds_of(self, *uses: str) -> tuple[PaperRound, ...]:
        """Return the rounds of the steps of these types."""
        return tuple(each for each in self.rounds if each.uses in uses)

    def name(self, reference: str | None) -> str:
        """Return the Vietnamese name of a unit, group, office, role or person; the reference where it has none."""
        if reference is None:
            return ""
        named = self.register.name(reference)
        return named.vi if named is not None else reference

    def named(self, title: Text) -> str:
        """Return a work item's title in Vietnamese, with names in the place of ids."""
        return spelled(title, self.register.name).vi

    def number(self, document: str | None) -> IssuedNumber | None:
        """Return the number that was given to a document, or to the plan itself, None while it has none."""
        return next((one for one in self.plan.numbers if one.document == document), None)


@dataclass(frozen=True)
class Paper:
    """A paper that can be made of a plan.

    Attributes:
        name: Its kind, a kebab-case word: what `paper make PLAN KIND` takes.
        template: Returns the bytes of the .docx that travels with the plugin.
        data: Pure function of the view to the template's fields. A text that stands beside the chain is
            given as the state has it (`{"text": KEY}`); the words are put in its place afterwards.
            Raises `Refused` where there is nothing to draw from.
        needs: Fields that every template of this kind has to show; `row.when` is the field of a row.
        as_of: It tells what had happened by its day, and nothing that came later.
    """

    name: str
    title: Text
    template: Callable[[], bytes]
    data: Callable[[PaperView], Mapping[str, Any]]
    needs: tuple[str, ...] = ()
    as_of: bool = False
