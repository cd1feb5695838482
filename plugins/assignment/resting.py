"""Which acts on an assignment cannot stand once another one is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Recorded = tuple[str, Mapping[str, Any]]


def rests_on(later: Recorded, earlier: Recorded) -> bool:
    """True if a later act is about what an earlier one brought about: a row, a hand-in, a decided date."""
    (action, data), (first, made) = later, earlier
    if first == "hand-out":
        row = made["row"]["key"]
        return row in _rows(data) | _inherited(data)
    if first in ("hand-in", "return"):
        return action in ("hand-in", "accept", "return") and data["row"] == made["row"]
    if first in ("decide-date", "correct-date"):
        dated = {*made["tasks"], *made["inheriting"]}
        if action in ("hand-in", "accept"):
            # What was handed in or accepted was judged by that date, and keeps it.
            return data["row"] in dated
        return first == "decide-date" and action == "correct-date" and bool(dated & {*data["tasks"]})
    return False


def _rows(data: Mapping[str, Any]) -> set[str]:
    """The rows that an act is about; a task's key is its row, with `/UNIT` behind it in a group."""
    row = data.get("row")
    keys = [row] if isinstance(row, str) else []
    keys += [key for name in ("tasks", "inheriting") for key in data.get(name, ()) if isinstance(key, str)]
    return {key.split("/", 1)[0] for key in keys}


def _inherited(data: Mapping[str, Any]) -> set[str]:
    """The rows whose date the tasks of a handed-out row have."""
    tasks = [task for task in data.get("tasks", ()) if isinstance(task, Mapping)]
    return {task["inherited_from"] for task in tasks if task.get("inherited_from")}
