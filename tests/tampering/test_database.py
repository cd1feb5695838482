"""Whoever can write the database can change anything in it; whoever verifies it finds what was changed.

Each manipulation is made with plain SQL in a copy of a realistic record, by somebody who puts the database's guards
back afterwards and, where it helps, computes hashes anew. It must be found by the check that is named, and where only
something from outside the house can tell, by a seal.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tampering.conftest import ACTOR, PLAN, Forger, Record, copied, put_guards_back, typed, verdict
from tampering.forging import body, date_back
from tampering.manipulations import MANIPULATIONS

import workflow


def test_a_record_that_nobody_touched_is_sound(record: Record, forger: Forger):
    """Without a manipulation nothing is found, against either seal: the others fail for what they change."""
    put_guards_back(forger)
    for seal in (record.older, record.newer):
        said = verdict(record, "--seal", str(seal))

        assert 0 == said.result.exit_code, said.result.output
        assert () == said.found


@pytest.mark.parametrize("kind", MANIPULATIONS)
def test_a_manipulation_is_found_and_named(record: Record, forger: Forger, kind: str):
    """The check that is there for it names the chain, and the command ends with exit 7."""
    check, chain, manipulate = MANIPULATIONS[kind]
    manipulate(forger)
    put_guards_back(forger)
    forger.database.close()
    said = verdict(record, "--seal", str(record.newer))

    assert 7 == said.result.exit_code, said.result.output
    assert said.names(check, chain), said.found
    assert "Traceback" not in said.result.output


@pytest.mark.parametrize("kind", [kind for kind in MANIPULATIONS if kind.endswith("everything relinked")])
def test_a_bundle_of_a_forged_record_does_not_convince_an_outsider(
    record: Record, forger: Forger, kind: str, tmp_path: Path
):
    """What only a seal can tell, whoever holds the seal and a bundle tells too, without the database."""
    _, chain, manipulate = MANIPULATIONS[kind]
    manipulate(forger)
    put_guards_back(forger)
    forger.database.close()
    bundle = tmp_path / "bundle"
    made = typed(record.folder, "audit", "bundle", chain or PLAN, "--out", str(bundle), "--as", ACTOR)
    assert 0 == made.exit_code, made.output
    verifier = Path(workflow.__file__).with_name("verifier.py")
    judged = subprocess.run(
        [sys.executable, str(verifier), str(bundle), "--seal", str(record.older)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert 1 == judged.returncode, judged.stdout + judged.stderr
    assert "NOT" in judged.stdout


def test_a_rolled_back_database_is_found_by_a_newer_seal(record: Record, forger: Forger):
    """An older copy in place of the database agrees with itself, and with no seal that was made after it."""
    forger.database.close()
    for left in record.folder.glob("workflow.db*"):
        left.unlink()
    copied(record.before, record.database)

    assert 0 == verdict(record).result.exit_code
    said = verdict(record, "--seal", str(record.newer))
    assert 7 == said.result.exit_code
    assert said.names("seal")


def test_a_record_made_anew_with_seals_of_its_own_is_found_by_an_older_seal(
    record: Record, forger: Forger, tmp_path: Path
):
    """Everything forged, relinked, rebuilt and sealed anew by whoever has the key: the seal outside tells."""
    body("plan_created", '"occurred_on":"2019', '"occurred_on":"2018', relink=True)(forger)
    for table in ("leaf", "seal"):
        forger.execute(f"DELETE FROM {table}")
    put_guards_back(forger)
    forger.database.close()
    typed(record.folder, "audit", "seal", "--as", ACTOR, "--out", str(tmp_path / "forged.txt"))
    said = verdict(record, "--seal", str(record.older))

    assert 7 == said.result.exit_code
    assert said.names("seal")


def test_what_was_dated_back_is_named_without_a_seal_from_outside_and_never_sealed(record: Record, forger: Forger):
    """Plan and event are named by the stored seal alone, nothing else is wrong, and no further seal is made."""
    date_back(forger)
    last = forger.one("SELECT max(seq) AS seq FROM event WHERE plan = '@workspace'")["seq"]
    put_guards_back(forger)
    forger.database.close()
    said = verdict(record)
    sealed = typed(record.folder, "audit", "seal", "--as", ACTOR)

    assert [("seal", "@workspace", last)] == [(each["check"], each["chain"], each["seq"]) for each in said.found]
    assert 7 == sealed.exit_code, sealed.output
    assert f"event {last} has a time" in " ".join(sealed.output.split())
