"""Files handed in with an act: measured and hashed before, read in pieces when they are stored."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workflow.errors import InvalidInput
from workflow.names import require_text
from workflow.plan.acting import Attachment

LARGEST: Final = 100 * 1024 * 1024
"""Bytes that one file may have at most."""

_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Attached:
    """A file as it was when the command began."""

    path: Path
    attachment: Attachment

    def pieces(self) -> Iterator[bytes]:
        """Read the file again in pieces; the store compares the hash of what it reads."""
        try:
            with self.path.open("rb") as file:
                while piece := file.read(_PIECE):
                    yield piece
        except OSError as error:
            raise _unreadable(self.path, error) from error


def read_attachments(paths: Sequence[Path]) -> tuple[Attached, ...]:
    """Measure and hash each file.

    Raises:
        InvalidInput: If one does not exist, is a directory, is empty, too large, cannot be read, or
            changes while it is read.
    """
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> Attached:
    digest = hashlib.sha256()
    try:
        # Asked before it is opened: a pipe would never answer, a device never end.
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise InvalidInput("{path} is a directory, not a file", code="bad-attachment", path=path)
        if not stat.S_ISREG(kind):
            raise InvalidInput("{path} is not an ordinary file", code="bad-attachment", path=path)
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            if before.st_size > LARGEST:
                raise InvalidInput("{path} is larger than 100 MiB", code="bad-attachment", path=path)
            size = 0
            while piece := file.read(_PIECE):
                digest.update(piece)
                size += len(piece)
            after = os.fstat(file.fileno())
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if size == 0:
        raise InvalidInput("{path} is empty", code="bad-attachment", path=path)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or size != after.st_size:
        raise InvalidInput("{path} changed while it was read", code="bad-attachment", hint="try again", path=path)
    name = require_text(unicodedata.normalize("NFC", path.name), "the file's name") or path.name
    return Attached(path, Attachment(name, digest.hexdigest(), size))


def _unreadable(path: Path, error: OSError | ValueError) -> InvalidInput:
    return InvalidInput(
        "{path} cannot be read: {error}",
        code="bad-attachment",
        hint="check the file's name and your right to read it",
        path=path,
        error=getattr(error, "strerror", None) or error,
    )
