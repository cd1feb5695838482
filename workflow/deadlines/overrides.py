"""What one calendar file changes of another, change by change, so that each move can name its own cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from workflow.deadlines.calendars import CalendarRules, DaysRule
from workflow.language.definition import Policies
from workflow.messages import FreeText


@dataclass(frozen=True)
class DaysChange:
    """Days off and days worked that a calendar file adds, or drops, with what announced them."""

    change: Literal["added", "removed"]
    rule: DaysRule

    def as_data(self) -> dict[str, Any]:
        """Return the change as it stands in an event; where it was announced is free text."""
        days = {key: [day.isoformat() for day in getattr(self.rule, key)] for key in ("off", "worked")}
        data: dict[str, Any] = {"change": self.change, "source": FreeText(self.rule.source)}
        data |= {key: each for key, each in days.items() if each}
        if self.rule.announced_on is not None:
            data["announced_on"] = self.rule.announced_on.isoformat()
        return data


@dataclass(frozen=True)
class PolicyChange:
    """A reading of dates that changes: of the workspace, or of one *definition*."""

    policy: str
    before: str
    after: str
    definition: str | None = None

    def as_data(self) -> dict[str, Any]:
        """Return the change as it stands in an event."""
        data = {"change": "policy", "policy": self.policy, "from": self.before, "to": self.after}
        return data if self.definition is None else {**data, "definition": self.definition}


Change = DaysChange | PolicyChange


def changes(old: CalendarRules, new: CalendarRules) -> tuple[Change, ...]:
    """Return everything that *new* changes of *old*, days first."""
    found: list[Change] = [*days_changed(old, new), *policies_changed(old.policies, new.policies)]
    for name in sorted({*old.definitions, *new.definitions}):
        before = old.definitions.get(name, Policies()).over(old.policies)
        after = new.definitions.get(name, Policies()).over(new.policies)
        found += policies_changed(before, after, name)
    return tuple(found)


def days_changed(old: CalendarRules, new: CalendarRules) -> tuple[DaysChange, ...]:
    """Return the days that *new* adds, then those that it drops; a day that only got another source is neither."""
    added = (DaysChange("added", rule) for rule in _without(new.days, old.days))
    removed = (DaysChange("removed", rule) for rule in _without(old.days, new.days))
    return (*added, *removed)


def policies_changed(old: Policies, new: Policies, definition: str | None = None) -> tuple[PolicyChange, ...]:
    """Return the readings of dates that differ."""
    before: Mapping[str, str] = old.model_dump()
    after: Mapping[str, str] = new.model_dump()
    return tuple(
        PolicyChange(name, before[name], after[name], definition) for name in before if before[name] != after[name]
    )


def with_days(old: CalendarRules, made: Iterable[DaysChange]) -> CalendarRules:
    """Return *old* with these changes of days made, and no others."""
    made = tuple(made)
    kept = tuple(_without(old.days, [each.rule for each in made if each.change == "removed"]))
    added = tuple(each.rule for each in made if each.change == "added")
    return old.model_copy(update={"days": (*kept, *added)})


def _without(rules: Sequence[DaysRule], others: Sequence[DaysRule]) -> Iterator[DaysRule]:
    """The rules without the days that others have in the same way."""
    off = {day for rule in others for day in rule.off}
    worked = {day for rule in others for day in rule.worked}
    for rule in rules:
        left: dict[str, tuple[date, ...]] = {
            "off": tuple(day for day in rule.off if day not in off),
            "worked": tuple(day for day in rule.worked if day not in worked),
        }
        if any(left.values()):
            yield rule.model_copy(update=left)
