"""Reads a calendar file: YAML to rules, with every problem at its place."""

from __future__ import annotations

from collections.abc import Callable

from workflow.audit import canonical_json
from workflow.deadlines import Calendar
from workflow.deadlines.calendars import CalendarRules, problems_of
from workflow.errors import InvalidInput, Phrase, PluginFailed
from workflow.language.loader import load_model
from workflow.language.problems import DefinitionInvalid, Problem


class CalendarInvalid(DefinitionInvalid):
    """A calendar file that cannot be taken in: bad input, and no definition."""

    code = "calendar-invalid"
    exit_code = InvalidInput.exit_code


def read_rules(text: bytes, name: str, base: Callable[[str], Calendar]) -> tuple[CalendarRules, bytes]:
    """Parse a calendar file and return it with its canonical bytes.

    Args:
        base: The calendars by name, as plugins have them.

    Raises:
        CalendarInvalid: With every problem of the file.
    """
    try:
        rules, positions = load_model(text, name, CalendarRules)
    except DefinitionInvalid as error:
        raise CalendarInvalid(name, error.problems) from error
    try:
        faults = list(problems_of(rules, base(rules.name)))
    except PluginFailed as error:
        phrase = Phrase("there is no calendar `{name}`", {"name": rules.name})
        raise CalendarInvalid(name, [Problem(name, *positions[("name",)], "calendar", "error", phrase)]) from error
    if faults:
        raise CalendarInvalid(
            name, [Problem(name, *positions[path], "calendar", "error", phrase) for path, phrase in faults]
        )
    return rules, canonical_json(rules.model_dump(mode="json", exclude_unset=True))
