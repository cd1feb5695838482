"""The command line: read arguments, call one service method, print.

Each command lives in a module that is imported when the command is run, so that `--help`,
`--version` and completion need nothing but click.
"""

from __future__ import annotations

from workflow.cli.commands import COMMANDS, EPILOG, PURPOSE
from workflow.cli.program import Program

__all__ = ["main"]

main = Program(name="workflow", table=COMMANDS, help=PURPOSE, epilog=EPILOG)
"""The entry point of the console script."""
