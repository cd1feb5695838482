"""Sentences for things that are codes inside: what happened, states of a plan, dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workflow.cli.refusals import refusal_words
from workflow.errors import N_, Phrase
from workflow.messages import ATTEMPT_REFUSED

if TYPE_CHECKING:
    from workflow.catalogue import Catalogue
    from workflow.cli.titles import Titles
    from workflow.messages import Event

Day = Callable[[str], str]
"""How the reader writes days; left out where they stay as they are stored."""
_WHOLE_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

HAPPENED: Mapping[str, str] = {
    "plan_created": N_("plan started in stage {stage}"),
    "transition_fired": N_("{trigger}: from {from} to {to}"),
    "step_opened": N_("step {step} opened, round {round}"),
    "step_acted": N_("{action} on {step}, round {round}: {from} to {to}"),
    "step_ended": N_("step {step} ended, round {round}"),
    "plan_finished": N_("plan finished in stage {stage}"),
    "plan_suspended": N_("plan suspended"),
    "plan_resumed": N_("plan goes on"),
    "plan_cancelled": N_("plan cancelled"),
    "plan_reopened": N_("plan opened again"),
    "number_issued": N_("number {symbol} given"),
    "event_corrected": N_("event {seq} undone: entered in error"),
    "plan_amended": N_("plan amended: {added}"),
    "plan_handed_over": N_("open work of {from} passed on to {to}"),
    "dates_moved": N_("due dates moved ({kind}): {moved}"),
    "extension_asked": N_("a later day asked for: {where}, {due}"),
    "extension_refused": N_("a later day refused: {where}"),
    "reminded": N_("{to} reminded of {step}, {key}: due {due} ({rung} before)"),
    "reminder_skipped": N_("{to} not reminded of {step}, {key}, due {due} ({rung} before): it was too late for that"),
    "escalated": N_("{to} told that {step}, {key} is late: due {due} ({rung} after)"),
    "content_withdrawn": N_("texts and files of event {seq} withdrawn from the record"),
    "calendar_loaded": N_("calendar file taken in, version {version}"),
    "people_loaded": N_("register of people taken in, version {version}"),
    "definition_added": N_("definition {id} version {version} taken in"),
    "attempt_refused": N_("refused: {command} of {plan} ({code})"),
    "effect_done": N_("effect {effect} ({kind}) carried out"),
    "effect_parked": N_("effect {effect} ({kind}) parked after {tries} {tries|try|tries}"),
    "effect_retried": N_("effect {effect} ({kind}) is to be tried again"),
    "effect_dropped": N_("effect {effect} ({kind}) dropped"),
    "projection_rebuilt": N_("rows of {plan} made anew from its events"),
    "key_added": N_("key {id} made, which signs seals"),
    "key_retired": N_("key {id} retired: it signs no more"),
    "exported": N_("exported as {format}: {count} {count|plan|plans}"),
    "bundled": N_("bundled for somebody outside: {count} {count|chain|chains}"),
}

ACTED = N_("{action} on {step}, round {round}")
"""An act that left the step in the state in which it was."""

CAUSES: Mapping[str, str] = {
    "calendar": N_("the calendar changed"),
    "resumed": N_("the plan goes on after a suspension"),
    "extension": N_("a later day was granted"),
    "reschedule": N_("the date was set anew"),
    "acted": N_("an act set the date"),
    "corrected": N_("an entry was undone"),
}

CHANGES: Mapping[str, str] = {
    "added-off": N_("given off: {days} ({source})"),
    "added-worked": N_("worked: {days} ({source})"),
    "removed-off": N_("off no more: {days} (was: {source})"),
    "removed-worked": N_("worked no more: {days} (was: {source})"),
}

POLICY_NAMES: Mapping[str, str] = {
    "before": N_('"before a day"'),
    "fixed_day_off": N_("a fixed day that is a day off"),
    "term_day_off": N_("a term that ends on a day off"),
}
READINGS: Mapping[str, str] = {
    "strict": N_("the day before"),
    "inclusive": N_("that day included"),
    "keep": N_("as it is"),
    "working-day-before": N_("the working day before"),
    "working-day-after": N_("the working day after"),
}
"""What an office may say of each policy."""


def event_words(event: Event, catalogue: Catalogue, titles: Titles | None = None, day: Day = str) -> str:
    """Return one sentence saying what happened, with titles for ids where there are any."""
    if event.type == ATTEMPT_REFUSED and titles is not None:
        return refusal_words(event, catalogue, titles)
    message = HAPPENED.get(event.type)
    if message is None:
        return event.type
    if event.type == "step_acted" and event.data["from"] == event.data["to"]:
        message = ACTED
    values: dict[str, Any] = {name: _flat(value, str if name == "key" else day) for name, value in event.data.items()}
    if event.type == "dates_moved":
        moves = [f"{move['where']} {_moved(move, day)}" for move in event.data["moves"]]
        values |= {"kind": catalogue.message(CAUSES[event.data["cause"]["kind"]]), "moved": ", ".join(moves)}
    if titles is not None:
        values |= titles.of(event)
    return catalogue.message(message, **values)


def told_words(phrase: Phrase, catalogue: Catalogue, day: Day) -> str:
    """Return what an act did as its step type tells it."""
    params = {name: said(value, day) if isinstance(value, str) else value for name, value in phrase.params.items()}
    return catalogue.text(replace(phrase, params=params))


def _moved(move: Mapping[str, Any], day: Day) -> str:
    return f"{day(move['from'] or '-')} -> {day(move['to'] or '-')}"


def change_words(change: Mapping[str, Any], catalogue: Catalogue, source: str | None = None, *, day: Day = str) -> str:
    """Return what one change of a calendar file is: days with where that was announced, or a policy from and to."""
    if change["change"] == "policy":
        return reading_words(change["policy"], change["to"], catalogue, change["from"], change.get("definition"))
    known = source or change.get("source") or "-"
    return "; ".join(
        catalogue.message(CHANGES[f"{change['change']}-{key}"], days=", ".join(map(day, change[key])), source=known)
        for key in ("off", "worked")
        if change.get(key)
    )


def reading_words(
    policy: str, reading: str, catalogue: Catalogue, before: str | None = None, definition: str | None = None
) -> str:
    """Return how a date is read, in words; *before* is how it was read until now."""
    values = {"policy": catalogue.message(POLICY_NAMES[policy]), "reading": catalogue.message(READINGS[reading])}
    message = N_("{policy}: {reading}")
    if before is not None:
        message, values["before"] = N_("{policy}: {before} -> {reading}"), catalogue.message(READINGS[before])
    words = catalogue.message(message, **values)
    return f"{words} ({definition})" if definition else words


def said(value: str, day: Day) -> str:
    """Only what is a day as a whole is one: names of items and numbers of papers have days in them."""
    return day(value) if _WHOLE_DAY.fullmatch(value) else value


def _flat(value: Any, day: Day) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {said(str(item), day)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(said(str(item), day) for item in value)
    return said(str(value), day)


def state_words(state: str, catalogue: Catalogue) -> str:
    """Return a plan's state in words."""
    from workflow.plan.state import STATUSES

    return catalogue.text(STATUSES[state]) if state in STATUSES else state


def due_words(due: Mapping[str, Any], catalogue: Catalogue) -> str:
    """Return the day or month by which something is due, or why there is none; empty if undated."""
    day = due.get("due")
    if day:
        return str(day)[:7] if due.get("precision") == "month" else str(day)
    kind = due.get("kind")
    if kind == "undecided":
        return catalogue.message(N_("undecided"))
    if kind == "continuous":
        return catalogue.message(N_("lasting"))
    return catalogue.message(N_("on request")) if kind == "on_request" else ""


def window_words(due: Mapping[str, Any], catalogue: Catalogue) -> str:
    """Return `START .. DUE`, or what is known of it."""
    start, end = due.get("start"), due_words(due, catalogue)
    if not start or due.get("precision") == "month" or str(start) == end:
        return end
    return f"{start} .. {end}"
