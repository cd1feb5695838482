"""For who tests a plugin: an office with an engine, single rounds of a step type, generated commands.

Needs pytest and hypothesis beside the engine (extra `testing`). With the package installed pytest knows the
fixtures of `workflow.testing.fixtures`. The names below are public; each is loaded when it is first used,
so that a pytest run that has nothing to do with plugins pays nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PUBLIC = {
    "Command": "generated",
    "Desk": "desk",
    "Effects": "office",
    "Office": "office",
    "PEOPLE": "office",
    "Round": "rounds",
    "Trail": "trail",
    "Walk": "office",
    "begin": "rounds",
    "commands": "generated",
    "next_command": "generated",
    "options": "generated",
    "parameters": "generated",
}

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'workflow.testing' has no attribute {name!r}")
    return getattr(import_module("workflow.testing." + _PUBLIC[name]), name)
