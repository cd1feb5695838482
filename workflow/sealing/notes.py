"""The seal as people keep it: a signed note, a few lines of text that can be printed, mailed and typed off.

Written in one way only and read as strictly: every byte is accounted for, and what is read back and written again
is the same file. Who signed it `keys` can tell.

Source: C2SP signed-note and tlog-checkpoint (c2sp.org), with extension lines of our own in a fixed order.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from workflow.errors import N_, InvalidInput, Phrase

LONGEST: Final = 2048
"""Bytes of a note; ours have some 350."""

_LARGEST = 2**53
_ID = 4
_SIGNATURE = 64
_LINES = re.compile(
    r"(?P<origin>trinh/[0-9a-f]{16})\n"
    r"(?P<size>[1-9][0-9]{0,15})\n"
    r"(?P<root>[A-Za-z0-9+/]{43}=)\n"
    r"time (?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)\n"
    r"chains (?P<chains>[1-9][0-9]{0,15})\n"
    r"events (?P<events>[1-9][0-9]{0,15})\n"
    r"(?P<simulated>clock simulated\n)?"
    r"\n"
    r"\N{EM DASH} (?P<signer>[^ \n]{1,80}) (?P<signature>[A-Za-z0-9+/=]{1,200})\n"
)


@dataclass(frozen=True)
class Checkpoint:
    """What a seal says.

    Attributes:
        origin: Which workspace's: `trinh/` and 16 hex digits of the hash of its first event.
        size: Over how many leaves.
        root: Over these leaves, 32 bytes.
        at: When, as an ISO instant; by a simulated clock if `simulated`.
        chains: So many chains there were.
        events: So many events these had.
    """

    origin: str
    size: int
    root: bytes
    at: str
    chains: int
    events: int
    simulated: bool = False

    def text(self) -> bytes:
        """Return the lines that are signed."""
        lines = [
            self.origin,
            str(self.size),
            base64.b64encode(self.root).decode(),
            f"time {self.at}",
            f"chains {self.chains}",
            f"events {self.events}",
        ]
        return "".join(f"{line}\n" for line in [*lines, *["clock simulated"] * self.simulated]).encode()


@dataclass(frozen=True)
class Seal:
    """A checkpoint with its signature, by the key with the id `key` (8 hex digits)."""

    checkpoint: Checkpoint
    key: str
    signature: bytes

    def note(self) -> bytes:
        """Return the bytes of the file."""
        signed = base64.b64encode(bytes.fromhex(self.key) + self.signature).decode()
        return self.checkpoint.text() + f"\n\N{EM DASH} {self.checkpoint.origin} {signed}\n".encode()


def parse(note: bytes) -> Seal:
    """Read a seal; nothing is said of whether its signature is good.

    Raises:
        InvalidInput: If these bytes are anything else than one seal as we write it.
    """
    if len(note) > LONGEST:
        raise _no_seal(Phrase(N_("it has more than {bytes} bytes"), {"bytes": LONGEST}))
    try:
        text = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _no_seal(Phrase(N_("it is not written in UTF-8"))) from error
    found = _LINES.fullmatch(text)
    if found is None:
        raise _no_seal(_first_fault(text))
    size, chains, events = (int(found[name]) for name in ("size", "chains", "events"))
    try:
        signed = base64.b64decode(found["signature"], validate=True)
        datetime.fromisoformat(found["at"])
    except (binascii.Error, ValueError) as error:
        raise _no_seal(Phrase(N_("its time or its signature cannot be read"))) from error
    if len(signed) != _ID + _SIGNATURE or max(size, chains, events) >= _LARGEST:
        raise _no_seal(Phrase(N_("its numbers or its signature are of a wrong length")))
    root = base64.b64decode(found["root"])
    checkpoint = Checkpoint(found["origin"], size, root, found["at"], chains, events, bool(found["simulated"]))
    seal = Seal(checkpoint, signed[:_ID].hex(), signed[_ID:])
    # Base64 can say the same bytes in several ways, and another name may stand beside the signature.
    if seal.note() != note:
        raise _no_seal(Phrase(N_("its signature line is not the one that belongs to its first line")))
    return seal


_SHAPE = ("origin", "size", "root", "time", "chains", "events")


def _first_fault(text: str) -> Phrase:
    """Say what is wrong in the words of who holds the paper in his hands."""
    if text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}"):
        return Phrase(N_("a byte order mark stands before it; copy the file as it is, byte for byte"))
    if "\r" in text:
        return Phrase(N_("its lines end as Windows ends them; copy the file as it is, byte for byte"))
    if _LINES.fullmatch(text + "\n"):
        return Phrase(N_("its last line has no newline at its end, so it may be cut short"))
    if re.search(r"\n\n[-\N{EN DASH}] ", text):
        return Phrase(N_("its last line begins with a hyphen or a short dash in place of the long one, \N{EM DASH}"))
    lines = text.split("\n")
    if not text.endswith("\n") or len(lines) < len(_SHAPE) + 3:
        return Phrase(N_("it is cut short"))
    pattern, read = _LINES.pattern.split("\\n"), ""
    for number, line in enumerate(pattern[: len(_SHAPE)], 1):
        read += line + "\\n"
        if not re.match(read, text):
            return Phrase(
                N_("line {number} does not read as the {name} of a seal"),
                {"number": number, "name": _SHAPE[number - 1]},
            )
    return Phrase(N_("behind its sixth line stands something else than one signature"))


def _no_seal(why: Phrase) -> InvalidInput:
    return InvalidInput(
        "This is no seal: {why}.",
        code="bad-seal",
        hint="Name a file that `workflow audit seal` wrote.",
        why=why,
    )
