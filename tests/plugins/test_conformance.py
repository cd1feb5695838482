"""`workflow plugin check`: good plugins pass, each bad one fails for its own reason, at its own line."""

from __future__ import annotations

import json
import os
import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workflow.cli import main
from workflow.conformance.findings import CHECKS
from workflow.registry import INTEGRATION_GROUP
from workflow.steps.step_type import ENTRY_POINT_GROUP

BAD = sorted((Path(__file__).parent / "bad").glob("*.py"))
SHIPPED = sorted(
    {
        point.name
        for group in (ENTRY_POINT_GROUP, INTEGRATION_GROUP)
        for point in entry_points(group=group)
        if point.value.startswith("trinh_plugins.")
    }
)
HANGING = {"hangs_on_import", "hangs_in_a_method"}


@pytest.fixture(autouse=True)
def outside(tmp_path, monkeypatch):
    """No workspace anywhere near, English."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE", "WORKFLOW_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKFLOW_LANG", "en")
    monkeypatch.chdir(tmp_path)


def checked(plugin: object, *options: str) -> Result:
    """Run the command; a part may take long on a busy machine."""
    return CliRunner().invoke(main, ["plugin", "check", str(plugin), "--seconds", "60", *options])


def findings(result: Result, severity: str = "error") -> list[dict]:
    """What `--json` shows."""
    return [one for one in json.loads(result.stdout)["findings"] if one["severity"] == severity]


def marked(path: Path) -> set[tuple[int, int]]:
    """(line, check) of each line that ends with `# <- CHECK`."""
    lines = path.read_text("utf-8").splitlines()
    found = ((number, re.search(r"# <- (\d\d)$", line)) for number, line in enumerate(lines, 1))
    return {(number, int(mark[1])) for number, mark in found if mark}


def test_there_are_plugins_to_look_at():
    """All shipped ones, and more than thirty bad ones for every check that one can fail."""
    assert 19 <= len(SHIPPED)
    assert 30 <= len(BAD)
    assert set(CHECKS) == {check for path in BAD for _, check in marked(path)}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_plugin_keeps_the_contract(name, monkeypatch):
    """Every plugin that travels with the program passes; notes are allowed."""
    # The bad ones measure what the check covers: here its process need not be slowed down by that too.
    for variable in [variable for variable in os.environ if variable.startswith("COVERAGE_PROCESS_")]:
        monkeypatch.delenv(variable)
    result = checked(name, "--json")

    assert [] == findings(result)
    assert 0 == result.exit_code


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_plugin_fails_for_its_own_reason_alone(path):
    """The check and the line that its source marks are found, and nothing else."""
    # Enough for a busy machine to get as far as the line that hangs.
    seconds = "12" if path.stem in HANGING else "60"
    result = checked(path, "--json", "--seconds", seconds)

    assert marked(path) == {(one["line"], one["check"]) for one in findings(result)}
    assert {str(path)} == {one["file"] for one in findings(result)}
    assert 6 == result.exit_code


def test_a_finding_is_told_with_its_line_and_the_commands_that_show_it():
    """FILE:LINE, number and name of the check, what is wrong, the line itself, and what was typed."""
    path = next(path for path in BAD if path.stem == "stores_a_float")
    said = checked(path).output

    assert re.search(rf"^{re.escape(str(path))}:\d+: 11 data error: the act's data cannot be stored: score", said, re.M)
    assert re.search(r"^    def visit", said, re.M)
    assert re.search(r"^    shown by: .*visit", said, re.M)


def test_findings_are_told_in_vietnamese():
    """The messages of the checks are in the catalogue."""
    path = next(path for path in BAD if path.stem == "blocks_for_ever")

    assert "ở trạng thái hoàn thành `done` vẫn còn điều vướng mắc" in checked(path, "--lang", "vi").output


def test_a_plugin_that_ends_the_process_is_named(tmp_path):
    """`os._exit` in a method ends the process of the check, not the check."""
    bad = next(path for path in BAD if path.stem == "draws_lots").read_text("utf-8")
    deadly = tmp_path / "deadly.py"
    deadly.write_text(bad.replace("lot = random.randint(1, 6)", "import os; lot = os._exit(9)"), encoding="utf-8")

    (found,) = [one for one in findings(checked(deadly, "--json")) if one["check"] == 20]
    assert "ended with code 9" in found["message"]


def test_what_is_not_there_is_told_with_what_is_near():
    """Neither plugin nor file: exit 2 and a suggestion."""
    result = checked("consultaton")

    assert 2 == result.exit_code
    assert "consultation" in result.output


def test_a_folder_without_a_plugin_is_told(tmp_path):
    """A folder needs an entry point or an __init__.py."""
    result = checked(tmp_path)

    assert 2 == result.exit_code
    assert "entry point" in result.output


def test_a_file_of_the_workspace_is_found_by_its_name(tmp_path, monkeypatch):
    """`plugins/NAME.py` of the workspace is NAME; the definitions beside it give its options."""
    assert 0 == CliRunner().invoke(main, ["init", "office"]).exit_code
    monkeypatch.chdir("office")
    bad = next(path for path in BAD if path.stem == "takes_a_taken_name")
    Path("plugins/visits.py").write_bytes(bad.read_bytes())

    (found,) = findings(checked("visits", "--json"))
    assert (3, "names") == (found["check"], found["name"])


def test_what_was_never_accepted_is_noted(tmp_path):
    """A word that nobody guesses keeps action and state from being judged: a note, and exit 0; examples help."""
    bad = next(path for path in BAD if path.stem == "changes_what_it_was_handed").read_text("utf-8")
    sound = bad.replace('        data["seen"] = True  # <- 09\n', "")
    guess = "        if parameters.lot != 'lot-77':\n            "
    guess += "reason = Reason('no-lot', Phrase('no such lot', vi='không có lô này'))\n            "
    guess += "raise Refused('no such lot', vi='không có lô này', reasons=(reason,))\n        return Act("
    secret = sound.replace("        return Act(", guess).replace("    Reason,\n", "    Reason,\n    Refused,\n", 1)
    lot = '    lot: str = Field(description=Help("The lot", vi="Lô"))\n    note:'
    secret = secret.replace("    note:", lot, 1)
    file = tmp_path / "auction.py"
    file.write_text(secret, encoding="utf-8")

    result = checked(file, "--json")

    assert 0 == result.exit_code and [] == findings(result)
    noted = {one["message"] for one in findings(result, "note")}
    assert {"`visit` was never accepted", "the state `done` was never reached"} == noted

    file.write_text(secret.replace("Field(description", "Field(examples=['lot-77'], description"), encoding="utf-8")
    assert [] == findings(checked(file, "--json"), "note")


def test_numbers_of_checks_keep_their_meaning():
    """A number that was once told stands for the same thing for ever; new ones are added at the end."""
    names = "loading hooks names machine words models commands pure untouched replay data answers refusals"
    names += " blockers older guards effects calendars handlers time"

    assert dict(enumerate(names.split(), 1)) == {number: name for number, (name, _) in CHECKS.items()}
