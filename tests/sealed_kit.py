"""A record on a file, sealed twice, with its guards taken off: for tests of what seals find."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from engine.kit import DAY, stages_of, to
from engine_kit import OFFICER_AT, service_with

from workflow.sealing import notes
from workflow.sealing.keys import Keyring
from workflow.sealing.notes import Seal
from workflow.store.sql import SqlStore
from workflow.verification.seals import check
from workflow.views.plans import Finding, Write

DEFINITION = stages_of(
    {"a": {"transitions": {"go": to("b")}}, "b": {"transitions": {"back": to("a", reopen=[]), "end": to("c")}}, "c": {}}
)
GUARDS = [f"{table}_not_{done}" for table in ("event", "seal", "leaf") for done in ("updated", "deleted", "replaced")]
ANNA = Write(actor="officer")


def unlocked(id: str) -> None:
    """No passphrase."""
    return None


class House:
    """A workspace's record with its keys, sealed twice."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "workflow.db"
        self.keyring = Keyring(folder / "keys")
        self.service = service_with(DEFINITION, store=SqlStore(self.path))
        for plan in ("p", "q", "r"):
            self.service.create("d", plan, OFFICER_AT(DAY))
        self.key = self.service.record.add_key(self.keyring, ANNA, None)
        self.first = self.seal()
        self.service.store.close()
        shutil.copy(self.path, folder / "earlier.db")
        for trigger in ("go", "back", "go"):
            self.service.advance("q", trigger, OFFICER_AT(DAY))
        self.service.create("d", "s", OFFICER_AT(DAY))
        self.second = self.seal()
        self.service.advance("r", "go", OFFICER_AT(DAY))
        self.by_hand = sqlite3.connect(self.path, isolation_level=None)
        for name in GUARDS:
            self.by_hand.execute(f"DROP TRIGGER {name}")
        self.by_hand.execute("PRAGMA ignore_check_constraints = ON")

    def seal(self) -> Seal:
        row = self.service.record.seal(self.keyring, unlocked)
        assert row is not None
        return notes.parse(row.note)

    def close(self) -> None:
        self.by_hand.close()
        self.service.store.close()

    def found_after(self, *statements: str, given: Seal | None = None) -> dict[str, Finding]:
        """What is found once these statements ran, by code; then everything is as before."""
        with closing(sqlite3.connect(":memory:")) as kept:
            self.by_hand.backup(kept)
            try:
                for statement in statements:
                    self.by_hand.execute(statement)
                return {finding.reason.code: finding for finding in check(self.service.store, given)}
            finally:
                kept.backup(self.by_hand)
