"""Whether the columns beside an event's bytes say what the bytes say, without reading the bytes as JSON.

Canonical bytes have their keys in order: `actor` first; at the end, behind `definition`, `format`, `occurred_on`,
`on_behalf`, `plan`, `plugin`, `recorded_at`, `request_id`, `seq`, `type`. So what the columns say is the beginning
and the end of the bytes, but for the values of `on_behalf` and `plugin`, which stand in no column: of these there
are few, and each is learnt from an event that was read in full. A run of whole members up to the last brace belongs
to the event itself and to nothing inside it: what agrees here agrees when read. Where it does not, or where a text
has a character that JSON writes otherwise, the event is read in full, and that alone tells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from operator import getitem, sub
from typing import Any, Final

from workflow import audit
from workflow.messages import Event

_MOST: Final = 10_000
"""So many values of one kind are kept at hand."""
_BEHALFS: Final = 300
"""So many values of `on_behalf` are tried."""
_AT: Final = repeat(',"recorded_at":"')
_BY, _SEQ, _TYPE, _END = repeat('","request_id":'), repeat(',"seq":'), repeat(',"type":"'), repeat('"}')
_FIRST: Final = repeat(0)
_UNREADABLE: Final = (ValueError, TypeError, AttributeError, OverflowError, RecursionError, KeyError)


class _Made(dict[Any, Any]):
    """What stands in the bytes for a value, made when it is first needed."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> Any:
        if len(self) >= _MOST:
            self.clear()
        made = self[value] = self._make(value)
        return made


class Columns:
    """Compares columns with bytes; keeps what it learnt."""

    def __init__(self) -> None:
        self._plugins: set[bytes] = set()
        self._behalfs: tuple[bytes, ...] = (b'"on_behalf":null',)
        self._days = _Made(self._day)
        self._actors = _Made(lambda actor: b'{"actor":' + _text(actor) + b',"authority":')
        self._plans = _Made(lambda plan: b',"plan":' + _text(plan) + b',"plugin":')

    def agree(self, plans: Sequence[Any], seqs: Sequence[Any], bodies: Sequence[Any], *beside: Sequence[Any]) -> bool:
        """True if every event's columns are those of its bytes; *beside* are the columns of `sweeps.BESIDE`.

        Raises:
            TypeError: If a column has a value of no type that could agree; `ValueError` likewise.
        """
        if self._agree_at_once(plans, seqs, bodies, *beside):
            return True
        rows = zip(plans, seqs, bodies, *beside, strict=True)
        return all(self._agrees_in_full(body, (plan, seq, *others)) for plan, seq, body, *others in rows)

    def _agree_at_once(
        self,
        plans: Sequence[Any],
        seqs: Sequence[Any],
        bodies: Sequence[Any],
        types: Sequence[Any],
        days: Sequence[Any],
        instants: Sequence[Any],
        actors: Sequence[Any],
        requests: Sequence[Any],
    ) -> bool:
        # One step for all events after the other: the loops are the interpreter's own. Joining and adding, and not
        # formatting, so that what is no text fails.
        written = "".join(instants) + "".join(types)
        if '"' in written or "\\" in written:
            return False
        quoted = ['"' + one + '"' if one is not None else "null" for one in requests]
        written = "".join(quoted)
        if written.count('"') != 2 * (len(requests) - requests.count(None)) or "\\" in written:
            return False
        parts = zip(_AT, instants, _BY, quoted, _SEQ, map(int.__repr__, seqs), _TYPE, types, _END, strict=False)
        tails = list(map(str.encode, map("".join, parts)))
        if not all(map(bytes.endswith, bodies, tails)):
            return False
        ends = list(map(sub, map(len, bodies), map(len, tails)))
        marks = list(map(self._plans.__getitem__, plans))
        named = list(map(bytes.rfind, bodies, marks, _FIRST, ends))
        plugins = map(getitem, bodies, map(slice, map(int.__add__, named, map(len, marks)), ends))
        return (
            min(named) >= 0
            and self._plugins.issuperset(plugins)
            and all(map(bytes.endswith, bodies, map(self._days.__getitem__, days), _FIRST, named))
            and all(map(bytes.startswith, bodies, map(self._actors.__getitem__, actors)))
        )

    def _agrees_in_full(self, body: bytes, columns: tuple[Any, ...]) -> bool:
        try:
            event = audit.event_of(body)
            if audit.body_of(event) != body or said(event) != columns:
                return False
            self._learn(event)
        except _UNREADABLE:
            return False
        return True

    def _learn(self, event: Event) -> None:
        if len(self._plugins) >= _MOST:
            self._plugins.clear()
        self._plugins.add(audit.canonical_json(event.plugin))
        behalf = b'"on_behalf":' + audit.canonical_json(event.on_behalf)
        if behalf not in self._behalfs:
            # In nobody's name is what most are; of very many others some are read in full again and again.
            self._behalfs = (self._behalfs[0], behalf, *self._behalfs[1 : _BEHALFS - 1])
            self._days.clear()

    def _day(self, day: Any) -> tuple[bytes, ...]:
        begin = b',"format":1,"occurred_on":' + _text(day) + b","
        return tuple(begin + behalf for behalf in self._behalfs)


def _text(value: Any) -> bytes:
    """A text, or None, as it stands in canonical bytes."""
    if value is not None and type(value) is not str:
        raise TypeError(f"{type(value).__name__} is no text")
    return audit.canonical_json(value)


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
