"""Every hook a plugin can implement, and the markers for it: the only door a plugin needs.

Hooks get small read-only views, never the service. See `plugins/README.md` for examples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pluggy

from workflow.deadlines import Calendar
from workflow.errors import Reason
from workflow.language.definition import Text
from workflow.messages import Fact
from workflow.plan.state import PlanState
from workflow.steps.step_type import StepType
from workflow.views.papers import Paper

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
