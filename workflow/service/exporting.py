"""Exports: recorded first, then written from one view of the database, so that the record names what left."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO

from workflow import messages
from workflow.catalogue import Catalogue
from workflow.errors import N_, Conflict, InvalidInput, Phrase, PluginFailed, WorkflowError, failure
from workflow.exporting.material import Asked, Count
from workflow.exporting.questions import ExportQueries
from workflow.hookspecs import Exporter
from workflow.messages import Fact
from workflow.service.keeping import Keeping
from workflow.views.exports import ExportView, LeftOut
from workflow.views.handed import read_only
from workflow.views.plans import Write

MOST_NAMED = 50
"""Of so many plans an export's record has the ids, of more their number alone."""

_TRIES = 5

Open = Callable[[Exporter], AbstractContextManager[BinaryIO]]
"""Opens where the export goes to; at its end the whole is there, and nothing if anything was raised inside."""


@dataclass(frozen=True)
class Exported:
    """What was exported: in which format, so many plans, and what was left out because it is confidential."""

    format: str
    plans: int
    left_out: LeftOut


class Exports(Keeping, ExportQueries):
    """Lets plans out of the house."""

    def export(self, format_: str, asked: Asked, write: Write, open_: Open) -> Exported:
        """Write plans in a format, and record first that they are.

        Raises:
            NotFound: If there is no such format or plan.
            Refused: If a plan does not fit the format, or all that are named are confidential.
            NotPermitted: If confidential things are asked for without the right to them.
            PluginFailed: If the exporter fails.
            StorageUnusable: If it cannot be recorded: then nothing is exported.
        """
        exporter = self.exporter(format_)
        if asked.confidential:
            self._require_confidant(write, Phrase(N_("take confidential things out")), "export")
        for _ in range(_TRIES):
            recorded = self._how_many(exporter, asked)
            self._record_leaving(self._leaving(exporter, asked, *recorded), write)
            # What is recorded cannot be recorded from inside one view of the database; a plan made in between is rare.
            with self.store.snapshot():
                if self._how_many(exporter, asked) == recorded:
                    plans, left_out = recorded
                    count = Count(LeftOut(plans=left_out))
                    view = self._export_view(asked, plans, count, write)
                    with open_(exporter) as out:
                        _written(exporter, view, out)
                    return Exported(exporter.id, plans, count.left_out)
        raise Conflict(
            "plans are being made too fast to say how many are exported", hint="try again, or name the plans"
        )

    def _how_many(self, exporter: Exporter, asked: Asked) -> tuple[int, int]:
        """How many plans are in the export, and how many are left out."""
        count = Count()
        return self.fitting(asked, exporter, count), count.left_out.plans

    def _leaving(self, exporter: Exporter, asked: Asked, plans: int, left_out: int) -> Fact:
        data = {
            "format": exporter.id,
            "count": plans,
            "confidential": asked.confidential,
            "left_out": left_out,
            "language": asked.language,
        }
        if asked.plans:
            named = sorted({self.require_plan(plan).id for plan in asked.plans})
            if len(named) <= MOST_NAMED:
                data["plans"] = named
        return Fact(messages.EXPORTED, data)

    def _export_view(self, asked: Asked, plans: int, count: Count, write: Write) -> ExportView:
        return ExportView(
            language=asked.language,
            made_at=self.clock.now(),
            clock=self.clock.name,
            made_by=write.actor,
            count=plans,
            plans=partial(self.exported_plans, asked, count),
            confidential=asked.confidential,
            left_out=replace(count.left_out),
            words=Catalogue(asked.language).text,
            settings=read_only(asked.settings),
        )


def _written(exporter: Exporter, view: ExportView, out: BinaryIO) -> None:
    try:
        exporter.write(view, out)
    except (WorkflowError, OSError):
        raise
    except ImportError as error:
        raise InvalidInput(
            "{format} cannot be written: an extra that it needs is not installed ({error})",
            code="extra-missing",
            format=exporter.id,
            error=str(error),
        ) from error
    except (Exception, SystemExit) as error:
        raise PluginFailed(
            "the export `{format}` failed: {error}",
            hint="report it to the plugin's author; what was written is no export",
            format=exporter.id,
            error=failure(error),
        ) from error
