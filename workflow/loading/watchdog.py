"""Notices a plugin that does not come back, on import or in any call, and names it.

Nothing is measured in the calls themselves: a thread looks now and then at what the main thread is doing. A call
into a plugin that is still the same some seconds later is told once; whoever waits can then end it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from types import FrameType

from workflow.errors import N_, Phrase
from workflow.loading.choice import INTEGRATION_GROUP, LOAD_PLUGINS
from workflow.loading.limit import SECONDS as LIMIT
from workflow.loading.soundness import WORKSPACE_MODULES
from workflow.steps.step_type import ENTRY_POINT_GROUP

SECONDS = 5.0
"""So long a plugin may take for one thing before it is told."""
_GROUPS = (ENTRY_POINT_GROUP, INTEGRATION_GROUP)


class Watchdog(threading.Thread):
    """Watches the thread in which it was made.

    Args:
        tell: Gets the one sentence for each call that does not come back.
    """

    def __init__(self, tell: Callable[[Phrase], None], seconds: float = SECONDS) -> None:
        super().__init__(name="workflow-watchdog", daemon=True)
        self._tell = tell
        self._seconds = seconds
        self._watched = threading.get_ident()
        self._ended = threading.Event()
        self._plugins: dict[str, str] | None = None

    def start(self) -> None:
        """Begin to watch, where that has not begun."""
        if self.ident is None:
            super().start()

    def stop(self) -> None:
        """Stop watching."""
        self._ended.set()

    def run(self) -> None:
        """Look several times within the limit; the same call at every look is one that does not come back."""
        looks, known, told = 0, None, None
        while not self._ended.wait(self._seconds / 5):
            call = self._call()
            looks = looks + 1 if call is not None and call is known else 0
            known = call
            if call is not None and looks >= 5 and call is not told:
                told = call
                self._tell(self._phrase(call))

    def _call(self) -> FrameType | None:
        """The outermost call of a plugin's code that is going on."""
        found = None
        for frame in _outwards(sys._current_frames().get(self._watched)):
            if self._plugin_of(frame) is not None:
                found = frame
        return found

    def _phrase(self, call: FrameType) -> Phrase:
        file = call.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
        where = "import" if call.f_code.co_name == "<module>" else call.f_code.co_name
        params = {
            "plugin": self._plugin_of(call),
            "seconds": f"{self._seconds:g}",
            "where": f"{where}, {file}:{call.f_lineno}",
            "variable": LOAD_PLUGINS,
            "limit": f"{LIMIT:g}",
        }
        text = N_(
            "plugin `{plugin}` has not come back for {seconds} seconds ({where}). Ctrl-C stops it; "
            "{variable}=-{plugin} goes on without it. An import is given up after {limit} seconds."
        )
        return Phrase(text, params)

    def _plugin_of(self, frame: FrameType) -> str | None:
        module = frame.f_globals.get("__name__")
        if not isinstance(module, str):
            return None
        package, _, rest = module.partition(".")
        if package == WORKSPACE_MODULES:
            return rest
        if self._plugins is None:
            every = entry_points()
            points = (point for group in _GROUPS for point in every.select(group=group))
            self._plugins = {point.module: point.name for point in points}
        return next((self._plugins[name] for name in _upwards(module) if name in self._plugins), None)


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _upwards(module: str) -> Iterator[str]:
    while module:
        yield module
        module = module.rpartition(".")[0]
