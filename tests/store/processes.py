"""Other processes for the store's tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent.parent


def child(code: str, *arguments: object, **options) -> subprocess.Popen[str]:
    """Start a process that can import the tests' rows."""
    # Not measured: a process that gives up its rights could not write what it measured.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**environment, "PYTHONPATH": os.pathsep.join((str(TESTS), str(TESTS.parent)))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
