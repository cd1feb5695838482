"""Steps as `show` prints them: the table of steps, what each waits for, and all of one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.cli.failures import who_and_when
from workflow.cli.lists import MOST, by_day, day_and_late, print_more, print_owed, print_some
from workflow.cli.words import due_words
from workflow.errors import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow.cli.output import Screen
    from workflow.cli.settings import Settings
    from workflow.errors import Phrase
    from workflow.language.definition import Text
    from workflow.views import plans as views

ROWS = 20
"""So many rows of a step's own table `show PLAN STEP` prints; `--all` prints all of them."""


def show_step(settings: Settings, screen: Screen, detail: views.PlanDetail, address: str, *, whole: bool) -> None:
    """Print all rounds of one step, its tables, what each round waits for, and all that is owed on it.

    Args:
        address: The step's full address.
        whole: Long lists to their end.
    """
    most, command = None if whole else MOST, f"workflow show {detail.summary.id} {address} --all"
    steps = [each for each in detail.steps if each.address == address]
    print_steps(settings, screen, steps)
    for table in settings.service.step_tables(detail, address):
        # Without either there would be a heading and nothing below it.
        if table.rows or table.notes:
            _print_table(screen, table, None if whole else ROWS, command)
    print_blockers(settings, screen, steps, (), most, command, heading=True)
    # What is neither open nor done is owed by nobody: not yet, or no longer.
    if owed := [item for item in detail.owed if item.step == address and (item.open or item.done_on)]:
        screen.heading(N_("Owed"))
        # What is still open comes before what was done.
        print_owed(screen, sorted(by_day(owed), key=lambda item: not item.open)[:most])
        print_more(screen, len(owed), most, command)


def _print_table(screen: Screen, table: views.ShownTable, most: int | None, command: str) -> None:
    """Print the totals first: nobody looks for them behind hundreds of rows."""
    screen.heading(screen.title(table.title))
    for note in table.notes:
        screen.line(screen.catalogue.text(note))
    if table.rows:
        headers = [screen.title(column) for column in table.columns]
        screen.table(headers, [[_cell(screen, cell) for cell in row] for row in _shown(table, most)])
        print_more(screen, len(table.rows), most, command)


def _shown(table: views.ShownTable, most: int | None) -> Sequence[tuple[str | int | Text | None, ...]]:
    """All rows as they stand, or of a long table the open ones first, the newest at the top."""
    if most is None or len(table.rows) <= most:
        return table.rows
    open_ = set(table.open)
    places = sorted(range(len(table.rows)), key=lambda place: (place not in open_, -place))
    return [table.rows[place] for place in places[:most]]


def _cell(screen: Screen, cell: str | int | Text | None) -> str:
    if isinstance(cell, int):
        return f"{cell:,}".replace(",", ".")
    return cell if isinstance(cell, str) else screen.title(cell)


def print_steps(settings: Settings, screen: Screen, steps: Sequence[views.StepDetail]) -> None:
    """Print one row for each round of a step."""
    screen.heading(N_("Steps"))
    rows = []
    for step in steps:
        address = step.address if step.round == 1 else f"{step.address}@{step.round}"
        due = day_and_late(screen, due_words(step.due, screen.catalogue), step.late, step.due.get("original"))
        lead = screen.title(settings.service.register.name(step.lead or "")) or step.lead
        rows.append((address, screen.title(step.title), screen.title(step.state_title), due, lead))
    screen.table([N_("step"), N_("title"), N_("state"), N_("due"), N_("lead")], rows, whole=0)


def print_blockers(
    settings: Settings,
    screen: Screen,
    steps: Sequence[views.StepDetail],
    told: Sequence[Phrase],
    most: int | None,
    command: str,
    *,
    heading: bool = False,
) -> None:
    """Print what each step still waits for, but for what was *told* above; *most* of each."""
    for step in steps:
        lines: list[str] = []
        for reason in step.blockers:
            if reason.phrase in told:
                continue
            text = screen.catalogue.text(reason.phrase)
            # Many a sentence names its step itself.
            told_of = text if f"`{step.address}`" in text else f"{step.address}: {text}"
            lines.append(f"- {told_of}{who_and_when(reason, settings)}")
        if lines and heading:
            screen.heading(N_("What blocks it"))
            heading = False
        print_some(screen, lines, most, command, indent=2)
