"""The text of a file as paragraphs, for reading and comparing: .docx, .md, .txt, .pdf.

Files come from anywhere, so nothing in them is trusted: an archive is unpacked up to a limit, XML
with a document type is refused (entities can grow without end), and whatever a library raises
becomes a refusal that names the file. All text is NFC.
"""

from __future__ import annotations

import io
import logging
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Any, Final
from xml.parsers import expat

from workflow.errors import InvalidInput

LARGEST: Final = 100 * 1024 * 1024
"""Bytes that a file may have, packed and unpacked."""

MOST_CHARACTERS: Final = 20_000_000
"""A text longer than this is no paper that anybody compares."""

_PIECE = 1024 * 1024
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT_WORD = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_FALLBACK = "http://schemas.openxmlformats.org/markup-compatibility/2006 Fallback"
_MARKER = re.compile(r"(#{1,6}\s|[-*+•]\s|\d{1,3}[.)]\s|[a-zđ][.)]\s|\||>|Điều\s+\d|Chương\s+[IVXLC\d])")
_SENTENCE_ENDS = (".", ":", ";", "!", "?", "…", "”", '"')


def suffix_of(name: str) -> str:
    """Return the ending by which a file's kind is known, in lower case."""
    return PurePath(name).suffix.lower()


def is_readable(name: str) -> bool:
    """True if a file of this name has text that `paragraphs` can read."""
    return suffix_of(name) in _READERS


def paragraphs(name: str, content: bytes) -> tuple[str, ...]:
    """Return the paragraphs of a file's text, in order, empty ones left out, in NFC.

    Args:
        name: The file's name; its ending tells the kind.

    Raises:
        InvalidInput: If the file is not of the kind its name says, is damaged, locked or too large,
            or if the extra that reads it is not installed.
    """
    reader = _READERS.get(suffix_of(name))
    if reader is None:
        raise InvalidInput(
            "{name} has no text that can be read",
            code="no-text",
            hint="texts are read from .docx, .md, .txt and .pdf files",
            name=name,
        )
    if len(content) > LARGEST:
        raise _too_large(name)
    found, size = [], 0
    for paragraph in reader(name, content):
        text = " ".join(unicodedata.normalize("NFC", paragraph).split())
        size += len(text)
        if size > MOST_CHARACTERS:
            raise _too_large(name)
        if text:
            found.append(text)
    return tuple(found)


def _too_large(name: str) -> InvalidInput:
    return InvalidInput("{name} is too large to be read as a text", code="too-large", name=name)


def _unreadable(name: str, kind: str, why: object) -> InvalidInput:
    return InvalidInput(
        "{name} cannot be read as {kind}: {why}",
        code="bad-file",
        hint="open and save it again with the program that made it",
        name=name,
        kind=kind,
        why=" ".join(str(why).split())[:200],
    )


# plain text


def _decoded(name: str, content: bytes) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _unreadable(name, "UTF-8", error.reason) from error


def _lines(name: str, content: bytes) -> Iterator[str]:
    """A line of a .txt file is a paragraph, as editors of Vietnamese papers write it."""
    yield from _decoded(name, content).splitlines()


def _markdown(name: str, content: bytes) -> Iterator[str]:
    """Lines of one paragraph are joined; headings, list items and table rows stand for themselves."""
    held: list[str] = []
    fenced = False
    for line in _decoded(name, content).splitlines():
        text = line.strip()
        fence = text.startswith(("```", "~~~"))
        alone = fenced or fence or not text or _MARKER.match(text) is not None
        if alone or (held and held[0].startswith("#")):
            yield " ".join(held)
            held = []
        if fenced or fence:
            yield text
        elif text:
            held.append(text)
        fenced ^= fence
    yield " ".join(held)


# Word


def _word(name: str, content: bytes) -> Iterator[str]:
    body = _WordBody()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = body.refuse_document_type
    parser.StartElementHandler = body.start
    parser.EndElementHandler = body.end
    parser.CharacterDataHandler = body.characters
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(_main_part(archive)) as part:
            size = 0
            while piece := part.read(_PIECE):
                size += len(piece)
                if size > LARGEST:
                    raise _too_large(name)
                parser.Parse(piece, False)
            parser.Parse(b"", True)
    except KeyError as error:
        raise _unreadable(name, "a .docx file", "it has no document inside") from error
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise _unreadable(name, "a .docx file", error) from error
    return iter(body.paragraphs)


def _main_part(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The part that holds the text; damaged archives may say otherwise, but Word never does."""
    return archive.getinfo("word/document.xml")


class _WordBody:
    """Collects the paragraphs of a Word document, as they read with all tracked changes accepted."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self._open: list[list[str]] = []
        self._skipped = 0
        self._in_text = 0

    def refuse_document_type(self, *_: Any) -> None:
        raise ValueError("it has a document type, which no .docx file has")

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        word = _local(name)
        if self._skipped or word in ("del", "moveFrom") or name == _FALLBACK:
            self._skipped += 1
        elif word == "p":
            self._open.append([])
        elif word == "t":
            self._in_text += 1
        elif word in ("tab", "br", "cr") and self._open:
            self._open[-1].append(" ")
        elif word == "noBreakHyphen" and self._open:
            self._open[-1].append("-")

    def end(self, name: str) -> None:
        word = _local(name)
        if self._skipped:
            self._skipped -= 1
        elif word == "p" and self._open:
            self.paragraphs.append("".join(self._open.pop()))
        elif word == "t":
            self._in_text -= 1

    def characters(self, text: str) -> None:
        if self._in_text and not self._skipped and self._open:
            self._open[-1].append(text)


def _local(name: str) -> str:
    """The name of an element of WordprocessingML; empty for any other's."""
    space, _, local = name.rpartition(" ")
    return local if space in (_WORD, _STRICT_WORD) else ""


# PDF


def _pdf(name: str, content: bytes) -> Iterator[str]:
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError
    except ImportError as missing:
        raise InvalidInput(
            "reading {name} needs the extra `papers`, which is not installed",
            code="extra-missing",
            hint="in the checkout: pip install '.[papers]'",
            name=name,
        ) from missing
    # What it remarks on a damaged file would stand between our own lines.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    found: list[str] = []
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _unreadable(name, "a .pdf file", "it is locked with a password")
        for page in reader.pages:
            found += page.extract_text().splitlines()
            if sum(map(len, found[-10_000:])) > MOST_CHARACTERS:
                raise _too_large(name)
    except InvalidInput:
        raise
    except (DependencyError, Exception) as error:  # a damaged file makes the library raise anything
        raise _unreadable(name, "a .pdf file", f"{type(error).__name__}: {error}") from error
    if content and not any(line.strip() for line in found):
        raise InvalidInput(
            "{name} holds no text, only pictures of pages",
            code="no-text",
            hint="compare the file from which it was printed or scanned",
            name=name,
        )
    return _joined(found)


def _joined(lines: list[str]) -> Iterator[str]:
    """Join a page's lines into paragraphs: one goes on until its sentence ends or another begins."""
    held: list[str] = []
    for line in lines:
        text = line.strip()
        if held and (not text or _MARKER.match(text) or held[-1].endswith(_SENTENCE_ENDS)):
            yield " ".join(held)
            held = []
        if text:
            held.append(text)
    yield " ".join(held)


_READERS: Mapping[str, Callable[[str, bytes], Iterator[str]]] = {
    ".txt": _lines,
    ".md": _markdown,
    ".docx": _word,
    ".pdf": _pdf,
}
