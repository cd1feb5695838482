"""A plan's audit trail, and what a test wants to say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from workflow import audit
from workflow.messages import Event
from workflow.service.service import Service


@dataclass(frozen=True)
class Trail(Sequence[Event]):
    """The events of a plan, oldest first, as a sequence that is read anew at each look."""

    service: Service
    plan: str

    def _all(self) -> list[Event]:
        return [audit.event_of(row.body) for row in self.service.store.events(self.plan)]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Event]:
        return iter(self._all())

    def __getitem__(self, index: Any) -> Any:
        return self._all()[index]

    @property
    def types(self) -> list[str]:
        """The types of its events (`workflow.messages`)."""
        return [event.type for event in self]

    @property
    def actions(self) -> list[str]:
        """What was done on steps, as `STEP ACTION`."""
        return [f"{event.data['step']} {event.data['action']}" for event in self if event.type == "step_acted"]

    def assert_recorded(self, type_: str, *, actor: str | None = None, **data: Any) -> Event:
        """Return the newest event of this type with these data, whatever else it holds.

        Raises:
            AssertionError: If there is none; it lists the trail.
        """
        for event in reversed(self._all()):
            if event.type != type_ or (actor is not None and event.actor != actor):
                continue
            if all(event.data.get(name) == value for name, value in data.items()):
                return event
        raise AssertionError(f"no event {type_} by {actor or 'anybody'} with {data}; there is:\n{self}")

    def assert_order(self, *types: str) -> None:
        """Fail unless events of these types happened in this order, whatever lies between."""
        rest = iter(self.types)
        for type_ in types:
            assert type_ in rest, f"no {type_} behind what was asked for before it; there is:\n{self}"

    def assert_sound(self) -> None:
        """Fail unless hashes, replay and stored state agree."""
        verified = self.service.record.verify(self.plan)
        assert not verified.findings, "\n".join(str(finding) for finding in verified.findings)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Fail if something is recorded inside the `with` block, even where that raises."""
        before = len(self)
        try:
            yield
        finally:
            assert len(self) == before, f"recorded meanwhile:\n{self}"

    def __str__(self) -> str:
        return "\n".join(f"{event.seq:3} {event.occurred_on} {event.type} {dict(event.data)}" for event in self)
