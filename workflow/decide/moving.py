"""Which due dates of a plan move: its dates counted anew, and what differs from those that it has.

Counted anew are dates of stages that were not left, of steps that are open, and of what runs within them.
What is done keeps the day that was valid then. A date that somebody decided is counted anew by nothing; but where
a term was set to another day, by order or extension, a suspension leaves it the days that it had left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from workflow import deadlines, messages
from workflow.deadlines import DAY, Count, Stop, stop_from
from workflow.decide.asking import answers
from workflow.decide.ledger import Ledger
from workflow.decide.situation import Process
from workflow.messages import FreeText
from workflow.plan.redating import Path, item_name, redated, value_or_none
from workflow.plan.rounds import StepRound
from workflow.plan.state import PlanState
from workflow.steps.step_type import WorkItem


@dataclass(frozen=True)
class Trial:
    """One of several changes that move dates together: the plan's process *without* it, and with it *alone*."""

    without: Process
    alone: Process


@dataclass(frozen=True)
class Cause:
    """Why dates move: `calendar`, `resumed`, `extension` or `reschedule`, with what there is to know of it.

    Attributes:
        trials: One for each of the changes that the data list, so that each move tells which of them it has.
    """

    kind: str
    data: Mapping[str, Any]
    trials: tuple[Trial, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return the cause as it stands in the event."""
        return {"kind": self.kind, **self.data}


def record_moves(
    ledger: Ledger,
    process: Process,
    cause: Cause,
    authority: Mapping[str, Any],
    *,
    decided: Mapping[str, Mapping[str, Any]] | None = None,
    reason: str | None = None,
) -> None:
    """Record which dates move for *cause*; nothing where none does."""
    data = moved(process, ledger.current, decided or {}, cause.trials)
    if data is None:
        return
    data["cause"] = cause.as_data()
    data["calendar"] = process.calendar.version
    if reason is not None:
        data["reason"] = FreeText(reason)
    ledger.record(messages.DATES_MOVED, data, authority)


def moved(
    process: Process,
    plan: PlanState,
    decided: Mapping[str, Mapping[str, Any]] | None = None,
    trials: Sequence[Trial] = (),
) -> dict[str, Any] | None:
    """Return the event's data for the dates that move, without the cause; None where none moves.

    Args:
        decided: Dates that somebody sets by hand, by address, as `Term.as_data()`.
        trials: The changes to tell apart: each move has the places of its own in `causes`.
    """
    schedule = _changed(plan.schedule, counted_anew(process, plan, decided or {}))
    dated = {**plan.schedule, **schedule}
    rounds = [change for change in _rounds(process, plan, dated) if change]
    if not schedule and not rounds:
        return None
    data: dict[str, Any] = {"schedule": schedule, "rounds": rounds}
    after = replace(plan, schedule=dated, steps=redated(plan.steps, data))
    data["moves"] = [*_moves_of_schedule(plan, schedule), *_moves_of_items(process, plan, after, rounds)]
    if trials:
        data["moves"] = list(_with_causes(plan, data["moves"], trials))
    return data


def _with_causes(
    plan: PlanState, moves: Sequence[Mapping[str, Any]], trials: Sequence[Trial]
) -> Iterator[dict[str, Any]]:
    """The moves, each with the changes without which it would be another; else those that would do by themselves."""
    everything = list(range(len(trials)))
    if len(trials) == 1:
        yield from ({**move, "causes": everything} for move in moves)
        return
    without = [_days_under(trial.without, plan) for trial in trials]
    alone: list[dict[str, str | None]] | None = None
    for move in moves:
        where, was, to = move["where"], move["from"], move["to"]
        causes = [place for place in everything if without[place].get(where, was) != to]
        if not causes:
            alone = [_days_under(trial.alone, plan) for trial in trials] if alone is None else alone
            causes = [place for place in everything if alone[place].get(where, was) != was]
        yield {**move, "causes": causes or everything}


def _days_under(process: Process, plan: PlanState) -> dict[str, str | None]:
    data = moved(process, plan)
    return {move["where"]: move["to"] for move in data["moves"]} if data else {}


# the schedule


def counted_anew(
    process: Process, plan: PlanState, decided: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return the plan's dates as they count now, with those *decided* and those that stay as they are."""
    kept = {}
    for address, term in plan.schedule.items():
        if _is_over(process, plan, address):
            kept[address] = term
        elif term.get("decided"):
            kept[address] = _running_on(process, plan, term)
    return deadlines.schedule(
        process.definition,
        date.fromisoformat(plan.start or plan.created_on),
        process.calendar,
        policies=process.policies,
        stops=stops_of(plan),
        kept={**kept, **decided},
    )


def stops_of(plan: PlanState) -> tuple[Stop, ...]:
    """Return when the plan was suspended, as far as it went on since."""
    return tuple(stop_from((first, again)) for first, again in plan.stops if again is not None)


def _is_over(process: Process, plan: PlanState, address: str) -> bool:
    step = plan.step(address)
    if step is not None:
        return step.current.complete or step.current.ended
    stage = process.stage_of(address) or address
    return stage != plan.stage and any(visit.stage == stage for visit in plan.visits)


def _running_on(process: Process, plan: PlanState, term: Mapping[str, Any]) -> Mapping[str, Any]:
    """A term that somebody set to a day: suspended since, it keeps the days that were left of it then.

    A day of the calendar that was set so, and one that was said to be fixed, stay (they have no `counted`).
    """
    counted, since = term.get("counted"), term.get("decided_on")
    if counted is None or since is None:
        return term
    seen = [stop_from(stop) for stop in term.get("stops", ())]
    for first, again in stops_of(plan):
        due = date.fromisoformat(term["due"])
        if first < again and (first, again) not in seen and date.fromisoformat(since) <= first <= due:
            seen.append((first, again))
            days = (first + place * DAY for place in range((due - first).days + 1))
            left = sum(counted == "days" or process.calendar.is_working_day(day) for day in days)
            count = Count(again - DAY, max(1, left), counted != "days", day_off=process.policies.term_day_off)
            end = count.end(process.calendar)
            term = {**term, "due": end.isoformat(), "stops": [[str(one), str(two)] for one, two in seen]}
    return term


def _changed(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    changed = {}
    for address, term in after.items():
        old = before.get(address)
        if old is None:
            # A step's date that was not there: somebody decided it.
            changed[address] = dict(term)
        elif (old.get("start"), old.get("due")) != (term.get("start"), term.get("due")):
            first = old.get("original") or (old.get("due") if old.get("due") != term.get("due") else None)
            changed[address] = {**term, "original": first} if first else dict(term)
    return changed


# the steps


def _rounds(process: Process, plan: PlanState, schedule: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for address, step in plan.steps.items():
        round_ = step.current
        if address in process.definition.steps and not round_.complete and not round_.ended:
            yield _round(process, plan, schedule, address, round_)


def _round(
    process: Process,
    plan: PlanState,
    schedule: Mapping[str, Mapping[str, Any]],
    address: str,
    round_: StepRound,
) -> dict[str, Any]:
    change: dict[str, Any] = {}
    due = deadlines.effective(schedule, address, process.stage_of(address))
    if (due.get("start"), due.get("due")) != (round_.due.get("start"), round_.due.get("due")):
        change["due"] = due
    counts = [_recounted(process, plan, count) for count in round_.counts]
    if counts != list(round_.counts):
        change["counts"] = counts
    days = {tuple(old["at"]): (old["due"], new["due"]) for old, new in zip(round_.counts, counts, strict=True)}
    values = [[list(path), new] for path, new in _values(process, plan, address, round_, days, change.get("due"))]
    if values:
        change["values"] = values
    if not {"due", "values"} & set(change):
        return {}
    return {"step": address, "round": round_.number, **change}


def _recounted(process: Process, plan: PlanState, data: Mapping[str, Any]) -> dict[str, Any]:
    anew = deadlines.counted_anew(data, process.calendar, stops_of(plan), process.policies.model_dump())
    return dict(data) if anew["due"] == data["due"] else {"at": data["at"], **anew}


def _values(
    process: Process,
    plan: PlanState,
    address: str,
    round_: StepRound,
    days: Mapping[tuple[str | int, ...], tuple[str, str]],
    due: Mapping[str, Any] | None,
) -> Iterator[tuple[tuple[str | int, ...], str | None]]:
    for path in answers(process.type_of(address), "running", tuple, process.view(plan, address, round_)):
        old = value_or_none(round_.state, path)
        counted, new = days.get(path, (None, None))
        if old is None:
            continue
        # What was not counted is the step's own day, and goes with it.
        if counted != old:
            new = due.get("due") if due is not None and old == round_.due.get("due") else old
        if new != old:
            yield path, new


# what moved


def _moves_of_schedule(plan: PlanState, schedule: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for address, term in schedule.items():
        old = plan.schedule.get(address, {}).get("due")
        if old != term.get("due"):
            yield {"where": address, "from": old, "to": term.get("due")}


def _moves_of_items(
    process: Process, before: PlanState, after: PlanState, rounds: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for change in rounds:
        address, number = change["step"], change["round"]
        old = _items(process, before, address, number)
        for key, item in _items(process, after, address, number).items():
            known = old.get(key)
            if known is not None and item.open and known.due_on != item.due_on:
                yield {"where": item_name(address, number, key), "from": known.due_on, "to": item.due_on}


def redated_items(
    process: Process, before: PlanState, address: str, number: int
) -> Callable[[PlanState], list[dict[str, Any]]]:
    """Return what tells, of the state after an act, the open items that another due day stands beside now."""

    def found(after: PlanState) -> list[dict[str, Any]]:
        return list(_moves_of_items(process, before, after, [{"step": address, "round": number}]))

    return found


def item_moved(process: Process, plan: PlanState, address: str, number: int, path: Path, day: str) -> dict[str, Any]:
    """Return the event's data for one day within a step's state that somebody sets by hand, without the cause."""
    change = {"step": address, "round": number, "values": [[list(path), day]]}
    data: dict[str, Any] = {"schedule": {}, "rounds": [change]}
    after = replace(plan, steps=redated(plan.steps, data))
    return {**data, "moves": list(_moves_of_items(process, plan, after, [change]))}


def _items(process: Process, plan: PlanState, address: str, number: int) -> dict[str, WorkItem]:
    round_ = plan.steps[address].rounds[number - 1]
    return {item.key: item for item in process.work_items(plan, address, round_)}
