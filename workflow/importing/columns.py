"""Which column of a table is which parameter of an action.

Nothing is guessed: a heading is what it says letter by letter, or without accents where none fits with
them; where two fit, or none, the file is refused with what would have fitted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from workflow.errors import N_, InvalidInput, NotFound, Phrase, Reason
from workflow.importing.tables import Row, Table, Value
from workflow.names import bare_letters, letters
from workflow.steps.step_type import Action, Import, ImportRow

ON: Final = "on"
"""The column that says on which day a row's act happened."""
_HEADER_WITHIN = 200
"""So many rows may stand above the header: a letterhead, a title."""
_ASIDE = re.compile(r"\s*\([^()]*\)\s*$|[\s:*]+$")
_COLUMN_NUMBER = re.compile(r"\(?\d{1,3}\)?|\[\d{1,3}\]")


@dataclass(frozen=True)
class Layout:
    """A table's header: where each parameter stands, and which headings are not used."""

    table: Table
    header: Row
    columns: Mapping[str, int]

    @property
    def headings(self) -> Mapping[str, str]:
        """Parameter to the heading under which it was found."""
        return {name: str(self.header.cells[place]) for name, place in self.columns.items()}

    @property
    def unused(self) -> tuple[str, ...]:
        """Headings that no parameter takes."""
        taken = set(self.columns.values())
        return tuple(str(cell) for place, cell in enumerate(self.header.cells) if cell and place not in taken)

    def records(self, imports: Import) -> Iterable[ImportRow]:
        """The rows below the header, without the numbers of columns and a header repeated, as the type wants them."""
        rows = (row for row in self.table.rows if row.number > self.header.number)
        below = [self._seen(row) for row in rows if not (_numbers(row) or self._repeats(row))]
        return imports.prepare(below) if imports.prepare else [row for row in below if not row.spanning]

    def contents(self) -> Mapping[int, str]:
        """What the cells of each row say, by its number: the same words are the same wherever the row stands."""
        return {row.number: _content(self._seen(row).cells) for row in self.table.rows}

    def _seen(self, row: Row) -> ImportRow:
        merged = row.merged
        return ImportRow(
            row.number,
            {name: row.cells[place] if place < len(row.cells) else None for name, place in self.columns.items()},
            None if merged is None else frozenset(name for name, place in self.columns.items() if place in merged),
            row.spanning,
            " ".join(cell for cell in row.cells if isinstance(cell, str)),
        )

    def _repeats(self, row: Row) -> bool:
        pairs = zip(row.cells, self.header.cells, strict=False)
        return all(cell is None or cell == heading for cell, heading in pairs)


def _content(cells: Mapping[str, Value]) -> str:
    """The cells in one text: a day is written in full, blanks that say nothing are left out."""
    return "\n".join(f"{name}={_said(cell)}" for name, cell in sorted(cells.items()) if cell is not None)


def _said(cell: Value) -> str:
    return cell.isoformat() if isinstance(cell, date) else " ".join(str(cell).split())


def _numbers(row: Row) -> bool:
    """True for the row `(1) (2) (3)` that stands under the header of official tables."""
    given = [cell for cell in row.cells if cell is not None]
    if len(given) < 2 or not all(isinstance(cell, str) and _COLUMN_NUMBER.fullmatch(cell) for cell in given):
        return False
    found = [int(re.sub(r"\D", "", str(cell))) for cell in given]
    return found == list(range(found[0], found[0] + len(found)))


def find_layout(
    tables: Sequence[Table],
    imports: Import,
    action: Action,
    *,
    sheet: str | None = None,
    number: int | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Layout:
    """Return the one table with a column for everything that the action needs.

    Args:
        sheet: Name of the table that is meant.
        number: Number of the table that is meant.
        mapping: Heading to parameter, where the headings themselves do not say it.

    Raises:
        NotFound: If there is no such sheet or table, or no such parameter.
        InvalidInput: If no table or several have such a header, or two columns mean one parameter.
    """
    chosen = _chosen(tables, sheet, number)
    headings = _Headings(imports, action, mapping or {})
    found = [layout for table in chosen if (layout := headings.layout(table)) is not None]
    if len(found) == 1:
        return found[0]
    if found:
        raise InvalidInput(
            "several tables could be meant: {tables}",
            code="several-tables",
            hint="name one with --sheet NAME or --table NUMBER",
            tables=", ".join(f"{layout.table.number} ({layout.table.name})" for layout in found),
        )
    raise headings.missing(chosen)


def _chosen(tables: Sequence[Table], sheet: str | None, number: int | None) -> list[Table]:
    chosen = [
        table
        for table in tables
        if (sheet is None or letters(table.name) == letters(sheet)) and number in (None, table.number)
    ]
    if not chosen:
        raise NotFound(
            "the file has no such table; it has: {tables}",
            code="unknown-table",
            tables=", ".join(f"{table.number} ({table.name})" for table in tables) or "-",
        )
    return chosen


@dataclass
class _Headings:
    """Finds the parameters in a row of headings."""

    imports: Import
    action: Action
    mapping: Mapping[str, str]
    best: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = [*self.action.parameters.model_fields, ON]
        for parameter in self.mapping.values():
            if parameter not in known:
                raise NotFound(
                    "`{action}` has no parameter `{parameter}`; it has: {known}",
                    code="unknown-parameter",
                    action=self.action.name,
                    parameter=parameter,
                    known=", ".join(known),
                )

    def layout(self, table: Table) -> Layout | None:
        """Return where everything stands, None if no row is a header with all that is needed."""
        for row in table.rows[:_HEADER_WITHIN]:
            places = self._places(row)
            if len(places) > len(self.best):
                self.best = {name: found[0] for name, found in places.items()}
            if set(self._needed()) <= set(places):
                return Layout(table, row, {name: self._only(row, name, found) for name, found in places.items()})
        return None

    def missing(self, tables: Sequence[Table]) -> InvalidInput:
        """Return what to say where no table has the header."""
        reasons = tuple(self._no_column(name) for name in self._needed() if name not in self.best)
        return InvalidInput(
            "no table has a header with all columns that `{action}` needs (searched: {tables})",
            code="no-header",
            reasons=reasons,
            hint="say which column is meant: --map HEADING=PARAMETER",
            action=self.action.name,
            tables=", ".join(f"{table.number} ({table.name})" for table in tables),
        )

    def _needed(self) -> list[str]:
        required = [name for name, info in self.action.parameters.model_fields.items() if info.is_required()]
        return list(dict.fromkeys((*required, *self.mapping.values())))

    def _no_column(self, name: str) -> Reason:
        given = [heading for heading, parameter in self.mapping.items() if parameter == name]
        accepted = given or [*self.imports.columns.get(name, ()), name]
        phrase = Phrase(
            N_("there is no column for `{parameter}`: its heading is {headings}"),
            {"parameter": name, "headings": " / ".join(accepted)},
        )
        return Reason("no-column", phrase)

    def _places(self, row: Row) -> dict[str, list[int]]:
        """Each parameter's columns, by the strictest way of reading that finds any."""
        cells = [(place, cell) for place, cell in enumerate(row.cells) if isinstance(cell, str)]
        places = {}
        for name, accepted in self._accepted().items():
            for fits in (letters, bare_letters):
                words = {fits(word) for word in accepted}
                if found := [place for place, cell in cells if words & {fits(cell), fits(_ASIDE.sub("", cell))}]:
                    places[name] = found
                    break
        return places

    def _accepted(self) -> dict[str, tuple[str, ...]]:
        mapped: dict[str, tuple[str, ...]] = {}
        for heading, parameter in self.mapping.items():
            mapped[parameter] = (*mapped.get(parameter, ()), heading)
        taken = {letters(heading) for heading in self.mapping}
        known = [*self.action.parameters.model_fields, ON]
        own = {
            name: tuple(word for word in (*self.imports.columns.get(name, ()), name) if letters(word) not in taken)
            for name in known
        }
        return {**own, **mapped}

    def _only(self, row: Row, name: str, places: list[int]) -> int:
        if len(places) > 1:
            raise InvalidInput(
                "two columns mean `{parameter}`: {headings}",
                code="ambiguous-column",
                hint="say which column is meant: --map HEADING=PARAMETER",
                parameter=name,
                headings=" / ".join(f"{row.cells[place]} ({place + 1})" for place in places),
            )
        return places[0]
