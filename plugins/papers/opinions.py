"""The table of opinions: who was asked, what they said, what became of it (tổng hợp, tiếp thu, giải trình)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from trinh_plugins.papers.form import heading, nothing_to_show
from trinh_plugins.papers.wording import short_day
from workflow import PaperRound, PaperView, Phrase, Reason, Refused

LETTERS, COMMENTS = "consultation", "public-comment"
POSITIONS = {
    "agree": "Nhất trí với dự thảo",
    "agree-with-comments": "Nhất trí, có ý kiến",
    "disagree": "Không nhất trí",
    "comments": "Có ý kiến",
    "abstain": "Không có ý kiến",
}
VERDICTS = {"accepted": "Tiếp thu", "partly": "Tiếp thu một phần", "explained": "Giải trình"}


def data(view: PaperView) -> dict[str, Any]:
    """Return the fields of the table.

    Raises:
        Refused: If nobody was asked yet.
    """
    rounds = [_round(view, each) for each in view.rounds_of(LETTERS, COMMENTS)]
    if not rounds:
        raise nothing_to_show("no round of opinions was opened yet", "chưa mở lần lấy ý kiến nào")
    total = sum(len(each["rows"]) for each in rounds)
    if not total and not any(each.complete for each in view.rounds_of(LETTERS, COMMENTS)):
        raise Refused(
            "no paper can be made",
            vi="chưa lập được văn bản",
            code="nothing-to-show",
            reasons=tuple(_awaited(each) for each in view.rounds_of(LETTERS, COMMENTS)),
        )
    documents = dict.fromkeys(document for each in rounds for document in each["documents"])
    about = "; ".join(documents) or view.title.vi
    return {
        **heading(
            view,
            document="opinion-table",
            paper_type="Bảng tổng hợp, tiếp thu, giải trình ý kiến",
            code="BTH",
            subject=f"Đối với {about[:1].lower()}{about[1:]}",
        ),
        "plan_title": view.title.vi,
        "rounds": rounds,
        "total": total,
    }


def _awaited(each: PaperRound) -> Reason:
    """What a round waits for in which nothing was said yet."""
    address = each.view.address
    if each.uses == COMMENTS:
        phrase = Phrase(
            "`{step}` has no comment yet: it waits for the first one, or for its end",
            {"step": address},
            vi="`{step}` chưa có ý kiến nào: đang chờ ý kiến đầu tiên hoặc chờ kết thúc đăng tải",
        )
        return Reason("nothing-to-show", phrase)
    units = tuple(asked.unit for asked in each.view.state.asked)
    phrase = Phrase(
        "`{step}` has no opinion yet: it waits for {count} bodies",
        {"step": address, "count": len(units)},
        vi="`{step}` chưa có ý kiến nào: đang chờ {count} cơ quan, đơn vị",
    )
    return Reason("nothing-to-show", phrase, units)


def tally(view: PaperView, each: PaperRound) -> dict[str, Any]:
    """Count one round, and name who is silent; the numbers are the step's own."""
    state = each.view.state
    if each.uses == COMMENTS:
        counts = state.counts()
        return {
            "public": True,
            "comments": counts.comments,
            "answered": counts.answered,
            "unanswered": counts.unanswered,
            "posted_on": short_day(state.posted_on),
            "closed_on": short_day(state.closed_on),
            "address": state.address or "",
        }
    counts, said = state.counts(), state.positions()
    silent = [asked.unit for asked in state.asked if asked.successor is None and asked.unit not in said]
    return {
        "public": False,
        "asked": counts.asked,
        "answered": counts.answered,
        "agreed": counts.agreed,
        "agreed_fully": sum(all(one == "agree" for one in positions) for positions in said.values()),
        "silent": counts.silent,
        "silent_names": [view.name(unit) for unit in silent],
        "late": counts.late,
        "after_close": counts.after_close,
    }


def _round(view: PaperView, each: PaperRound) -> dict[str, Any]:
    stated = each.view
    declared = view.definition.documents.get(stated.options.document or "")
    suffix = f" (lần {stated.round})" if stated.round > 1 else ""
    rows = list(_comments(each) if each.uses == COMMENTS else _letters(view, each))
    return {
        "title": f"{stated.title.vi}{suffix}",
        "address": stated.address,
        "documents": [declared.title.vi] if declared is not None else [],
        "about": ", ".join(_revisions(each)),
        "opened_on": short_day(stated.opened_on),
        **{"tally": tally(view, each)},
        "rows": [{"number": number, **row} for number, row in enumerate(rows, 1)],
    }


def _revisions(each: PaperRound) -> Iterable[str]:
    """The revisions on which opinions were asked, by name."""
    state = each.view.state
    if each.uses == COMMENTS:
        return [state.posted_revision] if state.posted_revision else []
    return dict.fromkeys(sent.name for sent in state.sent)


def _letters(view: PaperView, each: PaperRound) -> Iterator[dict[str, Any]]:
    """The opinions that stand, those of one unit together, in the order in which the units were asked."""
    state = each.view.state
    for asked in state.asked:
        for opinion in state.standing(asked.unit):
            yield {
                "body": view.name(opinion.unit),
                "letter": _letter(opinion.letter, opinion.letter_date),
                "late": "gửi sau khi kết thúc" if opinion.after_close else "trả lời chậm" if opinion.late else "",
                **_said(opinion),
            }


def _comments(each: PaperRound) -> Iterator[dict[str, Any]]:
    for comment in each.view.state.comments:
        late = "gửi sau khi kết thúc" if comment.late else ""
        yield {"body": comment.sender or "", "letter": f"ngày {short_day(comment.on)}", "late": late, **_said(comment)}


def _said(opinion: Any) -> dict[str, Any]:
    """What an opinion is about, what it says, and what became of it."""
    return {
        "article": opinion.article or "",
        "about": opinion.about or "",
        "position": POSITIONS[opinion.position],
        "text": opinion.text or "",
        "verdict": VERDICTS.get(opinion.verdict or "", ""),
        "taken_in": opinion.taken_in or "",
        "reason": opinion.reason or "",
        "open": opinion.wants_answer,
    }


def _letter(number: str | None, day: str | None) -> str:
    parts = [f"Văn bản số {number}" if number else "", f"ngày {short_day(day)}" if day else ""]
    return " ".join(part for part in parts if part)
