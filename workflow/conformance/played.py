"""Plays a step type: generated options and commands on rounds, every answer judged, every trail replayed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, Unsatisfiable
from pydantic import ValidationError

from workflow.conformance import findings as f
from workflow.conformance.findings import Findings, place_of, place_of_name
from workflow.conformance.observed import Broken
from workflow.errors import N_, WorkflowError
from workflow.language.definition import Text
from workflow.machine import NotPossible
from workflow.steps.step_type import StepType
from workflow.testing.generated import Command, next_command, options
from workflow.testing.rounds import Round, begin
from workflow.views.handed import read_only

EXAMPLES = 100
MOST_COMMANDS = 10
SECONDS = 2.5
"""No new round is begun after so much work of the processor: on a busy machine the same is found as on an idle one."""
PATIENCE = 10.0
"""Nor after so long by the clock, whatever a step type waits for."""


def _time_is_up() -> Callable[[], bool]:
    """Begin to measure; returns what tells whether the time is up."""
    worked, begun = time.process_time(), time.monotonic()
    return lambda: time.process_time() > worked + SECONDS or time.monotonic() > begun + PATIENCE


class _Enough(BaseException):
    """Time is up. No Exception: hypothesis would look for a smaller example."""


def play(
    findings: Findings,
    step_type: StepType,
    watched: StepType,
    given_options: Sequence[Mapping[str, Any]],
    keep: Callable[[Round], None],
) -> None:
    """Play *watched*, which is *step_type* under observation.

    Args:
        given_options: Values of `with:` that stand in definitions; they are played besides generated ones.
        keep: Gets each round that was played.
    """
    up = _time_is_up()
    met: set[tuple[str, str]] = set()
    before = len(findings.found)
    chosen = st.sampled_from(list(given_options)) | options(step_type) if given_options else options(step_type)

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data(), dated=st.booleans(), papers=st.booleans())
    def rounds(data: st.DataObject, dated: bool, papers: bool) -> None:
        if up():
            # No `return`: hypothesis takes it for a flaw that the same choices draw less.
            raise _Enough
        drawn = data.draw(chosen)
        _play_round(findings, watched, drawn, dated, papers, data, keep, met)

    try:
        rounds()
    except _Enough:
        pass
    except Flaky:
        # Hypothesis says so too where time was up in the middle. Otherwise what was drawn depends on what
        # the step type answered, and that was not the same again.
        if not up() and not findings.found:
            place = place_of(type(step_type))
            findings.add(f.REPLAY, place, N_("the same commands are answered differently the second time"))
    except Unsatisfiable:
        findings.add(
            f.MODELS,
            place_of(step_type.Options),
            N_("no values for `{model}` were found that it accepts: give its fields `examples=`"),
            model=step_type.Options.__name__,
        )
    # What ended a round too early is told; what it kept from being reached needs no telling.
    if len(findings.found) == before:
        _note_unmet(findings, step_type, met)


def _note_unmet(findings: Findings, step_type: StepType, met: set[tuple[str, str]]) -> None:
    """Say of what nothing was judged, because no generated command came so far."""
    findings.shown_by = lambda: ""
    accepted, reached = {action for action, _ in met}, {state for _, state in met}
    for action in step_type.actions().values():
        if action.name not in accepted:
            findings.add(
                f.MACHINE, place_of_name(type(step_type), action.method), N_("`{action}` was never accepted"),
                severity="note", action=action.name,
            )  # fmt: skip
    for state in step_type.states:
        if state not in reached:
            findings.add(
                f.MACHINE, place_of_name(type(step_type), "states"), N_("the state `{state}` was never reached"),
                severity="note", state=state,
            )  # fmt: skip


def _play_round(
    findings: Findings,
    watched: StepType,
    drawn: Mapping[str, Any],
    dated: bool,
    papers: bool,
    data: st.DataObject,
    keep: Callable[[Round], None],
    met: set[tuple[str, str]],
) -> None:
    done: list[Command] = []
    findings.shown_by = lambda: _shown(drawn, done)
    try:
        round_ = begin(
            watched, drawn, due="2026-04-30" if dated else None, documents=("decision", "report") if papers else ()
        )
        met.add(("open", round_.phase))
        _judge_round(findings, round_)
        for _ in range(data.draw(st.integers(0, MOST_COMMANDS))):
            if not round_.possible:
                break
            command = data.draw(next_command(round_))
            done.append(command)
            try:
                _do(findings, round_, command)
                met.add((command.action, round_.phase))
            except NotPossible:
                done.pop()
                continue
            except WorkflowError:
                # What was wrong with it was told where it was raised.
                done.pop()
            _judge_round(findings, round_)
        _judge_replay(findings, round_)
        keep(round_)
    except (Broken, WorkflowError):
        return
    except ValidationError as error:
        place = place_of(watched.State)
        findings.add(f.REPLAY, place, N_("the state cannot be stored and read back: {error}"), error=_first(error))


def _do(findings: Findings, round_: Round, command: Command) -> None:
    day, step_type = round_.on + timedelta(command.days), round_.step_type
    if command.action == "tick":
        wakes, silent = step_type.wakes(round_.view), type(step_type).wakes is StepType.wakes
        if round_.tick(day) is not None and not silent and (wakes is None or wakes > day):
            text = N_("`tick` has something to record on {day}, and `wakes` says {wakes}")
            place = place_of(type(step_type).wakes)
            findings.add(f.ANSWERS, place, text, day=day.isoformat(), wakes=wakes or "None")
    else:
        round_.act(command.action, command.parameters, on=day, files=command.files)


def _judge_round(findings: Findings, round_: Round) -> None:
    """Judge what a round says of itself: blockers, work, outcome, who may act."""
    step_type, view = round_.step_type, round_.view
    blockers, items = step_type.blockers(view), step_type.work_items(view)
    outcome = step_type.outcome(view)
    for action in step_type.actions().values():
        step_type.performers(view, action.name, None)
        step_type.reserved(view, action.name)
        step_type.why_not(view, action.name)
    step_type.running(view)
    place = place_of(type(step_type).blockers)
    if type(step_type).blockers is StepType.blockers:
        place = place_of_name(type(step_type).__mro__[1], "complete_states")
    state = view.phase
    # A type with outcomes of its own may hold a gate, and owe something, after it is complete.
    holds_gates = bool(step_type.outcomes) and round_.complete
    if not step_type.lasting and not holds_gates:
        if blockers and round_.complete:
            findings.add(f.BLOCKERS, place, N_("in the complete state `{state}` something still blocks"), state=state)
        if not blockers and not round_.complete:
            findings.add(f.BLOCKERS, place, N_("in the state `{state}`, not complete, nothing blocks"), state=state)
    _judge_items(findings, step_type, items, state if round_.complete and not holds_gates else None)
    words = (*step_type.outcomes, *step_type.complete_states)
    if outcome is not None and outcome not in words and outcome not in step_type.states:
        findings.add(
            f.BLOCKERS,
            place_of(type(step_type).outcome),
            N_("its outcome `{word}` is none that it declares"),
            word=outcome,
        )


def _judge_items(findings: Findings, step_type: StepType, items: Sequence[Any], complete: str | None) -> None:
    place = place_of(type(step_type).work_items)
    keys = [item.key for item in items]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        findings.add(f.BLOCKERS, place, N_("two work items of a round have the key `{key}`"), key=twice)
    still = [item.key for item in items if item.open]
    if complete and still and not step_type.lasting:
        findings.add(
            f.BLOCKERS, place, N_("in the complete state `{state}` `{key}` is still owed"), state=complete, key=still[0]
        )
    for item in items:
        if not isinstance(item.title, Text):
            findings.add(f.WORDS, place, N_("the title of work item `{key}` is no Text"), key=item.key)
        if item.open and item.done_on is not None:
            findings.add(
                f.BLOCKERS, place, N_("work item `{key}` is open and has a day on which it was done"), key=item.key
            )


def _judge_replay(findings: Findings, round_: Round) -> None:
    for event in round_.events[1:]:
        data = read_only({**event.data["data"], "on": event.occurred_on.isoformat()})
        round_.step_type.told(event.data["action"], data)
    if round_.replayed() != round_.plan:
        place = place_of(type(round_.step_type).evolve)
        findings.add(f.REPLAY, place, N_("the same events make another state when they are replayed"))


def _shown(drawn: Mapping[str, Any], done: Sequence[Command]) -> str:
    """Return what was done, as it would be typed."""
    said = [f"with: {dict(drawn)}"] if drawn else []
    for command in done:
        given = " ".join(f"--{name} {value!r}" for name, value in command.parameters.items())
        said.append(f"{command.action} {given}".strip() + (f" (+{command.days}d)" if command.days else ""))
    return "; ".join(said)


def _first(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
