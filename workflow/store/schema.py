"""The version of the database's schema; how a database gets to it stands in `making`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workflow.errors import N_, StorageUnusable

VERSIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
"""Every schema version in order, as `migrations/versions` has them; the last is this program's."""

COPYING: Final = "copying"
"""Stands for the version of a database that is still being filled with a copy: nobody works with it yet."""

CHANGES: Final[Mapping[str, str]] = {
    "0001": N_("the first schema"),
    "0002": N_("a register of the numbers given to documents"),
    "0003": N_("what became of each effect, and signs of life of the workers"),
    "0004": N_("the days on which plans do something by themselves"),
    "0005": N_("seals, and the leaves that they are over"),
    "0006": N_("the trail by time, person, type, unit and document"),
    "0007": N_("a reviewer's exports are recorded"),
    "0008": N_("what is withdrawn is removed"),
    "0009": N_("events are written with less effort"),
    "0010": N_("who waits for what is owed"),
}
"""What each version brings, for people."""


def require_known(version: str, place: object) -> bool:
    """Return True if a database at *version* is up to date, False if it is older.

    Raises:
        StorageUnusable: If a newer program made it, or a copy into it is not complete.
    """
    if version == COPYING:
        raise StorageUnusable(
            "{path} holds a copy that is not complete.",
            code="storage-unfinished",
            hint="Run the same `workflow db copy` again: it goes on where it was.",
            path=place,
        )
    if version not in VERSIONS:
        raise StorageUnusable(
            "{path} was made by a newer version of this program (schema {version}).",
            code="storage-newer",
            hint="Install the newer version, or restore a backup.",
            path=place,
            version=version,
        )
    return version == VERSIONS[-1]


def older(place: object) -> StorageUnusable:
    """Return what is raised where a database has to be upgraded first."""
    return StorageUnusable(
        "{path} was made by an older version of this program.",
        code="storage-older",
        hint="Make a backup, then run `workflow db upgrade`.",
        path=place,
    )


def pending(version: str | None) -> tuple[str, ...]:
    """Return the versions that an upgrade of a database at *version* goes through, in order."""
    return VERSIONS[VERSIONS.index(version) + 1 :] if version in VERSIONS else ()
