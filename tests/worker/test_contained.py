"""Handlers that do wrong: each is told and parked, the others go on."""

from __future__ import annotations

import pytest

WRONG = {
    "raising": ("failed", "ZeroDivisionError"),
    "hanging": ("timed-out", "after 1 seconds"),
    "leaving": ("failed", "SystemExit: 3"),
    "crashing": ("process-ended", "(4)"),
    "odd": ("failed", "gave int, not None"),
    "refusing": ("undeliverable", "no address for Sở A"),
    "saying": ("undeliverable", "x"),
    "unheard": ("no-handler", "no plugin handles `unheard`"),
}


def test_what_a_handler_does_wrong_parks_its_effect_alone(office):
    """Raising, hanging, leaving, crashing, answering nonsense: each with its own words; what is good is done."""
    office.configure(worker={"tries": 2, "time_limit": 1})
    ids = {kind: office.put(kind, 1)[0] for kind in WRONG}
    good = [*office.put("append", 5), *office.put("printing", 1)]
    said = office.once("--json").partition("\n{")[0]

    states = office.states()
    assert {"done"} == {states[id_] for id_ in good}
    assert {"parked"} == {states[id_] for id_ in ids.values()}
    with office.opened() as workspace:
        for kind, (code, words) in WRONG.items():
            shown = workspace.service.effect(ids[kind]).summary
            assert (kind, code) == (kind, shown.code)
            assert words in str(shown.reason) and len(str(shown.reason)) <= 600
            assert (1 if code in ("undeliverable", "no-handler") else 2) == shown.attempts
    assert "{noise" not in said.splitlines()[0]
    assert () == office.findings()


def test_an_effect_is_tried_until_it_succeeds(office):
    """Three tries under one key; the tries before the last are no events."""
    (id_,) = office.put("flaky", 1)
    office.once()

    assert [("effect_done", id_)] == office.fates()
    assert 1 == len(office.keys)


def test_a_handler_is_told_where_the_workspace_is(office):
    """The worker was started elsewhere; what the handler names relative to the workspace lies there."""
    office.put("laying", 1)
    office.once()

    assert (office.root / "laid").is_file()


def test_a_plugin_that_comes_later_is_used_after_a_retry(office):
    """Parked without one; once it is there, somebody's word is enough."""
    (id_,) = office.put("unheard", 1)
    office.once()
    (office.root / "plugins" / "late.py").write_text(
        "from workflow import EffectHandler, Text, hookimpl\n"
        "@hookimpl\n"
        "def effect_handlers():\n"
        "    return [EffectHandler('unheard', Text(vi='Muộn'), lambda call: None)]\n",
        encoding="utf-8",
    )
    from worker.conftest import CLERK

    with office.opened() as workspace:
        workspace.service.retry_effect(id_, CLERK)
    office.once()

    assert ["effect_parked", "effect_retried", "effect_done"] == [type_ for type_, _ in office.fates()]


@pytest.mark.parametrize("claimed", [True, False])
def test_a_kind_that_two_plugins_claim_is_parked(office, claimed):
    """Neither is asked; the message names both."""
    (office.root / "plugins" / "second.py").write_text(
        "from workflow import EffectHandler, Text, hookimpl\n"
        "@hookimpl\n"
        "def effect_handlers():\n"
        f"    return [EffectHandler({'append' if claimed else 'other'!r}, Text(vi='Hai'), lambda call: None)]\n",
        encoding="utf-8",
    )
    (id_,) = office.put("append", 1)
    office.once()
    with office.opened() as workspace:
        shown = workspace.service.effect(id_).summary

    assert ("parked" if claimed else "done") == shown.state
    assert not claimed or ("carrier" in str(shown.reason) and "second" in str(shown.reason))
