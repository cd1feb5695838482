"""Sees what pure code must not do: calls of the clock, of chance, of files, the network, the environment.

Nothing is forbidden here, it is only noted: the function goes on as it would in the engine.
"""

from __future__ import annotations

import io
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from types import FrameType
from typing import Any

from workflow.errors import N_

CLOCK = N_("it asks the clock: {call}")
CHANCE = N_("it leaves something to chance: {call}")
OUTSIDE = N_("it reaches outside, to a file, a process or the network: {call}")
ENVIRONMENT = N_("it reads the environment: {call}")
PROCESS = N_("it depends on this process, another one gives another answer: {call}")

Note = Callable[[str, str, FrameType | None], None]
_CLOCK_NAMES = frozenset({"today", "now", "utcnow"})
_TIMELESS = frozenset({"mktime", "strptime"})
_HARMLESS = frozenset({"fspath"})
_EXCUSED = ("<frozen importlib", "_strptime.py", "linecache.py", "gettext.py", "pydantic", "hypothesis")
"""Files of libraries that look outside once, for themselves: what they answer does not depend on it."""
_AUDITED = (
    "open",
    "socket.",
    "subprocess.",
    "os.",
    "shutil.",
    "tempfile.",
    "sqlite3.",
    "urllib.",
    "ftplib.",
    "smtplib.",
)


class Watch:
    """Notes what is called while it is on.

    Args:
        note: Called with a message, the call's name and the frame in which it happened.
    """

    def __init__(self, note: Note, own: Callable[[str], bool]) -> None:
        self._note = note
        self._own = own
        self._on = False
        # An audit hook cannot be taken away again: one for the process, deaf while the watch is off.
        sys.addaudithook(self._audit)

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Be on for the `with` block; inside another one it is on already."""
        if self._on:
            yield
            return
        before = sys.getprofile()
        self._on = True
        sys.setprofile(self._called)
        try:
            yield
        finally:
            sys.setprofile(before)
            self._on = False

    def _called(self, frame: FrameType, event: str, arg: Any) -> None:
        if event == "c_call":
            message = _told_of(arg, self._own(frame.f_code.co_filename))
            if message and not self._is_excused(frame):
                owner = getattr(arg, "__self__", None)
                place = owner.__name__ if isinstance(owner, type) else getattr(arg, "__module__", None) or ""
                self._note(message, f"{place}.{arg.__name__}".lstrip("."), frame)
        elif event == "call" and frame.f_code.co_qualname.startswith("_Environ.") and not self._is_excused(frame):
            self._note(ENVIRONMENT, "os.environ", frame.f_back)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._on and event.startswith(_AUDITED):
            frame = sys._getframe(1)
            if not self._is_excused(frame):
                self._note(OUTSIDE, event, frame)

    def _is_excused(self, frame: FrameType | None) -> bool:
        """True where a module is loaded or a model built: below that, nothing is the author's own call."""
        while frame is not None and not self._own(frame.f_code.co_filename):
            if any(mark in frame.f_code.co_filename for mark in _EXCUSED):
                return True
            frame = frame.f_back
        return False


def _told_of(called: Any, by_author: bool) -> str | None:
    """Return what is to be said of a call of a function written in C, None where it is harmless."""
    owner, name, module = getattr(called, "__self__", None), called.__name__, getattr(called, "__module__", None)
    if isinstance(owner, type) and issubclass(owner, date):
        return CLOCK if name in _CLOCK_NAMES else None
    if isinstance(owner, random.Random):
        return CHANCE
    if isinstance(owner, io.IOBase):
        return None if isinstance(owner, (io.StringIO, io.BytesIO)) else OUTSIDE
    if module == "time":
        return None if name in _TIMELESS else CLOCK
    if name in ("urandom", "getrandom"):
        return CHANCE
    if module in ("posix", "nt"):
        return None if name in _HARMLESS else OUTSIDE
    if module in ("_socket", "_ssl", "_thread", "_posixsubprocess"):
        return OUTSIDE if name.startswith(("start_new", "getaddrinfo", "gethost", "fork_exec", "socket")) else None
    if module in ("io", "_io") and name in ("open", "open_code"):
        return OUTSIDE
    if module == "builtins" and name in ("print", "input"):
        return OUTSIDE
    if module == "builtins" and name in ("hash", "id") and by_author:
        return PROCESS
    return None
