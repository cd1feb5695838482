"""What the checks look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workflow.bootstrap import Workspace
from workflow.registry import Registry
from workflow.service.service import Service
from workflow.store.interface import Store


@dataclass(frozen=True)
class Patient:
    """An opened workspace and the time at which it is examined."""

    workspace: Workspace
    service: Service
    store: Store
    registry: Registry
    now: datetime

    @classmethod
    def of(cls, workspace: Workspace) -> Patient:
        """Open what there is to look at.

        Raises:
            StorageUnusable: If the database cannot be used.
        """
        store = workspace.store
        # A file that is damaged inside is noticed when something is read.
        store.workspace_head()
        return cls(workspace, workspace.service, store, workspace.registry, workspace.clock.now())
