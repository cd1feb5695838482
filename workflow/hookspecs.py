"""Every hook a plugin can implement, and the markers for it: the only door a plugin needs.

Hooks get small read-only views, never the service. See `plugins/README.md` for examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pluggy

from workflow.deadlines import Calendar
from workflow.errors import Phrase, Reason
from workflow.language.definition import Text
from workflow.messages import Fact
from workflow.plan.state import PlanState
from workflow.steps.step_type import StepType
from workflow.views.papers import Paper

if TYPE_CHECKING:
    from workflow.views.exports import ExportView

PROJECT = "workflow"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True)
class Guard:
    """A named condition for a transition's `requires:`.

    Attributes:
        name: The word in `requires:`.
        unmet: Pure function of the plan's state and the transition's view; returns the reasons why
            not, none lets it through.
    """

    name: str
    title: Text
    unmet: Callable[[PlanState, TransitionView], Sequence[Reason]]


@dataclass(frozen=True)
class TransitionView:
    """A transition as hooks see it: trigger, from, to, the day, and the papers it needs."""

    trigger: str
    source: str
    to: str
    on: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Effect:
    """Something to do outside the database after a change; kept in the outbox.

    *kind* chooses the handler; *payload* are JSON-like values.
    """

    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class EffectCall:
    """One try at carrying out an effect of the outbox.

    Attributes:
        id: The effect's id, `PLAN:SEQ:N`.
        key: Idempotency key in ASCII: the same at every try, and no other effect of any workspace has
            it. Pass it on, so that what was received twice is done once.
        payload: As it was put into the outbox.
        attempt: 1 at the first try, counted anew after `workflow effect retry`.
        settings: `[plugins.NAME]` of workflow.toml, NAME being the plugin's; empty where there is none.
        workspace: The folder of the workspace: what the settings name is relative to it, wherever the worker
            was started. A test gives a folder of its own.
    """

    id: str
    key: str
    kind: str
    payload: Mapping[str, Any]
    plan: str
    attempt: int
    settings: Mapping[str, Any]
    workspace: Path = Path()


class Undeliverable(Exception):
    """A handler's word that no further try can help: the effect is parked at once.

    Args:
        phrase: Why, for whoever looks at parked effects; no personal data, it is kept in the trail.
    """

    def __init__(self, phrase: Phrase) -> None:
        self.phrase = phrase
        super().__init__(str(phrase))


@dataclass(frozen=True)
class EffectHandler:
    """How effects of one kind are carried out.

    Attributes:
        kind: The `Effect.kind` that it carries out.
        carry_out: Called in the worker, outside every transaction, with a time limit; returns None when
            the effect is done. It may be called again for an effect that it has done already, with the
            same key: after a killed worker nobody knows. Whatever it raises is tried again later, and
            in the end parked; `Undeliverable` is parked at once.
        unready: Given the plugin's settings, why no effect could be carried out with them (a server not
            named); `workflow doctor` shows it. None if there is nothing to set.
    """

    kind: str
    title: Text
    carry_out: Callable[[EffectCall], None]
    unready: Callable[[Mapping[str, Any]], Sequence[Reason]] | None = None


@dataclass(frozen=True)
class Exporter:
    """A format for `workflow audit export`.

    Attributes:
        id: The word behind `--format`, in kebab-case.
        suffix: The end of a file's name, such as `.xes`.
        write: Writes the export to a stream that is not closed, sought or read; it yields to nobody, asks no
            clock, and opens nothing. What it raises leaves no file.
        unfit: Asked about each plan before anything is recorded or written: the reasons why it cannot be
            exported so. None where every plan can.
        language: The language in which it is written whatever `--lang` says; None where it is the reader's.
    """

    id: str
    title: Text
    suffix: str
    write: Callable[[ExportView, BinaryIO], None]
    unfit: Callable[[PlanState], Sequence[Reason]] | None = None
    language: str | None = None

    @property
    def name(self) -> str:
        """The id: what things of plugins are called by."""
        return self.id


@dataclass(frozen=True)
class CommandView:
    """What a plugin's own commands may read; `click.pass_obj` hands it in.

    Attributes:
        language: `vi` or `en`.
        plans: Yields the id of every plan.
        plan: Returns a plan's state by its id, read-only; raises `NotFound` where there is none.
    """

    language: str
    plans: Callable[[], Iterator[str]]
    plan: Callable[[str], PlanState]


@hookspec
def step_types() -> Sequence[StepType]:  # type: ignore[empty-body]
    """Return the step types this plugin supplies, one for each word allowed after `uses:`.

    Called when something first needs one of the plugin's names; an empty sequence means none.
    """


@hookspec
def guards() -> Sequence[Guard]:  # type: ignore[empty-body]
    """Return the named guards this plugin supplies for `requires:`."""


@hookspec
def calendars() -> Sequence[Calendar]:  # type: ignore[empty-body]
    """Return the working-day calendars this plugin supplies for `calendar:`."""


@hookspec
def papers() -> Sequence[Paper]:  # type: ignore[empty-body]
    """Return the papers that `paper make` can draw from a plan's data."""


@hookspec
def exporters() -> Sequence[Exporter]:  # type: ignore[empty-body]
    """Return the formats that this plugin supplies for `workflow audit export`."""


@hookspec
def before_transition(plan: PlanState, transition: TransitionView, actor: str | None) -> Sequence[Reason]:  # type: ignore[empty-body]
    """Return reasons why *transition* must not happen now; none lets it through.

    Called for every transition before it fires, and by `next`. Pure. A plugin that raises refuses
    the change and is named.
    """


@hookspec
def after_transition(plan: PlanState, transition: TransitionView, events: Sequence[Fact]) -> Sequence[Effect]:  # type: ignore[empty-body]
    """Return effects to put into the outbox after *transition*, in the same transaction.

    *plan* is the state after the change. A plugin that raises refuses the change and is named.
    """


@hookspec
def events_recorded(plan: PlanState, events: Sequence[Fact]) -> Sequence[Effect]:  # type: ignore[empty-body]
    """Return effects to put into the outbox after any change but a transition."""


@hookspec
def effect_handlers() -> Sequence[EffectHandler]:  # type: ignore[empty-body]
    """Return how the kinds of effect are carried out that this plugin knows.

    Asked for when the plugin is loaded; the handlers are called by `workflow worker` alone.
    """


@hookspec
def commands(cli: Any) -> None:
    """Add commands to *cli*, an empty click group that stands on the command line under the plugin's own name.

    Called when that name is typed, and never for help or completion.
    """
