"""Documents of a plan: `draft list`, `draft show`, `draft diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.differences import difference_shape, print_difference
from workflow.cli.options import command, option, plan_argument
from workflow.cli.output import Screen, clean
from workflow.cli.shapes import listing
from workflow.errors import N_, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow.cli.settings import Settings
    from workflow.drafts.drafts import DraftFile, RevisionDetail

SHORT = 12
"""So many characters of a SHA-256 are shown."""

_FORBIDDEN = frozenset('<>:"/\\|?*')
_RESERVED = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{name}{n}" for name in ("COM", "LPT") for n in range(1, 10))})


@command(example="workflow draft list 25-KH-KHCN-2019 decision")
@plan_argument
@click.argument("document", required=False)
def list_drafts(settings: Settings, plan: str, document: str | None) -> None:
    """List the revisions of PLAN's documents, or of one DOCUMENT: files, who has them, who approved them."""
    found = settings.service.drafts(plan, document)
    screen = Screen(settings)
    if settings.as_json:
        screen.json(listing("revisions", [revision_shape(screen, detail) for detail in found]))
        return
    if not found:
        screen.say(N_("No revision was handed in yet."))
        return
    for id_ in dict.fromkeys(detail.revision.document for detail in found):
        own = [detail for detail in found if detail.revision.document == id_]
        screen.line(f"{id_}  {screen.title(own[0].title)}", bold=True)
        for detail in own:
            _print_revision(screen, detail)


@command(example="workflow draft show 25-KH-KHCN-2019 decision 4.2 --out papers")
@plan_argument
@click.argument("document")
@click.argument("revision", required=False)
@option(
    "--out", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help=N_("Write the files to this folder.")
)
def show_draft(settings: Settings, plan: str, document: str, revision: str | None, out: Path | None) -> None:
    """Show REVISION (else the newest) of DOCUMENT: `4.2`, or `4` for the newest of lần 4."""
    detail = settings.service.draft(plan, document, revision)
    screen = Screen(settings)
    written = list(_write_files(settings, detail, out)) if out is not None else []
    if settings.as_json:
        screen.json({**revision_shape(screen, detail), "written": [str(path) for path in written]})
        return
    screen.line(f"{document}  {screen.title(detail.title)}", bold=True)
    _print_revision(screen, detail, whole=True)
    for path in written:
        screen.line(screen.words(N_("written: {path}"), path=path))


@command(example="workflow draft diff 25-KH-KHCN-2019 decision 4.1 4.2")
@plan_argument
@click.argument("document")
@click.argument("before", metavar="[FROM]", required=False)
@click.argument("after", metavar="[TO]", required=False)
@option(
    "--since",
    metavar="UNIT-or-STEP",
    help=N_("From the revision last sent to it, or spoken of by it: what changed since then."),
)
def diff_drafts(
    settings: Settings, plan: str, document: str, before: str | None, after: str | None, since: str | None
) -> None:
    """Show what changed in DOCUMENT between FROM and TO (else between the newest and the one before).

    Paragraph by paragraph, with [-words that went-] and {+words that came+} marked, in .docx, .md, .txt
    and .pdf files.
    """
    found = settings.service.draft_difference(plan, document, before, after, since=since)
    screen = Screen(settings)
    if settings.as_json:
        screen.json(difference_shape(found))
    else:
        print_difference(screen, found)


def revision_shape(screen: Screen, detail: RevisionDetail) -> dict[str, Any]:
    """Return a revision for `--json`."""
    made = detail.revision
    return {
        "id": f"{made.document}:{made.name}",
        "document": made.document,
        "title": screen.title(detail.title),
        "name": made.name,
        "number": made.number,
        "revision": made.revision,
        "author": made.author,
        "author_name": screen.title(detail.author_name) or None,
        "made_on": made.made_on,
        "based_on": made.based_on,
        "step": made.step,
        "seq": made.seq,
        "newest": detail.newest,
        "confidential": detail.confidential,
        "files": [{"id": file.sha256, "name": file.name, "size": file.size} for file in detail.files],
        "sent": [
            {
                "id": f"{made.document}:{made.name}#{sending.seq}",
                "to": list(sending.to),
                "on": sending.on,
                "step": sending.step,
                "round": sending.round,
                "seq": sending.seq,
            }
            for sending in detail.sendings
        ],
        "approvals": [
            {
                "id": f"{made.document}:{made.name}#{approval.seq}",
                "by": approval.by,
                "person": approval.person,
                "on": approval.on,
                "step": approval.step,
                "round": approval.round,
                "seq": approval.seq,
                "covers": covers,
            }
            for approval, covers in detail.approvals
        ],
    }


def _print_revision(screen: Screen, detail: RevisionDetail, whole: bool = False) -> None:
    made = detail.revision
    author = screen.title(detail.author_name) or made.author or "-"
    parts = [made.name, made.made_on, author]
    if made.based_on:
        parts.append(screen.words(N_("based on {revision}"), revision=made.based_on))
    if detail.newest:
        parts.append(screen.words(N_("newest")))
    if detail.confidential:
        parts.append(screen.words(N_("CONFIDENTIAL")))
    screen.line("  ".join(parts), indent=2)
    if whole:
        screen.line(screen.words(N_("handed in with {step}, event {seq}"), step=made.step, seq=made.seq), indent=4)
    for file in detail.files:
        shown = file.sha256 if whole else file.sha256[:SHORT]
        name = clean(file.name) or screen.words(N_("(name withdrawn)"))
        screen.line(f"{name}  {shown}", indent=4)
    for sending in detail.sendings:
        to = ", ".join(sending.to) or "-"
        words = screen.words(N_("sent {day} to {to} ({step})"), day=sending.on, to=to, step=sending.step)
        screen.line(words, indent=4)
    for approval, covers in detail.approvals:
        message = N_("approved {day} by {by}") if covers else N_("approved {day} by {by}; NO LONGER COVERS the newest")
        screen.line(screen.words(message, day=approval.on, by=_approver(approval)), indent=4)


def _approver(approval: Any) -> str:
    return f"{approval.by} ({approval.person})" if approval.person else str(approval.by)


# files


def _write_files(settings: Settings, detail: RevisionDetail, folder: Path) -> Iterator[Path]:
    """Write the revision's files; one that is there already is never overwritten."""
    folder.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    if not detail.files:
        raise NotFound(
            N_("{revision} of `{document}` has no files."),
            code="no-files",
            revision=detail.revision.name,
            document=detail.revision.document,
        )
    for file in detail.files:
        path = folder / _safe_name(file, taken)
        try:
            with path.open("xb") as target:
                for piece in settings.service.draft_file(file):
                    target.write(piece)
        except FileExistsError as error:
            raise InvalidInput(
                N_("{path} is there already."), code="file-exists", hint=N_("Name another folder."), path=path
            ) from error
        yield path


def _safe_name(file: DraftFile, taken: set[str]) -> str:
    """Return a name that any system can have in a folder, and that no other file of this revision has."""
    name = "".join("_" if char in _FORBIDDEN else char for char in clean(file.name)).strip(". ")
    stem, dot, suffix = name.rpartition(".")
    if not name or (stem or name).upper() in _RESERVED:
        name = f"{file.sha256[:SHORT]}{dot}{suffix if dot else ''}"
    if name.casefold() in taken:
        name = f"{file.sha256[:SHORT]}-{name}"
    taken.add(name.casefold())
    return name
