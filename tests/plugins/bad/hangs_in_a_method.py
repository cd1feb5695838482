"""A bad plugin: evolve waits."""

from __future__ import annotations

from collections import deque
from itertools import cycle

from pydantic import Field

from workflow import (
    Act,
    Help,
    Parameters,
    Phrase,
    Prose,
    Reason,
    State,
    StepType,
    WorkItem,
    action,
    hookimpl,
    prose,
)


class Visited(Parameters):
    """What was found."""

    note: Prose | None = Field(None, description=Help("A remark", vi="Nhận xét"))


class VisitState(State):
    """What is known."""

    visits: int = 0


class Visit(StepType):
    """Somebody goes there."""

    name = "bad-visit"
    title = {"vi": "Kiểm tra thực địa", "en": "Site visit"}
    states = {"open": {"vi": "Chưa kiểm tra", "en": "Open"}, "done": {"vi": "Đã kiểm tra", "en": "Done"}}
    complete_states = ("done",)
    State = VisitState

    @action("visit", title={"vi": "Kiểm tra", "en": "Visit"}, source="open", to="done", parameters=Visited)
    def visit(self, view, parameters, context):
        """Record the visit."""
        return Act({"note": prose(parameters.note)})

    def evolve(self, state, action, data):
        """Count."""
        if state is None:
            return VisitState()
        deque(cycle(data or "x"), maxlen=0)  # <- 20
        return VisitState(visits=state.visits + 1)

    def blockers(self, view):
        """Not visited."""
        if view.phase == "done":
            return ()
        return (Reason("not-visited", Phrase("not visited", vi="chưa kiểm tra")),)

    def work_items(self, view):
        """The visit."""
        return (WorkItem("visit", view.title, view.lead, view.due_on, open=view.phase == "open"),)


@hookimpl
def step_types():
    """Supply it."""
    return (Visit(),)
