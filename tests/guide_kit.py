"""The guide for plugin authors as tests read it: its sections, its examples, and what they have to be held against."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from workflow import hookspecs
from workflow.steps.step_type import StepType

GUIDE = (Path(__file__).parents[1] / "plugins" / "README.md").read_text(encoding="utf-8")
HOOKS = {
    name: "(" + ", ".join(inspect.signature(found).parameters) + ")"
    for name, found in vars(hookspecs).items()
    if hasattr(found, f"{hookspecs.PROJECT}_spec")
}
METHODS = {
    name: "(" + ", ".join(list(inspect.signature(member).parameters)[1:]) + ")"
    for name, member in vars(StepType).items()
    if inspect.isfunction(member) and not name.startswith("_")
}


def section(heading: str, level: int) -> str:
    """The text under a heading, up to the next one as high or higher; empty if there is none."""
    mark = "#" * level
    found = re.search(rf"^{mark} {re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", GUIDE, re.M | re.S)
    return found[1] if found else ""


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)
