"""A bad plugin: it supplies a class, not an instance."""

from workflow import StepType, hookimpl


class Visit(StepType):
    """Never used."""

    name = "bad-visit"


@hookimpl
def step_types():  # <- 01
    """Supply the class itself."""
    return (Visit,)
