"""Trình: carries a public body's plans from first draft to the committee's session.

The names below are the public API for plugins. They are loaded when first used, so that
`workflow --help` imports neither pydantic nor sqlmodel.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "Act": "plan.acting",
    "Action": "steps.step_type",
    "Approved": "plan.acting",
    "Attachment": "plan.acting",
    "Calendar": "deadlines",
    "CommandView": "hookspecs",
    "Context": "steps.views",
    "DocumentRef": "steps.step_type",
    "Effect": "hookspecs",
    "EffectCall": "hookspecs",
    "EffectHandler": "hookspecs",
    "ExportView": "views.exports",
    "ExportedDocument": "views.exports",
    "ExportedEvent": "views.exports",
    "ExportedPlan": "views.exports",
    "Exporter": "hookspecs",
    "Guard": "hookspecs",
    "Help": "steps.descriptions",
    "HolderRef": "steps.step_type",
    "Import": "steps.step_type",
    "ImportRow": "steps.step_type",
    "KeptText": "steps.tables",
    "MadeRevision": "plan.acting",
    "Named": "steps.tables",
    "Options": "steps.step_type",
    "Origin": "steps.step_type",
    "Paper": "views.papers",
    "PaperRound": "views.papers",
    "PaperView": "views.papers",
    "Parameters": "steps.step_type",
    "Phrase": "errors",
    "PlanView": "steps.views",
    "Prose": "steps.step_type",
    "Reason": "errors",
    "Recorded": "steps.step_type",
    "Refused": "errors",
    "Sent": "plan.acting",
    "State": "steps.step_type",
    "StepRef": "steps.step_type",
    "StepTable": "steps.tables",
    "StepType": "steps.step_type",
    "StepView": "steps.views",
    "Text": "language.definition",
    "Undeliverable": "hookspecs",
    "UnitRef": "steps.step_type",
    "WorkItem": "steps.step_type",
    "action": "steps.step_type",
    "hookimpl": "hookspecs",
    "prose": "steps.step_type",
}

__all__ = ["__version__", *sorted(_PUBLIC)]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'workflow' has no attribute {name!r}")
    return getattr(import_module("workflow." + _PUBLIC[name]), name)
