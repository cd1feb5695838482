"""The periods so far, and what each act makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from workflow import State


class Period(State):
    """A period that has begun.

    Attributes:
        key: `2020-W10`, `2020-03`, or for a rule the due day before a day off moved it.
        owed: Units that have not reported.
        reports: Unit to the day on which it reported.
        skipped: It has no working day, and nothing is owed for it.
        missing: Where it brings others' reports together: units whose report it lacks, when it was made.
    """

    key: str
    begins: str
    due: str
    owed: tuple[str, ...]
    reports: Mapping[str, str] = Field(default_factory=dict)
    skipped: bool = False
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
        return state.model_copy(update={"periods": (*state.periods, *_begun(data))})
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


def _reported(period: Period, data: Mapping[str, Any]) -> Period:
    owed = tuple(unit for unit in period.owed if unit != data["unit"])
    changes = {"owed": owed, "reports": {**period.reports, data["unit"]: data["on"]}}
    return period.model_copy(update={**changes, "missing": tuple(data.get("missing", period.missing))})
