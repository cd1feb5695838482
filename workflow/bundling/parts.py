"""The bundle's format: a first line, parts that say how long they are, a last line with the sum of all.

`workflow/verifier.md` has the format in words; `workflow/verifier.py` reads it and imports nothing from here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from workflow import audit
from workflow.errors import IntegrityBroken

FORMAT: Final = 1
FIRST_LINE: Final = b"trinh-bundle 1\n"
KINDS: Final = ("about", "key", "seal", "consistency", "definition", "event", "leaf", "text", "document")
"""In the order in which they stand; the last four come chain by chain."""
LONGEST: Final = 8 * 1024 * 1024
"""The most bytes of a part that is read as a whole: of everything but definitions and documents."""


class Part(NamedTuple):
    """One part: its content in pieces, which together have *length* bytes."""

    kind: str
    name: str
    length: int
    content: Iterable[bytes]


def part(kind: str, name: str, content: bytes) -> Part:
    """Return a part of which all is at hand."""
    return Part(kind, name, len(content), (content,))


def json_part(kind: str, name: str, value: Any) -> Part:
    """Return a part of canonical JSON.

    Raises:
        IntegrityBroken: If it holds what the canonical form does not allow: nothing that was recorded does.
    """
    try:
        return part(kind, name, audit.canonical_json(value))
    except ValueError as error:
        raise IntegrityBroken(
            "{kind} {name} cannot be written: {error}",
            hint="`workflow audit verify` tells what differs",
            kind=kind,
            name=name,
            error=error,
        ) from error


def written(parts: Iterable[Part]) -> Iterator[bytes]:
    """Yield the bytes of a bundle of *parts*, piece by piece.

    Raises:
        IntegrityBroken: If a part has another length than it says, or is longer than a verifier would read.
    """
    digest = hashlib.sha256()
    for piece in _pieces(parts):
        digest.update(piece)
        yield piece
    yield f"{digest.hexdigest()}\n".encode()


def _pieces(parts: Iterable[Part]) -> Iterator[bytes]:
    yield FIRST_LINE
    for each in parts:
        yield audit.canonical_json({"kind": each.kind, "length": each.length, "name": each.name}) + b"\n"
        length = 0
        for piece in each.content:
            length += len(piece)
            yield piece
        if length != each.length or (length > LONGEST and each.kind not in ("definition", "document")):
            raise IntegrityBroken(
                "{kind} {name} has {length} bytes, where {expected} belong",
                hint="`workflow audit verify` tells what differs",
                kind=each.kind,
                name=each.name,
                length=length,
                expected=each.length if length != each.length else f"<= {LONGEST}",
            )
        yield b"\n"
