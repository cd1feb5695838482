"""What stands around the worker: its settings as the README gives them, and its engine, which nobody else loads."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from worker.conftest import Standing, kill, until

from workflow import doctor
from workflow.cli import main
from workflow.errors import InvalidInput
from workflow.settings import WorkerSettings
from workflow.worker import engine
from workflow.worker.worker import Job, Worker

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def test_the_readme_has_the_settings_with_their_defaults():
    """The table in the README is the defaults, all of them."""
    table = tomllib.loads(README.partition("```toml\n")[2].partition("```")[0])["worker"]

    assert asdict(WorkerSettings()) == table | {"by": tuple(table["by"])}


@pytest.mark.parametrize("words", [["effect", "list"], ["list"], ["audit", "verify"]], ids=" ".join)
def test_everyday_commands_do_not_load_the_engine(office, words):
    """Only the worker and the doctor import DBOS."""
    code = (
        "import sys; from workflow.cli import main\n"
        f"try: main(['--workspace', {str(office.root)!r}, *{words!r}])\n"
        "finally: print('LOADED', 'dbos' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert "LOADED False" in done.stderr


def test_without_its_extra_the_worker_names_it(office, monkeypatch):
    """Exit 2, with the line that installs it; nothing was taken in hand."""
    monkeypatch.setitem(sys.modules, "dbos", None)
    office.put("append", 1)
    result = CliRunner().invoke(main, ["--workspace", str(office.root), "worker", "--once", "--lang", "en"])

    assert 2 == result.exit_code and "trinh[worker]" in result.stderr
    with office.opened() as workspace:
        assert [0] == [row.tries for row in workspace.store.effects()]
        assert [] == list(workspace.store.workers())
        told = {check: str(finding.phrase) for check, finding in doctor.examine(workspace)}
        assert "no worker has ever run" in told["worker"]
        with pytest.raises(InvalidInput):
            engine.imported()


def test_what_recurs_is_done_beside_the_effects(office):
    """A second job is done at the start, also by a worker that only does what is due."""
    done: list[int] = []
    office.put("append", 2)
    with office.opened() as workspace:
        Worker(workspace, 1, jobs=[Job(3600, lambda: done.append(1))]).run(once=True)

    assert [1] == done
    assert 2 == len(office.keys)


def test_the_doctor_looks_at_postgresql(any_office):
    """The same questions; the server of the tests runs without fsync, and that is told."""
    any_office.put("append", 1)
    with any_office.opened() as workspace:
        told = {check for check, _ in doctor.examine(workspace)}
        lost = {finding.where for check, finding in doctor.examine(workspace) if check == "database-settings"}
    assert "worker" in told
    assert lost == ({"fsync", "full_page_writes"} if any_office.database else set())
    any_office.once()
    with any_office.opened() as workspace:
        assert {"database-settings"} >= {check for check, _ in doctor.examine(workspace)}
    with any_office.opened(Standing(timedelta(hours=-2))) as workspace:
        assert "clocks" in {check for check, _ in doctor.examine(workspace)}


def test_a_worker_outlives_its_server(own_postgres, tmp_path, monkeypatch):
    """The server is killed and comes back: the same worker goes on, nothing is lost, each effect has one key."""
    from worker.conftest import Office

    office = Office(tmp_path / "office", own_postgres.new_database())
    # What was in hand waits out its lease, which is as long as four handlers may take and a minute.
    office.configure(settings={"pause": 0.1}, worker={"time_limit": 1})
    try:
        ids = office.put("append", 20)
        worker = office.start()
        until(lambda: len(office.keys) >= 4)
        own_postgres.kill()
        own_postgres.start()
        until(lambda: set(office.states().values()) == {"done"}, 180)

        assert worker.poll() is None
        assert sorted(ids) == sorted({key.partition(":")[2] for key in office.keys})
        kill(worker)
        assert () == office.findings()
    finally:
        office.end()
