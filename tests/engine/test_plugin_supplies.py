"""What plugins supply and are shown: calendars of the right shape, and transitions with their papers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Literal

import pytest
from engine.kit import DAY, Point, Verdict, begun, hooked, plugin, registry, state, to
from engine_kit import OFFICER_AT
from pydantic import create_model

from workflow.plan.acting import MadeRevision
from workflow.steps.step_type import Act, Import, Parameters, StepType, action

GO = {"a": {"transitions": {"go": to("b")}}, "b": {}}


class Office:
    """A calendar of every day."""

    name = "office"
    version = "1"

    def is_working_day(self, day: date) -> bool:
        return True


class Counted(Office):
    """A calendar that works its version out."""

    @property
    def version(self) -> str:
        raise AssertionError("nobody needs it yet")


def broken(**changes: Any) -> Any:
    """Return a calendar with these members instead of its own."""
    return type("Broken", (Office,), changes)()


@pytest.mark.parametrize(
    "calendars",
    [
        lambda: ["vn"],
        lambda: [None],
        lambda: 7,
        lambda: [Office],
        lambda: [broken(name=None)],
        lambda: [broken(name=["office"])],
        lambda: [broken(version=3)],
        lambda: [broken(is_working_day=True)],
        lambda: [object()],
        lambda: [Office(), "vn"],
    ],
)
def test_a_plugin_that_supplies_no_calendar_is_named_and_the_rest_works(calendars: Callable[[], Any]):
    """Nothing of it is used, its hooks included; plans under the other calendars go on."""

    def veto(plan: Any) -> list[Any]:
        raise AssertionError("a failed plugin is asked nothing")

    plugins = registry(Point("rubbish", plugin(calendars=calendars, before_transition=veto)))
    service = begun(GO, plugins)

    service.advance("p", "go", OFFICER_AT(DAY))

    assert ["rubbish"] == [info.name for info in plugins.plugins if info.error]
    assert ["vn"] == list(plugins.calendars)
    assert "b" == state(service).stage


@pytest.mark.parametrize("calendar", [Office(), Counted()])
def test_a_calendar_of_the_right_shape_is_taken(calendar: Any):
    """A version may be worked out when it is needed."""
    plugins = hooked(calendars=lambda: [calendar])

    assert [] == [info.error for info in plugins.plugins if info.error]
    assert calendar is plugins.calendars["office"]


@pytest.mark.parametrize("hook", ["step_types", "guards"])
def test_what_has_no_name_is_not_taken(hook: str):
    """A plugin whose things cannot be called by name is told as failed."""

    class Nameless(StepType):
        complete_states = ("open",)
        states = {"open": {"vi": "mở"}}
        name = None

    plugins = hooked(**{hook: lambda: [Nameless()]})

    assert ["fake"] == [info.name for info in plugins.plugins if info.error]


class Writer(StepType):
    """`uses: writer`: makes the paper."""

    name = "writer"
    title = {"vi": "Viết", "en": "Write"}
    states = {"open": {"vi": "mở"}, "done": {"vi": "xong"}}
    complete_states = ("done",)

    @action("write", title={"vi": "Viết", "en": "Write"}, source="open", to="done")
    def write(self, view: Any, parameters: Any, context: Any) -> Act:
        return Act(revisions=(MadeRevision("paper", 1),))


def test_a_hook_after_a_transition_sees_the_papers_it_needed():
    """`after_transition` is shown the same view as `before_transition`."""
    seen: list[Any] = []

    def before(transition: Any) -> list[Any]:
        seen.append(transition)
        return []

    def after(transition: Any) -> list[Any]:
        seen.append(transition)
        return []

    own = plugin(step_types=lambda: [Writer()], before_transition=before, after_transition=after)
    stages = {"a": {"steps": {"write": {"uses": "writer"}}, "transitions": {"go": to("b", needs="paper")}}, "b": {}}
    service = begun(stages, registry(Point("own", own)), documents={"paper": {"title": "Tờ trình"}})
    service.act("p", "write", "write", {}, OFFICER_AT(DAY))
    seen.clear()

    service.advance("p", "go", OFFICER_AT(DAY))

    assert [seen[0]] * len(seen) == seen and len(seen) > 1
    assert ("paper",) == seen[-1].needs


@pytest.mark.parametrize(
    ("taken", "words", "told"),
    [
        (str, {"agree": ("Đồng ý",)}, "no Literal"),
        (Literal["agree"] | None, {"agrees": ("Đồng ý",)}, "agrees"),
        (Literal["agree"] | None, {"agree": ("Đồng ý",)}, None),
    ],
)
def test_words_for_what_a_parameter_cannot_be_are_told(taken, words, told):
    """The import would pass over them in silence: only values of a choice have words."""
    model = create_model("Taken", __base__=Parameters, position=(taken, ...))

    class Worded(Verdict):
        name = "worded"
        imports = Import("say", {"position": ("Ý kiến",)}, {"position": words})

        @action("say", title={"vi": "Nói", "en": "Say"}, parameters=model)
        def say(self, view, parameters, context):
            """Say it."""
            return Act({})

    plugins = registry(Point("worded", plugin(step_types=lambda: (Worded(),))))
    error = next(info.error for info in plugins.plugins if info.name == "worded")

    assert error is None if told is None else told in str(error)
