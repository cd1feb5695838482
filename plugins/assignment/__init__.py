"""`uses: assignment`: a table of tasks, each with a lead and a date, its own or inherited."""

from __future__ import annotations

from trinh_plugins.assignment.step import AssignmentStep
from workflow import StepType, hookimpl


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `assignment`."""
    return (AssignmentStep(),)
