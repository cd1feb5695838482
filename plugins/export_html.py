"""`--format html`: one page that holds everything, to be read on a screen or printed; it asks nothing of any network.

Everything that people wrote is escaped, and the page's own policy lets a browser run and fetch nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, BinaryIO

from trinh_plugins._report_style import STYLE
from trinh_plugins._report_tables import Hashes, Line, When, in_acts, table, wide_table
from trinh_plugins._report_words import WORDS
from workflow import ExportedEvent, ExportedPlan, Exporter, ExportView, Text, hookimpl

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_MARK = Text(vi="đã rút", en="withdrawn")


class Page:
    """Writes one page."""

    def __init__(self, view: ExportView, out: BinaryIO) -> None:
        self._view, self._out = view, out

    def write(self) -> None:
        """Write the head, an article for each plan, and the end."""
        view, title = self._view, self._say("title")
        self._put(f'<!DOCTYPE html>\n<html lang="{view.language}">\n<head>\n<meta charset="utf-8">')
        self._put(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        )
        self._put('<meta name="viewport" content="width=device-width, initial-scale=1">')
        self._put(f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>")
        self._put(f"<header><h1>{title}</h1>")
        self._put(f"<p>{self._say('made')} {self._moment(view.made_at)} UTC · {self._say('plans')}: {view.count}")
        if view.made_by:
            self._put(f" · {self._say('by')} {escape(view.made_by)}")
        self._put("</p>")
        if view.left_out.plans:
            self._put(f"<p class=note>{self._say('plans-left-out')}: {view.left_out.plans}</p>")
        self._put("</header>")
        for plan in view.plans():
            self._plan(plan)
        self._put("</body>\n</html>")

    def _plan(self, plan: ExportedPlan) -> None:
        view, state = self._view, plan.state
        self._put(f'<article>\n<h2>{escape(view.text(plan.title))}</h2>\n<p class="id">{escape(plan.id)}</p>')
        stage = plan.definition.stages.get(state.stage)
        facts = (
            ("definition", f"{plan.definition.id}, {plan.definition.version}"),
            ("stage", f"{view.text(stage.title) if stage else state.stage} ({self._plain('status-' + state.status)})"),
            ("began", self._day(state.created_on)),
            ("latest", self._day(state.latest_on)),
            ("lead", plan.name(plan.definition.lead)),
        )
        self._put("<dl>")
        for name, value in facts:
            self._put(f"<dt>{self._say(name)}</dt><dd>{escape(value)}</dd>")
        self._put("</dl>")
        if plan.simulated:
            self._put(f"<p class=note>{self._say('simulated')}</p>")
        if state.adopted:
            self._put(f"<p class=note>{self._say('adopted')}</p>")
        self._verified(plan)
        self._work(plan)
        self._timeline(plan)
        self._tables(plan)
        self._documents(plan)
        self._refused(plan)
        self._put("</article>")

    def _verified(self, plan: ExportedPlan) -> None:
        found = plan.verification()
        self._head("verification")
        if found.findings:
            self._put(f'<p class="bad">{self._say("not-sound")}</p><ul>')
            for finding in found.findings:
                words = escape(self._view.words(finding.reason.phrase))
                self._put(f"<li>{escape(finding.check)}, {finding.seq or '-'}: {words}</li>")
            self._put("</ul>")
        elif found.unjudged:
            self._put(f'<p class="bad">{self._say("unjudged")}</p>')
        else:
            self._put(f'<p class="good">{self._say("sound")} ({found.events})</p>')
        seals = [
            (str(seal.number), self._moment(datetime.fromisoformat(seal.at)), str(seal.seq)) for seal in plan.seals()
        ]
        if seals:
            self._table(("seal", "sealed-at", "up-to"), seals)
        else:
            self._put(f"<p>{self._say('no-seal')}</p>")

    def _work(self, plan: ExportedPlan) -> None:
        found = [work for work in plan.work() if work.open or work.done_on is not None]
        found.sort(key=lambda work: (not work.late, work.buffer_until is None))
        heads = ("what", "owner", "due", "done", "days-behind", "judged")
        if found:
            self._head("lateness")
            late = {self._judged(days, None) for days in (0, 1)}
            self._table(heads, map(self._owed, found), marked=lambda row: row[5] in late)
        if any(work.days_behind for work in found):
            self._put(f"<p>{self._say('how-judged')}</p>")
        behind = [
            (
                self._view.text(one.title),
                self._view.text(one.owner_name) or one.owner or "",
                self._day(one.due_on),
                str(one.days or ""),
                self._judged(one.days, one.buffer_until),
            )
            for one in plan.lateness()
        ]
        if behind:
            self._head("late-now")
            self._table(("what", "owner", "due", "days-behind", "judged"), behind)

    def _owed(self, work: Any) -> tuple[Any, ...]:
        due = [self._day(work.due_on)]
        if work.first_due_on and work.first_due_on != work.due_on:
            due.append(f"{self._plain('first')} {self._day(work.first_due_on)}")
        if work.late or work.buffer_until:
            judged = self._judged(work.days_behind, work.buffer_until)
        else:
            judged = self._plain("open" if work.open else "in-time") if work.open or work.due_on else ""
        days = str(work.days_behind or "")
        return self._view.text(work.title), work.owner, due, self._day(work.done_on), days, judged

    def _judged(self, days: int, buffer_until: str | None) -> str:
        if buffer_until:
            return f"{self._plain('in-buffer')} {self._day(buffer_until)}"
        return self._plain("late" if days else "late-hour")

    def _timeline(self, plan: ExportedPlan) -> None:
        self._head("timeline")
        self._table(("number", "when", "who", "happened", "hash"), map(self._acts, in_acts(plan.events())))

    def _acts(self, acts: Sequence[ExportedEvent]) -> tuple[Any, ...]:
        """A row for what somebody did and what followed from it at once, each with its number and hash."""
        first, last = acts[0], acts[-1]
        if first is last:
            return (str(first.seq), *self._event(first), Hashes((first.hash[:16],)))
        when, who, happened = self._event(first)
        followed = [Line(f"{shown.seq}: {'; '.join((shown.words, *shown.details))}") for shown in acts[1:]]
        heads = Hashes(shown.hash[:16] for shown in acts)
        return f"{first.seq}–{last.seq}", when, who, [*happened, *followed], heads

    def _event(self, shown: ExportedEvent) -> tuple[Any, ...]:
        event = shown.event
        if event is None:
            return "", "", [self._plain("confidential")]
        recorded = f"{self._plain('recorded-at')} {self._moment(event.recorded_at)}"
        if shown.days_apart > 0:
            recorded += f", {self._plain('days-after').format(days=shown.days_apart)}"
        who = [shown.actor or "-", Line(shown.office)]
        if shown.behalf:
            who.append(Line(f"{self._plain('behalf')} {shown.behalf}"))
        when = When((self._day(event.occurred_on.isoformat()), Line(recorded)))
        return when, who, [shown.words, *map(Line, shown.details)]

    def _tables(self, plan: ExportedPlan) -> None:
        for number, shown in enumerate(plan.tables()):
            if not number:
                self._head("opinions")
            text = self._view.text
            self._put(f"<h4>{escape(text(shown.step_title))}: {escape(text(shown.title))}</h4>")
            for note in shown.notes:
                self._put(f"<p>{escape(self._view.words(note))}</p>")
            rows = [tuple(map(self._cell, row)) for row in shown.rows]
            for piece in wide_table([text(column) for column in shown.columns], rows):
                self._put(piece)

    def _cell(self, cell: Any) -> str:
        if cell is None:
            return ""
        if isinstance(cell, int):
            return f"{cell:,}".replace(",", ".")
        return self._day(cell) if isinstance(cell, str) else self._view.text(cell)

    def _documents(self, plan: ExportedPlan) -> None:
        rows = []
        for document in plan.documents():
            name = document.name or self._view.text(_MARK)
            title = self._view.text(document.title)
            called = [f"{title} {document.revision}" if title else name, name if title else ""]
            if document.pieces is None:
                called.append(self._view.text(_MARK))
            number = document.number.symbol if document.number else ""
            who = [document.actor, document.body]
            size = f"{document.size:,}".replace(",", ".")
            rows.append((self._day(document.on), called, number, who, size, document.sha256))
        if rows:
            self._head("documents")
            self._table(("day", "document", "symbol", "who", "size", "sha256"), rows)

    def _refused(self, plan: ExportedPlan) -> None:
        rows = [self._event(shown) for shown in plan.refused()]
        if rows:
            self._head("refused")
            self._table(("when", "who", "happened"), rows)

    # pieces of a page

    def _head(self, name: str) -> None:
        self._put(f"<h3>{self._say(name)}</h3>")

    def _table(self, heads: Iterable[str], rows: Iterable[Any], marked: Callable[[Any], bool] | None = None) -> None:
        for piece in table([self._plain(head) for head in heads], rows, marked):
            self._put(piece)

    def _day(self, text: str | None) -> str:
        """Days as offices write them in Vietnamese."""
        if not text or self._view.language != "vi" or len(text) < 10 or text[4] != "-" or text[7] != "-":
            return text or ""
        return f"{text[8:10]}/{text[5:7]}/{text[:4]}{text[10:]}"

    def _moment(self, at: datetime) -> str:
        return self._day(at.astimezone(UTC).strftime("%Y-%m-%d %H:%M"))

    def _plain(self, name: str) -> str:
        return self._view.text(WORDS[name])

    def _say(self, name: str) -> str:
        return escape(self._plain(name))

    def _put(self, text: str) -> None:
        self._out.write(text.encode() + b"\n")


def write(view: ExportView, out: BinaryIO) -> None:
    """Write the page."""
    Page(view, out).write()


@hookimpl
def exporters():
    return (Exporter("html", Text(vi="Báo cáo HTML", en="HTML report"), ".html", write),)
