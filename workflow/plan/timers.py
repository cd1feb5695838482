"""Whom anybody was reminded of what, as facts of a plan: each rung of each due day once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow import messages
from workflow.messages import Event
from workflow.plan.redating import item_name

Fired = Mapping[str, Mapping[str, tuple[str, ...]]]
"""By work item and the due day that it had then: what was settled, such as `remind 3wd`."""

REMIND, ESCALATE = "remind", "escalate"


def settled(fired: Fired, item: str, due: str, kind: str, rung: str) -> bool:
    """True if this rung was fired, or passed over, for this due day of the item."""
    return f"{kind} {rung}" in fired.get(item, {}).get(due, ())


def settled_before(fired: Fired, item: str, kind: str, rung: str) -> bool:
    """True if this rung was fired, or passed over, for any due day of the item."""
    return any(f"{kind} {rung}" in rungs for rungs in fired.get(item, {}).values())


def fire(state: Any, event: Event) -> dict[str, Any]:
    """Return what a reminder, one that was not sent, or an escalation changes of a plan's state."""
    data, fired = event.data, state.fired
    item, due = item_name(data["step"], data["round"], data["key"]), data["due"]
    kind = ESCALATE if event.type == messages.ESCALATED else REMIND
    known = fired.get(item, {})
    rungs = (*known.get(due, ()), f"{kind} {data['rung']}")
    return {"fired": {**fired, item: {**known, due: rungs}}}


def fired_from(values: Mapping[str, Mapping[str, Any]]) -> Fired:
    """Rebuild them from their stored values."""
    return {item: {due: tuple(rungs) for due, rungs in dues.items()} for item, dues in values.items()}
