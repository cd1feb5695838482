"""The planned dates of a definition's stages and steps, each with where it came from."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from workflow.deadlines.counting import (
    KEEP,
    STRICT,
    WORKING_DAY_AFTER,
    WORKING_DAY_BEFORE,
    Count,
    FixedDay,
    Stop,
    exceptions,
)
from workflow.deadlines.terms import Term
from workflow.deadlines.working_days import Calendar, DeadlineError, shifted
from workflow.errors import Phrase, Reason

if TYPE_CHECKING:  # a neighbour below: only its shape is needed
    from workflow.language.definition import After, BackFrom, Definition, Policies, Timed

_NONE: Mapping[str, Mapping[str, Any]] = {}


def schedule(
    definition: Definition,
    start: date,
    calendar: Calendar,
    *,
    policies: Policies | None = None,
    stops: Sequence[Stop] = (),
    kept: Mapping[str, Mapping[str, Any]] = _NONE,
) -> dict[str, dict[str, Any]]:
    """Return the planned dates of a plan that begins on *start*, as `Term.as_data()` by address.

    Every stage and every step alongside has an entry; a step inside a stage only where it has a
    date of its own (see `effective`).

    Args:
        policies: How dates are read; as the definition says where None.
        stops: When the plan was suspended: terms counted in days keep what was left of them.
        kept: Dates that are counted anew no more: what others are counted from is taken from here.

    Raises:
        DeadlineError: If a date does not exist, a window ends before it begins, or dates wait for
            each other. `reasons` has all of them, each with `address` among its parameters.
    """
    scheduler = _Scheduler(definition, start, calendar, policies, stops, kept)
    terms = scheduler.terms()
    if scheduler.faults:
        raise DeadlineError(
            "The dates of the definition {definition} cannot be worked out.",
            definition=definition.id,
            reasons=tuple(scheduler.faults),
        )
    return {address: term.as_data() for address, term in terms.items()}


def faults(definition: Definition) -> tuple[Reason, ...]:
    """Return what is wrong with the dates of every plan, whatever its start and calendar: no day is counted."""
    scheduler = _Scheduler(definition, date(2000, 1, 1), None)
    scheduler.terms()
    return tuple(scheduler.faults)


def effective(schedule: Mapping[str, Mapping[str, Any]], address: str, stage: str | None) -> dict[str, Any]:
    """Return the date that counts for a stage or step: its own, otherwise its stage's.

    A date taken from the stage has the stage as its `source`, unless the stage's own date already
    names what it was counted from.
    """
    name = address.split("@", 1)[0]
    if name in schedule:
        return dict(schedule[name])
    if stage is None or stage not in schedule:
        return {}
    return {"source": stage, **schedule[stage]}


_Above = tuple[str, Term] | None
"""The row above in the same mapping: the address to name, and its term."""


class _Scheduler:
    """Works out one definition's terms and collects every fault instead of stopping at the first."""

    def __init__(
        self,
        definition: Definition,
        start: date,
        calendar: Calendar | None,
        policies: Policies | None = None,
        stops: Sequence[Stop] = (),
        kept: Mapping[str, Mapping[str, Any]] = _NONE,
    ) -> None:
        self.definition = definition
        self.start = start
        self.calendar = calendar
        self.policies = policies or definition.policies
        self.stops = tuple(stops)
        self.kept = kept
        self.faults: list[Reason] = []
        self.stages: dict[str, Term] = {}
        self.stage_above = {below: above for above, below in pairwise(definition.stages)}

    def terms(self) -> dict[str, Term]:
        """All terms by address, in the definition's order."""
        for stage_id in self.definition.stages:
            self._resolve(stage_id)
        terms: dict[str, Term] = {}
        for stage_id, stage in self.definition.stages.items():
            terms[stage_id] = self.stages[stage_id]
            above: _Above = None
            for step_id, step in stage.steps.items():
                address = f"{stage_id}/{step_id}"
                if step.dated or address in self.kept:
                    terms[address] = self._term(address, step, above)
                above = (address, terms[address]) if address in terms else (stage_id, self.stages[stage_id])
        above = None
        for step_id, step in self.definition.alongside.items():
            terms[step_id] = self._term(step_id, step, above)
            above = (step_id, terms[step_id])
            if step.until is not None and step.until.date is not None:
                try:
                    _day(step.until.date)
                except DeadlineError as error:
                    self._fault(step_id, error)
        return terms

    # A stage's date needs at most one other stage's, so what it waits for is a chain: walking it
    # needs no recursion, however long a hostile file makes it.
    def _resolve(self, stage_id: str) -> None:
        chain: dict[str, None] = {}
        needed: str | None = stage_id
        while needed is not None and needed not in self.stages:
            if needed in chain:
                self._break_cycle(list(chain)[list(chain).index(needed) :])
                break
            chain[needed] = None
            needed = self._needs(needed)
        for each in reversed(chain):
            if each not in self.stages:
                above = self.stage_above.get(each)
                row = (above, self.stages[above]) if above is not None and above in self.stages else None
                self.stages[each] = self._term(each, self.definition.stages[each], row)

    def _needs(self, stage_id: str) -> str | None:
        stage = self.definition.stages[stage_id]
        if stage.inherit:
            return self.stage_above.get(stage_id)
        counted = stage.term or stage.back_from
        named = counted.stage if counted else None
        return named if named in self.definition.stages else None

    def _break_cycle(self, cycle: list[str]) -> None:
        text = "{address}: these dates wait for each other: {stages}."
        self._fault(cycle[0], DeadlineError(text, code="date-cycle", stages=", ".join(cycle)))
        self.stages.update((stage_id, Term("none")) for stage_id in cycle)

    def _term(self, address: str, timed: Timed, above: _Above) -> Term:
        if address in self.kept:
            return self._followed(Term.from_data(self.kept[address]), timed)
        try:
            return replace(self._computed(timed, above), text=timed.text)
        except DeadlineError as error:
            self._fault(address, error)
            return Term("none")

    def _followed(self, term: Term, timed: Timed) -> Term:
        """A stage whose last day alone somebody set begins, as before, behind what it is counted from."""
        if not term.follows or timed.term is None or term.due is None:
            return term
        base = self.start if timed.term.stage is None else self._stage(timed.term.stage).due
        return term if base is None else replace(term, start=min(term.due, shifted(base, +1)))

    def _fault(self, address: str, error: DeadlineError) -> None:
        phrase = Phrase(error.phrase.text, {**error.phrase.params, "address": address})
        self.faults.append(Reason(error.code, phrase))

    def _computed(self, timed: Timed, above: _Above) -> Term:
        if timed.window:
            return _window(timed.window)
        if timed.month:
            return _months(timed.month)
        if timed.due:
            return self._fixed(Term("due", due=_day(timed.due), precision="day"))
        if timed.before:
            return self._fixed(self._before(timed.before))
        if timed.term:
            return self._after(timed.term)
        if timed.back_from:
            return self._back(timed.back_from)
        if timed.inherit:
            return _inherited(above)
        if timed.undecided:
            return Term("undecided", why=timed.undecided)
        return Term("continuous" if timed.continuous else "on_request" if timed.on_request else "none")

    def _before(self, text: str) -> Term:
        day, policy = _day(text), self.policies.before
        due = shifted(day, -1) if policy == STRICT else day
        return Term("before", due=due, precision="day", policy=policy)

    def _fixed(self, term: Term) -> Term:
        """Apply the office's policy for a fixed day that falls on a day off."""
        policy = self.policies.fixed_day_off
        if self.calendar is None or policy != WORKING_DAY_BEFORE or term.due is None:
            return term
        due = FixedDay(term.due, day_off=policy).end(self.calendar)
        if due == term.due:
            return term
        met = exceptions(due, term.due, self.calendar)
        return replace(
            term,
            due=due,
            written=term.due,
            off=tuple(met["off"]) if "off" in met else None,
            policy=f"{term.policy}+{WORKING_DAY_BEFORE}" if term.policy else WORKING_DAY_BEFORE,
            calendar=self.calendar.version,
        )

    def _after(self, after: After) -> Term:
        base = self.start if after.stage is None else self._stage(after.stage).due
        if base is None:
            return Term("after", source=after.stage)
        term = Term("after", start=shifted(base, +1), precision="day", source=after.stage)
        return self._counted(term, base, after, +1)

    def _back(self, back: BackFrom) -> Term:
        stage = self._stage(back.stage)
        # A stage that only has a due day (a session's day) counts as a stage of that one day.
        base = stage.start or stage.due
        if base is None:
            return Term("back_from", source=back.stage)
        return self._counted(Term("back_from", precision="day", source=back.stage), base, back, -1)

    def _counted(self, term: Term, base: date, length: After | BackFrom, direction: int) -> Term:
        working = length.days is None
        if self.calendar is None:
            return term if working else replace(term, due=shifted(base, direction * (length.days or 0)))
        days = length.working_days if working else length.days
        count = Count(base, days or 0, working, direction, self.stops, self.policies.term_day_off)
        due = count.end(self.calendar)
        met = count.met(due, self.calendar)
        stops = tuple((str(first), str(again)) for first, again in self.stops if base < again and first <= due)
        plain = replace(count, day_off=KEEP).end(self.calendar)
        return replace(
            term,
            due=due,
            base=base,
            days=length.days,
            working_days=length.working_days,
            policy=WORKING_DAY_AFTER if plain != due else None,
            written=plain if plain != due else None,
            stops=stops or None,
            off=tuple(met["off"]) if "off" in met else None,
            worked=tuple(met["worked"]) if "worked" in met else None,
            calendar=self.calendar.version,
        )

    def _stage(self, stage_id: str) -> Term:
        if stage_id not in self.stages:
            raise DeadlineError("{address}: there is no stage {stage}.", code="unknown-stage", stage=stage_id)
        return self.stages[stage_id]


def _inherited(above: _Above) -> Term:
    if above is None:
        raise DeadlineError("{address}: there is no row above to inherit a date from.", code="nothing-above")
    address, term = above
    # Rows of one merged cell all name the row that holds the date.
    return replace(term, kind="inherit", source=term.source if term.kind == "inherit" else address)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise DeadlineError("{address}: {value} is not a day of the calendar.", value=text) from exc


def _window(text: str) -> Term:
    first, _, last = text.partition("/")
    return _ordered(Term("window", start=_day(first), due=_day(last), precision="day"), text)


def _months(text: str) -> Term:
    first, _, last = text.partition("/")
    start, due = _month(first)[0], _month(last or first)[1]
    return _ordered(Term("month", start=start, due=due, precision="month"), text)


def _month(text: str) -> tuple[date, date]:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError as exc:
        raise DeadlineError("{address}: {value} is not a month of the calendar.", value=text) from exc
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def _ordered(term: Term, text: str) -> Term:
    if term.start and term.due and term.start > term.due:
        raise DeadlineError("{address}: {value} ends before it begins.", code="window-reversed", value=text)
    return term
