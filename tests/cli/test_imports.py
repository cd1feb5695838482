"""What is typed all day waits for no library that it does not need."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = ("sqlalchemy", "sqlmodel", "alembic", "asyncio", "multiprocessing", "ssl", "cryptography", "psycopg", "dbos")
EVERYDAY = (
    ("show", "1-KH-2026"),
    ("show", "1-KH-2026", "write"),
    ("list",),
    ("list", "--stage", "writing"),
    ("due",),
    ("due", "--by-unit"),
    ("next", "1-KH-2026"),
    ("overview",),
    ("audit", "show", "1-KH-2026"),
    ("act", "1-KH-2026", "write", "submit", "--attach", "people.yaml"),
    ("advance", "1-KH-2026", "drop"),
)


@pytest.mark.parametrize("words", EVERYDAY, ids=" ".join)
def test_everyday_commands_on_a_file_import_no_sqlalchemy(plan, words):
    """Reading, acting and advancing take the statements as they were compiled beforehand; nor do they load a server's
    driver, what signs, or what only such libraries need."""
    code = (
        "import sys, atexit\n"
        f"atexit.register(lambda: print('LOADED', *[m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr))\n"
        f"sys.argv = ['workflow', *{words!r}]\n"
        "from workflow.cli import main\n"
        "main(prog_name='workflow')"
    )
    environment = {**os.environ, "WORKFLOW_ACTOR": "anna"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)

    assert 0 == done.returncode, done.stderr
    assert "LOADED" == done.stderr.splitlines()[-1]
