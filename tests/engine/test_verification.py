"""Verification looks fast and full: what each finds, how it is listed, and what it leaves out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from engine.kit import DAY, begun
from engine.test_tampering import EVENT, STAGES, VALUES, Record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow import audit, messages
from workflow.errors import InvalidInput
from workflow.messages import Event
from workflow.replaying import UNJUDGED
from workflow.verification.checklist import CHECKS, QUICK, Asked
from workflow.verification.columns import Columns, said
from workflow.verification.contents import Contents
from workflow.verification.tally import KEPT, Tally
from workflow.views.plans import Finding

LOOK = Asked(quick=True)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """A filled database without its guard; each test leaves it as it was."""
    made = Record(tmp_path_factory.mktemp("quick"))
    made.findings = lambda plan=None: made.service.record.verify(plan, LOOK).findings  # type: ignore[method-assign]
    assert () == made.findings()
    yield made
    made.close()


# columns against bytes

_CHARACTERS = st.sampled_from(list('ab"\\/{},:\x7f\n\t\x00đấ£�𝒳') + [',"seq":', '","type":"', '","request_id":'])
_TEXTS = st.lists(_CHARACTERS, max_size=4).map(lambda parts: audit_text("".join(parts)))


def audit_text(text: str) -> str:
    """*text* as an event can have it."""
    import unicodedata

    return unicodedata.normalize("NFC", text)


_EVENTS = st.builds(
    Event,
    plan=_TEXTS,
    seq=st.integers(1, 2**31),
    type=st.one_of(st.sampled_from(messages.PLAN_EVENTS), _TEXTS),
    occurred_on=st.dates(date(1, 1, 1)),
    recorded_at=st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)),
    clock=st.just("system"),
    request_id=st.none() | _TEXTS,
    actor=st.none() | _TEXTS,
    authority=st.just({}),
    definition=st.none() | _TEXTS,
    plugin=st.none() | st.fixed_dictionaries({"name": _TEXTS, "version": _TEXTS}),
    on_behalf=st.none() | _TEXTS,
    data=st.dictionaries(st.sampled_from(["plan", "seq", "type", "plugin"]), _TEXTS, max_size=2),
)
_WRONG = st.none() | _TEXTS | st.integers(0, 9) | st.binary(max_size=3) | st.just("\udcff") | st.just("null")


def agrees(columns: Columns, body: bytes, told: tuple) -> bool:
    """Whether a row agrees, alone on its page."""
    plan, seq, *beside = told
    with suppress(TypeError, ValueError, AttributeError):
        return columns.agree((plan,), (seq,), (body,), *((one,) for one in beside))
    return False


@settings(max_examples=200, deadline=None)
@given(events=st.lists(_EVENTS, min_size=1, max_size=4), data=st.data())
def test_columns_agree_exactly_when_the_bytes_say_the_same(events: list[Event], data: st.DataObject):
    """The fast comparison is the slow one: for any texts, nulls, types and characters, learnt or not."""
    columns = Columns()
    for event in events * 2:
        assert agrees(columns, audit.body_of(event), said(event))
    event = data.draw(st.sampled_from(events))
    wrong = list(said(event))
    place = data.draw(st.integers(0, len(wrong) - 1))
    other = said(data.draw(st.sampled_from(events)))[place]
    wrong[place] = data.draw(_WRONG | st.just(other) | st.just(str(wrong[place]).replace("\n", "\\n")))

    assert agrees(columns, audit.body_of(event), tuple(wrong)) == (tuple(wrong) == said(event))


def test_very_many_names_agree_too():
    """More departments and plugins than are kept in mind are read in full, and agree."""
    columns, base = Columns(), event_of("p")
    for number in itertools.chain(range(700), range(700)):
        event = replace(base, on_behalf=f"sở-{number}", plugin={"name": f"x{number}", "version": "1"})
        assert agrees(columns, audit.body_of(event), said(event))


def event_of(plan: str, seq: int = 1) -> Event:
    """A plain event."""
    return Event(
        plan, seq, "step_acted", DAY, datetime(2026, 6, 1, tzinfo=UTC), "system", None, "an", {}, None, None, None, {}
    )


# a quick look


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("column", EVENT)
def test_a_quick_look_finds_any_changed_column_of_an_event(record: Record, column: str, value: str):
    """Whatever stands in a column instead, text, number, bytes or nothing, is found without replay."""
    findings = record.findings_with("event", "plan = 'p' AND seq = 5", column, value)

    assert findings is None or "p" in {finding.chain for finding in findings}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_quick_look_finds_any_flipped_byte_of_an_event(record: Record, data: st.DataObject):
    """Every changed byte of a column, of the bytes and of the hashes is found, though it be no text any more."""
    rows = [row for (row,) in record.by_hand.execute("SELECT rowid FROM event ORDER BY rowid")]
    row, column = data.draw(st.sampled_from(rows)), data.draw(st.sampled_from(EVENT))
    kind, stored, raw = record.by_hand.execute(
        f"SELECT typeof({column}), {column}, CAST({column} AS BLOB) FROM event WHERE rowid = ?", (row,)
    ).fetchone()
    if kind not in ("text", "blob"):
        return
    changed = bytearray(raw)
    changed[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    cast = "CAST(? AS TEXT)" if kind == "text" else "?"
    record.by_hand.execute(f"UPDATE OR IGNORE event SET {column} = {cast} WHERE rowid = ?", (bytes(changed), row))
    (after,) = record.by_hand.execute(f"SELECT CAST({column} AS BLOB) FROM event WHERE rowid = ?", (row,)).fetchone()
    if after == raw:
        return
    try:
        findings = record.findings()
    finally:
        record.by_hand.execute(f"UPDATE event SET {column} = ? WHERE rowid = ?", (stored, row))

    assert findings
    assert all(str(finding.reason).encode() and finding.chain.encode() for finding in findings)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ("DELETE FROM event WHERE plan = 'p' AND seq = 4", "sequence"),
        ("UPDATE event SET hash = zeroblob(32) WHERE plan = 'q' AND seq = 1", "link"),
        ("INSERT INTO event SELECT '', seq, type, occurred_on, recorded_at, actor, request_id, previous, hash, body "
         "FROM event WHERE plan = 'q' AND seq = 1", "columns"),
    ],
)  # fmt: skip
def test_a_quick_look_goes_on_behind_what_is_wrong(record: Record, change: str, check: str):
    """One thing wrong in one chain leaves the other chains sound, and is named once."""
    found = record.findings_after(change)

    assert check == found[0].check
    assert 1 == len({finding.chain for finding in found})


def test_a_look_at_the_chains_alone_says_that_columns_are_left_out(record: Record):
    """A changed column is not found, and the list says that nobody looked."""
    record.by_hand.execute("UPDATE event SET actor = 'other' WHERE plan = 'p' AND seq = 2")
    try:
        alone = record.service.record.verify(None, Asked(quick=True, columns=False))
        both = record.service.record.verify(None, LOOK)
    finally:
        record.by_hand.execute("UPDATE event SET actor = 'officer' WHERE plan = 'p' AND seq = 2")

    assert ((), QUICK[:2]) == (alone.findings, alone.checks)
    assert [("columns", 2)] == [(finding.check, finding.seq) for finding in both.findings]
    assert {line.id for line in alone.lines if line.left_out} == set(CHECKS) - set(QUICK[:2])


# the list


def test_the_list_says_how_often_each_check_was_made():
    """Numbers run from 1; events are counted at each check of the chain, plans at replay."""
    service = begun(STAGES)
    result = service.record.verify()

    assert list(range(1, len(CHECKS) + 1)) == [line.number for line in result.lines]
    checked = {line.id: line.checked for line in result.lines}
    assert {result.events} == {checked[name] for name in ("canonical", "link", "sequence", "columns")}
    assert (1, 2, 2) == (checked["plan"], checked["work-items"], result.sound)
    assert not any(line.failed or line.left_out for line in result.lines)


def test_what_came_behind_the_seal_needs_a_seal():
    """Where nothing was sealed there is nothing to begin from."""
    with pytest.raises(InvalidInput, match="nothing was sealed"):
        begun(STAGES).record.verify(None, Asked(since_seal=True))


def test_of_very_many_findings_some_are_kept_and_all_are_counted():
    """A record that is wrong everywhere does not fill the memory."""
    tally, other = Tally(), Tally()
    finding = Finding("link", "p", 1, None)  # type: ignore[arg-type]
    tally.found(itertools.repeat(finding, KEPT))
    other.found([finding, replace(finding, check=UNJUDGED)])
    tally.add(other)

    assert (KEPT, KEPT + 1, 1) == (len(tally.findings), tally.failed["link"], len(tally.unjudged))


# what stands beside


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (["DELETE FROM effect WHERE id = (SELECT min(id) FROM effect WHERE plan = 'p')"], None),
        (["UPDATE effect SET id = plan || ':' || seq || ':2' WHERE plan = 'q'"], "not numbered from 1"),
        (["UPDATE effect SET seq = 2 WHERE plan = 'q'"], "not numbered from 1"),
        (["UPDATE effect SET seq = 999 WHERE plan = 'q'"], "no event caused it"),
        (["UPDATE effect SET plan = 'nobody' WHERE plan = 'q'"], "`effect` has rows"),
        (["UPDATE effect SET payload = X'00' WHERE plan = 'q'"], "nothing that an event gave"),
        (["UPDATE effect SET state = 'done' WHERE plan = 'q'"], "its events say waiting"),
        (["UPDATE work_item SET plan = 'nobody' WHERE plan = 'q'"], "`work_item` has rows"),
        (["INSERT INTO issued_number VALUES ('s', 2026, 1, '@workspace', 1, NULL)"], "`issued_number` has rows"),
        (["INSERT INTO definition SELECT 'f' || substr(hash, 2), 'other', 1, body FROM definition"], "was changed"),
        (["UPDATE definition SET version = 7"], "was changed"),
    ],
)
def test_what_stands_beside_the_chains_belongs_to_an_event(tmp_path_factory, changes: list[str], words: str | None):
    """Effects, work items, numbers and definitions without an event of their own are told."""
    made = whole(tmp_path_factory)
    told = "\n".join(f"{f.check} {f.chain} {f.reason}" for f in made.findings_after(*changes))

    assert words is None or words in told


_WHOLE: list[Record] = []


def whole(factory: pytest.TempPathFactory) -> Record:
    """A filled database, made once."""
    if not _WHOLE:
        _WHOLE.append(Record(factory.mktemp("whole")))
    return _WHOLE[0]


@pytest.fixture(scope="module", autouse=True)
def closing_whole() -> Iterator[None]:
    """Close what was made."""
    yield
    while _WHOLE:
        _WHOLE.pop().close()


def test_what_left_the_house_is_no_file_of_ours():
    """The hash of an export in its event names no stored file."""
    service = begun(STAGES)
    event = replace(event_of("@workspace"), type="exported", data={"sha256": "0" * 64})

    assert [] == list(Contents(service.store, Tally()).judge("@workspace", event))
