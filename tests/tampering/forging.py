"""What a forger does to the database, by plain SQL and by reckoning hashes anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from tampering.conftest import OTHER, PLAN, Forger

WORKSPACE = "@workspace"
NEW = "1-KH-MAU"

Manipulation = Callable[[Forger], object]


def sql(text: str, *values: object) -> Manipulation:
    """A manipulation by one statement, which has to change something."""

    def change(forger: Forger) -> None:
        assert forger.execute(text, values).rowcount > 0, text

    return change


def body(type_: str, before: str, after: str, plan: str = PLAN, relink: bool = False) -> Manipulation:
    """A text in an event's bytes is another; *relink*: every hash behind it fits again."""

    def change(forger: Forger) -> None:
        forger.edit_body(forger.event(plan, type_), before, after)
        if relink:
            forger.relink(plan)

    return change


def swap_bodies(forger: Forger) -> None:
    first, second = forger.execute("SELECT * FROM event WHERE plan = ? LIMIT 2 OFFSET 3", (PLAN,)).fetchall()
    for one, other in ((first, second), (second, first)):
        forger.execute("UPDATE event SET body = ? WHERE plan = ? AND seq = ?", (other["body"], PLAN, one["seq"]))


def swap_events(forger: Forger) -> None:
    for before, after in ((4, -4), (5, 4), (-4, 5)):
        forger.execute("UPDATE event SET seq = ? WHERE plan = ? AND seq = ?", (after, PLAN, before))


def close_the_gap(forger: Forger) -> None:
    forger.execute("DELETE FROM event WHERE plan = ? AND seq = 5", (PLAN,))
    forger.execute("UPDATE event SET seq = seq - 1 WHERE plan = ? AND seq > 5", (PLAN,))


def insert_in_the_middle(forger: Forger) -> None:
    forger.execute("UPDATE event SET seq = -seq - 1 WHERE plan = ? AND seq > 5", (PLAN,))
    forger.execute("UPDATE event SET seq = -seq WHERE plan = ? AND seq < 0", (PLAN,))
    copy_event(forger, PLAN, 5, 6)


def copy_event(forger: Forger, plan: str, seq: int, to: int) -> None:
    columns = "type, occurred_on, recorded_at, actor, request_id, previous, hash, body"
    forger.execute(
        f"INSERT INTO event (plan, seq, {columns}) SELECT plan, ?, {columns} FROM event WHERE plan = ? AND seq = ?",
        (to, plan, seq),
    )


def append_unlinked(forger: Forger) -> None:
    last = forger.one("SELECT max(seq) AS seq FROM event WHERE plan = ?", PLAN)["seq"]
    copy_event(forger, PLAN, last, last + 1)


def cut_the_tail(forger: Forger, plan: str = PLAN) -> None:
    last = forger.one("SELECT max(seq) AS seq FROM event WHERE plan = ?", plan)["seq"]
    for table in ("document", "effect", "issued_number", "event"):
        forger.execute(f"DELETE FROM {table} WHERE plan = ? AND seq = ?", (plan, last))
    forger.execute("DELETE FROM event_about WHERE plan = ? AND seq = ?", (plan, last))


def remove_the_plan(forger: Forger) -> None:
    for table in ("work_item", "document", "effect", "issued_number", "event_about", "event"):
        forger.execute(f"DELETE FROM {table} WHERE plan = ?", (OTHER,))
    forger.execute("DELETE FROM plan WHERE id = ?", (OTHER,))


def move_to_another_plan(forger: Forger) -> None:
    event = forger.event(OTHER, "transition_fired")
    last = forger.one("SELECT max(seq) AS seq FROM event WHERE plan = ?", PLAN)["seq"]
    forger.execute(
        "UPDATE event SET plan = ?, seq = ? WHERE plan = ? AND seq = ?", (PLAN, last + 1, OTHER, event["seq"])
    )


def rename_the_plan(forger: Forger) -> None:
    for table, column in (("plan", "id"), ("event", "plan"), ("work_item", "plan"), ("document", "plan")):
        forger.execute(f"UPDATE {table} SET {column} = 'khác' WHERE {column} = ?", (OTHER,))


def other_hash(table: str, column: str) -> Manipulation:
    """A hash's last byte is another."""

    def change(forger: Forger) -> None:
        row = forger.one(f"SELECT rowid AS r, {column} AS h FROM {table} LIMIT 1")
        changed = row["h"][:-1] + bytes([row["h"][-1] ^ 1])
        forger.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (changed, row["r"]))

    return change


def other_definition(forger: Forger) -> None:
    """The definition says something else, under a hash that fits it, and the plan's row follows."""
    plan = forger.one("SELECT definition FROM plan WHERE id = ?", PLAN)
    row = forger.one("SELECT * FROM definition WHERE hash = ?", plan["definition"])
    changed = row["body"].replace(b'"workflow":1', b'"workflow":1 ')
    changed = changed if changed != row["body"] else row["body"] + b" "
    hash_ = hashlib.sha256(changed).hexdigest()
    forger.execute("UPDATE definition SET hash = ?, body = ? WHERE hash = ?", (hash_, changed, row["hash"]))
    forger.execute("UPDATE plan SET definition = ? WHERE definition = ?", (hash_, row["hash"]))


def one_byte_of_a_file(forger: Forger) -> None:
    document = forger.one("SELECT sha256 FROM document WHERE plan = ?", PLAN)
    row = forger.one("SELECT data FROM content WHERE kind = 'file' AND key = ? AND part = 0", document["sha256"])
    forger.execute(
        "UPDATE content SET data = ? WHERE kind = 'file' AND key = ? AND part = 0",
        (bytes([row["data"][0] ^ 1]) + row["data"][1:], document["sha256"]),
    )


def a_note_of_the_plan(forger: Forger, plan: str = PLAN) -> str:
    for row in forger.execute("SELECT body FROM event WHERE plan = ? ORDER BY seq", (plan,)):
        for key in forger.execute("SELECT key FROM content WHERE kind = 'text'").fetchall():
            if key["key"].encode() in row["body"]:
                return str(key["key"])
    raise AssertionError("no text to forge")


def on_a_text(statement: str) -> Manipulation:
    """A statement on one text of the plan."""
    return lambda forger: forger.execute(statement, (a_note_of_the_plan(forger),))


def put_back_what_was_withdrawn(forger: Forger) -> None:
    data = json.loads(forger.event(NEW, "content_withdrawn")["body"])["data"]
    forger.execute(
        "INSERT INTO content (key, kind, part, salt, data) VALUES (?, 'text', 0, ?, ?)",
        (data["texts"][0], bytes(16), "số khác".encode()),
    )


def silence_the_guards(forger: Forger) -> None:
    """Triggers of the same names that do nothing, in place of ours."""
    forger.guards = [  # type: ignore[attr-defined]
        {"sql": f"CREATE TRIGGER {guard['name']} BEFORE UPDATE ON event BEGIN SELECT 1; END"}
        for guard in forger.guards  # type: ignore[attr-defined]
    ]


def no_guards(forger: Forger) -> None:
    forger.guards = []  # type: ignore[attr-defined]


def a_register_of_its_own(forger: Forger) -> None:
    """The people register says that somebody else holds the office."""
    sha256 = json.loads(forger.event(WORKSPACE, "people_loaded")["body"])["data"]["sha256"]
    row = forger.one("SELECT data FROM content WHERE kind = 'file' AND key = ? AND part = 0", sha256)
    forger.execute(
        "UPDATE content SET data = ? WHERE kind = 'file' AND key = ?", (row["data"].replace(b'"', b"'", 1), sha256)
    )


def decompose(forger: Forger) -> None:
    """The same text to the eye, in other bytes: NFD, in a chain whose hashes fit."""
    event = forger.event(PLAN, "plan_created")
    forger.edit_body(event, '"actor":"', '"actor":"e\u0302')
    forger.relink(PLAN)


def reorder(forger: Forger) -> None:
    """The same JSON to a parser, in another order."""
    event = forger.event(PLAN, "plan_created")
    value = json.loads(event["body"])
    changed = json.dumps(dict(reversed(value.items())), ensure_ascii=False, separators=(",", ":")).encode()
    forger.execute("UPDATE event SET body = ? WHERE plan = ? AND seq = ?", (changed, PLAN, event["seq"]))
    forger.relink(PLAN)


def doubled_key(forger: Forger) -> None:
    event = forger.event(PLAN, "plan_created")
    forger.edit_body(event, '{"actor":', '{"actor":"ai-do","actor":')
    forger.relink(PLAN)


def wrong_type(forger: Forger) -> None:
    forger.execute("UPDATE event SET body = CAST(body AS TEXT) WHERE plan = ? AND seq = 3", (PLAN,))


def forge_a_seal(forger: Forger) -> None:
    row = forger.one("SELECT number, note FROM seal ORDER BY number LIMIT 1")
    forger.execute(
        "UPDATE seal SET note = ? WHERE number = ?", (row["note"].replace(b"time 20", b"time 19"), row["number"])
    )


def another_key(forger: Forger) -> None:
    event = forger.event(WORKSPACE, "key_added")
    public = json.loads(event["body"])["data"]["public"]
    forger.edit_body(event, public[-10:], public[-10:].swapcase())
    forger.relink(WORKSPACE)


def one_hash(forger: Forger) -> None:
    event = forger.event(PLAN, "transition_fired")
    forger.edit_body(event, '"actor":"', '"actor":"x')
    changed = forger.one("SELECT previous, body FROM event WHERE plan = ? AND seq = ?", PLAN, event["seq"])
    hash_ = hashlib.sha256(changed["previous"] + changed["body"]).digest()
    forger.execute("UPDATE event SET hash = ? WHERE plan = ? AND seq = ?", (hash_, PLAN, event["seq"]))


def hide_a_refusal(forger: Forger) -> None:
    event = forger.event(WORKSPACE, "attempt_refused")
    forger.execute("DELETE FROM event WHERE plan = ? AND seq = ?", (WORKSPACE, event["seq"]))


def date_back(forger: Forger) -> None:
    """An event made after the newest seal that says it was made years before it; everything else fits."""
    event = forger.event(WORKSPACE, "attempt_refused", last=True)
    last = forger.one("SELECT max(seq) AS seq FROM event WHERE plan = ?", WORKSPACE)["seq"]
    copy_event(forger, WORKSPACE, event["seq"], last + 1)
    written = json.loads(event["body"]) | {"seq": last + 1, "recorded_at": "2021-01-01T00:00:00.000000Z"}
    said = json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    forger.execute(
        "UPDATE event SET body = ?, recorded_at = ? WHERE plan = ? AND seq = ?",
        (said, written["recorded_at"], WORKSPACE, last + 1),
    )
    forger.execute(
        "INSERT INTO event_about (subject, recorded_at, plan, seq) "
        "SELECT subject, ?, plan, ? FROM event_about WHERE plan = ? AND seq = ?",
        (written["recorded_at"], last + 1, WORKSPACE, event["seq"]),
    )
    forger.relink(WORKSPACE)


def without_leaves(change: Manipulation, *tables: str) -> Manipulation:
    """A manipulation, and the plan's leaves removed with it; of these *tables* everything is removed."""

    def both(forger: Forger) -> None:
        change(forger)
        forger.execute("DELETE FROM leaf WHERE plan = ?", (OTHER,))
        for table in tables:
            forger.execute(f"DELETE FROM {table}")

    return both
