"""Plugins: guards, hooks and step types do their part, and one that fails damages no plan."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from engine.kit import DAY, Point, Verdict, begun, codes, events, hooked, plugin, registry, state, to
from engine_kit import OFFICER_AT

from workflow.errors import Phrase, PluginFailed, Reason, Refused, WorkflowError
from workflow.hookspecs import Effect, Guard
from workflow.language.definition import Text
from workflow.plan.acting import MadeRevision
from workflow.registry import Registry
from workflow.steps.step_type import Act, Import, Parameters, State, WorkItem, action

TASK = {"uses": "task"}
GO = {"a": {"transitions": {"go": to("b")}}, "b": {}}
GUARDED = {"a": {"transitions": {"go": to("b", requires="enough")}}, "b": {}}


def no(code: str) -> Reason:
    """Return a reason."""
    return Reason(code, Phrase("not enough", vi="chưa đủ"))


def guard(unmet: Any, name: str = "enough") -> Any:
    """Return a `guards` hook with one guard."""
    return lambda: (Guard(name, Text(vi="Đủ"), unmet),)


def refuses(service: Any, *wanted: str) -> WorkflowError:
    """Assert that `go` is refused with these words in its reasons and that nothing changed."""
    before = service.store.plan("p"), list(service.store.events("p")), service.store.effects()
    with pytest.raises(Refused) as refused:
        service.advance("p", "go", OFFICER_AT(DAY))
    told = " ".join([str(refused.value), *map(str, refused.value.reasons)])
    assert [] == [word for word in wanted if word not in told]
    assert before == (service.store.plan("p"), list(service.store.events("p")), service.store.effects())
    assert () == service.record.verify().findings
    return refused.value


def test_a_guard_of_a_plugin_keeps_a_transition_back():
    """`requires:` asks the plugin with the plan and a view of the transition; its reasons are the refusal's."""
    seen: list[Any] = []

    def unmet(plan: Any, transition: Any) -> tuple[Reason, ...]:
        seen.append((plan.stage, transition.trigger, transition.source, transition.to, transition.on))
        return (no("too-little"),) if len(seen) == 1 else ()

    service = begun(GUARDED, hooked(guards=guard(unmet)))

    assert {"too-little"} == codes(refuses(service))
    service.advance("p", "go", OFFICER_AT(DAY))

    assert ("a", "go", "a", "b", DAY.isoformat()) == seen[0]
    assert "b" == state(service).stage
    fired = next(event for event in events(service) if event.type == "transition_fired")
    assert ["enough"] == fired.data["requires"]


def test_a_hook_before_every_transition_can_veto():
    """`before_transition` is asked with plan, transition and actor; it may take fewer arguments."""
    asked: list[Any] = []
    closed = [True]

    def before(plan: Any, actor: Any) -> list[Reason]:
        asked.append((plan.id, actor))
        return [no("not-today")] if closed else []

    def quiet(transition: Any) -> None:
        asked.append(transition.to)

    plugins = registry(Point("veto", plugin(before_transition=before)), Point("quiet", plugin(before_transition=quiet)))
    service = begun(GO, plugins)

    assert {"not-today"} == codes(refuses(service))
    closed.clear()
    service.advance("p", "go", OFFICER_AT(DAY))

    assert ("p", "officer") in asked and "b" in asked
    assert "b" == state(service).stage


def test_effects_are_kept_with_the_change_that_caused_them():
    """`after_transition` and `events_recorded` put effects into the outbox in the same transaction."""

    def after(plan: Any, transition: Any, events: Any) -> Iterator[Effect]:
        yield Effect("mail", {"to": transition.to, "stage": plan.stage, "events": [event.type for event in events]})

    def recorded(plan: Any, events: Any) -> list[Effect]:
        return [Effect("note", {"events": [event.type for event in events]})]

    service = begun(GO, hooked(after_transition=after, events_recorded=recorded))
    service.advance("p", "go", OFFICER_AT(DAY))

    made, mailed = service.store.effects()
    assert ("p:1:1", "note", b'{"events":["plan_created"]}') == (made.id, made.kind, made.payload)
    assert ("p:2:1", "mail", "waiting") == (mailed.id, mailed.kind, mailed.state)
    assert b'{"events":["transition_fired","plan_finished"],"stage":"b","to":"b"}' == mailed.payload


def fails(*_: Any) -> Any:
    """Stand for a plugin that breaks."""
    raise ZeroDivisionError("boom")


def leaves(*_: Any) -> Any:
    """Stand for a plugin that tries to end the program."""
    sys.exit(0)


@pytest.mark.parametrize("broken", [fails, leaves, lambda *_: 1, lambda *_: ["no"], lambda *_: [Effect("mail", {})]])
@pytest.mark.parametrize("where", ["guard", "before_transition"])
def test_a_guard_or_veto_that_breaks_refuses_and_is_named(where: str, broken: Any):
    """Raising, leaving, or answering anything but reasons refuses the change; the plan is unchanged."""
    if where == "guard":
        service = begun(GUARDED, hooked("careless", guards=guard(broken)))
    else:
        service = begun(GO, hooked("careless", before_transition=lambda plan, transition: broken(plan, transition)))

    assert {"plugin-failed"} == codes(refuses(service, "careless"))


@pytest.mark.parametrize(
    "broken",
    [fails, leaves, lambda *_: 1, lambda *_: ["no"], lambda *_: [Effect("mail", {"rate": 0.5})]],
)
def test_an_effect_hook_that_breaks_refuses_and_is_named(broken: Any):
    """Raising, or answering what is no effect or cannot be kept, refuses the change; the plan is unchanged."""
    service = begun(GO, hooked("careless", after_transition=lambda plan, transition, events: broken(plan)))

    assert "plugin-failed" == refuses(service, "careless").code


class CounterState(State):
    """A number."""

    count: int = 0


class Counter(Verdict):
    """A step type whose methods the tests replace one by one."""

    name = "counter"
    State = CounterState

    @action("count", title={"vi": "Đếm", "en": "Count"}, source="open")
    def count(self, view: Any, parameters: Parameters, context: Any) -> Act:
        return Act()

    def evolve(self, state: Any, action: str, data: Any) -> Any:
        return CounterState(count=0 if state is None else state.count + 1)

    def work_items(self, view: Any) -> tuple[WorkItem, ...]:
        return ()


def counting(**methods: Any) -> Registry:
    """Return the plugins with a `counter` that has these methods in place of its own."""
    broken = type("Broken", (Counter,), methods)
    return registry(Point("counter", plugin(step_types=lambda: (broken(),))))


@pytest.mark.parametrize(
    ("methods", "word"),
    [
        ({"performers": lambda self, *_: fails()}, "performers"),
        ({"performers": lambda self, *_: leaves()}, "performers"),
        ({"performers": lambda self, *_: None}, "performers"),
        ({"performers": lambda self, *_: (1,)}, "performers"),
        ({"tick": lambda self, *_: fails()}, "tick"),
        ({"tick": lambda self, *_: "now"}, "tick"),
        ({"count": lambda self, *_: fails()}, "count"),
        ({"count": lambda self, *_: None}, "count"),
        ({"count": lambda self, *_: Act(data=[1])}, "count"),
        ({"count": lambda self, *_: Act(to="nowhere")}, "nowhere"),
        ({"count": lambda self, *_: Act(data={"rate": 0.5})}, "rate"),
        ({"count": lambda self, *_: Act(data={"on-day": date(2026, 1, 1)})}, "on-day"),
        ({"count": lambda self, *_: Act(data={"text": "e\u0301"})}, "text"),
    ],
)
def test_a_step_type_that_breaks_in_an_act_refuses_and_is_named(methods: dict[str, Any], word: str):
    """Each method that an act calls may raise or answer nonsense: exit 3, type and fault named, plan unchanged."""
    if callable(methods.get("count")):
        declared = action("count", title={"vi": "Đếm", "en": "Count"}, source="open")(methods["count"])
        declared.action = declared.action.__class__(**{**vars(declared.action), "method": "count"})
        methods = {"count": declared}
    service = begun({"a": {"steps": {"n": {"uses": "counter"}}}, "b": {}}, counting(**methods))
    before = service.store.plan("p"), list(service.store.events("p"))

    with pytest.raises(PluginFailed) as failed:
        service.act("p", "n", "count", {}, OFFICER_AT(DAY))

    assert 3 == failed.value.exit_code
    assert "counter" in str(failed.value) and word in str(failed.value)
    assert before == (service.store.plan("p"), list(service.store.events("p")))
    assert "attempt_refused" == events(service, "@workspace")[-1].type


@pytest.mark.parametrize(
    "method",
    [
        lambda self, state, action, data: CounterState() if state is None else fails(),
        lambda self, state, action, data: CounterState() if state is None else {"count": 1},
    ],
)
def test_a_step_type_whose_evolve_breaks_is_named(method: Any):
    """What cannot be evolved is not recorded."""
    service = begun({"a": {"steps": {"n": {"uses": "counter"}}}, "b": {}}, counting(evolve=method))

    with pytest.raises(PluginFailed, match="evolve"):
        service.act("p", "n", "count", {}, OFFICER_AT(DAY))

    assert 2 == state(service).revision


@pytest.mark.parametrize(
    ("method", "broken"),
    [
        *((method, broken) for method in ("blockers", "work_items", "outcome") for broken in (fails, leaves)),
        *((method, broken) for method in ("blockers", "work_items") for broken in (lambda: None, lambda: ["x"])),
    ],
)
def test_a_step_type_that_breaks_in_its_answers_is_named(method: str, broken: Any):
    """A transition that asks such a step, or an act on it, is refused and leaves the plan as it was."""
    armed: list[bool] = []

    def answer(self: Any, view: Any) -> Any:
        return broken() if armed else None if method == "outcome" else ()

    service = begun(
        {
            "a": {
                "steps": {"n": {"uses": "counter"}},
                "transitions": {"go": to("b", outcome={"n": "passed"})},
            },
            "b": {},
        },
        counting(**{method: answer}),
    )
    before = list(service.store.events("p"))
    armed.append(True)

    with pytest.raises(PluginFailed, match="counter"):
        if method == "work_items":
            service.act("p", "n", "count", {}, OFFICER_AT(DAY))
        else:
            service.advance("p", "go", OFFICER_AT(DAY))

    assert before == list(service.store.events("p"))


@pytest.mark.parametrize("broken", [fails, lambda *_: None])
def test_a_step_type_that_cannot_open_keeps_the_plan_from_being_created(broken: Any):
    """The opening belongs to the command that causes it, so that fails as a whole."""
    with pytest.raises(PluginFailed, match="counter"):
        begun(
            {"a": {"steps": {"n": {"uses": "counter"}}}, "b": {}},
            counting(open=lambda self, view, context: broken()),
        )


def test_a_step_type_can_make_numbered_revisions():
    """A second revision inside one number counts on from the first."""

    def revise(self: Any, view: Any, parameters: Any, context: Any) -> Act:
        return Act(revisions=(MadeRevision("paper", 4),))

    declared = action("count", title={"vi": "Đếm", "en": "Count"}, source="open")(revise)
    declared.action = declared.action.__class__(**{**vars(declared.action), "method": "count"})
    service = begun(
        {
            "a": {
                "steps": {"n": {"uses": "counter"}},
                "transitions": {"go": to("b", needs="paper", allow_open_steps=True)},
            },
            "m": {"transitions": {"x": to("b")}},
            "b": {},
        },
        counting(count=declared),
        documents={"paper": {"title": "Dự thảo"}},
    )

    for _ in range(2):
        service.act("p", "n", "count", {}, OFFICER_AT(DAY))

    assert ["4.1", "4.2"] == [revision.name for revision in state(service).revisions]


def test_a_plugin_that_cannot_be_imported_is_named_and_the_rest_works(tmp_path: Path):
    """Whatever it raises on import, even leaving, is told by `plugin list`; all others are there."""
    (tmp_path / "broken.py").write_text("import no_such_module_anywhere\n", "utf-8")
    (tmp_path / "leaving.py").write_text("import sys\nsys.exit(3)\n", "utf-8")
    (tmp_path / "wrong.py").write_text("def (:\n", "utf-8")
    (tmp_path / "good.py").write_text(
        "from workflow import Phrase, Reason, hookimpl\n"
        "@hookimpl\n"
        "def before_transition(plan):\n"
        "    return [Reason('closed', Phrase('closed', vi='đóng cửa'))]\n",
        "utf-8",
    )
    plugins = registry(Point("gone", ImportError("no module")), folder=tmp_path)
    service = begun(GO, plugins)

    errors = {info.name: str(info.error) for info in plugins.plugins if info.error}
    assert {"broken", "leaving", "wrong", "gone"} == set(errors)
    assert "no_such_module_anywhere" in errors["broken"]
    assert {"closed"} == codes(refuses(service))


def test_of_a_plugin_that_fails_half_way_nothing_is_used():
    """Hooks, guards and step types of a plugin with an error are all left out."""

    def wrong() -> list[int]:
        return [1]

    half = plugin(guards=lambda: wrong(), step_types=lambda: (Counter(),), before_transition=lambda plan: [no("half")])
    plugins = registry(Point("half", half))
    service = begun(GO, plugins)

    service.advance("p", "go", OFFICER_AT(DAY))

    assert "counter" not in plugins.step_types
    assert "Guard" in next(str(info.error) for info in plugins.plugins if info.name == "half")


def test_two_plugins_of_one_name_leave_the_first_in_force():
    """The second one is told as an error naming where the first comes from; no hook is lost by it."""
    first = Point("veto", plugin(before_transition=lambda plan: [no("first")]), "one.module")
    second = Point("veto", plugin(before_transition=lambda plan: [no("second")]), "two.module")
    plugins = registry(first, second)
    service = begun(GO, plugins)

    assert {"first"} == codes(refuses(service))
    (error,) = [str(info.error) for info in plugins.plugins if info.name == "veto" and info.error]
    assert "one.module" in error


def test_two_plugins_that_supply_one_step_type_make_it_unusable():
    """Nobody chooses between them: who uses the name is refused, with both plugins named."""
    plugins = registry(
        Point("one", plugin(step_types=lambda: (Counter(),))), Point("two", plugin(step_types=lambda: (Counter(),)))
    )

    with pytest.raises(PluginFailed, match="one and two"):
        begun({"a": {"steps": {"n": {"uses": "counter"}}}, "b": {}}, plugins)
    begun({"a": {"steps": {"n": TASK}}, "b": {}}, plugins)


def test_two_plugins_that_supply_one_guard_stop_only_who_needs_it():
    """A transition that requires the guard is refused with both named; every other one goes on."""
    both = (Point(name, plugin(guards=guard(lambda plan, transition: ()))) for name in ("one", "two"))
    plugins = registry(*both)
    service = begun(GUARDED, plugins)

    refuses(service, "one", "two")
    begun(GO, plugins).advance("p", "go", OFFICER_AT(DAY))


def test_a_step_type_or_calendar_that_nobody_supplies_is_told_as_missing():
    """A plan needs the plugins of its definition; what is missing is named."""
    with pytest.raises(PluginFailed, match="no-such-type"):
        begun({"a": {"steps": {"n": {"uses": "no-such-type"}}}, "b": {}})
    with pytest.raises(PluginFailed, match="mars"):
        begun(GO, calendar="mars")


def test_a_step_type_with_states_it_does_not_declare_is_left_out():
    """A machine that could not be built is found when the plugin is loaded."""
    unsound = type("Unsound", (Counter,), {"complete_states": ("nowhere",)})
    plugins = registry(Point("unsound", plugin(step_types=lambda: (unsound(),))))

    assert "nowhere" in next(str(info.error) for info in plugins.plugins if info.name == "unsound")
    assert "counter" not in plugins.step_types


@pytest.mark.parametrize("imports", [Import("nothing", {}), Import("count", {"nobody": ("Đơn vị",)})])
def test_a_step_type_that_imports_what_it_does_not_take_is_left_out(imports):
    """A table for an action or parameter that the type has not is found when the plugin is loaded."""
    plugins = registry(Point("wrong", plugin(step_types=lambda: (type("Wrong", (Counter,), {"imports": imports})(),))))

    assert "imports" in next(str(info.error) for info in plugins.plugins if info.name == "wrong")


def test_a_promised_step_type_is_loaded_when_it_is_first_used():
    """What the second group of entry points promises waits until somebody asks for it, and keeps its promise."""
    promised = entry_points(group="workflow.step_types")
    supplied = {each.name: (each.offers, each.error) for each in Registry().plugins}
    code = (
        "import sys; from workflow.registry import Registry; found = Registry();"
        "before = 'trinh_plugins.task' in sys.modules; names = sorted(found.step_types); found.step_types['task'];"
        "print(before, 'trinh_plugins.task' in sys.modules, 'trinh_plugins.appraisal' in sys.modules, 'task' in names)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert "False True False True" == said.strip()
    assert {point.name: ((point.name,), None) for point in promised} == {
        point.name: supplied[point.name] for point in promised
    }


def test_plugins_are_listed_by_name_whether_loaded_at_once_or_later(tmp_path):
    """What was deferred stands in its own place, and the workspace's files come last."""
    (tmp_path / "another.py").write_text("1 / 0\n")

    listed = [plugin.name for plugin in Registry(tmp_path).plugins]

    assert sorted(listed[:-1]) == listed[:-1]
    assert "another" == listed[-1]
