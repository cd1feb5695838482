"""The definition language as one immutable model.

What a YAML file may say, with every key, and nothing about how it is read (`loader`), judged
(`check`) or run (`decide`). The canonical JSON of a definition is what a plan is pinned to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from workflow.errors import N_, Phrase
from workflow.language.ordering import ORDER, orders, reordered
from workflow.language.reminding import Reminding, Rungs, rungs_of
from workflow.language.values import (
    Address,
    Addresses,
    Flag,
    Holder,
    Holders,
    Id,
    Ids,
    IsoDate,
    IsoMonths,
    IsoWindow,
    Model,
    One,
    Series,
    Text,
    Whole,
)

LANGUAGE_VERSION = 1


class After(Model):
    """A term counted from a stage's end, or from the plan's start where no stage is named."""

    stage: Id | None = None
    days: Whole | None = Field(default=None, ge=1, le=3660)
    working_days: Whole | None = Field(default=None, ge=1, le=2600)

    @model_validator(mode="after")
    def _one_length(self) -> After:
        if (self.days is None) == (self.working_days is None):
            raise ValueError(Phrase(N_("give either `days` or `working_days`")))
        return self


class BackFrom(Model):
    """A day counted back from a stage's first day."""

    stage: Id
    days: Whole | None = Field(default=None, ge=1, le=3660)
    working_days: Whole | None = Field(default=None, ge=1, le=2600)

    @model_validator(mode="after")
    def _one_length(self) -> BackFrom:
        if (self.days is None) == (self.working_days is None):
            raise ValueError(Phrase(N_("give either `days` or `working_days`")))
        return self


DATE_KEYS = ("window", "due", "before", "month", "back_from", "undecided", "inherit", "continuous", "on_request")
"""Keys that say when; `after` (as a mapping) is one more. At most one of them may be given."""


class Timed(Model):
    """When: at most one kind of date, and the wording of the source."""

    window: IsoWindow | None = None
    due: IsoDate | None = None
    before: IsoDate | None = None
    month: IsoMonths | None = None
    back_from: BackFrom | None = None
    undecided: str | None = None
    inherit: Flag = False
    continuous: Flag = False
    on_request: Flag = False
    text: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Timed:
        given = [key for key in DATE_KEYS if getattr(self, key)]
        if isinstance(getattr(self, "after", None), After):
            given.append("after")
        if len(given) > 1:
            raise ValueError(Phrase(N_("more than one date: {keys}"), {"keys": ", ".join(given)}))
        return self

    @property
    def term(self) -> After | None:
        """The relative term, if the date is one."""
        after = getattr(self, "after", None)
        return after if isinstance(after, After) else None

    @property
    def dated(self) -> bool:
        """True if any kind of date is given here."""
        return self.term is not None or any(getattr(self, key) for key in DATE_KEYS)


class People(Model):
    """Who: the lead (one unit or office), who takes part, who may act."""

    lead: Holder | None = None
    with_units: Holders = ()
    by: Holders = ()
    not_same_person_as: Addresses = ()


class Step(Timed, People, Reminding):
    """Work inside a stage or beside the stages: a step type with its parameters."""

    uses: Id
    with_: Mapping[str, Any] = Field(default_factory=dict, alias="with")
    title: Text | None = None
    label: str | None = None
    after: After | Addresses | None = None
    required: Flag = True
    confidential: Flag = False
    produces: tuple[Text, ...] = ()
    goes_to: Holders = ()
    note: Text | None = None

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Addresses of the steps that must be complete before this one opens."""
        return self.after if isinstance(self.after, tuple) else ()


class Until(Model):
    """When a step beside the stages ends: on entering a stage, after a day, or with an event outside."""

    stage: Id | None = None
    date: IsoDate | None = None
    event: Text | None = None

    @model_validator(mode="after")
    def _one_end(self) -> Until:
        if sum(value is not None for value in (self.stage, self.date, self.event)) != 1:
            raise ValueError(Phrase(N_("give exactly one of `stage`, `date`, `event`")))
        return self


class AlongsideStep(Step):
    """A step that lives beside the stages, from one stage (the first where not said) until an end."""

    from_: Id | None = Field(default=None, alias="from")
    until: Until | None = None


class Transition(Model):
    """An edge between stages: where to, who may fire it, and what must hold."""

    to: Id
    title: Text | None = None
    by: Holders = ()
    not_same_person_as: Addresses = ()
    when: Annotated[str, StringConstraints(max_length=1000)] | None = None
    requires: Ids = ()
    outcome: Mapping[Address, Ids] = Field(default_factory=dict)
    needs: Ids = ()
    reopen: Addresses = ()
    allow_open_steps: Flag = False
    note: Text | None = None


class Stage(Timed, People, Reminding):
    """A state of the plan's machine, with its date, people, steps and ways out."""

    title: Text
    label: str | None = None
    after: After | None = None
    steps: Mapping[Id, Step] = Field(default_factory=dict)
    transitions: Mapping[Id, Transition] = Field(default_factory=dict)
    final: Flag = False
    buffer: Flag = False
    produces: tuple[Text, ...] = ()
    goes_to: Holders = ()
    note: Text | None = None


class Document(Model):
    """A document of the plan; a numbered one goes through drafts lần 1, lần 2 …"""

    title: Text
    numbered: Flag = False
    confidential: Flag = False
    encloses: Ids = ()
    follows: Id | None = None
    series: Series | None = None
    issued_by: Holders = ()
    year_in_number: Flag = False


class Basis(Model):
    """A cited document: number and symbol, day, body, what it is about."""

    number: str
    date: IsoDate | None = None
    body: str | None = None
    title: Text | None = None
    date_as_written: str | None = None
    note: Text | None = None


class Recipient(Model):
    """A line of the recipients' list (nơi nhận)."""

    to: Text
    purpose: Text | None = None
    electronic: Flag = False


class Section(Model):
    """A section of the source with its own number and title."""

    label: str
    title: Text
    sections: tuple[Section, ...] = ()


class Parameter(Model):
    """A value that `create --set name=value` gives."""

    title: Text
    default: str | None = None


class Policies(Model):
    """Readings of dates that an office has to choose; what is left out is as the workspace's calendar file says."""

    before: Literal["strict", "inclusive"] = "strict"
    fixed_day_off: Literal["keep", "working-day-before"] = "working-day-before"
    term_day_off: Literal["keep", "working-day-after"] = "working-day-after"

    def over(self, other: Policies) -> Policies:
        """Return *other* with what is said here in its place."""
        said = {name: getattr(self, name) for name in self.model_fields_set}
        return other.model_copy(update=said)


class Definition(Reminding):
    """A definition: id, version, stages in order (the first is the initial one), steps alongside."""

    workflow: One
    id: Id
    version: Whole = Field(ge=1, le=1_000_000)
    title: Text
    normative: Flag = False
    confidential: Flag = False
    calendar: Id = "vn"
    number: str | None = None
    issued: str | None = None
    series: Series | None = None
    issued_by: Holders = ()
    signed_by: Text | None = None
    lead: Holder | None = None
    with_units: Holders = ()
    by: Holders = ()
    policies: Policies = Policies()
    parameters: Mapping[Id, Parameter] = Field(default_factory=dict)
    documents: Mapping[Id, Document] = Field(default_factory=dict)
    bases: tuple[Basis, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    outline: tuple[Section, ...] = ()
    stages: Mapping[Id, Stage] = Field(min_length=1)
    alongside: Mapping[Id, AlongsideStep] = Field(default_factory=dict)
    note: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_stored(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and ORDER in value:
            value = reordered(value, value[ORDER])
        return value

    def as_data(self) -> dict[str, Any]:
        """Return what was written, as JSON-like values from which validation makes the same definition.

        Canonical JSON sorts its keys, but the order of stages and steps means something: the orders
        that sorting would lose are kept beside them, under `@order`.
        """
        data = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        kept = list(orders(self))
        return data | {ORDER: kept} if kept else data

    @cached_property
    def initial(self) -> str:
        """Id of the first stage."""
        return next(iter(self.stages))

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """Every step by its full address: `stage/step`, or `step` for one beside the stages."""
        return dict(self._addressed())

    @cached_property
    def rungs(self) -> Mapping[str, Rungs]:
        """By full address, what counts for each step on whose work anybody is reminded or told."""
        return rungs_of(self)

    def _addressed(self) -> Iterator[tuple[str, Step]]:
        for stage_id, stage in self.stages.items():
            for step_id, step in stage.steps.items():
                yield f"{stage_id}/{step_id}", step
        yield from self.alongside.items()

    def full_address(self, reference: str, stage: str | None = None) -> str | None:
        """Return the full address of the step that *reference* names, or None.

        A bare step id is looked for in *stage* first, then beside the stages, then in the other
        stages where only one has it. A `@ROUND` is ignored.
        """
        name = reference.split("@", 1)[0]
        if "/" in name:
            return name if name in self.steps else None
        if stage is not None and f"{stage}/{name}" in self.steps:
            return f"{stage}/{name}"
        if name in self.alongside:
            return name
        found = self._by_own_id.get(name, ())
        return found[0] if len(found) == 1 else None

    def candidates(self, name: str) -> tuple[str, ...]:
        """Return the full addresses of all steps with this bare id, in the order of the text."""
        return tuple(self._by_own_id.get(name, ()))

    @cached_property
    def _by_own_id(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for address in self.steps:
            found.setdefault(address.rsplit("/", 1)[-1], []).append(address)
        return found

    def stage_named(self, name: str) -> str | None:
        """Return the id of the stage with this id or this source label, or None."""
        if name in self.stages:
            return name
        labelled = [id_ for id_, stage in self.stages.items() if stage.label == name]
        return labelled[0] if labelled else None


ROUND = re.compile(r"^(?P<address>[^@]+)(?:@(?P<round>\d+))?$")
