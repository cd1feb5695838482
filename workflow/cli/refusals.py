"""Attempts that were refused, in words: what somebody tried in vain, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workflow.cli.labels import REFUSALS
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.catalogue import Catalogue
    from workflow.cli.titles import Titles
    from workflow.messages import Event


def refusal_words(event: Event, catalogue: Catalogue, titles: Titles) -> str:
    """Return what somebody tried in vain, and that nothing was changed by it."""
    what, step = titles.refused(event)
    if step:
        return catalogue.message(N_("refused: {what} on {step}; nothing was changed"), what=what, step=step)
    return catalogue.message(N_("refused: {what}; nothing was changed"), what=what)


def refusal_details(event: Event, catalogue: Catalogue) -> Iterator[str]:
    """Yield why it was refused, as far as the record says it: the codes of its reasons, in words where known."""
    codes = dict.fromkeys(event.data.get("reasons") or [event.data["code"]])
    words = dict.fromkeys(_words(code, catalogue) for code in codes)
    yield f"{catalogue.message(N_('reasons'))}: {'; '.join(words)}"


def _words(code: str, catalogue: Catalogue) -> str:
    return catalogue.message(REFUSALS[code]) if code in REFUSALS else code.replace("-", " ")
