"""Rows for the store's tests: short to write, linked like real ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from workflow.audit import GENESIS, link, text_key
from workflow.store.effects import EffectRow
from workflow.store.interface import EventRow, PlanChange, PlanRow, TextRow, WorkItemRow


def event(plan: str, seq: int, previous: bytes = GENESIS, body: bytes = b"{}", **columns) -> EventRow:
    """An event linked to *previous*."""
    values = {
        "type": "step_acted",
        "occurred_on": "2019-04-01",
        "recorded_at": "2019-04-01T01:02:03.000004Z",
        "actor": "an",
        "request_id": None,
    }
    return EventRow(
        plan=plan, seq=seq, previous=previous, hash=link(previous, body), body=body, **{**values, **columns}
    )


def chain(plan: str, count: int, after: int = 0, previous: bytes = GENESIS, **columns) -> tuple[EventRow, ...]:
    """So many events in a row."""
    events = []
    for seq in range(after + 1, after + count + 1):
        events.append(event(plan, seq, previous, **{"body": f'{{"seq":{seq}}}'.encode(), **columns}))
        previous = events[-1].hash
    return tuple(events)


def plan_row(id: str, revision: int = 1, head: bytes = GENESIS, **columns) -> PlanRow:
    """A plan in its first stage."""
    values = {
        "definition": "d" * 64,
        "definition_id": "sample",
        "definition_version": 1,
        "status": "active",
        "stage": "writing",
        "title": None,
        "latest_on": "2019-04-01",
        "state": b'{"id":"' + id.encode() + b'"}',
    }
    return PlanRow(id=id, revision=revision, head=head, **{**values, **columns})


def change(
    id: str = "p",
    after: PlanRow | None = None,
    *,
    count: int = 1,
    events: dict | None = None,
    plan: dict | None = None,
    **rows,
) -> PlanChange:
    """A change of one plan: new, or behind the row *after*.

    Args:
        events: Columns of the events.
        plan: Columns of the plan's row.
        rows: Work items, texts and so on of the change.
    """
    expected, previous = (after.revision, after.head) if after else (0, GENESIS)
    made = chain(after.id if after else id, count, expected, previous, **(events or {}))
    if after:
        row = replace(after, revision=made[-1].seq, head=made[-1].hash, **(plan or {}))
    else:
        row = plan_row(id, made[-1].seq, made[-1].hash, **(plan or {}))
    return PlanChange(plan=row, expected=expected, events=made, **rows)


def item(plan: str = "p", step: str = "write", key: str = "unit", **columns) -> WorkItemRow:
    """An open work item."""
    values = {
        "round": 1,
        "title_vi": "Xây dựng dự thảo",
        "title_en": None,
        "owner": "unit",
        "due_on": "2019-04-15",
        "done_on": None,
        "open": True,
    }
    return WorkItemRow(plan=plan, step=step, key=key, **{**values, **columns})


def effect(plan: str = "p", seq: int = 1, number: int = 1) -> EffectRow:
    """A waiting effect."""
    return EffectRow(id=f"{plan}:{seq}:{number}", plan=plan, seq=seq, kind="mail", payload=b"{}")


def text(content: str, salt: bytes = b"0123456789abcdef") -> TextRow:
    """A text under its key."""
    return TextRow(text_key(salt, content), salt, content)


def file(*pieces: bytes) -> tuple[str, Iterable[bytes]]:
    """A file as a change brings it: announced hash, and bytes that can be read once."""
    return hashlib.sha256(b"".join(pieces)).hexdigest(), iter(pieces)
