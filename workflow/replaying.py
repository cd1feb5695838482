"""Replay with the code installed now: which events it cannot read, and which rows an older version made.

An event that cannot be read takes the state of its step with it; the events of that step that follow are named
too, and the plan's other steps are replayed as if nothing were.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from workflow import audit
from workflow.decide.asking import evolved
from workflow.errors import N_, Phrase, PluginFailed, Reason, failure
from workflow.messages import STEP_ACTED, STEP_OPENED, Event
from workflow.plan.state import PlanState, evolve
from workflow.projection import Key
from workflow.steps.step_type import StepType
from workflow.store.interface import PlanRow, Store, WorkItemRow
from workflow.views.plans import Finding
from workflow.views.replays import Unreadable

UNJUDGED: Final = "unjudged"
_MADE_BY_TYPES: Final = {"state", "wakes_on", "reminds_on"}
"""Columns of a plan in which stands what step types make of its events."""

_LOST: Final = "@lost"
"""Stands in the place of a step's state that could not be made."""


def unreadable(events: Iterable[Event], step_types: Mapping[str, StepType]) -> Iterator[Unreadable]:
    """Yield each event of a plan that cannot be read, in order."""
    state: PlanState | None = None
    for event in events:
        faults: list[Phrase] = []
        try:
            state = evolve(state, event, _Reading(event, step_types, faults))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the event is told, and nothing follows it
            yield _named(event, step_types, Phrase(N_("it does not fit: {error}"), {"error": failure(error)}))
            return
        if faults:
            yield _named(event, step_types, faults[0])


class _Reading:
    """The step types' own `evolve`, which notes what it cannot read and goes on."""

    def __init__(self, event: Event, step_types: Mapping[str, StepType], faults: list[Phrase]) -> None:
        self._event = event
        self._step_types = step_types
        self._faults = faults

    def __call__(
        self,
        uses: str,
        state: Mapping[str, Any] | None,
        action: str,
        data: Mapping[str, Any],
        plugin: Mapping[str, str] | None,
    ) -> dict[str, Any]:
        if state is not None and _LOST in state:
            phrase = Phrase(N_("the state of its step was lost with event {seq}"), {"seq": state[_LOST]})
            self._faults.append(phrase)
            return dict(state)
        try:
            return evolved(self._step_types, uses, state, action, data, plugin)
        except PluginFailed as error:
            self._faults.append(error.phrase)
            return {_LOST: self._event.seq}


def _named(event: Event, step_types: Mapping[str, StepType], why: Phrase) -> Unreadable:
    plugin = event.plugin["name"] if event.plugin else None
    recorded = event.plugin.get("version") if event.plugin else None
    return Unreadable(
        event.plan, event.seq, event.data.get("step"), plugin, recorded, _installed(step_types, plugin), why
    )


def _installed(step_types: Mapping[str, StepType], name: str | None) -> str | None:
    try:
        return step_types[name].version if name is not None else None
    except PluginFailed:
        return None


def outdated(events: Iterable[Event], step_types: Mapping[str, StepType]) -> dict[str, tuple[str, str, str]]:
    """Return the steps with events of another version than the one installed: type, that version, the one here."""
    found: dict[str, tuple[str, str, str]] = {}
    for event in events:
        if event.type in (STEP_OPENED, STEP_ACTED) and event.plugin is not None:
            name, recorded = event.plugin["name"], event.plugin.get("version", "")
            installed = _installed(step_types, name)
            if installed is not None and installed != recorded:
                found[event.data["step"]] = (name, recorded, installed)
    return found


def not_replayed(step_types: Mapping[str, StepType], events: Sequence[Event], error: PluginFailed) -> Iterator[Finding]:
    """Name each event that cannot be replayed; *error* alone where it is not the events that fail."""
    found = False
    for one in unreadable(events, step_types):
        found = True
        params = {"plugin": one.plugin or "-", "version": one.recorded or "-", "why": one.why, "step": one.step or "-"}
        phrase = Phrase(N_("recorded at {step} by `{plugin}` version {version}, and not replayed: {why}"), params)
        yield Finding(UNJUDGED, one.plan, one.seq, Reason(error.code, phrase))
    if not found:
        yield Finding(UNJUDGED, events[0].plan, None, Reason(error.code, error.phrase))


def differing_rows(
    store: Store,
    step_types: Mapping[str, StepType],
    events: Sequence[Event],
    expected: PlanRow | None,
    owed: Mapping[Key, WorkItemRow],
) -> Iterator[Finding]:
    """Compare a plan's row and its work items with what its events give.

    Where nothing differs but what the types of some steps made of events of another version, that is told
    once, as something to rebuild: whether it is what that version made cannot be known without its code.
    """
    chain = events[0].plan
    row = store.plan(chain)
    if expected is None or row is None:
        yield Finding("plan", chain, None, Reason("plan-missing", Phrase(N_("the plan's row is missing"))))
        return
    columns = [name for name in expected.__dataclass_fields__ if getattr(row, name) != getattr(expected, name)]
    items = list(_items(store, chain, owed))
    older = outdated(events, step_types)
    theirs = [finding for step, finding in items if step in older]
    excused = bool(older) and set(columns) <= _MADE_BY_TYPES and same_but_for(older, row.state, expected.state)
    if excused and (columns or theirs):
        for name, recorded, installed in dict.fromkeys(older.values()):
            params = {"plugin": name, "recorded": recorded, "installed": installed, "plan": chain}
            text = N_("`{plugin}` {recorded} made the rows, {installed} is here: `workflow db rebuild {plan}`")
            phrase = Phrase(text, params)
            yield Finding(UNJUDGED, chain, None, Reason("rebuild-needed", phrase))
    else:
        for name in columns:
            phrase = Phrase(N_("column `{name}` of the plan differs from what its events give"), {"name": name})
            yield Finding("plan", chain, None, Reason("plan-differs", phrase))
    for _, finding in items:
        if not excused or finding not in theirs:
            yield finding


def _items(store: Store, chain: str, expected: Mapping[Key, WorkItemRow]) -> Iterator[tuple[str, Finding]]:
    stored = {(item.step, item.round, item.key): item for item in store.work_items(chain)}
    for key in sorted({*stored, *expected}, key=repr):
        name = f"{key[0]}@{key[1]}#{key[2]}"
        if key not in stored:
            phrase = Phrase(N_("work item {item} is missing"), {"item": name})
        elif key not in expected:
            phrase = Phrase(N_("work item {item} stands in the table, but no event gives it"), {"item": name})
        elif stored[key] != expected[key]:
            fields = expected[key].__dataclass_fields__
            differing = [f for f in fields if getattr(stored[key], f) != getattr(expected[key], f)]
            phrase = Phrase(N_("work item {item} differs in {fields}"), {"item": name, "fields": ", ".join(differing)})
        else:
            continue
        yield key[0], Finding("work-items", chain, None, Reason("work-item-differs", phrase))


def same_but_for(steps: Collection[str], stored: bytes, expected: bytes) -> bool:
    """True if two stored plan states differ in nothing but what the types of these *steps* made of their events."""
    try:
        return _stripped(stored, set(steps)) == _stripped(expected, set(steps))
    except (ValueError, TypeError, KeyError, AttributeError):
        # What was damaged by hand has any shape.
        return False


def _stripped(body: bytes, steps: set[str]) -> Any:
    state = audit.from_stored(body)
    for address in steps & set(state["steps"]):
        for round_ in state["steps"][address]["rounds"]:
            round_["state"] = None
            round_.pop("counts", None)
    return state
