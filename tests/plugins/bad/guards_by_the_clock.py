"""A bad plugin: a guard that asks what time it is."""

from datetime import datetime

from workflow import Guard, Phrase, Reason, Text, hookimpl


def unmet(plan, transition):
    """Say no in the evening."""
    if datetime.now().hour < 30:  # <- 16
        return (Reason("evening", Phrase("not in the evening", vi="không làm buổi tối")),)
    return ()


@hookimpl
def guards():
    """Supply it."""
    return (Guard("not-in-the-evening", Text(vi="Không phải buổi tối", en="Not in the evening"), unmet),)
