"""The processes in which handlers run: each does one thing at a time, and is replaced where it does not come back."""

from __future__ import annotations

import multiprocessing
import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workflow.errors import N_, Phrase
from workflow.views.effects import Attempt, Errand
from workflow.worker.handling import NO_HANDLER, serve

_START = 60
"""Seconds in which a process has to be ready: it imports every plugin."""
_FRESH = 30
"""Seconds for which a process is trusted to know every plugin that is installed."""


class Hand:
    """One process, started when it is first needed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._process: Any = None
        self._pipe: Any = None
        self._started = 0.0

    def carry_out(self, errand: Errand, time_limit: float) -> Attempt:
        """Carry out one try; a process that is too slow, or is lost, is replaced."""
        attempt = self._once(errand, time_limit)
        if attempt.code == NO_HANDLER and time.monotonic() - self._started > _FRESH:
            # The plugin may have been installed since.
            self.close()
            attempt = self._once(errand, time_limit)
        return attempt

    def _once(self, errand: Errand, time_limit: float) -> Attempt:
        try:
            self._require_running()
            self._pipe.send(errand)
            if not self._pipe.poll(time_limit):
                self.close()
                phrase = Phrase(N_("it was not done after {seconds} seconds"), {"seconds": f"{time_limit:g}"})
                return Attempt("failed", "timed-out", phrase)
            return Attempt.from_data(self._pipe.recv())
        except (EOFError, OSError):
            code = self._lost()
            phrase = Phrase(N_("the process of the handler ended ({code})"), {"code": code})
            return Attempt("failed", "process-ended", phrase)

    def _require_running(self) -> None:
        if self._process is not None and self._process.is_alive():
            return
        self.close()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, self._root), daemon=True)
        self._process.start()
        theirs.close()
        self._started = time.monotonic()
        if not self._pipe.poll(_START):
            raise EOFError
        self._pipe.recv()

    def _lost(self) -> Any:
        process = self._process
        if process is not None:
            process.join(timeout=5)
        code = process.exitcode if process is not None else None
        self.close()
        return "?" if code is None else code

    def close(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if process is not None:
            process.kill()
            process.join()


class Hands:
    """So many processes at most, lent out one by one."""

    def __init__(self, root: Path, count: int) -> None:
        self._all = [Hand(root) for _ in range(count)]
        # The last one used comes first: where one is enough, one is started.
        self._free: queue.LifoQueue[Hand] = queue.LifoQueue()
        for hand in self._all:
            self._free.put(hand)

    @contextmanager
    def lent(self) -> Iterator[Hand]:
        """Wait for a free one, and give it back at the end."""
        hand = self._free.get()
        try:
            yield hand
        finally:
            self._free.put(hand)

    def close(self) -> None:
        """End all processes."""
        for hand in self._all:
            hand.close()
