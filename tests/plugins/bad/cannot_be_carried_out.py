"""A bad plugin: a handler that does not take the call."""

from workflow import hookimpl
from workflow.hookspecs import EffectHandler
from workflow.language.definition import Text


def send():  # <- 19
    """Send something somewhere."""


@hookimpl
def effect_handlers():
    """Supply it."""
    return (EffectHandler("bad-letter", Text(vi="Gửi thư", en="Send a letter"), send),)
