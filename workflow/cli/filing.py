"""Files that a command writes: none is overwritten unasked, and none is ever half there."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

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
    if path == STANDARD_OUTPUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return
    if path.exists() and not force and not _may_overwrite(path, catalogue):
        raise InvalidInput(
            N_("{path} is there already."),
            code="file-exists",
            hint=N_("Name another file, or give --force."),
            path=path,
        )
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            mode = path.stat().st_mode if path.exists() else 0o666 & ~_umask()
            os.chmod(name, mode & 0o777)
            os.replace(name, path)
        except OSError:
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
