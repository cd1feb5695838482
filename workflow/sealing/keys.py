"""Keys: made, kept in files that nobody else can read, used to sign and to tell who signed.

A private key lies in `keys/<id>.pem` (PKCS 8, encrypted where there is a passphrase), what anybody may know in
`keys/<id>.pub`: one line with the name, the id and the public key. The only module that knows `cryptography`.

Source: C2SP signed-note (c2sp.org) for the id and the line; RFC 8032 for Ed25519.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workflow.errors import N_, InvalidInput, NotFound, Phrase
from workflow.sealing.secrecy import private_folder, write_once

FOLDER: Final = "keys"
"""In the workspace."""
PASSPHRASE: Final = "WORKFLOW_KEY_PASSPHRASE"
"""The variable of the environment with a key's passphrase."""

_ED25519 = b"\x01"
_LENGTH = 32
_LINE = re.compile(r"(trinh/[0-9a-f]{16})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})")
_ENCRYPTED: Final = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


@dataclass(frozen=True)
class PublicKey:
    """What anybody may know of a key: whose it is, its id (8 hex digits), its 32 bytes."""

    origin: str
    id: str
    raw: bytes

    @property
    def fingerprint(self) -> str:
        """The hex SHA-256 of the 32 bytes, as people compare keys."""
        return hashlib.sha256(self.raw).hexdigest()

    def line(self) -> str:
        """Return the line by which it is handed on."""
        return f"{self.origin}+{self.id}+{base64.b64encode(_ED25519 + self.raw).decode()}"

    def signed(self, text: bytes, signature: bytes) -> bool:
        """Tell whether this key made *signature* over *text*."""
        invalid, ed25519, _ = _library()
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, text)
        except (invalid, ValueError):
            return False
        return True


def public_key(origin: str, raw: bytes) -> PublicKey:
    """Return a key by its bytes; the id follows from these and the name."""
    return PublicKey(origin, hashlib.sha256(origin.encode() + b"\n" + _ED25519 + raw).digest()[:4].hex(), raw)


def parse_line(line: str) -> PublicKey:
    """Read the line of a public key.

    Raises:
        InvalidInput: If it is none, or its id is another key's.
    """
    found = _LINE.fullmatch(line.removesuffix("\n"))
    if found is not None:
        try:
            raw = base64.b64decode(found[3], validate=True)
        except binascii.Error:
            raw = b""
        key = public_key(found[1], raw[1:])
        if len(raw) == 1 + _LENGTH and key.line() == found[0]:
            return key
    raise InvalidInput(
        "This is no public key of a workspace.",
        code="bad-key",
        hint="Name the file keys/ID.pub of the workspace: one line NAME+ID+KEY.",
    )


class Signer:
    """A private key, ready to sign."""

    def __init__(self, public: PublicKey, private: Any) -> None:
        self.public = public
        self._private = private

    def sign(self, text: bytes) -> bytes:
        """Return the signature over *text*, 64 bytes."""
        return bytes(self._private.sign(text))


class Keyring:
    """The folder with a workspace's keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, origin: str, passphrase: bytes | None) -> PublicKey:
        """Make a new key and write both its files; none that is there is overwritten.

        Raises:
            InvalidInput: If the files cannot be written, or `cryptography` is not installed.
        """
        _, ed25519, serialization = _library()
        private = ed25519.Ed25519PrivateKey.generate()
        plain, pem = serialization.Encoding.Raw, serialization.Encoding.PEM
        key = public_key(origin, private.public_key().public_bytes(plain, serialization.PublicFormat.Raw))
        locked = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
        secret = private.private_bytes(pem, serialization.PrivateFormat.PKCS8, locked)
        try:
            private_folder(self.folder)
            write_once(self.private_file(key.id), secret, secret=True)
            write_once(self.public_file(key.id), key.line().encode() + b"\n")
        except OSError as error:
            raise InvalidInput(
                "{path} cannot be written: {error}",
                code="not-written",
                path=self.folder,
                error=error.strerror or error,
            ) from error
        return key

    def private_file(self, id: str) -> Path:
        """Where the private key is."""
        return self.folder / f"{id}.pem"

    def public_file(self, id: str) -> Path:
        """Where the line of the public key is."""
        return self.folder / f"{id}.pub"

    def has(self, id: str) -> bool:
        """True if the private key is here."""
        return self.private_file(id).is_file()

    def is_locked(self, id: str) -> bool:
        """True if the private key needs a passphrase.

        Raises:
            NotFound: If it is not here.
        """
        return self._read(id).lstrip().startswith(_ENCRYPTED)

    def forget(self, id: str) -> None:
        """Remove both files of a key that was just made and that nobody was told of."""
        for path in (self.private_file(id), self.public_file(id)):
            path.unlink(missing_ok=True)

    def open(self, key: PublicKey, passphrase: bytes | None) -> Signer:
        """Return the signer of a key.

        Raises:
            NotFound: If its file is not here.
            InvalidInput: If the passphrase is missing or wrong, or the file holds something else than this key.
        """
        _, ed25519, serialization = _library()
        secret, path = self._read(key.id), self.private_file(key.id)
        locked = secret.lstrip().startswith(_ENCRYPTED)
        if locked and not passphrase:
            raise InvalidInput(
                "Key {id} needs its passphrase.",
                code="no-passphrase",
                hint="Give it in WORKFLOW_KEY_PASSPHRASE, or run this on a terminal, where it is asked for.",
                id=key.id,
            )
        try:
            private = serialization.load_pem_private_key(secret, passphrase if locked else None)
        except ValueError as error:
            if not locked:
                raise _damaged(path, Phrase(N_("it cannot be read"))) from error
            raise InvalidInput(
                "The passphrase of key {id} is wrong, or {path} is damaged.",
                code="wrong-passphrase",
                hint="Try again; a key whose passphrase is lost is retired, and another one made.",
                id=key.id,
                path=path,
            ) from error
        except (TypeError, _library_refuses()) as error:
            raise _damaged(path, Phrase(N_("it cannot be read"))) from error
        if not isinstance(private, ed25519.Ed25519PrivateKey):
            raise _damaged(path, Phrase(N_("it is a key of another kind")))
        if private.public_key().public_bytes_raw() != key.raw:
            raise _damaged(path, Phrase(N_("it is another key")))
        return Signer(key, private)

    def _read(self, id: str) -> bytes:
        path = self.private_file(id)
        try:
            return path.read_bytes()
        except FileNotFoundError as error:
            raise NotFound(
                "Key {id} is not here: there is no {path}.",
                code="key-missing",
                hint="Bring the file back from where it is kept, or make a new key: `workflow audit key new`.",
                id=id,
                path=path,
            ) from error
        except OSError as error:
            raise _damaged(
                path, Phrase(N_("it cannot be read: {error}"), {"error": error.strerror or error})
            ) from error


def passphrase_given() -> bytes | None:
    """Return the passphrase that the environment has; None where it has none."""
    return kept(os.environ.get(PASSPHRASE, ""))


def kept(passphrase: str) -> bytes | None:
    """Return a passphrase as bytes, however the keyboard composed its letters; None for an empty one."""
    return unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogateescape") or None


def _damaged(path: Path, why: Phrase) -> InvalidInput:
    return InvalidInput("{path} is no key that can sign: {why}", code="bad-key-file", path=path, why=why)


def _library() -> tuple[Any, Any, Any]:
    """The parts of `cryptography` that are needed here; imported when they are, since that takes its time."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise InvalidInput(
            "seals need the extra [seal], which is not installed",
            code="extra-missing",
            hint="in the checkout: pip install '.[seal]'",
        ) from error
    return InvalidSignature, ed25519, serialization


def _library_refuses() -> type[Exception]:
    from cryptography.exceptions import UnsupportedAlgorithm

    return UnsupportedAlgorithm
