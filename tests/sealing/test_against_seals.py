"""What is found against a seal, one that is stored or one that left the house."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest
from engine.kit import DAY
from engine_kit import OFFICER_AT, service_with
from sealed_kit import ANNA, DEFINITION, unlocked

from workflow import audit
from workflow.errors import IntegrityBroken
from workflow.sealing import notes
from workflow.sealing.notes import Seal
from workflow.store.sql import SqlStore
from workflow.verification.seals import check


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
        found = {finding.reason.code: finding for finding in check(earlier, house.second)}

    assert {"rolled-back", "sealed-chains-missing"} == set(found)
    assert "6 leaves, the record has 4" in str(found["rolled-back"].reason)
    assert "at least 1 of 5" in str(found["sealed-chains-missing"].reason)


def test_where_leaves_are_missing_their_chains_are_named(house):
    """Whoever removes a chain's leaves is told which, not that the database was taken back."""
    removed = "DELETE FROM leaf WHERE plan = 'p'"
    found = house.found_after(removed)
    assert ("p", 1) == (found["leaf-of-chain-missing"].chain, found["leaf-of-chain-missing"].seq)

    for given in (None, house.second):
        found = house.found_after(removed, "DELETE FROM event WHERE plan = 'q'", given=given)
        assert {"p", "q"} <= {finding.chain for finding in found.values()}
        assert "rolled-back" not in found


def test_a_plan_removed_with_all_leaves_and_seals_is_counted(house):
    """Nothing in the record names it any more; the seal outside knows how many chains there were."""
    gone = ("DELETE FROM event WHERE plan = 'p'", "DELETE FROM leaf", "DELETE FROM seal")
    found = house.found_after(*gone, given=house.second)

    assert {"rolled-back", "leaf-of-chain-missing", "sealed-chains-missing"} == set(found)
    assert "or leaves were removed together with the seals" in str(found["rolled-back"].reason)


def test_other_events_after_a_roll_back_are_found(house, tmp_path):
    """Whoever takes the database back, records and seals anew, is found by the seal he cannot take back."""
    path = tmp_path / "other.db"
    shutil.copy(house.path.with_name("earlier.db"), path)
    with closing(SqlStore(path)) as store:
        other = service_with(DEFINITION, store=store)
        other.advance("p", "go", OFFICER_AT(DAY))
        other.create("d", "x", OFFICER_AT(DAY))
        other.record.seal(house.keyring, unlocked)
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
    "DELETE FROM leaf WHERE position = 5": {"leaves-gone"},
    "DELETE FROM leaf WHERE position = 1": {"leaf-missing", "seal-not-compared"},
    "DELETE FROM leaf": {"leaves-gone", "leaf-of-chain-missing"},
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
    other.record.add_key(keyring, ANNA, None)
    foreign = notes.parse(other.record.seal(keyring, unlocked).note)

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
                    house.service.record.seal(house.keyring, unlocked)
                assert 2 == house.service.store.last_seal().number
            finally:
                kept.backup(house.by_hand)
