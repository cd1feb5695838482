"""Which plans an export holds, and how each is put together without what is confidential."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workflow.errors import N_, NotFound, Phrase, Reason, Refused
from workflow.exporting.material import Asked, Count, Refusals, Sources, exported
from workflow.hookspecs import Exporter
from workflow.plan.state import PlanState
from workflow.queries.leaving_out import hidden_in
from workflow.store.interface import PlanRow
from workflow.views.exports import ExportedPlan
from workflow.views.handed import seen

_PAGE = 200
_MOST_REASONS = 20


class ExportQueries(Sources):
    """What exports are made of. Reads only."""

    def exporter(self, format_: str) -> Exporter:
        """Return the exporter of a format.

        Raises:
            NotFound: If no plugin supplies it.
        """
        if format_ in self.registry.exporters:
            return self.registry.exporters[format_]
        raise NotFound(
            "there is no export format `{format}`",
            code="unknown-format",
            hint="there are: {known}",
            format=format_[:120],
            known=", ".join(sorted(self.registry.exporters)) or "-",
        )

    def fitting(self, asked: Asked, exporter: Exporter, count: Count) -> int:
        """Return how many plans are in the export, and count those that are left out.

        Raises:
            NotFound: If there is no such plan.
            Refused: If a plan cannot be exported so, or all that are named are confidential.
        """
        found, reasons = 0, list[Reason]()
        for row in self._rows_asked(asked):
            state = self.state_of(row)
            if not asked.confidential and hidden_in(self.process_of, state) is None:
                count.next_plan()
                count.add("plans", 1)
                continue
            found += 1
            reasons += self._unfit(exporter, state)
            if len(reasons) >= _MOST_REASONS:
                break
        if reasons:
            raise Refused("it cannot be exported so", code="unfit", reasons=tuple(reasons[:_MOST_REASONS]))
        if asked.plans and not found:
            phrase = Phrase(N_("it is confidential, and confidential things were not asked for"))
            raise Refused(
                "nothing is left to export",
                code="confidential",
                reasons=(Reason("confidential", phrase),),
                hint="who has the right to it asks for it with --confidential",
            )
        return found

    def _unfit(self, exporter: Exporter, state: PlanState) -> Sequence[Reason]:
        return tuple(exporter.unfit(seen(state)) or ()) if exporter.unfit is not None else ()

    def _rows_asked(self, asked: Asked) -> Iterator[PlanRow]:
        if asked.plans:
            for plan in sorted({self.require_plan(plan).id for plan in asked.plans}):
                yield self.require_plan(plan)
            return
        after = ""
        while rows := self.store.plans(after=after, limit=_PAGE):
            yield from rows
            after = rows[-1].id

    def exported_plans(self, asked: Asked, count: Count) -> Iterator[ExportedPlan]:
        """Yield the plans of an export; what is left out of them is counted as it is passed over."""
        refusals = Refusals(self.store)
        for row in self._rows_asked(asked):
            hidden = frozenset[str]() if asked.confidential else hidden_in(self.process_of, self.state_of(row))
            if hidden is not None:
                yield exported(self, row, hidden, asked, count, refusals)
