"""What several filters of the trail have in common: walks along indexes, each in the order of the events' keys.

A filter is a walk, or several that are read as one. What fits all filters is where all walks meet: each is sent ahead
to the place where the others are, so that the rarest decides how far anyone goes. Pages are small where walks jump and
grow where they do not; nothing is sorted, counted or skipped by number.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from workflow.store.interface import Store
from workflow.store.trails import Along, Key

_LEAST, _MOST = 16, 2048
"""Keys read at once."""


class Walk:
    """The events that have one thing in common, up to an instant."""

    def __init__(self, store: Store, along: Along, value: str, until: str) -> None:
        self._store, self._along, self._value, self._until = store, along, value, until
        self._page: Sequence[Key] = ()
        self._is_last = False
        self._size, self._used = _LEAST, 0

    def behind(self, key: Key) -> Key | None:
        """Return the first key behind *key*, which never goes back from one call to the next."""
        at = bisect_right(self._page, key)
        if at < len(self._page):
            self._used += 1
            return self._page[at]
        if self._is_last:
            return None
        # Where most of a page was looked at, the next may be larger; where it was jumped over, smaller.
        self._size = min(_MOST, self._size * 2) if self._used * 4 >= self._size else _LEAST
        self._used = 1
        self._page = self._store.trail_keys(self._along, self._value, after=key, until=self._until, limit=self._size)
        self._is_last = len(self._page) < self._size
        return self._page[0] if self._page else None


class Together:
    """Several walks as one."""

    def __init__(self, walks: Sequence[Walk]) -> None:
        self._walks = walks

    def behind(self, key: Key) -> Key | None:
        """Return the first key behind *key* in any of them."""
        return min((found for walk in self._walks if (found := walk.behind(key)) is not None), default=None)


def meeting(walks: Sequence[Walk | Together], after: Key) -> Iterator[Key]:
    """Yield the keys, behind *after*, at which all walks meet."""
    while True:
        found, agreed, turn = walks[0].behind(after), 1, 0
        while found is not None and agreed < len(walks):
            turn = (turn + 1) % len(walks)
            ahead = walks[turn].behind(_just_before(found))
            agreed = agreed + 1 if ahead == found else 1
            found = ahead
        if found is None:
            return
        yield found
        after = found


def _just_before(key: Key) -> Key:
    return key[0], key[1], key[2] - 1
