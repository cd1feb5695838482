"""Sealing by the worker, as often as `[seals]` of workflow.toml says.

Any number of workers look whether it is time; whoever is first seals, and the others find that it was done.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from workflow.errors import StorageUnusable, WorkflowError
from workflow.sealing import files
from workflow.sealing.keys import FOLDER, Keyring, passphrase_given

if TYPE_CHECKING:
    from workflow.bootstrap import Workspace

LOOK: Final = 300.0
"""Seconds between two looks whether it is time."""
SEALED: Final = "sealed"
SEAL_FAILED: Final = "seal-failed"


class Sealer:
    """Seals one workspace when it is time.

    Args:
        told: Called with a seal's file and `sealed`, or with the code of what is in the way and `seal-failed`:
            once for each.
    """

    def __init__(self, workspace: Workspace, every: timedelta, told: Callable[[str, str], None]) -> None:
        self._workspace = workspace
        self._service = workspace.service
        self._every = every
        self._told = told
        self._failed: set[str] = set()

    @property
    def look(self) -> float:
        """Seconds until it should be looked again."""
        return min(LOOK, self._every.total_seconds())

    def run(self) -> None:
        """Seal, if it is time; whatever is in the way is told, and never ends the worker.

        Raises:
            StorageUnusable: If the database cannot be used.
        """
        if not self._service.record.seal_is_due(self._every):
            return
        root = self._workspace.root
        try:
            last = self._service.store.last_seal()
            files.require_free(root, last.number + 1 if last else 1)
            made = self._service.record.seal(Keyring(root / FOLDER), lambda _: passphrase_given())
            if made is not None:
                self._told(str(files.keep(root, made)), SEALED)
            self._failed.clear()
        except StorageUnusable:
            raise
        except WorkflowError as error:
            if error.code not in self._failed:
                self._failed.add(error.code)
                self._told(error.code, SEAL_FAILED)
