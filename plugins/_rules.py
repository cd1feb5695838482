"""Numbers of days that rules set, chosen by date; they stand in `definitions/data/rules.toml`.

The file travels with the program and is read once. What is chosen goes into the event, so that
replaying a plan never reads it again.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class DayRule:
    """A number of days, what sets it, and whether somebody read it there."""

    name: str
    days: int
    basis: str
    unverified: bool
    from_: date | None = None
    until: date | None = None

    def holds(self, on: date) -> bool:
        """True if it is in force on this day."""
        return (self.from_ is None or self.from_ <= on) and (self.until is None or on <= self.until)


@cache
def rules() -> Mapping[str, tuple[DayRule, ...]]:
    """Every rule by name, in the order of the file."""
    found = tomllib.loads((files("trinh_definitions") / "data" / "rules.toml").read_text("utf-8"))
    return {name: tuple(_rule(name, version) for version in versions) for name, versions in found.items()}


def in_force(name: str, on: date) -> DayRule | None:
    """Return the rule's version in force on this day, None if there is none."""
    return next((rule for rule in rules().get(name, ()) if rule.holds(on)), None)


def _rule(name: str, version: Mapping[str, object]) -> DayRule:
    values = {"from_" if key == "from" else key: value for key, value in version.items()}
    return DayRule(name=name, **values)
