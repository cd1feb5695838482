"""The contract's sentences on one change: whole or not at all, and only from the newest revision."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace

import pytest
from store.rows import chain, change, effect, event, file, item, plan_row, text

from workflow.audit import GENESIS
from workflow.store.interface import DocumentRow, RevisionLost


class Changes:
    """What `write`, `rebuild` and `snapshot` promise."""

    def test_an_empty_store_answers_with_nothing(self, store):
        """Asking for what is not there is no error."""
        assert store.plan("p") is None
        assert store.event("p", 1) is None
        assert store.text("k") is None
        assert store.workspace_head() is None
        assert store.latest_workspace_event("people_loaded") is None
        assert store.definition("h") is None
        assert store.definition_version("sample", 1) is None
        assert not store.has_file("f")
        lists = (store.plans(), store.due(), store.chains(), store.definitions(), store.effects())
        assert [[]] * 5 == [list(rows) for rows in lists]
        assert [] == list(store.events("p"))

    def test_a_change_is_read_back_as_it_was_written(self, store):
        """Every row of a change comes back with every column unchanged."""
        note = text("Kính gửi: các sở, ban, ngành")
        document = DocumentRow(plan="p", seq=2, position=0, sha256="f" * 64, size=3, name=note.key)
        made = change(
            count=2,
            events={"request_id": "r-1"},
            plan={"title": note.key},
            work_items=(item(), item(key="other", due_on=None, open=False, done_on="2019-04-02", title_en="Write")),
            texts=(note,),
            documents=(document,),
            effects=(effect(),),
        )
        store.write(made)

        assert made.plan == store.plan("p")
        assert list(made.events) == list(store.events("p"))
        assert made.events[1] == store.event("p", 2)
        assert [made.work_items[1], made.work_items[0]] == list(store.work_items("p"))
        assert [document] == list(store.documents("p"))
        assert note == store.text(note.key)
        assert [effect()] == list(store.effects("p"))

    def test_a_change_replaces_and_removes_work_items(self, store):
        """A work item is replaced by its key; a gone one is no longer there."""
        first = change(work_items=(item(key="a"), item(key="b"), item(key="c")))
        store.write(first)
        done = item(key="a", open=False, done_on="2019-04-03")
        store.write(change(after=first.plan, work_items=(done,), gone_items=(("write", 1, "b"),)))

        assert [done, item(key="c")] == list(store.work_items("p"))

    def test_a_stale_revision_loses_and_writes_nothing(self, store):
        """Who started from an older revision gets `RevisionLost`, and no row of theirs is stored."""
        first = change()
        store.write(first)
        second = change(after=first.plan)
        store.write(second)
        note = text("late")
        with pytest.raises(RevisionLost):
            store.write(change(after=first.plan, count=2, work_items=(item(),), texts=(note,), files=(file(b"x"),)))

        assert second.plan == store.plan("p")
        assert 2 == len(list(store.events("p")))
        assert [] == list(store.work_items("p"))
        assert store.text(note.key) is None
        assert not store.has_file(file(b"x")[0])

    def test_who_loses_has_not_read_the_files(self, store):
        """The guard comes before the files, so a lost attempt costs no reading."""
        store.write(change())
        pieces = iter([b"x"])
        with pytest.raises(RevisionLost):
            store.write(change(files=((hashlib.sha256(b"x").hexdigest(), pieces),)))

        assert [b"x"] == list(pieces)

    def test_a_plan_id_is_taken_once(self, store):
        """Creating a plan whose id exists loses."""
        store.write(change())
        with pytest.raises(RevisionLost):
            store.write(change(plan={"stage": "other"}))

        assert "writing" == store.plan("p").stage

    def test_a_change_of_a_plan_that_is_not_there_loses(self, store):
        """A later change cannot bring a plan into being."""
        with pytest.raises(RevisionLost):
            store.write(change(after=plan_row("p")))

        assert store.plan("p") is None
        assert [] == list(store.events("p"))

    def test_a_change_that_fails_half_way_leaves_nothing(self, store):
        """An exception from a file's own reading undoes the whole change."""

        def broken():
            yield b"first piece"
            raise OSError("the stick was pulled out")

        with pytest.raises(OSError, match="pulled out"):
            store.write(change(work_items=(item(),), effects=(effect(),), files=(("0" * 64, broken()),)))

        assert store.plan("p") is None
        assert [] == list(store.events("p")) == list(store.effects()) == list(store.work_items("p"))
        store.write(change())

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda good: replace(good, events=()),
            lambda good: replace(good, events=good.events[1:]),
            lambda good: replace(good, events=good.events[::-1]),
            lambda good: replace(good, events=chain("other", 2)),
            lambda good: replace(good, events=(good.events[0], event("p", 2, previous=b"\1" * 32))),
            lambda good: replace(good, plan=replace(good.plan, revision=7)),
            lambda good: replace(good, plan=replace(good.plan, head=GENESIS)),
            lambda good: replace(good, work_items=(item("other"),)),
            lambda good: replace(good, effects=(effect(seq=9),)),
        ],
        ids=["no event", "gap", "backwards", "other chain", "not linked", "revision", "head", "item", "effect"],
    )
    def test_rows_that_do_not_fit_together_are_refused(self, store, spoil):
        """A change whose events do not continue the chain, or whose rows are another plan's, is a defect."""
        with pytest.raises(ValueError):
            store.write(spoil(change(count=2)))

        assert [] == list(store.chains())

    def test_an_effect_is_stored_once(self, store):
        """An effect's id names one effect for ever."""
        first = change(effects=(effect(),))
        store.write(first)
        again = change(after=first.plan, effects=(replace(effect(seq=2), id=effect().id),))
        with pytest.raises(ValueError):
            store.write(again)

        assert [effect()] == list(store.effects())
        assert 1 == store.plan("p").revision

    def test_a_rebuild_replaces_the_projection_alone(self, store):
        """Plan row and work items become those of the replay; the chain stays as it is."""
        first = change(work_items=(item(key="wrong"),))
        store.write(first)
        row = replace(first.plan, stage="session")
        store.rebuild(row, [item(key="right")])

        assert row == store.plan("p")
        assert [item(key="right")] == list(store.work_items("p"))
        assert list(first.events) == list(store.events("p"))

    def test_a_rebuild_of_an_old_replay_loses(self, store):
        """A plan that moved on since it was replayed is not thrown back."""
        first = change()
        store.write(first)
        second = change(after=first.plan)
        store.write(second)
        with pytest.raises(RevisionLost):
            store.rebuild(first.plan, [])

        assert second.plan == store.plan("p")

    def test_a_snapshot_sees_one_moment(self, store):
        """What is written meanwhile is not seen in a snapshot, and seen after it."""
        first = change(work_items=(item(),))
        store.write(first)
        with store.snapshot(), store.snapshot():
            writer = threading.Thread(target=store.write, args=(change(after=first.plan, work_items=(item(key="x"),)),))
            writer.start()
            writer.join(timeout=20)
            assert not writer.is_alive()
            assert 1 == store.plan("p").revision
            assert 1 == len(list(store.events("p")))
            assert 1 == len(store.work_items("p")) == len(store.due())

        assert 2 == store.plan("p").revision
        assert 2 == len(store.due())

    def test_a_chain_left_half_read_holds_nobody_up(self, store):
        """Stopping in the middle of a chain keeps nothing open."""
        first = change(count=3)
        store.write(first)
        half_read = store.events("p")
        next(half_read)
        store.write(change(after=first.plan))

        assert 4 == store.plan("p").revision

    def test_of_many_threads_one_wins(self, store):
        """However many start from the same revision, exactly one change is written."""
        first = change()
        store.write(first)
        results = []

        def attempt():
            try:
                store.write(change(after=first.plan))
                results.append("won")
            except RevisionLost:
                results.append("lost")

        threads = [threading.Thread(target=attempt) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert ["lost"] * 7 + ["won"] == sorted(results)
        assert 2 == len(list(store.events("p")))

    @pytest.mark.parametrize("id", ["\udc80", "x" * 10_000, "a'; DROP TABLE plan; --", "\0"])
    def test_an_impossible_id_is_just_not_there(self, store, id):
        """Odd ids find nothing and break nothing."""
        store.write(change())

        assert store.plan(id) is None
        assert store.event("p", 2**70) is None
        assert 1 == len(store.plans())
