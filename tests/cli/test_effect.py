"""`effect list/show/retry/drop` and `worker`: what people type and read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.conftest import error_of

LETTERS = """
from workflow import Effect, EffectHandler, Phrase, Text, Undeliverable, hookimpl


@hookimpl
def events_recorded(plan, events):
    if events[0].type == "plan_created":
        return [Effect("letter", {"to": "Bà Nguyễn Thị Hoa", "plan": plan.id}), Effect("fax", {"plan": plan.id})]
    return ()


def fax(call):
    raise Undeliverable(Phrase("there is no fax machine", vi="không có máy fax"))


@hookimpl
def effect_handlers():
    return [EffectHandler("letter", Text(vi="Thư"), lambda call: None), EffectHandler("fax", Text(vi="Fax"), fax)]
"""


@pytest.fixture
def letters(workspace: Path) -> None:
    """A plugin that writes a letter and sends a fax for each new plan."""
    (workspace / "plugins" / "letters.py").write_text(LETTERS, encoding="utf-8")


@pytest.fixture
def parked(letters: None, plan: str, typed) -> str:
    """The id of an effect that a worker gave up."""
    ended = typed("worker", "--once", "--json")
    assert 0 == ended.exit_code, ended.output
    assert {"done": 1, "waiting": 0, "parked": 1} == {
        name: json.loads(ended.stdout)[name] for name in ("done", "waiting", "parked")
    }
    return f"{plan}:1:2"


def listed(result) -> list[tuple[str, str]]:
    """Return ids and states of a list."""
    return [(one["id"], one["state"]) for one in json.loads(result.stdout)["effects"]]


def test_effects_are_listed_and_paged(letters, plan, done, typed):
    """Waiting and parked ones unless another state is asked for; `next` leads to the page behind."""
    assert [(f"{plan}:1:1", "waiting"), (f"{plan}:1:2", "waiting")] == listed(typed("effect", "list", "--json"))
    first = typed("effect", "list", "--limit", "1", "--json")
    second = typed("effect", "list", "--after", json.loads(first.stdout)["next"], "--json")

    assert [(f"{plan}:1:1", "waiting")] == listed(first)
    assert [(f"{plan}:1:2", "waiting")] == listed(second)
    assert json.loads(second.stdout)["next"] is None
    assert [] == listed(typed("effect", "list", "--state", "done", "--json"))
    assert 2 == typed("effect", "list", "--after", "rubbish").exit_code
    assert "There are no such effects." in typed("effect", "list", "--state", "dropped").stderr


def test_a_parked_effect_says_why_in_both_languages(parked, typed):
    """The list has the reason below the row, no line is wider than the terminal."""
    english, vietnamese = typed("effect", "list").stdout, typed("effect", "list", "--lang", "vi").stdout

    assert "there is no fax machine" in english and "parked" in english
    assert "không có máy fax" in vietnamese and "tạm gác" in vietnamese
    assert max(map(len, (english + vietnamese).splitlines())) <= 80


def test_show_has_the_payload_and_the_trail_has_not(parked, plan, typed):
    """Personal data is in what `show` prints and in no event."""
    shown = typed("effect", "show", f"{plan}:1:1").stdout
    told = json.loads(typed("effect", "show", f"{plan}:1:1", "--json").stdout)
    trail = typed("audit", "show", "--json").stdout

    assert "Nguyễn Thị Hoa" in shown and told["key"] in shown
    assert {"to": "Bà Nguyễn Thị Hoa", "plan": plan} == told["payload"]
    assert "done" == told["state"] and told["sha256"] in trail
    assert "Nguyễn Thị Hoa" not in trail
    assert "carried out" in " ".join(typed("audit", "show", "@workspace").stdout.split())


def test_an_effect_is_retried_and_dropped(parked, done, typed):
    """Each change is an event that names who did it; what was dropped is not offered again."""
    assert "waiting" in done("effect", "retry", parked).stdout
    assert "parked: 1" in typed("worker", "--once").stdout
    dropped = done("effect", "drop", parked, "--reason", "gửi tận tay", "--json")

    assert "dropped" == json.loads(dropped.stdout)["state"]
    assert [] == listed(typed("effect", "list", "--json"))
    trail = " ".join(typed("audit", "show", "@workspace").stdout.split())
    assert "is to be tried again" in trail and "gửi tận tay" in trail
    assert 0 == typed("audit", "verify").exit_code


def test_changes_need_an_actor_an_effect_and_a_reason(parked, typed):
    """Exit 2 for what is not there, 3 for what is settled, 4 for who may not; nothing changes."""
    assert 2 == typed("effect", "retry", parked).exit_code
    assert 2 == typed("effect", "retry", "none:1:1", "--as", "anna").exit_code
    assert 2 == typed("effect", "drop", parked, "--as", "anna").exit_code
    assert 2 == typed("effect", "retry", parked, "--as", "anna", "--expect", "1").exit_code
    settled = typed("effect", "retry", parked.replace(":2", ":1"), "--as", "anna", "--json")
    assert 3 == settled.exit_code
    assert ["effect-done"] == [reason["code"] for reason in error_of(settled)["reasons"]]
    assert [(parked, "parked")] == listed(typed("effect", "list", "--json"))


def test_the_settings_say_who_may(parked, workspace, typed):
    """`by` in `[worker]` names offices, roles, units and persons."""
    with open(workspace / "workflow.toml", "a", encoding="utf-8") as file:
        file.write('[worker]\nby = ["agency-b"]\n')

    assert 4 == typed("effect", "retry", parked, "--as", "anna").exit_code
    assert 0 == typed("effect", "retry", parked, "--as", "bao").exit_code


@pytest.mark.parametrize(
    "text",
    ["[worker]\ntries = 0", "[worker]\nhurry = 1", '[worker]\nby = "me"', "[worker]\ntries = true", "worker = 1"]
    + ["[worker]\npause = inf", "[plugins]\nletters = 3"],
)
def test_settings_of_no_use_are_told(workspace, typed, text):
    """Exit 2, with the file and the key."""
    (workspace / "workflow.toml").write_text(text + "\n", encoding="utf-8")
    refused = typed("effect", "list")

    assert 2 == refused.exit_code and "workflow.toml" in refused.stderr


def test_a_trial_run_changes_nothing(parked, done, typed):
    """It tells what would become of it."""
    assert "trial run" in done("effect", "drop", parked, "--reason", "x", "--dry-run").stderr
    assert [(parked, "parked")] == listed(typed("effect", "list", "--json"))
