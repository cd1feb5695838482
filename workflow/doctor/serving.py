"""Is there somebody who carries out what waits?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from workflow import audit
from workflow.clock import local_day
from workflow.doctor.findings import Finding
from workflow.doctor.patient import Patient
from workflow.errors import N_, InvalidInput, Phrase
from workflow.people.facts import Dated
from workflow.store.effects import EffectRow
from workflow.worker import engine
from workflow.worker.handling import NO_HANDLER

_MOST: Final = 10_000
"""So many effects of a state are looked at: what is wrong with more is wrong with some of these."""
_START = Phrase(N_("start `workflow worker` as a service, or `workflow worker --once` every few minutes"))


def worker(patient: Patient) -> Iterator[Finding]:
    """Effects that are due, and no worker that was seen lately."""
    due = _due(patient)
    if not due:
        return
    seen = max((row.seen_at for row in patient.store.workers()), default=None)
    expected = timedelta(seconds=patient.service.delivery.expected)
    count = {"count": len(due)}
    if seen is None:
        phrase = Phrase(N_("{count} {count|effect waits|effects wait}, and no worker has ever run"), count)
        yield Finding("error", due[0].id, phrase, _START)
    elif datetime.fromisoformat(seen) < patient.now - expected:
        phrase = Phrase(
            N_("{count} {count|effect waits|effects wait}, and no worker was seen since {seen} UTC"),
            {**count, "seen": seen[:16].replace("T", " ")},
        )
        yield Finding("error", due[0].id, phrase, _START)
    elif datetime.fromisoformat(due[0].at) < patient.now - expected:
        phrase = Phrase(
            N_("{count} {count|effect waits|effects wait}, the oldest since {since} UTC, although a worker runs"),
            {**count, "since": due[0].at[:16].replace("T", " ")},
        )
        more = Phrase(N_("start another worker, or raise `concurrency` in [worker] of workflow.toml"))
        yield Finding("warning", due[0].id, phrase, more)


def _due(patient: Patient) -> list[EffectRow]:
    now = audit.instant(patient.now)
    rows = patient.store.effect_page(state="waiting", limit=_MOST)
    # What stood in the outbox before it kept times is due since for ever.
    return [row for row in rows if row.at and row.at <= now] or [row for row in rows if not row.at]


def kinds(patient: Patient) -> Iterator[Finding]:
    """Effects of a kind that no plugin handles."""
    handlers = patient.registry.effect_handlers
    waiting = patient.store.effect_page(state="waiting", limit=_MOST)
    parked = [row for row in patient.store.effect_page(state="parked", limit=_MOST) if _code(row) == NO_HANDLER]
    for kind, count in sorted(Counter(row.kind for row in (*waiting, *parked)).items()):
        if kind in handlers.claimed:
            phrase = Phrase(N_("two plugins handle `{kind}`, so that neither is asked: {count} {count|effect|effects}"))
            what = Phrase(N_("remove one of them; what was parked meanwhile: `workflow effect retry ID`"))
        elif kind not in handlers:
            phrase = Phrase(N_("no plugin handles `{kind}`: {count} {count|effect|effects}"))
            what = Phrase(N_("install the plugin; what was parked meanwhile: `workflow effect retry ID`"))
        else:
            continue
        yield Finding("error", kind, Phrase(phrase.text, {"kind": kind, "count": count}), what)


def parked(patient: Patient) -> Iterator[Finding]:
    """Effects that were given up after all their tries."""
    rows = [row for row in patient.store.effect_page(state="parked", limit=_MOST) if _code(row) != NO_HANDLER]
    for kind, count in sorted(Counter(row.kind for row in rows).items()):
        first = next(row for row in rows if row.kind == kind)
        phrase = Phrase(
            N_("{count} {count|effect|effects} `{kind}` could not be carried out, the first is {id}"),
            {"kind": kind, "count": count, "id": first.id},
        )
        what = Phrase(
            N_("`workflow effect list --state parked` tells why; then `workflow effect retry ID` or `drop ID`")
        )
        yield Finding("warning", kind, phrase, what)


def _code(row: EffectRow) -> str:
    return str(audit.from_stored(row.reason.encode())["code"]) if row.reason else ""


def leavers(patient: Patient) -> Iterator[Finding]:
    """Open work of units that ended without a successor, and of persons who left: it passes on to nobody by itself."""
    register, today = patient.service.register, local_day(patient.now)
    gone = [
        *(
            id_
            for id_, unit in register.units.items()
            if _ended(unit, today) and register.successor(id_, today) is None
        ),
        *(id_ for id_, person in register.persons.items() if _ended(person, today)),
    ]
    rows = patient.store.due(owners=gone, limit=_MOST) if gone else ()
    for owner, count in sorted(Counter(str(row.owner) for row in rows).items()):
        first = next(row.plan for row in rows if row.owner == owner)
        phrase = Phrase(
            N_("{who} ended and owes {count} open {count|task|tasks}, in {plan} first: nobody will do it"),
            {"who": owner, "count": count, "plan": first},
        )
        what = Phrase(N_("`workflow handover {who} WHO-DOES-IT-NOW --reason … --as YOU`"), {"who": owner})
        yield Finding("error", owner, phrase, what)


def _ended(dated: Dated, today: date) -> bool:
    return dated.until is not None and dated.until < today


def versions(patient: Patient) -> Iterator[Finding]:
    """What another version of the program queued, and whether there is anything to queue with."""
    if not patient.store.workers() and not _due(patient):
        return
    url = engine.engine_url(patient.workspace.database, patient.workspace.root)
    try:
        count = engine.unserved(url)
    except InvalidInput as error:
        yield Finding("warning", "worker", error.phrase, error.hint or _START)
        return
    if count:
        phrase = Phrase(
            N_("{count} {count|try|tries} of effects were queued by another version of this program, and will not run"),
            {"count": count},
        )
        what = Phrase(N_("run `workflow worker` of this version once: it takes up what the outbox still has"))
        yield Finding("warning", engine.FILE, phrase, what)
