"""Which template a paper is drawn on, and that nothing runs out of it.

A template is a .docx that the office edits in Word. It comes from a person, so it is trusted no more than any other
file: an archive that unpacks to too much is refused, and so is one with a macro.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workflow.errors import N_, InvalidInput, Phrase
from workflow.views.papers import Paper

LARGEST: Final = 20 * 1024 * 1024
"""Bytes that a template may unpack to."""
MOST_PARTS: Final = 2_000
MAIN_PART: Final = "word/document.xml"
_WITH_MACROS: Final = (".docm", ".dotm")


@dataclass(frozen=True)
class Template:
    """A template's bytes, and what people call it: its file's name, or that it is the shipped one."""

    name: str
    content: bytes
    own: bool


def template_of(paper: Paper, folder: Path | None) -> Template:
    """Return the office's own template of a paper if *folder* has one, else the one that travels with its plugin.

    Raises:
        InvalidInput: If it cannot be read, is no .docx, or has a macro.
    """
    own = folder / f"{paper.name}.docx" if folder is not None else None
    if own is not None:
        for ending in _WITH_MACROS:
            if own.with_suffix(ending).is_file():
                raise _refused(own.with_suffix(ending).name, Phrase(N_("it can hold macros; save it as .docx")))
        if own.is_file():
            try:
                size = own.stat().st_size
                content = own.read_bytes() if size <= LARGEST else b""
            except OSError as error:
                raise _refused(own.name, error.strerror or error) from error
            if size > LARGEST:
                raise _too_large(own.name)
            require_plain(own.name, content)
            return Template(own.name, content, own=True)
    return Template(f"{paper.name}.docx", paper.template(), own=False)


def require_plain(name: str, content: bytes) -> None:
    """Refuse what is no plain .docx.

    Raises:
        InvalidInput: If it is damaged, too large, or has a macro.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST:
                raise _too_large(name)
            names = [part.filename for part in parts]
            if MAIN_PART not in names:
                raise _refused(name, Phrase(N_("it is no Word file")))
            types = archive.read("[Content_Types].xml") if "[Content_Types].xml" in names else b""
            if b"macroEnabled" in types or any("vbaproject" in part.lower() for part in names):
                raise _refused(name, Phrase(N_("it has a macro; save it as .docx without macros")))
            if any(b"<!DOCTYPE" in archive.read(part) for part in names if part.endswith((".xml", ".rels"))):
                raise _refused(name, Phrase(N_("it is no Word file")))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise _refused(name, Phrase(N_("it is no Word file"))) from error


def _refused(name: str, why: object) -> InvalidInput:
    return InvalidInput(
        "template {name} cannot be used: {why}",
        code="bad-template",
        hint="mend it in Word, or take it away: then the shipped one is used",
        name=name,
        why=why,
    )


def _too_large(name: str) -> InvalidInput:
    return _refused(name, Phrase(N_("it is larger than {megabytes} MiB"), {"megabytes": LARGEST // 2**20}))
