"""Kinds of manipulation, with the check that has to find each and the chain that it has to name."""

from __future__ import annotations

from tampering.conftest import OTHER, PLAN
from tampering.forging import (
    NEW,
    WORKSPACE,
    Manipulation,
    a_register_of_its_own,
    another_key,
    append_unlinked,
    body,
    close_the_gap,
    cut_the_tail,
    date_back,
    decompose,
    doubled_key,
    forge_a_seal,
    hide_a_refusal,
    insert_in_the_middle,
    move_to_another_plan,
    no_guards,
    on_a_text,
    one_byte_of_a_file,
    one_hash,
    other_definition,
    other_hash,
    put_back_what_was_withdrawn,
    remove_the_plan,
    rename_the_plan,
    reorder,
    silence_the_guards,
    sql,
    swap_bodies,
    swap_events,
    without_leaves,
    wrong_type,
)

MANIPULATIONS: dict[str, tuple[str, str | None, Manipulation]] = {
    # the events' bytes
    "the bytes of an event": ("link", PLAN, body("transition_fired", '"actor":"', '"actor":"x')),
    "the day on which it happened": (
        "link",
        PLAN,
        body("transition_fired", '"occurred_on":"2019', '"occurred_on":"2018'),
    ),
    "one event's bytes and its hash": ("link", PLAN, lambda f: one_hash(f)),
    "two events' bytes exchanged": ("link", PLAN, swap_bodies),
    "two events exchanged": ("link", PLAN, swap_events),
    "text in another normal form, relinked": ("canonical", PLAN, decompose),
    "keys in another order, relinked": ("canonical", PLAN, reorder),
    "a key twice, relinked": ("canonical", PLAN, doubled_key),
    "a number with a point, relinked": (
        "canonical",
        PLAN,
        body("plan_created", '"format":1,', '"format":1.0,', relink=True),
    ),
    "a blank in the JSON, relinked": (
        "canonical",
        PLAN,
        body("plan_created", '"format":1,', '"format": 1,', relink=True),
    ),
    "bytes kept as text": ("canonical", PLAN, wrong_type),
    # the chain
    "an event removed": ("sequence", PLAN, sql("DELETE FROM event WHERE plan = ? AND seq = 5", PLAN)),
    "an event removed and the gap closed": ("link", PLAN, close_the_gap),
    "the first event removed": ("sequence", PLAN, sql("DELETE FROM event WHERE plan = ? AND seq = 1", PLAN)),
    "an event put between": ("link", PLAN, insert_in_the_middle),
    "an event put behind the last": ("link", PLAN, append_unlinked),
    "an event of another plan": ("link", PLAN, move_to_another_plan),
    "a plan under another name": ("columns", "khác", rename_the_plan),
    "the hash of an event": ("link", None, other_hash("event", "hash")),
    "the hash before an event": (
        "link",
        PLAN,
        sql("UPDATE event SET previous = zeroblob(32) WHERE plan = ? AND seq = 7", PLAN),
    ),
    "the last event cut off": ("plan", PLAN, cut_the_tail),
    "a refusal hidden": ("sequence", WORKSPACE, lambda f: hide_a_refusal(f)),
    # the columns
    "the type's column": (
        "columns",
        PLAN,
        sql("UPDATE event SET type = 'step_acted' WHERE plan = ? AND seq = 2", PLAN),
    ),
    "the day's column": (
        "columns",
        PLAN,
        sql("UPDATE event SET occurred_on = '2019-01-02' WHERE plan = ? AND seq = 2", PLAN),
    ),
    "the instant's column": (
        "columns",
        PLAN,
        sql("UPDATE event SET recorded_at = '2019-01-02T00:00:00.000000Z' WHERE plan = ? AND seq = 2", PLAN),
    ),
    "the actor's column": ("columns", PLAN, sql("UPDATE event SET actor = 'ai-do' WHERE plan = ? AND seq = 1", PLAN)),
    "the actor's column emptied": (
        "columns",
        PLAN,
        sql("UPDATE event SET actor = NULL WHERE plan = ? AND seq = 1", PLAN),
    ),
    "the request's column": (
        "columns",
        PLAN,
        sql("UPDATE event SET request_id = 'r' WHERE plan = ? AND seq = 1", PLAN),
    ),
    # definitions, plugins, people
    "a definition's text": (
        "definition",
        PLAN,
        sql("UPDATE definition SET body = body || ' ' WHERE hash = (SELECT definition FROM plan WHERE id = ?)", PLAN),
    ),
    "a definition removed": (
        "definition",
        PLAN,
        sql("DELETE FROM definition WHERE hash = (SELECT definition FROM plan WHERE id = ?)", PLAN),
    ),
    "a definition with a hash that fits": ("definition", PLAN, other_definition),
    "the register of people": ("file", WORKSPACE, a_register_of_its_own),
    # what is projected
    "a plan's stage": ("plan", PLAN, sql("UPDATE plan SET stage = 'khac' WHERE id = ?", PLAN)),
    "a plan's status": ("plan", PLAN, sql("UPDATE plan SET status = 'active' WHERE id = ?", PLAN)),
    "a plan's state": ("plan", PLAN, sql("UPDATE plan SET state = replace(state, '2019', '2018') WHERE id = ?", PLAN)),
    "a plan's revision": ("plan", PLAN, sql("UPDATE plan SET revision = revision - 1 WHERE id = ?", PLAN)),
    "a plan's head": ("plan", None, other_hash("plan", "head")),
    "a plan's title": ("plan", PLAN, sql("UPDATE plan SET title = 'khác' WHERE id = ?", PLAN)),
    "a plan's waking": (
        "plan",
        NEW,
        sql("UPDATE plan SET wakes_on = '2099-01-01', reminds_on = '2099-01-01' WHERE id = ?", NEW),
    ),
    "a plan's row removed": ("plan", PLAN, sql("DELETE FROM plan WHERE id = ?", PLAN)),
    "a plan out of nothing": (
        "orphan",
        "ma",
        sql(
            "INSERT INTO plan SELECT 'ma', definition, definition_id, definition_version, status, stage, "
            "revision, title, head, latest_on, state, wakes_on, reminds_on FROM plan WHERE id = ?",
            PLAN,
        ),
    ),
    "a due day": (
        "work-items",
        PLAN,
        sql(
            "UPDATE work_item SET due_on = '2030-01-01' WHERE rowid = (SELECT rowid FROM work_item "
            "WHERE plan = ? AND due_on IS NOT NULL LIMIT 1)",
            PLAN,
        ),
    ),
    "the day on which work was done": (
        "work-items",
        PLAN,
        sql(
            "UPDATE work_item SET done_on = '2019-01-01' WHERE rowid = (SELECT rowid FROM work_item "
            "WHERE plan = ? AND done_on IS NOT NULL LIMIT 1)",
            PLAN,
        ),
    ),
    "who owes it": (
        "work-items",
        PLAN,
        sql(
            "UPDATE work_item SET owner = 'ai-do' WHERE rowid = (SELECT rowid FROM work_item WHERE plan = ? LIMIT 1)",
            PLAN,
        ),
    ),
    "work removed": (
        "work-items",
        PLAN,
        sql("DELETE FROM work_item WHERE rowid = (SELECT rowid FROM work_item WHERE plan = ? LIMIT 1)", PLAN),
    ),
    "work made up": (
        "work-items",
        PLAN,
        sql(
            "INSERT INTO work_item SELECT plan, step, round, 'ma', title_vi, title_en, owner, "
            "due_on, done_on, open, asked_by FROM work_item WHERE plan = ? LIMIT 1",
            PLAN,
        ),
    ),
    "where a unit is found": ("about", None, sql("DELETE FROM event_about WHERE plan = ?", PLAN)),
    "a unit where it is not": (
        "about",
        None,
        sql("UPDATE event_about SET subject = 'unit:ma' WHERE rowid = (SELECT min(rowid) FROM event_about)"),
    ),
    # documents and texts
    "a byte of a file": ("file", PLAN, one_byte_of_a_file),
    "a file removed": (
        "file",
        PLAN,
        sql("DELETE FROM content WHERE kind = 'file' AND key = (SELECT sha256 FROM document WHERE plan = ?)", PLAN),
    ),
    "a document's hash": (
        "file",
        PLAN,
        sql(
            "UPDATE document SET sha256 = ? WHERE rowid = (SELECT rowid FROM document WHERE plan = ? LIMIT 1)",
            "0" * 64,
            PLAN,
        ),
    ),
    "a document's row removed": (
        "file",
        PLAN,
        sql("DELETE FROM document WHERE rowid = (SELECT rowid FROM document WHERE plan = ? LIMIT 1)", PLAN),
    ),
    "a text": ("text", None, on_a_text("UPDATE content SET data = 'khác' WHERE kind = 'text' AND key = ?")),
    "a text's salt": (
        "text",
        None,
        on_a_text("UPDATE content SET salt = zeroblob(16) WHERE kind = 'text' AND key = ?"),
    ),
    "a text removed without an act": ("text", None, on_a_text("DELETE FROM content WHERE kind = 'text' AND key = ?")),
    "a withdrawn text put back": ("text", NEW, put_back_what_was_withdrawn),
    # numbers, effects, guards
    "a number given to nobody": (
        "number",
        PLAN,
        sql(
            "INSERT INTO issued_number (series, year, number, plan, seq, document) "
            "VALUES ('KH', 2019, 999, ?, 1, NULL)",
            PLAN,
        ),
    ),
    "the guards taken off": ("append-only", None, no_guards),
    "the guards silenced": ("append-only", None, silence_the_guards),
    # seals
    "a seal's words": ("seal", None, forge_a_seal),
    "a seal removed": ("seal", None, sql("DELETE FROM seal WHERE number = 1")),
    "a leaf's hash": ("seal", None, other_hash("leaf", "hash")),
    "a leaf removed": ("seal", None, sql("DELETE FROM leaf WHERE position = 2")),
    "two leaves exchanged": (
        "seal",
        None,
        sql("UPDATE leaf SET position = CASE position WHEN 1 THEN -1 ELSE position END"),
    ),
    "another key in the trail": ("seal", None, another_key),
    # everything fits again, but for what was sealed
    "the actor, everything relinked": ("seal", PLAN, body("plan_created", '"actor":"', '"actor":"x', relink=True)),
    "the authority, everything relinked": ("seal", PLAN, body("transition_fired", '"via":"', '"via":"x', relink=True)),
    "the plugin's version, everything relinked": (
        "seal",
        PLAN,
        body("step_acted", '"version":"', '"version":"9', relink=True),
    ),
    "the instant, everything relinked": (
        "seal",
        PLAN,
        body("plan_created", '"recorded_at":"2019', '"recorded_at":"2018', relink=True),
    ),
    "a refusal changed, everything relinked": (
        "seal",
        WORKSPACE,
        body("attempt_refused", '"code":"', '"code":"x', WORKSPACE, relink=True),
    ),
    "a whole plan removed": ("seal", OTHER, remove_the_plan),
    "a whole plan removed with its leaves": ("seal", None, without_leaves(remove_the_plan)),
    "a whole plan removed with all leaves and seals": (
        "seal",
        PLAN,
        without_leaves(remove_the_plan, "leaf", "seal"),
    ),
    "the leaves of a plan removed": ("seal", OTHER, sql("DELETE FROM leaf WHERE plan = ?", OTHER)),
    "an event dated back before the newest seal": ("seal", WORKSPACE, date_back),
    "the tail of the workspace's chain cut off": ("seal", WORKSPACE, lambda f: cut_the_tail(f, WORKSPACE)),
}
