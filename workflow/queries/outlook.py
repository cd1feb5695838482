"""What can be done now on a plan and what blocks the rest; and where all open plans stand. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from workflow.clock import local_day, local_hour
from workflow.decide.acts import other_that_bars
from workflow.decide.moves import unmet
from workflow.decide.openings import is_over
from workflow.decide.performers import allowed_somehow, performers_of, who_could
from workflow.decide.situation import Process, Situation, matter_of
from workflow.errors import N_, InvalidInput, Phrase, PluginFailed, Reason
from workflow.language.definition import Definition, Text
from workflow.people import Matter
from workflow.plan.state import ACTIVE, FINISHED, STATUSES, SUSPENDED, PlanState
from workflow.queries.catching_up import CaughtUp
from workflow.queries.lateness import judged
from workflow.queries.laterdays import later_days
from workflow.queries.overview import WITHIN, standing
from workflow.store.interface import PlanRow
from workflow.views.plans import Move, NextDetail, PlanSummary, Possible, Standing

OPEN = (ACTIVE, SUSPENDED)
"""States of a plan that is not over."""
_PAGE = 1000


class Outlook(CaughtUp):
    """Reads that judge what may happen next."""

    def next(self, plan: str, *, actor: str | None = None) -> NextDetail:
        """What can be done now, by whom, and what blocks the rest."""
        row = self.require_plan(plan)
        process, day = self.process_of(row.definition), self.today()
        state = self.state_on(row, day)
        if actor is not None and self.register.kind(actor) != "person":
            raise InvalidInput("there is no person `{actor}` in the people register", code="unknown-actor", actor=actor)
        situation = self._looking(process, actor)
        if state.status != ACTIVE:
            return NextDetail(self._summary(row, state, day), (), (), (_not_active(state),))
        return NextDetail(
            self._summary(row, state, day),
            tuple(self._told(move, process, state, day) for move in self._moves(state, situation)),
            self._possible(state, situation),
            tuple(_windows_ahead(state, process.definition, day)),
            tuple(later_days(state, process, self.register.name)),
        )

    def _looking(self, process: Process, actor: str | None, on: date | None = None) -> Situation:
        now = self.clock.now()
        return Situation(
            process=process,
            register=self.register,
            people_version=self.people_version,
            now=now,
            today=local_day(now),
            on=on or local_day(now),
            clock=self.clock.name,
            salts=iter(()),
            actor=actor,
            login=self.login,
        )

    def _moves(self, state: PlanState, situation: Situation) -> tuple[Move, ...]:
        process = situation.process
        definition = process.definition
        moves = []
        for trigger in process.stages.triggers(state.stage):
            transition = definition.stages[state.stage].transitions[trigger]
            by = state.now_all(performers_of(process, state.stage, trigger))
            target = definition.stages[transition.to].title
            moves.append(
                Move(
                    trigger=trigger,
                    to=transition.to,
                    title=transition.title or target,
                    to_title=target,
                    by=by,
                    reasons=unmet(situation, state, trigger),
                    permitted=_permitted(situation, by, matter_of(process, state, papers=transition.needs)),
                )
            )
        return tuple(moves)

    def _told(self, move: Move, process: Process, state: PlanState, on: date) -> Move:
        """A move whose reasons name everybody who could meet them; who holds the plan is judged by the bare ones."""
        return replace(move, reasons=who_could(move.reasons, process, state, self.register, on))

    def _possible(self, state: PlanState, situation: Situation) -> tuple[Possible, ...]:
        process = situation.process
        found = []
        for address, step in state.steps.items():
            round_, step_type = step.current, process.type_of(address)
            actions = step_type.actions()
            for name in process.step_machine(step.uses).actions(round_.phase):
                left = round_.ended or is_over(process, address, situation.on)
                left = left or (round_.complete and process.stage_of(address) not in (None, state.stage))
                if left and not actions[name].late:
                    continue
                may = allowed_somehow(process, state, address, round_, actions[name])
                if may is None:
                    continue
                by, bodies = state.now_all(may.references), state.now_all(may.bodies)
                permitted = _permitted(situation, by, matter_of(process, state, address), bodies)
                if permitted and other_that_bars(process, state, address, situation.actor) is not None:
                    permitted = False
                found.append(
                    Possible(
                        address,
                        round_.number,
                        process.step_title(address),
                        actions[name],
                        tuple(dict.fromkeys((*self.register.recording_roles(bodies, situation.on), *by))),
                        permitted,
                    )
                )
        return tuple(found)

    def overview(
        self, *, on: date | None = None, within: int = WITHIN, after: str = "", limit: int = _PAGE
    ) -> tuple[Standing, ...]:
        """Where every open plan stands on *on* (today), by id; *within*: days ahead that count as near."""
        day = on or self.today()
        found = [row for status in OPEN for row in self.store.plans(status=status, after=after, limit=limit)]
        rows = sorted(found, key=lambda row: row.id)[:limit]
        standings = (self._standing_or_why_not(row, day, within) for row in rows)
        # What was finished by itself in the meantime is open only in the record.
        return tuple(each for each in standings if each.summary.status in OPEN)

    def _standing_or_why_not(self, row: PlanRow, day: date, within: int) -> Standing:
        try:
            return self._standing(row, day, within)
        except PluginFailed as error:
            # One plan that a plugin keeps from being judged must not hide the others.
            return Standing(self._summary(row, self.state_of(row), day), notes=(Reason(error.code, error.phrase),))

    def _standing(self, row: PlanRow, day: date, within: int = WITHIN) -> Standing:
        state, process = self.state_on(row, day), self.process_of(row.definition)
        summary, name = self._summary(row, state, day), self.register.name
        if state.status != ACTIVE:
            return standing(summary, state, process, day, (), name, notes=(_not_active(state),))
        moves = self._moves(state, self._looking(process, None, day))
        notes = tuple(_windows_ahead(state, process.definition, day))
        hour = self._hour_of(day)
        found = standing(summary, state, process, day, moves, name, notes=notes, within=within, hour=hour)
        return replace(
            found,
            blocked=tuple(self._told(move, process, state, day) for move in found.blocked),
            later_days=tuple(later_days(state, process, name)),
        )

    def _hour_of(self, day: date) -> str:
        """The hour up to which *day* is judged: now, or its end where it is not today."""
        now = self.clock.now()
        return local_hour(now) if day == local_day(now) else "23:59"

    def _summary(
        self, row: PlanRow, state: PlanState, day: date, titles: Mapping[str, str] | None = None
    ) -> PlanSummary:
        # Its text alone is needed: a plan whose plugins are missing is listed like any other.
        definition = self.processes.definition(row.definition)
        if titles is None:
            titles = self.store.texts([row.title] if row.title else [])
        stage = definition.stages[state.stage]
        due = state.schedule.get(state.stage, {})
        return PlanSummary(
            id=row.id,
            title=Text(vi=titles[row.title]) if row.title and row.title in titles else definition.title,
            definition=row.definition_id,
            version=row.definition_version,
            stage=row.stage,
            stage_title=stage.title,
            stage_label=stage.label,
            status=state.status,
            revision=row.revision,
            due_on=due.get("due"),
            late=state.status not in (FINISHED, "cancelled")
            and judged(definition, state.schedule, state.stage, due.get("due"), day).late,
            simulated=state.simulated,
        )


def _permitted(situation: Situation, by: tuple[str, ...], matter: Matter, bodies: tuple[str, ...] = ()) -> bool | None:
    return None if situation.actor is None else situation.rights(matter).may(by, bodies)


def _not_active(state: PlanState) -> Reason:
    return Reason("not-active", Phrase(N_("the plan is {status}"), {"status": STATUSES[state.status]}))


def _windows_ahead(state: PlanState, definition: Definition, day: date) -> Iterator[Reason]:
    for trigger, transition in definition.stages[state.stage].transitions.items():
        start = state.schedule.get(transition.to, {}).get("start")
        if start and date.fromisoformat(start) > day:
            phrase = Phrase(
                N_("the window of stage `{stage}`, which `{trigger}` enters, begins on {start}"),
                {"stage": transition.to, "trigger": trigger, "start": start},
            )
            yield Reason("window-ahead", phrase, since=date.fromisoformat(start))
