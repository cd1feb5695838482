"""`import`: rows of a table as actions on a step, each told as it is taken in or refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.failures import who_and_when
from workflow.cli.options import DRAFTED, command, option, plan_argument, write_from, writing
from workflow.cli.output import Screen
from workflow.cli.progress import Progress
from workflow.cli.shapes import Shapes
from workflow.errors import N_, InvalidInput, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workflow.cli.settings import Settings
    from workflow.importing.rows import RowOutcome, TableImport

OUTCOMES = {
    "taken": N_("taken in"),
    "already": N_("was taken in before"),
    "refused": N_("refused"),
    "left-out": N_("left out"),
}
EXAMPLE = f"""\
{DRAFTED}workflow advance 1-KH-MAU ask-units --as van-thu
workflow import 1-KH-MAU units samples/y-kien.csv --as van-thu
"""


@command(example=EXAMPLE)
@plan_argument
@click.argument("step")
@click.argument("file", type=click.Path(path_type=Path))
@option("--sheet", metavar="NAME", help=N_("The sheet that is meant, where several could be."))
@option("--table", type=click.IntRange(1), metavar="NUMBER", help=N_("The table that is meant, counted from 1."))
@option(
    "--map",
    "pairs",
    multiple=True,
    metavar="HEADING=PARAMETER",
    help=N_("Which parameter a column is, where its heading does not say it; may be given several times."),
)
@writing
def import_(
    settings: Settings,
    plan: str,
    step: str,
    file: Path,
    sheet: str | None,
    table: int | None,
    pairs: tuple[str, ...],
    **options: Any,
) -> None:
    """Take the rows of a table (.xlsx, .docx, .csv, .tsv, .txt) in as actions on STEP of PLAN.

    Each row is taken in, or refused with its reason, by itself. A row is known by its words: mend those that
    were refused and import the file again; what was taken in stays as it is, and the rest goes on. A row
    whose event was corrected is taken in anew.
    """
    from workflow.cli.act import find_target
    from workflow.importing.rows import TableImport

    write = write_from(settings, options)
    if write.request_id is not None:
        raise InvalidInput(N_("Each row has a request id of its own; leave out --request-id."), code="no-request-id")
    step = find_target(settings.service, plan, step).address
    import_of = TableImport(settings.service, plan, step, file, sheet=sheet, table=table, mapping=_mapping(pairs))
    screen = Screen(settings)
    _tell_columns(screen, import_of)
    done: list[RowOutcome] = []
    progress = Progress(len(import_of))
    try:
        for outcome in import_of.run(write):
            done.append(outcome)
            if not settings.as_json:
                progress.aside()
                _print_row(settings, screen, outcome)
            progress.step()
    finally:
        progress.aside()
        # Where a run breaks off, what was taken in before is told all the same.
        _sum_up(settings, screen, import_of, done)
    if write.dry_run:
        screen.say(N_("This was a trial run: nothing was written. Each row was judged as if it were the only one."))
    refused = _count(done, "refused")
    if refused:
        raise Refused(
            N_("{refused} of {rows} rows were refused"),
            code="rows-refused",
            hint=N_(
                "mend the rows that are not in the plan yet and import the file again: the others are known and not"
                " taken in twice; what is in the plan already is mended there, as its row says"
            ),
            refused=refused,
            rows=len(done),
        )


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for pair in pairs:
        heading, equals, parameter = pair.rpartition("=")
        if not equals or not heading.strip() or not parameter.strip():
            raise InvalidInput(N_("`{pair}` is not HEADING=PARAMETER."), code="bad-mapping", pair=pair)
        if heading in mapping:
            raise InvalidInput(N_("`{name}` is set twice."), code="bad-mapping", name=heading)
        mapping[heading.strip()] = parameter.strip().replace("-", "_")
    return mapping


def _tell_columns(screen: Screen, import_of: TableImport) -> None:
    layout = import_of.layout
    columns = ", ".join(f"{name} = “{heading}”" for name, heading in layout.headings.items())
    screen.say(
        N_("Table {number} ({name}), header in row {row}: {columns}"),
        number=layout.table.number,
        name=layout.table.name,
        row=layout.header.number,
        columns=columns,
    )
    if layout.unused:
        screen.say(N_("Columns that are not used: {headings}"), headings=", ".join(layout.unused))


def _print_row(settings: Settings, screen: Screen, outcome: RowOutcome) -> None:
    what = screen.words(OUTCOMES[outcome.outcome])
    line = screen.words(N_("row {number}: {outcome}"), number=outcome.number, outcome=what)
    if outcome.outcome == "already":
        line += " " + screen.words(N_("(event {seq})"), seq=outcome.seq)
    # What was recorded tells more than the cells: "before 15/12" is kept as its last good day.
    said = "; ".join(map(screen.catalogue.text, outcome.told)) or _said(outcome.values)
    screen.line(f"{line}  {said}".rstrip())
    for reason in outcome.reasons:
        screen.line(f"- {screen.catalogue.text(reason.phrase)}{who_and_when(reason, settings)}", indent=4)
    for doubt in outcome.doubts:
        screen.line(f"? {screen.catalogue.text(doubt.phrase)}", indent=4)
    for warning in outcome.warnings:
        screen.line(f"! {screen.catalogue.text(warning.phrase)}", indent=4)


def _said(values: Mapping[str, Any]) -> str:
    """The short ones among a row's values, by which people know it."""
    shown = [", ".join(value) if isinstance(value, list) else str(value) for value in values.values()]
    return "; ".join(value for value in shown if len(value) <= 40 and "\n" not in value)


def _sum_up(settings: Settings, screen: Screen, import_of: TableImport, done: Sequence[RowOutcome]) -> None:
    counts = {name: _count(done, name) for name in OUTCOMES}
    if settings.as_json:
        shapes = Shapes(screen.catalogue)
        screen.json(
            {
                "plan": import_of.plan,
                "step": import_of.step,
                "action": import_of.action.name,
                "file": import_of.sha256,
                "table": import_of.layout.table.number,
                "columns": {**import_of.layout.headings},
                "unused": ", ".join(import_of.layout.unused),
                **{name.replace("-", "_"): count for name, count in counts.items()},
                "doubtful": sum(bool(row.doubts) for row in done),
                "rows": [
                    {
                        "id": row.request_id,
                        "row": row.number,
                        "outcome": row.outcome,
                        "seq": row.seq,
                        "values": dict(row.values),
                        "reasons": [shapes.reason(reason) for reason in row.reasons],
                        "told": [screen.catalogue.text(phrase) for phrase in row.told],
                        "doubts": [shapes.reason(doubt) for doubt in row.doubts],
                        "warnings": [shapes.reason(warning) for warning in row.warnings],
                    }
                    for row in done
                ],
            }
        )
        return
    if not done:
        screen.say(N_("There is no row below the header."))
        return
    screen.line(screen.words(N_("{taken} taken in, {already} before, {refused} refused"), **counts))
    doubtful = sum(bool(row.doubts) for row in done)
    if doubtful:
        screen.line(screen.words(N_("{doubtful} rows could be read in more than one way: see ?"), doubtful=doubtful))


def _count(done: Sequence[RowOutcome], outcome: str) -> int:
    return sum(row.outcome == outcome for row in done)
