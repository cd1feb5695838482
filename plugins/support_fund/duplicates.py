"""Applications that look like an earlier one: the same applicant for the same head.

The applicant's name is kept beside the trail and can be withdrawn, so the state may not hold it. It holds a
digest of name and head, so short that other names have it too: enough to warn a person who then looks, too
little to prove a name by.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from typing import Final

from trinh_plugins.support_fund.applications import Application
from trinh_plugins.support_fund.money import dong
from workflow import Phrase, Reason, StepView

_DIGITS: Final = 6


def bare(text: str) -> str:
    """Return the letters as they are compared: without case, accents and doubled blanks; đ has no decomposition."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(letter for letter in apart if not unicodedata.combining(letter)).split())


def likeness(plan: str, step: str, applicant: str, head: str | None) -> str:
    """Return the digest by which an application is compared; letters count, accents and signs do not."""
    name = "".join(letter for letter in bare(applicant) if letter.isalnum())
    return hashlib.sha256("\n".join((plan, step, head or "", name)).encode()).hexdigest()[:_DIGITS]


def like_ones(applications: Sequence[Application], alike: str) -> tuple[Application, ...]:
    """Return the earlier applications that are not withdrawn and have the same digest."""
    return tuple(each for each in applications if each.alike == alike and each.phase != "withdrawn")


def warning(view: StepView, number: int, like: Sequence[Application], titles: Sequence[tuple[str, str]]) -> Reason:
    """Return what is told to whoever receives it: which ones, how far they have come, and how one of two goes.

    Args:
        number: The application that is received.
        titles: What each of them waits for or came to, Vietnamese and English.
    """
    vi = ", ".join(f"số {each.number} ({_sum(each)}{title[0]})" for each, title in zip(like, titles, strict=True))
    en = ", ".join(f"{each.number} ({_sum(each)}{title[1]})" for each, title in zip(like, titles, strict=True))
    # What is settled already is not withdrawn any more: then this one goes.
    gone = next((each.number for each in reversed(like) if each.open), number)
    command = f"workflow act {view.plan.id} {view.address} withdraw --application {gone} --reason …"
    phrase = Phrase(
        f"the same applicant may have applied for the same head before: application {en}; this one is number"
        " {number}. If it is the same one, mended, take one of the two out: `{command}`;"
        " what was entered in error: `workflow correct {plan} EVENT`",
        {"number": number, "command": command, "plan": view.plan.id},
        vi=f"có thể trùng bên đề nghị và nội dung hỗ trợ với hồ sơ {vi}; hồ sơ này là số"
        " {number}. Nếu là cùng một hồ sơ đã sửa thì rút một trong hai: `{command}`;"
        " nếu nhập nhầm: `workflow correct {plan} SỰ-KIỆN`",
    )
    return Reason("possible-duplicate", phrase)


def _sum(application: Application) -> str:
    return f"{dong(application.asked)} đồng, " if application.asked is not None else ""
