"""What a database says of itself: how it keeps what was written, which time it has, what came last."""

from __future__ import annotations

from workflow.store.statement import Statement
from workflow.store.sweeping import Sweeping

_SQLITE = ("journal_mode", "synchronous")
_POSTGRES = ("fsync", "synchronous_commit", "full_page_writes")
_TIME = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


def setting_statements(is_file: bool) -> list[tuple[str, str]]:
    """Return the names of the settings that `doctor` and `db status` show, with the question for each."""
    names, ask = (_SQLITE, "PRAGMA {}") if is_file else (_POSTGRES, "SHOW {}")
    return [(name, ask.format(name)) for name in names]


class Health(Sweeping):
    """The part of `interface.Store` that `doctor` asks."""

    def storage_settings(self) -> dict[str, str]:
        """The settings by which something that was reported as written could be lost, with their values."""
        asked = setting_statements(self._is_file)
        return {name: str(self._rows(Statement(ask, ()))[0][0]).lower() for name, ask in asked}

    def server_time(self) -> str | None:
        """The database server's clock as an ISO instant; None where there is no other than this machine's."""
        return None if self._is_file else str(self._rows(Statement(_TIME, ()))[0][0])

    def latest_recorded(self) -> str | None:
        """The latest instant at which any event was recorded; looks through all of them."""
        return self._row(Statement("SELECT max(recorded_at) FROM event", ()))[0]

    @property
    def _is_file(self) -> bool:
        return self._backend.kind == "sqlite"
