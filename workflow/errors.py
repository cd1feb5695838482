"""Everything that can go wrong for a person, as one tree of exceptions.

Each class fixes the exit code of the command line (see `README.md`, "Exit codes"). A message is a
catalogue entry with named parameters, so that it can be shown in any language; `str()` is English.
This module knows neither the catalogue nor the command line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark *message* for the catalogue and return it unchanged."""
    return message


@dataclass(frozen=True)
class Phrase:
    """A catalogue message with its parameters.

    *text* is the English message with `{name}` places; *vi* carries the Vietnamese where the text
    comes from a plugin or a definition rather than from the core's catalogue.
    """

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)
    vi: str | None = None

    def __str__(self) -> str:
        return fill(self.text, self.params)


_NUMBERED = re.compile(r"\{(\w+)\|([^{|}]*)\|([^{|}]*)\}")


def fill(text: str, params: Mapping[str, Any]) -> str:
    """Put *params* into the `{name}` places of *text*; an unknown place stays as it is.

    `{name|day|days}` is one of the two words, the first where *name* is 1.
    """
    if "|" in text:
        text = _NUMBERED.sub(lambda place: place[2] if str(params.get(place[1])) == "1" else place[3], text)
    for name, value in params.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        text = text.replace("{" + name + "}", shown)
    return text


@dataclass(frozen=True)
class Reason:
    """One condition that is not met: what, who could meet it, and from which day on.

    Attributes:
        code: Kebab-case code, stored in the trail.
        phrase: The sentence for people.
        who: Ids of units, offices or people who could meet the condition.
        since: First local day on which it could be met, if that is known.
    """

    code: str
    phrase: Phrase
    who: tuple[str, ...] = ()
    since: date | None = None

    def __str__(self) -> str:
        return str(self.phrase)


class WorkflowError(Exception):
    """Base of every expected failure.

    Args:
        text: English message with `{name}` places.
        code: Kebab-case code for `--json`; the class's own where not given.
        reasons: The single conditions that were not met.
        hint: What to do next.
        vi: Vietnamese of *text*, where a plugin raises it (the core's stands in the catalogue).
        params: Values for the places in *text* and *hint*.
    """

    exit_code: ClassVar[int] = 1
    code: str = "defect"

    def __init__(
        self,
        text: str,
        *,
        code: str | None = None,
        reasons: tuple[Reason, ...] = (),
        hint: str | None = None,
        vi: str | None = None,
        **params: Any,
    ) -> None:
        self.phrase = Phrase(text, params, vi)
        self.hint = Phrase(hint, params) if hint else None
        self.reasons = reasons
        self.params = params
        if code is not None:
            self.code = code
        super().__init__(str(self.phrase))


class InvalidInput(WorkflowError):
    """Wrong usage or bad input; nothing changed."""

    exit_code = 2
    code = "invalid-input"


class NotFound(InvalidInput):
    """There is no such plan, step, action, definition or file."""

    code = "not-found"


class StorageUnusable(InvalidInput):
    """The database cannot be opened, read or written, or is not one of ours."""

    code = "storage-unusable"


class Refused(WorkflowError):
    """A rule or guard refuses the change; `reasons` lists every one."""

    exit_code = 3
    code = "refused"


class NotPermitted(WorkflowError):
    """This actor may not do that."""

    exit_code = 4
    code = "not-permitted"


class Conflict(WorkflowError):
    """Somebody acted in between; it is safe to look and try again."""

    exit_code = 5
    code = "conflict"


class ProblemsFound(WorkflowError):
    """A check found errors or warnings."""

    exit_code = 6
    code = "problems-found"


class IntegrityBroken(WorkflowError):
    """The stored record does not agree with itself."""

    exit_code = 7
    code = "integrity-broken"


_NOT_THE_AUTHORS = ("workflow", "importlib", "_frozen_importlib", "pydantic", "pydantic_core", "pluggy")


def failure(error: BaseException) -> str:
    """Return what a plugin's failure is and where: `ZeroDivisionError: division by zero (signing.py:12)`."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error}"
    place, frame = "", error.__traceback__
    while frame is not None:
        # The innermost line outside the engine is the author's own.
        name = frame.tb_frame.f_globals.get("__name__", "")
        if name and name.partition(".")[0] not in _NOT_THE_AUTHORS:
            file = frame.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
            place = f" ({file}:{frame.tb_lineno})"
        frame = frame.tb_next
    return f"{_of_model(error) or f'{type(error).__name__}: {error}'}{place}"


def _of_model(error: BaseException) -> str | None:
    """Return what does not fit a model, on one line: pydantic's own text has several, and an address on the web."""
    if type(error).__name__ != "ValidationError" or not hasattr(error, "title") or not hasattr(error, "errors"):
        return None
    told = []
    for fault in error.errors(include_url=False):
        key = ".".join(map(str, fault["loc"]))
        if fault["type"] == "missing":
            told.append(f"`{key}` is missing")
        elif fault["type"] == "extra_forbidden":
            told.append(f"there is no `{key}`")
        else:
            told.append(f"`{key}`: {fault['msg']}" if key else fault["msg"])
    return f"{error.title}: {'; '.join(told)}"


class PluginFailed(Refused):
    """A plugin raised or answered with the wrong type; the change is refused and the plugin named."""

    code = "plugin-failed"
