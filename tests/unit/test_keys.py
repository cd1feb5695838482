"""Keys: files that nobody else can read, ids that anybody can compute, signatures that hold for one text."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from workflow.errors import InvalidInput, NotFound
from workflow.sealing import keys, secrecy
from workflow.sealing.keys import Keyring, kept, parse_line, public_key

ORIGIN = "trinh/0123456789abcdef"


@pytest.fixture
def keyring(tmp_path) -> Keyring:
    """An empty ring."""
    return Keyring(tmp_path / "keys")


def test_a_key_is_named_as_notes_name_keys(keyring):
    """The id is four bytes of the hash over name, newline, 1 and the key; the line says all three."""
    key = keyring.make(ORIGIN, None)
    digest = hashlib.sha256(ORIGIN.encode() + b"\n\x01" + key.raw).digest()

    assert digest[:4].hex() == key.id
    assert f"{ORIGIN}+{key.id}+" + base64.b64encode(b"\x01" + key.raw).decode() == key.line()
    assert key == parse_line(keyring.public_file(key.id).read_text())


def test_a_signature_holds_for_one_text_and_one_key(keyring):
    """Another text, another key, another signature: none holds."""
    key, other = keyring.make(ORIGIN, None), keyring.make(ORIGIN, None)
    signature = keyring.open(key, None).sign(b"text\n")

    assert key.signed(b"text\n", signature)
    assert not key.signed(b"texts\n", signature)
    assert not other.signed(b"text\n", signature)
    assert not key.signed(b"text\n", bytes(64))
    assert not key.signed(b"text\n", signature[:-1])


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX's")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_nobody_else_can_read_a_private_key(keyring, umask):
    """Whatever the umask: the folder is the owner's alone, and so is the file, before anything stands in it."""
    seen = []
    before = os.umask(umask)
    try:
        key = _made_watching(keyring, seen)
    finally:
        os.umask(before)

    assert 0o700 == stat.S_IMODE(keyring.folder.stat().st_mode)
    assert 0o600 == stat.S_IMODE(keyring.private_file(key.id).stat().st_mode)
    assert [(0, 0o600), (0, 0o644)] == seen
    assert secrecy.is_private(keyring.private_file(key.id))
    assert not secrecy.is_private(keyring.public_file(key.id))


def _made_watching(keyring, seen):
    """Make a key; note the size and mode of each file right after its mode was set."""
    set_mode = os.fchmod

    def watched(handle, mode):
        set_mode(handle, mode)
        now = os.fstat(handle)
        seen.append((now.st_size, stat.S_IMODE(now.st_mode)))

    os.fchmod = watched
    try:
        return keyring.make(ORIGIN, None)
    finally:
        os.fchmod = set_mode


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX's")
def test_a_folder_open_to_others_is_closed(keyring):
    """A folder that was there already is the owner's alone afterwards."""
    keyring.folder.mkdir(mode=0o755)
    keyring.make(ORIGIN, None)

    assert 0o700 == stat.S_IMODE(keyring.folder.stat().st_mode)


def test_no_file_is_overwritten(tmp_path):
    """What has the name already stays as it is."""
    (tmp_path / "x").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        secrecy.write_once(tmp_path / "x", b"new")

    assert b"old" == (tmp_path / "x").read_bytes()


def test_a_passphrase_locks_the_key(keyring):
    """Without it, and with another, the key does not sign; with it, however it was composed, it does."""
    key = keyring.make(ORIGIN, kept("mật khẩu"))

    assert keyring.is_locked(key.id)
    assert keyring.private_file(key.id).read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    with pytest.raises(InvalidInput) as missing:
        keyring.open(key, None)
    with pytest.raises(InvalidInput) as wrong:
        keyring.open(key, kept("mat khau"))
    assert ("no-passphrase", "wrong-passphrase") == (missing.value.code, wrong.value.code)
    assert key.signed(b"x", keyring.open(key, kept("mật khẩu")).sign(b"x"))


def test_a_key_that_is_not_here_is_named(keyring):
    """With its file and what to do."""
    with pytest.raises(NotFound, match="is not here"):
        keyring.open(public_key(ORIGIN, bytes(32)), None)


def _pem(key, format=serialization.PrivateFormat.PKCS8) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, format, serialization.NoEncryption())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "cannot be read"),
        (b"\x00\xff" * 50, "cannot be read"),
        (_pem(ec.generate_private_key(ec.SECP256R1())), "another kind"),
        (_pem(ed25519.Ed25519PrivateKey.generate()), "another key"),
        (b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "is damaged"),
    ],
    ids=["empty", "noise", "other kind", "other key", "damaged"],
)
def test_a_file_that_is_not_this_key_is_refused(keyring, content, words):
    """Nothing is signed with a key that was exchanged."""
    key = keyring.make(ORIGIN, None)
    keyring.private_file(key.id).write_bytes(content)
    with pytest.raises(InvalidInput, match=words):
        keyring.open(key, b"passphrase")


GOOD = public_key(ORIGIN, bytes(range(32))).line()


@pytest.mark.parametrize(
    "line",
    [
        "",
        GOOD + " ",
        GOOD + "\n\n",
        GOOD.replace("trinh/0", "trinh/1"),
        GOOD.replace("+" + GOOD.split("+")[1], "+00000000"),
        GOOD[:-2],
        GOOD.upper(),
        GOOD.replace("+AQAB", "+AgAB"),
    ],
)
def test_a_line_that_is_no_public_key_is_refused(line):
    """The id must be that of the name and the key beside it."""
    assert GOOD == parse_line(GOOD + "\n").line()
    with pytest.raises(InvalidInput, match="no public key"):
        parse_line(line)


def test_without_the_extra_it_is_named(keyring, monkeypatch):
    """Whoever has not installed `cryptography` is told how."""
    for name in [name for name in sys.modules if name.split(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(InvalidInput, match=r"\[seal\]") as refused:
        keyring.make(ORIGIN, None)

    assert "pip install" in str(refused.value.hint)
    assert not keyring.folder.exists()


def test_a_key_that_cannot_be_written_is_told(tmp_path):
    """A file where the folder should be: nothing is written."""
    (tmp_path / "keys").write_text("x")
    with pytest.raises(InvalidInput, match="cannot be written"):
        Keyring(tmp_path / "keys").make(ORIGIN, None)

    assert keys.FOLDER == "keys"
