"""What remains of a faulty definition, so that its other mistakes can be told in the same run."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from workflow.language.definition import Definition
from workflow.language.loader import Loaded, of_definition, read
from workflow.language.problems import Path, Problem
from workflow.language.validation import Complaint, complaints

_ROUNDS = 5
_NAMED = ("stages", "steps", "transitions", "documents", "alongside", "parameters")
"""What stands in these has a name that others refer to: without it they would be blamed."""
_STAND_INS = {"workflow": 1, "version": 1}
_LEFT_OUT = "left-out-here"
"""Stands where a name is missing; no author calls anything so."""


def remainder(text: bytes, name: str) -> Loaded | None:
    """Return the definition without its faulty keys and values; None where too little would remain.

    Raises:
        DefinitionInvalid: If the text is no YAML that is allowed here.
    """
    data, positions, _ = read(text, name)
    for _ in range(_ROUNDS):
        try:
            definition = Definition.model_validate(data, by_alias=True, by_name=False)
        except ValidationError as exc:
            if not all(_mended(data, complaint) for complaint in reversed(complaints(exc, data, Definition))):
                return None
        else:
            return of_definition(definition, positions, name)
    return None


def is_follow_up(problem: Problem) -> bool:
    """True of a problem with a stand-in: that the name is missing was told already."""
    return _LEFT_OUT in problem.phrase.params.values()


def _mended(data: Any, complaint: Complaint) -> bool:
    """Take the faulty key out of *data*, or put something in for a missing one; False where that is no use."""
    path = complaint.path
    if complaint.code == "missing-key":
        key = str(complaint.phrase.params["key"])
        holder = _at(data, path)
        if not isinstance(holder, dict):
            return False
        holder[key] = _STAND_INS.get(key, _LEFT_OUT)
        return True
    while path and isinstance(path[-1], int):
        path = path[:-1]  # Without one item the places of the others would be wrong.
    if not path or (len(path) > 1 and path[-2] in _NAMED) or path[-1] in _NAMED:
        return False
    holder = _at(data, path[:-1])
    if isinstance(holder, dict):
        holder.pop(path[-1], None)
    return True


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part] if isinstance(data, list) or part in data else {}
    return data
