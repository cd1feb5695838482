"""Threads for the store's tests."""

from __future__ import annotations

import threading
from collections.abc import Callable


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Do *work* in a thread; the list gets what it returned or raised."""
    results: list[object] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            # By its type alone: its traceback would keep the thread's connection.
            results.append(type(error))

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results
