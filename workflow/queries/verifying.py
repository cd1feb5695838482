"""The record verified, as far as somebody asks."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from workflow.messages import WORKSPACE_CHAIN
from workflow.queries.lookup import Lookup
from workflow.verification.checklist import EVERYTHING, Asked, Opener, verify
from workflow.views.plans import Verification


class Verifying(Lookup):
    """The question whether the record is what was recorded."""

    def verify(self, plan: str | None = None, asked: Asked = EVERYTHING, opener: Opener | None = None) -> Verification:
        """Check one plan or the whole record; see `verification.checklist.CHECKS`.

        Args:
            asked: How far, and against which seal.
            opener: Opens store and processes anew in another process; without it there is none.

        Raises:
            NotFound: If there is nothing of such a plan.
            InvalidInput: If only what came behind the last seal is asked for and there is none.
        """
        if plan is not None and plan != WORKSPACE_CHAIN:
            plan = unicodedata.normalize("NFC", plan)
            if not any(True for _ in self.store.events(plan, limit=1)):
                self.require_plan(plan)
        return verify(self.store, self.processes, replace(asked, plan=plan), opener)
