"""Names in the place of ids: what is owed may name units, and whoever reads it knows them by name."""

from __future__ import annotations

import re
from collections.abc import Callable

from workflow.language.definition import Text

_MARK = re.compile(r"\{([^{}\s]{1,120})\}")


def spelled(text: Text, name: Callable[[str], Text | None]) -> Text:
    """Return *text* with the name of each unit, office or person that stands in it as `{id}`.

    What *name* does not know stays as it is.
    """

    def in_language(language: str) -> Callable[[re.Match[str]], str]:
        def put(mark: re.Match[str]) -> str:
            named = name(mark[1])
            return mark[0] if named is None else named.in_language(language)

        return put

    if "{" not in text.vi and "{" not in (text.en or ""):
        return text
    en = None if text.en is None else _MARK.sub(in_language("en"), text.en)
    return Text(vi=_MARK.sub(in_language("vi"), text.vi), en=en)
