"""The program as click sees it: lazy groups, commands with the global options, one error boundary."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from workflow import __version__
from workflow.cli.boundary import ReaderLeft, guarded, let_the_reader_go, terminal_width
from workflow.cli.marking import N_
from workflow.cli.settings import Settings
from workflow.cli.translated import TranslatedCommand, TranslatedOption, translated

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from workflow.cli.commands import Entry


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    # An option that was not given here must not undo what was given in front of the command.
    if value is not None and value is not False:
        setattr(ctx.find_root().ensure_object(Settings), param.name or "", value)
    return value


def global_options(at_top: bool) -> list[click.Parameter]:
    """Return the options that every command takes, before and after its name.

    Only those *at_top* read the environment, so that it never outweighs what was typed.
    """

    def option(*names: str, env: str | None = None, **more: Any) -> click.Option:
        return TranslatedOption(
            names, envvar=env if at_top else None, expose_value=False, callback=_remember, hidden=not at_top, **more
        )

    return [
        option(
            "--workspace", metavar="DIR", env="WORKFLOW_HOME", help=N_("The workspace (else WORKFLOW_HOME, else here).")
        ),
        option("--database", metavar="URL", env="WORKFLOW_DATABASE", help=N_("The database (else WORKFLOW_DATABASE).")),
        option("--as", "actor", metavar="ACTOR", env="WORKFLOW_ACTOR", help=N_("Who acts (else WORKFLOW_ACTOR).")),
        option(
            "--lang",
            is_eager=True,
            type=click.Choice(["vi", "en"]),
            help=N_("Language (else WORKFLOW_LANG, else the system's)."),
        ),
        option("--json", "as_json", is_flag=True, help=N_("Print data as JSON.")),
        option("--debug", is_flag=True, help=N_("Show a traceback where something breaks.")),
    ]


class Leaf(TranslatedCommand):
    """A command that does something: takes the global options too, and has an example in its help."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params = [*self.params, *global_options(at_top=False)]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example, each line as it stands, and where the global options are explained."""
        if any(param.type.name == "date" for param in self.params):
            formatter.write_paragraph()
            words = N_("DATE is written as 2019-04-15 or as 15/04/2019 (day/month/year).")
            formatter.write_text(translated(ctx, words))
        _write_example(ctx, formatter, self.epilog)
        if any(isinstance(param, click.Option) and param.name == "workspace" for param in self.params):
            formatter.write_paragraph()
            text = N_("Also: --workspace, --database, --as, --lang, --json, --debug (see `workflow --help`).")
            formatter.write_text(translated(ctx, text))


def _write_example(ctx: click.Context, formatter: click.HelpFormatter, example: str | None) -> None:
    if example:
        with formatter.section(translated(ctx, N_("Example"))):
            for line in example.strip().splitlines():
                formatter.write(f"{'':{formatter.current_indent}}{line.strip()}\n")


class LazyGroup(TranslatedCommand, click.Group):
    """A group that imports a command's module when the command is run, not when it is listed."""

    def __init__(self, *args: Any, table: Mapping[str, Entry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table, the way a plan goes."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, importing its module."""
        entry = self.table.get(cmd_name)
        if entry is None:
            return None
        if entry.group is not None:
            params = global_options(at_top=False)
            return Group(name=cmd_name, table=entry.group, help=entry.help, epilog=entry.example, params=params)
        command = getattr(import_module(f"workflow.cli.{entry.module}"), entry.name)
        command.name = cmd_name
        command.short_help = entry.help
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one is refused with the names most like it."""
        if args and args[0] not in self.table and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.exceptions.NoSuchCommand(args[0], possibilities=self.table, ctx=ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names from the table alone."""
        from click.shell_completion import CompletionItem

        found = [CompletionItem(name, help=self.table[name].help) for name in self.table if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the options, then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table alone."""
        with formatter.section(translated(ctx, N_("Commands"))):
            formatter.write_dl([(name, translated(ctx, entry.help)) for name, entry in self.table.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example in the reader's language."""
        if self.epilog:
            formatter.write_paragraph()
            formatter.write_text(translated(ctx, self.epilog))


class Group(LazyGroup):
    """A group of commands, with an example in its help as each of them has."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example as it stands."""
        _write_example(ctx, formatter, self.epilog)


class Program(LazyGroup):
    """The whole program: whatever goes wrong leaves through `boundary`, with its exit code."""

    def __init__(self, **kwargs: Any) -> None:
        version = click.version_option(
            __version__, "--version", prog_name="workflow", cls=TranslatedOption, help=N_("Show the version.")
        )
        kwargs["params"] = [*global_options(at_top=True)]
        super().__init__(**kwargs)
        version(self)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a name that is none of ours may be a plugin's."""
        if args and args[0] not in self.table and not args[0].startswith("-") and not ctx.resilient_parsing:
            from workflow.cli.added import added_group

            found = added_group(ctx.find_root().ensure_object(Settings), args[0])
            if found is not None:
                return args[0], found, args[1:]
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that left early (`| head`) ends it quietly."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError:
            let_the_reader_go()
            raise ReaderLeft from None

    def main(self, args: Any = None, prog_name: str | None = None, **extra: Any) -> NoReturn:
        """Run the program and leave the process with an exit code of `README.md`."""
        settings = extra.setdefault("obj", Settings())
        own_process = args is None
        if own_process:
            # Most of a short command is imports, which leave no garbage: looking for some rarely saves a tenth of it.
            gc.set_threshold(200_000, 50, 50)
        extra["standalone_mode"] = False
        extra["terminal_width"] = min(terminal_width(), 80) - 2
        run: Callable[..., Any] = super().main
        typed = sys.argv[1:] if own_process else list(args)
        code = guarded(lambda: run(args=args, prog_name=prog_name, **extra), settings, typed)
        if own_process:
            # Python looks through every object for garbage on its way out, which takes as long as a
            # third of the imports did; what is frozen is passed over.
            gc.freeze()
        sys.exit(code)
