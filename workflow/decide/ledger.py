"""The running record of one command: facts become events, and the state follows.

Each fact is sealed (free texts leave, their hash stays), made an event with the next seq, and
evolved at once, so that the next rule of the same command sees the state it will meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from workflow import audit
from workflow.decide.situation import Situation
from workflow.errors import InvalidInput, Reason
from workflow.messages import Event, FreeText
from workflow.plan.state import PlanState, evolve

_PLAIN = frozenset({str, int, bool, type(None)})


class Ledger:
    """Collects one command's events and texts over a plan's state.

    Attributes:
        state: The plan after the events so far; None before its creation.
        events: The events so far.
        texts: (key, salt, text) of every free text met.
        warnings: What step types tell the person who acts beside it.
    """

    def __init__(self, plan: str, state: PlanState | None, situation: Situation) -> None:
        self.plan = plan
        self.state = state
        self.events: list[Event] = []
        self.texts: list[tuple[str, bytes, str]] = []
        self.warnings: list[Reason] = []
        self._situation = situation
        self._enclosed = False

    @property
    def current(self) -> PlanState:
        """The state, which by now must exist."""
        if self.state is None:
            raise LookupError(f"plan {self.plan} does not exist yet")
        return self.state

    def go_on_in(self, situation: Situation) -> None:
        """Record what follows in another situation: under the definition that an amendment brought."""
        self._situation = situation

    def record(
        self,
        type_: str,
        data: Mapping[str, Any],
        authority: Mapping[str, Any],
        *,
        plugin: Mapping[str, str] | None = None,
        on_behalf: str | None = None,
        by_itself: bool = False,
        on: date | None = None,
        counts: Callable[[PlanState], list[dict[str, Any]]] | None = None,
        moves: Callable[[PlanState], list[dict[str, Any]]] | None = None,
    ) -> Event:
        """Make *data* the chain's next event and evolve the state.

        Args:
            counts: What was counted for which places of the state that the event makes; it goes into the event.
            moves: Which due days of open items another one takes the place of; it goes into the event too.
            by_itself: Nobody did it; it became due. It happened on the day of recording unless *on* says otherwise.
            on: The day on which it happened, where it is not the command's.

        Raises:
            InvalidInput: If a value has no canonical form (a lone surrogate, a huge number).
        """
        now = self._situation
        # What came with the command belongs to the first event that somebody made.
        enclosures = {} if by_itself or self._enclosed else self._enclosures()
        self._enclosed = self._enclosed or not by_itself
        sealed = self._sealed({**data, **enclosures})
        event = Event(
            plan=self.plan,
            seq=(self.state.seq if self.state else 0) + 1,
            type=type_,
            occurred_on=on or (now.today if by_itself else now.on),
            recorded_at=now.now,
            clock=now.clock,
            request_id=now.request["id"] if now.request else None,
            actor=None if by_itself else now.actor,
            authority=authority,
            definition=now.process.hash,
            plugin=plugin,
            on_behalf=on_behalf,
            data=sealed,
        )
        after = evolve(self.state, event, now.process.evolve_step)
        found = {name: values for name, ask in (("counts", counts), ("moves", moves)) if ask and (values := ask(after))}
        if found:
            event = replace(event, data={**sealed, **self._sealed(found)})
            after = evolve(self.state, event, now.process.evolve_step)
        self.state = after
        self.events.append(event)
        return event

    def _enclosures(self) -> dict[str, Any]:
        extra: dict[str, Any] = {}
        if self._situation.note is not None:
            extra["note"] = FreeText(self._situation.note)
        if self._situation.attachments:
            extra["attachments"] = [
                {"name": FreeText(file.name), "sha256": file.sha256, "size": file.size}
                for file in self._situation.attachments
            ]
        if self._situation.request:
            extra["request"] = self._situation.request["digest"]
        return extra

    def _sealed(self, value: Any) -> Any:
        if type(value) in _PLAIN:
            return value
        if isinstance(value, FreeText):
            salt = next(self._situation.salts)
            try:
                key = audit.text_key(salt, value)
            except UnicodeEncodeError as error:
                raise InvalidInput(
                    "a text has characters that cannot be stored: {shown}", shown=repr(value[:40])
                ) from error
            self.texts.append((key, salt, str(value)))
            return {"text": key}
        if isinstance(value, Mapping):
            return {key: self._sealed(value[key]) for key in sorted(value)}
        if isinstance(value, (list, tuple)):
            return [self._sealed(inner) for inner in value]
        return value
