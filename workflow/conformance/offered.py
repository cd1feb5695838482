"""What a plugin offers besides step types: guards, vetoes, effects and their handlers, calendars, papers, exporters."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from workflow import audit
from workflow.conformance import findings as f
from workflow.conformance.declared import judge_name
from workflow.conformance.findings import Findings, Place, place_of
from workflow.conformance.watching import Watch
from workflow.conformance.wording import judge_reason, judge_title
from workflow.errors import N_, Reason, failure
from workflow.hookspecs import Effect, Exporter, Guard, TransitionView
from workflow.messages import STEP_ACTED, Fact
from workflow.plan.state import PlanState, Visit
from workflow.testing.rounds import MONDAY
from workflow.views.exports import ExportView, LeftOut
from workflow.views.handed import ReadOnly, read_only, seen
from workflow.views.papers import Paper

_ON = MONDAY.isoformat()


def sample_plans() -> list[PlanState]:
    """Return a few plans: begun, and with a document that was written and sent."""
    from workflow.plan.documents import Revision, Sending

    begun = PlanState("1-KH", "-", "sample", 1, "active", "writing", 2, 2, _ON, _ON, visits=(Visit("writing", _ON),))
    written = Revision("decision", 1, 1, ("00",), _ON, "writing/write", 2, "officer")
    sent = Sending("decision", 1, 1, ("00",), ("dept-a",), _ON, "writing/write", 1, 3)
    more = {**vars(begun), "revisions": (written,), "sendings": (sent,), "revision": 5, "seq": 5}
    return [begun, PlanState(**more)]


def sample_transitions() -> list[TransitionView]:
    """Return transitions in different months, with and without papers needed."""
    days = ("2025-01-02", _ON, "2026-12-31")
    return [TransitionView("submit", "writing", "session", day, needs) for day in days for needs in ((), ("decision",))]


def judge_guard(findings: Findings, watch: Watch, guard: Guard) -> None:
    """Ask a guard about sample plans and judge its answers."""
    place = place_of(guard.unmet)
    judge_name(findings, guard.name, place)
    judge_title(findings, guard.title, guard.name, place)
    for plan in map(seen, sample_plans()):
        for transition in sample_transitions():
            _reasons(findings, watch, guard.unmet, place, plan, transition)


def judge_hook(findings: Findings, watch: Watch, name: str, function: Callable[..., Any]) -> None:
    """Call a hook with sample plans as the engine would, and judge its answers."""
    place = place_of(function)
    code = function.__code__
    taken = code.co_varnames[: code.co_argcount]
    for plan in map(seen, sample_plans()):
        for transition in sample_transitions():
            data = read_only({"step": "writing/write", "action": "submit"})
            facts = (Fact(STEP_ACTED, data, read_only({"name": "x", "version": "1"})),)
            every = {"plan": plan, "transition": transition, "actor": "officer", "events": facts}
            arguments = [every[word] for word in taken]
            if name == "before_transition":
                _reasons(findings, watch, function, place, *arguments)
            else:
                _effects(findings, watch, function, place, *arguments)


def _reasons(findings: Findings, watch: Watch, ask: Callable[..., Any], place: Place, *arguments: Any) -> None:
    for reason in _answers(findings, watch, f.GUARDS, ask, place, Reason, *arguments):
        judge_reason(findings, reason, place, f.GUARDS)


def _effects(findings: Findings, watch: Watch, ask: Callable[..., Any], place: Place, *arguments: Any) -> None:
    for effect in _answers(findings, watch, f.EFFECTS, ask, place, Effect, *arguments):
        try:
            audit.canonical_json(effect.payload)
        except (TypeError, ValueError) as error:
            findings.add(f.EFFECTS, place, N_("the payload of an effect cannot be stored: {error}"), error=error)


def _answers(
    findings: Findings,
    watch: Watch,
    check: int,
    ask: Callable[..., Any],
    place: Place,
    kind: type,
    *arguments: Any,
) -> Sequence[Any]:
    """Ask twice; return the answer if it is a sequence of *kind*, else nothing."""
    before = repr(arguments)
    name = getattr(ask, "__name__", "?")
    try:
        with watch():
            answer, again = list(ask(*arguments) or ()), list(ask(*arguments) or ())
    except ReadOnly as error:
        findings.add(
            f.UNTOUCHED, findings.raised_at(error, place), N_("`{method}` changes what it was handed"), method=name
        )
        return ()
    except (Exception, SystemExit) as error:
        where = findings.raised_at(error, place)
        findings.add(check, where, N_("`{method}` raises {error}"), method=name, error=failure(error))
        return ()
    if repr(arguments) != before:
        findings.add(f.UNTOUCHED, place, N_("`{method}` changes what it was handed"), method=name)
    elif answer != again:
        findings.add(check, place, N_("`{method}` answers differently when it is asked again"), method=name)
    strange = next((type(one).__name__ for one in answer if not isinstance(one, kind)), None)
    if strange is None:
        return answer
    findings.add(
        check, place, N_("`{method}` answers with {kind}, and should with {wanted}"),
        method=name, kind=strange, wanted=kind.__name__,
    )  # fmt: skip
    return ()


def judge_calendar(findings: Findings, watch: Watch, calendar: Any) -> None:
    """Ask a calendar for every day of three years, and for years that it may lack."""
    ask, place = calendar.is_working_day, place_of(calendar.is_working_day)
    judge_name(findings, calendar.name, place)
    if not isinstance(calendar.version, str) or not calendar.version:
        findings.add(f.CALENDARS, place_of(calendar), N_("its version is no text"))
    days = [date(2025, 1, 1) + timedelta(number) for number in range(3 * 365)] + [date(1, 1, 1), date(9999, 12, 31)]
    first = list(_days(findings, watch, ask, place, days))
    if first != list(_days(findings, watch, ask, place, days)):
        findings.add(
            f.CALENDARS, place, N_("`{method}` answers differently when it is asked again"), method="is_working_day"
        )
    if True not in first:
        findings.add(f.CALENDARS, place, N_("it has no working day in three years"))


def _days(
    findings: Findings, watch: Watch, ask: Callable[[date], Any], place: Place, days: Iterable[date]
) -> Iterable[bool | None]:
    for day in days:
        try:
            with watch():
                answer = ask(day)
        except ValueError:
            # The way to say that it does not know this year.
            yield None
            continue
        except (Exception, SystemExit) as error:
            where = findings.raised_at(error, place)
            findings.add(
                f.CALENDARS, where, N_("`{method}` raises {error}"), method="is_working_day", error=failure(error)
            )
            return
        if not isinstance(answer, bool):
            findings.add(
                f.CALENDARS, place, N_("`{method}` answers with {kind}, and should with {wanted}"),
                method="is_working_day", kind=type(answer).__name__, wanted="bool",
            )  # fmt: skip
            return
        yield answer


def judge_handler(findings: Findings, watch: Watch, handler: Any) -> None:
    """Judge a handler of effects; it is not called, for that sends something."""
    place = place_of(handler.carry_out)
    judge_name(findings, handler.kind, place)
    judge_title(findings, handler.title, handler.kind, place)
    code = getattr(handler.carry_out, "__code__", None)
    if code is not None and code.co_argcount - hasattr(handler.carry_out, "__self__") != 1:
        findings.add(f.HANDLERS, place, N_("`carry_out` has to take one argument, the call"))
    if handler.unready is not None:
        where = place_of(handler.unready)
        for reason in _answers(findings, watch, f.HANDLERS, handler.unready, where, Reason, {}):
            judge_reason(findings, reason, where, f.HANDLERS)


def judge_paper(findings: Findings, watch: Watch, paper: Paper) -> None:
    """Judge a kind of paper: its words, and that its template is a Word file."""
    place = place_of(paper.template)
    judge_name(findings, paper.name, place)
    judge_title(findings, paper.title, paper.name, place)
    try:
        made = paper.template()
    except ImportError:
        # What draws it is an extra that is not installed here.
        return
    except (Exception, SystemExit) as error:
        where = findings.raised_at(error, place)
        findings.add(f.HANDLERS, where, N_("`{method}` raises {error}"), method="template", error=failure(error))
        return
    if not isinstance(made, bytes) or not made.startswith(b"PK"):
        findings.add(f.HANDLERS, place, N_("the template of `{name}` is no Word file"), name=paper.name)


def judge_exporter(findings: Findings, watch: Watch, exporter: Exporter) -> None:
    """Judge an exporter: its words, and that it can write an export in which there is no plan."""
    place = place_of(exporter.write)
    judge_name(findings, exporter.id, place)
    judge_title(findings, exporter.title, exporter.id, place)
    if not re.fullmatch(r"\.[a-z0-9]{1,12}", exporter.suffix):
        findings.add(f.HANDLERS, place, N_("the suffix of `{name}` is no end of a file's name"), name=exporter.id)
    if exporter.unfit is not None:
        for plan in map(seen, sample_plans()):
            _reasons(findings, watch, exporter.unfit, place_of(exporter.unfit), plan)
    made_at = datetime(2026, 1, 5, tzinfo=UTC)
    view = ExportView("vi", made_at, "simulated", None, 0, lambda: iter(()), False, LeftOut(), str)
    try:
        with watch():
            exporter.write(view, io.BytesIO())
    except ImportError:
        # What writes it is an extra that is not installed here.
        return
    except (Exception, SystemExit) as error:
        where = findings.raised_at(error, place)
        findings.add(f.HANDLERS, where, N_("`{method}` raises {error}"), method="write", error=failure(error))


SUPPLIERS = ("step_types", "guards", "calendars", "papers", "exporters", "effect_handlers")
"""Hooks that give things with names."""
