"""What the global options say, and what is opened because of it, each thing when first needed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workflow.cli.marking import N_

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from workflow.bootstrap import Workspace
    from workflow.catalogue import Catalogue
    from workflow.errors import Phrase
    from workflow.loading.watchdog import Watchdog
    from workflow.registry import Registry
    from workflow.service.hindsight import Hindsight
    from workflow.service.service import Service

SETTINGS_FILE = "workflow.toml"


def _open(directory: Path | None, database: str | None) -> Workspace:
    from workflow import bootstrap

    # A database that is not there was lost or misspelt: no question and no change makes an empty one instead.
    return bootstrap.open_workspace(directory, database, create_db=False)


def _registry(directory: Path | None) -> Registry:
    from workflow import bootstrap

    return bootstrap.registry(directory)


class Settings:
    """The global options of one run.

    Args:
        opener: Opens a workspace; a test puts its own here.
        registrar: Makes the registry of plugins; a test puts its own here.
    """

    def __init__(
        self,
        opener: Callable[[Path | None, str | None], Any] = _open,
        registrar: Callable[[Path | None], Any] = _registry,
    ) -> None:
        self.workspace: str | None = None
        self.database: str | None = None
        self.actor: str | None = None
        self.lang: str | None = None
        self.as_json = False
        self.debug = False
        self.past: Hindsight | None = None
        self._open = opener
        self._registrar = registrar

    @property
    def language(self) -> str:
        """`vi` or `en`: `--lang`, then `WORKFLOW_LANG`, then the system's."""
        if self.lang is not None:
            return self.lang
        environment = os.environ
        locale = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), None)
        if locale is None and os.name == "nt":
            from locale import getlocale

            locale = getlocale()[0]
        named = environment.get("WORKFLOW_LANG")
        if "vi" not in f"{named} {locale}".lower():
            return "en"
        from workflow.catalogue import language_from

        return language_from(None, named, locale)

    @property
    def catalogue(self) -> Catalogue:
        """Messages in the reader's language."""
        from workflow.catalogue import Catalogue

        return Catalogue(self.language)

    def find_workspace(self) -> Path | None:
        """Return the workspace: the one named, else this folder or the nearest parent that is one, else None."""
        from pathlib import Path

        if self.workspace is not None:
            from workflow import bootstrap

            return bootstrap.find_workspace(Path(self.workspace))
        here = Path.cwd()
        return next((folder for folder in (here, *here.parents) if (folder / SETTINGS_FILE).is_file()), None)

    @cached_property
    def opened(self) -> Workspace:
        """The opened workspace."""
        from pathlib import Path

        self.watchdog.start()
        return self._open(Path(self.workspace) if self.workspace is not None else None, self.database)

    @cached_property
    def registry(self) -> Registry:
        """The plugins, also outside a workspace."""
        self.watchdog.start()
        return self._registrar(self.find_workspace())

    @cached_property
    def watchdog(self) -> Watchdog:
        """Tells of a plugin that does not come back."""
        from workflow.loading.watchdog import Watchdog

        def tell(phrase: Phrase) -> None:
            print(self.catalogue.text(phrase), file=sys.stderr, flush=True)

        return Watchdog(tell)

    @property
    def service(self) -> Service:
        """The application service of the workspace; one that looks back, if that was asked for."""
        return self.past or self.opened.service

    def look_back(self, as_of: date | None, on: date | None) -> None:
        """Answer from now on as known on the day *as_of*, and as true on the day *on*.

        Raises:
            InvalidInput: If *as_of* lies ahead.
        """
        self.past = None
        if as_of is None and (on is None or on >= self.today()):
            return
        from workflow.service.hindsight import Hindsight

        self.past = Hindsight(self.opened.service, as_of, on)

    def acting(self) -> str:
        """Return who acts, or refuse: a change without an actor has no place in the trail."""
        if not self.actor:
            from workflow.errors import InvalidInput

            raise InvalidInput(
                N_("Nobody is named as the one who acts."),
                code="no-actor",
                hint=N_("Give --as ACTOR or set WORKFLOW_ACTOR; `workflow people list` shows who there is."),
            )
        return self.reader or self.actor

    @cached_property
    def reader(self) -> str | None:
        """The id of who asks or acts, by id or full name; None where nobody is named."""
        if not self.actor:
            return None
        from workflow.cli.named import PERSON, id_of

        return id_of(self, self.actor, PERSON)

    def today(self) -> date:
        """The day it is, by the workspace's clock."""
        return self.service.today()

    def close(self) -> None:
        """Close what was opened."""
        if (watchdog := self.__dict__.pop("watchdog", None)) is not None:
            watchdog.stop()
        self.past = None
        opened = self.__dict__.pop("opened", None)
        close = getattr(opened, "close", None)
        if close is not None:
            close()
