"""The part of the store's contract that concerns the outbox: effects, and those who carry them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class EffectRow:
    """An effect in the outbox; `id` is `PLAN:SEQ:N`.

    Attributes:
        state: `waiting`, `done`, `parked` or `dropped`.
        at: ISO instant: of a waiting one the earliest for its next try, of others since when they are so.
        tries: How often a worker took it up, ever; `spared` of them came before a person let it be tried anew.
        worker: Id of the worker that has it in hand.
        reason: JSON of why the last try failed, or why it was parked or dropped.
    """

    id: str
    plan: str
    seq: int
    kind: str
    payload: bytes
    state: str = "waiting"
    at: str = ""
    tries: int = 0
    spared: int = 0
    worker: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker's sign of life; instants are ISO, `ended_at` is None while it runs or after it was killed."""

    id: str
    host: str
    pid: int
    version: str
    started_at: str
    seen_at: str
    ended_at: str | None = None


class EffectMoved(Exception):
    """An effect is no longer as it was read; nothing was written."""


class EffectStore(Protocol):
    """The outbox."""

    def effects(self, plan: str | None = None) -> Sequence[EffectRow]: ...
    def effect(self, id: str) -> EffectRow | None: ...
    def effect_page(
        self, *, state: str | None = None, after: tuple[str, str, str] = ("", "", ""), limit: int = 1000
    ) -> Sequence[EffectRow]:
        """Effects ordered by (state, at, id), from the one behind the key *after* on."""
        ...

    def take_effects(self, worker: str, now: str, until: str, limit: int) -> Sequence[EffectRow]:
        """Put waiting effects whose time has come into a worker's hands, each into those of one.

        A taken effect has one try more, and would be taken again by anybody after *until*.
        """
        ...

    def change_effect(self, before: EffectRow, after: EffectRow) -> bool:
        """Replace a row by *after* if it is still as *before*; tells whether it was."""
        ...

    def release_effects(self, worker: str, now: str) -> int:
        """Let everything that a worker had in hand be taken anew; how many these were."""
        ...

    def beat(self, worker: WorkerRow) -> None:
        """Put a worker's sign of life, new or in place of its last."""
        ...

    def forget_worker(self, id: str) -> None: ...
    def workers(self) -> Sequence[WorkerRow]:
        """All signs of life, ordered by (seen_at, id)."""
        ...
