"""Commands that plugins bring, each plugin's under its own name: `workflow NAME COMMAND`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from workflow.errors import N_, PluginFailed, WorkflowError, failure
from workflow.hookspecs import CommandView

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.plan.state import PlanState

_HINT = N_("report it to the plugin's author; `workflow plugin list` shows where it comes from")


class AddedGroup(click.Group):
    """The commands of one plugin; whatever they raise names it."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (WorkflowError, OSError, click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            raise _failed(self.name, error) from error


def added_group(settings: Settings, name: str) -> click.Group | None:
    """Return the commands of the plugin *name*, None where it is no plugin or brings none.

    Raises:
        PluginFailed: If its hook breaks.
    """
    add = settings.registry.adds_commands(name)
    if add is None:
        return None
    group = AddedGroup(name=name, context_settings={"obj": _view(settings)})
    try:
        add(group)
    except (Exception, SystemExit) as error:
        raise _failed(name, error) from error
    # A command of its own may take as long as it likes.
    settings.watchdog.stop()
    return group


def _failed(name: str | None, error: BaseException) -> PluginFailed:
    return PluginFailed("plugin `{plugin}` failed: {error}", hint=_HINT, plugin=name or "-", error=failure(error))


def _view(settings: Settings) -> CommandView:
    from workflow.views.handed import seen

    def plans() -> Iterator[str]:
        return settings.service.record.plan_ids()

    def plan(id_: str) -> PlanState:
        return seen(settings.service.state_of(settings.service.require_plan(id_)))

    return CommandView(settings.language, plans, plan)
