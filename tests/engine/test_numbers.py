"""Numbers and symbols: given at issue by the clerk, each once in its series and year."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest
from engine.kit import DAY, codes, events, stages_of, state, to
from engine_kit import OFFICER_AT, service_with

from workflow.errors import InvalidInput, NotFound, NotPermitted, Refused
from workflow.service.service import Service
from workflow.store.sql import SqlStore

DOCUMENTS = {
    "decision": {"title": "Quyết định", "numbered": True, "series": "QĐ-UBND", "year_in_number": True},
    "letter": {"title": "Tờ trình", "issued_by": "director"},
}
STAGES = {
    "a": {
        "steps": {
            "write": {"uses": "draft", "with": {"document": "decision", "number": 1}},
            "dossier": {"uses": "dossier", "required": False, "with": {"papers": ["letter"]}},
        },
        "transitions": {"go": to("b")},
    },
    "b": {},
}
NEXT_YEAR = date(2027, 1, 4)


@pytest.fixture
def service() -> Service:
    """A plan `p` whose decision has one revision."""
    return with_plans("p")


def with_plans(*plans: str, store: SqlStore | None = None) -> Service:
    """Plans, each with a first revision of its decision."""
    service = service_with(stages_of(STAGES, documents=DOCUMENTS), store=store)
    for plan in plans:
        service.create("d", plan, OFFICER_AT(DAY))
        service.act(plan, "write", "submit", {}, OFFICER_AT(DAY))
    return service


def issue(service: Service, plan: str = "p", document: str | None = None, day: date = DAY, **more) -> str:
    """Give a number and return the symbol."""
    actor = more.pop("actor", "officer")
    outcome = service.issue_number(plan, document, OFFICER_AT(day, actor), **{"series": "KH-KHCN", **more})
    return outcome.plan.numbers[-1].symbol


def test_a_plan_works_without_a_number_until_it_is_issued(service):
    """Steps and transitions ask for none; the number is given when the plan is over, too."""
    service.advance("p", "go", OFFICER_AT(DAY))
    assert ("finished", ()) == (state(service).status, state(service).numbers)

    assert "01/KH-KHCN" == issue(service)
    assert "number_issued" == events(service)[-1].type


def test_numbers_count_in_their_series_and_year(monkeypatch):
    """Each series counts for itself, and each begins with 1 on 1 January."""
    service = with_plans("p", "q", "r", "s")
    service.clock.now = lambda: datetime(2027, 2, 1, 2, tzinfo=UTC)

    assert "01/KH-KHCN" == issue(service, "p")
    assert "02/KH-KHCN" == issue(service, "q")
    assert "01/BC-KHCN" == issue(service, "r", series="BC-KHCN")
    assert "01/KH-KHCN" == issue(service, "s", day=NEXT_YEAR)
    assert [2026, 2026, 2026, 2027] == [one.row.year for one in service.numbers()]


def test_a_normative_document_carries_the_year_in_its_number(service):
    """The definition says so, and gives the series; the revision that was numbered is recorded."""
    assert "01/2026/QĐ-UBND" == issue(service, document="decision", series=None)
    assert "1.1" == state(service).numbers[0].revision


def test_a_number_once_given_is_never_given_again(service):
    """Correcting the event takes the number off the plan, but nobody gets it a second time."""
    issue(service)
    service.correct("p", state(service).seq, OFFICER_AT(DAY), reason="nhầm sổ")
    assert () == state(service).numbers

    with pytest.raises(Refused) as refused:
        issue(service, number=1)
    assert {"number-taken"} == codes(refused.value)
    assert "02/KH-KHCN" == issue(service)
    assert [True, False] == [one.void for one in service.numbers()]
    assert () == service.record.verify().findings


def test_a_number_of_the_paper_register_can_be_entered(service):
    """`--number` takes that one, and the next free one lies behind it."""
    other = with_plans("p", "q")

    assert "25/KH-KHCN" == issue(other, number=25)
    assert "26/KH-KHCN" == issue(other, "q")


def test_every_reason_against_a_number_is_told(service):
    """It has one already, the wanted one is taken, and nothing of the document exists."""
    issue(service, number=7)
    with pytest.raises(Refused) as refused:
        issue(service, number=7)
    assert {"has-number", "number-taken"} == codes(refused.value)

    with pytest.raises(Refused) as refused:
        issue(service, document="letter", actor="boss", day=date(2026, 6, 1))
    assert {"no-revision"} == codes(refused.value)


def test_the_clerk_gives_numbers():
    """Who is named with the document; others may not, and the attempt stands in the trail."""
    service = with_plans("p")
    with pytest.raises(NotPermitted):
        issue(service, document="letter", actor="other")

    refusal = list(service.record.audit("@workspace"))[-1].event
    assert ("attempt_refused", "number") == (refusal.type, refusal.data["command"])


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"series": "KH KHCN"}, InvalidInput),
        ({"series": "x" * 41}, InvalidInput),
        ({"series": "<script>"}, InvalidInput),
        ({"series": None}, InvalidInput),
        ({"number": 0}, InvalidInput),
        ({"number": 10**9}, InvalidInput),
        ({"document": "nothing"}, NotFound),
        ({"day": DAY - timedelta(days=1)}, InvalidInput),
        ({"day": date(2099, 1, 1)}, InvalidInput),
    ],
)
def test_bad_input_changes_nothing(service, more, error):
    """A series that is none, a number out of range, an unknown document, a day before or after its time."""
    with pytest.raises(error):
        issue(service, **more)

    assert () == service.numbers()
    assert () == state(service).numbers


def test_a_repeated_request_gives_one_number(service):
    """The same request id returns the first result."""
    write = OFFICER_AT(DAY, request_id="r-1")
    first = service.issue_number("p", None, write, series="KH-KHCN")
    again = service.issue_number("p", None, write, series="KH-KHCN")

    assert first.plan.numbers == again.plan.numbers
    assert again.repeated
    assert 1 == len(service.numbers())


def test_a_trial_run_gives_no_number(service):
    """Nothing is written; the number stays free."""
    service.issue_number("p", None, OFFICER_AT(DAY, dry_run=True), series="KH-KHCN")

    assert () == service.numbers()


def test_many_who_issue_at_once_get_different_numbers(tmp_path):
    """Twelve plans over one file, four writers: every number from 1 to 12, none twice, none left out."""
    path = tmp_path / "workflow.db"
    plans = [f"p{n}" for n in range(12)]
    with_plans(*plans, store=SqlStore(path)).store.close()

    def give(some: list[str]) -> list[str]:
        own = service_with(stages_of(STAGES, documents=DOCUMENTS), store=SqlStore(path))
        try:
            return [issue(own, plan) for plan in some]
        finally:
            own.store.close()

    with ThreadPoolExecutor(4) as pool:
        given = [symbol for some in pool.map(give, [plans[n::4] for n in range(4)]) for symbol in some]

    assert [f"{n:02d}/KH-KHCN" for n in range(1, 13)] == sorted(given)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM issued_number WHERE number = 2",
        "UPDATE issued_number SET number = 99 WHERE number = 2",
        "UPDATE issued_number SET series = 'QD' WHERE number = 2",
        "UPDATE issued_number SET year = 1999 WHERE number = 2",
        "UPDATE issued_number SET seq = 1 WHERE number = 2",
        "UPDATE issued_number SET plan = 'p' WHERE number = 2",
        "UPDATE issued_number SET plan = 'nobody' WHERE number = 2",
        "UPDATE issued_number SET document = 'decision' WHERE number = 2",
        "INSERT INTO issued_number VALUES ('KH-KHCN', 2026, 2000, 'p', 1, NULL)",
        "INSERT INTO issued_number VALUES ('KH-KHCN', 2026, 2000, 'nobody', 1, NULL)",
    ],
)
def test_a_register_changed_by_hand_is_found(tmp_path, change):
    """A row that was changed, removed or added is named by its number."""
    path = tmp_path / "workflow.db"
    service = with_plans("p", "q", store=SqlStore(path))
    issue(service, "p")
    issue(service, "q")
    assert () == service.record.verify().findings

    with closing(sqlite3.connect(path, isolation_level=None)) as hand:
        hand.execute(change)
    found = service.record.verify().findings
    service.store.close()

    # A row of a plan that has no events is also one without an event.
    named = {one.check for one in found}
    assert named <= {"number", "orphan"}
    assert "orphan" in named if "nobody" in change else {"number"} == named
    numbers = [str(one.reason.phrase.params["number"]) for one in found if one.check == "number"]
    assert {"2", "99", "2000"} & {*numbers} or "orphan" in named
