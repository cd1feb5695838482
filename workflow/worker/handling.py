"""One try of an effect, and the process in which handlers run.

A handler is a plugin's code: it may hang, leave, crash or print. So it runs in a process of its own,
which is ended with it where it does not come back.
"""

from __future__ import annotations

import os
import sys
import threading
import unicodedata
from collections.abc import Callable, Mapping
from multiprocessing import connection as pipes
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

from workflow.errors import N_, Phrase, PluginFailed, failure
from workflow.hookspecs import EffectCall, Undeliverable
from workflow.registry import Registry
from workflow.views.effects import Attempt, Errand
from workflow.views.handed import read_only

LONGEST = 500
"""Characters that are kept of what a handler says."""

NO_HANDLER = "no-handler"
"""Code of an effect that no plugin can carry out here."""


def serve(connection: Any, root: Path) -> None:
    """Carry out what comes through *connection*, one after the other, until it is closed."""
    _end_with_parent()
    # What a handler prints is talk: the command's data goes to standard output.
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    from workflow.bootstrap import registry, settings_of

    plugins, settings = registry(root), settings_of(root).plugin_settings
    connection.send("ready")
    while True:
        try:
            errand = connection.recv()
        except EOFError:
            return
        connection.send(carry_out(plugins, settings, errand, root).as_data())


def _end_with_parent() -> None:
    """Leave when the worker is gone: another one takes up what this process was doing."""
    parent = parent_process()
    if parent is not None:
        sentinel = parent.sentinel

        def watch() -> None:
            pipes.wait([sentinel])
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()


def carry_out(plugins: Registry, settings: Mapping[str, Mapping[str, Any]], errand: Errand, workspace: Path) -> Attempt:
    """Call the handler of an effect's kind once, and say how that ended."""
    handlers = plugins.effect_handlers
    try:
        handler, owner = handlers[errand.kind], handlers.owner(errand.kind)
    except KeyError:
        return Attempt("undeliverable", NO_HANDLER, Phrase(N_("no plugin handles `{kind}`"), {"kind": errand.kind}))
    except PluginFailed as error:
        return Attempt("undeliverable", "handler-claimed", error.phrase)
    call = EffectCall(
        id=errand.id,
        key=errand.key,
        kind=errand.kind,
        payload=errand.payload,
        plan=errand.plan,
        attempt=errand.attempt,
        settings=read_only(settings.get(owner, {})),
        workspace=workspace.absolute(),
    )
    return _tried(handler.carry_out, call, owner)


def _tried(handler: Callable[[EffectCall], Any], call: EffectCall, owner: str) -> Attempt:
    try:
        answer = handler(call)
        if answer is not None:
            raise TypeError(f"it gave {type(answer).__name__}, not None")
    except Undeliverable as error:
        return Attempt("undeliverable", "undeliverable", _clean(error.phrase))
    except BaseException as error:
        # Also what tries to end the process: whatever a handler does wrong is told, and tried again.
        phrase = Phrase(N_("plugin `{plugin}` failed: {error}"), {"plugin": owner, "error": failure(error)})
        return Attempt("failed", "failed", _clean(phrase))
    return Attempt("done")


def _clean(phrase: Any) -> Phrase:
    """Return a phrase that every database can keep, whatever the handler made of it."""
    if not isinstance(phrase, Phrase):
        return Phrase(_kept(phrase))
    params = {str(name): _kept(value) for name, value in dict(phrase.params or {}).items()}
    return Phrase(_kept(phrase.text), params, None if phrase.vi is None else _kept(phrase.vi))


def _kept(value: Any) -> str:
    text = unicodedata.normalize("NFC", str(value).encode("utf-8", "replace").decode("utf-8"))
    shown = "".join(char if char.isprintable() else " " for char in text)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
