"""Giving a document its number: who may, for what, and that it has none yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflow import messages
from workflow.decide.handing_in import hand_in_command
from workflow.decide.ledger import Ledger
from workflow.decide.performers import performers
from workflow.decide.situation import Process, Situation, matter_of
from workflow.errors import N_, InvalidInput, NotFound, Phrase, Reason, Refused
from workflow.language.definition import Definition
from workflow.numbers import LARGEST, symbol_of
from workflow.plan.state import ACTIVE, FINISHED, STATUSES, PlanState


@dataclass(frozen=True)
class IssueNumber:
    """Give a document of the plan, or the plan itself, a number of a series.

    Attributes:
        series: The definition's where None.
        number: The next free one where None; the service fills it in.
        taken_by: Plan that has this number already.
    """

    document: str | None
    series: str | None = None
    number: int | None = None
    taken_by: str | None = None


def series_of(definition: Definition, command: IssueNumber) -> str | None:
    """Return the series that is meant: the one named, else the document's, else the plan's own."""
    if command.series is not None or command.document is None:
        return command.series or definition.series
    declared = definition.documents.get(command.document)
    return declared.series if declared is not None else None


def issue(ledger: Ledger, situation: Situation, command: IssueNumber) -> None:
    """Judge and record that a number is given."""
    process, plan = situation.process, ledger.current
    series = _required_series(process, command)
    if command.number is None or not 1 <= command.number <= LARGEST:
        raise InvalidInput(
            "a number lies between 1 and {largest}", code="bad-number", largest=LARGEST, number=command.number
        )
    papers = (command.document,) if command.document is not None else ()
    authority = situation.authorise(
        issuers(process, command.document), Phrase(N_("issue a number")), matter_of(process, plan, papers=papers)
    )
    if reasons := tuple(_against(process, plan, command, series, situation.on.year)):
        raise Refused("no number can be given", code="number-refused", reasons=reasons)
    _require_not_before(situation, plan, command.document)
    newest = plan.latest_revision(command.document) if command.document else None
    with_year = command.document is not None and process.definition.documents[command.document].year_in_number
    year = situation.on.year
    data: dict[str, Any] = {
        "series": series,
        "year": year,
        "number": command.number,
        "symbol": symbol_of(series, year, command.number, with_year=with_year),
    }
    if command.document is not None:
        data["document"] = command.document
    if newest is not None:
        data["revision"] = newest.name
    ledger.record(messages.NUMBER_ISSUED, data, authority, on_behalf=situation.behalf)


def issuers(process: Process, document: str | None) -> tuple[str, ...]:
    """Who gives numbers: named with the document, else in the definition, else whoever may act."""
    definition = process.definition
    own = definition.documents[document].issued_by if document is not None else ()
    return performers(process, own, definition.issued_by, definition.by, lead=definition.lead)


def _required_series(process: Process, command: IssueNumber) -> str:
    definition = process.definition
    if command.document is not None and command.document not in definition.documents:
        raise NotFound(
            "definition {definition} has no document `{document}`",
            code="unknown-document",
            hint="it has: {known}",
            definition=definition.id,
            document=command.document[:120],
            known=", ".join(definition.documents) or "-",
        )
    series = series_of(definition, command)
    if series is None:
        raise InvalidInput(
            "the series of the number is not known",
            code="no-series",
            hint="give --series, such as KH-KHCN, or `series:` in the definition",
        )
    return series


def _against(process: Process, plan: PlanState, command: IssueNumber, series: str, year: int) -> list[Reason]:
    reasons = []
    if plan.status not in (ACTIVE, FINISHED):
        reasons.append(Reason("not-active", Phrase(N_("the plan is {status}"), {"status": STATUSES[plan.status]})))
    has = next((one for one in plan.numbers if one.document == command.document), None)
    if has is not None:
        phrase = Phrase(
            N_("it has the number {symbol} already, given on {on} (event {seq})"),
            {"symbol": has.symbol, "on": has.on, "seq": has.seq},
        )
        reasons.append(Reason("has-number", phrase))
    if command.document is not None and plan.latest_revision(command.document) is None:
        phrase = Phrase(N_("there is no revision of `{document}` to issue"), {"document": command.document})
        if typed := hand_in_command(process, plan, command.document):
            phrase = Phrase(
                N_("there is no revision of `{document}` to issue; it is handed in with: {typed}"),
                {"document": command.document, "typed": typed},
            )
        reasons.append(Reason("no-revision", phrase))
    if command.taken_by is not None:
        phrase = Phrase(
            N_("number {number} of {series} in {year} was given to {plan}; no number is given twice"),
            {"number": command.number, "series": series, "year": year, "plan": command.taken_by},
        )
        reasons.append(Reason("number-taken", phrase))
    return reasons


def _require_not_before(situation: Situation, plan: PlanState, document: str | None) -> None:
    newest = plan.latest_revision(document) if document is not None else None
    earliest = newest.made_on if newest is not None else plan.created_on
    if situation.on.isoformat() < earliest:
        raise InvalidInput(
            "{on} is before {earliest}, the day of what this builds on",
            code="too-early",
            hint="give --on {earliest} or later",
            on=situation.on.isoformat(),
            earliest=earliest,
        )
