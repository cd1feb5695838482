"""The submission paper (tờ trình): what is put up, how it was made, who was asked, what is enclosed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trinh_plugins.papers.form import heading, issuer_of, recipients
from trinh_plugins.papers.opinions import COMMENTS, LETTERS, VERDICTS, tally
from trinh_plugins.papers.wording import is_doing, led, letter, short_day
from workflow import PaperView

DOCUMENT = "submission-paper"


def data(view: PaperView) -> dict[str, Any]:
    """Return the fields of the paper."""
    body, about = issuer_of(view), _subject(view)
    addressed = [view.name(each) for each in _goes_to(view)] or ([view.name(body.superior)] if body.superior else [])
    return {
        **heading(view, document=DOCUMENT, paper_type="Tờ trình", code="TTr", subject=led("Về", about)),
        "addressed_to": addressed,
        "about": about,
        "matter": f"việc {about[:1].lower()}{about[1:]}" if is_doing(about) else f"đối với {about}",
        "plan_title": view.title.vi,
        "body_name": view.name(body.unit),
        "drafts": list(_drafts(view)),
        "asked": [_asked(view, each) for each in view.rounds_of(LETTERS, COMMENTS)],
        "explained": list(_explained(view)),
        "enclosed": list(_enclosed(view)),
        "recipients": recipients(view, "Như trên"),
    }


def _subject(view: PaperView) -> str:
    """The title of what is put up: the draft that it encloses, else the plan's first draft, else the plan itself."""
    declared = view.definition.documents
    enclosed = declared[DOCUMENT].encloses if DOCUMENT in declared else ()
    shown = [id_ for id_ in (*enclosed, *declared) if id_ not in view.confidential]
    return next((declared[id_].title.vi for id_ in shown if declared[id_].numbered), view.title.vi)


def _goes_to(view: PaperView) -> tuple[str, ...]:
    """Whom the step with which it is submitted goes to: the last one that takes the paper to a body."""
    found: tuple[str, ...] = ()
    for address, step in view.definition.steps.items():
        papers = (*step.with_.get("documents", ()), *step.with_.get("papers", ()))
        if step.with_.get("body") and DOCUMENT in papers and address not in view.confidential:
            found = (step.with_["body"],)
    return found


def _drafts(view: PaperView) -> Iterator[dict[str, Any]]:
    """Every revision of the documents that go through drafts."""
    for made in view.plan.revisions:
        declared = view.definition.documents.get(made.document)
        if declared is not None and declared.numbered and made.document not in view.confidential:
            yield {
                "document": declared.title.vi,
                "name": made.name,
                "number": made.number,
                "on": short_day(made.made_on),
            }


def _asked(view: PaperView, each: Any) -> dict[str, Any]:
    return {
        "title": each.view.title.vi,
        "opened_on": short_day(getattr(each.view.state, "posted_on", None) or each.view.opened_on),
        "completed_on": short_day(each.completed_on),
        **{"public": False, "tally": tally(view, each)},
    } | {"public": each.uses == COMMENTS}


def _explained(view: PaperView) -> Iterator[dict[str, Any]]:
    """The opinions that were not, or not wholly, taken in: the points of dissent."""
    number = 0
    for each in view.rounds_of(LETTERS, COMMENTS):
        public = each.uses == COMMENTS
        for opinion in each.view.state.comments if public else each.view.state.opinions:
            if opinion.verdict not in ("partly", "explained") or not (public or opinion.stands):
                continue
            number += 1
            yield {
                "number": number,
                "body": (opinion.sender or "") if public else view.name(opinion.unit),
                "article": opinion.article or "",
                "text": opinion.text or "",
                "verdict": VERDICTS[opinion.verdict],
                "taken_in": opinion.taken_in or "",
                "reason": opinion.reason or "",
            }


def _enclosed(view: PaperView) -> Iterator[dict[str, Any]]:
    """The documents that go with it; of each the newest revision, or that there is none yet."""
    declared = view.definition.documents.get(DOCUMENT)
    named = declared.encloses if declared is not None else ()
    if not named:
        named = tuple(id_ for id_ in view.definition.documents if id_ != DOCUMENT)
    shown = [id_ for id_ in named if id_ not in view.confidential]
    for position, document in enumerate(shown):
        newest, number = view.plan.latest_revision(document), view.number(document)
        numbered = view.definition.documents[document].numbered
        yield {
            "letter": letter(position),
            "title": view.definition.documents[document].title.vi,
            "revision": newest.name if newest is not None and numbered else "",
            "on": short_day(newest.made_on) if newest is not None else "",
            "symbol": number.symbol if number is not None else "",
            "missing": newest is None,
        }
