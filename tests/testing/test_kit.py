"""The kit for plugin authors: what its fixtures give, and that its assertions can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from trinh_plugins.duty import DutyStep
from trinh_plugins.task import Task
from workflow import Effect, Guard, Phrase, Reason, Refused, Text, hookimpl
from workflow.errors import NotFound, WorkflowError
from workflow.machine import NotPossible
from workflow.registry import Registry
from workflow.testing import begin, commands, next_command, options

SHIPPED = Registry().step_types
WALKED = """\
workflow: 1
id: walked
version: 1
title: {vi: Mẫu, en: Sample}
by: drafter
stages:
  doing:
    title: {vi: Làm, en: Doing}
    steps: {work: {uses: task, lead: office}}
    transitions: {finish: {to: done}}
  done: {title: {vi: Xong, en: Done}, final: true}
"""


def test_a_plan_is_walked_from_its_start_to_its_end(workflow_office):
    """Acts and transitions go through the engine; stage, phase, what is owed and the trail can be asked."""
    walk = workflow_office.start(WALKED)
    assert ("doing", "open", ["doing/work#work"]) == (walk.stage, walk.phase("doing/work"), walk.owed)

    walk.act("work", "complete", result="Xong")
    walk.advance("finish", on="2026-03-09")

    assert "done" == walk.stage and [] == walk.owed
    walk.trail.assert_order("plan_created", "step_opened", "step_acted", "transition_fired", "plan_finished")
    acted = walk.trail.assert_recorded("step_acted", actor="officer", action="complete")
    assert "2026-03-02" == acted.occurred_on.isoformat()
    walk.trail.assert_sound()


def test_the_same_walk_on_sqlite(workflow_sqlite_office):
    """The SQLite office is the same with a file behind it."""
    walk = workflow_sqlite_office.start(WALKED)
    walk.act("work", "complete")

    walk.advance()

    assert "done" == walk.stage
    walk.trail.assert_sound()


def test_a_refusal_is_told_by_its_codes_and_leaves_nothing(workflow_office):
    """What is refused names its reasons; what is not refused fails the test."""
    walk = workflow_office.start(WALKED)

    assert ["step-open", "not-done"] == walk.refusal("advance", "finish")
    assert ["not-permitted"] == walk.refusal("act", "work", "complete", by="stranger")
    with pytest.raises(AssertionError, match="was not refused"):
        walk.refusal("act", "work", "complete")


def test_parameters_that_do_not_fit_are_a_refusal_too(workflow_office):
    """What a validator of the action's parameters refuses has a code as well; a mistyped name has none."""
    walk = workflow_office.start(WALKED)

    assert ["parameter-wrong-type"] == walk.refusal("act", "work", "complete", result=["no text"])
    with pytest.raises(NotFound):
        walk.refusal("act", "work", "celebrate")


def test_the_clock_takes_a_day_as_text(workflow_office, workflow_clock):
    """As `on=` does; it refuses to go back either way."""
    workflow_clock.move_to("2026-03-04")

    assert "2026-03-04" == workflow_office.today.isoformat()
    with pytest.raises(ValueError, match="cannot go back"):
        workflow_clock.move_to("2026-03-03")


def test_assertions_on_the_trail_can_fail(workflow_office):
    """Each of them fails with the trail in its message."""
    walk = workflow_office.start(WALKED)

    with pytest.raises(AssertionError, match="no event step_acted .*\n.*plan_created"):
        walk.trail.assert_recorded("step_acted", action="complete")
    with pytest.raises(AssertionError, match="no plan_created behind"):
        walk.trail.assert_order("step_opened", "plan_created")
    with pytest.raises(AssertionError, match="recorded meanwhile"), walk.trail.unchanged():
        walk.act("work", "complete")
    with walk.trail.unchanged(), pytest.raises(Refused):
        walk.act("work", "complete")


class TestGivenPlugins:
    """A test's own `workflow_plugins` are known to the office beside the installed ones."""

    @pytest.fixture
    def workflow_plugins(self):
        """A guard that never lets through what is called `finish` in March, and a module with a hook."""
        from types import ModuleType

        def unmet(plan, transition):
            if not transition.on.startswith("2026-03"):
                return ()
            return (Reason("march", Phrase("not in March", vi="không làm trong tháng 3")),)

        module = ModuleType("letters")

        @hookimpl
        def after_transition(plan, transition, events):
            return (Effect("letter", {"plan": plan.id, "to": transition.to}),)

        module.after_transition = after_transition
        return Guard("not-in-march", Text(vi="Không phải tháng 3", en="Not in March"), unmet), module

    def test_guards_and_hooks_work(self, workflow_office, workflow_effects):
        """The guard refuses in March; the effect of April's transition stands in the outbox."""
        finish = "finish: {to: done, requires: [not-in-march]}"
        walk = workflow_office.start(WALKED.replace("finish: {to: done}", finish))
        walk.act("work", "complete")

        assert ["march"] == walk.refusal("advance", "finish")
        assert 0 == len(workflow_effects)
        walk.advance("finish", on="2026-04-01")
        assert [{"plan": "plan-1", "to": "done"}] == workflow_effects.of("letter")
        assert "letter" == workflow_effects[0].kind


def test_a_round_is_acted_on_without_an_engine():
    """State, phase, what is missing and what is owed follow the acts; so does the replay of its bytes."""
    round_ = begin(Task(), due="2026-03-31")
    assert (["not-done"], ["work"]) == (round_.blockers, round_.owed)

    round_.act("hand-in", result="Báo cáo", on="2026-03-05")
    round_.act("return", {"reason": "thiếu số liệu"})

    assert ("open", 1) == (round_.phase, round_.state.returned)
    assert round_.plan == round_.replayed()
    assert "thiếu số liệu" not in str(round_.events), "free text lies beside the chain"
    with pytest.raises(NotPossible):
        round_.act("accept")
    with pytest.raises(ValidationError):
        round_.act("complete", nonsense=1)
    with pytest.raises(ValueError, match="before"):
        round_.act("complete", on="2026-03-01")


def test_a_round_lets_time_pass():
    """`tick` records what is due by itself, and None where nothing is."""
    round_ = begin(DutyStep(), {"closes_after": "2026-03-31"})

    assert round_.tick("2026-03-31") is None
    assert round_.tick("2026-04-02") is not None
    assert round_.complete and "2026-03-31" == round_.state.closed_on


@pytest.mark.parametrize("name", SHIPPED)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_generated_commands_fit_every_shipped_type(name, data):
    """Options and parameters that are drawn are accepted by the models, in sequences drawn before and on the way."""
    step_type = SHIPPED[name]
    actions = step_type.actions()
    step_type.Options.model_validate(data.draw(options(step_type)))
    for command in data.draw(commands(step_type)):
        assert command.action == "tick" or actions[command.action].parameters.model_validate(command.parameters)
    try:
        round_ = begin(step_type, data.draw(options(step_type)), documents=("decision", "report"))
    except WorkflowError:
        return
    if round_.possible:
        command = data.draw(next_command(round_))
        assert command.action in round_.possible


def test_sequences_get_through_a_type():
    """In a few hundred commands a task is done, returned and accepted."""
    seen = set()

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(commands(Task()))
    def play(sequence):
        round_ = begin(Task())
        for command in sequence:
            if command.action in round_.possible:
                round_.act(command.action, command.parameters, files=command.files)
                seen.add((command.action, round_.phase))

    play()
    assert {("hand-in", "handed-in"), ("return", "open"), ("accept", "done"), ("complete", "done")} == seen


def test_a_foreign_run_of_pytest_pays_nothing(tmp_path: Path):
    """With the fixtures known to pytest, none of the engine and nothing heavy is imported until one is used."""
    (tmp_path / "test_foreign.py").write_text(
        "import sys\n\ndef test_it():\n"
        "    heavy = {'pydantic', 'sqlmodel', 'sqlalchemy', 'hypothesis', 'click', 'yaml', 'pluggy.nothing'}\n"
        "    assert 'workflow.testing.fixtures' in sys.modules\n"
        "    ours = {name for name in sys.modules if name.partition('.')[0] == 'workflow'}\n"
        "    assert ours == {'workflow', 'workflow.testing', 'workflow.testing.fixtures'}\n"
        "    assert not heavy & set(sys.modules)\n",
        encoding="utf-8",
    )
    known = ["-p", "workflow.testing.fixtures", "-p", "no:hypothesispytest", "-W", "error"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null" if sys.platform != "win32" else "nul", *known, "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**_environment(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )

    assert 0 == done.returncode, done.stdout + done.stderr


def _environment() -> dict[str, str]:
    import os

    return {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST_"))}
