"""Do clocks agree, and is what stands in files what counts?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from workflow.doctor.findings import Finding
from workflow.doctor.patient import Patient
from workflow.errors import N_, Phrase, WorkflowError

TOLERATED: Final = timedelta(seconds=5)


def clocks(patient: Patient) -> Iterator[Finding]:
    """The database server's, other machines' and this machine's clock, and the time of the latest event."""
    set_clocks = Phrase(N_("let all machines set their clocks by the network (NTP)"))
    server = patient.store.server_time()
    if server is not None and abs(difference := datetime.fromisoformat(server) - patient.now) > TOLERATED:
        phrase = Phrase(
            N_("the database server's clock and this machine's are {seconds} seconds apart"),
            {"seconds": round(abs(difference.total_seconds()))},
        )
        yield Finding("warning", "server", phrase, set_clocks)
    for worker in patient.store.workers():
        if datetime.fromisoformat(worker.seen_at) > patient.now + TOLERATED:
            phrase = Phrase(N_("the clock of {host} is ahead of this machine's"), {"host": worker.host})
            yield Finding("warning", worker.id, phrase, set_clocks)
    latest = patient.store.latest_recorded()
    if latest is not None and _is_ahead(latest, patient.now):
        phrase = Phrase(
            N_("an event was recorded at {at}, which is still to come: a clock was or is wrong"), {"at": latest}
        )
        yield Finding("error", latest[:10], phrase, set_clocks)


def _is_ahead(instant: str, now: datetime) -> bool:
    try:
        return datetime.fromisoformat(instant) > now + TOLERATED
    except (TypeError, ValueError):
        # A hand has been there: `audit verify` says where.
        return False


def people(patient: Patient) -> Iterator[Finding]:
    """Is people.yaml what was taken in?"""
    file, service = patient.workspace.settings.people, patient.service
    load = Phrase(N_("look through it, then `workflow people load --as YOU`"))
    if not file.is_file():
        phrase = Phrase(N_("{file} is not there: the people taken in last count"), {"file": file.name})
        yield Finding("note", file.name, phrase, Phrase(N_("put it back, if it is to be changed again")))
        return
    try:
        _, canonical = service.read_register(file.read_bytes(), file.name)
    except WorkflowError as error:
        yield Finding("warning", file.name, error.phrase, load)
        return
    if not service.people_version:
        phrase = Phrase(N_("{file} was not taken in yet: nobody can act"), {"file": file.name})
        yield Finding("note", file.name, phrase, load)
    elif hashlib.sha256(canonical).hexdigest()[:16] != service.people_version:
        phrase = Phrase(N_("{file} was changed since it was taken in: the old one counts"), {"file": file.name})
        yield Finding("warning", file.name, phrase, load)


def definitions(patient: Patient) -> Iterator[Finding]:
    """Is a definition's file what plans follow under its version?"""
    pinned = {(row.id, row.version): row.hash for row in patient.store.definitions()}
    for source in patient.workspace.filed.values():
        definition = source.definition
        used = pinned.get((definition.id, definition.version))
        if used is not None and used != source.hash:
            phrase = Phrase(
                N_(
                    "{file} was changed, but version {version} of `{id}` is in use as it was: no plan can start from it"
                ),
                {"file": source.name, "version": definition.version, "id": definition.id},
            )
            raised = Phrase(N_("raise `version:` in it; plans under way keep to the old one"))
            yield Finding("warning", definition.id, phrase, raised)
