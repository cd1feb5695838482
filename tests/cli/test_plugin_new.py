"""`workflow plugin new`: what it makes is green at once, and what it refuses changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workflow.cli import main

ROOT = Path(__file__).parents[2]
KINDS = ("step", "guard", "effect")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty folder that is no workspace."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE", "WORKFLOW_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKFLOW_LANG", "en")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(*words: str) -> Result:
    """Run `workflow plugin new`."""
    return CliRunner().invoke(main, ["plugin", "new", *words])


def run(*command: object, cwd: Path, path: tuple[Path, ...] = ()) -> str:
    """Run a program of this environment to its good end and return what it says; *path* is imported from."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "WORKFLOW_"))}
    environment = {**kept, "PYTHONPATH": os.pathsep.join(map(str, (*path, ROOT))), "WORKFLOW_LANG": "en"}
    words = [sys.executable, *map(str, command)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=cwd, env=environment)
    assert 0 == done.returncode, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_is_green_at_once(kind, here):
    """Installed without the network its own tests pass, `plugin list` has it, and `plugin check` finds nothing."""
    made = new("site-visit", f"--{kind}")
    assert 0 == made.exit_code, made.output
    folder, installed = here / "site-visit", here / "installed"

    pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    run(*pip, "--target", installed, folder, cwd=here)
    tested = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", cwd=folder, path=(installed,))
    listed = run("-m", "workflow", "plugin", "list", cwd=here, path=(installed,))
    checked = run("-m", "workflow", "plugin", "check", "site-visit", "--seconds", "60", cwd=here, path=(installed,))

    assert " passed" in tested and "failed" not in tested
    assert any("site-visit" in line and "FAILED" not in line for line in listed.splitlines())
    assert "site-visit keeps the contract." in checked


def test_what_sends_something_out_waits_to_be_set_up(here):
    """Installed, the new package of effects is off in a workspace until its workflow.toml has the table."""
    new("site-visit", "--effect")
    folder, installed = here / "site-visit", here / "installed"
    pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    run(*pip, "--target", installed, folder, cwd=here)
    run("-m", "workflow", "init", "office", cwd=here)
    office = here / "office"

    def line() -> str:
        listed = run("-m", "workflow", "plugin", "list", cwd=office, path=(installed,))
        return next(line for line in listed.splitlines() if "site-visit" in line)

    waiting = line()
    run("-m", "workflow", "doctor", cwd=office, path=(installed,))

    table = '[plugins.site-visit]\nfolder = "notes"\n'
    assert table in (folder / "README.md").read_text("utf-8")
    with (office / "workflow.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"\n{table}")
    assert "off:" in waiting and "off:" not in line()


def test_a_new_package_is_checked_by_its_folder_too(here):
    """Before it is installed the path of its project does; its definition is what is played."""
    new("site-visit")

    assert "keeps the contract" in run("-m", "workflow", "plugin", "check", "site-visit", "--seconds", "60", cwd=here)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_file_is_green_at_once(kind, here, monkeypatch):
    """One file in the workspace's plugins is known there; pytest on it passes, and the check by its name."""
    CliRunner().invoke(main, ["init", "office"])
    monkeypatch.chdir(here / "office")
    made = new("site-visit", f"--{kind}", "--file")
    assert 0 == made.exit_code, made.output
    file = here / "office" / "plugins" / "site-visit.py"

    assert [file] == list(file.parent.iterdir())
    assert " passed" in run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", file, cwd=file.parents[1])
    checked = run("-m", "workflow", "plugin", "check", "site-visit", "--seconds", "60", cwd=file.parents[1])
    assert "site-visit keeps the contract." in checked
    listed = CliRunner().invoke(main, ["plugin", "list"]).output
    assert any("site-visit" in line and "FAILED" not in line for line in listed.splitlines())


@pytest.mark.parametrize("name", ["Site", "9-lives", "a_b", "a--b", "-a", "đất", "a" * 41, "a/b", ".."])
def test_a_name_that_cannot_be_used_is_refused(name, here):
    """Only lower-case words joined by hyphens name a plugin."""
    refused = new("--", name)

    assert 2 == refused.exit_code
    assert "cannot be a plugin's name" in refused.output
    assert [] == list(here.iterdir())


@pytest.mark.parametrize("name", ["task", "vn-calendar", "email", "json", "workflow", "class", "pytest"])
def test_a_name_that_is_taken_is_refused(name, here):
    """By a plugin, or by a module that Python would import in its place."""
    refused = new(name)

    assert 2 == refused.exit_code
    assert [] == list(here.iterdir())


def test_an_existing_folder_is_left_alone(here):
    """Whatever stands under that name stays as it is."""
    (here / "site-visit").mkdir()

    refused = new("site-visit")

    assert 2 == refused.exit_code and "already" in refused.output
    assert [] == list((here / "site-visit").iterdir())


def test_an_existing_file_is_left_alone(here, monkeypatch):
    """A plugin of the workspace is not written over."""
    CliRunner().invoke(main, ["init", "office"])
    monkeypatch.chdir(here / "office")
    Path("plugins/site-visit.py").write_text("mine", encoding="utf-8")

    refused = new("site-visit", "--file")

    assert 2 == refused.exit_code and "already" in refused.output
    assert "mine" == Path("plugins/site-visit.py").read_text("utf-8")


def test_a_file_needs_a_workspace(here):
    """Outside there is no folder of plugins."""
    refused = new("site-visit", "--file")

    assert 2 == refused.exit_code and "no workspace" in refused.output
    assert [] == list(here.iterdir())


def test_one_kind_is_made_at_a_time(here):
    """Two of the three are refused."""
    refused = new("site-visit", "--step", "--guard")

    assert 2 == refused.exit_code
    assert [] == list(here.iterdir())


def test_nothing_half_made_is_left_behind(here, monkeypatch):
    """Where a file cannot be written, the folder goes too, and the reason is told."""
    written = Path.write_text

    def full(self, *arguments, **more):
        if self.name == "definition.yaml":
            raise OSError(28, "No space left on device")
        return written(self, *arguments, **more)

    monkeypatch.setattr(Path, "write_text", full)
    refused = new("site-visit")

    assert 2 == refused.exit_code and "No space left" in refused.output
    assert [] == list(here.iterdir())
