"""`uses: support-fund`: applications for support, decided against a ceiling that is never exceeded."""

from __future__ import annotations

from trinh_plugins.support_fund.step import FundStep
from workflow import StepType, hookimpl


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `uses: support-fund`."""
    return (FundStep(),)
