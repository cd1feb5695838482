"""Events of an older version of a step type are read by what its author says of them."""

from __future__ import annotations

from dataclasses import replace

from workflow import Act, Parameters, State, StepType, action
from workflow.testing import Office

DEFINITION = {
    "by": "officer",
    "stages": {
        "doing": {
            "title": "Làm",
            "steps": {"count": {"uses": "tally", "lead": "office"}},
            "transitions": {"end": {"to": "done"}},
        },
        "done": {"title": "Xong", "final": True},
    },
}


class Given(Parameters):
    """How many."""

    number: int


class TallyState(State):
    """The sum."""

    total: int = 0


class Tally(StepType):
    """Version 1 wrote `n`."""

    name = "tally"
    title = {"vi": "Đếm", "en": "Tally"}
    states = {"open": {"vi": "Đang đếm", "en": "Open"}, "closed": {"vi": "Xong", "en": "Closed"}}
    complete_states = ("closed",)
    State = TallyState
    key = "n"

    @action("add", title={"vi": "Cộng", "en": "Add"}, parameters=Given)
    def add(self, view, parameters, context):
        """Add a number."""
        return Act({self.key: parameters.number})

    def evolve(self, state, action, data):
        """Sum up."""
        return TallyState() if state is None else TallyState(total=state.total + data[self.key])


class NewTally(Tally):
    """Version 2 writes `number`."""

    version = "2"
    key = "number"

    def upcast(self, action, version, data):
        """Version 1 called it `n`."""
        assert "1" == version
        return {("number" if name == "n" else name): value for name, value in data.items()}


def test_a_plan_of_an_older_version_goes_on_and_verifies():
    """Replay hands old data to `upcast` first; new events stand beside them with their own version."""
    old = Office(Tally())
    old.start(DEFINITION).act("count", "add", number=3)

    new = Office(NewTally(), store=old.store)
    new.define(DEFINITION)
    walk = replace(old.start(DEFINITION, "other"), office=new, plan="plan-1")
    walk.act("count", "add", number=4)

    assert 7 == walk.state.steps["doing/count"].current.state["total"]
    assert ["1", "1", "2"] == [event.plugin["version"] for event in walk.trail if event.plugin]
    walk.trail.assert_sound()
