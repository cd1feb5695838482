"""Guards for `requires:`: a complete dossier, a quorum, enough days posted, money settled.

Each looks at the newest round of every step of one type that the plan has opened, in whatever stage. They
are for transitions that `allow_open_steps`, or whose steps are not required: what a required step owes
holds its stage without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from workflow import Guard, Phrase, Reason, Text, hookimpl


@hookimpl
def guards() -> tuple[Guard, ...]:
    """Supply the four."""
    return (
        Guard("dossier-complete", Text(vi="Hồ sơ đầy đủ", en="Dossier complete"), dossier_incomplete),
        Guard("quorum", Text(vi="Đủ tỷ lệ tán thành", en="Quorum reached"), quorum_missed),
        Guard("minimum-days", Text(vi="Đủ số ngày đăng tải", en="Posted long enough"), days_missing),
        Guard("budget", Text(vi="Kinh phí đã quyết toán xong", en="Money settled"), money_open),
    )


def dossier_incomplete(plan: Any, transition: Any) -> tuple[Reason, ...]:
    """Each dossier that still lacks papers."""
    lacking = [address for address, round_ in _rounds(plan, "dossier") if not round_.complete]
    return tuple(
        _reason("dossier-incomplete", address, "dossier `{step}` is not complete", "hồ sơ `{step}` chưa đầy đủ")
        for address in lacking
    )


def quorum_missed(plan: Any, transition: Any) -> tuple[Reason, ...]:
    """Each round of letters that is still open, or did not pass."""
    reasons = []
    for address, round_ in _rounds(plan, "consultation"):
        if round_.state.get("closed_on") is None:
            reasons.append(_reason("quorum-open", address, "`{step}` is still open", "`{step}` chưa kết thúc"))
        elif round_.state.get("result") == "failed":
            vi = "`{step}` không đạt tỷ lệ tán thành"
            reasons.append(_reason("quorum-missed", address, "`{step}` did not reach its quorum", vi))
    return tuple(reasons)


def days_missing(plan: Any, transition: Any) -> tuple[Reason, ...]:
    """Each posting that has not stood as long as it must by the day of the transition."""
    reasons = []
    for address, round_ in _rounds(plan, "public-comment"):
        state = round_.state
        if state.get("posted_on") is None:
            reasons.append(_reason("not-posted", address, "`{step}` was not posted yet", "`{step}` chưa đăng tải"))
            continue
        until = state.get("closable_on")
        if until is not None and (state.get("closed_on") or transition.on) < until:
            phrase = Phrase(
                "`{step}` has to stand until {until}",
                {"step": address, "until": until},
                vi="`{step}` phải được đăng tải đến ngày {until}",
            )
            reasons.append(Reason("too-few-days", phrase, since=date.fromisoformat(until)))
    return tuple(reasons)


def money_open(plan: Any, transition: Any) -> tuple[Reason, ...]:
    """Each fund with sums that were granted and are neither paid nor free again."""
    reasons = []
    for address, round_ in _rounds(plan, "support-fund"):
        reserved = int(round_.state.get("reserved") or 0)
        if reserved:
            phrase = Phrase(
                "`{step}` has {sum} đồng granted and not paid",
                {"step": address, "sum": f"{reserved:,}".replace(",", ".")},
                vi="`{step}` còn {sum} đồng đã quyết định hỗ trợ mà chưa chi",
            )
            reasons.append(Reason("money-open", phrase))
    return tuple(reasons)


def _rounds(plan: Any, uses: str) -> Iterator[tuple[str, Any]]:
    """The newest round of every step of a type, unless it was ended from outside."""
    steps: Mapping[str, Any] = plan.steps
    for address, step in steps.items():
        if step.uses == uses and not step.current.ended:
            yield address, step.current


def _reason(code: str, address: str, en: str, vi: str) -> Reason:
    return Reason(code, Phrase(en, {"step": address}, vi=vi))
