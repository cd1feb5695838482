"""A limit of time for loading a plugin, so that one that hangs on import holds up nobody's work."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SECONDS: Final = 15.0
"""So long a plugin may take to be loaded. The watchdog names it well before."""
_AGAIN: Final = 1.0
"""After so many more seconds it is interrupted anew, should it have passed over the first time."""


class LoadingHangs(BaseException):
    """Loading takes longer than it may. No `Exception`, which a plugin may well catch and go on."""


@contextmanager
def limited(seconds: float = SECONDS) -> Iterator[None]:
    """Interrupt what is loaded here when its time is up.

    Only a main thread can be interrupted, and only where the system has timers (not on Windows); elsewhere, and
    inside code that never comes back to the interpreter, the watchdog alone tells.

    Raises:
        LoadingHangs: When the time is up.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: object) -> None:
        raise LoadingHangs

    began, handler = time.monotonic(), signal.signal(signal.SIGALRM, interrupt)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            # Somebody else's timer goes on as if nothing had been.
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 0.001), interval)
