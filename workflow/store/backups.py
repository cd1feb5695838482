"""A backup of a workspace's database as one SQLite file, taken while others write.

Of a file it is what SQLite's own backup makes of one snapshot; of a server it is a copy (see `copying`)
of one snapshot into a new file. Nothing stands under the file's name before all of it is on the disk.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workflow.errors import InvalidInput, StorageUnusable
from workflow.store import schema
from workflow.store.backend import Backend
from workflow.store.copying import Copy
from workflow.store.places import backend_of
from workflow.store.sides import Side, recognised
from workflow.store.sqlite import Sqlite

_PAGES: Final = 2048
"""Pages of a file that are written between two words of progress."""
_BESIDE: Final = ("", "-journal", "-wal", "-shm")

Told = Callable[[int, int], None]
"""Told how much is done, and of how much in all, as far as anybody knows."""


@dataclass(frozen=True)
class Backup:
    """A backup that was made: the file, its size in bytes, the schema version of what is in it."""

    file: Path
    size: int
    schema: str


def back_up(location: str | Path, file: Path, *, force: bool = False, told: Told = lambda done, total: None) -> Backup:
    """Write all that the database holds now into *file*, an SQLite database by itself.

    Args:
        location: A database URL, or the path of an SQLite file; an older schema is kept as it is in a file's backup.
        force: Replace a file of that name.

    Raises:
        InvalidInput: If the file is there already, is the database itself, or cannot be written.
        StorageUnusable: If the database cannot be read.
    """
    backend = backend_of(location)
    version = recognised(backend)
    if version is None:
        raise backend.absent()
    _require_free(file, backend, force)
    with _beside(file, force) as partial:
        if isinstance(backend, Sqlite):
            _copy_pages(backend, partial, told)
        else:
            schema.require_known(version, backend.place)
            _copy_rows(location, partial, told)
        _require_sound(partial)
        size = partial.stat().st_size
    return Backup(file, size, version)


def _require_free(file: Path, backend: Backend, force: bool) -> None:
    if isinstance(backend, Sqlite) and file.absolute().resolve() in [
        Path(f"{backend.path.resolve()}{end}") for end in _BESIDE
    ]:
        raise InvalidInput("{path} is the database itself.", code="same-database", hint="Name another one.", path=file)
    if file.exists() and (not force or not file.is_file()):
        raise InvalidInput(
            "{path} is there already.", code="file-exists", hint="Name another file, or give --force.", path=file
        )


@contextmanager
def _beside(file: Path, force: bool) -> Iterator[Path]:
    """Yield a file in the same folder, which gets its name when all of it is on the disk, or goes."""
    partial: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name[:40]}.", suffix=".part")
        os.close(handle)
        partial = Path(name)
        yield partial
        with open(partial, "rb+") as written:
            os.fsync(written.fileno())
        if file.exists() and not force:
            raise FileExistsError(None, "it came into being meanwhile")
        os.replace(partial, file)
        _keep_name(file.parent)
    except OSError as error:
        raise InvalidInput(
            "{path} cannot be written: {error}", code="not-written", path=file, error=error.strerror or error
        ) from error
    finally:
        for end in _BESIDE if partial is not None else ():
            with suppress(OSError):
                os.unlink(f"{partial}{end}")


def _keep_name(folder: Path) -> None:
    """Let a file's new name outlive a power cut; systems that open no folder keep names by themselves."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _copy_pages(backend: Sqlite, partial: Path, told: Told) -> None:
    # In an open read transaction every step reads the same snapshot: whoever writes makes no step start anew.
    with closing(Side(backend)) as side, side.snapshot(), side.translated():
        with closing(sqlite3.connect(partial)) as target:
            side.connection.backup(target, pages=_PAGES, progress=lambda _, left, total: told(total - left, total))
            # A log beside it is for those who write: the backup is one file, readable where nobody may write.
            target.execute("PRAGMA journal_mode = DELETE")


def _copy_rows(location: str | Path, partial: Path, told: Told) -> None:
    with closing(Copy(location, partial, still=True)) as copy:
        # Each row is written once and compared once.
        done, total = 0, 2 * copy.intent.rows

        def more(rows: int) -> None:
            nonlocal done
            done += rows
            told(done, max(done, total))

        copy.run(more)
    with closing(sqlite3.connect(partial)) as target:
        target.execute("PRAGMA journal_mode = DELETE")


def _require_sound(partial: Path) -> None:
    """Read the written file once as a whole.

    Raises:
        StorageUnusable: If SQLite finds a fault in it.
    """
    try:
        with closing(sqlite3.connect(partial)) as written:
            (said,) = written.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise StorageUnusable(
            "The backup cannot be read back, and was not kept: {detail}.",
            code="backup-unsound",
            hint="Look at the disk; `workflow audit verify` tells about the database itself.",
            detail=said,
        )
