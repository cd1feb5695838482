"""Taking in a letter: is the unit asked, is it its first letter, which revision does it speak of."""

from __future__ import annotations

from datetime import date
from typing import Any

from trinh_plugins._opinions import unkept
from trinh_plugins.consultation.options import Respond, Supersede
from trinh_plugins.consultation.rules import lead, refused
from trinh_plugins.consultation.state import Asked, Opinion
from workflow import Phrase, Reason, Refused, StepView, prose


def first_letter(view: StepView, parameters: Respond, on: date) -> dict[str, Any]:
    """Return the event's data for an opinion of the unit's first letter.

    A letter has several opinions where it speaks of several articles; a second letter never counts by
    itself, and the refusal says how it can.

    Raises:
        Refused: With one reason for each thing that is wrong.
    """
    reasons = [*_unasked(view, parameters.unit), *_of_letter(view, parameters, on)]
    earlier = view.state.standing(parameters.unit)
    same = tuple(opinion for opinion in earlier if _letter(opinion) == _key(parameters))
    if earlier and not same:
        reasons.append(_second_letter(view, earlier[0]))
    elif any(opinion.article == parameters.article for opinion in same):
        reasons.append(_said_already(view, same[0], parameters.article))
    if reasons:
        raise _not_recorded(reasons)
    data = _data(view, parameters, on)
    if same and _key(parameters) != (None, None):
        # A letter came when its first opinion came; without number and date each day is one of its own.
        first = same[0]
        data |= {"came_on": first.on, "late": first.late, "after_close": first.after_close}
    return data


def second_letter(view: StepView, parameters: Supersede, on: date) -> dict[str, Any]:
    """Return the event's data for an opinion that takes the place of earlier ones.

    Raises:
        Refused: With one reason for each thing that is wrong.
    """
    reasons = [*_unasked(view, parameters.unit), *_of_letter(view, parameters, on)]
    earlier = view.state.standing(parameters.unit)
    if parameters.opinion is not None:
        earlier = tuple(opinion for opinion in earlier if opinion.id == parameters.opinion)
    if not earlier:
        phrase = Phrase(
            "there is no opinion of {unit} that this could take the place of",
            {"unit": parameters.unit},
            vi="{unit} chưa có ý kiến nào để thay thế",
        )
        reasons.append(Reason("nothing-to-supersede", phrase))
    if reasons:
        raise _not_recorded(reasons)
    return {**_data(view, parameters, on), "supersedes": [opinion.id for opinion in earlier]}


def _data(view: StepView, given: Respond, on: date) -> dict[str, Any]:
    asked: Asked = view.state.asked_unit(given.unit)
    sent = view.state.sent_to(given.unit)
    return {
        "unit": given.unit,
        "position": given.position,
        "article": given.article,
        "text": prose(given.text),
        "letter": given.letter,
        "letter_date": given.letter_date.isoformat() if given.letter_date else None,
        "about": given.about or (sent[-1] if sent else None),
        "late": asked.due is not None and on.isoformat() > asked.due,
        "after_close": view.phase != "open",
    }


def _unasked(view: StepView, unit: str) -> tuple[Reason, ...]:
    asked = view.state.asked_unit(unit)
    places = {"step": view.address, "unit": unit}
    if asked is None:
        phrase = Phrase("{unit} was not invited to `{step}`", places, vi="{unit} không được lấy ý kiến ở `{step}`")
        return (Reason("not-invited", phrase),)
    if asked.successor is not None:
        phrase = Phrase(
            "{unit} was replaced by {successor} in `{step}`",
            {**places, "successor": asked.successor},
            vi="{unit} đã được thay bằng {successor} ở `{step}`",
        )
        return (Reason("replaced", phrase, (asked.successor,)),)
    return ()


def _of_letter(view: StepView, given: Respond, on: date) -> tuple[Reason, ...]:
    reasons = [*unkept({"text": given.text}, {"article": given.article, "letter": given.letter})]
    if given.letter_date is not None and given.letter_date > on:
        phrase = Phrase(
            "the letter's date {letter_date} lies after {on}",
            {"letter_date": given.letter_date.isoformat(), "on": on.isoformat()},
            vi="ngày công văn {letter_date} sau ngày {on}",
        )
        reasons.append(Reason("letter-in-future", phrase))
    sent = view.state.sent_to(given.unit)
    if given.about is not None and given.about not in sent and view.state.asked_unit(given.unit) is not None:
        phrase = Phrase(
            "revision {about} was not sent to {unit}; it got {sent}",
            {"about": given.about, "unit": given.unit, "sent": ", ".join(sent) or "-"},
            vi="bản {about} không được gửi cho {unit}; đã gửi: {sent}",
        )
        reasons.append(Reason("not-sent-revision", phrase, lead(view)))
    elif view.options.document is not None and not sent and view.state.asked_unit(given.unit) is not None:
        phrase = Phrase(
            "no revision of `{document}` was sent to {unit}, so there is nothing to speak of; `send` it first",
            {"document": view.options.document, "unit": given.unit},
            vi="chưa gửi bản dự thảo nào của `{document}` cho {unit} để góp ý; cần `send` trước",
        )
        reasons.append(Reason("not-sent", phrase, lead(view)))
    return tuple(reasons)


def _second_letter(view: StepView, earlier: Opinion) -> Reason:
    phrase = Phrase(
        "{unit} answered on {on} already (letter {letter}); a second letter counts by `supersede` only",
        {"unit": earlier.unit, "on": earlier.on, "letter": earlier.letter or "-"},
        vi="{unit} đã có ý kiến ngày {on} (công văn {letter}); công văn thứ hai chỉ thay thế bằng `supersede`",
    )
    return Reason("already-answered", phrase, lead(view))


def _said_already(view: StepView, earlier: Opinion, article: str | None) -> Reason:
    phrase = Phrase(
        "{unit} answered on {on} already on {article}; name another article, or `supersede` it",
        {"unit": earlier.unit, "on": earlier.on, "article": article or "-"},
        vi="{unit} đã có ý kiến ngày {on} về {article}; nêu điều khoản khác, hoặc thay thế bằng `supersede`",
    )
    return Reason("already-answered", phrase, lead(view))


def _letter(opinion: Opinion) -> tuple[str | None, str | None]:
    return (opinion.letter, opinion.letter_date)


def _key(given: Respond) -> tuple[str | None, str | None]:
    return (given.letter, given.letter_date.isoformat() if given.letter_date else None)


def _not_recorded(reasons: list[Reason]) -> Refused:
    return refused("the opinion cannot be recorded", "không thể ghi ý kiến", *reasons)
