"""`audit bundle`: what it packs, what it records, and what it keeps in the house."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from bundling.conftest import Office, opened
from bundling.kit import PLAN, parts_of

from workflow import verifier


def test_it_is_recorded_before_anything_leaves(office: Office):
    """The workspace's chain says what was bundled; the next bundle of that chain has it."""
    office.bundle(PLAN)
    parts = parts_of(office.bundle("@workspace"))
    events = [part.value for part in parts if part.kind == "event"]
    told = [event for event in events if event["type"] == "bundled"][-1]

    assert {"count": 1, "plans": [PLAN], "documents": True, "confidential": False} == {
        key: told["data"][key] for key in ("count", "plans", "documents", "confidential")
    }
    shown = office.typed("audit", "show", "@workspace", "--type", "bundled")
    assert "bundled for somebody outside: 1 chain" in " ".join(shown.output.split())


def test_with_hashes_only_documents_stay_in_the_house(office: Office, tmp_path, capsys):
    """Texts go, documents do not; the verifier says how many it did not see."""
    bundle = office.bundle(PLAN, "--hashes-only")
    (tmp_path / "a.bundle").write_bytes(bundle)
    code = verifier.main([str(tmp_path / "a.bundle"), "--key", str(office.key)])

    assert {"text"} == {part.kind for part in parts_of(bundle)} & {"text", "document"}
    assert (0, True) == (code, "withdrawn or left out: 2" in capsys.readouterr().out)


def test_it_says_what_is_not_sealed_yet(office: Office):
    """As JSON: path, chains, events, the newest seal and how many events it does not cover."""
    path = office.root / "told.bundle"
    done = office.typed("--json", "audit", "bundle", PLAN, PLAN, "--out", str(path))

    said = json.loads(done.stdout)
    assert ([PLAN], 2, 0) == (said["plans"], said["seal"], said["unsealed"])


def test_a_file_that_is_there_and_a_plan_that_is_not_change_nothing(office: Office):
    """Nothing is overwritten unasked, nothing is left behind, and nothing is recorded."""
    path = office.root / "there.bundle"
    path.write_bytes(b"mine")
    head = office.service.store.workspace_head()
    there = office.typed("audit", "bundle", PLAN, "--out", str(path))
    unknown = office.typed("audit", "bundle", "no-such-plan", "--out", str(office.root / "new.bundle"))
    none = office.typed("audit", "bundle", "--out", str(office.root / "new.bundle"))

    assert (2, 2, 2) == (there.exit_code, unknown.exit_code, none.exit_code)
    assert (b"mine", False) == (path.read_bytes(), (office.root / "new.bundle").exists())
    assert head == office.service.store.workspace_head()


def test_a_confidential_plan_leaves_the_house_with_the_right_to_it_alone(tmp_path):
    """Without --confidential it is refused, with it who has no right is; what was refused is recorded."""
    office = opened(tmp_path / "office")
    definition = next((office.root / "definitions").glob("*.yaml"), None)
    assert definition is None
    path = office.root / "definitions" / "secret.yaml"
    path.write_text(
        "workflow: 1\nid: secret\nversion: 1\ntitle: {vi: Việc mật, en: Secret}\nby: van-thu\nconfidential: true\n"
        "stages:\n  open:\n    title: {vi: Mở, en: Open}\n    transitions:\n      end: {to: closed}\n"
        "  closed: {title: {vi: Xong, en: Done}, final: true}\n",
        "utf-8",
    )
    made = office.typed("create", "secret", "--id", "S-1", "--as", "van-thu")
    assert 0 == made.exit_code, made.output
    out = str(office.root / "s.bundle")
    unasked = office.typed("audit", "bundle", "S-1", "--out", out, "--as", "van-thu")
    asked = office.typed("audit", "bundle", "S-1", "--out", out, "--confidential", "--as", "van-thu")
    people = office.root / "people.yaml"
    people.write_text(people.read_text("utf-8") + "\nconfidential: [van-thu]\n", "utf-8")
    loaded = office.typed("people", "load", str(people), "--as", "van-thu")
    allowed = office.typed("audit", "bundle", "S-1", "--out", out, "--confidential", "--as", "van-thu")

    assert (4, 4, 0, 0) == (unasked.exit_code, asked.exit_code, loaded.exit_code, allowed.exit_code), allowed.output
    assert "S-1 is confidential" in unasked.output
    refused = office.typed("--json", "audit", "show", "@workspace", "--type", "attempt_refused")
    assert 2 == len(json.loads(refused.stdout)["events"])


def test_what_a_hand_has_damaged_is_not_bundled(tmp_path):
    """An event that cannot be read proves nothing: exit 7, and no file."""
    office = opened(tmp_path / "office")
    store = office.service.store
    store.close()
    with closing(sqlite3.connect(office.root / "workflow.db")) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE event SET body = X'00' WHERE plan = ? AND seq = 1", (PLAN,))
    done = office.typed("audit", "bundle", PLAN, "--out", str(office.root / "x.bundle"))

    assert 7 == done.exit_code, done.output
    assert not (office.root / "x.bundle").exists()


def test_what_was_withdrawn_is_explained_in_the_bundle_itself(tmp_path, capsys):
    """Each plan that had a withdrawn document has an event that says so: bundled alone it is sound."""
    office = opened(tmp_path / "office")
    twin = ["create", "provincial-normative-document-template", "--id", "2-KH-MAU", "--adopt-at", "first-draft"]
    draft = ["act", "2-KH-MAU", "write-1", "submit", "--attach", str(office.root / "samples" / "du-thao.txt")]
    people = office.root / "people.yaml"
    people.write_text(people.read_text("utf-8") + "\nwithdrawers: [van-thu]\n", "utf-8")
    events = [part.value for part in parts_of(office.bundle(PLAN)) if part.kind == "event"]
    seq = next(event["seq"] for event in events if event["data"].get("attachments"))
    for line in (twin, draft, ["people", "load", str(people)]):
        assert 0 == (done := office.typed(*line, "--as", "van-thu")).exit_code, done.output
    done = office.typed("audit", "withdraw", PLAN, str(seq), "--file", "1", "--reason", "mật", "--as", "van-thu")
    assert 0 == done.exit_code, done.output
    path = tmp_path / "a.bundle"
    for plans in ([PLAN, "2-KH-MAU"], [PLAN], ["2-KH-MAU"]):
        path.write_bytes(office.bundle(*plans))
        assert 0 == verifier.main([str(path)]), capsys.readouterr().out
        assert "withdrawn or left out: 1" in capsys.readouterr().out
