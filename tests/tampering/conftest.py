"""A realistic record, sealed twice, that each test may spoil in a copy of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from workflow.cli import main
from workflow.demo import Demo

ACTOR = "van-thu"
PLAN = "25-KH-KHCN-2019"
OTHER = "KH-NSCL-2021"


def typed(folder: Path, *arguments: str) -> Result:
    """Type a command in a workspace."""
    kept = {name: os.environ.get(name) for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE", "WORKFLOW_ACTOR")}
    environment = {**dict.fromkeys(kept), "WORKFLOW_LANG": "en", "WORKFLOW_KEY_PASSPHRASE": "mật khẩu"}
    runner = CliRunner(env=environment)
    return runner.invoke(main, ["--workspace", str(folder), *arguments], prog_name="workflow")


def done(folder: Path, *arguments: str) -> Result:
    """Type a command that has to succeed."""
    result = typed(folder, *arguments)
    assert 0 == result.exit_code, result.output
    return result


@dataclass(frozen=True)
class Record:
    """A workspace whose record was sealed: `older` and `newer` are seals in an outsider's hands.

    `before` is the whole database as it was when the older seal was made.
    """

    folder: Path
    older: Path
    newer: Path
    before: Path

    @property
    def database(self) -> Path:
        return self.folder / "workflow.db"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The five plans through their lives; a sixth begun between the seals, with a file and a text withdrawn."""
    folder = tmp_path_factory.mktemp("record") / "office"
    demo = Demo(folder)
    for _ in demo.play():
        pass
    demo.workspace.close()
    outside = folder.parent
    people = folder / "people.yaml"
    people.write_text(f"withdrawers: [{ACTOR}]\n" + people.read_text(encoding="utf-8"), encoding="utf-8")
    done(folder, "people", "load", "--as", ACTOR)
    done(folder, "audit", "key", "new", "--as", ACTOR)
    done(folder, "audit", "seal", "--as", ACTOR, "--out", str(outside / "older.txt"))
    before = outside / "before.db"
    copied(folder / "workflow.db", before)
    letter = outside / "công văn.txt"
    letter.write_text("Kính gửi Văn phòng", encoding="utf-8")
    done(folder, "create", "provincial-normative-document-template", "--id", "1-KH-MAU", "--as", ACTOR)
    done(folder, "suspend", "1-KH-MAU", "--reason", "chờ ý kiến", "--attach", str(letter), "--as", ACTOR)
    done(folder, "resume", "1-KH-MAU", "--reason", "đã có ý kiến", "--note", "số riêng 0912", "--as", ACTOR)
    events = json.loads(typed(folder, "audit", "show", "1-KH-MAU", "--json").stdout)["events"]
    done(folder, "audit", "withdraw", "1-KH-MAU", str(events[-1]["seq"]), "--text", "note",
         "--reason", "số riêng", "--as", ACTOR)  # fmt: skip
    assert 3 == typed(folder, "suspend", PLAN, "--reason", "thử", "--as", ACTOR).exit_code
    done(folder, "audit", "seal", "--as", ACTOR, "--out", str(outside / "newer.txt"))
    return Record(folder, outside / "older.txt", outside / "newer.txt", before)


def copied(source: Path, target: Path) -> None:
    """Copy a database whole, with what stands in its log."""
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)


@pytest.fixture
def record(made: Record, tmp_path: Path) -> Record:
    """The record in a copy that may be spoilt."""
    folder = tmp_path / "office"
    shutil.copytree(made.folder, folder, ignore=shutil.ignore_patterns("workflow.db*"))
    copied(made.database, folder / "workflow.db")
    return Record(folder, made.older, made.newer, made.before)


class Forger:
    """Somebody with the right to write anything into the database file, and with the program's source at hand."""

    def __init__(self, path: Path) -> None:
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.row_factory = sqlite3.Row
        self.execute = self.database.execute

    def one(self, query: str, *values: object) -> Any:
        """The first row of a query, which has to have one."""
        row = self.execute(query, values).fetchone()
        assert row is not None, f"nothing to forge: {query} {values}"
        return row

    def event(self, plan: str, type_: str, last: bool = False) -> sqlite3.Row:
        """The first, or last, event of a type."""
        order = "DESC" if last else "ASC"
        return self.one(f"SELECT * FROM event WHERE plan = ? AND type = ? ORDER BY seq {order}", plan, type_)

    def edit_body(self, event: sqlite3.Row, before: str, after: str) -> None:
        """Replace a text in an event's bytes."""
        body = event["body"].decode()
        assert before in body, f"{before!r} is not in {body}"
        changed = body.replace(before, after, 1).encode()
        self.execute("UPDATE event SET body = ? WHERE plan = ? AND seq = ?", (changed, event["plan"], event["seq"]))

    def relink(self, plan: str) -> None:
        """Compute a whole chain's hashes anew, and the head that the plan's row names."""
        previous = bytes(32)
        for row in self.execute("SELECT seq, body FROM event WHERE plan = ? ORDER BY seq", (plan,)).fetchall():
            hash_ = hashlib.sha256(previous + row["body"]).digest()
            self.execute(
                "UPDATE event SET previous = ?, hash = ? WHERE plan = ? AND seq = ?",
                (previous, hash_, plan, row["seq"]),
            )
            previous = hash_
        self.execute("UPDATE plan SET head = ? WHERE id = ?", (previous, plan))


@dataclass(frozen=True)
class Verdict:
    """What `audit verify` said."""

    result: Result
    found: tuple[dict[str, Any], ...]

    def names(self, check: str, chain: str | None = None) -> bool:
        """True if something was found by this check, in this chain."""
        return any(each["check"] == check and chain in (None, each["chain"]) for each in self.found)


@pytest.fixture
def forger(record: Record) -> Iterator[Forger]:
    """A forger at work, for whom the database's own guards are taken off; they are put back before verifying."""
    made = Forger(record.database)
    guards = made.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for guard in guards:
        made.execute(f"DROP TRIGGER {guard['name']}")
    made.execute("PRAGMA ignore_check_constraints = ON")
    made.execute("PRAGMA foreign_keys = OFF")
    made.guards = guards  # type: ignore[attr-defined]
    yield made
    made.database.close()


def verdict(record: Record, *options: str) -> Verdict:
    """Verify a record with these options."""
    result = typed(record.folder, "audit", "verify", "--jobs", "1", *options, "--json")
    found = json.loads(result.stdout)["findings"] if result.stdout.startswith("{") else []
    return Verdict(result, tuple(found))


def put_guards_back(forger: Forger) -> None:
    """Leave the database as if nobody had been there."""
    for guard in forger.guards:  # type: ignore[attr-defined]
        forger.execute(guard["sql"])
