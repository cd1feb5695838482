"""`--format csv`: a row for each event, for spreadsheets; no cell can become a formula."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from workflow import ExportedEvent, ExportedPlan, Exporter, ExportView, Text, hookimpl

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would be computed by a spreadsheet."""
_ROWS = 50

HEADS = (
    Text(vi="sự kiện", en="event"),
    Text(vi="kế hoạch", en="plan"),
    Text(vi="tên kế hoạch", en="title of the plan"),
    Text(vi="số", en="number"),
    Text(vi="loại", en="type"),
    Text(vi="ngày", en="day"),
    Text(vi="ghi nhận lúc (UTC)", en="recorded (UTC)"),
    Text(vi="số ngày đến khi ghi nhận", en="days until recorded"),
    Text(vi="ghi nhận muộn", en="recorded late"),
    Text(vi="nội dung", en="what happened"),
    Text(vi="chi tiết", en="details"),
    Text(vi="tệp (SHA-256)", en="files (SHA-256)"),
    Text(vi="người", en="person"),
    Text(vi="chức vụ hoặc đơn vị", en="office or unit"),
    Text(vi="hình thức ký", en="held as"),
    Text(vi="người thực hiện", en="by"),
    Text(vi="nhân danh", en="in the name of"),
    Text(vi="đồng hồ", en="clock"),
    Text(vi="yêu cầu số", en="request"),
    Text(vi="mã băm", en="hash"),
)
"""The columns; those that `audit show --csv` has too are called as there, and hold the same."""
CONFIDENTIAL = Text(vi="(mật, không xuất)", en="(confidential, left out)")
_ANSWERS = {True: Text(vi="có", en="yes"), False: Text(vi="không", en="no")}


def _row(view: ExportView, plan: ExportedPlan, shown: ExportedEvent, files: Sequence[str]) -> list[str]:
    known = (f"{plan.id}#{shown.seq}", plan.id, view.text(plan.title), str(shown.seq))
    event = shown.event
    if event is None:
        return [*known, *[""] * 5, view.text(CONFIDENTIAL), *[""] * 9, shown.hash]
    basis = event.authority.get("basis", {}).get("number", "")
    form = f"{event.authority['form'].upper()}." if event.authority.get("form") else ""
    office = ", ".join(filter(None, (shown.office, basis)))
    return [
        *known,
        event.type,
        event.occurred_on.isoformat(),
        event.recorded_at.strftime("%Y-%m-%d %H:%M:%S"),
        str(shown.days_apart),
        view.text(_ANSWERS[shown.recorded_late]),
        shown.words,
        "; ".join(shown.details),
        "; ".join(files),
        event.actor or "",
        event.authority.get("ref") or "",
        ", ".join(filter(None, (form, basis))),
        f"{shown.actor or '-'} ({office})" if shown.office else shown.actor,
        event.on_behalf or "",
        event.clock,
        event.request_id or "",
        shown.hash,
    ]


def _files(plan: ExportedPlan) -> Mapping[int, Sequence[str]]:
    """The hashes of the files handed in with each event."""
    found: dict[int, list[str]] = {}
    for document in plan.documents():
        found.setdefault(document.seq, []).append(document.sha256)
    return found


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


class _Lines:
    """Takes rows as they are written, and passes them on some at a time."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._kept = out, list[str]()

    def write(self, line: str) -> None:
        """Take a row."""
        self._kept.append(line)
        if len(self._kept) >= _ROWS:
            self.flush()

    def flush(self) -> None:
        """Pass on what is kept."""
        self._out.write("".join(self._kept).encode())
        self._kept.clear()


def write(view: ExportView, out: BinaryIO) -> None:
    """Write the heads, and a row for each event as it is read."""
    lines = _Lines(out)
    writer = csv.writer(lines)
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    out.write(b"\xef\xbb\xbf")
    writer.writerow([view.text(head) for head in HEADS])
    for plan in view.plans():
        files = _files(plan)
        for event in plan.events():
            writer.writerow([_cell(cell) for cell in _row(view, plan, event, files.get(event.seq, ()))])
    lines.flush()


@hookimpl
def exporters():
    return (Exporter("csv", Text(vi="Bảng CSV", en="CSV table"), ".csv", write),)
