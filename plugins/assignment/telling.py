"""What an act on an assignment did, in words, from the data of its event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trinh_plugins.assignment import figures
from workflow import Phrase


def told(action: str, data: Mapping[str, Any]) -> Iterator[Phrase]:
    """Yield what is told of an act: which days moved, whose task it is, how late, what the sum is."""
    if action in ("hand-out", "correct-date", "decide-date", "hand-in", "accept", "report-figure"):
        yield from _TELLERS[action](data)


def _handed_out(data: Mapping[str, Any]) -> Iterator[Phrase]:
    first = data["tasks"][0]
    params = {
        "row": first["row"],
        "units": ", ".join(task["unit"] for task in data["tasks"]),
        "due": first.get("due") or "-",
    }
    yield Phrase("{row}: {units}, due {due}", params, vi="{row}: {units}, thời hạn {due}")


def _corrected(data: Mapping[str, Any]) -> Iterator[Phrase]:
    # Events of before say which tasks moved, not from which day.
    for key, was in data.get("moved", ()):
        params = {"row": key, "was": was, "due": data["due"]}
        if key in data["inheriting"]:
            yield Phrase("{row}, which inherits it: {was} -> {due}", params, vi="{row} (lấy theo): {was} -> {due}")
        else:
            yield Phrase("{row}: {was} -> {due}", params, vi="{row}: {was} -> {due}")
    if data.get("kept"):
        params = {"rows": ", ".join(data["kept"])}
        yield Phrase("closed, and so unchanged: {rows}", params, vi="đã xong nên giữ nguyên: {rows}")


def _decided(data: Mapping[str, Any]) -> Iterator[Phrase]:
    params = {"rows": ", ".join((*data["tasks"], *data["inheriting"])), "due": data["due"]}
    yield Phrase("{rows}: due {due}", params, vi="{rows}: thời hạn {due}")


def _handed_in(data: Mapping[str, Any]) -> Iterator[Phrase]:
    params = {"row": data["row"], "days": data.get("days_late", 0)}
    if data.get("days_late"):
        yield Phrase("{row}: {days} {days|day|days} late", params, vi="{row}: trễ {days} ngày")
    elif "days_late" in data:
        yield Phrase("{row}: in time", params, vi="{row}: đúng hạn")


def _accepted(data: Mapping[str, Any]) -> Iterator[Phrase]:
    if data.get("of", 1) > 1:
        params = {"row": data["row"].split("/", 1)[0], "done": data["done"], "of": data["of"]}
        yield Phrase("{row}: {done} of {of} units are done", params, vi="{row}: {done}/{of} đơn vị đã hoàn thành")


def _reported(data: Mapping[str, Any]) -> Iterator[Phrase]:
    missing = data["missing"]
    params = {
        "figure": data["figure"],
        "value": figures.shown(data["value"]),
        "total": figures.shown(data["total"]),
        "missing": ", ".join(missing),
    }
    if missing:
        yield Phrase(
            "{figure} = {value}; total so far {total}, without {missing}",
            params,
            vi="{figure} = {value}; cộng đến nay {total}, chưa có {missing}",
        )
    else:
        yield Phrase(
            "{figure} = {value}; total {total}, all units have reported",
            params,
            vi="{figure} = {value}; tổng cộng {total}, các đơn vị đã báo cáo đủ",
        )


_TELLERS = {
    "hand-out": _handed_out,
    "correct-date": _corrected,
    "decide-date": _decided,
    "hand-in": _handed_in,
    "accept": _accepted,
    "report-figure": _reported,
}
