"""Which plugins are loaded, and whether their calls are followed: what the environment says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

INTEGRATION_GROUP = "workflow.integrations"
"""Plugins that do nothing before they are set up: loaded where workflow.toml has their `[plugins.NAME]`."""
LOAD_PLUGINS = "WORKFLOW_LOAD_PLUGINS"
TRACE_PLUGINS = "WORKFLOW_TRACE_PLUGINS"


@dataclass(frozen=True)
class Choice:
    """The plugins somebody wants, by the names that `plugin list` shows.

    Attributes:
        only: Nothing but these and what comes with the program; None where nobody chose.
        without: None of these, whatever they come with.
    """

    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()

    def wants(self, name: str, comes_along: Callable[[], bool]) -> bool:
        """True if the plugin is to be loaded; *comes_along* says, slowly, whether it comes with the program."""
        if name in self.without:
            return False
        return self.only is None or name in self.only or comes_along()

    @property
    def named(self) -> frozenset[str]:
        """Every name that was written down."""
        return (self.only or frozenset()) | self.without


EVERY = Choice()


def chosen(text: str | None) -> Choice:
    """Read a list of names with commas between them; `-NAME` leaves one out.

    Nothing at all (None) chooses every plugin, an empty text what comes with the program.
    """
    if text is None:
        return EVERY
    names = [name.strip() for name in text.split(",") if name.strip()]
    without = frozenset(name.removeprefix("-") for name in names if name.startswith("-"))
    only = frozenset(name for name in names if not name.startswith("-"))
    return Choice(None if without and not only else only, without)
