"""The contract's sentences on the outbox: each effect in one worker's hands, each fate told."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from store.rows import change, effect, event

from workflow.store.effects import EffectMoved, WorkerRow
from workflow.store.interface import RevisionLost

EARLY, NOW, LATER = (f"2026-03-02T0{hour}:00:00.000000Z" for hour in (1, 2, 3))


def worker(id: str = "w", seen_at: str = NOW, **columns) -> WorkerRow:
    """A worker's sign of life."""
    values = {"host": "office-pc", "pid": 7, "version": "1", "started_at": EARLY}
    return WorkerRow(id=id, seen_at=seen_at, **{**values, **columns})


class Outbox:
    """What the store promises to whoever carries effects out."""

    @pytest.fixture
    def three(self, store):
        """Three effects: two due, one later."""
        rows = tuple(replace(effect(number=n), at=at) for n, at in ((1, NOW), (2, EARLY), (3, LATER)))
        store.write(change(effects=rows))
        return rows

    def test_an_effect_is_found_by_its_id(self, store, three):
        """One effect, or none."""
        assert three[0] == store.effect("p:1:1")
        assert store.effect("p:1:9") is None

    def test_effects_are_listed_by_state_and_time_in_pages(self, store, three):
        """Ordered by state, then time, then id; a page begins behind the last key."""
        first = store.effect_page(limit=2)
        last = first[-1]
        store.change_effect(three[2], replace(three[2], state="parked"))

        assert ["p:1:2", "p:1:1"] == [row.id for row in first]
        assert [] == list(store.effect_page(after=(last.state, last.at, last.id)))
        assert ["p:1:3", "p:1:2", "p:1:1"] == [row.id for row in store.effect_page()]
        assert ["p:1:3"] == [row.id for row in store.effect_page(state="parked")]
        assert ["p:1:1"] == [row.id for row in store.effect_page(state="waiting", after=("waiting", EARLY, "p:1:2"))]

    def test_what_is_due_is_taken_once(self, store, three):
        """The longest due first, with one try more; what was taken is not taken again before its time."""
        taken = store.take_effects("w", NOW, LATER, 10)

        assert [replace(three[1], tries=1, worker="w", at=LATER), replace(three[0], tries=1, worker="w", at=LATER)] == (
            list(taken)
        )
        assert list(taken) == [store.effect(row.id) for row in taken]
        assert [] == list(store.take_effects("other", NOW, LATER, 10))
        assert 3 == len(store.take_effects("other", LATER, "9999", 10))

    def test_no_more_is_taken_than_asked_for(self, store, three):
        """The rest stays for others."""
        assert ["p:1:2"] == [row.id for row in store.take_effects("a", NOW, LATER, 1)]
        assert ["p:1:1"] == [row.id for row in store.take_effects("b", NOW, LATER, 1)]

    def test_of_many_takers_each_effect_goes_to_one(self, store):
        """However many take at once, no effect is in two hands."""
        rows = tuple(replace(effect(number=n), at=NOW) for n in range(1, 41))
        store.write(change(effects=rows))
        taken: list[str] = []

        def take(name: str) -> None:
            while some := store.take_effects(name, NOW, LATER, 3):
                taken.extend(row.id for row in some)

        threads = [threading.Thread(target=take, args=(f"w{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(row.id for row in rows) == sorted(taken)

    def test_an_effect_that_moved_is_not_changed(self, store, three):
        """A row that is no longer as it was read stays."""
        done = replace(three[0], state="done", reason="{}")
        assert store.change_effect(three[0], done)
        assert not store.change_effect(three[0], replace(three[0], state="dropped"))
        assert done == store.effect("p:1:1")

    def test_a_fate_and_its_event_are_written_together(self, store, three):
        """Both, or neither: where the effect moved, and where the chain did."""
        first = event("@workspace", 1)
        done = replace(three[0], state="done")
        store.append_workspace([first], effects=[(three[0], done)])
        with pytest.raises(EffectMoved):
            second = event("@workspace", 2, first.hash)
            store.append_workspace([second], effects=[(three[1], replace(three[1], state="done")), (three[0], done)])
        with pytest.raises(RevisionLost):
            store.append_workspace([first], effects=[(three[1], replace(three[1], state="done"))])

        assert (1, "done", "waiting") == (store.workspace_head().seq, store.effect("p:1:1").state, three[1].state)
        assert three[1] == store.effect("p:1:2")

    def test_what_a_worker_had_in_hand_is_released(self, store, three):
        """Its waiting effects are due at once, others' stay with them."""
        store.take_effects("w", NOW, LATER, 1)
        store.take_effects("other", NOW, LATER, 1)

        assert 1 == store.release_effects("w", EARLY)
        assert (EARLY, 1, None) == (lambda row: (row.at, row.tries, row.worker))(store.effect("p:1:2"))
        assert "other" == store.effect("p:1:1").worker

    def test_signs_of_life_are_kept_and_forgotten(self, store):
        """One row for each worker, the last seen last."""
        store.beat(worker("b", seen_at=EARLY))
        store.beat(worker("a", seen_at=EARLY))
        store.beat(worker("b", seen_at=NOW, ended_at=NOW))

        assert [worker("a", seen_at=EARLY), worker("b", ended_at=NOW)] == list(store.workers())
        store.forget_worker("a")
        assert ["b"] == [row.id for row in store.workers()]

    def test_a_store_says_how_safely_it_keeps(self, store):
        """No setting by which a written event could be lost, no clock far from ours, the latest event's instant."""
        assert store.latest_recorded() is None
        store.write(change(events={"recorded_at": NOW}))
        store.append_workspace([event("@workspace", 1, recorded_at=LATER)])

        assert LATER == store.latest_recorded()
        assert store.storage_settings().get("synchronous", "2") == "2"
        assert store.server_time() is None or store.server_time().startswith("20")
