"""Does the database keep what it reported as written, also when the power fails?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from workflow.doctor.findings import Finding
from workflow.doctor.patient import Patient
from workflow.errors import N_, Phrase

_LOSING = {
    "journal_mode": ("off", "memory"),
    "synchronous": ("0", "1", "off", "normal"),
    "fsync": ("off",),
    "full_page_writes": ("off",),
    "synchronous_commit": ("off",),
}
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "fuse.sshfs", "9p.network", "davfs", "fuse.davfs2")
_MOUNTS = Path("/proc/self/mounts")


def settings(patient: Patient) -> Iterator[Finding]:
    """Settings under which a power cut loses events that were reported as written."""
    for name, value in patient.store.storage_settings().items():
        if value in _LOSING[name]:
            yield Finding(
                "error",
                name,
                Phrase(
                    N_("the database runs with {name} = {value}: a power cut loses what it reported as written"),
                    {"name": name, "value": value},
                ),
                Phrase(N_("let whoever keeps the server set {name} = on"), {"name": name})
                if name not in ("journal_mode", "synchronous")
                else Phrase(N_("move the workspace to a local disk that holds a write-ahead log")),
            )
        elif name == "journal_mode" and value != "wal":
            yield Finding(
                "warning",
                name,
                Phrase(
                    N_("the database cannot keep a write-ahead log here (journal mode {value}): readers wait"),
                    {"value": value},
                ),
                Phrase(N_("move the workspace to a local disk that holds a write-ahead log")),
            )


def network_drive(patient: Patient) -> Iterator[Finding]:
    """An SQLite file on a drive of another machine: locks do not hold there, and two writers destroy it."""
    url = patient.workspace.database
    if not url.startswith("sqlite"):
        return
    path = Path(url.removeprefix("sqlite:///"))
    kind = drive_kind(path.absolute(), _mounts())
    if kind is not None:
        yield Finding(
            "error",
            str(path),
            Phrase(
                N_("the database lies on a network drive ({kind}), where two writers can destroy it"), {"kind": kind}
            ),
            Phrase(N_("keep it on a local disk, or use PostgreSQL where several machines write")),
        )


def drive_kind(path: Path, mounts: str) -> str | None:
    """Return the kind of the network drive that *path* lies on, None where it is on none.

    Args:
        mounts: Lines as in /proc/self/mounts; empty where the system has no such list.
    """
    if os.name == "nt":
        return "UNC" if str(path).startswith("\\\\") else None
    best, kind = "", None
    for line in mounts.splitlines():
        _, folder, type_, *_ = [*line.split(" "), "", "", ""]
        # Blanks in a folder's name are written as in C.
        folder = folder.replace("\\040", " ")
        inside = str(path) == folder or str(path).startswith(folder.rstrip("/") + "/")
        if inside and len(folder) >= len(best):
            best, kind = folder, type_
    return kind if kind in _NETWORK else None


def _mounts() -> str:
    try:
        return _MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
