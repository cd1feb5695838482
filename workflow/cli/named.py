"""Units, offices and people as somebody types them: by id, name or alias."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workflow.errors import N_, InvalidInput

if TYPE_CHECKING:
    from workflow.cli.parameters import Given
    from workflow.cli.settings import Settings
    from workflow.people import Kind

UNIT: tuple[Kind, ...] = ("unit",)
PERSON: tuple[Kind, ...] = ("person",)
BODY: tuple[Kind, ...] = ("unit", "office")
HOLDER: tuple[Kind, ...] = ("unit", "office", "role", "person")
_REFERENCES: Mapping[str, tuple[Kind, ...]] = {"unit": UNIT, "holder": HOLDER}


def id_of(settings: Settings, text: str, kinds: tuple[Kind, ...]) -> str:
    """Return the id of what *text* names: an id, a name or an alias; *text* itself where nothing has it.

    A part of a name is enough for a unit. Who acts is not guessed: a person is named in full.

    Raises:
        InvalidInput: If it may be several, or is a part of people's names alone; they are named.
    """
    register = settings.service.register
    text = unicodedata.normalize("NFC", text)
    if register.known(text):
        return text
    whole = "person" in kinds
    found = register.search(text, kinds, whole=whole)
    today = settings.today()
    if len(found) > 1:
        # Of a name that two units had one after the other the present one is meant.
        found = tuple(id_ for id_ in found if register.holds(id_, today)) or found
    if len(found) == 1:
        return found[0]
    candidates = found or (register.search(text, kinds) if whole else ())
    if not candidates:
        return text
    raise InvalidInput(
        N_("`{name}` is not one id or name; it may be: {candidates}"),
        code="ambiguous-name",
        hint=N_("Type the id, or the whole name."),
        name=text[:120],
        candidates=", ".join(f"{id_} ({register.name(id_) or id_})" for id_ in candidates[:8]),
    )


def optional(settings: Settings, text: str | None, kinds: tuple[Kind, ...]) -> str | None:
    """Return the id of what *text* names; None where nothing was given."""
    return None if text is None else id_of(settings, text, kinds)


def place_of(plan: str, seq: int | None) -> tuple[str, int]:
    """Return the chain and the number of an event, given as two words or as `PLAN#SEQ`.

    Raises:
        InvalidInput: If no number is given.
    """
    chain, mark, number = plan.rpartition("#")
    if seq is None and mark and number.isascii() and number.isdigit() and 0 < len(number) < 10 and int(number):
        return chain, int(number)
    if seq is None:
        raise InvalidInput(
            N_("say which event of {plan} it is"), code="no-event", hint=N_("PLAN SEQ, or PLAN#SEQ"), plan=plan[:120]
        )
    return plan, seq


def with_ids(settings: Settings, given: Sequence[Given], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return an action's parameters with the ids of the units and people that they name."""
    named = dict(values)
    for one in given:
        key, kinds = one.field.alias or one.name, _REFERENCES.get(one.shape.reference or "")
        if kinds is None or one.shape.mapping or key not in named:
            continue
        value = named[key]
        named[key] = (
            [id_of(settings, each, kinds) for each in value]
            if isinstance(value, list)
            else id_of(settings, value, kinds)
        )
    return named
