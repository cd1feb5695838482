"""Is the record sealed, and can it be?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Final

from workflow.doctor.findings import Finding
from workflow.doctor.patient import Patient
from workflow.errors import N_, Phrase
from workflow.messages import WORKSPACE_CHAIN
from workflow.sealing import record
from workflow.sealing.keys import FOLDER, PASSPHRASE, Keyring, passphrase_given
from workflow.sealing.secrecy import is_private

LONG: Final = timedelta(days=30)
"""What was recorded, or sealed last, so long ago is worth a word where no schedule is set."""

_SEAL = Phrase(N_("`workflow audit seal --as YOU`; then print the file, or send it out of the house"))
_WORKER = Phrase(N_("let `workflow worker` run: it seals when it is time"))
_NEW = Phrase(N_("`workflow audit key new --as YOU`, on the machine whose worker seals"))


def seals(patient: Patient) -> Iterator[Finding]:
    """No seal, or an old one; a worker that is to seal and cannot; a key that others can read."""
    every = patient.workspace.settings.seals.every
    if every is not None:
        yield from _hindered(patient)
    yield from _lapsed(patient, every)
    keyring = Keyring(patient.workspace.root / FOLDER)
    for key in record.known_keys(patient.store):
        path = keyring.private_file(key.id)
        if key.is_active and path.is_file() and not is_private(path):
            phrase = Phrase(N_("others can read the private key {path}, and sign with it"), {"path": path})
            yield Finding(
                "warning", key.id, phrase, Phrase(N_("take their right away; better, retire it and make a new key"))
            )


def _hindered(patient: Patient) -> Iterator[Finding]:
    keyring, key = Keyring(patient.workspace.root / FOLDER), record.signing_key(patient.store)
    if find_spec("cryptography") is None:
        phrase = Phrase(N_("the worker is to seal, but the extra [seal] is not installed"))
        yield Finding("warning", "seals", phrase, Phrase(N_("in the checkout: pip install '.[seal]'")))
    if key is None:
        yield Finding("warning", "seals", Phrase(N_("the worker is to seal, but there is no key to sign with")), _NEW)
    elif not keyring.has(key.id):
        phrase = Phrase(N_("the worker is to seal, but key {id} is not here"), {"id": key.id})
        yield Finding("warning", key.id, phrase, Phrase(N_("bring its file back into keys/, or make a new key")))
    elif keyring.is_locked(key.id) and passphrase_given() is None:
        phrase = Phrase(N_("key {id} is encrypted, and its passphrase is not known here"), {"id": key.id})
        what = Phrase(N_("let the worker have it in {variable}"), {"variable": PASSPHRASE})
        yield Finding("note", key.id, phrase, what)


def _lapsed(patient: Patient, every: timedelta | None) -> Iterator[Finding]:
    last, first = patient.store.last_seal(), patient.store.event(WORKSPACE_CHAIN, 1)
    longest = LONG if every is None else 2 * every
    if last is None:
        if first is not None and _age(first.recorded_at, patient) > longest:
            phrase = Phrase(N_("nothing is sealed yet: who can write the database could change it unnoticed"))
            yield Finding("note", "seals", phrase, _SEAL if every is None else _WORKER)
        return
    old = _age(last.at, patient)
    if old > longest and (patient.store.latest_recorded() or "") > last.at:
        phrase = Phrase(N_("the last seal is {days} days old, and more was recorded since"), {"days": old.days})
        severity = "note" if every is None else "warning"
        yield Finding(severity, f"seal {last.number}", phrase, _SEAL if every is None else _WORKER)


def _age(instant: str, patient: Patient) -> timedelta:
    try:
        return patient.now - datetime.fromisoformat(instant)
    except (TypeError, ValueError):
        # A hand has been there: `audit verify` says where.
        return timedelta(0)
