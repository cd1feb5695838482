"""What click says against wrong usage, in the reader's language.

Click hands out finished English sentences. Each is known here by its pattern, and said again by the
catalogue; one that a later click words in another way is shown as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workflow.cli.translated import PLACEHOLDERS
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.catalogue import Catalogue

SAID = (
    N_("No such command {name}. Did you mean {guess}?"),
    N_("No such command {name}. (Did you mean one of: {guess}?)"),
    N_("No such command {name}."),
    N_("No such option {name}. Did you mean {guess}?"),
    N_("No such option {name}. (Did you mean one of: {guess}?)"),
    N_("No such option {name}."),
    N_("Missing command."),
    N_("Missing argument {name}. Choose from: {choices}"),
    N_("Missing argument {name}."),
    N_("Missing option {name}. Choose from: {choices}"),
    N_("Missing option {name}."),
    N_("Missing parameter: {name}"),
    N_("Got unexpected extra argument ({name})"),
    N_("Got unexpected extra arguments ({name})"),
    N_("Option {name} requires an argument."),
    N_("Option {name} does not take a value."),
    N_("Invalid value for {name}: {message}"),
    N_("Invalid value: {message}"),
    N_("{value} is not one of {choices}."),
    N_("{value} is not a valid integer."),
    N_("{value} is not a valid integer range."),
    N_("{value} is not a valid float."),
    N_("{value} is not in the range {range}."),
    N_("{value} is not a date; write it as 2019-04-15 or 15/04/2019."),
    N_("{value} is not a number of days; write it as 7d or 2w."),
    N_("{value} is not NAME=VALUE."),
    N_("this is not JSON: {detail}"),
)
"""The sentences; the longer one of two that begin alike comes first."""


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", sentence)
    return re.compile(
        "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)), re.DOTALL
    )


def said_by_click(text: str, catalogue: Catalogue) -> str:
    """Return click's sentence *text* in the language of *catalogue*."""
    plain = " ".join(text.split())
    for sentence in SAID:
        if found := _pattern(sentence).fullmatch(plain):
            places = found.groupdict()
            if "message" in places:
                places["message"] = said_by_click(places["message"], catalogue)
            elif "name" in places:
                # A missing argument is named by its placeholder.
                core = places["name"].strip("'[].")
                if core in PLACEHOLDERS:
                    places["name"] = places["name"].replace(core, catalogue.message(core))
            return catalogue.message(sentence, **places)
    return text
