"""What the README says of an office of one's own, and of completion, works as it stands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
posix = pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a POSIX shell")


def section(title: str) -> str:
    """The README's section under a heading of the third level."""
    return README.partition(f"\n### {title}\n")[2].partition("\n## ")[0].partition("\n### ")[0]


def typed(shell: str, commands: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Type commands in a shell that finds the program of this environment."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    env = {name: value for name, value in os.environ.items() if not name.startswith("WORKFLOW_")}
    env |= {"PATH": path, "WORKFLOW_LANG": "en"}
    return subprocess.run([shell, "-c", commands], capture_output=True, text=True, check=False, cwd=folder, env=env)


@posix
def test_an_office_begins_with_its_own_people_and_a_shipped_definition(tmp_path):
    """The blocks one after the other, in an empty folder, end with what can be done on the new plan."""
    (begin, people, start) = re.findall(r"```(?:sh|yaml)\n(.*?)```", section("An office of your own"), re.DOTALL)
    done = typed("sh", f"set -e\n{begin}cat > people.yaml <<'END'\n{people}END\n{start}", tmp_path)

    assert (0, True) == (done.returncode, "setting-up/collect" in done.stdout), done.stderr
    assert "No mistakes found" in done.stderr


@posix
def test_check_tells_which_people_a_shipped_definition_names(tmp_path):
    """Before people.yaml has them, each is told with its line."""
    (begin, _, _) = re.findall(r"```(?:sh|yaml)\n(.*?)```", section("An office of your own"), re.DOTALL)
    people = "people: 1\nunits: {phong: {name: Phòng}}\npersons: {an: {name: An, unit: phong}}\n"
    commands = f"set -e\n{begin}cat > people.yaml <<'END'\n{people}END\nworkflow people load --as an\nworkflow check"
    done = typed("sh", commands, tmp_path)

    assert 6 == done.returncode
    for name in ("@so-units", "director", "so-tu-phap", "vice-chairman-in-charge"):
        assert re.search(rf"our-decision\.yaml:\d+:\d+: unknown-\w+ error: .*`{name}`", done.stdout)


@pytest.mark.skipif(shutil.which("bash") is None or sys.platform == "win32", reason="bash is not here")
def test_the_line_for_bash_switches_completion_on(tmp_path):
    """After it the shell completes commands, the commands of a group, and options."""
    (line,) = re.findall(r"^\| bash \| `(.*?)` \|", section("Completion in the shell"), re.MULTILINE)
    asked = [("workflow aud", 1), ("workflow audit v", 2), ("workflow show --al", 2)]
    words = "\n".join(
        f"COMP_WORDS=({text}); COMP_CWORD={at}; COMPREPLY=(); _workflow_completion workflow; echo ${{COMPREPLY[@]}}"
        for text, at in asked
    )
    done = typed("bash", f"{line}\n{words}", tmp_path)

    assert ["audit", "verify", "--all"] == done.stdout.split(), done.stderr


@pytest.mark.parametrize("shell", ["zsh", "fish", "powershell"])
def test_each_shell_of_the_table_has_its_script(shell, tmp_path):
    """The program writes a script for every shell that the README names."""
    assert f"{shell}_source" in section("Completion in the shell")
    env = {**os.environ, "_WORKFLOW_COMPLETE": f"{shell}_source"}
    code = "import sys; sys.argv = ['workflow']; from workflow.cli import main; main(prog_name='workflow')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env, cwd=tmp_path
    )

    assert (0, True) == (done.returncode, "_WORKFLOW_COMPLETE" in done.stdout), done.stderr
