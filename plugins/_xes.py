"""XES (IEEE 1849): an event log that process mining reads, one trace for each plan, written as it is read."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import BinaryIO
from xml.sax.saxutils import XMLGenerator

from workflow import ExportedEvent, ExportedPlan, ExportView

EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
)
"""Names by which the standard's own meanings are known; nothing is ever fetched from there."""
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_PAGE = 1 << 16

Chosen = Callable[[ExportedPlan], Iterator[tuple[str, ExportedEvent]]]
"""Yields the events of a trace with the activity that each is."""


class Log:
    """Writes one log."""

    def __init__(self, view: ExportView, out: BinaryIO) -> None:
        self._view, self._out = view, out
        self._page = io.StringIO()
        self._xml = XMLGenerator(self._page, "utf-8", short_empty_elements=True)

    def write(self, chosen: Chosen) -> None:
        """Write the log with the events that *chosen* yields."""
        self._xml.startDocument()
        self._start("log", {"xes.version": "1849.2016", "xes.features": ""})
        for name, prefix, uri in EXTENSIONS:
            self._empty("extension", {"name": name, "prefix": prefix, "uri": uri})
        for scope in ("trace", "event"):
            self._start("global", {"scope": scope})
            self._text("concept:name", "-")
            if scope == "event":
                self._date("time:timestamp", datetime.fromisoformat("1970-01-01T00:00:00+00:00"))
                self._text("lifecycle:transition", "complete")
            self._end("global")
        self._empty("classifier", {"name": "Activity", "scope": "event", "keys": "concept:name"})
        self._text("concept:name", "Trình")
        self._text("lifecycle:model", "standard")
        for plan in self._view.plans():
            self._trace(plan, chosen)
        self._end("log")
        self._xml.endDocument()
        self._flush(all_=True)

    def _trace(self, plan: ExportedPlan, chosen: Chosen) -> None:
        self._start("trace", {})
        self._text("concept:name", plan.id)
        self._text("title", self._view.text(plan.title))
        self._text("definition", f"{plan.definition.id}@{plan.definition.version}")
        self._text("definition:sha256", plan.definition_hash)
        self._text("status", plan.state.status)
        self._boolean("adopted", plan.state.adopted)
        self._boolean("simulated", plan.simulated)
        for activity, event in chosen(plan):
            self._event(activity, event)
            self._flush()
        self._end("trace")

    def _event(self, activity: str, shown: ExportedEvent) -> None:
        event = shown.event
        if event is None:
            return
        self._start("event", {})
        self._text("concept:name", activity)
        self._text("concept:instance", str(shown.seq))
        self._text("lifecycle:transition", "complete")
        # When it was recorded: in this order the chain stands, and replay needs it.
        self._date("time:timestamp", event.recorded_at)
        self._text("occurred_on", event.occurred_on.isoformat())
        self._text("type", event.type)
        self._text("words", shown.words)
        if event.actor:
            self._text("org:resource", event.actor)
        if shown.office:
            self._text("org:role", shown.office)
        if shown.behalf:
            self._text("org:group", shown.behalf)
        for name in ("from", "to", "step", "action"):
            if isinstance(value := event.data.get(name), str):
                self._text(name, value)
        self._text("sha256", shown.hash)
        self._end("event")

    # elements

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._xml.startElement(name, {key: _clean(value) for key, value in attributes.items()})

    def _end(self, name: str) -> None:
        self._xml.endElement(name)
        self._xml.ignorableWhitespace("\n")

    def _empty(self, name: str, attributes: Mapping[str, str]) -> None:
        self._start(name, attributes)
        self._end(name)

    def _text(self, key: str, value: str) -> None:
        self._empty("string", {"key": key, "value": value})

    def _date(self, key: str, value: datetime) -> None:
        self._empty("date", {"key": key, "value": value.isoformat(timespec="microseconds")})

    def _boolean(self, key: str, value: bool) -> None:
        self._empty("boolean", {"key": key, "value": "true" if value else "false"})

    def _flush(self, *, all_: bool = False) -> None:
        if all_ or self._page.tell() > _PAGE:
            self._out.write(self._page.getvalue().encode())
            self._page.seek(0)
            self._page.truncate()


def _clean(text: str) -> str:
    """Return *text* without what no XML can hold."""
    return _NOT_XML.sub("", text)
