"""Questions about the numbers that documents were given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from workflow import audit
from workflow.decide.issuing import IssueNumber, series_of
from workflow.decide.situation import Process
from workflow.numbers import require_series
from workflow.queries.lookup import Lookup
from workflow.store.interface import NumberRow


@dataclass(frozen=True)
class NumberDetail:
    """A number in the register.

    Attributes:
        symbol: As it is written: `05/KH-KHCN`.
        void: It was given in error and undone; nobody else gets it.
    """

    row: NumberRow
    symbol: str
    on: str
    person: str | None
    void: bool


class NumberQueries(Lookup):
    """Reads of the register of numbers."""

    def numbers(
        self,
        *,
        series: str | None = None,
        year: int | None = None,
        after: tuple[str, int, int] | None = None,
        limit: int = 1000,
    ) -> tuple[NumberDetail, ...]:
        """Numbers by series, year and number, from the one behind the key *after* on."""
        kept = require_series(series) if series is not None else None
        return tuple(
            self._numbered_row(row) for row in self.store.numbers(series=kept, year=year, after=after, limit=limit)
        )

    def numbered(self, asked: IssueNumber, process: Process, day: date) -> IssueNumber:
        """Return the command with the number that it gives on that day, and who has that already."""
        series = series_of(process.definition, asked)
        if series is None:
            return asked
        if asked.number is None:
            return replace(asked, number=self.store.last_number(series, day.year) + 1)
        taken = self.store.number(series, day.year, asked.number)
        return replace(asked, taken_by=taken.plan if taken is not None else None)

    def _numbered_row(self, row: NumberRow) -> NumberDetail:
        stored, plan = self.store.event(row.plan, row.seq), self.store.plan(row.plan)
        event = audit.event_of(stored.body) if stored is not None else None
        counts = plan is not None and any(number.seq == row.seq for number in self.state_of(plan).numbers)
        return NumberDetail(
            row=row,
            symbol=str(event.data.get("symbol", "-")) if event is not None else "-",
            on=event.occurred_on.isoformat() if event is not None else "-",
            person=event.actor if event is not None else None,
            void=not counts,
        )
