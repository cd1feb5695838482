"""`uses: consultation`: units are asked for their opinion and each opinion gets an answer."""

from __future__ import annotations

from trinh_plugins.consultation.step import Consultation
from workflow import StepType, hookimpl


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `uses: consultation`."""
    return (Consultation(),)
