"""Files that a command writes: none is overwritten unasked, and none is ever half there."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from workflow.cli.options import option
from workflow.cli.output import clean
from workflow.cli.pick import may_ask
from workflow.errors import N_, InvalidInput

if TYPE_CHECKING:
    from workflow.catalogue import Catalogue

STANDARD_OUTPUT = Path("-")
_FORBIDDEN = frozenset('<>:"/\\|?*')

force = option("--force", is_flag=True, help=N_("Overwrite a file that is there already, without asking."))


def write_file(path: Path, content: bytes, catalogue: Catalogue, *, force: bool) -> None:
    """Write *content* to *path* (`-`: standard output); a file that is there is replaced in one move if wanted.

    Raises:
        InvalidInput: If it is there and nobody wants it overwritten, or it cannot be written.
    """
    require_free(path, catalogue, force=force)
    with open_file(path) as file:
        file.write(content)


def require_free(path: Path, catalogue: Catalogue, *, force: bool) -> None:
    """Refuse a file that is there already, unless somebody wants it overwritten, and a folder that is not there.

    Raises:
        InvalidInput: If it is so.
    """
    if path == STANDARD_OUTPUT:
        return
    if path.exists() and not force and not _may_overwrite(path, catalogue):
        raise InvalidInput(
            N_("{path} is there already."),
            code="file-exists",
            hint=N_("Name another file, or give --force."),
            path=path,
        )


@contextmanager
def open_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a stream to be written; at the end it is at *path* in one move, and nothing is where that failed.

    Standard output (`-`) gets what is written as it comes.

    Raises:
        InvalidInput: If it cannot be written.
    """
    if path == STANDARD_OUTPUT:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
            mode = path.stat().st_mode if path.exists() else 0o666 & ~_umask()
            os.chmod(name, mode & 0o777)
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        raise InvalidInput(
            N_("{path} cannot be written: {error}"), code="not-written", path=path, error=error.strerror or error
        ) from error


def safe_name(stem: str, suffix: str) -> str:
    """Return a name that any system can have in a folder."""
    kept = "".join("_" if char in _FORBIDDEN else char for char in clean(stem)).strip(". ")
    return f"{kept}{suffix}"


def _may_overwrite(path: Path, catalogue: Catalogue) -> bool:
    if not may_ask() or path.is_dir():
        return False
    question = catalogue.message(N_("{path} is there already. Overwrite it?"), path=path)
    return click.confirm(question, default=False, err=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
