"""The trail as a reviewer reads it: events filtered, and the whole record verified."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from workflow import audit
from workflow.clock import local_day
from workflow.errors import IntegrityBroken, NotFound
from workflow.messages import PLAN_EVENTS, WORKSPACE_CHAIN, WORKSPACE_EVENTS, Event
from workflow.queries.verifying import Verifying
from workflow.store.interface import EventRow
from workflow.verification.checklist import chains_of, text_references
from workflow.views.plans import AuditEntry


class Trail(Verifying):
    """Questions about events."""

    def audit(
        self,
        plan: str | None = None,
        *,
        since: date | None = None,
        until: date | None = None,
        by: str | None = None,
        unit: str | None = None,
        type: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> Iterator[AuditEntry]:
        """The events of one plan, or of every chain in turn, filtered; oldest first in each chain."""
        if plan is not None and plan != WORKSPACE_CHAIN:
            plan = self.require_plan(plan).id
        if type is not None and type not in (*PLAN_EVENTS, *WORKSPACE_EVENTS):
            raise NotFound(
                "there is no event type `{type}`",
                code="unknown-type",
                hint="there are: {known}",
                type=type[:120],
                known=", ".join((*PLAN_EVENTS, *WORKSPACE_EVENTS)),
            )
        count = 0
        for chain in [plan] if plan else chains_of(self.store):
            for row in self.store.events(chain, after=after):
                entry = self._entry(row)
                if not _matches(entry.event, since, until, by, unit, type):
                    continue
                yield entry
                count += 1
                if limit is not None and count >= limit:
                    return
        for reference in (by, unit):
            # Whoever left the register stays in the trail: only who stands in neither is a slip of the pen.
            if count == 0 and reference is not None and not self.register.known(reference):
                raise NotFound("the people register has no `{ref}`", code="unknown-reference", ref=reference[:120])

    def _entry(self, row: EventRow) -> AuditEntry:
        try:
            event = audit.event_of(row.body)
        except ValueError as error:
            raise IntegrityBroken(
                "event {seq} of {plan} cannot be read",
                hint="`workflow audit verify {plan}` tells what differs",
                seq=row.seq,
                plan=row.plan,
            ) from error
        return AuditEntry(
            event, row.hash.hex(), row.previous.hex(), self.store.texts(list(text_references(event.data)))
        )


def _matches(
    event: Event, since: date | None, until: date | None, by: str | None, unit: str | None, type_: str | None
) -> bool:
    day = local_day(event.recorded_at)
    return (
        (since is None or day >= since)
        and (until is None or day <= until)
        and (by is None or event.actor == by)
        and (unit is None or unit in (event.on_behalf, event.authority.get("ref")))
        and (type_ is None or event.type == type_)
    )
