"""Bad input: files, ids and texts that cannot be taken in change nothing and are told in one message."""

from __future__ import annotations

import os
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from engine.kit import DAY, Point, Verdict, begun, events, plugin, registry, state
from engine_kit import OFFICER_AT

from workflow.errors import InvalidInput, NotFound
from workflow.service.service import Service
from workflow.steps.step_type import Act, Parameters, action
from workflow.store.sql import SqlStore

TASK = {"uses": "task"}
ONE = {"a": {"steps": {"work": TASK, "rest": TASK}}, "b": {}}


def attach(service: Service, *paths: Path, action: str = "complete", step: str = "work") -> None:
    """Do an act with these files."""
    service.act("p", step, action, {}, OFFICER_AT(DAY, attach=paths))


def test_a_file_is_kept_whole_with_the_act(tmp_path: Path):
    """Name, size and SHA-256 stand in the plan, the bytes in the database; the same file twice is kept once."""
    letter = tmp_path / "Công văn.pdf"
    letter.write_bytes(b"%PDF" * 600_000)
    service = begun(ONE)

    attach(service, letter)
    attach(service, letter, step="rest")

    documents = service.plan("p").documents
    assert [("Công văn.pdf", 2_400_000)] * 2 == [(document["name"], document["size"]) for document in documents]
    assert letter.read_bytes() == b"".join(service.store.file(documents[0]["sha256"]))
    assert () == service.record.verify().findings


def missing(folder: Path) -> Path:
    return folder / "missing.pdf"


def empty(folder: Path) -> Path:
    (folder / "empty.pdf").touch()
    return folder / "empty.pdf"


def directory(folder: Path) -> Path:
    return folder


def unnameable(folder: Path) -> Path:
    return folder / "a\x00b"


def too_long(folder: Path) -> Path:
    return folder / ("x" * 10_000)


def device(folder: Path) -> Path:
    return Path("/dev/zero")


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def too_large(folder: Path) -> Path:
    with (folder / "large.bin").open("wb") as file:
        file.truncate(100 * 2**20 + 1)
    return folder / "large.bin"


POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")


@pytest.mark.parametrize(
    "made",
    [
        missing,
        empty,
        directory,
        unnameable,
        too_long,
        too_large,
        *(pytest.param(m, marks=POSIX) for m in (device, pipe)),
    ],
)
def test_a_file_that_cannot_be_taken_in_is_bad_input(made: Any, tmp_path: Path):
    """Missing, empty, a directory, a device, a pipe, too large or without a name: exit 2, nothing changed."""
    service = begun(ONE)
    before = service.store.plan("p")

    with pytest.raises(InvalidInput) as bad:
        attach(service, made(tmp_path))

    assert ("bad-attachment", 2) == (bad.value.code, bad.value.exit_code)
    assert before == service.store.plan("p")


@pytest.mark.parametrize("database", [False, True])
@pytest.mark.parametrize("change", ["written", "gone"])
def test_a_file_that_changes_before_it_is_stored_takes_the_act_back(change: str, database: bool, tmp_path: Path):
    """The bytes stored are the bytes hashed, or nothing of the command is written."""
    letter = tmp_path / "cv.pdf"
    letter.write_bytes(b"before")

    class Meddling(Verdict):
        name = "meddling"

        @action("meddle", title={"vi": "Sửa", "en": "Meddle"}, source="open")
        def meddle(self, view: Any, parameters: Parameters, context: Any) -> Act:
            letter.write_bytes(b"behind") if change == "written" else letter.unlink()
            return Act()

    plugins = registry(Point("meddling", plugin(step_types=lambda: (Meddling(),))))
    service = begun({"a": {"steps": {"n": {"uses": "meddling"}}}, "b": {}}, plugins)
    if database:
        service = on_disk(service, tmp_path)
    before = service.store.plan("p"), list(service.store.events("p")), service.store.work_items("p")

    with pytest.raises(InvalidInput):
        attach(service, letter, step="n", action="meddle")

    assert before == (service.store.plan("p"), list(service.store.events("p")), service.store.work_items("p"))
    assert () == service.store.documents("p") or [] == service.store.documents("p")
    assert () == service.record.verify().findings
    service.store.close()


def on_disk(service: Service, folder: Path) -> Service:
    """Return a service with the same definitions, people and plugins on an SQLite file."""
    from engine_kit import PEOPLE, register_of

    from workflow.audit import canonical_json
    from workflow.language.conditions import evaluate
    from workflow.views.plans import Write

    sources, plugins = service.sources, service.registry
    other = Service(
        SqlStore(folder / "workflow.db"),
        lambda: plugins,
        service.clock,
        sources=sources,
        read_register=register_of,
        condition=evaluate,
    )
    other.load_people(canonical_json(PEOPLE), "people.yaml", Write(actor=None))
    other.create("d", "p", OFFICER_AT(DAY))
    return other


@pytest.mark.parametrize(
    "plan",
    ["", "a/b", "../a", "a b", "-a", ".a", "@workspace", "a\x00", "a\n", "a\ud800", "x" * 101, "x" * 10_000, "a\\b"],
)
def test_an_id_that_is_none_is_bad_input(plan: str):
    """A plan's id has letters, digits, dots, hyphens and underscores, 100 at most."""
    service = begun(ONE)

    with pytest.raises(InvalidInput) as bad:
        service.create("d", plan, OFFICER_AT(DAY))

    assert "bad-plan-id" == bad.value.code
    assert len(str(bad.value)) < 200
    str(bad.value).encode()


@pytest.mark.parametrize("plan", ["", "a/b", "a\x00", "a\ud800", "x" * 10_000, "@workspace"])
def test_looking_for_an_id_that_is_none_finds_nothing(plan: str):
    """Commands on such a plan say that there is none; `@workspace` is no plan."""
    service = begun(ONE)

    for attempt in (
        lambda: service.advance(plan, "go", OFFICER_AT(DAY)),
        lambda: service.act(plan, "work", "complete", {}, OFFICER_AT(DAY)),
        lambda: service.correct(plan, 1, OFFICER_AT(DAY), reason="r"),
        lambda: service.plan(plan),
        lambda: service.next(plan),
    ):
        with pytest.raises(NotFound) as unknown:
            attempt()
        assert "unknown-plan" == unknown.value.code


def test_an_id_is_the_same_however_it_was_typed():
    """Created or looked for in decomposed letters, an id is one in NFC."""
    name = "25-KH-Huế"
    apart = unicodedata.normalize("NFD", name)
    service = begun(ONE)

    service.create("d", apart, OFFICER_AT(DAY))
    service.act(apart, "work", "complete", {}, OFFICER_AT(DAY))

    assert name == service.plan(apart).summary.id == service.next(apart).summary.id
    assert 4 == service.plan(name).summary.revision
    assert 4 == len(list(service.record.audit(apart)))
    with pytest.raises(InvalidInput):
        service.create("d", name, OFFICER_AT(DAY))
    assert () == service.record.verify(apart).findings


BAD_TEXTS = ["a\x00b", "a\ud800b", "\udcff", "x" * 100_001]


@pytest.mark.parametrize("text", BAD_TEXTS)
@pytest.mark.parametrize("where", ["title", "note", "reason", "document", "parameter", "correct", "people"])
def test_a_text_that_cannot_be_kept_is_bad_input(where: str, text: str):
    """NUL, lone surrogates and over 100,000 characters are refused wherever a text can stand."""
    service = begun(ONE)
    before = service.store.chains()
    attempts = {
        "title": lambda: service.create("d", "q", OFFICER_AT(DAY), title=text),
        "note": lambda: service.act("p", "work", "complete", {}, OFFICER_AT(DAY, note=text)),
        "reason": lambda: service.suspend("p", OFFICER_AT(DAY), reason=text),
        "document": lambda: service.cancel("p", OFFICER_AT(DAY), reason="r", document=text),
        "parameter": lambda: service.act("p", "work", "complete", {"result": text}, OFFICER_AT(DAY)),
        "correct": lambda: service.correct("p", 2, OFFICER_AT(DAY), reason=text),
        "people": lambda: service.load_people(b'{"people": 1}', "people.yaml", OFFICER_AT(DAY, note=text)),
    }

    with pytest.raises(InvalidInput) as bad:
        attempts[where]()

    assert ("bad-text", 2) == (bad.value.code, bad.value.exit_code)
    assert before == service.store.chains()


def test_the_longest_text_is_kept_whole():
    """100,000 characters are not too many, and come back in NFC."""
    text = "Hue\u0301" * 25_000
    service = begun(ONE)

    service.act("p", "work", "complete", {"result": text}, OFFICER_AT(DAY, note=text))

    entry = list(service.record.audit("p"))[-1]
    assert {unicodedata.normalize("NFC", text)} == set(entry.texts.values())


def test_texts_are_not_taken_for_anything_else():
    """Braces, percent signs, markup and directions of writing come back as they were."""
    text = "{plan} %s %(x)s [bold] \u202e <script> '; DROP TABLE event; --"
    service = begun(ONE)

    service.act("p", "work", "complete", {"result": text}, OFFICER_AT(DAY))

    assert [text] == list(list(service.record.audit("p"))[-1].texts.values())
    assert 4 == state(service).revision == len(events(service))
