"""How each failure is told: one message, its reasons, what to do next, and an exit code.

Expected failures are errors of `workflow.errors`, click's usage errors and the operating system's.
Everything else is a defect of ours.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from workflow.errors import N_, InvalidInput, Phrase, WorkflowError

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.errors import Reason

INTERRUPTED = 130


def report(exc: BaseException, settings: Settings) -> int:
    """Tell the person what went wrong, on standard error, and return the exit code."""
    if isinstance(exc, click.exceptions.Abort | KeyboardInterrupt):
        say(settings.catalogue.message(N_("Stopped; nothing further was done.")))
        return INTERRUPTED
    if isinstance(exc, click.exceptions.NoArgsIsHelpError):
        exc.show()
        return exc.exit_code
    if isinstance(exc, click.ClickException):
        _show_usage_error(exc, settings)
        return 2
    if settings.debug:
        traceback.print_exception(exc)
    if isinstance(exc, WorkflowError):
        return _fail(exc, settings)
    return _fail(_as_bad_file(exc) if isinstance(exc, OSError) else _as_defect(exc), settings)


def _as_bad_file(exc: OSError) -> InvalidInput:
    why = exc.strerror or str(exc)
    if exc.filename is None:
        return InvalidInput(N_("The system refused: {why}"), code="file-unusable", why=why)
    return InvalidInput(N_("{file}: {why}"), code="file-unusable", file=exc.filename, why=why)


def _as_defect(exc: BaseException) -> WorkflowError:
    return WorkflowError(
        N_("Something in this program broke: {kind}: {what}"),
        hint=N_("This is our defect, not yours. Please report it with what you typed and what `--debug` shows."),
        kind=type(exc).__name__,
        what=" ".join(str(exc).split())[:300],
    )


def _fail(error: WorkflowError, settings: Settings) -> int:
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
        parts.append(settings.catalogue.message(N_("possible for: {who}"), who=named(reason.who, settings)))
    if reason.since and reason.since.isoformat() not in settings.catalogue.text(reason.phrase):
        parts.append(settings.catalogue.message(N_("from {day} on"), day=reason.since))
    return f" ({'; '.join(parts)})" if parts else ""


def named(references: Sequence[str], settings: Settings, most: int | None = None) -> str:
    """Return the names of units, groups, offices and people in the reader's language; an id where there is none.

    Args:
        most: So many are named, and of the others only how many they are.
    """
    try:
        name = settings.service.register.name
    except WorkflowError:
        # What is told may be that there is no register to look names up in.
        return ", ".join(references)
    found = {reference: name(reference) for reference in references}
    names = [settings.catalogue.words(text) if text is not None else ref for ref, text in found.items()]
    # Two offices may have one title.
    names = [f"{one} ({ref})" if names.count(one) > 1 else one for one, ref in zip(names, found, strict=True)]
    shown = ", ".join(names[:most])
    if most is not None and len(names) > most:
        shown += settings.catalogue.message(N_(" and {count} more"), count=len(names) - most)
    return shown


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
    message = exc.format_message()
    if settings.language != "en":
        from workflow.cli.usage import said_by_click

        message = said_by_click(message, settings.catalogue)
    if settings.as_json:
        _print_json("usage", message, [], hint)
        return
    if ctx is not None:
        say(ctx.get_usage())
    say(_coloured(settings.catalogue.text(Phrase(N_("Error: {message}"), {"message": message}))))
    if hint:
        say(hint)


def _print_json(code: str, message: str, reasons: Sequence[Mapping[str, Any]], hint: str | None) -> None:
    error = {"code": code, "message": message, "reasons": list(reasons), "hint": hint}
    click.echo(json.dumps({"error": error}, ensure_ascii=False, indent=2), err=True)
