"""What is said of an act on the fund where it is confirmed: which application, what sum, what is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trinh_plugins.support_fund.money import dong
from trinh_plugins.support_fund.work import WAITS_FOR
from workflow import Phrase

_NEXT: Mapping[str, str] = {
    "apply": "received",
    "supplement": "received",
    "put": "put",
    "pay": "paid",
    "withdraw": "withdrawn",
}
"""What an application has come to after an act that leads to one thing only."""


def told(action: str, data: Mapping[str, Any]) -> tuple[Phrase, ...]:
    """Return the number of the application, what it waits for now, the sum and the balance after the act."""
    if "application" not in data:
        return ()
    state = WAITS_FOR[_reached(action, data)]
    over = action in ("pay", "withdraw") or data.get("supported") is False
    about = Phrase(
        f"application {{number}}: {'' if over else 'next, '}{state['en']}",
        {"number": data["application"]},
        vi=f"hồ sơ số {{number}}: {'' if over else 'tiếp theo là '}{state['vi']}",
    )
    return (about, *_money(action, data))


def _reached(action: str, data: Mapping[str, Any]) -> str:
    if action == "check":
        return "checked" if data["complete"] else "incomplete"
    if action == "appraise":
        return "appraised" if data["passed"] else "failed"
    if action == "decide":
        return "supported" if data["supported"] else "refused"
    return _NEXT[action]


def _money(action: str, data: Mapping[str, Any]) -> tuple[Phrase, ...]:
    if action == "apply" and data.get("asked"):
        asked = {"asked": dong(data["asked"])}
        return (Phrase("asked for: {asked} đồng", asked, vi="số tiền đề nghị: {asked} đồng"),)
    if "left" not in data:
        return ()
    moved = {"granted": data.get("amount"), "paid": data.get("amount"), "freed": data.get("freed")}
    words = {
        "decide": (("granted", "granted: {granted} đồng", "hỗ trợ: {granted} đồng"),),
        "pay": (("paid", "paid: {paid} đồng", "đã chi: {paid} đồng"), _FREED),
        "withdraw": (_FREED,),
    }[action]
    said = [Phrase(en, {name: dong(moved[name])}, vi=vi) for name, en, vi in words if moved[name]]
    left = {"left": dong(data["left"])}
    return (*said, Phrase("left of the ceiling: {left} đồng", left, vi="còn lại trong tổng mức: {left} đồng"))


_FREED = ("freed", "free again: {freed} đồng", "hoàn lại: {freed} đồng")
