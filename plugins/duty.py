"""`uses: duty`: a lasting duty (nhiệm vụ thường xuyên), without a due day and never late.

What was done is logged as it happens; the duty stays open until it is closed, or until its stated period is
over.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import Field

from workflow import (
    Act,
    Context,
    Help,
    Options,
    Parameters,
    Phrase,
    Prose,
    Reason,
    State,
    StepType,
    StepView,
    Text,
    WorkItem,
    action,
    hookimpl,
    prose,
)


class DutyOptions(Options):
    """How long it lasts."""

    closes_after: date | None = Field(
        default=None,
        description=Help(
            "Last day of its stated period: on the day after it is closed by itself",
            vi="Ngày cuối của thời gian thực hiện: hôm sau nhiệm vụ tự kết thúc",
        ),
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
    Options = DutyOptions
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

    def tick(self, view: StepView, context: Context) -> Act | None:
        """Close the duty once its stated period is over, however long after that somebody looks."""
        last = view.options.closes_after
        if view.phase == "closed" or last is None or context.on <= last:
            return None
        return Act({"period_ended": last.isoformat()}, to="closed")

    def wakes(self, view: StepView) -> date | None:
        """The day after its stated period."""
        last = view.options.closes_after
        return None if view.phase == "closed" or last is None else last + timedelta(days=1)

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> DutyState:
        """Return the state after an act."""
        if action == "log":
            # A letter entered late must not move the last activity back.
            latest = max(state.latest_on or data["on"], data["on"])
            return state.model_copy(update={"entries": state.entries + 1, "latest_on": latest})
        if action == "close":
            return state.model_copy(update={"closed_on": data["on"]})
        if action == "tick":
            return state.model_copy(update={"closed_on": data["period_ended"]})
        return DutyState() if state is None else state

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Say that the duty goes on, where it stands inside a stage."""
        # A step beside the stages has no stage in its address, and holds nothing up.
        if view.phase == "closed" or "/" not in view.address:
            return ()
        phrase = Phrase("The lasting duty has not been closed", vi="Nhiệm vụ thường xuyên chưa kết thúc")
        return (Reason("not-closed", phrase, who=(view.lead,) if view.lead else ()),)

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """One item without a due day, open as long as the duty; its title tells the last activity."""
        title = _with_latest(view.title, view.state.latest_on)
        return (WorkItem("duty", title, view.lead, done_on=view.state.closed_on, open=view.phase == "ongoing"),)

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """The unit that leads the duty logs what it did."""
        return (view.lead,) if action == "log" and view.lead else ()


def _with_latest(title: Text, latest_on: str | None) -> Text:
    if latest_on is None:
        return title
    year, month, day = latest_on.split("-")
    return Text(
        vi=f"{title.vi} (gần nhất: {day}/{month}/{year})", en=f"{title.in_language('en')} (latest: {latest_on})"
    )


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `duty`."""
    return (DutyStep(),)
