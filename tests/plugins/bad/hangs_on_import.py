"""A bad plugin: it waits while it is imported."""

import time

from workflow import hookimpl

time.sleep(600)  # <- 20


@hookimpl
def step_types():
    """Never reached."""
    return ()
