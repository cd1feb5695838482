"""A bad plugin: the hook has no such argument."""

from workflow import hookimpl


@hookimpl
def before_transition(plan, database):  # <- 02
    """Want what nobody gives."""
    return ()
