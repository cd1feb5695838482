"""Whether the columns beside an event's bytes say what the bytes say, without reading the bytes as JSON.

Canonical bytes have their keys in order: `actor` first; at the end, behind `definition`, `format`, `occurred_on`,
`on_behalf`, `plan`, `plugin`, `recorded_at`, `request_id`, `seq`, `type`. So what the columns say is the beginning
and the end of the bytes, but for the values of `on_behalf` and `plugin`, which stand in no column: of these there
are few, and each is learnt from an event that was read in full. A run of whole members up to the last brace belongs
to the event itself and to nothing inside it: what agrees here agrees when read. Where it does not, or where a text
has a character that JSON writes otherwise, the event is read in full, and that alone tells.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from workflow import audit
from workflow.messages import Event

_MOST: Final = 10_000
"""So many values of one kind are kept at hand."""
_BEHALF: Final = b'"on_behalf":'
_AT, _BY, _SEQ, _TYPE = ',"recorded_at":"', '","request_id":"', '","seq":', ',"type":"'
_BY_NOBODY: Final = '","request_id":null,"seq":'
_UNREADABLE: Final = (ValueError, TypeError, AttributeError, OverflowError, RecursionError)


class Columns:
    """Compares columns with bytes; keeps what it learnt."""

    def __init__(self) -> None:
        self._plugins: set[bytes] = set()
        self._behalfs: set[bytes] = set()
        self._days: dict[str, bytes] = {}
        self._actors: dict[str | None, bytes] = {}

    def agree(
        self,
        plans: Iterable[Any],
        seqs: Iterable[Any],
        bodies: Iterable[Any],
        *beside: Iterable[Any],
    ) -> bool:
        """True if every event's columns are those of its bytes; *beside* are the columns of `sweeps.BESIDE`.

        Raises:
            TypeError: If a column has a value of no type that could agree; `ValueError` likewise.
        """
        plugins, behalfs, days, actors = self._plugins, self._behalfs, self._days, self._actors
        last, mark, size = object(), b"", 0
        for plan, seq, body, type_, day, at, actor, request in zip(plans, seqs, bodies, *beside, strict=True):
            if plan != last:
                last, mark = plan, b',"plan":' + audit.canonical_json(plan) + b',"plugin":'
                size = len(mark)
            # Joined and not formatted: what is no text fails.
            if request is not None:
                text = "".join((_AT, at, _BY, request, _SEQ, str(seq), _TYPE, type_, '"}'))
                plain = text.count('"') == 14 and "\\" not in text
            else:
                text = "".join((_AT, at, _BY_NOBODY, str(seq), _TYPE, type_, '"}'))
                plain = text.count('"') == 12 and "\\" not in text
            tail = text.encode()
            if plain and body.endswith(tail):
                end = len(body) - len(tail)
                named = body.rfind(mark, 0, end)
                behalf = body.rfind(_BEHALF, 0, named)
                if (
                    named > 0 < behalf
                    and body[named + size : end] in plugins
                    and body[behalf + 12 : named] in behalfs
                    and day in days
                    and body.endswith(days[day], 0, behalf)
                    and actor in actors
                    and body.startswith(actors[actor])
                ):
                    continue
            if not self._agrees_in_full(body, (plan, seq, type_, day, at, actor, request)):
                return False
        return True

    def _agrees_in_full(self, body: bytes, columns: tuple[Any, ...]) -> bool:
        try:
            event = audit.event_of(body)
            if audit.body_of(event) != body or said(event) != columns:
                return False
        except _UNREADABLE:
            return False
        for kept in (self._plugins, self._behalfs, self._days, self._actors):
            if len(kept) >= _MOST:
                kept.clear()
        self._plugins.add(audit.canonical_json(event.plugin))
        self._behalfs.add(audit.canonical_json(event.on_behalf))
        day = columns[3]
        self._days[day] = b',"format":1,"occurred_on":' + audit.canonical_json(day) + b","
        self._actors[event.actor] = b'{"actor":' + audit.canonical_json(event.actor) + b',"authority":'
        return True


def said(event: Event) -> tuple[Any, ...]:
    """What an event's bytes say of its columns: plan, seq, and those of `sweeps.BESIDE`."""
    return (
        event.plan,
        event.seq,
        event.type,
        event.occurred_on.isoformat(),
        audit.instant(event.recorded_at),
        event.actor,
        event.request_id,
    )
