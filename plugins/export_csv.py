"""`--format csv`: a row for each event, for spreadsheets; no cell can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from workflow import ExportedEvent, ExportedPlan, Exporter, ExportView, Text, hookimpl

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would be computed by a spreadsheet."""
_ROWS = 200

HEADS = (
    Text(vi="Kế hoạch", en="plan"),
    Text(vi="Tên kế hoạch", en="title"),
    Text(vi="Sự kiện số", en="event"),
    Text(vi="Loại", en="type"),
    Text(vi="Ngày xảy ra", en="day"),
    Text(vi="Ghi lúc (UTC)", en="recorded (UTC)"),
    Text(vi="Ghi sau (ngày)", en="days until recorded"),
    Text(vi="Nội dung", en="what happened"),
    Text(vi="Chi tiết", en="details"),
    Text(vi="Mã người", en="person"),
    Text(vi="Người ghi", en="by"),
    Text(vi="Chức vụ, đơn vị", en="acting as"),
    Text(vi="Thay mặt", en="on behalf of"),
    Text(vi="Đồng hồ", en="clock"),
    Text(vi="SHA-256", en="SHA-256"),
)
CONFIDENTIAL = Text(vi="(mật, không xuất)", en="(confidential, left out)")


def _row(view: ExportView, plan: ExportedPlan, shown: ExportedEvent) -> Iterator[str]:
    yield plan.id
    yield view.text(plan.title)
    yield str(shown.seq)
    event = shown.event
    if event is None:
        yield from ("", "", "", "", view.text(CONFIDENTIAL), "", "", "", "", "", "", shown.hash)
        return
    yield event.type
    yield event.occurred_on.isoformat()
    yield event.recorded_at.strftime("%Y-%m-%d %H:%M:%S")
    yield str(shown.days_apart)
    yield shown.words
    yield "\n".join(shown.details)
    yield event.actor or ""
    yield shown.actor
    yield shown.office
    yield shown.behalf
    yield event.clock
    yield shown.hash


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def write(view: ExportView, out: BinaryIO) -> None:
    """Write the heads, and a row for each event as it is read."""
    page = io.StringIO(newline="")
    writer = csv.writer(page)
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    out.write(b"\xef\xbb\xbf")
    writer.writerow([view.text(head) for head in HEADS])
    for plan in view.plans():
        for number, event in enumerate(plan.events()):
            writer.writerow([_cell(cell) for cell in _row(view, plan, event)])
            if number % _ROWS == 0:
                _flush(page, out)
    _flush(page, out)


def _flush(page: io.StringIO, out: BinaryIO) -> None:
    out.write(page.getvalue().encode())
    page.seek(0)
    page.truncate()


@hookimpl
def exporters():
    return (Exporter("csv", Text(vi="Bảng CSV", en="CSV table"), ".csv", write),)
