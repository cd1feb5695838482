"""Events: what is recorded, with the stored names of their types.

An event is a fact in the past tense. Its stored type name is a constant here and never derived from
a class name, so a renaming in the code does not touch any trail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

WORKSPACE_CHAIN: Final = "@workspace"
"""The chain beside the plans' chains: people, definitions, refusals."""

PLAN_CREATED: Final = "plan_created"
TRANSITION_FIRED: Final = "transition_fired"
STEP_OPENED: Final = "step_opened"
STEP_ACTED: Final = "step_acted"
STEP_ENDED: Final = "step_ended"
PLAN_FINISHED: Final = "plan_finished"
PLAN_SUSPENDED: Final = "plan_suspended"
PLAN_RESUMED: Final = "plan_resumed"
PLAN_CANCELLED: Final = "plan_cancelled"
PLAN_REOPENED: Final = "plan_reopened"
EVENT_CORRECTED: Final = "event_corrected"
NUMBER_ISSUED: Final = "number_issued"
PLAN_HANDED_OVER: Final = "plan_handed_over"
PLAN_AMENDED: Final = "plan_amended"
DATES_MOVED: Final = "dates_moved"
EXTENSION_ASKED: Final = "extension_asked"
EXTENSION_REFUSED: Final = "extension_refused"
REMINDED: Final = "reminded"
REMINDER_SKIPPED: Final = "reminder_skipped"
ESCALATED: Final = "escalated"
CONTENT_WITHDRAWN: Final = "content_withdrawn"

PLAN_EVENTS: Final = (
    PLAN_CREATED,
    TRANSITION_FIRED,
    STEP_OPENED,
    STEP_ACTED,
    STEP_ENDED,
    PLAN_FINISHED,
    PLAN_SUSPENDED,
    PLAN_RESUMED,
    PLAN_CANCELLED,
    PLAN_REOPENED,
    EVENT_CORRECTED,
    NUMBER_ISSUED,
    PLAN_HANDED_OVER,
    PLAN_AMENDED,
    DATES_MOVED,
    EXTENSION_ASKED,
    EXTENSION_REFUSED,
    REMINDED,
    REMINDER_SKIPPED,
    ESCALATED,
    CONTENT_WITHDRAWN,
)

PEOPLE_LOADED: Final = "people_loaded"
CALENDAR_LOADED: Final = "calendar_loaded"
DEFINITION_ADDED: Final = "definition_added"
ATTEMPT_REFUSED: Final = "attempt_refused"
EFFECT_DONE: Final = "effect_done"
EFFECT_PARKED: Final = "effect_parked"
EFFECT_RETRIED: Final = "effect_retried"
EFFECT_DROPPED: Final = "effect_dropped"
PROJECTION_REBUILT: Final = "projection_rebuilt"
KEY_ADDED: Final = "key_added"
KEY_RETIRED: Final = "key_retired"
EXPORTED: Final = "exported"
BUNDLED: Final = "bundled"

WORKSPACE_EVENTS: Final = (
    PEOPLE_LOADED,
    CALENDAR_LOADED,
    DEFINITION_ADDED,
    ATTEMPT_REFUSED,
    EFFECT_DONE,
    EFFECT_PARKED,
    EFFECT_RETRIED,
    EFFECT_DROPPED,
    PROJECTION_REBUILT,
    KEY_ADDED,
    KEY_RETIRED,
    EXPORTED,
    BUNDLED,
)


class FreeText(str):
    """Free or personal text, which never enters the hashed bytes of an event.

    Where it stands in an event's data the service puts `{"text": "<hex>"}`, the SHA-256 of a random
    salt and the text; text and salt go to the `content` table, from which they can be withdrawn.
    """

    __slots__ = ()


def text_references(data: Any) -> Iterator[str]:
    """Yield the key of every text that an event's data refer to."""
    if isinstance(data, dict):
        if set(data) == {"text"} and isinstance(data["text"], str):
            yield data["text"]
        else:
            for value in data.values():
                yield from text_references(value)
    elif isinstance(data, list):
        for value in data:
            yield from text_references(value)


@dataclass(frozen=True)
class Fact:
    """What `decide` says has happened: an event without its place in a chain.

    Attributes:
        type: One of `PLAN_EVENTS` or `WORKSPACE_EVENTS`.
        data: JSON-like values, with `FreeText` where a text must stay outside the hashed bytes.
        plugin: Name and version of the plugin whose code decided it, if one did.
        on_behalf: Id of the body in whose name the actor recorded it.
    """

    type: str
    data: Mapping[str, Any]
    plugin: Mapping[str, str] | None = None
    on_behalf: str | None = None


@dataclass(frozen=True)
class Event:
    """A recorded event, as the chain has it.

    Attributes:
        plan: Plan id, or `@workspace`.
        seq: Position in the chain, from 1.
        occurred_on: Local day on which it happened.
        recorded_at: When the system learnt of it; aware, UTC, microseconds.
        clock: `system` or `simulated`.
        actor: Person id, or None where only a login is known.
        authority: In which capacity: `ref` (office, role or unit), `via` (holder, deputy, member),
            `people` (version of the register), `login` (account, host, and on a server also session_user).
    """

    plan: str
    seq: int
    type: str
    occurred_on: date
    recorded_at: datetime
    clock: str
    request_id: str | None
    actor: str | None
    authority: Mapping[str, Any]
    definition: str | None
    plugin: Mapping[str, str] | None
    on_behalf: str | None
    data: Mapping[str, Any] = field(default_factory=dict)
