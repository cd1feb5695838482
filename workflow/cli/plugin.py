"""For authors of plugins: `plugin check`, `plugin new`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import command, option
from workflow.cli.output import Screen
from workflow.cli.shapes import listing
from workflow.errors import N_, InvalidInput, ProblemsFound

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.conformance.findings import Finding


@command(example="workflow plugin check task")
@click.argument("plugin", metavar="PATH-or-NAME")
@option(
    "--seconds",
    type=click.FloatRange(1, 3600),
    default=20.0,
    metavar="NUMBER",
    help=N_("For loading it, and for each thing that it offers; then it is told where it stood (20)."),
)
def check(settings: Settings, plugin: str, seconds: float) -> None:
    """Check that a plugin keeps its side of the contract: PATH of a file or project, or NAME.

    Each finding has the number of its check, a file and a line. Exit 6 if there are errors; notes alone are
    no failure.
    """
    from workflow.bootstrap import settings_of, shipped_definitions
    from workflow.conformance import running, targets

    root, screen = settings.find_workspace(), Screen(settings)
    workspace = settings_of(root) if root is not None else None
    folders = [workspace.definitions, shipped_definitions()] if workspace else [shipped_definitions()]
    definitions = [
        path for folder in folders for path in sorted(folder.glob("*.yaml")) if ".scenario." not in path.name
    ]
    program = [*running.interpreter(), "-m", "workflow.cli.apart"]
    asked = targets.find(plugin, workspace.plugins if workspace else None, definitions)
    found = [one for target in asked for one in running.check(target, program, seconds).findings]
    if settings.as_json:
        screen.json(listing("findings", [_shape(screen, one) for one in found]))
    else:
        for one in found:
            _show(screen, one)
    errors = [one for one in found if one.severity == "error"]
    if errors:
        raise ProblemsFound(
            N_("Found: errors {errors}, notes {notes}."), errors=len(errors), notes=len(found) - len(errors)
        )
    screen.say(N_("{plugin} keeps the contract."), plugin=plugin)


def _show(screen: Screen, finding: Finding) -> None:
    from workflow.conformance.findings import source_line

    severity = screen.words({"error": N_("error"), "note": N_("note")}[finding.severity])
    # Not wrapped: editors jump to FILE:LINE at the beginning of a line.
    place = f"{_near(finding.file)}:{finding.line}"
    text = screen.catalogue.text(finding.phrase)
    screen.lines(f"{place}: {finding.check:02} {finding.name} {severity}: {text}")
    if line := source_line((finding.file, finding.line)):
        screen.lines(f"    {line}")
    if finding.shown_by:
        screen.lines("    " + screen.words(N_("shown by: {commands}"), commands=finding.shown_by))


def _near(file: str) -> str:
    """Return a path as seen from here, where it lies below."""
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except ValueError:
        return file


def _shape(screen: Screen, finding: Finding) -> dict[str, Any]:
    return {
        "id": f"{finding.file}:{finding.line}:{finding.check}",
        "check": finding.check,
        "name": finding.name,
        "severity": finding.severity,
        "file": finding.file,
        "line": finding.line,
        "message": screen.catalogue.text(finding.phrase),
        "shown_by": finding.shown_by or None,
    }


@command(example="workflow plugin new site-visit")
@click.argument("name", metavar="NAME")
@option(
    "--step", "kinds", flag_value="step", multiple=True, help=N_("A step type: a word after `uses:` (the default).")
)
@option("--guard", "kinds", flag_value="guard", multiple=True, help=N_("A guard: a word in `requires:`."))
@option(
    "--effect",
    "kinds",
    flag_value="effect",
    multiple=True,
    help=N_("An effect after each transition, and its handler."),
)
@option(
    "--file", "single", is_flag=True, help=N_("One file in the workspace's folder of plugins, in place of a package.")
)
def new(settings: Settings, name: str, kinds: tuple[str, ...], single: bool) -> None:
    """Make a plugin that works: a package in ./NAME, with a definition that uses it and a passing test.

    NAME is what `plugin list` and `plugin check` call it.
    """
    from workflow import scaffold
    from workflow.bootstrap import find_workspace, settings_of

    screen = Screen(settings)
    if len(set(kinds)) > 1:
        raise InvalidInput(
            N_("Give one of --step, --guard and --effect."), hint=N_("A plugin may offer more; begin with one.")
        )
    kind = kinds[0] if kinds else "step"
    if single:
        root = settings.find_workspace() or find_workspace(None)
        made = scaffold.new_file(name, kind, settings_of(root).plugins)
        then = [f"pytest {_near(str(made))}", f"workflow plugin check {name}"]
    else:
        made = scaffold.new_package(name, kind, Path.cwd())
        then = [f"cd {_near(str(made))}", 'pip install -e ".[test]"', "pytest", f"workflow plugin check {name}"]
    if settings.as_json:
        screen.json({"id": name, "path": str(made), "kind": kind})
        return
    screen.line(_near(str(made)))
    screen.say(N_("Next: {commands}"), commands=" && ".join(then))
