"""The whole engine on PostgreSQL: the demonstration, tampering, logins, and servers lost in mid-command."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from engine.kit import DAY, events, stages_of, to
from engine_kit import OFFICER_AT, service_with
from postgres_kit import PASSWORD, Server
from postgres_wire import Wire

from workflow.cli import main
from workflow.errors import Conflict, NotPermitted, StorageUnusable
from workflow.service.service import Service
from workflow.store.sql import SqlStore
from workflow.views.plans import Write

LOOP = {"a": {"transitions": {"go": to("b")}}, "b": {"transitions": {"go": to("a"), "end": to("c")}}, "c": {}}


def typed(*arguments: str, **environment: str) -> Result:
    """Type a command, as a person would."""
    env: dict[str, str | None] = dict.fromkeys(("WORKFLOW_DATABASE", "WORKFLOW_ACTOR", "WORKFLOW_HOME", "PGPASSWORD"))
    return CliRunner().invoke(main, list(arguments), env={**env, "WORKFLOW_LANG": "en", **environment})


@pytest.fixture(scope="module")
def played(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A played demonstration: its folder and its database's address, which needs a password."""
    # By hand and not by `ALTER ROLE`: the session's server is everybody's.
    name = postgres_server.new_database().rpartition("/")[2]
    postgres_server.execute(f"ALTER DATABASE {name} OWNER TO guarded")
    url = postgres_server.url(name, "guarded", PASSWORD)
    folder = str(tmp_path_factory.mktemp("demo") / "plans")
    done = typed("--database", url, "demo", folder)
    assert 0 == done.exit_code, done.output
    assert "agrees with itself" in done.stdout
    assert PASSWORD not in done.output
    return folder, url


@pytest.fixture
def copy(postgres_server: Server, played: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """The demonstration's folder and a copy of its database that this test may spoil."""
    folder, url = played
    made = postgres_server.new_database(url.rpartition("/")[2])
    yield folder, made
    postgres_server.drop(made)


def test_the_demonstration_runs_on_postgresql(played):
    """All five plans come to their end, are listed, and the record verifies."""
    folder, url = played
    listed = json.loads(typed("--workspace", folder, "--database", url, "--json", "list").stdout)
    verified = typed("--workspace", folder, "audit", "verify", WORKFLOW_DATABASE=url)

    assert {"finished"} == {plan["state"] for plan in listed["plans"]}
    assert 5 == len(listed["plans"])
    assert (0, True) == (verified.exit_code, "agrees with itself" in verified.stdout)


def test_the_password_is_not_kept_in_the_workspace(played):
    """workflow.toml names the database without its password, which comes from PGPASSWORD."""
    folder, _ = played
    settings = Path(folder, "workflow.toml").read_text(encoding="utf-8")
    assert 'database = "postgresql://guarded@127.0.0.1' in settings
    assert all(PASSWORD not in path.read_text("utf-8", "replace") for path in Path(folder).rglob("*") if path.is_file())

    locked, opened = typed("--workspace", folder, "list"), typed("--workspace", folder, "list", PGPASSWORD=PASSWORD)
    assert (2, True) == (locked.exit_code, "PGPASSWORD" in locked.stderr)
    assert 0 == opened.exit_code


def test_a_password_is_never_printed(played):
    """Neither a result nor a failure shows it, in words, as JSON, or with a traceback."""
    folder, url = played
    asked = [
        ("--json", "db", "upgrade"),
        ("db", "upgrade"),
        ("--debug", "--json", "show", "missing"),
        ("--debug", "people", "load", "--as", "missing"),
    ]
    asked += [("--database", spoilt, "--debug", "list") for spoilt in (url + "x", url.replace("guarded", "unknown"))]
    for arguments in asked:
        result = typed("--workspace", folder, "--database", url, *arguments)
        assert PASSWORD not in result.output
        assert "s3cret" not in result.output


def test_a_demonstration_never_plays_into_a_database_in_use(played, tmp_path):
    """Where WORKFLOW_DATABASE names an office's own database, `demo` refuses and changes nothing."""
    folder, url = played
    before = typed("--workspace", folder, "--database", url, "audit", "verify").stdout
    refused = typed("demo", str(tmp_path / "plans"), WORKFLOW_DATABASE=url)

    assert (2, True) == (refused.exit_code, "empty database" in refused.stderr)
    assert before == typed("--workspace", folder, "--database", url, "audit", "verify").stdout


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE event SET body = replace(convert_from(body, 'UTF8'), '2019', '2018')::bytea WHERE seq = 9", "event 9"),
        ("UPDATE event SET actor = 'other' WHERE seq = 4", "event 4"),
        ("DELETE FROM event WHERE plan = '25-KH-KHCN-2019' AND seq = 60", "25-KH-KHCN-2019"),
        ("UPDATE plan SET stage = 'first-draft' WHERE id = '25-KH-KHCN-2019'", "25-KH-KHCN-2019"),
        ("DELETE FROM work_item WHERE plan = 'KH-NSCL-2021'", "KH-NSCL-2021"),
        ("UPDATE work_item SET done_on = '2001-01-01' WHERE plan = 'KH-NSCL-2021'", "KH-NSCL-2021"),
        ("UPDATE content SET data = 'other'::bytea WHERE kind = 'file'", ""),
        ("SELECT 1", ""),
    ],
)
def test_what_was_changed_by_hand_is_found(copy, postgres_server, statement, said):
    """Whoever takes the guard off the events, or changes what rests on them, is found by `audit verify`."""
    folder, url = copy
    guard = "ALTER TABLE event DISABLE TRIGGER ALL; ALTER TABLE document DISABLE TRIGGER ALL"
    with closing(postgres_server.connect(url)) as raw:
        raw.execute("SET session_replication_role = replica")
        raw.execute(guard)
        raw.execute(statement)
    verified = typed("--workspace", folder, "--database", url, "audit", "verify")

    assert 7 == verified.exit_code, verified.output
    assert said in verified.output


# one person


@pytest.fixture
def service(postgres_database: str) -> Iterator[Callable[..., Service]]:
    """Opens a service on the database of this test, by any address that leads there."""
    stores: list[SqlStore] = []

    def opened(url: str = postgres_database, **more) -> Service:
        stores.append(SqlStore(url))
        return service_with(stages_of(LOOP), store=stores[-1], **more)

    yield opened
    for store in stores:
        store.close()


def test_the_trail_says_whom_the_server_let_in(played):
    """Events carry account, host and the server's `session_user`."""
    folder, url = played
    trail = json.loads(typed("--workspace", folder, "--database", url, "--json", "audit", "show").stdout)

    assert {"guarded"} == {e["authority"]["login"]["session_user"] for e in trail["events"] if e["actor"]}


def test_a_login_is_held_against_what_the_server_says(service):
    """On a server `login:` of people.yaml is the role that was let in, whatever the computer's account is called."""
    right = service(login={"account": "pc-7", "host": "h", "session_user": "someone-else"})
    right.create("d", "p", OFFICER_AT(DAY, actor="bound"))
    wrong = service(login={"account": "someone-else", "host": "h", "session_user": "clerk"})
    with pytest.raises(NotPermitted) as refused:
        wrong.advance("p", "go", OFFICER_AT(DAY, actor="bound"))

    assert ("login-mismatch", 4) == (refused.value.code, refused.value.exit_code)
    assert "clerk" in str(refused.value)
    assert 1 == right.store.plan("p").revision


def test_another_ones_login_is_refused_at_the_command_line(postgres_server, tmp_path):
    """Who is let in as somebody else may not act as a person whose login is known: exit 4."""
    database = postgres_server.new_database()
    office = tmp_path / "office"
    assert 0 == typed("--database", database, "init", str(office)).exit_code
    people = office / "people.yaml"
    text = people.read_text(encoding="utf-8")
    assert "  van-thu:" in text
    people.write_text(with_login(text, "van-thu", "postgres"), encoding="utf-8")
    assert 0 == typed("--workspace", str(office), "people", "load", "--as", "van-thu").exit_code
    create = ("--workspace", str(office), "create", "support-technology-renewal-2019", "--id", "p", "--as", "van-thu")
    done = typed(*create)
    people.write_text(with_login(text, "van-thu", "somebody"), encoding="utf-8")
    typed("--workspace", str(office), "people", "load", "--as", "van-thu")
    refused = typed("--workspace", str(office), "suspend", "p", "--reason", "x", "--as", "van-thu")

    assert 0 == done.exit_code, done.output
    assert 4 == refused.exit_code, refused.output
    assert "postgres" in refused.stderr
    postgres_server.drop(database)


def with_login(register: str, person: str, login: str) -> str:
    """The register with a person's login."""
    import yaml

    data = yaml.safe_load(register)
    data["persons"][person]["login"] = login
    return yaml.safe_dump(data, allow_unicode=True)


# a connection lost in the middle of a command


@pytest.mark.parametrize("cut", ["before", "behind"])
def test_the_same_request_tells_whether_it_was_done(service, wire: Wire, postgres_database, cut):
    """After a connection broke in the middle, the repeated command is done once, and says whether it had been."""
    service().create("d", "p", OFFICER_AT(DAY))
    distant = service(wire.instead(postgres_database))
    write = OFFICER_AT(DAY, request_id="letter-7", note="đi tiếp")
    setattr(wire, f"cut_{cut}", b"UPDATE plan")
    with pytest.raises(StorageUnusable, match="wholly done, or not at all") as lost:
        distant.advance("p", "go", write)
    assert "--request-id letter-7" in str(lost.value.hint)
    wire.mend()

    again = distant.advance("p", "go", write)
    assert (cut == "behind") == again.repeated
    assert ["transition_fired"] == [event.type for event in events(distant) if event.request_id == "letter-7"][:1]
    assert 1 == [event.type for event in events(distant)].count("transition_fired")
    assert () == distant.record.verify().findings


def test_of_two_people_at_once_one_is_told_what_the_other_did(service):
    """Many people fire the same transition from many connections: one does, the others get the conflict."""
    service().create("d", "p", OFFICER_AT(DAY))
    services = [service() for _ in range(5)]
    told: list[str] = []
    together = threading.Barrier(5)

    def fire(own: Service) -> None:
        together.wait()
        try:
            own.advance("p", "go", OFFICER_AT(DAY, expect=1))
            told.append("done")
        except Conflict as conflict:
            told.append("officer" if "officer" in str(conflict) else str(conflict))

    threads = [threading.Thread(target=fire, args=(own,)) for own in services]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert ["done"] + ["officer"] * 4 == sorted(told)


def test_who_lost_and_takes_a_turn_gets_in(service):
    """On one plan that everybody moves, who retries in a turn is done at the second attempt; none is lost."""
    service().create("d", "p", OFFICER_AT(DAY))
    attempts: list[int] = []

    def turning(own: Service) -> None:
        for _ in range(10):
            tried = 0
            while True:
                tried += 1
                try:
                    if tried == 1:
                        own.advance("p", "go", Write(actor="officer", on=DAY))
                    else:
                        with own.store.turn("p"):
                            own.advance("p", "go", Write(actor="officer", on=DAY))
                    break
                except Conflict:
                    continue
            attempts.append(tried)

    threads = [threading.Thread(target=turning, args=(service(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    last = service()
    assert 40 == len(attempts)
    assert 2 >= max(attempts)
    assert 40 == [event.type for event in events(last)].count("transition_fired")
    assert () == last.record.verify().findings


def test_the_server_is_asked_for_no_more_than_it_must(postgres_server, postgres_database):
    """A command's process leaves no session behind."""
    done = typed("--database", postgres_database, "db", "upgrade", WORKFLOW_HOME=os.devnull)
    assert done.exit_code in (0, 2)
    with closing(postgres_server.connect(postgres_database)) as raw:
        sessions = raw.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()").fetchone()
    assert (1,) == sessions
