"""Files that only their owner can read. The rights are POSIX's; Windows keeps those of the user's own folder."""

from __future__ import annotations

import os
from pathlib import Path

_POSIX = os.name == "posix"


def private_folder(path: Path) -> None:
    """Make a folder that nobody else can look into; one that is there already is closed to others."""
    path.mkdir(mode=0o700, exist_ok=True)
    if _POSIX:
        path.chmod(0o700)


def write_once(path: Path, content: bytes, *, secret: bool = False) -> None:
    """Write a new file, which nobody else can read if *secret*, and have it kept by the disk.

    Raises:
        FileExistsError: If there is something of that name; it stays as it is.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            if _POSIX:
                # Before there is anything to read, whatever the umask says.
                os.fchmod(file.fileno(), 0o600 if secret else 0o644)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def is_private(path: Path) -> bool:
    """True if nobody but its owner may read a file; always where the system knows no such rights."""
    return not _POSIX or path.stat().st_mode & 0o077 == 0
