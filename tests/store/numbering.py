"""The contract's sentences on numbers: each once in its series and year."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from store.rows import change

from workflow.store.interface import NumberRow, NumberTaken, RevisionLost


def number(value: int, series: str = "KH-KHCN", year: int = 2019, plan: str = "p", seq: int = 1) -> NumberRow:
    """A number that the plan itself got."""
    return NumberRow(series, year, value, plan, seq, None)


class Numbers:
    """What is promised of the register of numbers."""

    def test_nobody_has_a_number_of_an_empty_register(self, store):
        """Asking is no error."""
        assert store.number("KH-KHCN", 2019, 1) is None
        assert 0 == store.last_number("KH-KHCN", 2019)
        assert [] == list(store.numbers())

    def test_a_number_is_kept_with_the_event_that_gave_it(self, store):
        """Every column comes back; the last one counts in its own series and year alone."""
        rows = (number(5), number(7), number(9, year=2020), number(11, series="QĐ-UBND"))
        store.write(change(numbers=rows))

        assert rows[0] == store.number("KH-KHCN", 2019, 5)
        assert 7 == store.last_number("KH-KHCN", 2019)
        assert 9 == store.last_number("KH-KHCN", 2020)
        assert sorted(rows, key=lambda row: (row.series, row.year, row.number)) == list(store.numbers_of("p"))

    def test_a_number_is_given_once(self, store):
        """A second change with the same number is undone as a whole; the first keeps it."""
        store.write(change(numbers=(number(5),)))
        with pytest.raises(NumberTaken):
            store.write(change("q", numbers=(number(5, plan="q"),)))

        assert "p" == store.number("KH-KHCN", 2019, 5).plan
        assert store.plan("q") is None
        assert [] == list(store.events("q"))

    def test_a_lost_race_for_the_plan_gives_no_number(self, store):
        """Where the plan has moved on, its number is free for others."""
        store.write(change())
        with pytest.raises(RevisionLost):
            store.write(change(numbers=(number(5),)))

        assert store.number("KH-KHCN", 2019, 5) is None

    def test_numbers_are_paged_by_their_key(self, store):
        """Any size of page gives every number once, in order; series and year narrow it."""
        rows = [number(value, series, year) for series in ("KH", "QĐ") for year in (2019, 2020) for value in (1, 2, 3)]
        store.write(change(numbers=tuple(rows)))
        read, after = [], None
        while page := store.numbers(after=after, limit=5):
            read += page
            after = (page[-1].series, page[-1].year, page[-1].number)

        assert rows == read
        assert rows[3:6] == list(store.numbers(series="KH", year=2020))
        assert rows[4:6] == list(store.numbers(series="KH", year=2020, after=("KH", 2020, 1)))

    def test_of_many_at_once_one_gets_a_number(self, store):
        """Eight threads want the same number for eight plans: one has it, seven changed nothing."""
        won, lost = [], []

        def want(plan: str) -> None:
            try:
                store.write(change(plan, numbers=(replace(number(5), plan=plan),)))
                won.append(plan)
            except NumberTaken:
                lost.append(plan)

        threads = [threading.Thread(target=want, args=(f"p{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (1, 7) == (len(won), len(lost))
        assert won == [row.plan for row in store.numbers()] == [row.id for row in store.plans()]
