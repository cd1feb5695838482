"""A bad plugin: a guard that answers with text."""

from workflow import Guard, Text, hookimpl


def unmet(plan, transition):  # <- 16
    """Say no in one word."""
    return ("no",)


@hookimpl
def guards():
    """Supply it."""
    return (Guard("says-no", Text(vi="Không cho qua", en="Says no"), unmet),)
