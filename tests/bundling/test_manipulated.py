"""Manipulations of a bundle: each is noticed, its sum made right again or not, and named by the check it is for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from bundling.kit import PLAN, Part, built, edit, parts_of, summed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CHEAP = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def changes(draw: st.DrawFn, length: int) -> Callable[[bytes], bytes]:
    """A byte flipped, bytes put in, bytes cut out, or the end cut off."""
    at = draw(st.integers(0, length - 1))
    kind = draw(st.sampled_from(("flip", "insert", "remove", "cut")))
    if kind == "flip":
        bits = draw(st.integers(1, 255))
        return lambda data: data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]
    if kind == "insert":
        more = draw(st.binary(min_size=1, max_size=5))
        return lambda data: data[:at] + more + data[at:]
    count = draw(st.integers(1, 40)) if kind == "remove" else length
    return lambda data: data[:at] + data[at + count :]


@CHEAP
@given(data=st.data())
def test_any_changed_byte_is_noticed(data, judged, bundle):
    """Whatever one flips, puts in, takes out or cuts off: exit 1, with a list to its end and no failure of its own."""
    changed = data.draw(changes(len(bundle)))(bundle)
    if changed != bundle:
        code, out = judged(changed)
        assert (1, "NOT SOUND") == (code, out.splitlines()[-1])


@CHEAP
@given(data=st.data())
def test_a_new_sum_hides_no_changed_byte(data, judged, bundle):
    """The inner checks find it all the same; what `about` says of its own making is all that nothing else holds."""
    body = bundle[:-65]
    about = len(body.split(b"\n", 3)[0] + body.split(b"\n", 3)[1] + body.split(b"\n", 3)[2]) + 3
    changed = body[:about] + data.draw(changes(len(body) - about))(body[about:])
    if changed != body:
        code, out = judged(summed(changed))
        assert (1, "NOT SOUND") == (code, out.splitlines()[-1])


def moved(kind: str) -> Callable[[list[Part]], list[Part]]:
    """Put the last part of a kind to the end of all."""
    return lambda parts: sorted(parts, key=lambda part: part is [each for each in parts if each.kind == kind][-1])


def rechained(parts: list[Part], change: Callable[[Part], Part], which: int) -> list[Part]:
    """Change an event and compute the plan's chain anew, as its owner can."""
    parts = edit("event", change, which)(parts)
    head = bytes(32)
    for part in parts:
        if part.kind == "event" and part.name.startswith(PLAN):
            head = hashlib.sha256(head + part.content).digest()
    chains = parts[0].value["chains"]
    for chain in chains:
        if chain["plan"] == PLAN:
            chain["hash"] = head.hex()
    return [parts[0].with_value(chains=chains), *parts[1:]]


def other_actor(part: Part) -> Part:
    """The event by somebody else."""
    return part.with_value(actor="somebody-else")


KINDS = {
    "an event by somebody else": (4, edit("event", other_actor)),
    "an event removed": (3, edit("event", lambda part: [], 1)),
    "an event twice": (3, edit("event", lambda part: [part, part], 1)),
    "an event of another number": (3, edit("event", lambda part: part.with_value(seq=9))),
    "an event with another key": (3, edit("event", lambda part: part.with_value(more=1))),
    "an event with a fraction": (
        3,
        edit("event", lambda p: p._replace(content=p.content.replace(b'"seq":1', b'"seq":1.0'))),
    ),
    "an event with a key twice": (
        3,
        edit("event", lambda p: p._replace(content=p.content.replace(b'"seq":1', b'"seq":1,"seq":1'))),
    ),
    "an event in other spelling": (3, edit("event", lambda p: p._replace(content=p.content.replace(b":", b": ", 1)))),
    "the chain computed anew": (10, lambda parts: rechained(parts, other_actor, 0)),
    "a definition edited": (5, edit("definition", lambda part: part._replace(content=part.content + b" "))),
    "a definition removed": (5, edit("definition", lambda part: [])),
    "a definition that nobody names": (
        5,
        edit("event", lambda p: [Part("definition", hashlib.sha256(b"").hexdigest(), b""), p]),
    ),
    "a text edited": (6, edit("text", lambda part: part.with_value(text="Việc khác"))),
    "a text removed": (6, edit("text", lambda part: [])),
    "a text twice": (6, edit("text", lambda part: [part, part])),
    "a document edited": (7, edit("document", lambda part: part._replace(content=part.content + b"x"))),
    "a document removed": (7, edit("document", lambda part: [])),
    "a document that nobody names": (
        7,
        edit("document", lambda p: [Part("document", "0" * 64, b""), p]),
    ),
    "a document called as a path": (7, edit("document", lambda part: part._replace(name="../x"))),
    "a key removed": (8, edit("key", lambda part: [])),
    "a key under another id": (8, edit("key", lambda part: part._replace(name="00000000"))),
    "a seal edited": (8, edit("seal", lambda p: p._replace(content=p.content.replace(b"\nevents ", b"\nevents 1")))),
    "an older seal removed": (9, edit("seal", lambda part: [])),
    "the newest seal removed": (9, edit("seal", lambda part: [], 1)),
    "a proof of another seal": (9, edit("consistency", lambda part: part.with_value(to=3))),
    "a proof with another path": (
        9,
        edit("consistency", lambda part: part.with_value(path=["00" * 32 for _ in part.value["path"]])),
    ),
    "a proof that is longer": (9, edit("consistency", lambda p: p.with_value(path=[*p.value["path"], "00" * 32]))),
    "a leaf of another hash": (10, edit("leaf", lambda part: part.with_value(hash="00" * 32))),
    "a leaf at another place": (10, edit("leaf", lambda part: part.with_value(index=part.value["index"] + 1))),
    "a leaf twice": (10, edit("leaf", lambda part: [part, part])),
    "a definition at the end": (2, moved("definition")),
    "a chain that was not told": (2, edit("about", lambda part: part.with_value(chains=part.value["chains"][:1]))),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_manipulation_is_named_by_the_check_that_finds_it(name, judged, bundle):
    """Sum and counts are made right again each time: the inner check says what it is."""
    number, change = KINDS[name]
    code, out = judged(built(change(parts_of(bundle))))

    assert 1 == code, out
    assert f"{number:2}. [FAILED]" in out, out


def test_a_leaf_left_out_does_not_hide_an_edited_event(judged, bundle):
    """What is older than the newest seal must be under it: to leave out its leaf and write it anew is found."""

    def younger(part: Part) -> Part:
        return part.with_value(actor="somebody-else", recorded_at="2020-01-01T00:00:00.000000Z")

    parts = [part for part in rechained(parts_of(bundle), younger, 0) if part.kind != "leaf" or PLAN not in part.name]
    code, out = judged(built(parts))

    assert 1 == code
    assert "older than the newest seal, yet not in it" in out


def test_a_withdrawn_text_may_be_missing_another_one_not(judged, bundle):
    """A text or document is missed unless an event of the bundle withdraws it, or the bundle has hashes alone."""
    parts = parts_of(bundle)
    texts = [part.name for part in parts if part.kind == "text"]
    data = {"seq": 1, "texts": texts[:1], "documents": [], "reason": {"text": texts[0]}}
    withdrawing = [part for part in parts if part.kind not in ("key", "seal", "consistency", "leaf")]
    withdrawing = rechained(
        withdrawing, lambda p: p.with_value(type="content_withdrawn", data=data | p.value["data"]), 0
    )
    gone = [part for part in withdrawing if part.name != texts[0]]
    more = [part for part in withdrawing if part.name not in texts[:2]]

    assert (0, 1) == (judged(built(gone))[0], judged(built(more))[0])
    assert "withdrawn or left out: 1" in judged(built(gone))[1]
