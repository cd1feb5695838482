"""Whether a plugin's functions marked as hooks are hooks that there are, with arguments that these have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pluggy

from workflow import hookspecs
from workflow.errors import N_, Phrase, PluginFailed

SPECIFIED = {name: found for name, found in vars(hookspecs).items() if hasattr(found, f"{hookspecs.PROJECT}_spec")}
"""Every hook that there is, by its name."""


def marked(plugin: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield (hook, function) of every function that a plugin marked as a hook of ours."""
    for name, function in list(vars(plugin).items()):
        options = getattr(function, f"{hookspecs.PROJECT}_impl", None)
        if isinstance(options, dict):
            yield options.get("specname") or name, function


def misfits(hook: str, function: Callable[..., Any]) -> Iterator[Phrase]:
    """Yield what keeps *function* from being the hook *hook*."""
    if hook not in SPECIFIED:
        yield Phrase(N_("there is no hook `{name}`"), {"name": hook})
        return
    known = pluggy._hooks.varnames(SPECIFIED[hook])[0]
    for word in pluggy._hooks.varnames(function)[0]:
        if word not in known:
            params = {"name": hook, "word": word, "known": ", ".join(known) or "-"}
            yield Phrase(N_("the hook `{name}` has no argument `{word}`; it has: {known}"), params)


def require_hooks(plugin: Any) -> None:
    """Refuse a plugin with a hook that there is not, or an argument that its hook has not.

    Raises:
        PluginFailed: With the first of them; pluggy would tell of it in words for its own users.
    """
    for hook, function in marked(plugin):
        for phrase in misfits(hook, function):
            raise PluginFailed(phrase.text, **phrase.params)


def listed(hook: str, answer: Any, kind: type) -> Iterable[Any]:
    """Return what a hook that supplies things answered with.

    Raises:
        PluginFailed: If these are no several things.
    """
    if not isinstance(answer, Iterable):
        raise wrong_answer(hook, answer, kind)
    return answer


def wrong_answer(hook: str, thing: Any, kind: type) -> PluginFailed:
    """Return the error for a hook that answered with anything else than things of *kind*."""
    given = thing.__name__ if isinstance(thing, type) else type(thing).__name__
    return PluginFailed(
        "`{method}` answers with {kind}, and should with {wanted}",
        method=hook,
        kind=given,
        wanted=f"({kind.__name__}, …)",
    )
