"""`--format html`: one page that holds everything, to be read on a screen or printed; it asks nothing of any network.

Everything that people wrote is escaped, and the page's own policy lets a browser run and fetch nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Any, BinaryIO

from trinh_plugins._report_style import STYLE
from trinh_plugins._report_words import WORDS
from workflow import ExportedEvent, ExportedPlan, Exporter, ExportView, Text, hookimpl

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_KINDS = (
    ("hash", re.compile("[0-9a-f]{16}|[0-9a-f]{64}")),
    ("day", re.compile(r"\d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d")),
)
"""What is never broken like words, by the look of a cell."""
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
        at = view.made_at.strftime("%Y-%m-%d %H:%M UTC")
        self._put(f"<p>{self._say('made')} {self._day(at)} · {self._say('plans')}: {view.count}")
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
        seals = [(str(seal.number), self._day(seal.at), str(seal.seq)) for seal in plan.seals()]
        if seals:
            self._table(("seal", "sealed-at", "up-to"), seals)
        else:
            self._put(f"<p>{self._say('no-seal')}</p>")

    def _work(self, plan: ExportedPlan) -> None:
        rows = []
        for work in plan.work():
            if not work.open and work.done_on is None:
                continue
            first = f"{self._day(work.due_on)}"
            if work.first_due_on and work.first_due_on != work.due_on:
                first += f" ({self._plain('first')} {self._day(work.first_due_on)})"
            late = f"{self._plain('late')}: {work.days_late}" if work.late else ""
            title = self._view.text(work.title)
            rows.append((work.late, (title, work.owner, first, self._day(work.done_on), late)))
        rows.sort(key=lambda row: not row[0])
        if rows:
            self._head("lateness")
            heads = ("what", "owner", "due", "done", "days-late")
            self._table(heads, (row for _, row in rows), marked=lambda row: bool(row[4]))
        behind = [
            (
                self._view.text(one.title),
                self._view.text(one.owner_name) or one.owner or "",
                self._day(one.due_on),
                str(one.days),
            )
            for one in plan.lateness()
        ]
        if behind:
            self._head("late-now")
            self._table(("what", "owner", "due", "days-late"), behind)

    def _timeline(self, plan: ExportedPlan) -> None:
        self._head("timeline")
        heads = ("number", "day", "recorded", "who", "happened", "hash")
        self._table(heads, map(self._event, plan.events()))

    def _event(self, shown: ExportedEvent) -> tuple[Any, ...]:
        event = shown.event
        if event is None:
            return (str(shown.seq), "", "", "", [self._plain("confidential")], shown.hash[:16])
        recorded = self._day(event.recorded_at.strftime("%Y-%m-%d %H:%M"))
        if shown.days_apart > 0:
            recorded += f" (+{shown.days_apart})"
        who = [shown.actor or "-", shown.office]
        if shown.behalf:
            who.append(f"{self._plain('behalf')} {shown.behalf}")
        day = self._day(event.occurred_on.isoformat())
        return (str(shown.seq), day, recorded, who, [shown.words, *shown.details], shown.hash[:16])

    def _tables(self, plan: ExportedPlan) -> None:
        for number, table in enumerate(plan.tables()):
            if not number:
                self._head("opinions")
            text = self._view.text
            self._put(f"<h4>{escape(text(table.step_title))}: {escape(text(table.title))}</h4>")
            for note in table.notes:
                self._put(f"<p>{escape(self._view.words(note))}</p>")
            self._rows([text(column) for column in table.columns], (tuple(map(self._cell, row)) for row in table.rows))

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
        rows = [self._event(shown)[1:5] for shown in plan.refused()]
        if rows:
            self._head("refused")
            self._table(("day", "recorded", "who", "happened"), rows)

    # pieces of a page

    def _head(self, name: str) -> None:
        self._put(f"<h3>{self._say(name)}</h3>")

    def _table(self, heads: Iterable[str], rows: Iterable[Any], marked: Callable[[Any], bool] | None = None) -> None:
        self._rows([self._plain(head) for head in heads], rows, marked)

    def _rows(self, heads: list[str], rows: Iterable[Any], marked: Callable[[Any], bool] | None = None) -> None:
        shown = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
        self._put(f"<table><thead><tr>{shown}</tr></thead><tbody>")
        for row in rows:
            class_ = ' class="late"' if marked and marked(row) else ""
            self._put(f"<tr{class_}>" + "".join(self._cells(row)) + "</tr>")
        self._put("</tbody></table>")

    def _cells(self, row: Iterable[Any]) -> Iterator[str]:
        for cell in row:
            lines = cell if isinstance(cell, list) else [cell]
            words = "<br>".join(escape(line) for line in lines if line)
            forms = _KINDS if isinstance(cell, str) else ()
            kind = next((name for name, form in forms if form.fullmatch(cell)), "words" if cell is lines else None)
            yield f'<td class="{kind}">{words}</td>' if kind else f"<td>{words}</td>"

    def _day(self, text: str | None) -> str:
        """Days as offices write them in Vietnamese."""
        if not text or self._view.language != "vi" or len(text) < 10 or text[4] != "-" or text[7] != "-":
            return text or ""
        return f"{text[8:10]}/{text[5:7]}/{text[:4]}{text[10:]}"

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
