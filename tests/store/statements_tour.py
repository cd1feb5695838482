"""Everything that a store can be asked or told, once: for tests that look at the statements behind it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

from store.rows import chain, change, effect, file, item, text

from workflow.messages import CONTENT_WITHDRAWN, WORKSPACE_CHAIN
from workflow.store.effects import WorkerRow
from workflow.store.interface import DefinitionRow, DocumentRow, NumberRow, PlanChange
from workflow.store.seals import LeafRow, SealRow

DAY = date(2019, 4, 1).isoformat()
WORKER = WorkerRow("w", "host", 1, "1", DAY, DAY)


def tour(store: Any) -> None:
    """Call every method of *store*, every list in every way that is another statement."""
    words, bytes_ = text("văn bản"), b"the file"
    sha256, pieces = file(bytes_)
    rest = {
        "texts": (words,),
        "documents": (DocumentRow("p", 1, 0, sha256, len(bytes_), words.key),),
        "files": ((sha256, pieces),),
        "effects": (effect(),),
        "numbers": (NumberRow("s", 2019, 1, "p", 1, None),),
    }
    first = change(work_items=(item(), item(key="x")), **rest)
    store.write(first)
    second = change(after=first.plan, gone_items=(("write", 1, "x"),))
    store.write(second)
    _withdrawn(store, second)
    plan = store.plan("p")
    definition = DefinitionRow("d" * 64, "sample", 1, b"{}")
    store.append_workspace(chain(WORKSPACE_CHAIN, 1), texts=(words,), definitions=(definition,))
    _outbox(store)
    store.rebuild(plan, store.work_items("p"))
    with store.snapshot():
        _one_plan(store, sha256, words.key)
    with store.turn("p"):
        store.event("p", 1)
    _lists(store)
    _workspace(store)
    _seals(store)


def _withdrawn(store: Any, before: PlanChange) -> None:
    """Withdraw a text by an event that is about a unit."""
    secret = text("số riêng")
    data = {"texts": [secret.key], "documents": []}
    said = {"authority": {"ref": "unit"}, "data": data, "on_behalf": None, "plan": "p", "type": CONTENT_WITHDRAWN}
    columns = {"type": CONTENT_WITHDRAWN, "body": json.dumps(said).encode()}
    store.write(change(after=before.plan, events=columns, texts=(secret,), withdrawn=((secret.key, "text"),)))


def _one_plan(store: Any, sha256: str, key: str) -> None:
    list(store.events("p"))
    store.event("p", 1)
    store.request("r")
    store.documents("p")
    store.text(key)
    store.texts([key])
    list(store.file(sha256))
    store.has_file(sha256)
    store.effects("p")
    store.number("s", 2019, 1)
    store.last_number("s", 2019)
    store.numbers_of("p")


def _outbox(store: Any) -> None:
    row = store.effect("p:1:1")
    store.change_effect(row, replace(row, at=DAY))
    store.beat(WORKER)
    store.take_effects("w", "9", "9", 10)
    store.release_effects("w", DAY)
    store.workers()
    store.forget_worker("w")
    for state in (None, "waiting"):
        store.effect_page(state=state)


def _seals(store: Any) -> None:
    store.append_seal(SealRow(1, 1, b"", b"", DAY), [LeafRow(0, "p", 1, b"", 1)])
    store.seal(1)
    store.last_seal()
    store.seals()
    store.leaves()
    store.leaves_of("p")
    store.sealed_heads(1)


def _lists(store: Any) -> None:
    for by in ({}, {"status": "active"}, {"stage": "writing"}, {"status": "active", "stage": "writing"}):
        store.plans(**by)
    store.plans(status="active", type="extension_asked")
    for reminds in (False, True):
        store.awake(DAY, reminds=reminds)
    for owners in (None, ["unit"]):
        for until in (None, DAY):
            store.due(until=until, owners=owners)
            store.due(until=until, askers=owners or ())
    for by in ({}, {"series": "s"}, {"year": 2019}, {"series": "s", "year": 2019}):
        store.numbers(**by)
    store.chains()
    for along in ("", "actor", "type", "subject"):
        store.trail(along, "x")
        store.trail_keys(along, "x")
    store.subjects("unit:")
    store.about()


def _workspace(store: Any) -> None:
    store.effects()
    store.definitions()
    store.definition("d" * 64)
    store.definition_version("sample", 1)
    store.workspace_head()
    store.latest_workspace_event("people_loaded")
    store.append_only()
    store.storage_settings()
    store.server_time()
    store.latest_recorded()
    store.session_user()
