"""All checks, in the order in which they are told. Each asks one question of one workspace and stands alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from workflow.bootstrap import Workspace
from workflow.doctor import keeping, plugged, recorded, sealed, serving
from workflow.doctor.findings import Finding
from workflow.doctor.patient import Patient
from workflow.errors import N_, Phrase, StorageUnusable, WorkflowError

Check = Callable[[Patient], Iterator[Finding]]

CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("database-settings", keeping.settings),
    ("network-drive", keeping.network_drive),
    ("clocks", recorded.clocks),
    ("people", recorded.people),
    ("ended", serving.leavers),
    ("definitions", recorded.definitions),
    ("plugins", plugged.plugins),
    ("plugin-settings", plugged.settings),
    ("step-types", plugged.step_types),
    ("step-answers", plugged.answers),
    ("worker", serving.worker),
    ("effect-kinds", serving.kinds),
    ("parked-effects", serving.parked),
    ("worker-version", serving.versions),
    ("seals", sealed.seals),
)
"""Names are stable: programs read them."""

DATABASE: Final = "database"


def examine(workspace: Workspace) -> list[tuple[str, Finding]]:
    """Return what each check finds, with the check's name.

    A database that cannot be opened, or waits for migrations, is the only finding: all else would ask it.
    A check that fails is a finding of its own.
    """
    try:
        patient = Patient.of(workspace)
    except StorageUnusable as error:
        return [(DATABASE, _failed(str(workspace.root), error))]
    found: list[tuple[str, Finding]] = []
    for name, check in CHECKS:
        try:
            found += [(name, finding) for finding in check(patient)]
        except WorkflowError as error:
            found.append((name, _failed(name, error)))
    return found


def _failed(where: str, error: WorkflowError) -> Finding:
    return Finding("error", where, error.phrase, error.hint or Phrase(N_("put this right, then ask again")))
