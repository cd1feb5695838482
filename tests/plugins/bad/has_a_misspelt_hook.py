"""A bad plugin: there is no such hook."""

from workflow import hookimpl


@hookimpl
def step_type():  # <- 02
    """Never asked for."""
    return ()
