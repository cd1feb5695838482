"""A bad plugin: a guard that changes the steps of the plan that it is asked about."""

from workflow import Guard, Text, hookimpl


def unmet(plan, transition):
    """Let everybody through, and leave a trace."""
    plan.steps["x"] = 1  # <- 09
    return ()


@hookimpl
def guards():
    """Supply it."""
    return (Guard("lets-through", Text(vi="Cho qua", en="Lets through"), unmet),)
