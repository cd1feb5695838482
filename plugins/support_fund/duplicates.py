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
from workflow import Phrase, Reason

_DIGITS: Final = 6


def likeness(plan: str, step: str, applicant: str, head: str | None) -> str:
    """Return the digest by which an application is compared; letters count, accents and signs do not."""
    bare = unicodedata.normalize("NFD", applicant.casefold().replace("đ", "d"))
    name = "".join(letter for letter in bare if letter.isalnum())
    return hashlib.sha256("\n".join((plan, step, head or "", name)).encode()).hexdigest()[:_DIGITS]


def like_ones(applications: Sequence[Application], alike: str) -> tuple[Application, ...]:
    """Return the earlier applications that are not withdrawn and have the same digest."""
    return tuple(each for each in applications if each.alike == alike and each.phase != "withdrawn")


def warning(like: Sequence[Application], titles: Sequence[tuple[str, str]]) -> Reason:
    """Return what is told to whoever receives it: which ones, and how far they have come.

    Args:
        titles: What each of them waits for or came to, Vietnamese and English.
    """
    numbers = ", ".join(str(each.number) for each in like)
    vi = ", ".join(f"số {each.number} ({title[0]})" for each, title in zip(like, titles, strict=True))
    en = ", ".join(f"{each.number} ({title[1]})" for each, title in zip(like, titles, strict=True))
    phrase = Phrase(
        f"the same applicant may have applied for the same head before: application {en}",
        {"numbers": numbers},
        vi=f"có thể trùng bên đề nghị và nội dung hỗ trợ với hồ sơ {vi}",
    )
    return Reason("possible-duplicate", phrase)
