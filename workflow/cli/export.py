"""`audit export`: plans in a format that a plugin writes, recorded in the trail."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from workflow.cli.filing import STANDARD_OUTPUT, open_file, require_free
from workflow.cli.filing import force as force_option
from workflow.cli.options import FILE, command, option
from workflow.cli.output import Screen
from workflow.cli.telling import Telling
from workflow.cli.titles import Titles
from workflow.errors import N_, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workflow.cli.settings import Settings
    from workflow.hookspecs import Exporter
    from workflow.messages import Event
    from workflow.service.exporting import Exported

WITHDRAWN = N_("(withdrawn)")


@command(example="workflow audit export --format csv --out trail.csv")
@click.argument("plans", nargs=-1, metavar="[PLAN]...")
@option(
    "--format",
    "format_",
    metavar="KIND",
    help=N_("xes, xes-all, csv, jsonl, html, archive, or what a plugin adds (`workflow plugin list`)."),
)
@option("--out", metavar="FILE", type=FILE, help=N_("The file to write (else standard output)."))
@option(
    "--confidential",
    is_flag=True,
    help=N_("Confidential things too; people.yaml says under `confidential:` who may."),
)
@force_option
def export(
    settings: Settings,
    plans: tuple[str, ...],
    format_: str | None,
    out: Path | None,
    confidential: bool,
    force: bool,
) -> None:
    """Export PLANs, or every plan; that it was done is recorded, with or without an actor.

    What is confidential is left out, and how much that is is said. The archive takes finished plans alone.
    """
    from workflow.catalogue import Catalogue
    from workflow.exporting.material import Asked
    from workflow.views.plans import Write

    service, screen = settings.service, Screen(settings)
    if format_ is None:
        raise InvalidInput(
            N_("No format is named."),
            code="no-format",
            hint=N_("Give --format, one of: {known}"),
            known=", ".join(sorted(service.registry.exporters)) or "-",
        )
    path = out or STANDARD_OUTPUT
    require_free(path, settings.catalogue, force=force)
    record = service.record
    exporter = record.exporter(format_)
    language = exporter.language or settings.language
    told = Screen(settings)
    told.catalogue = Catalogue(language)
    telling = Telling(told, Titles(service, everything=True))

    def wording(event: Event, texts: Mapping[str, str]) -> tuple[str, Sequence[str]]:
        return telling.what(event), tuple(telling.recorded(event, texts))

    def opened(exporter: Exporter) -> AbstractContextManager[BinaryIO]:
        return open_file(path)

    table = settings.opened.settings.plugin_settings.get(exporter.id, {})
    asked = Asked(plans, language, wording, told.words(WITHDRAWN), confidential, table)
    done = record.export(format_, asked, Write(actor=settings.reader), opened)
    _tell(screen, done, path)


def _tell(screen: Screen, done: Exported, path: Path) -> None:
    left_out = done.left_out
    if screen.as_json and path != STANDARD_OUTPUT:
        screen.json({"id": done.format, "path": str(path), "plans": done.plans, "left_out": vars(left_out)})
        return
    if path != STANDARD_OUTPUT:
        screen.line(screen.words(N_("written: {path} ({count} {count|plan|plans})"), path=path, count=done.plans))
    if left_out:
        screen.say(
            N_(
                "Left out because they are confidential: plans {plans}, steps {steps}, events {events}, "
                "documents {documents}."
            ),
            **vars(left_out),
        )
