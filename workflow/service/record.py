"""Everything that concerns the record as a whole: read, checked, sealed, proved, taken out of the house, replayed."""

from __future__ import annotations

from workflow.queries.inquest import Inquest
from workflow.service.exporting import Exports
from workflow.service.proving import Proving
from workflow.service.rebuilding import Rebuilding
from workflow.service.withdrawing import Withdrawing


class Record(Rebuilding, Proving, Exports, Withdrawing, Inquest):
    """What a reviewer asks of the record, and the few commands that concern it.

    Apart from `Service`, because most commands need nothing of it and would wait for its imports.
    """
