"""Seals as files of the workspace: `seals/seal-000001.txt` and so on, to be printed and sent out of the house."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workflow.errors import InvalidInput
from workflow.sealing import notes
from workflow.sealing.notes import Seal
from workflow.sealing.secrecy import write_once
from workflow.store.seals import SealRow

FOLDER: Final = "seals"
_NAME: Final = re.compile(r"seal-([0-9]{6,15})\.txt", re.ASCII)


@dataclass(frozen=True)
class Filed:
    """What lies in a workspace's folder of seals.

    Attributes:
        seal: The newest that can be read, which lies at `path`; None where there is none.
        damaged: Newer files under a seal's name that cannot be read or are no seal, newest first.
    """

    seal: Seal | None = None
    path: Path | None = None
    damaged: tuple[Path, ...] = ()


def filed(root: Path) -> Filed:
    """Return the newest seal that lies in the workspace *root*."""
    damaged: list[Path] = []
    for path in _newest_first(root / FOLDER):
        try:
            with path.open("rb") as file:
                return Filed(notes.parse(file.read(notes.LONGEST + 1)), path, tuple(damaged))
        except (OSError, InvalidInput):
            damaged.append(path)
    return Filed(damaged=tuple(damaged))


def _newest_first(folder: Path) -> list[Path]:
    try:
        named = [(int(found[1]), path) for path in folder.iterdir() if (found := _NAME.fullmatch(path.name))]
    except OSError:
        return []
    # What is no file, such as a pipe, would be waited for.
    return [path for _, path in sorted(named, reverse=True) if path.is_file()]


def file_of(root: Path, number: int) -> Path:
    """Where the seal with this number lies in the workspace *root*."""
    return root / FOLDER / f"seal-{number:06d}.txt"


def require_free(root: Path, number: int) -> None:
    """Refuse where there is a seal of that number already, which the record knows nothing of.

    Raises:
        InvalidInput: So it is where a database was taken back to an earlier day.
    """
    path = file_of(root, number)
    if path.exists():
        raise _there(path)


def keep(root: Path, row: SealRow) -> Path:
    """Write a seal into its file, unless it lies there already; returns where.

    Raises:
        InvalidInput: If another one lies there, or it cannot be written.
    """
    path = file_of(root, row.number)
    try:
        path.parent.mkdir(exist_ok=True)
        try:
            write_once(path, row.note)
        except FileExistsError:
            if path.read_bytes() != row.note:
                raise _there(path) from None
    except OSError as error:
        raise InvalidInput(
            "{path} cannot be written: {error}", code="not-written", path=path, error=error.strerror or error
        ) from error
    return path


def _there(path: Path) -> InvalidInput:
    return InvalidInput(
        "{path} is there already, and it is no seal of this record.",
        code="seal-file-exists",
        hint="Was the database taken back to an earlier day? `workflow audit verify --seal {path}` tells.",
        path=path,
    )
