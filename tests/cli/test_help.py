"""Help, version and completion are quick, complete, and need click alone."""

from __future__ import annotations

import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from workflow import __version__
from workflow.cli import main
from workflow.cli.commands import COMMANDS

HEAVY = ("pydantic", "sqlmodel", "sqlalchemy", "trinh_plugins", "yaml", "babel", "rich", "transitions")
ALL = [[name] for name, entry in COMMANDS.items() if entry.group is None]
ALL += [[name, inner] for name, entry in COMMANDS.items() for inner in entry.group or {}]


def loaded_after(*arguments: str, **environment: str) -> str:
    """Run the program and return which heavy libraries it imported."""
    code = (
        "import sys, atexit\n"
        f"atexit.register(lambda: print('LOADED', *[m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr))\n"
        f"sys.argv = ['workflow', *{arguments!r}]\n"
        "from workflow.cli import main\n"
        "main(prog_name='workflow')"
    )
    env = {**os.environ, "WORKFLOW_LANG": "en", **environment}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False)
    return next(line for line in result.stderr.splitlines() if line.startswith("LOADED"))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["show", "--help"], ["act", "--help"]], ids=" ".join)
def test_help_imports_neither_database_nor_plugins(arguments):
    """Help and version import click and little else."""
    assert "LOADED" == loaded_after(*arguments)


@pytest.mark.parametrize("words", ["workflow a", "workflow audit ", "workflow show --"])
def test_completion_imports_neither_database_nor_plugins(words):
    """Completing a command or an option imports click and little else."""
    environment = {"_WORKFLOW_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}

    assert "LOADED" == loaded_after(**environment)


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_each_command_has_help_with_an_example(words):
    """Every command says what it does and shows one line that can be typed."""
    result = CliRunner().invoke(main, [*words, "--help"], prog_name="workflow", env={"WORKFLOW_LANG": "en"})

    assert 0 == result.exit_code
    assert f"\n  workflow {' '.join(words)}" in result.stdout.partition("Example:")[2]


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_the_table_names_commands_that_are_there(words):
    """Each entry of the table leads to a command in the named module."""
    context, command = click.Context(main), main
    for word in words:
        command = command.get_command(context, word)

    assert isinstance(command, click.Command)


def test_help_speaks_vietnamese():
    """With Vietnamese chosen, the lines of help are Vietnamese."""
    shown = CliRunner().invoke(main, ["--lang", "vi", "--help"], prog_name="workflow").stdout

    assert "Hiện" in shown or "Xem" in shown or "kế hoạch" in shown


def test_the_version_is_shown():
    """`--version` prints the package's version."""
    assert f"workflow, version {__version__}\n" == CliRunner().invoke(main, ["--version"], prog_name="workflow").stdout
