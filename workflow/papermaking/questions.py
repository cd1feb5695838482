"""Which papers can be made of a plan, and making one."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import repeat
from pathlib import Path
from typing import Any

from workflow import audit
from workflow.clock import local_day
from workflow.decide.dossiers import confidential_in
from workflow.decide.handing_in import hand_in_command
from workflow.decide.situation import Process, Situation
from workflow.errors import N_, InvalidInput, NotFound, Phrase, PluginFailed, Reason, Refused, WorkflowError, failure
from workflow.language.definition import Text
from workflow.papermaking.rendering import render
from workflow.papermaking.templates import Template, template_of
from workflow.plan.state import ACTIVE, PlanState
from workflow.queries.bygone import state_on
from workflow.queries.lateness import judged_item
from workflow.queries.lookup import Lookup
from workflow.store.interface import PlanRow
from workflow.views.handed import seen
from workflow.views.papers import Paper, PaperRound, PaperView

END_OF_DAY = "23:59"
"""A paper tells what is late at the end of its day, at whatever hour it is made."""
WITHDRAWN = "(đã rút)"
"""Stands in a paper where a text was withdrawn."""


@dataclass(frozen=True)
class PaperOffer:
    """A kind of paper and what stands against making it of this plan now.

    Attributes:
        own: The template is the office's own.
    """

    kind: str
    title: Text
    template: str
    own: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class MadePaper:
    """A paper that was made: its bytes, and on which template.

    Attributes:
        hand_in: The command with which it is handed in once it is signed, where the plan has it as a document.
        missing: Documents that it encloses and nobody handed in yet, each with the command for that.
    """

    kind: str
    plan: str
    title: Text
    template: str
    own: bool
    content: bytes
    hand_in: str | None = None
    missing: tuple[tuple[Text, str | None], ...] = ()


class PaperQueries(Lookup):
    """Papers of one workspace. Making one changes nothing."""

    def papers(self, plan: str, *, folder: Path | None = None, on: date | None = None) -> tuple[PaperOffer, ...]:
        """The papers that plugins supply, by kind, each with why it cannot be made of this plan.

        Args:
            folder: Where the office keeps templates of its own.
        """
        row = self.require_plan(plan)
        return tuple(self._offer(row, paper, folder, on) for paper in self._kinds())

    def make_paper(
        self,
        plan: str,
        kind: str,
        *,
        folder: Path | None = None,
        on: date | None = None,
        step: str | None = None,
        signer: str | None = None,
        unit: str | None = None,
    ) -> MadePaper:
        """Draw the paper *kind* of a plan.

        Args:
            folder: Where the office keeps templates of its own.
            on: The day on which the paper is dated and as on which it speaks.
            step: Only of this step.
            signer: The person who signs it.
            unit: Only of this unit.

        Raises:
            NotFound: If there is no such plan, kind, step, person or unit.
            Refused: If there is nothing to draw it from, or the plan is confidential.
            InvalidInput: If the template has a fault.
        """
        row = self.require_plan(plan)
        paper = self.paper_kind(kind)
        template = template_of(paper, folder)
        if unit is not None and self.register.kind(unit) != "unit":
            raise NotFound("there is no `{who}` in the people register", code="unknown-unit", who=unit)
        view = replace(self._paper_view(row, paper, on, step, signer), unit=unit)
        values = self._with_texts(_values(paper, view))
        content = render(template, values, needs=paper.needs, title=paper.title.vi, on=view.on)
        state, process = self.state_of(row), self.process_of(row.definition)
        made = MadePaper(paper.name, row.id, paper.title, template.name, template.own, content)
        state, process = self.state_of(row), self.process_of(row.definition)
        if paper.name not in process.definition.documents:
            return made
        missing = tuple(_missing(process, state, paper.name))
        return replace(made, hand_in=hand_in_command(process, state, paper.name), missing=missing)

    def paper_kind(self, kind: str) -> Paper:
        """Return the kind of paper.

        Raises:
            NotFound: If no plugin supplies it.
        """
        if kind in self.registry.papers:
            return self.registry.papers[kind]
        known = sorted(self.registry.papers)
        near = difflib.get_close_matches(kind[:200], known, n=2)
        raise NotFound(
            "there is no paper `{kind}`",
            code="unknown-paper",
            hint="did you mean {near}?" if near else "there are: {known}",
            kind=kind[:120],
            near=" / ".join(near),
            known=", ".join(known) or "-",
        )

    def _kinds(self) -> Iterator[Paper]:
        claimed = self.registry.papers.claimed
        return (self.registry.papers[name] for name in sorted(self.registry.papers) if name not in claimed)

    def _offer(self, row: PlanRow, paper: Paper, folder: Path | None, on: date | None) -> PaperOffer:
        template, reasons = f"{paper.name}.docx", ()
        own = False
        try:
            found: Template = template_of(paper, folder)
            template, own = found.name, found.own
            _values(paper, self._paper_view(row, paper, on, None, None))
        except WorkflowError as error:
            reasons = error.reasons or (Reason(error.code, error.phrase),)
        return PaperOffer(paper.name, paper.title, template, own, tuple(reasons))

    def _paper_view(
        self, row: PlanRow, paper: Paper, on: date | None, step: str | None, signer: str | None
    ) -> PaperView:
        state, process = self.state_of(row), self.process_of(row.definition)
        definition = process.definition
        if definition.confidential:
            phrase = Phrase(N_("the plan is confidential: no paper is made of it"))
            raise Refused("no paper can be made", code="confidential", reasons=(Reason("confidential", phrase),))
        if on is not None and on > self.today():
            raise InvalidInput("{on} lies ahead: a paper is not dated in advance", code="in-the-future", on=on)
        if signer is not None and self.register.kind(signer) != "person":
            raise NotFound("there is no person `{who}` in the people register", code="unknown-person", who=signer)
        day = on or date.fromisoformat(state.latest_on)
        coming: tuple[PaperRound, ...] = ()
        if paper.as_of:
            ahead, end = self._state_on(state, process, _end_of_next_month(day), known=day), _end_of_next_month(day)
            state = self._state_on(state, process, day)
            process = self.process_of(state.definition)
            definition = process.definition
        address = self._step_address(process, state, step) if step is not None else None
        title = self.store.texts([state.title["text"]]) if state.title else {}
        named = next(iter(title.values()), None)
        hidden = confidential_in(process)
        rounds = tuple(_rounds(process, state, hidden, address, day))
        if paper.as_of:
            coming = tuple(_rounds(process, ahead, hidden, address, end))
        return PaperView(
            plan=seen(state),
            definition=definition,
            title=Text(vi=named) if named else definition.title,
            on=day,
            asked_on=on,
            rounds=rounds,
            coming=coming,
            register=self.register,
            confidential=hidden,
            signer=signer,
            step_titles={id_: process.step_title(id_) for id_ in definition.steps},
        )

    def _state_on(self, state: PlanState, process: Process, day: date, *, known: date | None = None) -> PlanState:
        """What the plan was at the end of *day*; the paper's own number and approval count, whenever they came."""
        events = [audit.event_of(stored.body) for stored in self.store.events(state.id)]
        now = self.clock.now()
        situation = Situation(
            process=process,
            register=self.register,
            people_version=self.people_version,
            now=now,
            today=max(local_day(now), day),
            on=day,
            clock=self.clock.name,
            salts=repeat(b""),
        )
        found = state_on(state.id, events, situation, known=known)
        if found is None:
            phrase = Phrase(
                N_("the plan began on {began}: there is nothing to tell of {day}"),
                {"began": state.created_on, "day": day.isoformat()},
            )
            raise Refused("no paper can be made", code="nothing-to-show", reasons=(Reason("not-begun", phrase),))
        return replace(found, numbers=state.numbers, approvals=state.approvals, revisions=state.revisions)

    def _step_address(self, process: Process, state: PlanState, step: str) -> str:
        address = process.definition.full_address(step, state.stage)
        if address is None or address not in state.steps:
            raise NotFound(
                "plan {plan} has no step `{step}` that was opened",
                code="unknown-step",
                hint="`workflow show {plan} --all` lists them",
                plan=state.id,
                step=step[:120],
            )
        return address

    def _with_texts(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put the words in the place of every text that stands beside the chain."""
        keys = list(dict.fromkeys(_text_keys(values)))
        words = self.store.texts(keys)
        filled: Mapping[str, Any] = _filled(values, words)
        return filled


def _end_of_next_month(day: date) -> date:
    """The last day of the month after that of *day*."""
    first_after_next = (day.replace(day=1) + timedelta(days=70)).replace(day=1)
    return first_after_next - timedelta(days=1)


def _values(paper: Paper, view: PaperView) -> Mapping[str, Any]:
    try:
        values = paper.data(view)
        if not isinstance(values, Mapping) or not all(isinstance(name, str) for name in values):
            raise TypeError(f"it gave {type(values).__name__}, not fields by name")
    except WorkflowError:
        raise
    except (Exception, SystemExit) as error:
        raise PluginFailed(
            "the paper `{kind}` cannot be made: {error}",
            hint="report it to the plugin's author; nothing was written",
            kind=paper.name,
            error=failure(error),
        ) from error
    return values


def _rounds(
    process: Process, state: PlanState, hidden: frozenset[str], only: str | None, day: date
) -> Iterator[PaperRound]:
    if only in hidden:
        phrase = Phrase(N_("`{step}` is confidential: no paper shows it"), {"step": only})
        raise Refused("no paper can be made", code="confidential", reasons=(Reason("confidential", phrase),))
    for address, declared in process.definition.steps.items():
        step = state.steps.get(address)
        if step is None or address in hidden or only not in (None, address):
            continue
        for round_ in step.rounds:
            owed = state.status == ACTIVE and not round_.ended and round_ is step.current
            items = [replace(item, open=item.open and owed) for item in process.work_items(state, address, round_)]
            judged = {
                item.key: judged_item(process.definition, state.schedule, address, round_, item, day, END_OF_DAY)
                for item in items
            }
            yield PaperRound(
                uses=step.uses,
                view=process.view(state, address, round_),
                label=declared.label,
                complete=round_.complete,
                ended=round_.ended,
                completed_on=round_.completed_on,
                items=tuple(items),
                late=frozenset(key for key, verdict in judged.items() if verdict.late),
                in_buffer={key: verdict.buffer_until for key, verdict in judged.items() if verdict.buffer_until},
            )


def _missing(process: Process, state: PlanState, kind: str) -> Iterator[tuple[Text, str | None]]:
    """What a document encloses and nobody handed in yet."""
    documents = process.definition.documents
    for id_ in documents[kind].encloses:
        if not documents[id_].confidential and state.latest_revision(id_) is None:
            yield documents[id_].title, hand_in_command(process, state, id_)


def _is_text(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"text"} and isinstance(value["text"], str)


def _text_keys(value: Any) -> Iterator[str]:
    if _is_text(value):
        yield value["text"]
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _text_keys(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _text_keys(each)


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    if _is_text(value):
        return words.get(value["text"], WITHDRAWN)
    if isinstance(value, Mapping):
        return {name: _filled(each, words) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(each, words) for each in value]
    return value
