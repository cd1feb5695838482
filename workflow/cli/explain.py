"""How a date came about: `due --explain ITEM`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from workflow.cli.output import Screen
from workflow.cli.words import CAUSES, change_words
from workflow.errors import N_
from workflow.language.definition import Text

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.views.times import CalendarDay, ExplainedMove, Explanation

RULES: Mapping[str, str] = {
    "window": N_("the last day of the window {start} to {due}"),
    "due": N_("the day as written: {written}"),
    "before": N_("before a day"),
    "month": N_("the last day of the month; late only after it"),
    "undecided": N_("undecided: {why}"),
    "continuous": N_("lasting: never late"),
    "on_request": N_("on request: never late"),
    "none": N_("no date"),
}
COUNTED: Mapping[tuple[bool, bool], str] = {
    (True, False): N_("{days} working days after {base}, which is not counted"),
    (False, False): N_("{days} calendar days after {base}, which is not counted"),
    (True, True): N_("{days} working days before {base}, which is not counted"),
    (False, True): N_("{days} calendar days before {base}, which is not counted"),
}
FIXED: Mapping[bool, str] = {
    False: N_("the day as written: {written}"),
    True: N_("before {written}"),
}
_BY_HAND = ("extension", "reschedule")
_BEFORE, _AFTER = "working-day-before", "working-day-after"
POLICIES: Mapping[str, str] = {
    "strict": N_('"before" is read strictly: the day before is the last good one'),
    "inclusive": N_('"before" includes the day itself'),
    "working-day-before": N_("a fixed day on a day off: the working day before"),
    "working-day-after": N_("a term that ends on a day off: the working day after"),
}


def show_explanation(settings: Settings, found: Explanation) -> None:
    """Print how a date came about."""
    screen = Screen(settings)
    if settings.as_json:
        screen.json(_shape(screen, found))
        return
    screen.line(f"{found.id}  {screen.title(found.title)}", bold=True)
    screen.line(
        screen.words(N_("due {day}"), day=screen.day(found.due_on)) if found.due_on else screen.words(N_("no date"))
    )
    for line in _lines(screen, found):
        screen.line(line, indent=2)
    if found.moves:
        screen.heading(N_("Moved"))
    for move in found.moves:
        screen.line(_move(screen, move), indent=2)


def _lines(screen: Screen, found: Explanation) -> Iterator[str]:
    term = found.term
    if found.wording:
        yield screen.words(N_("wording: {text}"), text=found.wording)
    if found.rule:
        yield screen.words(N_("rhythm: {rule}"), rule=screen.title(found.rule))
    if found.inherited_from:
        yield screen.words(N_("inherited from row {row}"), row=found.inherited_from)
    yield screen.words(N_("rule: {rule}"), rule=_rule(screen, found))
    if term.get("source"):
        yield screen.words(N_("from: {source}"), source=term["source"])
    for policy in _policies(term):
        words = screen.words(POLICIES[policy]) if policy in POLICIES else policy
        days = f" ({screen.day(_written(term))} -> {screen.day(term['due'])})"
        moved = days if _moved_by(policy) and _written(term) != term["due"] else ""
        yield screen.words(N_("policy: {policy}"), policy=words + moved)
    for works, message in ((False, N_("days off skipped: {days}")), (True, N_("weekend days worked: {days}"))):
        met = [_day(screen, day) for day in found.met if day.works == works]
        if met:
            yield screen.words(message, days="; ".join(met))
    for first, again in term.get("stops") or ():
        message = N_("the clock stood still from {first} until {again}")
        yield screen.words(message, first=screen.day(first), again=screen.day(again))
    if found.calendar:
        yield screen.words(N_("calendar: version {version}"), version=found.calendar)
    if found.original and found.original != found.due_on:
        yield screen.words(N_("at first: {day}"), day=screen.day(found.original))
    if found.late or found.late_original:
        message = N_("late: {late} {late|day|days}; against the first day {first} {first|day|days}")
        yield screen.words(message, late=found.late, first=found.late_original)
    if found.late_after and found.late_after != found.due_on:
        message = N_("late only after {day}: until then it uses buffer time")
        yield screen.words(message, day=screen.day(found.late_after))
    for due, by in found.asked:
        yield screen.words(N_("a later day was asked for: {due}, by {by}"), due=screen.day(due), by=by or "-")


def _rule(screen: Screen, found: Explanation) -> str:
    term = found.term
    if found.own:
        by_hand = any(move.action is not None or move.kind in _BY_HAND for move in found.moves)
        return screen.words(N_("set by hand") if by_hand else N_("set by the step itself"))
    if term.get("decided"):
        return screen.words(N_("set by hand"))
    length = term.get("working_days") or term.get("days")
    base = term.get("base") or term.get("from")
    if length is not None and base is not None:
        back = bool(term.get("back")) or term.get("kind") == "back_from"
        return screen.words(COUNTED[bool(term.get("working_days")), back], days=length, base=screen.day(base))
    if "day_off" in term and "written" in term:
        return screen.words(FIXED["before" in term], written=screen.day(term["written"]))
    values = {name: screen.day(term.get(name)) for name in ("start", "due")} | {"why": term.get("why") or "-"}
    kind = term.get("kind") or "none"
    if kind == "inherit":
        return screen.words(N_("as in the row above"))
    return screen.words(RULES.get(kind, RULES["none"]), **values, written=screen.day(_written(term)))


def _policies(term: Mapping[str, Any]) -> list[str]:
    if "day_off" in term and "written" in term:
        # A fixed day as a step type's count has it; it moved only where it lies elsewhere than the last good day.
        last = _written(term)
        moved = [] if last == term["due"] else [_BEFORE if term["due"] < str(last) else _AFTER]
        return [*([term["before"]] if "before" in term else []), *moved]
    if "plain" in term:
        return [_AFTER]
    named = term.get("policy")
    return named.split("+") if named else []


def _written(term: Mapping[str, Any]) -> str | None:
    written = term.get("written")
    if written is not None and term.get("before") == "strict":
        return (date.fromisoformat(written) - timedelta(days=1)).isoformat()
    return written or term.get("plain") or term.get("due")


def _moved_by(policy: str) -> bool:
    return policy.startswith("working-day")


def _day(screen: Screen, day: CalendarDay) -> str:
    reason = screen.title(Text(**day.reason)) if day.reason else ""
    # Where an office announced it is its own words.
    reason = reason if day.source else screen.day(reason)
    shown = screen.day(str(day.day))
    return f"{shown} ({reason})" if reason else shown


def _move(screen: Screen, move: ExplainedMove) -> str:
    why = screen.title(move.action) if move.action else screen.words(CAUSES[move.kind])
    on, before, to = map(screen.day, (move.on, move.from_ or "-", move.to or "-"))
    words = [f"{on}: {before} -> {to}", why]
    words += [change_words(change, screen.catalogue, day=screen.day) for change in move.changes]
    if move.kind == "resumed":
        stopped = N_("stopped from {first} until {again}")
        first, again = screen.day(move.cause["stopped"]), screen.day(move.cause["resumed"])
        words.append(screen.words(stopped, first=first, again=again))
    if move.cause.get("by"):
        words.append(screen.words(N_("asked by {asker}, granted by {actor}"), asker=move.cause["by"], actor=move.actor))
    elif move.actor:
        words.append(screen.words(N_("by {who}"), who=move.actor))
    # Each change names where it was announced itself.
    words += [text for text in (None if move.changes else move.source, move.reason) if text]
    return "; ".join(words) + f" (#{move.seq})"


def _shape(screen: Screen, found: Explanation) -> dict[str, Any]:
    return {
        "id": found.id,
        "title": screen.title(found.title),
        "owner": found.owner,
        "due_on": found.due_on,
        "wording": found.wording,
        "rhythm": screen.title(found.rule) if found.rule else None,
        "inherited_from": found.inherited_from,
        "kind": "counted" if found.counted else "own" if found.own else found.term.get("kind"),
        "rule": _rule(screen, found),
        "policy": _policies(found.term),
        "term": dict(found.term),
        "source": found.term.get("source"),
        "skipped": [
            {
                "id": day.day.isoformat(),
                "works": day.works,
                "reason": screen.title(Text(**day.reason)) if day.reason else None,
            }
            for day in found.met
        ],
        "calendar": found.calendar,
        "calendar_in_force": found.in_force,
        "policies": found.policies.model_dump(mode="json"),
        "original_due_on": found.original,
        "days_late": found.late,
        "days_late_original": found.late_original,
        "late_after": found.late_after,
        "moves": [
            {
                "id": move.seq,
                "on": move.on,
                "from": move.from_,
                "to": move.to,
                "kind": move.kind,
                "cause": dict(move.cause),
                "actor": move.actor,
                "reason": move.reason,
                "source": move.source,
                "action": screen.title(move.action) if move.action else None,
                "changes": [dict(change) for change in move.changes],
            }
            for move in found.moves
        ],
        "asked": [{"due_on": due, "by": by} for due, by in found.asked],
    }
