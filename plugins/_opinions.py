"""What every opinion has, whoever gives it: a position, texts that can be kept, and an answer.

The invited units' letters and the public's comments are judged by the same rules.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from workflow import Help, Parameters, Phrase, Prose, Reason, prose

Position = Literal["agree", "agree-with-comments", "disagree", "comments", "abstain"]
AGREEING = ("agree", "agree-with-comments")
NOTHING_TO_ANSWER = ("agree", "abstain")

TextRef = Mapping[str, str]
"""Where a text stands beside the chain: `{"text": "<hex>"}`. The words themselves are never in a state."""

Article = Annotated[str, Field(max_length=200)]
LetterNumber = Annotated[str, Field(max_length=100)]

_BREAKS = "\n\r\t"


class GivenAnswer(Parameters):
    """What becomes of an opinion; the parameters of every `answer`."""

    verdict: Literal["accepted", "partly", "explained"] = Field(
        description=Help("What becomes of the opinion", vi="Kết quả xử lý ý kiến")
    )
    taken_in: Prose | None = Field(
        None,
        description=Help("What is taken in; partly needs it", vi="Nội dung tiếp thu; cần nêu khi tiếp thu một phần"),
    )
    reason: Prose | None = Field(
        None,
        description=Help(
            "Why the rest is not; partly and explained need it",
            vi="Lý do không tiếp thu; cần nêu khi tiếp thu một phần hoặc giải trình",
        ),
    )


def wants_answer(position: str, verdict: str | None) -> bool:
    """True while there is something to answer and nobody did."""
    return position not in NOTHING_TO_ANSWER and verdict is None


def lacking(given: GivenAnswer, who: tuple[str, ...]) -> tuple[Reason, ...]:
    """Say what the answer lacks: each verdict needs its own texts."""
    reasons = []
    if given.verdict == "partly" and not _said(given.taken_in):
        phrase = Phrase("partly: say what is taken in (taken_in)", vi="tiếp thu một phần: phải nêu nội dung tiếp thu")
        reasons.append(Reason("taken-in-missing", phrase, who))
    if given.verdict == "partly" and not _said(given.reason):
        phrase = Phrase(
            "partly: give the reason why the rest is not taken in (reason)",
            vi="tiếp thu một phần: phải giải trình lý do phần không tiếp thu",
        )
        reasons.append(Reason("reason-missing", phrase, who))
    if given.verdict == "explained" and not _said(given.reason):
        phrase = Phrase("explained: give the reason (reason)", vi="giải trình: phải nêu lý do không tiếp thu")
        reasons.append(Reason("reason-missing", phrase, who))
    return (*reasons, *unkept({"taken_in": given.taken_in, "reason": given.reason}))


def answer_data(given: GivenAnswer) -> dict[str, Any]:
    """Return the answer as an event holds it."""
    return {"verdict": given.verdict, "taken_in": prose(given.taken_in), "reason": prose(given.reason)}


def answered(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a state keeps of an answer's event."""
    return {
        "verdict": data["verdict"],
        "answered_on": data["on"],
        "taken_in": text_ref(data, "taken_in"),
        # Until version 2 one text held both.
        "reason": text_ref(data, "reason") or text_ref(data, "text"),
    }


def text_ref(data: Mapping[str, Any], name: str) -> TextRef | None:
    """Return where the text *name* of an event stands; None where there is none (yet)."""
    value = data.get(name)
    return dict(value) if isinstance(value, Mapping) else None


def unkept(texts: Mapping[str, str | None], lines: Mapping[str, str | None] | None = None) -> tuple[Reason, ...]:
    """Name each text with control characters, which no paper or table can hold; line breaks and tabs may stay.

    Args:
        texts: By parameter; may have several lines.
        lines: By parameter; must be one line.
    """
    found = []
    for name, value in {**texts, **(lines or {})}.items():
        allowed = _BREAKS if name in texts else ""
        bad = next((c for c in value or "" if unicodedata.category(c) == "Cc" and c not in allowed), None)
        if bad is not None:
            code = f"U+{ord(bad):04X}"
            phrase = Phrase(
                "`{name}` has the control character {code}; take it out",
                {"name": name, "code": code},
                vi="`{name}` có ký tự điều khiển {code}, hãy bỏ đi",
            )
            found.append(Reason("control-character", phrase))
    return tuple(found)


def _said(text: str | None) -> bool:
    return bool(text and text.strip())
