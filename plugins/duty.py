"""`uses: duty`: a lasting duty (nhiệm vụ thường xuyên), without a due day and never late.

What was done is logged as it happens; the duty stays open until it is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from workflow import (
    Act,
    Context,
    Help,
    Parameters,
    Phrase,
    Prose,
    Reason,
    State,
    StepType,
    StepView,
    WorkItem,
    action,
    hookimpl,
    prose,
)


class DutyState(State):
    """How often something was logged, and when last."""

    entries: int = 0
    latest_on: str | None = None
    closed_on: str | None = None


class Entry(Parameters):
    """Something that was done for the duty; files handed in with it are its evidence."""

    text: Prose = Field(min_length=1, description=Help("What was done", vi="Việc đã làm"))


class DutyStep(StepType):
    """A duty that lasts until it is closed."""

    name = "duty"
    title = {"vi": "Nhiệm vụ thường xuyên", "en": "Lasting duty"}
    states = {
        "ongoing": {"vi": "Đang thực hiện", "en": "Ongoing"},
        "closed": {"vi": "Đã kết thúc", "en": "Closed"},
    }
    complete_states = ("closed",)
    lasting = True
    State = DutyState

    @action(
        "log",
        title={"vi": "Ghi việc đã làm", "en": "Log what was done"},
        source="ongoing",
        parameters=Entry,
        late=True,
    )
    def log(self, view: StepView, parameters: Entry, context: Context) -> Act:
        """Add an entry with its evidence."""
        files = [attachment.sha256 for attachment in context.attachments]
        return Act({"text": prose(parameters.text), "files": files})

    @action("close", title={"vi": "Kết thúc nhiệm vụ", "en": "Close the duty"}, source="ongoing", to="closed")
    def close(self, view: StepView, parameters: Parameters, context: Context) -> Act:
        """End the duty."""
        return Act()

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> DutyState:
        """Return the state after an act."""
        if action == "log":
            # A letter entered late must not move the last activity back.
            latest = max(state.latest_on or data["on"], data["on"])
            return state.model_copy(update={"entries": state.entries + 1, "latest_on": latest})
        if action == "close":
            return state.model_copy(update={"closed_on": data["on"]})
        return DutyState() if state is None else state

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Say that the duty goes on, where it stands inside a stage."""
        # A step beside the stages has no stage in its address, and holds nothing up.
        if view.phase == "closed" or "/" not in view.address:
            return ()
        phrase = Phrase("The lasting duty has not been closed", vi="Nhiệm vụ thường xuyên chưa kết thúc")
        return (Reason("not-closed", phrase, who=(view.lead,) if view.lead else ()),)

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """One item without a due day, open as long as the duty."""
        return (WorkItem("duty", view.title, view.lead, done_on=view.state.closed_on, open=view.phase == "ongoing"),)

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """The unit that leads the duty logs what it did."""
        return (view.lead,) if action == "log" and view.lead else ()


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `duty`."""
    return (DutyStep(),)
