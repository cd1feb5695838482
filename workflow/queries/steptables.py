"""The tables of a step, with its names and texts filled in. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from workflow.decide.asking import answers
from workflow.language.definition import Text
from workflow.plan.rounds import StepRound
from workflow.plan.state import PlanState
from workflow.queries.lookup import Lookup
from workflow.steps.tables import KeptText, Named, StepTable
from workflow.views.plans import PlanDetail, ShownTable


class StepTables(Lookup):
    """What step types show of their rounds."""

    def step_tables(self, detail: PlanDetail, address: str) -> tuple[ShownTable, ...]:
        """Return the tables of the newest round of a step, given at its full address."""
        return self.tables_of(detail.state, address, detail.state.steps[address].current)

    def tables_of(self, plan: PlanState, address: str, round_: StepRound) -> tuple[ShownTable, ...]:
        """Return the tables of one round of a step."""
        process = self.process_of(plan.definition)
        view = process.view(plan, address, round_)
        tables = answers(process.type_of(address), "tables", StepTable, view)
        texts = self.store.texts(tuple(_keys(tables)))
        return tuple(
            ShownTable(
                table.id,
                table.title,
                table.columns,
                tuple(tuple(self._shown(cell, texts) for cell in row) for row in table.rows),
                tuple(replace(note, params=self._named(note.params)) for note in table.notes),
                table.open,
            )
            for table in tables
        )

    def _named(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: [self._shown(each, {}) for each in value]
            if isinstance(value, list | tuple)
            else self._shown(value, {})
            for name, value in params.items()
        }

    def _shown(self, cell: Any, texts: Mapping[str, str]) -> Any:
        if isinstance(cell, Named):
            name = self.register.name(cell.id) or Text(vi=cell.id)
            if cell.whose is None or cell.whose == cell.id:
                return name
            before = self.register.name(cell.whose) or Text(vi=cell.whose)
            return Text(
                vi=f"{name.vi} (nhận từ {before.vi})",
                en=f"{name.in_language('en')} (taken over from {before.in_language('en')})",
            )
        if isinstance(cell, KeptText):
            return texts.get(cell.key)
        return cell


def _keys(tables: Iterable[StepTable]) -> dict[str, None]:
    cells = (cell for table in tables for row in table.rows for cell in row)
    return dict.fromkeys(cell.key for cell in cells if isinstance(cell, KeptText))
