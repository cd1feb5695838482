"""The care for a workspace's database: how it is, backups, upgrades, the way to another place, roles on a server."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workflow.bootstrap import Workspace, open_workspace, without_password
from workflow.errors import InvalidInput
from workflow.store import grants, schema
from workflow.store.backups import Backup, Told, back_up
from workflow.store.condition import Condition, condition_of
from workflow.store.copying import Copied, Copy, Intent
from workflow.views.plans import Verification

LAST_BACKUP: Final = "last-backup.json"
"""In the workspace's folder: what `db status` knows of backups. It is told, not proved, and no part of the record."""


@dataclass(frozen=True)
class Upgrade:
    """An upgrade: the version before, those that it goes through, and the backup that was made first."""

    before: str
    pending: tuple[str, ...]
    backup: Backup | None = None


def status(workspace: Workspace) -> tuple[Condition, Mapping[str, Any] | None]:
    """Return how the database is, and what is known here of the last backup.

    Raises:
        StorageUnusable: If it cannot be read, or is none of ours.
    """
    return condition_of(workspace.settings.database), _last_backup(workspace.root)


def make_backup(
    workspace: Workspace, file: Path, *, force: bool = False, told: Told = lambda done, total: None
) -> Backup:
    """Write the database as it is now into *file*, and note that in the workspace.

    Raises:
        InvalidInput: If the file is there already or cannot be written.
        StorageUnusable: If the database cannot be read.
    """
    made = back_up(workspace.settings.database, file, force=force, told=told)
    at = workspace.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    note = {"file": str(file.absolute()), "at": at, "bytes": made.size, "schema": made.schema}
    # The backup is made; a folder that takes no note of it must not say that it failed.
    with suppress(OSError):
        partial = workspace.root / f".{LAST_BACKUP}.{os.getpid()}"
        partial.write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")
        os.replace(partial, workspace.root / LAST_BACKUP)
    return made


def _last_backup(root: Path) -> Mapping[str, Any] | None:
    try:
        note = json.loads((root / LAST_BACKUP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return note if isinstance(note, dict) and {"file", "at", "bytes", "schema"} <= set(note) else None


def plan_upgrade(workspace: Workspace) -> Upgrade:
    """Return what an upgrade would do.

    Raises:
        StorageUnusable: If there is no database, or a newer program made it.
    """
    found = condition_of(workspace.settings.database)
    if found.schema is None:
        # Opening it says that nothing is there, and how to come by something.
        workspace.store.close()
    version = str(found.schema)
    schema.require_known(version, found.place)
    return Upgrade(version, found.pending)


def upgrade(workspace: Workspace, *, backed_up: bool = False, told: Told = lambda done, total: None) -> Upgrade:
    """Take the database to this program's schema, all migrations or none; a file is backed up first.

    Args:
        backed_up: Somebody has made a backup: none is made here.

    Raises:
        InvalidInput: If it is on a server and nobody says that there is a backup.
    """
    planned = plan_upgrade(workspace)
    made = None
    if planned.pending and not backed_up:
        made = make_backup(workspace, _file_before(workspace, planned), told=told)
    workspace.upgrade_database()
    return Upgrade(planned.before, planned.pending, made)


def _file_before(workspace: Workspace, planned: Upgrade) -> Path:
    url = workspace.settings.database
    if not url.startswith("sqlite"):
        raise InvalidInput(
            "{path} waits for {count} {count|migration|migrations}; make a backup of it first.",
            code="backup-needed",
            hint="`pg_dump --format=custom` makes one; then run `workflow db upgrade --backed-up`.",
            path=workspace.database,
            count=len(planned.pending),
        )
    path = Path(condition_of(url).place)
    names = [
        f"{path.stem}-schema-{planned.before}{end}{path.suffix}" for end in ("", *(f"-{n}" for n in range(2, 100)))
    ]
    return next(
        (path.with_name(name) for name in names if not path.with_name(name).exists()), path.with_name(names[-1])
    )


def target_url(to: str) -> str:
    """Return the URL of a place named by URL or by the path of a file."""
    return to if "://" in to else f"sqlite:///{os.path.abspath(to)}"


def intend_copy(workspace: Workspace, to: str) -> Intent:
    """Return what `copy` would do. Raises as `copy` does."""
    with closing(Copy(workspace.settings.database, target_url(to))) as copy:
        return copy.intent


def copy(workspace: Workspace, to: str, told: Callable[[int, int], None]) -> Copied:
    """Copy the database to another place, every row of every table; gone on with where it was broken off.

    Raises:
        InvalidInput: If there is nothing to copy, or *to* is the database itself.
        StorageUnusable: If one of the two cannot be used.
        Conflict: If the target holds anything but an earlier copy of this workspace, or the source moves on.
        IntegrityBroken: If the target has rows that no copy wrote.
    """
    with closing(Copy(workspace.settings.database, target_url(to))) as running:
        done, total = 0, 2 * running.intent.rows

        def more(rows: int) -> None:
            nonlocal done
            done += rows
            told(done, total)

        return running.run(more)


def verify_copy(workspace: Workspace, to: str) -> Verification:
    """Verify the record in the place that was copied to, as `audit verify` does."""
    opened = open_workspace(workspace.root, target_url(to), clock=workspace.clock, create_db=False)
    try:
        return opened.service.record.verify()
    finally:
        opened.close()


def setting_for(workspace: Workspace, to: str) -> str:
    """Return the line of workflow.toml that names a place, without a password."""
    kept = without_password(target_url(to))
    if kept.startswith("sqlite:///"):
        path = Path(kept.removeprefix("sqlite:///"))
        kept = path.relative_to(workspace.root).as_posix() if path.is_relative_to(workspace.root) else str(path)
    return f"database = {json.dumps(kept, ensure_ascii=False)}"


def grant_statements(workspace: Workspace, names: Mapping[str, str]) -> list[str]:
    """Return the SQL for the roles officer, reviewer and worker; *names* are the server's names for some of them.

    Raises:
        InvalidInput: If the database is a file, or a name cannot be a role's.
    """
    from workflow.worker.engine import SCHEMA

    return grants.statements(workspace.settings.database, {**grants.DEFAULT_NAMES, **names}, SCHEMA)


def apply_grants(workspace: Workspace, statements: list[str]) -> None:
    """Run those statements, all or none.

    Raises:
        StorageUnusable: If this session may not, or a role is not bound by rights.
    """
    grants.apply(workspace.settings.database, statements)
