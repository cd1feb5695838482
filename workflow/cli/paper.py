"""Papers made of a plan's data: `paper list`, `paper make`, `paper template`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.failures import who_and_when
from workflow.cli.filing import STANDARD_OUTPUT, safe_name, write_file
from workflow.cli.filing import force as force_option
from workflow.cli.named import PERSON, UNIT, optional
from workflow.cli.options import DAY, FILE, command, option, plan_argument
from workflow.cli.output import Screen
from workflow.cli.shapes import Shapes, listing
from workflow.errors import N_, InvalidInput

if TYPE_CHECKING:
    from datetime import date

    from workflow.cli.settings import Settings
    from workflow.papermaking.questions import PaperOffer

_day = option(
    "--on", type=DAY, metavar="DATE", help=N_("The day that the paper bears; what it tells is what is known now.")
)


@command(example="workflow paper list 25-KH-KHCN-2019")
@plan_argument
@_day
def list_papers(settings: Settings, plan: str, on: date | None) -> None:
    """List the papers that can be made of PLAN, and for each that cannot be made yet the reasons."""
    offers = settings.service.papers(plan, folder=settings.opened.settings.papers, on=on)
    screen = Screen(settings)
    if settings.as_json:
        screen.json(listing("papers", [_shape(screen, offer) for offer in offers]))
        return
    for offer in offers:
        mark = screen.words(N_("own template {name}"), name=offer.template) if offer.own else ""
        screen.line("  ".join(part for part in (offer.kind, screen.title(offer.title), mark) if part))
        for reason in offer.reasons:
            screen.line(f"- {screen.catalogue.text(reason.phrase)}{who_and_when(reason, settings)}", indent=4)


@command(example="workflow paper make 25-KH-KHCN-2019 timetable --out timetable.docx")
@plan_argument
@click.argument("kind")
@option("--out", metavar="FILE", type=FILE, help=N_("The file to write (else KIND-PLAN.docx here)."))
@_day
@option("--step", metavar="STEP", help=N_("Only from this step of the plan."))
@option("--signer", metavar="PERSON", help=N_("Who signs it (else who approved it, else the head of the body)."))
@option("--unit", metavar="UNIT", help=N_("Only what concerns this unit, where the paper is one of tasks."))
@force_option
def make(
    settings: Settings,
    plan: str,
    kind: str,
    out: Path | None,
    on: date | None,
    step: str | None,
    signer: str | None,
    unit: str | None,
    force: bool,
) -> None:
    """Make the paper KIND of PLAN's data; the same data give the same file.

    Number and day stay blank until the number is issued, unless --on gives the day.
    """
    if out is not None and str(out) != STANDARD_OUTPUT and out.suffix.lower() != ".docx":
        raise InvalidInput(
            N_("{file} is no name of a Word file: a paper is written as .docx"),
            hint=N_("Word and LibreOffice make a PDF of it: soffice --convert-to pdf FILE.docx"),
            code="not-docx",
            file=out.name,
        )
    made = settings.service.make_paper(
        plan,
        kind,
        folder=settings.opened.settings.papers,
        on=on,
        step=step,
        signer=optional(settings, signer, PERSON),
        unit=optional(settings, unit, UNIT),
    )
    path = out or Path(safe_name(f"{made.kind}-{made.plan}", ".docx"))
    screen = Screen(settings)
    write_file(path, made.content, screen.catalogue, force=force)
    if settings.as_json:
        screen.json(
            {
                "id": made.kind,
                "plan": made.plan,
                "title": screen.title(made.title),
                "template": made.template,
                "own": made.own,
                "path": str(path),
                "size": len(made.content),
                "sha256": hashlib.sha256(made.content).hexdigest(),
                "hand_in": made.hand_in,
                "missing": [{"title": screen.title(title), "hand_in": typed} for title, typed in made.missing],
            }
        )
        return
    screen.line(screen.words(N_("written: {path}"), path=path))
    for title, typed in made.missing:
        screen.say(N_("not handed in yet: {title}; with: {typed}"), title=title, typed=typed or "-")
    if made.hand_in:
        screen.say(N_("once it is signed it is handed in with: {typed}"), typed=made.hand_in)


@command(example="workflow paper template timetable --out template.docx")
@click.argument("kind")
@option("--out", metavar="FILE", type=FILE, help=N_("The file to write (else KIND.docx in the workspace's papers/)."))
@force_option
def template(settings: Settings, kind: str, out: Path | None, force: bool) -> None:
    """Write the shipped template of KIND out; edited and kept in `papers/`, it takes the shipped one's place."""
    paper = settings.service.paper_kind(kind)
    folder = settings.opened.settings.papers
    if out is None:
        folder.mkdir(parents=True, exist_ok=True)
    path = out or folder / f"{paper.name}.docx"
    screen = Screen(settings)
    write_file(path, paper.template(), screen.catalogue, force=force)
    if settings.as_json:
        screen.json({"id": paper.name, "path": str(path)})
        return
    screen.line(screen.words(N_("written: {path}"), path=path))


def _shape(screen: Screen, offer: PaperOffer) -> dict[str, Any]:
    shapes = Shapes(screen.catalogue)
    return {
        "id": offer.kind,
        "title": screen.title(offer.title),
        "template": offer.template,
        "own": offer.own,
        "ready": not offer.reasons,
        "reasons": [shapes.reason(reason) for reason in offer.reasons],
    }
