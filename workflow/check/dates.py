"""Rules on dates: days that exist, windows that end after they begin, stages in the order of time."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from workflow import deadlines
from workflow.check.subject import Subject
from workflow.errors import Phrase
from workflow.language.definition import Timed
from workflow.language.problems import Path, Problem


@dataclass(frozen=True)
class Span:
    """First and last day of a date as written; None where it has no such end. `key` is its key."""

    key: str
    start: date | None
    end: date


class _NoSuchDay(ValueError):
    """The day is written well, but no calendar has it."""


def span(timed: Timed) -> Span | None:
    """Return what a fixed date covers, None for any other.

    Raises:
        ValueError: If there is no such day.
    """
    if timed.window:
        first, last = timed.window.split("/")
        return Span("window", _day(first), _day(last))
    if timed.month:
        first, _, last = timed.month.partition("/")
        return Span("month", _day(first + "-01"), _last_day(last or first))
    if timed.due:
        return Span("due", None, _day(timed.due))
    if timed.before:
        return Span("before", None, _day(timed.before) - timedelta(days=1))
    return None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise _NoSuchDay(text) from exc


def _last_day(month: str) -> date:
    first = _day(month + "-01")
    return first.replace(day=monthrange(first.year, first.month)[1])


def possible_days(subject: Subject) -> Iterator[Problem]:
    """Every day must exist, and every window end on or after the day on which it begins."""
    dated: list[tuple[Path, Timed]] = [(("stages", id_), stage) for id_, stage in subject.definition.stages.items()]
    dated += [(placed.path, placed.step) for placed in subject.steps]
    for path, timed in dated:
        try:
            covered = span(timed)
        except _NoSuchDay as exc:
            key = next(key for key in ("window", "month", "due", "before") if getattr(timed, key))
            yield _impossible(subject, (*path, key), str(exc))
            continue
        if covered and covered.start and covered.end < covered.start:
            phrase = Phrase("the window ends on {end}, before it begins on {start}", _ends(covered.start, covered.end))
            yield subject.error("window-ends-before-start", (*path, covered.key), phrase)
    for path, text in _single_days(subject):
        try:
            _day(text)
        except _NoSuchDay:
            yield _impossible(subject, path, text)


def _single_days(subject: Subject) -> Iterator[tuple[Path, str]]:
    for index, basis in enumerate(subject.definition.bases):
        if basis.date:
            yield ("bases", index, "date"), basis.date
    for id_, step in subject.definition.alongside.items():
        if step.until is not None and step.until.date:
            yield ("alongside", id_, "until", "date"), step.until.date


def _impossible(subject: Subject, path: Path, text: str) -> Problem:
    return subject.error("impossible-date", path, Phrase("there is no day {day}", {"day": text}))


def order_of_stages(subject: Subject) -> Iterator[Problem]:
    """Stages follow each other in time; where their windows overlap or leave days between, say so."""
    before: Span | None = None
    neighbours = False
    for id_, stage in subject.definition.stages.items():
        try:
            covered = span(stage)
        except _NoSuchDay:
            covered = None
        if covered is None:
            neighbours = neighbours and stage.inherit
            continue
        if before is not None:
            yield from _following(subject, ("stages", id_, covered.key), before, covered, neighbours)
        before, neighbours = covered, True


def _following(subject: Subject, path: Path, before: Span, now: Span, neighbours: bool) -> Iterator[Problem]:
    both_begin = before.start is not None and now.start is not None
    earlier, later = (before.start, now.start) if both_begin else (before.end, now.end)
    if earlier is not None and later is not None and later < earlier:
        phrase = Phrase("{day} comes before {other} of the stage before", {"day": str(later), "other": str(earlier)})
        yield subject.warning("windows-out-of-order", path, phrase)
    elif now.start is not None and before.start is not None and (now.start, now.end) != (before.start, before.end):
        days = (now.start - before.end).days - 1
        if days < 0:
            phrase = Phrase("begins on {start}, while the stage before lasts until {end}", _ends(now.start, before.end))
            yield subject.note("windows-overlap", path, phrase)
        elif days > 0 and neighbours:
            phrase = Phrase(
                "{days} {days|day|days} {days|lies|lie} between {end} and {start}",
                {"days": days, **_ends(now.start, before.end)},
            )
            yield subject.note("window-gap", path, phrase)


def dates_that_wait(subject: Subject) -> Iterator[Problem]:
    """No dates wait for each other, and what inherits a date has a row above."""
    paths = {placed.address: placed.path for placed in subject.steps}
    for fault in deadlines.faults(subject.definition):
        address = fault.phrase.params["address"]
        if fault.code == "date-cycle":
            stage = subject.definition.stages[address]
            key = ("inherit",) if stage.inherit else ("after" if stage.after else "back_from", "stage")
            phrase = Phrase("these dates wait for each other: {stages}", {"stages": fault.phrase.params["stages"]})
            yield subject.error("date-cycle", ("stages", address, *key), phrase)
        elif fault.code == "nothing-above":
            path = ("stages", address) if address in subject.definition.stages else paths[address]
            phrase = Phrase("there is no row above to inherit a date from")
            yield subject.error("nothing-above", (*path, "inherit"), phrase)


def _ends(start: date, end: date) -> dict[str, str]:
    return {"start": start.isoformat(), "end": end.isoformat()}


RULES = (possible_days, order_of_stages, dates_that_wait)
