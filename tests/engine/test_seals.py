"""Seals: what they are over, who signs them, and what is found against any that left the house."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from engine.kit import DAY, stages_of, to
from engine_kit import OFFICER_AT, service_with

from workflow import audit
from workflow.errors import Conflict, IntegrityBroken, InvalidInput, NotFound, NotPermitted
from workflow.sealing import merkle, notes, record
from workflow.sealing.keys import Keyring, parse_line
from workflow.sealing.notes import Seal
from workflow.service.service import Service
from workflow.store.interface import RevisionLost
from workflow.store.memory import MemoryStore
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
        self.key = self.service.add_key(self.keyring, ANNA, None)
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
        row = self.service.seal(self.keyring, unlocked)
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


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all; each test leaves it as it was."""
    made = House(tmp_path_factory.mktemp("sealed"))
    yield made
    made.close()


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    """An empty ring of keys."""
    return Keyring(tmp_path / "keys")


@pytest.fixture
def service(keyring: Keyring) -> Service:
    """A service in memory with a plan and a key."""
    made = service_with(DEFINITION)
    made.create("d", "p", OFFICER_AT(DAY))
    made.add_key(keyring, ANNA, None)
    return made


# what a seal is


def test_a_seal_is_over_every_chain_that_grew(house):
    """One leaf for each, in the order of their ids, the workspace's own chain among them."""
    leaves = [(leaf.plan, leaf.seal) for leaf in house.service.store.leaves()]
    heads = {plan: seq for plan, seq, _ in house.service.store.chains()}

    assert [("@workspace", 1), ("p", 1), ("q", 1), ("r", 1), ("q", 2), ("s", 2)] == leaves
    assert (6, 5) == (house.second.checkpoint.size, house.second.checkpoint.chains)
    assert sum(heads.values()) - 1 == house.second.checkpoint.events


def test_the_root_is_over_all_leaves_ever(house):
    """Computed here from the stored leaves, for both seals; the second one goes on from the first."""
    store = house.service.store
    hashes = [merkle.leaf_hash(merkle.leaf_data(leaf.plan, leaf.seq, leaf.hash)) for leaf in store.leaves()]
    for seal in (house.first, house.second):
        size = seal.checkpoint.size
        assert merkle.parts(hashes, size, [(0, size)])[0, size] == seal.checkpoint.root
    path = record.consistency(store, [4], 6)[4]
    assert merkle.verify_consistency(4, 6, house.first.checkpoint.root, house.second.checkpoint.root, path)


def test_a_seal_tells_whose_it_is_and_that_its_clock_was_simulated(house):
    """Named after the first event; the clock of these tests is set by hand, and the seal says so."""
    first = house.service.store.event("@workspace", 1)

    assert f"trinh/{first.hash.hex()[:16]}" == house.first.checkpoint.origin
    assert house.first.checkpoint.simulated
    assert b"\nclock simulated\n\n" in house.first.note()
    assert house.key.signed(house.first.checkpoint.text(), house.first.signature)


def test_where_nothing_grew_nothing_is_sealed(service, keyring):
    """A second seal at once is none; after one event it is over one leaf more."""
    assert 2 == service.seal(keyring, unlocked).size
    assert service.seal(keyring, unlocked) is None
    service.advance("p", "go", OFFICER_AT(DAY))
    assert (2, 3) == (service.seal(keyring, unlocked).number, service.store.last_seal().size)


def test_a_seal_is_due_after_its_time(service, keyring):
    """At once where there is none, and then when so long passed."""
    assert service.seal_is_due(timedelta(days=1))
    service.seal(keyring, unlocked)
    assert not service.seal_is_due(timedelta(days=1))
    service.clock.move_to("2026-06-03")
    assert service.seal_is_due(timedelta(days=1))


def test_who_was_overtaken_seals_what_is_left(service, keyring, monkeypatch):
    """Somebody who sealed in between is no error: nothing is left to be sealed; a rival at every try is one."""
    append, rival = service.store.append_seal, []

    def overtaken(seal, leaves):
        if not rival:
            rival.append(seal)
            append(seal, leaves)
        append(seal, leaves)

    monkeypatch.setattr(service.store, "append_seal", overtaken)
    assert service.seal(keyring, unlocked) is None
    assert rival == list(service.store.seals())

    def lost(seal, leaves):
        raise RevisionLost("seal")

    monkeypatch.setattr(service.store, "append_seal", lost)
    service.advance("p", "go", OFFICER_AT(DAY))
    with pytest.raises(Conflict):
        service.seal(keyring, unlocked)


# keys


def test_keys_stand_in_the_workspaces_chain(service, keyring):
    """Who made and who retired one, and its public line."""
    (key,) = service.known_keys()
    service.retire_key(key.id, Write(actor="other"))
    events = [audit.event_of(row.body) for row in service.store.events("@workspace")]

    assert [("key_added", "officer"), ("key_retired", "other")] == [(e.type, e.actor) for e in events[-2:]]
    assert parse_line(events[-2].data["public"]) == key.public
    assert not service.known_keys()[0].is_active


def test_the_newest_key_signs_and_a_retired_one_does_not(service, keyring):
    """A rotation: the seals of the old key stay good, the next ones are signed by the new key."""
    (old,) = service.known_keys()
    first = notes.parse(service.seal(keyring, unlocked).note)
    new = service.add_key(keyring, ANNA, None)
    service.retire_key(old.id, ANNA)
    second = notes.parse(service.seal(keyring, unlocked).note)

    assert (old.id, new.id) == (first.key, second.key)
    assert [] == list(check(service.store, first))
    service.retire_key(new.id, ANNA)
    with pytest.raises(InvalidInput) as refused:
        service.seal(keyring, unlocked)
    assert "no-key" == refused.value.code


def test_a_seal_by_a_key_that_was_retired_before_is_found(service, keyring):
    """Whoever kept a retired key makes seals that do not count."""
    (old,) = service.known_keys()
    service.add_key(keyring, ANNA, None)
    service.retire_key(old.id, ANNA)
    made = notes.parse(service.seal(keyring, unlocked).note)
    forged = Seal(made.checkpoint, old.id, keyring.open(old.public, None).sign(made.checkpoint.text()))

    assert ["seal-retired-key"] == [finding.reason.code for finding in check(service.store, forged)]


def test_what_cannot_be_retired_is_said(service):
    """A key that nobody made, or that is retired already."""
    (key,) = service.known_keys()
    with pytest.raises(NotFound):
        service.retire_key("00000000", ANNA)
    service.retire_key(key.id, ANNA)
    with pytest.raises(InvalidInput, match="retired already"):
        service.retire_key(key.id, ANNA)


def test_nobody_unknown_makes_a_key_or_a_seal(service, keyring):
    """An actor who is no person of the register is refused; nothing is left behind."""
    for write in (Write(actor="nobody"), Write(actor=None)):
        with pytest.raises(InvalidInput, match="no person"):
            service.add_key(keyring, write, None)
        with pytest.raises(InvalidInput, match="no person"):
            service.seal(keyring, unlocked, write)
    assert 2 == len(list(keyring.folder.iterdir()))


def test_where_there_are_keepers_they_alone_make_keys(service, keyring):
    """Anybody else is refused, and the attempt is recorded."""
    from engine_kit import PEOPLE

    service.load_people(audit.canonical_json({**PEOPLE, "keepers": ["boss"]}), "people.yaml", ANNA)
    with pytest.raises(NotPermitted):
        service.add_key(keyring, ANNA, None)
    service.add_key(keyring, Write(actor="boss"), None)

    assert service.store.latest_workspace_event("attempt_refused") is not None
    assert 2 == len(service.known_keys())


def test_a_key_that_could_not_be_made_known_is_gone(service, keyring, monkeypatch):
    """No file stays of a key that no event tells of."""

    def busy(*args, **more):
        raise Conflict("busy")

    monkeypatch.setattr(service, "_append_workspace", busy)
    with pytest.raises(Conflict):
        service.add_key(keyring, ANNA, None)

    assert 2 == len(list(keyring.folder.iterdir()))


# what is found against a seal


@pytest.mark.parametrize("which", [None, "first", "second"])
def test_an_untouched_record_agrees_with_every_seal(house, which):
    """However much was recorded since."""
    assert {} == house.found_after(given=getattr(house, which) if which else None)


@pytest.mark.parametrize("which", ["first", "second"])
def test_a_cut_off_tail_is_found(house, which):
    """The chain and the last event that was sealed are named."""
    found = house.found_after("DELETE FROM event WHERE plan = 'q' AND seq > 2", given=getattr(house, which))

    assert {"sealed-tail-gone"} == set(found)
    assert ("q", house.service.store.plan("q").revision) == (
        found["sealed-tail-gone"].chain,
        found["sealed-tail-gone"].seq,
    )


def test_a_removed_plan_is_found(house):
    """All its events are gone, and the seal tells that there were some."""
    found = house.found_after("DELETE FROM event WHERE plan = 'p'")

    assert {"sealed-chain-gone"} == set(found)
    assert "p" == found["sealed-chain-gone"].chain


def test_a_chain_written_anew_is_found(house):
    """Recomputed from a changed event on, it agrees with itself, but not with its seal."""
    store, statements, previous = house.service.store, [], audit.GENESIS
    for row in store.events("q"):
        body = row.body.replace(b'"actor":"officer"', b'"actor":"boss"')
        hash_ = audit.link(previous, body)
        statements.append(
            f"UPDATE event SET body = x'{body.hex()}', previous = x'{previous.hex()}', hash = x'{hash_.hex()}', "
            f"actor = 'boss' WHERE plan = 'q' AND seq = {row.seq}"
        )
        previous = hash_
    found = house.found_after(*statements)

    assert {"sealed-event-differs"} == set(found)
    assert "q" == found["sealed-event-differs"].chain


def test_a_database_taken_back_is_found_by_a_seal_from_outside(house):
    """The earlier file is sound in itself; only what left the house tells that there was more."""
    with closing(SqlStore(house.path.with_name("earlier.db"))) as earlier:
        assert [] == list(check(earlier, house.first))
        (finding,) = check(earlier, house.second)

    assert "rolled-back" == finding.reason.code
    assert "6 leaves" in str(finding.reason)


def test_other_events_after_a_roll_back_are_found(house, tmp_path):
    """Whoever takes the database back, records and seals anew, is found by the seal he cannot take back."""
    path = tmp_path / "other.db"
    shutil.copy(house.path.with_name("earlier.db"), path)
    with closing(SqlStore(path)) as store:
        other = service_with(DEFINITION, store=store)
        other.advance("p", "go", OFFICER_AT(DAY))
        other.create("d", "x", OFFICER_AT(DAY))
        other.seal(house.keyring, unlocked)
        assert [] == list(check(store, house.first))
        codes = [finding.reason.code for finding in check(store, house.second)]

    assert ["sealed-leaves-differ"] == codes


LEAF = {
    "UPDATE leaf SET seq = seq + 1 WHERE position = 4": {"sealed-leaves-differ"},
    "UPDATE leaf SET plan = 'z' WHERE position = 5": {"sealed-leaves-differ", "sealed-chain-gone"},
    "UPDATE leaf SET hash = zeroblob(32) WHERE position = 0": {"sealed-leaves-differ", "sealed-event-differs"},
    "UPDATE leaf SET hash = 7 WHERE position = 0": {"leaf-unreadable", "seal-not-compared"},
    "UPDATE leaf SET plan = x'ff00' WHERE position = 2": {"leaf-unreadable", "seal-not-compared"},
    "UPDATE leaf SET seq = 'x' WHERE position = 5": {"leaf-unreadable", "seal-not-compared"},
    "UPDATE leaf SET seal = 2 WHERE position = 1": {"leaf-misplaced"},
    "UPDATE leaf SET seal = 'x' WHERE position = 1": {"leaf-misplaced"},
    "DELETE FROM leaf WHERE position = 5": {"rolled-back"},
    "DELETE FROM leaf WHERE position = 1": {"leaf-missing", "seal-not-compared"},
    "DELETE FROM leaf": {"rolled-back"},
    "INSERT INTO leaf VALUES (6, 'r', 2, zeroblob(32), 3)": {"leaf-unsealed"},
    "UPDATE leaf SET position = 9 WHERE position = 5": {"leaf-missing", "seal-not-compared"},
}
SEAL = {
    "DELETE FROM seal WHERE number = 1": {"seal-missing"},
    "DELETE FROM seal WHERE number = 2": {"leaf-unsealed"},
    "DELETE FROM seal": {"leaf-unsealed"},
    "UPDATE seal SET size = 5 WHERE number = 2": {"seal-differs"},
    "UPDATE seal SET root = zeroblob(32) WHERE number = 1": {"seal-differs"},
    "UPDATE seal SET at = '2019' WHERE number = 1": {"seal-differs"},
    "UPDATE seal SET at = NULL WHERE number = 1": None,
    "UPDATE seal SET note = x'00' WHERE number = 2": {"seal-unreadable"},
    "UPDATE seal SET note = 'x' WHERE number = 2": {"seal-unreadable"},
    "UPDATE seal SET number = 7 WHERE number = 2": {"seal-missing"},
    "UPDATE seal SET note = (SELECT note FROM seal WHERE number = 1) WHERE number = 2": {"seal-differs"},
    "UPDATE seal SET note = replace(note, 'chains', 'chains') WHERE number = 2": {"seal-unreadable"},
    "UPDATE seal SET note = CAST(replace(CAST(note AS TEXT), 'events 1', 'events 2') AS BLOB)": {"seal-forged"},
}


@pytest.mark.parametrize("statement", [*LEAF, *SEAL])
def test_an_edited_seal_or_leaf_is_found(house, statement):
    """Whatever was done to the two tables by hand is named."""
    expected = {**LEAF, **SEAL}[statement]
    if expected is None:
        with pytest.raises(sqlite3.IntegrityError):
            house.found_after(statement)
    else:
        assert expected <= set(house.found_after(statement))


def test_a_seal_of_another_workspace_is_named(house, keyring):
    """It is not held against this record."""
    other = service_with(DEFINITION, login={"account": "an", "host": "elsewhere"})
    other.add_key(keyring, ANNA, None)
    foreign = notes.parse(other.seal(keyring, unlocked).note)

    assert {"seal-of-another"} == set(house.found_after(given=foreign))


def test_a_forged_seal_is_found(house, keyring):
    """By a key that nobody made known, or with a signature over something else."""
    said = house.second.checkpoint
    key = keyring.make(said.origin, None)
    unknown = Seal(said, key.id, keyring.open(key, None).sign(said.text()))
    altered = Seal(said, house.second.key, house.first.signature)

    assert {"seal-unknown-key"} == set(house.found_after(given=unknown))
    assert {"seal-forged"} == set(house.found_after(given=altered))


def test_a_seal_is_held_to_the_key_that_was_given(house, keyring):
    """Whoever brings the public key along need not believe the record in this."""
    store, other = house.service.store, keyring.make(house.second.checkpoint.origin, None)

    assert [] == list(check(store, house.second, house.key))
    assert ["seal-other-key"] == [finding.reason.code for finding in check(store, house.second, other)]


def test_what_was_tampered_with_is_never_sealed_anew(house):
    """Sealing refuses a record that is not what was sealed, and writes nothing."""
    for statement in (
        "DELETE FROM event WHERE plan = 'p'",
        "DELETE FROM event WHERE plan = 'q' AND seq > 2",
        "UPDATE leaf SET hash = zeroblob(32) WHERE position = 1",
        "UPDATE leaf SET hash = 7 WHERE position = 1",
        "UPDATE seal SET root = zeroblob(32) WHERE number = 2",
        "INSERT INTO leaf VALUES (6, 'r', 7, zeroblob(32), 2)",
        "INSERT INTO leaf VALUES (9, 'z', 7, zeroblob(32), 2)",
    ):
        with closing(sqlite3.connect(":memory:")) as kept:
            house.by_hand.backup(kept)
            house.by_hand.execute(statement)
            try:
                with pytest.raises(IntegrityBroken):
                    house.service.seal(house.keyring, unlocked)
                assert 2 == house.service.store.last_seal().number
            finally:
                kept.backup(house.by_hand)


# proofs


@pytest.mark.parametrize(("plan", "seq", "which"), [("q", 1, "first"), ("q", 2, "second"), ("@workspace", 1, "second")])
def test_an_event_is_proved_under_a_seal(house, plan, seq, which):
    """The chain from it to the sealed event, and the path from there to the seal's root."""
    seal = getattr(house, which)
    proof = house.service.prove(plan, seq, seal)
    hash_ = proof.events[0].previous
    for row in proof.events:
        hash_ = audit.link(hash_, row.body)
    leaf = merkle.leaf_hash(merkle.leaf_data(plan, proof.events[-1].seq, hash_))
    said = seal.checkpoint

    assert seq == proof.events[0].seq
    assert merkle.verify_inclusion(leaf, proof.leaf.position, said.size, proof.path, said.root)


def test_what_cannot_be_proved_is_said(house):
    """An event that is not there, one younger than the seal, a seal that is not ours."""
    with pytest.raises(NotFound):
        house.service.prove("q", 99, house.second)
    with pytest.raises(NotFound):
        house.service.prove("nowhere", 1, house.second)
    with pytest.raises(InvalidInput) as young:
        house.service.prove("q", house.service.store.plan("q").revision, house.first)
    with pytest.raises(IntegrityBroken):
        house.service.prove("q", 1, Seal(house.first.checkpoint, house.first.key, bytes(64)))
    assert "not-sealed" == young.value.code


def test_a_seal_that_others_made_over_other_leaves_proves_nothing(service, keyring):
    """A seal with a good signature whose leaves the record has not."""
    service.seal(keyring, unlocked)
    (key,) = service.known_keys()
    said = notes.parse(service.store.last_seal().note).checkpoint
    other = notes.Checkpoint(said.origin, 9, bytes(32), said.at, 2, 9)
    with pytest.raises(IntegrityBroken):
        service.prove("p", 1, Seal(other, key.id, keyring.open(key.public, None).sign(other.text())))


def test_nothing_recorded_is_nothing_to_seal(keyring):
    """An empty record has no name yet."""
    from workflow.clock import SystemClock

    empty = Service(
        MemoryStore(), lambda: None, SystemClock(), sources=dict, read_register=None, condition=None, login=None
    )
    assert record.origin_of(empty.store) is None
    with pytest.raises(InvalidInput, match="nothing is recorded"):
        empty.seal(keyring, unlocked)
