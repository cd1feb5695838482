"""Questions about a day gone by: what was known then, and what was true then.

The same questions, asked of a store as it was (`queries.hindsight`), with the clock at the end of that day.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from typing import cast

from workflow import audit
from workflow.clock import StoppedClock, beginning_of, end_of, local_day
from workflow.errors import InvalidInput, NotFound, WorkflowError
from workflow.messages import DEFINITION_ADDED
from workflow.queries.hindsight import PastStore
from workflow.service.service import Service
from workflow.store.interface import DefinitionRow, EventRow, PlanRow, Store

_PAGE = 1000


class Hindsight(Service):
    """The questions of a service as it would have answered them; nothing can be written.

    Args:
        present: The service as it is.
        as_of: Known is what was recorded by the end of this local day.
        on: True is what had happened by the end of this day, as far as it was known.
    """

    def __init__(self, present: Service, as_of: date | None, on: date | None) -> None:
        now = present.clock.now()
        if as_of is not None and as_of > local_day(now):
            raise InvalidInput(
                "{day} lies ahead: what will be known then is not known yet",
                code="in-the-future",
                hint="--as-of takes a day gone by, or today; --on may lie ahead",
                day=as_of,
            )
        known = None if as_of is None else min(now, end_of(as_of))
        moment = now if known is None else _last_record(present.store, known, now)
        ahead = on is None or on >= local_day(moment)
        self.past = PastStore(
            present.store,
            None if known is None else audit.instant(known),
            None if ahead else on,
            lambda: self.processes,
        )
        super().__init__(
            cast(Store, self.past),
            lambda: present.registry,
            present.clock if as_of is None else StoppedClock(present.clock.name, moment),
            # No file says since when it reads as it does: what was in force then is what had been taken in.
            sources=present.sources if as_of is None and ahead else dict,
            read_register=present.read_register,
            condition=present.condition,
            login=present.login,
            delivery=present.delivery,
        )
        self._present = present
        self.moment = moment
        self._as_of = as_of
        self._on = None if ahead else on

    @property
    def left_out(self) -> dict[str, WorkflowError]:
        """Plans that lists left out so far, with what kept them from being worked out."""
        return self.past.failed

    def require_plan(self, plan: str) -> PlanRow:
        """The plan's row as it was.

        Raises:
            NotFound: If there is no such plan, or was none; then it says since when there is.
        """
        plan = unicodedata.normalize("NFC", plan)
        row = self.store.plan(plan)
        if row is not None:
            return row
        began = next(iter(self._present.store.events(self._present.require_plan(plan).id, limit=1)))
        recorded = _recorded_on(began)
        if self._as_of is not None and recorded > self._as_of:
            raise NotFound(
                "nothing was known of plan `{plan}` on {day}: its first event was recorded on {since}",
                code="not-known-yet",
                hint="`workflow audit show {plan}` shows all of its events",
                plan=plan,
                day=self._as_of,
                since=recorded,
            )
        raise NotFound(
            "there was no plan `{plan}` on {day}: it began on {since}",
            code="not-begun",
            hint="`workflow audit show {plan}` shows all of its events",
            plan=plan,
            day=self._on or "",
            since=began.occurred_on,
        )

    def definition_to_start(self, reference: str) -> DefinitionRow:
        """The row of `id` (the newest version that had been taken in) or `id@version`.

        Raises:
            NotFound: If there is none, or was none; then it says since when there is.
        """
        try:
            return super().definition_to_start(reference)
        except NotFound:
            since = self._in_use_since(reference)
            if since is None:
                raise
            raise NotFound(
                "no plan followed definition `{reference}` yet on {day}: it is in use since {since}",
                code="not-known-yet",
                hint="`workflow definition show {reference}` shows it as it is now",
                reference=reference[:120],
                day=self._on or self._as_of or "",
                since=since,
            ) from None

    def _in_use_since(self, reference: str) -> date | None:
        """The day on which a version that *reference* means was first taken in; None if none ever was."""
        name, _, version = reference.partition("@")
        store, since = self._present.store, None
        event = store.latest_workspace_event(DEFINITION_ADDED)
        while event is not None:
            data = audit.event_of(event.body).data
            if data["id"] == name and version in ("", str(data["version"])):
                since = _recorded_on(event)
            event = store.latest_workspace_event(DEFINITION_ADDED, before=event.seq)
        return since


def _last_record(store: Store, known: datetime, now: datetime) -> datetime:
    """Return the moment of the day at which it is looked at: today it is now, else that of the day's last record.

    What is owed at an hour is judged at that moment. A day without a record is looked at from its end.
    """
    if local_day(known) == local_day(now):
        return known
    last, after = None, (audit.instant(beginning_of(local_day(known))), "", 0)
    while keys := store.trail_keys(after=after, until=audit.instant(known), limit=_PAGE):
        last = after = keys[-1]
    return known if last is None else datetime.fromisoformat(last[0])


def _recorded_on(event: EventRow) -> date:
    return local_day(audit.event_of(event.body).recorded_at)
