"""A bad plugin: a guard whose title is a text in no language."""

from workflow import Guard, hookimpl


def unmet(plan, transition):  # <- 05
    """Let everything through."""
    return ()


@hookimpl
def guards():
    """Supply it."""
    return (Guard("bad-title", "Enough", unmet),)
