"""A bar at the foot of the terminal for what takes its time; nothing where nobody watches."""

from __future__ import annotations

import os
import sys
import time
from typing import Final

import click

from workflow.cli.boundary import terminal_width

_EVERY: Final = 0.1
"""Seconds between two drawings: a terminal over a slow line must not hold the work up."""
_WIDEST: Final = 40


class Progress:
    """How many of so many are done, on standard error; data printed in between stays whole lines.

    Args:
        total: How many there are.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._drawn = 0
        self._at = 0.0
        self._watched = total > 0 and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def step(self, count: int = 1) -> None:
        """So many more are done; a total that was an estimate is never passed."""
        self._done = min(self._done + count, self._total)
        now = time.monotonic()
        if self._watched and (now - self._at >= _EVERY or self._done == self._total):
            self._at = now
            self._draw()

    def reach(self, done: int) -> None:
        """So many are done, of however many there were before."""
        self.step(max(done - self._done, 0))

    def aside(self) -> None:
        """Take the bar away, because something else is printed; the next step draws it again."""
        if self._drawn:
            click.echo("\r" + " " * self._drawn + "\r", err=True, nl=False)
            self._drawn = 0
            self._at = 0.0

    def _draw(self) -> None:
        count = f" {self._done}/{self._total} {100 * self._done // self._total}%"
        width = min(_WIDEST, terminal_width() - len(count) - 3)
        filled = width * self._done // self._total
        text = f"[{'#' * filled}{'.' * (width - filled)}]{count}" if width > 0 else count.strip()
        click.echo("\r" + text, err=True, nl=False)
        self._drawn = len(text)
