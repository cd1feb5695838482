"""Which rows of a table were taken in before, whatever file they stood in.

A row is known by what its cells say and by how many rows with the same words stand above it: a file that was
mended, sorted or saved in another form brings its unchanged rows again, and none of them counts twice.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from workflow import audit
from workflow.decide.corrections import standing
from workflow.importing.columns import Layout
from workflow.messages import WORKSPACE_CHAIN, Event
from workflow.service.service import Service
from workflow.steps.step_type import ImportRow


def row_ids(target: str, layout: Layout, rows: Sequence[ImportRow]) -> Iterator[str]:
    """Yield the id of each row, in order: a hash of *target*, of its words and of their occurrence."""
    contents, seen = layout.contents(), Counter[str]()
    for row in rows:
        content = contents.get(row.number, "")
        seen[content] += 1
        whole = f"{target}\n{seen[content]}\n{content}"
        yield "import:" + hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


class Standing:
    """The acts of earlier imports on one plan that still count."""

    def __init__(self, service: Service, plan: str) -> None:
        self._service = service
        self._plan = plan
        self._read: tuple[int, Mapping[str, Event]] = (-1, {})

    def request_of(self, row_id: str) -> tuple[str, Event | None]:
        """Return the request id under which a row is taken in, and the event by which it was.

        A row whose act was corrected is taken in anew, under an id of its own.
        """
        for turn in count(1):
            request = row_id if turn == 1 else f"{row_id}:{turn}"
            # A refused attempt leaves its request in the workspace's chain: it may be tried again.
            if not any(row.plan != WORKSPACE_CHAIN for row in self._service.store.request(request)):
                return request, None
            if (event := self._counting().get(request)) is not None:
                return request, event
        raise AssertionError  # `count` has no end

    def _counting(self) -> Mapping[str, Event]:
        row = self._service.require_plan(self._plan)
        if self._read[0] != row.revision:
            events = [audit.event_of(each.body) for each in self._service.store.events(self._plan, limit=row.revision)]
            acts = {each.request_id: each for each in standing(events) if each.request_id and each.actor is not None}
            self._read = (row.revision, acts)
        return self._read[1]
