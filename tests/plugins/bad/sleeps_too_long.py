"""A bad plugin: `wakes` says never, and yet there is something to record."""

from workflow import Act, Phrase, Reason, State, StepType, WorkItem, hookimpl


class Waiting(StepType):
    """Ends by itself the day after it was opened."""

    name = "bad-waiting"
    title = {"vi": "Chờ đợi", "en": "Waiting"}
    states = {"open": {"vi": "Đang chờ", "en": "Open"}, "over": {"vi": "Đã qua", "en": "Over"}}
    complete_states = ("over",)
    State = State

    def tick(self, view, context):
        """End it."""
        return Act(to="over") if view.phase == "open" and context.on.isoformat() > view.opened_on else None

    def wakes(self, view):  # <- 12
        """Never."""
        return None

    def blockers(self, view):
        """Not over yet."""
        if view.phase == "over":
            return ()
        return (Reason("not-over", Phrase("it is not over", vi="chưa qua")),)

    def work_items(self, view):
        """To wait."""
        return (WorkItem("wait", view.title, view.lead, open=view.phase == "open"),)


@hookimpl
def step_types():
    """Supply it."""
    return (Waiting(),)
