"""What plugins are handed is read-only: writing into it fails by name, and nothing of it is stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from isolation_kit import GUARD, HOOK, STEP, contained, define, install, ok, typed

WRITES = {
    "plan.parameters": 'plan.parameters["x"] = "1"',
    "plan.schedule": "plan.schedule.clear()",
    "plan.steps": 'plan.steps["first/work"].rounds[0].state["tries"] = {}',
    "plan.steps.state": 'plan.steps["first/work"].rounds[0].state["tries"]["open"].append("x")',
    "plan.stage": 'plan.stage = "done"',
}
SHOWN = {
    "view.state": 'view.state.tries["open"] = ["x"]',
    "view.state list": 'view.state.tries["open"].append("x")',
    "view.due": 'view.due["due"] = "2020-01-01"',
    "view.plan": "view.plan.steps.clear()",
    "view.plan.steps": 'view.plan.steps["first/work"].rounds[0].state["tries"] = {}',
}


def unharmed(workspace: Path) -> None:
    """Assert that what is stored is what an unharmed replay gives."""
    (workspace / "plugins" / "bad.py").unlink()
    ok(workspace, "audit", "verify")


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("where", ["guard", "before_transition", "after_transition", "events_recorded"])
def test_what_a_hook_is_handed_is_read_only(workspace: Path, where: str, write: str):
    """A plugin that writes into the plan is refused and named; nothing of it is stored."""
    install(workspace, STEP.format(body=""), "trying")
    define(workspace, "trying", uses="tried", requires=", requires: enough" if where == "guard" else "")
    install(workspace, GUARD.format(body="return ()"))
    ok(workspace, "create", "trying", "--id", "p", "--as", "anna")
    ok(workspace, "act", "p", "work", "try", "--as", "anna")
    if where == "guard":
        install(workspace, GUARD.format(body=write))
    else:
        argument = {"before_transition": "transition", "after_transition": "transition, events"}.get(where, "events")
        install(workspace, HOOK.format(hook=where, argument=argument, body=write))

    words = ("suspend", "p", "--reason", "x") if where == "events_recorded" else ("advance", "p", "go")
    contained(workspace, *words, "--as", "anna")
    unharmed(workspace)


@pytest.mark.parametrize("hook", ["after_transition", "events_recorded"])
@pytest.mark.parametrize("write", ['events[0].data["x"] = 1', "events[0].data.clear()", "events.clear()"])
def test_the_events_a_hook_is_handed_are_read_only(workspace: Path, hook: str, write: str):
    """The facts that are about to be stored cannot be changed on the way."""
    ok(workspace, "create", "good", "--id", "p", "--as", "anna")
    ok(workspace, "act", "p", "work", "complete", "--as", "anna")
    argument = "transition, events" if hook == "after_transition" else "events"
    install(workspace, HOOK.format(hook=hook, argument=argument, body=write))

    words = ("advance", "p", "go") if hook == "after_transition" else ("suspend", "p", "--reason", "x")
    contained(workspace, *words, "--as", "anna")
    unharmed(workspace)


@pytest.mark.parametrize("write", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("method", ["blockers", "work_items", "outcome", "attempt"])
def test_what_a_step_type_is_shown_is_read_only(workspace: Path, method: str, write: str):
    """Writing into the view fails in the method that did it, which is named with its type."""
    install(workspace, STEP.format(body=""))
    define(workspace, "trying", uses="tried")
    ok(workspace, "create", "trying", "--id", "p", "--as", "anna")
    mark = '    @action("try", title={"vi": "Thử"}, source="open", to="done")\n' if method == "attempt" else ""
    body = f"\n{mark}    def {method}(self, view, *more):\n        {write}\n        return ()\n"
    install(workspace, STEP.format(body="").replace("\n@hookimpl", body + "\n@hookimpl"))

    words = ("advance", "p", "go") if method in ("blockers", "outcome") else ("act", "p", "work", "try")
    result = typed(workspace, *words, "--as", "anna")

    if method != "outcome":
        assert result.exit_code == 3, result.output
        assert "tried" in result.stderr
    install(workspace, STEP.format(body=""))
    ok(workspace, "audit", "verify")


@pytest.mark.parametrize("method", ["evolve", "told", "upcast"])
def test_the_data_of_an_event_are_read_only(workspace: Path, method: str):
    """Whoever evolves, tells or upcasts cannot change what is hashed."""
    body = STEP.format(body="")
    if method == "evolve":
        body = body.replace("return TryState(tries=", 'data["tried"] = ["b"]; return TryState(tries=')
    else:
        more = 'data["tried"].append("b"); return ()' if method == "told" else 'data["tried"] = ["b"]; return data'
        arguments = "self, action, data" if method == "told" else "self, action, version, data"
        body = body.replace("\n@hookimpl", f"\n    def {method}({arguments}):\n        {more}\n\n@hookimpl")
    install(workspace, STEP.format(body=""))
    define(workspace, "trying", uses="tried")
    ok(workspace, "create", "trying", "--id", "p", "--as", "anna")
    install(
        workspace, body if method != "upcast" else body.replace('name = "tried"', 'name = "tried"\n    version = "2"')
    )

    result = typed(workspace, "act", "p", "work", "try", "--as", "anna")

    assert "Traceback" not in result.output
    install(workspace, STEP.format(body=""))
    ok(workspace, "audit", "verify")
    assert '["b"]' not in ok(workspace, "audit", "show", "p", "--json").output
