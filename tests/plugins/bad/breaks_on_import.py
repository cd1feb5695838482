"""A bad plugin: it cannot be imported."""

from workflow import hookimpl

LIMIT = int("many")  # <- 01


@hookimpl
def step_types():
    """Never reached."""
    return ()
