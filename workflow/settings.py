"""What `workflow.toml` may say beside paths: how the worker goes about it, and what plugins are told.

All durations are seconds. This module reads values that were parsed; it opens no file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from workflow.errors import InvalidInput


@dataclass(frozen=True)
class WorkerSettings:
    """`[worker]` of workflow.toml.

    Attributes:
        concurrency: So many effects are carried out at once by one worker.
        time_limit: Of one try.
        tries: So many, then the effect is parked.
        pause: After the first try that failed; doubled after each further one, up to `longest_pause`.
        poll: How often the outbox is looked at.
        expected: Where effects wait, a worker has to be seen at least this often; `doctor` judges by it.
        by: Offices, roles, units and persons that may retry and drop effects; none named means everybody
            in the people register.
    """

    concurrency: int = 4
    time_limit: float = 60
    tries: int = 8
    pause: float = 10
    longest_pause: float = 3600
    poll: float = 2
    expected: float = 900
    by: tuple[str, ...] = ()

    def pause_after(self, attempt: int, chance: float) -> float:
        """Return how long to wait after so many tries; *chance* (0 to 1) takes up to half of it away.

        The chance keeps effects that failed together from coming back together.
        """
        whole = min(self.longest_pause, self.pause * 2 ** min(attempt - 1, 60))
        return whole * (1 - chance / 2)


_LEAST = {"concurrency": 1, "time_limit": 0.1, "tries": 1, "pause": 0, "longest_pause": 0, "poll": 0.05, "expected": 1}
_MOST = {"concurrency": 64, "tries": 100}


def worker_settings(values: Any, path: object) -> WorkerSettings:
    """Read the table `[worker]`.

    Raises:
        InvalidInput: If it has an unknown key, or a value that is of no use.
    """
    known = [field.name for field in fields(WorkerSettings)]
    table = values if isinstance(values, Mapping) else {"worker": values}
    for name, value in table.items():
        if not (_is_names(value) if name == "by" else name in known and _is_number(name, value)):
            raise InvalidInput(
                "{path}: `{name}` in [worker] cannot be used",
                code="bad-settings",
                hint="[worker] may have numbers for: {known}; and a list of names for `by`",
                path=path,
                name=name,
                known=", ".join(_LEAST),
            )
    return WorkerSettings(**{name: tuple(value) if name == "by" else value for name, value in table.items()})


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_number(name: str, value: Any) -> bool:
    kinds = (int,) if name in _MOST else (int, float)
    # A truth value is an int in Python, and infinity is a float in TOML.
    return type(value) in kinds and _LEAST[name] <= value <= _MOST.get(name, 10**9)


@dataclass(frozen=True)
class SealSettings:
    """`[seals]` of workflow.toml: how often the worker seals; None: only who says so."""

    every: timedelta | None = None


_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"([1-9][0-9]{0,3})([mhdw])")


def seal_settings(values: Any, path: object) -> SealSettings:
    """Read the table `[seals]`.

    Raises:
        InvalidInput: If it has an unknown key, or a span that cannot be read.
    """
    table = values if isinstance(values, Mapping) else {"seals": values}
    every = table.get("every")
    found = _SPAN.fullmatch(every) if isinstance(every, str) else None
    if set(table) - {"every"} or (every is not None and found is None):
        raise InvalidInput(
            "{path}: [seals] cannot be used",
            code="bad-settings",
            hint='it may have `every`, such as "1d", "12h", "30m" or "1w"',
            path=path,
        )
    return SealSettings(timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None)


def plugin_settings(values: Mapping[str, Any], path: object) -> dict[str, Mapping[str, Any]]:
    """Read the tables `[plugins.NAME]`.

    Raises:
        InvalidInput: If one is no table.
    """
    wrong = sorted(name for name, table in values.items() if not isinstance(table, Mapping))
    if wrong:
        raise InvalidInput(
            "{path}: `{name}` under [plugins] is no table",
            code="bad-settings",
            hint="write [plugins.NAME], NAME being the plugin's as `workflow plugin list` shows it",
            path=path,
            name=", ".join(wrong),
        )
    return dict(values)
