"""The contract's sentences on who looks at every event there is."""

from __future__ import annotations

from store.rows import chain, change, effect, item

from workflow.messages import WORKSPACE_CHAIN


class Sweeps:
    """What walks along all chains promise."""

    def test_every_event_is_met_in_the_order_of_the_chains(self, store):
        """Pages follow each other by (plan, seq) as the rows are, whatever their size; columns can be left out."""
        store.append_workspace(chain(WORKSPACE_CHAIN, 3))
        made = [change(plan, count=count) for plan, count in (("z", 2), ("đ", 1), ("a", 300))]
        for each in made:
            store.write(each)
        with store.snapshot():
            whole = [row for page in store.sweep() for row in page]
            bare = [tuple(row) for page in store.sweep(columns=False) for row in page]

        assert [(row[0], row[1]) for row in bare] == [
            *((WORKSPACE_CHAIN, seq) for seq in (1, 2, 3)),
            *(("a", seq) for seq in range(1, 301)),
            *(("z", seq) for seq in (1, 2)),
            ("đ", 1),
        ]
        assert bare == [tuple(row[:5]) for row in whole]
        first = made[1].events[0]
        assert tuple(whole[-1]) == (
            *(first.plan, first.seq, first.previous, first.hash, first.body),
            *(first.type, first.occurred_on, first.recorded_at, first.actor, first.request_id),
        )

    def test_a_range_of_chains_is_met_alone(self, store):
        """From behind one chain up to another and with it; two walks at once do not meet."""
        for plan in "abcd":
            store.write(change(plan, count=2))
        with store.snapshot():
            outer = store.sweep(after="a", until="c")
            first = next(outer)
            inner = [row[0] for page in store.sweep(after="c") for row in page]
            rest = [row[0] for page in outer for row in page]

        assert ["d", "d"] == inner
        assert ["b", "b", "c", "c"] == [row[0] for row in first] + rest

    def test_events_are_spread_over_parts_of_about_the_same_size(self, store):
        """The ends of the parts are chains, and no part has much more than its share."""
        assert (0, ()) == (store.spread(3)[0], store.spread(3)[1])
        for number in range(12):
            store.write(change(f"p{number:02}", count=5))
        count, ends = store.spread(3)

        assert (60, ()) == store.spread(1)
        assert (60, 2, sorted(set(ends))) == (count, len(ends), list(ends))
        bounds = ["", *ends, "z"]
        sizes = [
            sum(5 for number in range(12) if low < f"p{number:02}" <= high)
            for low, high in zip(bounds, bounds[1:], strict=False)
        ]
        assert 60 == sum(sizes) and max(sizes) <= 30

    def test_nothing_strays_where_every_row_has_its_events(self, store):
        """Rows that commands wrote belong to plans with events."""
        written = change("p", work_items=(item("p"),), effects=(effect("p"),))
        store.write(written)

        assert [] == list(store.strays())
