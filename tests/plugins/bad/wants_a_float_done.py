"""A bad plugin: an effect whose payload no outbox can hold."""

from workflow import Effect, hookimpl


@hookimpl
def after_transition(plan, transition, events):  # <- 17
    """Ask for half a letter."""
    return (Effect("letter", {"share": 0.5}),)
