"""What leaves the house is recorded on a server by somebody who may write nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest

from workflow import audit
from workflow.messages import Event
from workflow.store import grants
from workflow.store.interface import EventRow, RevisionLost
from workflow.store.sql import SqlStore

psycopg = pytest.importorskip("psycopg")

Make = Callable[..., EventRow]
NUMBERS = count(1)


@pytest.fixture
def user() -> str:
    """The name under which the reviewer logs in, which nobody else on the server has."""
    return f"auditor_{next(NUMBERS)}"


@pytest.fixture
def address(postgres_server, postgres_database: str, user: str) -> str:
    """The address of a database in which the roles have their rights, for the reviewer."""
    names = {role: f"leaving_{role}" for role in grants.ROLES}
    grants.apply(postgres_database, grants.statements(postgres_database, names, "worker"))
    postgres_server.execute(f"CREATE ROLE {user} LOGIN IN ROLE leaving_reviewer", postgres_database)
    return postgres_server.url(postgres_database.rpartition("/")[2], user)


@pytest.fixture
def reviewer(address) -> Iterator[SqlStore]:
    """The database as a reviewer has it."""
    with closing(SqlStore(address, create=False)) as store:
        yield store


@pytest.fixture
def made(user: str) -> Make:
    """Makes the event of an export; what it names differs where a test says so."""

    def make(seq: int = 1, previous: bytes = audit.GENESIS, **differs: Any) -> EventRow:
        login = {"account": "anna", "host": 'máy "1"\\\n', "session_user": user}
        values: dict[str, Any] = {
            "plan": "@workspace",
            "seq": seq,
            "type": "exported",
            "occurred_on": date.today(),
            "recorded_at": datetime.now(UTC),
            "clock": "system",
            "request_id": None,
            "actor": None,
            "authority": {"login": login},
            "definition": None,
            "plugin": None,
            "on_behalf": None,
            "data": {"confidential": False, "count": 2, "format": "csv", "plans": ["1-KH", "2-KH-Đ"]},
        }
        event = Event(**{**values, **differs})
        body = audit.body_of(event)
        hash_ = audit.link(previous, body)
        at = audit.instant(event.recorded_at)
        day = event.occurred_on.isoformat()
        return EventRow(
            event.plan, event.seq, event.type, day, at, event.actor, event.request_id, previous, hash_, body
        )

    return make


def test_a_reviewer_records_exports_and_the_chain_holds(reviewer, made):
    """Each event stands at the chain's end as its bytes say, linked to the one before."""
    first = made()
    reviewer.record_leaving(first)
    second = made(2, first.hash, actor="anna", type="bundled", data={})
    reviewer.record_leaving(second)

    assert [first, second] == list(reviewer.events("@workspace"))


def test_who_was_not_quick_enough_is_told(reviewer, made):
    """An event that is not the next one is not written."""
    reviewer.record_leaving(made())
    with pytest.raises(RevisionLost):
        reviewer.record_leaving(made())
    with pytest.raises(RevisionLost):
        reviewer.record_leaving(made(7))
    assert 1 == len(list(reviewer.events("@workspace")))


NOT_TAKEN = {
    "another type": {"type": "people_loaded"},
    "a refusal": {"type": "attempt_refused"},
    "another chain": {"plan": "1-KH"},
    "a request": {"request_id": "r"},
    "somebody else's session": {"authority": {"login": {"account": "anna", "host": "h", "session_user": "postgres"}}},
    "no session": {"authority": {}},
    "an office": {"authority": {"login": {"session_user": "x"}, "ref": "head"}},
    "a text": {"data": {"note": {"text": "00"}}},
    "nested data": {"data": {"a": [["b"]]}},
    "a day long ago": {"recorded_at": datetime(2019, 1, 1, tzinfo=UTC)},
    "a definition": {"definition": "00"},
    "a body": {"on_behalf": "agency-b"},
    "too much": {"data": {"plans": ["x" * 70000]}},
}


@pytest.mark.parametrize("differs", NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_nothing_else_can_be_written_by_it(address, postgres_server, made, differs):
    """The function takes the bytes of an export by this session and of nothing else."""
    with closing(postgres_server.connect(address)) as connection:
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT workflow_record_export(%s)", (made(**differs).body,))
        assert 0 == connection.execute("SELECT count(*) FROM event").fetchone()[0]


BYTES = {
    "blanks": lambda body: body.replace(b'":', b'": ', 1),
    "keys in another order": lambda body: body.replace(b'"count":2,"format":"csv"', b'"format":"csv","count":2'),
    "a key twice": lambda body: body.replace(b'"count":2', b'"count":2,"count":3'),
    "more behind it": lambda body: body + b"\n",
    "not normalised": lambda body: body.replace("Đ".encode(), "e\u0301".encode()),
    "an escape too many": lambda body: body.replace(b"csv", b"\\u0063sv"),
    "no UTF-8": lambda body: body.replace(b"csv", b"\xff"),
    "cut short": lambda body: body[:-1],
    "nothing": lambda body: b"",
    "a float": lambda body: body.replace(b'"count":2', b'"count":2.5'),
}


@pytest.mark.parametrize("change", BYTES.values(), ids=BYTES)
def test_bytes_that_are_not_canonical_are_refused(address, postgres_server, made, change):
    """What would not verify afterwards is not written."""
    body = made().body
    assert change(body) != body
    with closing(postgres_server.connect(address)) as connection:
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT workflow_record_export(%s)", (change(body),))
        assert 0 == connection.execute("SELECT count(*) FROM event").fetchone()[0]


def test_no_path_and_no_table_of_the_reviewer_leads_it_astray(address, postgres_server, made, reviewer):
    """A temporary table of the same name, or a search path, changes nothing: the event is in the real one."""
    row = made()
    with closing(postgres_server.connect(address)) as connection:
        connection.execute("CREATE TEMP TABLE event (LIKE public.event)")
        connection.execute("SET search_path = pg_temp, public")
        connection.execute("SELECT public.workflow_record_export(%s)", (row.body,))
        assert 0 == connection.execute("SELECT count(*) FROM pg_temp.event").fetchone()[0]
    assert [row] == list(reviewer.events("@workspace"))


def test_who_has_no_role_cannot_call_it(address, postgres_server, postgres_database, made):
    """The function is for the three roles, not for everybody who may connect."""
    postgres_server.execute("CREATE ROLE stranger_at_the_door LOGIN", postgres_database)
    try:
        stranger = postgres_server.url(postgres_database.rpartition("/")[2], "stranger_at_the_door")
        with closing(postgres_server.connect(stranger)) as connection, pytest.raises(psycopg.Error):
            connection.execute("SELECT public.workflow_record_export(%s)", (made().body,))
    finally:
        postgres_server.execute("DROP ROLE stranger_at_the_door", postgres_database)


def test_the_grants_name_the_function(postgres_database):
    """What `db grant` prints gives the right to it, and takes it from everybody else."""
    printed = "\n".join(grants.statements(postgres_database, grants.DEFAULT_NAMES, "worker"))
    assert 'GRANT EXECUTE ON FUNCTION "public".workflow_record_export(bytea) TO "trinh_reviewer"' in printed
    assert 'REVOKE ALL ON FUNCTION "public".workflow_record_export(bytea) FROM PUBLIC' in printed
