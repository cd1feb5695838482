"""Trình: carries a public body's plans from first draft to the committee's session.

The names below are the public API for plugins. They are loaded when first used, so that
`workflow --help` imports neither pydantic nor sqlmodel.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "Act": "acting",
    "Action": "steps",
    "Approved": "acting",
    "Attachment": "acting",
    "Calendar": "deadlines",
    "Context": "stepviews",
    "DocumentRef": "steps",
    "Effect": "hookspecs",
    "Guard": "hookspecs",
    "Help": "descriptions",
    "HolderRef": "steps",
    "Import": "steps",
    "ImportRow": "steps",
    "MadeRevision": "acting",
    "Options": "steps",
    "Paper": "paperviews",
    "PaperRound": "paperviews",
    "PaperView": "paperviews",
    "Parameters": "steps",
    "Phrase": "errors",
    "PlanView": "stepviews",
    "Prose": "steps",
    "Reason": "errors",
    "Refused": "errors",
    "Sent": "acting",
    "State": "steps",
    "StepRef": "steps",
    "StepType": "steps",
    "StepView": "stepviews",
    "Text": "definition",
    "UnitRef": "steps",
    "WorkItem": "steps",
    "action": "steps",
    "hookimpl": "hookspecs",
    "prose": "steps",
}

__all__ = ["__version__", *sorted(_PUBLIC)]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'workflow' has no attribute {name!r}")
    return getattr(import_module("workflow." + _PUBLIC[name]), name)
