"""The seal's file: written in one way, read as strictly, refused in words."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.errors import InvalidInput
from workflow.sealing.notes import LONGEST, Checkpoint, Seal, parse

SAID = Checkpoint("trinh/0123456789abcdef", 7, bytes(range(32)), "2026-11-21T08:15:00.000000Z", 3, 42)
MADE = Seal(SAID, "1a2b3c4d", bytes(range(64)))
NOTE = MADE.note()
DASH = "\N{EM DASH}".encode()


def test_a_seal_is_a_few_readable_lines():
    """Line for line what the format of checkpoints and signed notes asks for."""
    signed = base64.b64encode(bytes.fromhex("1a2b3c4d") + bytes(range(64))).decode()

    assert [
        "trinh/0123456789abcdef",
        "7",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "time 2026-11-21T08:15:00.000000Z",
        "chains 3",
        "events 42",
        "",
        f"\N{EM DASH} trinh/0123456789abcdef {signed}",
        "",
    ] == NOTE.decode().split("\n")


@given(
    size=st.integers(1, 2**53 - 1),
    root=st.binary(min_size=32, max_size=32),
    at=st.datetimes(),
    simulated=st.booleans(),
    signature=st.binary(min_size=64, max_size=64),
)
def test_what_is_written_is_read_back(size, root, at, simulated, signature):
    """Any seal comes back as it was."""
    when = at.isoformat(timespec="microseconds") + "Z"
    made = Seal(Checkpoint("trinh/" + "0f" * 8, size, root, when, 1, size, simulated), "00ff00ff", signature)

    assert made == parse(made.note())


@given(at=st.integers(0, len(NOTE) - 1), byte=st.integers(0, 255))
def test_a_byte_changed_is_refused_or_means_something_else(at, byte):
    """No two files are the same seal."""
    changed = NOTE[:at] + bytes([byte]) + NOTE[at + 1 :]
    try:
        read = parse(changed)
    except InvalidInput:
        return
    assert (read == MADE) == (changed == NOTE)


@given(st.binary(max_size=600))
def test_anything_else_is_refused(data):
    """Whatever bytes come, the answer is a refusal in words."""
    with pytest.raises(InvalidInput, match="This is no seal"):
        parse(data)


WRONG = {
    "empty": (b"", "cut short"),
    "cut": (NOTE[:-9], "cut short"),
    "no last newline": (NOTE[:-1], "no newline at its end"),
    "hyphen": (NOTE.replace(DASH, b"-"), "hyphen"),
    "short dash": (NOTE.replace(DASH, "\u2013".encode()), "hyphen or a short dash"),
    "cut early": (NOTE[:60], "cut short"),
    "windows": (NOTE.replace(b"\n", b"\r\n"), "Windows"),
    "latin": (NOTE.replace(DASH, b"\x97"), "UTF-8"),
    "mark": (b"\xef\xbb\xbf" + NOTE, "byte order mark"),
    "other origin": (NOTE.replace(b"trinh/", b"other/", 1), "line 1"),
    "path": (NOTE.replace(b"trinh/0123456789abcdef\n", b"trinh/../../etc/passwd\n", 1), "line 1"),
    "leading zero": (NOTE.replace(b"\n7\n", b"\n07\n"), "line 2"),
    "negative": (NOTE.replace(b"\n7\n", b"\n-7\n"), "line 2"),
    "no leaves": (NOTE.replace(b"\n7\n", b"\n0\n"), "line 2"),
    "huge": (NOTE.replace(b"\n7\n", b"\n" + b"9" * 16 + b"\n"), "wrong length"),
    "huger": (NOTE.replace(b"\n7\n", b"\n" + b"9" * 400 + b"\n"), "line 2"),
    "root": (NOTE.replace(b"AAEC", b"AA!C"), "line 3"),
    "short root": (NOTE.replace(b"AAEC", b""), "line 3"),
    "loose base64": (NOTE.replace(b"Hh8=", b"Hh9="), "signature line"),
    "no such day": (NOTE.replace(b"2026-11-21", b"2026-02-30"), "time"),
    "local time": (NOTE.replace(b"000000Z", b"000000+07:00"), "line 4"),
    "chains": (NOTE.replace(b"chains 3", b"chains three"), "line 5"),
    "events": (NOTE.replace(b"events 42", b"events  42"), "line 6"),
    "other clock": (NOTE.replace(b"events 42\n", b"events 42\nclock broken\n"), "something else"),
    "clock twice": (NOTE.replace(b"events 42\n", b"events 42\n" + b"clock simulated\n" * 2), "something else"),
    "more lines": (NOTE.replace(b"\n\n", b"\nand more\n\n"), "something else"),
    "no signature": (NOTE[: NOTE.index(DASH)] + b"\n\n", "something else"),
    "two signatures": (NOTE + NOTE[NOTE.index(DASH) :], "something else"),
    "other name": (NOTE.replace(DASH + b" trinh/0", DASH + b" trinh/1"), "signature line"),
    "short signature": (NOTE[:-12] + b"=\n", "signature"),
    "behind it": (NOTE + b"\n", "something else"),
    "long": (NOTE + b"x" * LONGEST, "bytes"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said(name):
    """A reader is told where the file stops being a seal."""
    data, words = WRONG[name]
    with pytest.raises(InvalidInput) as refused:
        parse(data)

    assert "bad-seal" == refused.value.code
    assert words in str(refused.value)
