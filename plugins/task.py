"""`uses: task`: a piece of work that somebody hands in and somebody accepts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from workflow import (
    Act,
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


class TaskOptions(Options):
    """What `with:` takes."""

    produces: Text | None = Field(
        None, description=Help("What the work brings about, in words", vi="Kết quả của công việc, bằng lời")
    )


class TaskState(State):
    """Days of the last handing in and of the acceptance, and how often the work came back."""

    handed_in_on: str | None = None
    done_on: str | None = None
    returned: int = 0


class HandIn(Parameters):
    """Parameters of `hand-in` and `complete`."""

    result: Prose | None = Field(
        None, description=Help("What was done, in a sentence", vi="Việc đã làm, trong một câu")
    )


class SendBack(Parameters):
    """Parameters of `return`."""

    reason: Prose = Field(min_length=1, description=Help("What is still missing", vi="Còn thiếu những gì"))


class Task(StepType):
    """Work of one lead: handed in, then accepted or returned with a reason.

    Where one person does and judges it, `complete` takes both steps at once. The lead's time stops
    when the work is handed in and runs on when it comes back.
    """

    name = "task"
    title = {"vi": "Công việc", "en": "Task"}
    states = {
        "open": {"vi": "Đang thực hiện", "en": "Open"},
        "handed-in": {"vi": "Đã nộp kết quả", "en": "Handed in"},
        "done": {"vi": "Đã hoàn thành", "en": "Done"},
    }
    complete_states = ("done",)
    Options = TaskOptions
    State = TaskState

    @action(
        "hand-in",
        title={"vi": "Nộp kết quả", "en": "Hand in"},
        source="open",
        to="handed-in",
        parameters=HandIn,
    )
    def hand_in(self, view: StepView, parameters: HandIn, context: Any) -> Act:
        """Hand the work in for acceptance."""
        return Act(data=_result(parameters))

    @action("accept", title={"vi": "Chấp nhận", "en": "Accept"}, source="handed-in", to="done")
    def accept(self, view: StepView, parameters: Parameters, context: Any) -> Act:
        """Accept what was handed in."""
        return Act()

    @action(
        "return",
        title={"vi": "Trả lại", "en": "Return"},
        source="handed-in",
        to="open",
        parameters=SendBack,
    )
    def send_back(self, view: StepView, parameters: SendBack, context: Any) -> Act:
        """Give the work back, saying what is missing."""
        return Act(data={"reason": prose(parameters.reason)})

    @action(
        "complete",
        title={"vi": "Hoàn thành", "en": "Complete"},
        source="open",
        to="done",
        parameters=HandIn,
    )
    def complete(self, view: StepView, parameters: HandIn, context: Any) -> Act:
        """Hand in and accept at once."""
        return Act(data=_result(parameters))

    def evolve(self, state: TaskState | None, action: str, data: Mapping[str, Any]) -> TaskState:
        """Keep the days and count the returns."""
        if state is None:
            return TaskState()
        changes: dict[str, dict[str, Any]] = {
            "hand-in": {"handed_in_on": data["on"]},
            "accept": {"done_on": data["on"]},
            "return": {"handed_in_on": None, "returned": state.returned + 1},
            "complete": {"handed_in_on": data["on"], "done_on": data["on"]},
        }
        return state.model_copy(update=changes.get(action, {}))

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Name the work, or the acceptance, that is missing."""
        if view.phase == "done":
            return ()
        who = (view.lead,) if view.lead else ()
        step = {"step": view.address}
        if view.phase == "handed-in":
            phrase = Phrase(
                "the work of `{step}` is handed in and not yet accepted",
                step,
                vi="kết quả của `{step}` đã nộp, chưa được chấp nhận",
            )
            return (Reason("not-accepted", phrase, who),)
        phrase = Phrase("the work of `{step}` is not done", step, vi="công việc `{step}` chưa hoàn thành")
        return (Reason("not-done", phrase, who),)

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """Return the lead's work, and the acceptance once it is handed in."""
        state = view.state
        work = WorkItem(
            key="work",
            title=view.title,
            owner=view.lead,
            due_on=view.due_on,
            done_on=state.handed_in_on,
            open=view.phase == "open",
        )
        if view.phase != "handed-in":
            return (work,)
        title = Text(vi="Chấp nhận kết quả", en="Accept the result")
        return work, WorkItem(key="acceptance", title=title, owner=view.lead, due_on=view.due_on)


def _result(parameters: HandIn) -> dict[str, Any]:
    return {"result": prose(parameters.result)} if parameters.result else {}


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `uses: task`."""
    return (Task(),)
