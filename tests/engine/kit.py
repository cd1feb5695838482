"""What the engine's specification needs besides `engine_kit`: fake plugins, a step type, short words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any

from engine_kit import OFFICER_AT, definition_of, service_with
from pydantic import Field

from workflow import audit, hookimpl
from workflow.errors import WorkflowError
from workflow.language.definition import Definition
from workflow.messages import Event
from workflow.plan.state import PlanState
from workflow.registry import Registry
from workflow.service.service import Service
from workflow.steps.step_type import ENTRY_POINT_GROUP, Act, Parameters, Prose, State, StepType, WorkItem, action, prose

DAY = date(2026, 3, 2)


class VerdictState(State):
    """How often somebody remarked on it."""

    remarks: int = 0


class Remark(Parameters):
    """Parameters of `remark`."""

    text: Prose = Field(min_length=1)


class Verdict(StepType):
    """`uses: verdict`: passed or failed; remarks are taken even after the stage was left."""

    name = "verdict"
    title = {"vi": "Kết luận", "en": "Verdict"}
    states = {state: {"vi": state, "en": state} for state in ("open", "passed", "failed")}
    complete_states = ("passed", "failed")
    State = VerdictState

    @action("pass", title={"vi": "Đạt", "en": "Pass"}, source="open", to="passed")
    def passing(self, view: Any, parameters: Parameters, context: Any) -> Act:
        return Act()

    @action("fail", title={"vi": "Không đạt", "en": "Fail"}, source="open", to="failed")
    def failing(self, view: Any, parameters: Parameters, context: Any) -> Act:
        return Act()

    @action("remark", title={"vi": "Nhận xét", "en": "Remark"}, parameters=Remark, late=True)
    def remark(self, view: Any, parameters: Remark, context: Any) -> Act:
        return Act(data={"text": prose(parameters.text)})

    def evolve(self, state: VerdictState | None, action: str, data: Mapping[str, Any]) -> VerdictState:
        if state is None:
            return VerdictState()
        return VerdictState(remarks=state.remarks + (action == "remark"))

    def work_items(self, view: Any) -> tuple[WorkItem, ...]:
        return (WorkItem("verdict", view.title, view.lead, view.due_on, open=view.phase == "open"),)


class Point:
    """An entry point that gives what it was made with, or raises it."""

    dist = None
    group = ENTRY_POINT_GROUP

    def __init__(self, name: str, plugin: Any, value: str = "fake.module") -> None:
        self.name, self.value, self._plugin = name, value, plugin

    def load(self) -> Any:
        if isinstance(self._plugin, BaseException):
            raise self._plugin
        return self._plugin


def plugin(**hooks: Callable[..., Any]) -> ModuleType:
    """Return a module with these functions as its hooks."""
    module = ModuleType("fake")
    for name, function in hooks.items():
        function.__name__ = name
        setattr(module, name, hookimpl(function))
    return module


def registry(*points: Point, **kwargs: Any) -> Registry:
    """Return the shipped plugins, `uses: verdict`, and *points*."""
    own = Point("verdict", plugin(step_types=lambda: (Verdict(),)))
    return Registry(found=[*entry_points(group=ENTRY_POINT_GROUP), own, *points], **kwargs)


def hooked(name: str = "fake", **hooks: Callable[..., Any]) -> Registry:
    """Return the registry with one more plugin *name* of these hooks."""
    return registry(Point(name, plugin(**hooks)))


_VERDICTS = registry()


def begun(stages: Mapping[str, Any], plugins: Registry = _VERDICTS, *, login: Any = None, **more: Any) -> Service:
    """Return a service with one plan `p`, begun on `DAY`, of a definition with these stages."""
    service = service_with(stages_of(stages, **more), registry=plugins, login=login)
    service.create("d", "p", OFFICER_AT(DAY))
    return service


def stages_of(stages: Mapping[str, Any], **more: Any) -> Definition:
    """Return a definition with these stages, titled by their ids; the last one is final."""
    last = list(stages)[-1]
    titled = {name: {"title": name.upper(), "final": name == last, **stage} for name, stage in stages.items()}
    return definition_of({"stages": titled, **more})


def to(target: str, **more: Any) -> dict[str, Any]:
    """Return a transition, ready for `transitions:`."""
    return {"to": target, **more}


def state(service: Service, plan: str = "p") -> PlanState:
    """Return the plan's stored state."""
    return service.state_of(service.store.plan(plan))


def events(service: Service, plan: str = "p") -> list[Event]:
    """Return the chain's events."""
    return [audit.event_of(row.body) for row in service.store.events(plan)]


def types(service: Service, plan: str = "p") -> list[str]:
    """Return the types of the chain's events, in order."""
    return [event.type for event in events(service, plan)]


def codes(error: WorkflowError) -> set[str]:
    """Return the codes of an error's reasons."""
    return {reason.code for reason in error.reasons}
