"""The schema of definition files, for editors: `definition schema`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.cli.filing import STANDARD_OUTPUT, write_file
from workflow.cli.filing import force as force_option
from workflow.cli.options import FILE, command, option
from workflow.cli.output import Screen
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.steps.schema import Described


@command(example="workflow definition schema --out definition.schema.json")
@option("--out", metavar="FILE", type=FILE, help=N_("The file to write (else standard output)."))
@force_option
def schema(settings: Settings, out: Path | None, force: bool) -> None:
    """Print the JSON Schema of definition files, by which an editor completes, explains and checks them.

    It has the step types of the installed plugins and, in a workspace, of the workspace's own.
    """
    from workflow.steps.schema import describe

    plugins, screen = settings.registry, Screen(settings)
    made = describe(plugins.step_types, set(plugins.guards), set(plugins.calendars), screen.catalogue.text)
    content = made.text().encode()
    write_file(out or STANDARD_OUTPUT, content, screen.catalogue, force=force)
    home = settings.find_workspace()
    _tell(settings, screen, made, home)
    if out is None or out == STANDARD_OUTPUT:
        return
    if settings.as_json:
        screen.json(
            {
                "id": out.name,
                "path": str(out),
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "workspace": str(home) if home else None,
                "step_types": list(made.step_types),
                "left_out": dict(made.left_out),
            }
        )
        return
    screen.line(screen.words(N_("written: {path}"), path=out))


def _tell(settings: Settings, screen: Screen, made: Described, home: Path | None) -> None:
    """Say whose plugins it has, and what of them it lacks."""
    if home is None:
        screen.say(N_("Outside a workspace: the schema has the installed plugins only."))
    for plugin in settings.registry.plugins:
        if plugin.error:
            screen.say(N_("Plugin `{name}` is not in it: {error}"), name=plugin.name, error=plugin.error)
    for name, why in made.left_out.items():
        screen.say(N_("What `{name}` takes is not in it: {why}"), name=name, why=why)
