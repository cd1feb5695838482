"""Requests for later days: which wait for a decision, and whose that is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workflow.decide.extensions import matter_asked
from workflow.decide.situation import Process
from workflow.language.definition import Text
from workflow.plan.state import ACTIVE, PlanState
from workflow.views.worklists import LaterDay


def later_days(state: PlanState, process: Process, name: Callable[[str], Text | None]) -> Iterator[LaterDay]:
    """Yield what was asked for on a plan and nobody has decided.

    Args:
        name: The name of a person.
    """
    if state.status != ACTIVE:
        return
    for asked in state.asked:
        matter = matter_asked(process, state, asked.where)
        yield LaterDay(
            plan=state.id,
            where=asked.where,
            title=matter.title,
            due=asked.due,
            now=matter.now,
            by=asked.by,
            by_name=name(asked.by) if asked.by else None,
            on=asked.on,
            seq=asked.seq,
            who=matter.deciders,
        )
