"""`uses: periodic-report`: a report that every unit owes for each week, month or other period."""

from __future__ import annotations

from trinh_plugins.periodic_report.rhythm import Span, spans
from trinh_plugins.periodic_report.step import PeriodicReportStep
from workflow import StepType, hookimpl

__all__ = ["PeriodicReportStep", "Span", "spans", "step_types"]


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `periodic-report`."""
    return (PeriodicReportStep(),)
