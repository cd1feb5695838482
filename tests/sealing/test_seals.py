"""Seals: what they are over, which keys sign them, and what an event under one is proved by."""

from __future__ import annotations

from datetime import timedelta

import pytest
from engine.kit import DAY
from engine_kit import OFFICER_AT, PEOPLE
from sealed_kit import ANNA, unlocked

from workflow import audit
from workflow.errors import Conflict, IntegrityBroken, InvalidInput, NotFound, NotPermitted
from workflow.sealing import merkle, notes, record
from workflow.sealing.keys import parse_line
from workflow.sealing.notes import Seal
from workflow.service.service import Service
from workflow.store.interface import RevisionLost
from workflow.store.memory import MemoryStore
from workflow.verification.seals import check
from workflow.views.plans import Write

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
    assert 2 == service.record.seal(keyring, unlocked).size
    assert service.record.seal(keyring, unlocked) is None
    service.advance("p", "go", OFFICER_AT(DAY))
    assert (2, 3) == (service.record.seal(keyring, unlocked).number, service.store.last_seal().size)


def test_a_seal_is_due_after_its_time(service, keyring):
    """At once where there is none, and then when so long passed."""
    assert service.record.seal_is_due(timedelta(days=1))
    service.record.seal(keyring, unlocked)
    assert not service.record.seal_is_due(timedelta(days=1))
    service.clock.move_to("2026-06-03")
    assert service.record.seal_is_due(timedelta(days=1))


def test_who_was_overtaken_seals_what_is_left(service, keyring, monkeypatch):
    """Somebody who sealed in between is no error: nothing is left to be sealed; a rival at every try is one."""
    append, rival = service.store.append_seal, []

    def overtaken(seal, leaves):
        if not rival:
            rival.append(seal)
            append(seal, leaves)
        append(seal, leaves)

    monkeypatch.setattr(service.store, "append_seal", overtaken)
    assert service.record.seal(keyring, unlocked) is None
    assert rival == list(service.store.seals())

    def lost(seal, leaves):
        raise RevisionLost("seal")

    monkeypatch.setattr(service.store, "append_seal", lost)
    service.advance("p", "go", OFFICER_AT(DAY))
    with pytest.raises(Conflict):
        service.record.seal(keyring, unlocked)


# keys


def test_keys_stand_in_the_workspaces_chain(service, keyring):
    """Who made and who retired one, and its public line."""
    (key,) = service.record.known_keys()
    service.record.retire_key(key.id, Write(actor="other"))
    events = [audit.event_of(row.body) for row in service.store.events("@workspace")]

    assert [("key_added", "officer"), ("key_retired", "other")] == [(e.type, e.actor) for e in events[-2:]]
    assert parse_line(events[-2].data["public"]) == key.public
    assert not service.record.known_keys()[0].is_active


def test_the_newest_key_signs_and_a_retired_one_does_not(service, keyring):
    """A rotation: the seals of the old key stay good, the next ones are signed by the new key."""
    (old,) = service.record.known_keys()
    first = notes.parse(service.record.seal(keyring, unlocked).note)
    new = service.record.add_key(keyring, ANNA, None)
    service.record.retire_key(old.id, ANNA)
    second = notes.parse(service.record.seal(keyring, unlocked).note)

    assert (old.id, new.id) == (first.key, second.key)
    assert [] == list(check(service.store, first))
    service.record.retire_key(new.id, ANNA)
    with pytest.raises(InvalidInput) as refused:
        service.record.seal(keyring, unlocked)
    assert "no-key" == refused.value.code


def test_a_seal_by_a_key_that_was_retired_before_is_found(service, keyring):
    """Whoever kept a retired key makes seals that do not count."""
    (old,) = service.record.known_keys()
    service.record.add_key(keyring, ANNA, None)
    service.record.retire_key(old.id, ANNA)
    made = notes.parse(service.record.seal(keyring, unlocked).note)
    forged = Seal(made.checkpoint, old.id, keyring.open(old.public, None).sign(made.checkpoint.text()))

    assert ["seal-retired-key"] == [finding.reason.code for finding in check(service.store, forged)]


def test_what_cannot_be_retired_is_said(service):
    """A key that nobody made, or that is retired already."""
    (key,) = service.record.known_keys()
    with pytest.raises(NotFound):
        service.record.retire_key("00000000", ANNA)
    service.record.retire_key(key.id, ANNA)
    with pytest.raises(InvalidInput, match="retired already"):
        service.record.retire_key(key.id, ANNA)


def test_nobody_unknown_makes_a_key_or_a_seal(service, keyring):
    """An actor who is no person of the register is refused; nothing is left behind."""
    for write in (Write(actor="nobody"), Write(actor=None)):
        with pytest.raises(InvalidInput, match="no person"):
            service.record.add_key(keyring, write, None)
        with pytest.raises(InvalidInput, match="no person"):
            service.record.seal(keyring, unlocked, write)
    assert 2 == len(list(keyring.folder.iterdir()))


def test_where_there_are_keepers_they_alone_make_keys(service, keyring):
    """Anybody else is refused, and the attempt is recorded."""
    service.load_people(audit.canonical_json({**PEOPLE, "keepers": ["boss"]}), "people.yaml", ANNA)
    with pytest.raises(NotPermitted):
        service.record.add_key(keyring, ANNA, None)
    service.record.add_key(keyring, Write(actor="boss"), None)

    assert service.store.latest_workspace_event("attempt_refused") is not None
    assert 2 == len(service.record.known_keys())


def test_a_key_that_could_not_be_made_known_is_gone(service, keyring, monkeypatch):
    """No file stays of a key that no event tells of."""

    def busy(*args, **more):
        raise Conflict("busy")

    monkeypatch.setattr(service, "_append_workspace", busy)
    with pytest.raises(Conflict):
        service.record.add_key(keyring, ANNA, None)

    assert 2 == len(list(keyring.folder.iterdir()))


# proofs


@pytest.mark.parametrize(("plan", "seq", "which"), [("q", 1, "first"), ("q", 2, "second"), ("@workspace", 1, "second")])
def test_an_event_is_proved_under_a_seal(house, plan, seq, which):
    """The chain from it to the sealed event, and the path from there to the seal's root."""
    seal = getattr(house, which)
    proof = house.service.record.prove(plan, seq, seal)
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
        house.service.record.prove("q", 99, house.second)
    with pytest.raises(NotFound):
        house.service.record.prove("nowhere", 1, house.second)
    with pytest.raises(InvalidInput) as young:
        house.service.record.prove("q", house.service.store.plan("q").revision, house.first)
    with pytest.raises(IntegrityBroken):
        house.service.record.prove("q", 1, Seal(house.first.checkpoint, house.first.key, bytes(64)))
    assert "not-sealed" == young.value.code


def test_a_seal_that_others_made_over_other_leaves_proves_nothing(service, keyring):
    """A seal with a good signature whose leaves the record has not."""
    service.record.seal(keyring, unlocked)
    (key,) = service.record.known_keys()
    said = notes.parse(service.store.last_seal().note).checkpoint
    other = notes.Checkpoint(said.origin, 9, bytes(32), said.at, 2, 9)
    with pytest.raises(IntegrityBroken):
        service.record.prove("p", 1, Seal(other, key.id, keyring.open(key.public, None).sign(other.text())))


def test_nothing_recorded_is_nothing_to_seal(keyring):
    """An empty record has no name yet."""
    from workflow.clock import SystemClock

    empty = Service(
        MemoryStore(), lambda: None, SystemClock(), sources=dict, read_register=None, condition=None, login=None
    )
    assert record.origin_of(empty.store) is None
    with pytest.raises(InvalidInput, match="nothing is recorded"):
        empty.record.seal(keyring, unlocked)
