"""The hash chain: canonical bytes of an event, links, and reading them back.

The canonical bytes are RFC 8785 JSON restricted to what an event needs: no floats, ASCII keys,
integers below 2^53, text in NFC without lone surrogates. They are stored exactly as hashed.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from pydantic_core import from_json, to_json

from workflow.messages import Event

FORMAT: Final = 1
GENESIS: Final = bytes(32)
"""What stands before the first event of every chain."""

_LARGEST = 2**53
_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False).encode


class NotCanonical(ValueError):
    """A value that the canonical form does not allow; the message says where and why."""


def canonical_json(value: Any) -> bytes:
    """Return *value* as canonical JSON bytes.

    Raises:
        NotCanonical: For floats, large integers, keys that are not ASCII text, text not in NFC.

    Source: RFC 8785, restricted as the module says.
    """
    _require_canonical(value, "$")
    return _ENCODE(value).encode()


def stored_json(value: Any) -> bytes:
    """Return *value* as JSON bytes in its own order, unjudged: for projections, which events determine.

    Events have their keys sorted (`Ledger`), so replaying them gives the very same bytes.
    """
    return to_json(value)


def from_stored(body: bytes) -> Any:
    """Read JSON bytes back.

    Raises:
        ValueError: If they are no JSON.
    """
    return from_json(body)


def _require_canonical(value: Any, path: str) -> None:
    # Exact types first: an event has some sixty values, and nearly all are short ASCII texts.
    kind = type(value)
    if kind is str:
        if not value.isascii():
            _require_text(value, path)
    elif kind is dict or isinstance(value, Mapping):
        for key, inner in value.items():
            if type(key) is not str or not key.isascii():
                raise NotCanonical(f"{path}: key {key!r} is not ASCII text")
            if type(inner) is not str or not inner.isascii():
                _require_canonical(inner, key)
    elif kind is list or kind is tuple or isinstance(value, list):
        for inner in value:
            _require_canonical(inner, path)
    elif kind is int:
        if abs(value) >= _LARGEST:
            raise NotCanonical(f"{path}: {value} is not below 2^53")
    elif value is not None and kind is not bool:
        raise NotCanonical(f"{path}: {kind.__name__} has no canonical form")


def _require_text(value: str, path: str) -> None:
    if not unicodedata.is_normalized("NFC", value):
        raise NotCanonical(f"{path}: text is not in NFC")
    if any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise NotCanonical(f"{path}: text has a lone surrogate")


def link(previous: bytes, body: bytes) -> bytes:
    """Return the hash of an event: SHA-256(previous ‖ body), *previous* being 32 raw bytes."""
    return hashlib.sha256(previous + body).digest()


def text_key(salt: bytes, text: str) -> str:
    """Return the hex key under which a text stands in `content`: SHA-256(salt ‖ UTF-8 text)."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def instant(moment: datetime) -> str:
    """Return an aware instant as `2026-01-31T08:15:00.000000Z`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def body_of(event: Event) -> bytes:
    """Return the canonical bytes of *event*."""
    return canonical_json(
        {
            "format": FORMAT,
            "plan": event.plan,
            "seq": event.seq,
            "type": event.type,
            "occurred_on": event.occurred_on.isoformat(),
            "recorded_at": instant(event.recorded_at),
            "clock": event.clock,
            "request_id": event.request_id,
            "actor": event.actor,
            "authority": event.authority,
            "definition": event.definition,
            "plugin": event.plugin,
            "on_behalf": event.on_behalf,
            "data": event.data,
        }
    )


def event_of(body: bytes) -> Event:
    """Read an event back from its canonical bytes.

    Raises:
        ValueError: If the bytes are no event of this format.
    """
    try:
        raw = from_json(body)
        if raw.pop("format") != FORMAT:
            raise ValueError("unknown event format")
        raw["occurred_on"] = date.fromisoformat(raw["occurred_on"])
        raw["recorded_at"] = datetime.fromisoformat(raw["recorded_at"])
        return Event(**raw)
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise ValueError(f"not an event: {error}") from error
