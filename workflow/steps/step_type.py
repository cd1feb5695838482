"""What a step type is: the protocol that every word after `uses:` must offer.

A step type is one class. From it come the validation of the YAML, the actions on the command line,
the audit events, the list of work owed, replay and the pictures. The engine knows no step type of
its own. Plugins import all this from `workflow`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict

from workflow.errors import Phrase, Reason
from workflow.language.definition import Text
from workflow.messages import FreeText
from workflow.plan.acting import Act
from workflow.steps.tables import StepTable
from workflow.steps.views import Context, StepView

ENTRY_POINT_GROUP = "workflow.plugins"


@dataclass(frozen=True)
class Reference:
    """Annotation of an option or parameter: its value names something that must exist.

    *kind* is `unit` (unit or `@group`), `holder` (unit, office, role or person), `document`,
    `step` (an address), `stage`.
    """

    kind: str


UnitRef = Annotated[str, Reference("unit")]
HolderRef = Annotated[str, Reference("holder")]
DocumentRef = Annotated[str, Reference("document")]
StepRef = Annotated[str, Reference("step")]


@dataclass(frozen=True)
class FreeTextMark:
    """Annotation of a parameter that holds free or personal text."""


Prose = Annotated[str, FreeTextMark()]
"""A parameter with free or personal text; wrap its value in `prose()` in the act's data."""


def prose(value: str | None) -> FreeText | None:
    """Mark *value* as free text before it goes into an act's data; None stays None."""
    return None if value is None else FreeText(value)


class Options(BaseModel):
    """Base for the parameters under `with:`."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class State(BaseModel):
    """Base for a step type's own state: frozen, tuples instead of lists, JSON-like values."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Parameters(BaseModel):
    """Base for an action's parameters. A field's `description` becomes the option's help."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


@dataclass(frozen=True)
class Origin:
    """Where a work item's due day comes from, as `due --explain` tells it. Nothing of it is stored.

    Attributes:
        wording: The source's own words for the date.
        rule: The rule in words, where it is the step type's own ("before the 13th of each month").
        written: ISO day that was written, before any policy.
        before: True where it is owed before that day.
        inherited_from: Whose date it has, such as the key of the row above.
        at: Path in the state at which the due day stands, as `running` names it.
    """

    wording: str | None = None
    rule: Text | None = None
    written: str | None = None
    before: bool = False
    inherited_from: str | None = None
    at: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class WorkItem:
    """Something somebody owes by a day.

    Attributes:
        key: Distinguishes the items of one step round, e.g. the unit that owes an answer.
        title: What is owed; `{so-tu-phap}` in it is shown as that unit's name.
        owner: Unit, office or person that owes it.
        due_on: ISO day, inclusive; None where there is none.
        done_on: ISO day on which it was done; None while it is open.
        open: True while it is owed.
        since: ISO day since which the owner has it; the day the step was opened where None.
        due_at: Hour of the due day, local time, such as `16:00`; the day's end where None.
        done_at: Hour of the day on which it was done, where it is known.
        origin: Where the due day comes from.
        asked_by: Unit, office or person that handed something on and waits for this; the step's lead where None.
    """

    key: str
    title: Text
    owner: str | None
    due_on: str | None = None
    done_on: str | None = None
    open: bool = True
    since: str | None = None
    due_at: str | None = None
    done_at: str | None = None
    origin: Origin | None = None
    asked_by: str | None = None


@dataclass(frozen=True)
class Action:
    """A thing a person can do on a step: a trigger of the step's machine.

    Attributes:
        source: States in which it is possible; empty means all.
        to: States it can lead to; empty means it stays where it is.
        late: Still possible after the step's stage was left.
        own: Always done in the name of one of `performers`: whom `by:` names may do it only as one of
            them, or as somebody who records for one.
        redates: It puts other due days in the place of those that open items had; the first ones stay beside them.
    """

    name: str
    title: Text
    source: tuple[str, ...]
    to: tuple[str, ...]
    parameters: type[Parameters]
    late: bool
    method: str
    own: bool = False
    redates: bool = False


def action(
    name: str,
    *,
    title: Mapping[str, str],
    source: tuple[str, ...] | str = (),
    to: tuple[str, ...] | str = (),
    parameters: type[Parameters] = Parameters,
    late: bool = False,
    own: bool = False,
    redates: bool = False,
) -> Callable[[Any], Any]:
    """Mark a step type's method as an action.

    The method is called as `method(view, parameters, context)` and returns an `Act`; it is pure and
    raises `Refused` with reasons where the act is not possible.
    """

    def mark(method: Any) -> Any:
        method.action = Action(
            name=name,
            title=Text(**title),
            source=(source,) if isinstance(source, str) else tuple(source),
            to=(to,) if isinstance(to, str) else tuple(to),
            parameters=parameters,
            late=late,
            method=method.__name__,
            own=own,
            redates=redates,
        )
        return method

    return mark


@dataclass(frozen=True)
class ImportRow:
    """A row of a table below its header, as a step type sees it before its cells are read.

    Attributes:
        cells: What stands in the columns that were found, by parameter: text, day, None where empty.
        merged: Parameters whose cell is one with the cell of the row above, which stands here too; None for
            a text, which cannot show that.
        spanning: One merged cell is all that the row has: a heading between rows.
        text: All its words.
        doubts: What is told of the row beside what becomes of it.
        left_out: It is told, and no action is made of it.
    """

    number: int
    cells: Mapping[str, Any]
    merged: frozenset[str] | None = frozenset()
    spanning: bool = False
    text: str = ""
    doubts: tuple[Reason, ...] = ()
    left_out: bool = False


@dataclass(frozen=True)
class Import:
    """What `workflow import` makes of the rows of a table: one action for each.

    Headings and words are compared without regard to case, and without accents where nothing fits with
    them. A column for `on` says on which day the row's act happened, unless the action has such a
    parameter itself.

    Attributes:
        action: Name of the action.
        columns: Parameter name to the headings under which it may stand.
        words: Parameter name to each of its values with the words that mean it.
        prepare: Pure; gets every row below the header, headings between rows too, and returns what is to be
            read: cleaned, with what a row has from its place in the table, and with doubts to tell. Without
            it headings are left out and the rest is read as it stands.
    """

    action: str
    columns: Mapping[str, tuple[str, ...]]
    words: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    prepare: Callable[[Sequence[ImportRow]], Iterable[ImportRow]] | None = None


@dataclass(frozen=True)
class Recorded:
    """A round that an older version of a step type recorded: kept to show that it can still be read.

    Attributes:
        version: The version that recorded it.
        acts: (action, data) of each event in order, the first is `open`; the data as `evolve` was given them.
        state: What they have to make today, as JSON-like values.
    """

    version: str
    acts: tuple[tuple[str, Mapping[str, Any]], ...]
    state: Mapping[str, Any]


class StepType:
    """Base of all step types; see `plugins/README.md`.

    Attributes:
        name: The word after `uses:`.
        version: Version of the type's events, stored with each; another one when the data change.
        recorded: Rounds of older versions, which `workflow plugin check` reads again.
        states: State id to title; the first is the initial one.
        complete_states: States in which nothing more is owed.
        outcomes: Words that a transition's `outcome:` may ask for; by default the complete states.
        lasting: True for a type that is never complete by itself (a lasting duty).
        imports: What the rows of an imported table become; None for a type that takes no tables.
        hours: True for a type whose work items may be due at an hour (`due_at`); lists ask only those.
        normative_only: True for a type that binds only normative products; `check` tells it of others.
    """

    name: ClassVar[str]
    version: ClassVar[str] = "1"
    recorded: ClassVar[tuple[Recorded, ...]] = ()
    title: ClassVar[Mapping[str, str]]
    states: ClassVar[Mapping[str, Mapping[str, str]]]
    complete_states: ClassVar[tuple[str, ...]]
    outcomes: ClassVar[tuple[str, ...]] = ()
    lasting: ClassVar[bool] = False
    imports: ClassVar[Import | None] = None
    hours: ClassVar[bool] = False
    normative_only: ClassVar[bool] = False
    Options: ClassVar[type[Options]] = Options
    State: ClassVar[type[State]] = State

    def open(self, view: StepView, context: Context) -> Act:
        """Return what is looked up when the step opens: invited units, dates of single items."""
        return Act()

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> Any:
        """Return the type's state after an act; pure. *action* is `open` for the first call."""
        return self.State() if state is None else state

    def upcast(self, action: str, version: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the data of an event that another *version* recorded as today's `evolve` reads them; pure."""
        return data

    def told(self, action: str, data: Mapping[str, Any]) -> tuple[Phrase, ...]:
        """Say what an act did beyond its name: days that moved, a sum, how late; pure.

        *data* are the event's, with `on`; free texts are no longer in them. It is shown where the act is confirmed.
        """
        return ()

    def tables(self, view: StepView) -> tuple[StepTable, ...]:
        """Return tables that `show PLAN STEP` has beside the step: a register, figures with their totals; pure."""
        return ()

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Say why the step is not complete, one reason for each thing missing.

        A complete step may have some too: they hold the gates, though nothing waits for it any longer.
        """
        return ()

    def running(self, view: StepView) -> Sequence[tuple[str | int, ...]]:
        """Say where in the state days stand that the context counted and that still run, as paths of keys and places.

        They move when the calendar changes, when the plan goes on after a suspension, and with the step's own day.
        """
        return ()

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """Say who owes what by when, open items and done ones."""
        return ()

    def outcome(self, view: StepView) -> str | None:
        """The word that a transition's `outcome:` is compared with; by default the complete state."""
        return view.phase if view.phase in self.complete_states else None

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """Units, offices or roles that may do *action* besides those the definition names in `by:`.

        `next` asks before anything was given, with *parameters* None: then all who may, whatever they are.
        """
        return ()

    def reserved(self, view: StepView, action: str) -> tuple[str, ...]:
        """Units, offices or persons that alone may do *action*, whatever `by:` says; empty if it is not so."""
        return ()

    def why_not(self, view: StepView, action: str) -> Sequence[Reason]:
        """Return reasons to tell beside the refusal of an *action* that the step's state does not know."""
        return ()

    def own_matter(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """Units and persons whose own matter *action* would be: none of them may do it, whatever `by:` says."""
        return ()

    def grants(self, view: StepView, key: str) -> tuple[str, ...]:
        """Who decides on a later day for a work item; empty means whoever may act on the step by the definition."""
        return ()

    def rests_on(self, later: tuple[str, Mapping[str, Any]], earlier: tuple[str, Mapping[str, Any]]) -> bool:
        """True if a *later* act, as (action, data), is about what an *earlier* one made: a row, a number; pure.

        The earlier one cannot be corrected while the later one stands. An act that would do nothing without
        the other rests on it in any case.
        """
        return False

    def tick(self, view: StepView, context: Context) -> Act | None:
        """Return what became due by `context.on` by itself (a period's report, the end of a year), or None.

        The engine records it as the action `tick`, of the day `context.on`, before each command on the plan
        and when it is ticked. Its `to` is one of the type's states; without it the step stays as it is.
        """
        return None

    def wakes(self, view: StepView) -> date | None:
        """Return the next day on which `tick` has something to record, which may be past; None for never.

        It follows from the view alone. From it the engine knows, without reading them all, which plans have
        something to do, and `tick` is asked on each such day by itself. A type with a `tick` that does not
        say it is asked whenever anybody looks at the plan.
        """
        return None

    def endless(self, options: Any) -> bool:
        """True if the step goes on until something ends it; `check` asks for an `until:` beside the stages."""
        return False

    def draft(self, options: Any) -> tuple[str, int] | None:
        """The document and draft number that this step brings about, for checks; None if none."""
        return None

    def papers(self, options: Any) -> tuple[str, ...]:
        """Documents that can be handed in with this step; by default the one that it drafts."""
        made = self.draft(options)
        return (made[0],) if made else ()

    def publishes(self, options: Any) -> bool:
        """True if the step shows a document to the public; refused for confidential ones."""
        return False

    @classmethod
    def actions(cls) -> Mapping[str, Action]:
        """The type's actions by name, in the order of the class body."""
        found = {}
        for owner in reversed(cls.__mro__):
            for member in vars(owner).values():
                declared = getattr(member, "action", None)
                if isinstance(declared, Action):
                    found[declared.name] = declared
        return found
