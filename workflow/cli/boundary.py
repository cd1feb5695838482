"""The fence around every run: whatever happens inside ends with an exit code, and no traceback.

How a failure is told stands in `failures`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from workflow.cli.settings import Settings


class ReaderLeft(click.exceptions.Exit):
    """Nobody reads what we print any more; what was asked for is done."""

    def __init__(self) -> None:
        super().__init__(0)


def let_the_reader_go() -> None:
    """Point standard output at nothing, so that Python's own flush at the end stays quiet."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")


def guarded(run: Callable[[], Any], settings: Settings, typed: Sequence[str]) -> int:
    """Run the program and return its exit code, having said what went wrong.

    Args:
        run: Click's own main, which raises instead of leaving the process.
        settings: Filled while the arguments are read; may be incomplete when they are wrong.
        typed: The arguments as typed, to know `--json`, `--debug` and `--lang` even then.
    """
    _make_streams_patient()
    # Click sets options in order, and an error can come before `--json` is reached.
    settings.as_json = settings.as_json or "--json" in typed
    settings.debug = settings.debug or "--debug" in typed
    settings.lang = settings.lang or _language(typed)
    try:
        code = run()
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except BrokenPipeError:
        let_the_reader_go()
        return 0
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except (Exception, KeyboardInterrupt) as exc:  # the last fence: no traceback may reach a person
        # What failing needs is imported when something fails: help has to be quick.
        from workflow.cli.failures import report

        return report(exc, settings)
    finally:
        settings.close()


def _language(typed: Sequence[str]) -> str | None:
    words = " ".join(typed).replace("--lang=", "--lang ").split()
    following = [word for before, word in pairwise(words) if before == "--lang" and word in ("vi", "en")]
    return following[-1] if following else None


def _make_streams_patient() -> None:
    # A terminal that cannot show Vietnamese shows escapes rather than breaking off half-way.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def terminal_width() -> int:
    """Return the width to print for: `COLUMNS`, else the terminal's, else 80 where the output goes elsewhere.

    Asked without `shutil`, which drags in every kind of compression.
    """
    named = os.environ.get("COLUMNS", "")
    if named.isdecimal() and int(named):
        return max(40, int(named))
    try:
        return max(40, os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1).columns)
    except (OSError, ValueError):
        return 80
