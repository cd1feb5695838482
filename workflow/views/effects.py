"""Effects as they are shown and carried out, as plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workflow.errors import Phrase

Word = Literal["done", "failed", "undeliverable"]


@dataclass(frozen=True)
class Attempt:
    """How one try ended.

    Attributes:
        word: `failed` is tried again while tries are left, `undeliverable` is parked at once.
        code: Kebab-case code of what went wrong; empty where it is done.
        phrase: What went wrong, in words; may hold personal data.
    """

    word: Word
    code: str = ""
    phrase: Phrase | None = None

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        return {"word": self.word, "code": self.code, "phrase": phrase_data(self.phrase)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Attempt:
        """Return what `as_data` gave."""
        return cls(data["word"], data["code"], phrase_from(data["phrase"]))


@dataclass(frozen=True)
class EffectSummary:
    """An effect of the outbox.

    Attributes:
        state: `waiting`, `done`, `parked` or `dropped`.
        at: ISO instant: of a waiting one the earliest for its next try, of others since when they are so.
        attempts: Tries since it was put there, or since it was last let be tried anew.
        code: Why the last try failed, or why it was parked or dropped; empty where nothing went wrong.
        held: True while a worker has it in hand.
    """

    id: str
    plan: str
    seq: int
    kind: str
    state: str
    at: str
    attempts: int
    code: str
    reason: Phrase | None
    held: bool

    @property
    def cursor(self) -> str:
        """Where the next page begins."""
        return f"{self.state}/{self.at}/{self.id}"


@dataclass(frozen=True)
class EffectDetail:
    """An effect with what it carries, and the names by which others know it.

    Attributes:
        key: Idempotency key that its handler passes on.
        sha256: Of the payload's bytes (hex), as its events have it.
        actor: Who made the change that caused it; `on` is that change's ISO day.
    """

    summary: EffectSummary
    payload: Mapping[str, Any]
    sha256: str
    key: str
    actor: str | None
    on: str


@dataclass(frozen=True)
class Errand:
    """What a worker needs to carry out one try of an effect; see `hookspecs.EffectCall`.

    Attributes:
        tries: How often it was taken up, ever: tells this try from all others.
    """

    id: str
    key: str
    kind: str
    payload: Mapping[str, Any]
    plan: str
    attempt: int
    tries: int


def phrase_data(phrase: Phrase | None) -> dict[str, Any] | None:
    """Return a phrase as JSON-like values; its parameters become texts."""
    if phrase is None:
        return None
    return {"text": phrase.text, "params": {k: str(v) for k, v in phrase.params.items()}, "vi": phrase.vi}


def phrase_from(data: Mapping[str, Any] | None) -> Phrase | None:
    """Return the phrase that `phrase_data` gave."""
    return None if data is None else Phrase(data["text"], data["params"], data["vi"])
