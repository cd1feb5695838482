"""What becomes of effects: each fate an event and a row together, and nothing that cannot be seen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from engine.kit import DAY, begun, codes, hooked, to
from engine_kit import OFFICER_AT

from workflow import audit
from workflow.clock import SimulatedClock
from workflow.errors import Conflict, InvalidInput, NotFound, NotPermitted, Phrase, PluginFailed, Refused
from workflow.hookspecs import Effect
from workflow.loading.soundness import LARGEST_PAYLOAD, MOST_EFFECTS
from workflow.messages import WORKSPACE_CHAIN
from workflow.service.delivering import AHEAD
from workflow.service.service import Service
from workflow.settings import WorkerSettings
from workflow.store.effects import WorkerRow
from workflow.views.effects import Attempt
from workflow.views.plans import Write

GO = {"a": {"transitions": {"go": to("b")}}, "b": {}}
DONE = Attempt("done")
FAILED = Attempt("failed", "failed", Phrase("the server said {code}", {"code": 451}, vi="máy chủ trả lời {code}"))
OFFICER = Write(actor="officer")


def mail(plan: Any, transition: Any, events: Any) -> Iterator[Effect]:
    """Put one effect into the outbox."""
    yield Effect("mail", {"to": "Bà Nguyễn Thị Hoa", "stage": transition.to})


@pytest.fixture
def service() -> Service:
    """A service with one waiting effect, `p:2:1`."""
    made = begun(GO, hooked(after_transition=mail))
    made.advance("p", "go", OFFICER_AT(DAY))
    return made


def taken(service: Service, worker: str = "w") -> Any:
    """Take the effect in hand and begin it."""
    (row,) = service.take_effects(worker, 1)
    return service.begin_effect(row.id, row.tries, worker)


def later(service: Service, seconds: float) -> None:
    """Let time pass."""
    service.clock = SimulatedClock(service.clock.now() + timedelta(seconds=seconds))


def fates(service: Service) -> list[Any]:
    """Return the workspace's events about effects."""
    events = [audit.event_of(row.body) for row in service.store.events(WORKSPACE_CHAIN)]
    return [event for event in events if event.type.startswith("effect_")]


def parked(service: Service) -> None:
    """Park the effect."""
    errand = taken(service)
    service.end_effect(errand.id, errand.tries, replace(FAILED, word="undeliverable"))


def test_an_effect_that_is_done_is_told_with_the_hash_of_its_payload(service):
    """The event has no word of the payload; the record still verifies."""
    errand = taken(service)
    assert "done" == service.end_effect(errand.id, errand.tries, DONE)

    (event,) = fates(service)
    row = service.store.effect("p:2:1")
    assert ("effect_done", "p:2:1", "mail", 1) == (event.type, event.data["effect"], event.data["kind"], 1)
    assert hashlib.sha256(row.payload).hexdigest() == event.data["payload"]
    assert "Hoa" not in json.dumps(event.data)
    assert ("done", None) == (row.state, row.worker)
    assert () == service.record.verify().findings


def test_the_handler_gets_the_same_key_at_every_try(service):
    """The key is ASCII, has the effect's id in it, and counts no tries."""
    first = taken(service)
    service.end_effect(first.id, first.tries, FAILED)
    later(service, 3600)
    second = taken(service)

    assert first.key == second.key and first.key.endswith(":p:2:1") and first.key.isascii()
    assert (1, 2) == (first.attempt, second.attempt)
    assert {"to": "Bà Nguyễn Thị Hoa", "stage": "b"} == first.payload


def test_two_workspaces_give_different_keys():
    """What looks the same in another workspace, or in a restored one that went on, has another key."""
    keys = set()
    for note in ("one", "two"):
        made = begun(GO, hooked(after_transition=mail))
        made.advance("p", "go", OFFICER_AT(DAY, note=note))
        keys.add(taken(made).key)

    assert 2 == len(keys)


def test_a_failed_try_is_repeated_after_growing_pauses_and_then_parked(service):
    """No event tells of the tries between; the last one parks the effect, and its words can be withdrawn."""
    service.delivery = WorkerSettings(tries=3, pause=100, longest_pause=150)
    waits = []
    for _ in range(3):
        errand = taken(service)
        state = service.end_effect(errand.id, errand.tries, FAILED)
        row = service.store.effect(errand.id)
        waits.append((state, row.at))
        assert () == service.take_effects("w", 5)
        later(service, 200)

    (event,) = fates(service)
    assert ["waiting", "waiting", "parked"] == [state for state, _ in waits]
    assert ("effect_parked", 3, "failed") == (event.type, event.data["tries"], event.data["code"])
    assert "the server said 451" == service.store.text(event.data["reason"]["text"]).text
    shown = service.effect("p:2:1").summary
    assert ("parked", 3, "the server said 451") == (shown.state, shown.attempts, str(shown.reason))
    assert () == service.record.verify().findings


def test_pauses_double_up_to_the_longest_and_chance_takes_up_to_half():
    """10, 20, 40 … seconds; never more than the longest, never less than half."""
    settings = WorkerSettings(pause=10, longest_pause=60)

    assert [10, 20, 40, 60, 60] == [settings.pause_after(attempt, 0) for attempt in range(1, 6)]
    assert [5, 10, 20, 30] == [settings.pause_after(attempt, 1) for attempt in range(1, 5)]
    assert 60 == settings.pause_after(10_000, 0)


def test_a_try_that_was_taken_from_its_worker_tells_nothing(service):
    """Whoever comes back after the lease finds another in its place."""
    slow = taken(service, "slow")
    later(service, AHEAD * service.delivery.time_limit + 61)
    quick = taken(service, "quick")

    assert "superseded" == service.end_effect(slow.id, slow.tries, DONE)
    assert "done" == service.end_effect(quick.id, quick.tries, DONE)
    assert 1 == len(fates(service))
    assert service.begin_effect(slow.id, slow.tries, "slow") is None


def test_a_parked_effect_is_tried_anew_on_somebodys_word(service):
    """All its tries are left to it again, and the key stays."""
    key = service.effect("p:2:1").key
    parked(service)
    service.retry_effect("p:2:1", OFFICER)
    errand = taken(service)

    assert (key, 1, 2) == (errand.key, errand.attempt, errand.tries)
    event = fates(service)[-1]
    assert ("effect_retried", "officer", "officer") == (event.type, event.actor, event.authority["ref"])


def test_a_dropped_effect_is_not_carried_out(service):
    """The reason stands beside the chain; it can be tried again later, if somebody says so."""
    service.drop_effect("p:2:1", OFFICER, reason="đã gửi bằng đường công văn")

    event = fates(service)[-1]
    assert () == service.take_effects("w", 5)
    assert "đã gửi bằng đường công văn" == service.store.text(event.data["reason"]["text"]).text
    with pytest.raises(Refused) as refused:
        service.drop_effect("p:2:1", OFFICER, reason="lần nữa")
    assert {"effect-dropped"} == codes(refused.value)
    service.retry_effect("p:2:1", OFFICER)
    assert "waiting" == service.effect("p:2:1").summary.state


def test_what_is_done_stays_done(service):
    """Neither retry nor drop; nothing changes."""
    errand = taken(service)
    service.end_effect(errand.id, errand.tries, DONE)
    row = service.store.effect("p:2:1")
    for attempt in (
        lambda: service.retry_effect(row.id, OFFICER),
        lambda: service.drop_effect(row.id, OFFICER, reason="x"),
    ):
        with pytest.raises(Refused):
            attempt()

    assert row == service.store.effect("p:2:1")


def test_what_a_worker_has_in_hand_is_left_to_it(service):
    """Exit 5: it may be under way; after the lease it is free."""
    taken(service)
    with pytest.raises(Conflict):
        service.drop_effect("p:2:1", OFFICER, reason="x")
    later(service, AHEAD * service.delivery.time_limit + 61)

    assert "dropped" == service.drop_effect("p:2:1", OFFICER, reason="x").state


def test_who_may_is_said_in_the_settings(service):
    """`[worker] by` names offices and roles; a refusal is recorded and changes nothing."""
    service.delivery = WorkerSettings(by=("director",))
    before = service.store.effect("p:2:1")
    with pytest.raises(NotPermitted):
        service.drop_effect("p:2:1", OFFICER, reason="x")
    with pytest.raises(NotPermitted):
        service.retry_effect("p:2:1", Write(actor="bound"))

    assert before == service.store.effect("p:2:1")
    assert "attempt_refused" == audit.event_of(service.store.workspace_head().body).type
    assert "dropped" == service.drop_effect("p:2:1", Write(actor="boss"), reason="x").state


@pytest.mark.parametrize("write", [Write(actor=None), Write(actor="nobody"), Write("officer", on=DAY)])
def test_a_write_needs_an_actor_and_no_plan_options(service, write):
    """Exit 2, nothing changed."""
    with pytest.raises(InvalidInput):
        service.retry_effect("p:2:1", write)
    assert [] == fates(service)


def test_a_repeated_request_changes_nothing(service):
    """The same id again is the first result; for something else it is refused."""
    write = Write(actor="officer", request_id="r-1")
    service.drop_effect("p:2:1", write, reason="x")
    service.drop_effect("p:2:1", write, reason="x")
    with pytest.raises(InvalidInput):
        service.retry_effect("p:2:1", write)

    assert 1 == len(fates(service))


def test_a_trial_run_writes_nothing(service):
    """It tells what would be."""
    assert "dropped" == service.drop_effect("p:2:1", replace(OFFICER, dry_run=True), reason="x").state
    assert "waiting" == service.effect("p:2:1").summary.state and [] == fates(service)


def test_unknown_ids_and_cursors_are_refused(service):
    """Exit 2."""
    for ask in (
        lambda: service.effect("p:9:9"),
        lambda: service.retry_effect("p:9:9", OFFICER),
        lambda: service.drop_effect("p:9:9", OFFICER, reason="x"),
    ):
        with pytest.raises(NotFound):
            ask()
    for ask in (lambda: service.effects(after="rubbish"), lambda: service.effects(state="odd")):
        with pytest.raises(InvalidInput):
            ask()


def test_what_waits_or_is_parked_is_listed_page_by_page(service):
    """Without a state: what somebody may have to look at; done and dropped ones are asked for by name."""
    for number in range(3):
        service.create("d", f"q{number}", OFFICER_AT(DAY))
        service.advance(f"q{number}", "go", OFFICER_AT(DAY))
    parked(service)
    service.drop_effect("q0:2:1", OFFICER, reason="x")
    first = service.effects(limit=2)
    second = service.effects(after=first[-1].cursor)

    assert ["parked", "waiting", "waiting"] == [one.state for one in (*first, *second)]
    assert ["q0:2:1"] == [one.id for one in service.effects(state="dropped")]
    assert 4 == len(service.effects(state="all"))


def test_what_a_worker_left_behind_is_taken_over(service):
    """From one that ended, or is gone; not from one that lives."""
    taken(service, "a")
    worker = WorkerRow("a", "pc", 1, "1", "", "")
    service.sign_of_life(worker)

    assert 0 == service.take_over("b", lambda row, now: False)
    assert 1 == service.take_over("b", lambda row, now: row.id == "a")
    assert [] == list(service.store.workers())
    assert 2 == taken(service, "b").tries


@pytest.mark.parametrize(
    "flood",
    [
        lambda: (Effect("mail", {}) for _ in iter(int, 1)),
        lambda: [Effect("mail", {})] * (MOST_EFFECTS + 1),
        lambda: [Effect("mail", {"text": "x" * LARGEST_PAYLOAD})],
        lambda: [Effect("", {})],
    ],
    ids=["without end", "too many", "too large", "no kind"],
)
def test_a_plugin_that_floods_the_outbox_is_refused_and_named(flood):
    """The command changes nothing; other plugins are not concerned."""
    service = begun(GO, hooked("careless", after_transition=lambda plan: flood()))
    with pytest.raises(PluginFailed, match="careless"):
        service.advance("p", "go", OFFICER_AT(DAY))

    assert [] == list(service.store.effects())
    assert "a" == service.plan("p").summary.stage


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda row: replace(row, state="waiting"), "is waiting, but its events say done"),
        (lambda row: replace(row, payload=b"{}"), "payload of effect p:2:1 was changed"),
        (None, "p:2:1 is missing"),
    ],
    ids=["state", "payload", "gone"],
)
def test_an_effect_that_a_hand_changed_is_found(service, change, told):
    """State and payload are held against the newest event about the effect."""
    errand = taken(service)
    service.end_effect(errand.id, errand.tries, DONE)
    row = service.store._rows.effects.pop("p:2:1")
    if change is not None:
        service.store._rows.effects["p:2:1"] = change(row)
    (finding,) = service.record.verify().findings

    assert "effect" == finding.check and told in str(finding.reason.phrase)


def test_an_effect_that_nobody_told_of_cannot_be_done(service):
    """A row set to done by hand has no event."""
    row = service.store.effect("p:2:1")
    service.store.change_effect(row, replace(row, state="done"))

    assert ["effect"] == [finding.check for finding in service.record.verify().findings]
