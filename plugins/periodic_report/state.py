"""The periods so far, and what each act makes of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from workflow import State

_WRITTEN_MONTH = re.compile(r"(?:tháng\s*)?([0-9]{1,2})\s*/\s*([0-9]{4})")
_WRITTEN_WEEK = re.compile(r"tuần\s*([0-9]{1,2})\s*/\s*([0-9]{4})")


def period_key(value: Any) -> Any:
    """Read a period as offices write it (`11/2026`, `tuần 10/2020`) as its key; leave the rest as it is."""
    words = value.strip().lower() if isinstance(value, str) else ""
    if found := _WRITTEN_MONTH.fullmatch(words):
        return f"{found[2]}-{int(found[1]):02d}"
    if found := _WRITTEN_WEEK.fullmatch(words):
        return f"{found[2]}-W{int(found[1]):02d}"
    return value


class Period(State):
    """A period that has begun.

    Attributes:
        key: `2020-W10`, `2020-03`, or for a rule the due day before a day off moved it.
        owed: Units that have not reported.
        reports: Unit to the day on which it reported.
        written: The due day as the rhythm writes it; `before` where it is owed before that day.
        skipped: Nothing is owed for it: it has no working day, or its due day fell in a suspension.
        suspended: That suspension: since when, and from which day on the plan went on.
        missing: Where it brings others' reports together: units whose report it lacks, when it was made.
    """

    key: str
    begins: str
    due: str
    owed: tuple[str, ...]
    reports: Mapping[str, str] = Field(default_factory=dict)
    written: str | None = None
    before: bool = False
    skipped: bool = False
    suspended: tuple[str, str] | None = None
    missing: tuple[str, ...] = ()


class SeriesState(State):
    """The periods so far, oldest first."""

    periods: tuple[Period, ...] = ()
    ended_on: str | None = None

    def period(self, key: str) -> Period | None:
        """The period with this key."""
        return next((period for period in self.periods if period.key == key), None)


def evolved(state: SeriesState | None, action: str, data: Mapping[str, Any]) -> SeriesState:
    """Return the state after an act."""
    state = state or SeriesState()
    if action in ("open", "tick"):
        spared = {each["key"]: tuple(each["suspended"]) for each in data.get("spared", ())}
        known = (_spared(each, spared[each.key]) if each.key in spared else each for each in state.periods)
        return state.model_copy(update={"periods": (*known, *_begun(data))})
    if action == "report":
        periods = (_reported(each, data) if each.key == data["period"] else each for each in state.periods)
        return state.model_copy(update={"periods": tuple(periods)})
    if action == "end":
        # What began after the end, while nobody knew of it yet, was never owed.
        periods = (each for each in state.periods if each.begins <= data["on"] or each.reports)
        return state.model_copy(update={"ended_on": data["on"], "periods": tuple(periods)})
    return state


def _begun(data: Mapping[str, Any]) -> tuple[Period, ...]:
    # Earlier events name the units once for all their periods.
    together = data.get("units", ())
    found = []
    for period in data["periods"]:
        units = period.get("units", together)
        facts = {name: value for name, value in period.items() if name != "units"}
        found.append(Period(**facts, owed=() if period.get("skipped") else tuple(units)))
    return tuple(found)


def _spared(period: Period, suspended: tuple[str, ...]) -> Period:
    """The period without what was still owed for it: its due day fell in a suspension."""
    return period.model_copy(update={"owed": (), "skipped": True, "suspended": suspended})


def _reported(period: Period, data: Mapping[str, Any]) -> Period:
    owed = tuple(unit for unit in period.owed if unit != data["unit"])
    changes = {"owed": owed, "reports": {**period.reports, data["unit"]: data["on"]}}
    return period.model_copy(update={**changes, "missing": tuple(data.get("missing", period.missing))})
