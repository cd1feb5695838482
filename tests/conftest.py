"""Fixtures that several folders of tests share."""

from __future__ import annotations

import os

pytest_plugins = ["postgres_kit", "postgres_wire"]


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: some tests wait for leases, servers and killed processes."""
    return (os.cpu_count() or 1) + 1
