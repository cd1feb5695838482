"""Where every failure ends: one message, one exit code, no traceback.

Expected failures are errors of `workflow.errors`, click's usage errors and the operating system's.
Everything else is a defect of ours.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.marking import N_

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.errors import InvalidInput, Reason, WorkflowError

INTERRUPTED = 130


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
        typed: The arguments as typed, to know `--json` and `--debug` even then.
    """
    _make_streams_patient()
    # Click sets options in order, and an error can come before `--json` is reached.
    settings.as_json = settings.as_json or "--json" in typed
    settings.debug = settings.debug or "--debug" in typed
    try:
        code = run()
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except BrokenPipeError:
        let_the_reader_go()
        return 0
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo(settings.catalogue.message(N_("Stopped; nothing further was done.")), err=True)
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as exc:
        exc.show()
        return exc.exit_code
    except click.ClickException as exc:
        _show_usage_error(exc, settings)
        return 2
    except WorkflowError as exc:
        return _fail(exc, settings)
    except OSError as exc:
        return _fail(_as_bad_file(exc), settings)
    except Exception as exc:  # the last fence: nothing unexpected may reach a person as a traceback
        return _defect(exc, settings)
    finally:
        settings.close()


def _make_streams_patient() -> None:
    # A terminal that cannot show Vietnamese shows escapes rather than breaking off half-way.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _as_bad_file(exc: OSError) -> InvalidInput:
    why = exc.strerror or str(exc)
    if exc.filename is None:
        return InvalidInput(N_("The system refused: {why}"), code="file-unusable", why=why)
    return InvalidInput(N_("{file}: {why}"), code="file-unusable", file=exc.filename, why=why)


def _defect(exc: Exception, settings: Settings) -> int:
    if settings.debug:
        traceback.print_exception(exc)
    error = WorkflowError(
        N_("Something in this program broke: {kind}: {what}"),
        hint=N_("This is our defect, not yours. Please report it with what you typed and what `--debug` shows."),
        kind=type(exc).__name__,
        what=" ".join(str(exc).split())[:300],
    )
    return _fail(error, settings, traced=True)


def _fail(error: WorkflowError, settings: Settings, traced: bool = False) -> int:
    if settings.debug and not traced:
        traceback.print_exception(error)
    words = settings.catalogue.text
    reasons = [_reason(reason, settings) for reason in error.reasons]
    hint = words(error.hint) if error.hint else None
    if settings.as_json:
        _print_json(error.code, words(error.phrase), reasons, hint)
        return error.exit_code
    say(_coloured(settings.catalogue.message(N_("Error: {message}"), message=error.phrase)))
    for reason, shown in zip(error.reasons, reasons, strict=True):
        say(f"  - {shown['message']}{who_and_when(reason, settings)}")
    if hint:
        say(settings.catalogue.message(N_("What to do: {hint}"), hint=hint))
    return error.exit_code


def say(text: str) -> None:
    """Talk to the person: standard error, so that data stays alone on standard output."""
    click.echo(text, err=True, color=coloured(sys.stderr))


def coloured(stream: Any) -> bool:
    """True where colour is welcome: a terminal, and `NO_COLOR` not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def _coloured(text: str) -> str:
    return click.style(text, fg="red", bold=True) if coloured(sys.stderr) else text


def who_and_when(reason: Reason, settings: Settings) -> str:
    """Return ` (who could meet it; from when)`, empty where neither is known."""
    parts = []
    if reason.who:
        parts.append(settings.catalogue.message(N_("possible for: {who}"), who=", ".join(reason.who)))
    if reason.since:
        parts.append(settings.catalogue.message(N_("from {day} on"), day=reason.since.isoformat()))
    return f" ({'; '.join(parts)})" if parts else ""


def _reason(reason: Reason, settings: Settings) -> dict[str, Any]:
    return {
        "code": reason.code,
        "message": settings.catalogue.text(reason.phrase),
        "who": list(reason.who),
        "from": reason.since.isoformat() if reason.since else None,
    }


def _show_usage_error(exc: click.ClickException, settings: Settings) -> None:
    ctx = getattr(exc, "ctx", None)
    hint = None
    if ctx is not None:
        hint = settings.catalogue.message(N_("`{command} --help` shows how it is used."), command=ctx.command_path)
    if settings.as_json:
        _print_json("usage", exc.format_message(), [], hint)
        return
    if ctx is not None:
        say(ctx.get_usage())
    say(_coloured(settings.catalogue.text(Phrase(N_("Error: {message}"), {"message": exc.format_message()}))))
    if hint:
        say(hint)


def _print_json(code: str, message: str, reasons: Sequence[Mapping[str, Any]], hint: str | None) -> None:
    error = {"code": code, "message": message, "reasons": list(reasons), "hint": hint}
    click.echo(json.dumps({"error": error}, ensure_ascii=False, indent=2), err=True)
