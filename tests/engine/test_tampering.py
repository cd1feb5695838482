"""Whoever changes the stored record by hand is found: `verify` names the chain, the place and what differs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from engine.kit import DAY, begun, hooked, stages_of, to
from engine_kit import OFFICER_AT, service_with
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow.errors import Refused
from workflow.hookspecs import Effect
from workflow.service.service import Service
from workflow.store.sql import SqlStore
from workflow.views.plans import Finding

TASK = {"uses": "task", "lead": "office"}
STAGES = {
    "a": {"steps": {"work": TASK, "rest": TASK}, "transitions": {"go": to("b")}, "due": "2026-04-15"},
    "b": {
        "steps": {"judge": {"uses": "verdict"}},
        "transitions": {"end": to("c", outcome={"judge": "passed"}), "back": to("a", reopen=["a/work"])},
    },
    "c": {},
}
TRIGGERS = ("event_not_updated", "event_not_deleted", "event_not_replaced")
EVENT = ("plan", "seq", "type", "occurred_on", "recorded_at", "actor", "request_id", "previous", "hash", "body")
PLAN = (
    *("id", "definition", "definition_id", "definition_version", "status", "stage", "revision"),
    *("title", "head", "latest_on", "state", "wakes_on", "reminds_on"),
)
WORK_ITEM = ("plan", "step", "round", "key", "title_vi", "title_en", "owner", "due_on", "done_on", "open", "asked_by")


def fill(service: Service, folder: Path) -> None:
    """Play a realistic plan `p`, a second one `q`, and refusals."""
    letter = folder / "cv.pdf"
    letter.write_bytes(b"%PDF-1.7 letter")
    for plan in ("p", "q"):
        service.create("d", plan, OFFICER_AT(DAY, request_id=f"create-{plan}"), title=f"Kế hoạch {plan}")
    service.act("p", "work", "complete", {"result": "xong"}, OFFICER_AT(DAY, note="ghi", attach=(letter,)))
    with pytest.raises(Refused):
        service.advance("p", "go", OFFICER_AT(DAY, note="thử"))
    service.act("p", "rest", "complete", {}, OFFICER_AT(DAY, behalf="dept-a", request_id="rest"))
    service.advance("p", "go", OFFICER_AT(DAY))
    service.act("p", "judge", "fail", {}, OFFICER_AT(DAY))
    service.advance("p", "back", OFFICER_AT(DAY))
    service.correct("p", service.store.plan("p").revision - 1, OFFICER_AT(DAY), reason="bấm nhầm")
    service.suspend("p", OFFICER_AT(DAY), reason="theo chỉ đạo")


class Record:
    """A filled database whose guard against changes was taken off."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "workflow.db"
        plugins = hooked(events_recorded=lambda plan, events: [Effect("mail", {"plan": plan.id})])
        self.service = service_with(stages_of(STAGES), store=SqlStore(self.path), registry=plugins)
        fill(self.service, folder)
        self.by_hand = sqlite3.connect(self.path, isolation_level=None)
        for name in TRIGGERS:
            self.by_hand.execute(f"DROP TRIGGER {name}")
        self.by_hand.execute("PRAGMA ignore_check_constraints = ON")

    def close(self) -> None:
        self.by_hand.close()
        self.service.store.close()

    def findings(self, plan: str | None = None) -> tuple[Finding, ...]:
        """Return what is found, besides that the triggers are gone."""
        return tuple(f for f in self.service.record.verify(plan).findings if f.check != "append-only")

    def findings_after(self, *changes: str | tuple[str, tuple[object, ...]]) -> tuple[Finding, ...]:
        """Return what is found once these statements ran; then everything is as before."""
        with closing(sqlite3.connect(":memory:")) as kept:
            self.by_hand.backup(kept)
            try:
                for change in changes:
                    self.by_hand.execute(*((change,) if isinstance(change, str) else change))
                return self.findings()
            finally:
                kept.backup(self.by_hand)

    def findings_with(self, table: str, where: str, column: str, value: str) -> tuple[Finding, ...] | None:
        """Return what is found with *value* in *column* of one row, or None if the table cannot hold it so."""
        row = f"FROM {table} WHERE {where}"
        (number, before) = self.by_hand.execute(f"SELECT rowid, {column} {row}").fetchone()
        change = f"UPDATE OR IGNORE {table} SET {column} = {value} WHERE rowid = {number}"
        with closing(sqlite3.connect(":memory:")) as kept:
            self.by_hand.backup(kept)
            kept.execute("PRAGMA ignore_check_constraints = ON")
            kept.execute(change)
            (after,) = kept.execute(f"SELECT {column} FROM {table} WHERE rowid = {number}").fetchone()
        return None if after == before and type(after) is type(before) else self.findings_after(change)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """One filled database for all; each test leaves it as it was."""
    made = Record(tmp_path_factory.mktemp("tampered"))
    assert () == made.findings()
    yield made
    made.close()


def told(findings: tuple[Finding, ...]) -> str:
    """Return all that the findings say, with their places."""
    return "\n".join(f"{f.check} {f.chain} {f.seq} {f.reason.code} {f.reason}" for f in findings)


VALUES = ["'x'", "NULL", "X'00ff'", "7", "''", "2.5"]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("seq", [1, 5, "(SELECT max(seq) FROM event WHERE plan = 'p')"])
@pytest.mark.parametrize("column", EVENT)
def test_any_changed_column_of_an_event_is_found(record: Record, column: str, seq: int | str, value: str):
    """Whatever stands in a column of an event instead, the chain and the event or the column are named."""
    findings = record.findings_with("event", f"plan = 'p' AND seq = {seq}", column, value)

    if findings is not None:
        assert "p" in {finding.chain for finding in findings}
        assert {"actor", "request_id", "type", "occurred_on", "recorded_at"} & {column} <= set(
            told(findings).split("`")
        )


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("column", PLAN)
def test_any_changed_column_of_a_plan_is_found(record: Record, column: str, value: str):
    """The plan's row is compared with what replay gives, and the column that differs is named."""
    findings = record.findings_with("plan", "id = 'p'", column, value)

    if findings is None:
        return
    if column == "id":
        assert "the plan's row is missing" in told(findings)
    else:
        assert ["p"] == [finding.chain for finding in findings]
        assert f"`{column}`" in told(findings)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("column", WORK_ITEM)
def test_any_changed_column_of_a_work_item_is_found(record: Record, column: str, value: str):
    """Each item is compared with what replay gives; the item, and the field that differs, are named."""
    where = "plan = 'p' AND step = 'a/work' AND round = 1"
    findings = record.findings_with("work_item", where, column, value)

    if findings is None:
        return
    if column in ("plan", "step", "round", "key"):
        assert "work item a/work@1#work is missing" in told(findings)
    else:
        assert f"work item a/work@1#work differs in {column}" in told(findings)


def test_the_columns_tested_are_all_there_are(record: Record):
    """A column added to one of the three tables must be added here."""
    for table, columns in (("event", EVENT), ("plan", PLAN), ("work_item", WORK_ITEM)):
        there = [row[1] for row in record.by_hand.execute(f"PRAGMA table_info({table})")]
        assert list(columns) == there


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (["DELETE FROM event WHERE plan = 'p' AND seq = 4"], "event 4 is missing"),
        (["DELETE FROM event WHERE plan = 'p' AND seq = (SELECT max(seq) FROM event WHERE plan = 'p')"], "`revision`"),
        (["DELETE FROM event WHERE plan = 'q'"], "orphan q"),
        (["DELETE FROM plan WHERE id = 'q'"], "the plan's row is missing"),
        (["DELETE FROM event WHERE plan = '@workspace' AND seq = 1"], "sequence @workspace 1"),
        (
            [
                "UPDATE event SET seq = 99 WHERE plan = 'p' AND seq = 3",
                "UPDATE event SET seq = 3 WHERE plan = 'p' AND seq = 4",
                "UPDATE event SET seq = 4 WHERE plan = 'p' AND seq = 99",
            ],
            "link p 3",
        ),
        (
            [
                "INSERT INTO event SELECT plan, seq + 1, type, occurred_on, recorded_at, actor, request_id, hash, "
                "hash, body FROM event WHERE plan = 'q' ORDER BY seq DESC LIMIT 1"
            ],
            "link q",
        ),
        (["DELETE FROM work_item WHERE plan = 'p' AND step = 'a/rest'"], "work item a/rest@1#work is missing"),
        (
            [
                "INSERT INTO work_item SELECT plan, step, 9, key, title_vi, title_en, owner, due_on, done_on, open, "
                "asked_by FROM work_item WHERE plan = 'p' AND step = 'a/rest'"
            ],
            "no event gives it",
        ),
        (["UPDATE document SET size = size + 1"], "document 1 of event"),
        (["DELETE FROM document"], "document 1 of event"),
        (["UPDATE content SET data = CAST('khác' AS BLOB) WHERE kind = 'text'"], "text-differs"),
        (["DELETE FROM content WHERE kind = 'text'"], "text-missing"),
        (["UPDATE content SET data = X'00' WHERE kind = 'file'"], "file-differs"),
        (["UPDATE content SET data = 'chữ' WHERE kind = 'file'"], "file-differs"),
        (["DELETE FROM content WHERE kind = 'file'"], "file-differs"),
        (["UPDATE definition SET body = replace(body, 'office', 'dept-a')"], "definition-differs"),
        (["DELETE FROM definition"], "definition-differs"),
    ],
)
def test_rows_removed_added_or_exchanged_are_found(record: Record, changes: list[str], words: str):
    """Gaps, insertions, exchanged events, lost projections, changed texts, files and definitions are told."""
    assert words in told(record.findings_after(*changes))


def test_one_gap_is_one_finding(record: Record):
    """What stands behind a removed event is judged on from there and not called missing."""
    found = record.findings_after("DELETE FROM event WHERE plan = 'p' AND seq = 4")

    assert [("sequence", 4)] == [(finding.check, finding.seq) for finding in found if finding.chain == "p"]


def test_triggers_that_were_taken_off_are_found(tmp_path: Path):
    """A database that would let events be changed is a finding, though nothing was changed yet."""
    service = service_with(stages_of(STAGES), store=SqlStore(tmp_path / "workflow.db"))
    service.create("d", "p", OFFICER_AT(DAY))
    assert () == service.record.verify().findings

    with closing(sqlite3.connect(tmp_path / "workflow.db")) as by_hand:
        by_hand.execute("DROP TRIGGER event_not_deleted")
        by_hand.commit()

    assert ["append-only"] == [finding.check for finding in service.record.verify().findings]


def test_a_plan_without_events_is_found_when_it_alone_is_verified(record: Record):
    """Verifying one plan whose chain was removed does not end well for want of events."""
    record.by_hand.execute("BEGIN")
    record.by_hand.execute("CREATE TEMP TABLE kept AS SELECT * FROM event WHERE plan = 'q'")
    record.by_hand.execute("DELETE FROM event WHERE plan = 'q'")
    record.by_hand.execute("COMMIT")

    findings = record.findings("q")

    record.by_hand.execute("INSERT INTO event SELECT * FROM kept")
    record.by_hand.execute("DROP TABLE kept")
    assert "no event" in told(findings)
    assert () == record.findings()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_byte_of_an_event_is_found(record: Record, data: st.DataObject):
    """Every single changed byte of body, hash or previous hash is found, at its event, whatever it makes of it."""
    places = record.by_hand.execute("SELECT plan, seq FROM event ORDER BY plan, seq").fetchall()
    plan, seq = data.draw(st.sampled_from(places))
    column = data.draw(st.sampled_from(["body", "body", "hash", "previous"]))
    where = f"UPDATE event SET {column} = ? WHERE plan = ? AND seq = ?"
    (stored,) = record.by_hand.execute(f"SELECT {column} FROM event WHERE plan = ? AND seq = ?", (plan, seq)).fetchone()
    position = data.draw(st.integers(0, len(stored) - 1))
    changed = bytearray(stored)
    changed[position] ^= data.draw(st.integers(1, 255))

    record.by_hand.execute(where, (bytes(changed), plan, seq))
    try:
        findings = record.findings()
    finally:
        record.by_hand.execute(where, (stored, plan, seq))

    first = next(finding for finding in findings if finding.chain == plan)
    assert seq == first.seq


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_byte_of_a_column_is_found(record: Record, data: st.DataObject):
    """Every single changed byte of any text or bytes in the three tables is found, though it be no text any more."""
    table, columns = data.draw(st.sampled_from([("event", EVENT), ("plan", PLAN), ("work_item", WORK_ITEM)]))
    rows = [row for (row,) in record.by_hand.execute(f"SELECT rowid FROM {table} ORDER BY rowid")]
    row, column = data.draw(st.sampled_from(rows)), data.draw(st.sampled_from(columns))
    kind, stored, raw = record.by_hand.execute(
        f"SELECT typeof({column}), {column}, CAST({column} AS BLOB) FROM {table} WHERE rowid = ?", (row,)
    ).fetchone()
    if kind not in ("text", "blob") or not raw:
        return
    changed = bytearray(raw)
    changed[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))

    cast = "CAST(? AS TEXT)" if kind == "text" else "?"
    record.by_hand.execute(f"UPDATE OR IGNORE {table} SET {column} = {cast} WHERE rowid = ?", (bytes(changed), row))
    (after,) = record.by_hand.execute(f"SELECT CAST({column} AS BLOB) FROM {table} WHERE rowid = ?", (row,)).fetchone()
    if after == raw:
        return
    try:
        findings = record.findings()
    finally:
        record.by_hand.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (stored, row))

    assert findings
    assert all(str(finding.reason) and finding.chain for finding in findings)


def test_an_untouched_record_verifies():
    """What was written by commands alone has nothing wrong with it, in memory too."""
    service = begun(STAGES)

    verification = service.record.verify()

    assert ((), 2) == (verification.findings, verification.chains)
    assert verification.events == sum(len(list(service.store.events(chain))) for chain in ("p", "@workspace"))
