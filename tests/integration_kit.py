"""A workspace with an integration set up, whose outbox a real worker carries out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workflow.bootstrap import init_workspace, open_workspace
from workflow.views.plans import Write

CLERK = Write(actor="van-thu")
DEFINITION = "provincial-normative-document-template"


class Integration:
    """A workspace in *root* whose workflow.toml has *tables* behind `[worker]`."""

    def __init__(self, root: Path, tables: str) -> None:
        self.root = root
        init_workspace(root)
        worker = "[worker]\ntries = 2\npause = 0\npoll = 0.1\n"
        (root / "workflow.toml").write_text(worker + tables, encoding="utf-8")
        workspace = open_workspace(root)
        workspace.make_database()
        workspace.service.load_people((root / "people.yaml").read_bytes(), "people.yaml", CLERK)
        workspace.close()

    def create(self, plan: str = "P1") -> None:
        """Start a plan, which opens its first step."""
        workspace = open_workspace(self.root)
        workspace.service.create(DEFINITION, plan, CLERK)
        workspace.close()

    def effects(self) -> list[tuple[str, str, Mapping[str, Any]]]:
        """Kind, state and payload of each effect."""
        workspace = open_workspace(self.root)
        shown = [workspace.service.effect(row.id) for row in workspace.store.effects()]
        workspace.close()
        return [(each.summary.kind, each.summary.state, each.payload) for each in shown]

    def reasons(self) -> list[str]:
        """Why each effect was parked."""
        workspace = open_workspace(self.root)
        said = [str(workspace.service.effect(row.id).summary.reason) for row in workspace.store.effects()]
        workspace.close()
        return said

    def work(self, **environment: str) -> None:
        """Let a worker do what is due."""
        command = [sys.executable, "-m", "workflow", "--workspace", str(self.root), "worker", "--once"]
        env = {**os.environ, "WORKFLOW_LANG": "en", **environment}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, timeout=120)
        assert 0 == done.returncode, done.stderr
