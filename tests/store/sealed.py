"""The contract's sentences on seals and leaves: added one behind the other, never changed."""

from __future__ import annotations

import threading

import pytest

from workflow.store.interface import RevisionLost
from workflow.store.seals import LeafRow, SealRow


def seal(number: int, size: int) -> SealRow:
    """A seal over so many leaves."""
    return SealRow(number, size, bytes([number]) * 32, f"note {number}\n".encode(), "2019-04-01T01:02:03.000004Z")


def leaf(position: int, plan: str, seq: int, number: int) -> LeafRow:
    """A leaf."""
    return LeafRow(position, plan, seq, bytes([position]) * 32, number)


FIRST = [leaf(0, "@workspace", 1, 1), leaf(1, "p", 3, 1), leaf(2, "q", 1, 1)]
SECOND = [leaf(3, "@workspace", 4, 2), leaf(4, "p", 9, 2)]


class Seals:
    """What is promised of seals."""

    def test_nothing_is_sealed_at_first(self, store):
        """Asking is no error."""
        assert (None, None) == (store.last_seal(), store.seal(1))
        assert [[], [], [], []] == [
            list(rows) for rows in (store.seals(), store.leaves(), store.leaves_of("p"), store.sealed_heads(9))
        ]

    def test_seals_come_back_with_their_leaves(self, store):
        """Every column comes back, in order, page by page."""
        store.append_seal(seal(1, 3), FIRST)
        store.append_seal(seal(2, 5), SECOND)

        assert seal(2, 5) == store.last_seal()
        assert seal(1, 3) == store.seal(1)
        assert [seal(1, 3), seal(2, 5)] == list(store.seals())
        assert [seal(2, 5)] == list(store.seals(after=1))
        assert [*FIRST, *SECOND] == list(store.leaves())
        assert [FIRST[2], SECOND[0]] == list(store.leaves(after=1, limit=2))
        assert [FIRST[1], SECOND[1]] == list(store.leaves_of("p"))
        assert [SECOND[1]] == list(store.leaves_of("p", after=3, limit=1))

    def test_each_chain_has_its_last_leaf_below_a_size(self, store):
        """Ordered by chain, page by page; what was sealed later does not count."""
        store.append_seal(seal(1, 3), FIRST)
        store.append_seal(seal(2, 5), SECOND)

        assert FIRST == list(store.sealed_heads(3))
        assert [SECOND[0], SECOND[1], FIRST[2]] == list(store.sealed_heads(5))
        assert [SECOND[1]] == list(store.sealed_heads(5, after="@workspace", limit=1))

    @pytest.mark.parametrize("late", [seal(1, 2), seal(3, 5), seal(2, 4)])
    def test_a_seal_that_was_overtaken_is_not_added(self, store, late):
        """A number or a size that does not go on from the last seal is lost, and nothing of it is kept."""
        store.append_seal(seal(1, 3), FIRST)
        with pytest.raises(RevisionLost):
            store.append_seal(late, SECOND)

        assert [seal(1, 3)] == list(store.seals())
        assert FIRST == list(store.leaves())

    def test_leaves_under_another_seal_are_a_defect(self, store):
        """Positions and numbers must be those of the seal."""
        store.append_seal(seal(1, 3), FIRST)
        for wrong in ([leaf(3, "p", 9, 1)], [leaf(4, "p", 9, 2)], [leaf(3, "p", 3, 2)]):
            with pytest.raises(ValueError):
                store.append_seal(seal(2, 4), wrong)
        assert FIRST == list(store.leaves())

    def test_of_several_who_seal_at_once_one_does(self, store):
        """The others find that they were overtaken."""
        outcomes: list[str] = []
        begin = threading.Barrier(4)

        def attempt() -> None:
            begin.wait()
            try:
                store.append_seal(seal(1, 3), FIRST)
                outcomes.append("sealed")
            except RevisionLost:
                outcomes.append("lost")

        threads = [threading.Thread(target=attempt) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert ["lost"] * 3 + ["sealed"] == sorted(outcomes)
        assert FIRST == list(store.leaves())
