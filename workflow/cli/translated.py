"""What click writes around our texts, in the reader's language: headings, placeholders, the help option.

Only public methods of click are overridden. What it says against wrong usage stands in `usage`.
"""

from __future__ import annotations

from typing import Any

import click

from workflow.cli.marking import N_
from workflow.cli.settings import Settings

PLACEHOLDERS = frozenset(
    (
        N_("OPTIONS"),
        N_("COMMAND [ARGS]..."),
        N_("PLAN"),
        N_("STEP"),
        N_("ACTION"),
        N_("DOCUMENT"),
        N_("REVISION"),
        N_("TRIGGER"),
        N_("DEFINITION"),
        N_("FILE"),
        N_("DIR"),
        N_("DATE"),
        N_("TEXT"),
        N_("ID"),
        N_("ACTOR"),
        N_("BODY"),
        N_("UNIT"),
        N_("PERSON"),
        N_("STAGE"),
        N_("SYMBOL"),
        N_("TYPE"),
        N_("SEQ"),
        N_("NAME"),
        N_("NUMBER"),
        N_("NAME=VALUE"),
        N_("ROLE=NAME"),
        N_("HEADING=PARAMETER"),
        N_("FROM"),
        N_("TO"),
        N_("UNIT-or-STEP"),
        N_("DEFINITION-or-FILE-or-PLAN"),
        N_("INTEGER"),
        N_("INTEGER RANGE"),
        N_("HOLDER"),
        N_("KIND"),
        N_("YEAR"),
        N_("ITEM"),
        N_("STAGE-or-STEP"),
        N_("STEP=10d"),
        N_("PATH-or-NAME"),
        N_("PLACE"),
    )
)
"""What stands in lines of usage and behind options for the words to be typed."""


def translated(ctx: click.Context, text: str) -> str:
    """Return a message of the catalogue in the language of this run."""
    settings = ctx.find_root().obj
    if not isinstance(settings, Settings) or settings.language == "en":
        return text
    return settings.catalogue.message(text)


def placeholder(ctx: click.Context, text: str) -> str:
    """Return the translated name of an argument or value, such as `[FILE]...`, in its brackets."""
    core = text if text in PLACEHOLDERS else text.strip("[].")
    return text.replace(core, translated(ctx, core), 1) if core in PLACEHOLDERS else text


def write_text(ctx: click.Context, formatter: click.HelpFormatter, text: str | None) -> None:
    """Write a help text; each of its paragraphs is a message of the catalogue."""
    for paragraph in (text or "").split("\n\n"):
        if words := " ".join(paragraph.split()):
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(translated(ctx, words))


class TranslatedOption(click.Option):
    """An option whose help speaks the reader's language."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return names and help, translated."""
        record = super().get_help_record(ctx)
        if record is None or not self.help:
            return record
        names, shown = record
        return names, shown.replace(self.help, translated(ctx, self.help), 1)

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Return what stands in brackets behind the help."""
        extra = super().get_help_extra(ctx)
        if "required" in extra:
            extra["required"] = translated(ctx, N_("required"))
        return extra

    def make_metavar(self, ctx: click.Context) -> str:
        """Return the name of the value."""
        return placeholder(ctx, super().make_metavar(ctx))


class TranslatedCommand(click.Command):
    """A command whose help page speaks the reader's language throughout."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the help option with its line translated."""
        found = super().get_help_option(ctx)
        if found is not None:
            found.help = translated(ctx, N_("Show this message and exit."))
        return found

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the line of usage."""
        pieces = [placeholder(ctx, piece) for piece in self.collect_usage_pieces(ctx)]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=f"{translated(ctx, N_('Usage:'))} ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command is for."""
        write_text(ctx, formatter, self.help)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the options."""
        options = (param for param in self.get_params(ctx) if isinstance(param, click.Option))
        records = [record for option in options if (record := option.get_help_record(ctx)) is not None]
        if records:
            with formatter.section(translated(ctx, N_("Options"))):
                formatter.write_dl(records)
