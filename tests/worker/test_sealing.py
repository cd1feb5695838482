"""The worker seals when it is time: one of several, and whatever hinders it does not end it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from worker.conftest import CLERK, Office

from workflow.clock import SimulatedClock
from workflow.sealing import notes
from workflow.sealing.keys import FOLDER, Keyring
from workflow.verification.seals import check
from workflow.worker.sealing import LOOK, Sealer

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's passphrase comes in from outside."""
    monkeypatch.delenv("WORKFLOW_KEY_PASSPHRASE", raising=False)


@pytest.fixture(params=["file", "server"])
def sealing(request: pytest.FixtureRequest, office: Office, tmp_path: Path) -> Office:
    """An office with a key that signs; on a file, and on a server."""
    if request.param == "server":
        office.database = request.getfixturevalue("postgres_database")
        with office.opened() as workspace:
            workspace.service.load_people((office.root / "people.yaml").read_bytes(), "people.yaml", CLERK)
    with office.opened() as workspace:
        workspace.service.record.add_key(Keyring(office.root / FOLDER), CLERK, None)
    return office


def seals_of(office: Office) -> list[notes.Seal]:
    """The stored seals."""
    with office.opened() as workspace:
        return [notes.parse(row.note) for row in workspace.store.seals()]


def test_of_several_workers_one_seals(sealing):
    """Four that look at the same moment make one seal with one file; the next look finds that it was done."""
    told: list[tuple[str, str]] = []
    begin = threading.Barrier(4)

    def look() -> None:
        with sealing.opened() as workspace:
            sealer = Sealer(workspace, DAY, lambda id, state: told.append((state, id)))
            begin.wait()
            sealer.run()
            sealer.run()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (file,) = (sealing.root / "seals").iterdir()
    assert [("sealed", str(file))] == told
    assert [notes.parse(file.read_bytes())] == seals_of(sealing)


def test_it_seals_again_when_the_time_has_passed(office):
    """Not before, and not where nothing was recorded since; the seals say that the clock was simulated."""
    clock = SimulatedClock(datetime.now(UTC) + timedelta(days=1))
    with office.opened(clock) as workspace:
        workspace.service.record.add_key(Keyring(office.root / FOLDER), CLERK, None)
        sealer = Sealer(workspace, 2 * DAY, lambda id, state: None)
        sizes = []
        for days in (0, 1, 3, 6):
            clock.move_to((datetime.now(UTC) + timedelta(days=2 + days)).date())
            if days == 3:
                workspace.service.create("provincial-normative-document-template", "append-0-x", CLERK)
            sealer.run()
            last = workspace.store.last_seal()
            sizes.append(last.size if last else 0)
        assert [] == list(check(workspace.store))

    assert [1, 1, 3, 3] == sizes
    assert {True} == {seal.checkpoint.simulated for seal in seals_of(office)}


def test_what_hinders_it_is_told_once(office):
    """No key, a key that is not here, one whose passphrase nobody said, a file in the way: and it lives on."""
    told: list[str] = []
    with office.opened() as workspace:
        sealer = Sealer(workspace, DAY, lambda id, state: told.append(f"{state} {id}"))
        keyring = Keyring(office.root / FOLDER)
        for _ in range(2):
            sealer.run()
        key = workspace.service.record.add_key(keyring, CLERK, b"secret")
        sealer.run()
        private = keyring.private_file(key.id)
        kept = private.read_bytes()
        private.unlink()
        sealer.run()
        private.write_bytes(kept)
        workspace.service.record.add_key(keyring, CLERK, None)
        (office.root / "seals").mkdir()
        (office.root / "seals" / "seal-000001.txt").write_text("something else")
        sealer.run()
        assert workspace.store.last_seal() is None
        (office.root / "seals" / "seal-000001.txt").unlink()
        sealer.run()

    failed = [f"seal-failed {code}" for code in ("no-key", "no-passphrase", "key-missing", "seal-file-exists")]
    assert [*failed, f"sealed {office.root / 'seals' / 'seal-000001.txt'}"] == told


def test_how_often_it_looks_follows_the_schedule(office):
    """Five minutes at most, sooner where it is to seal more often."""
    with office.opened() as workspace:
        looks = [Sealer(workspace, timedelta(minutes=m), lambda id, state: None).look for m in (1, 5, 1440)]
    assert [60, LOOK, LOOK] == looks


def test_a_worker_started_on_a_schedule_seals(office):
    """As it is set up in workflow.toml; the process tells the file."""
    with office.opened() as workspace:
        workspace.service.record.add_key(Keyring(office.root / FOLDER), CLERK, None)
    settings = office.root / "workflow.toml"
    settings.write_text(settings.read_text("utf-8") + '[seals]\nevery = "1d"\n', encoding="utf-8")

    assert "seal-000001.txt" in office.once().replace("\n", "")
    assert 1 == len(seals_of(office))
