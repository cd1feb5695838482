"""The contract's sentences on chains and lists: ordered by key, and paged by it."""

from __future__ import annotations

import pytest
from store.rows import chain, change, effect, item

from workflow.messages import WORKSPACE_CHAIN


class Lists:
    """What the reading methods promise."""

    def test_events_come_in_order_and_by_page(self, store):
        """A chain is read from any place on, as far as wanted."""
        store.write(change(count=1203))

        assert list(range(1, 1204)) == [e.seq for e in store.events("p")]
        assert list(range(1001, 1204)) == [e.seq for e in store.events("p", after=1000)]
        assert list(range(3, 603)) == [e.seq for e in store.events("p", after=2, limit=600)]
        assert [] == list(store.events("p", limit=0))

    def test_a_request_is_found_in_every_chain(self, store):
        """The events that one request made are found, in order."""
        first = change("b", count=2, events={"request_id": "r"})
        store.write(first)
        store.write(change(after=first.plan))
        store.write(change("a", events={"request_id": "r"}))

        assert [("a", 1), ("b", 1), ("b", 2)] == [(e.plan, e.seq) for e in store.request("r")]
        assert [] == list(store.request("other"))

    def test_chains_are_listed_with_their_ends(self, store):
        """Every chain is listed by its own events, `@workspace` among them, page by page."""
        store.append_workspace(chain(WORKSPACE_CHAIN, 1))
        made = [change(f"p{n}", count=n) for n in (1, 2, 3)]
        for each in made:
            store.write(each)
        ends = [(WORKSPACE_CHAIN, 1, chain(WORKSPACE_CHAIN, 1)[0].hash)]
        ends += [(each.plan.id, each.plan.revision, each.plan.head) for each in made]

        assert ends == list(store.chains())
        assert ends[:2] == list(store.chains(limit=2))
        assert ends[2:] == list(store.chains(after="p1"))

    # lists

    def test_plans_are_paged_by_key(self, store):
        """Pages of plans follow each other by id without a gap or a double."""
        ids = ["a", "a-1", "b", "z", "đ"]
        for id in reversed(ids):
            store.write(change(id))
        pages, after = [], ""
        while page := [row.id for row in store.plans(after=after, limit=2)]:
            pages.append(page)
            after = page[-1]

        assert [["a", "a-1"], ["b", "z"], ["đ"]] == pages

    def test_plans_are_found_by_status_and_stage(self, store):
        """Status and stage narrow the list, alone and together."""
        store.write(change("a"))
        store.write(change("b", plan={"status": "finished"}))
        store.write(change("c", plan={"stage": "session"}))
        store.write(change("d", plan={"stage": "session", "status": "finished"}))

        def ids(**by):
            return [row.id for row in store.plans(**by)]

        assert ["a", "c"] == ids(status="active")
        assert ["c", "d"] == ids(stage="session")
        assert ["d"] == ids(stage="session", status="finished")

    def test_plans_are_found_by_what_ever_happened_on_them(self, store):
        """An event's type narrows the list, alone and with a status, page by page; each plan is there once."""
        for id, status in (("a", "active"), ("b", "active"), ("c", "finished"), ("d", "active")):
            store.write(
                change(id, count=2, plan={"status": status}, events={"type": "other" if id == "b" else "asked"})
            )

        def ids(**by):
            return [row.id for row in store.plans(type="asked", **by)]

        assert ["a", "c", "d"] == ids()
        assert ["a", "d"] == ids(status="active")
        assert ["d"] == ids(status="active", after="a", limit=1)
        assert ["a", "b", "c", "d"] == [row.id for row in store.plans()]

    def test_due_items_come_by_day_with_undated_ones_last(self, store):
        """Items are ordered by day, plan, step, round and key; those without a day come at the end."""
        store.write(change("b", work_items=(item("b"), item("b", key="x", due_on=None))))
        store.write(
            change(
                "a",
                work_items=(
                    item("a", step="w", due_on="2019-04-16"),
                    item("a", step="v", round=2),
                    item("a", step="v", round=1, key="z"),
                    item("a", step="u", due_on=None),
                    item("a", step="t", open=False, done_on="2019-04-01", due_on="2019-04-01"),
                ),
            )
        )
        expected = [("a", "v", 1), ("a", "v", 2), ("b", "write", 1), ("a", "w", 1), ("a", "u", 1), ("b", "write", 1)]

        assert expected == [(i.plan, i.step, i.round) for i in store.due()]
        assert expected[:3] == [(i.plan, i.step, i.round) for i in store.due(until="2019-04-15")]

    @pytest.mark.parametrize("owners", [None, ["unit", "other"]])
    @pytest.mark.parametrize("limit", [1, 2, 3, 100])
    def test_due_items_are_paged_by_key(self, store, owners, limit):
        """Pages of due items follow each other without a gap or a double, undated ones included."""
        days = ["2019-04-15", "2019-04-15", "2019-04-16", None, None, "2019-01-01"]
        rows = tuple(
            item(step=f"s{n % 2}", key=str(n), due_on=day, owner="unit" if n % 2 else "other")
            for n, day in enumerate(days)
        )
        store.write(change(work_items=rows))
        everything = list(store.due(owners=owners))
        found, after = [], None
        while page := store.due(owners=owners, after=after, limit=limit):
            assert len(page) <= limit
            found += page
            last = page[-1]
            after = (last.due_on or "9999-99-99", last.plan, last.step, last.round, last.key)

        assert 6 == len(everything)
        assert everything == found

    def test_due_items_of_some_owners_only(self, store):
        """A unit sees what it owes; two together are merged by day; nobody owes nothing."""
        rows = (
            item(key="1", owner="a", due_on="2019-04-03"),
            item(key="2", owner="b", due_on="2019-04-02"),
            item(key="3", owner="a", due_on="2019-04-01"),
            item(key="4", owner=None),
        )
        store.write(change(work_items=rows))

        assert ["3", "1"] == [i.key for i in store.due(owners=["a"])]
        assert ["3", "2", "1"] == [i.key for i in store.due(owners=["a", "b", "a"])]
        assert ["3", "2"] == [i.key for i in store.due(owners=["b", "a"], limit=2)]
        assert [] == list(store.due(owners=[]))

    def test_due_items_that_somebody_waits_for(self, store):
        """Who asked for something finds it, in one order for all of them, page by page; or all that anybody asked."""
        items = (
            item(key="1", owner="a", asked_by="x", due_on="2019-04-20"),
            item(key="2", owner="b", asked_by="y", due_on=None),
            item(key="3", owner="a", asked_by=None, due_on="2019-04-01"),
            item(key="4", owner="b", asked_by="x", due_on="2019-04-02"),
            item(key="5", owner="b", asked_by="x", due_on="2019-04-03", open=False),
        )
        store.write(change(work_items=items))

        def keys(**asked):
            return [found.key for found in store.due(**asked)]

        assert ["4", "1"] == keys(askers=["x"])
        assert ["4", "1", "2"] == keys(askers=["y", "x"]) == keys(askers=[])
        assert ["4"] == keys(askers=["x"], until="2019-04-19") == keys(askers=[], limit=1)
        (first,) = store.due(askers=["x"], limit=1)
        assert ["1"] == keys(askers=["x"], after=("2019-04-02", first.plan, first.step, first.round, first.key))
        assert [] == keys(askers=["a"])
        assert "x" == first.asked_by

    @pytest.mark.parametrize("reminds", [False, True])
    def test_plans_that_wake_come_by_day_and_id(self, store, reminds):
        """Those whose day has come, in pages; one without a day sleeps, and a row that lost its day too."""
        column = "reminds_on" if reminds else "wakes_on"
        for id, day in (
            ("c", "2019-04-01"),
            ("a", "2019-04-02"),
            ("b", "2019-04-01"),
            ("d", "2019-04-03"),
            ("e", None),
        ):
            store.write(change(id, plan={column: day}))
        gone = change("f", plan={column: "2019-04-01"})
        store.write(gone)
        store.write(change("f", after=gone.plan, plan={column: None}))

        found = [row.id for row in store.awake("2019-04-02", reminds=reminds)]
        first = store.awake("2019-04-02", reminds=reminds, limit=1)
        behind = store.awake("2019-04-02", reminds=reminds, after=("2019-04-01", first[0].id))

        assert ["b", "c", "a"] == found
        assert ["c", "a"] == [row.id for row in behind]
        assert [] == list(store.awake("2019-04-02", reminds=not reminds))

    @pytest.mark.parametrize("status", ["suspended", "cancelled", "finished"])
    def test_nothing_is_due_in_a_plan_that_does_not_run(self, store, status):
        """Items of suspended, cancelled and finished plans are left out, and come back with the plan."""
        first = change(work_items=(item(), item(key="x", due_on=None)))
        store.write(first)
        stopped = change(after=first.plan, plan={"status": status})
        store.write(stopped)

        assert [] == list(store.due())
        store.write(change(after=stopped.plan, plan={"status": "active"}))
        assert 2 == len(store.due())

    def test_effects_come_in_the_order_of_their_making(self, store):
        """The tenth effect of an event comes behind the second."""
        effects = tuple(effect(number=n) for n in (10, 2, 1))
        store.write(change(effects=effects))
        store.write(change("o", effects=(effect("o"),)))

        assert ["o:1:1", "p:1:1", "p:1:2", "p:1:10"] == [e.id for e in store.effects()]
        assert ["o:1:1"] == [e.id for e in store.effects("o")]
